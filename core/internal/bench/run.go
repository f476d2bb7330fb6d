package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// databases are those of one run: of the common size, the same with statistics of
// thirty rows, and a large one, which is made when it is needed.
type databases struct {
	small, old string
	large      func() (string, error)
}

// measureSQLite makes the data in files, and measures on them.
func measureSQLite(ctx context.Context, o options, dir string, progress io.Writer) (*report, error) {
	small, old, large := filepath.Join(dir, "small.db"), filepath.Join(dir, "old.db"), filepath.Join(dir, "large.db")
	fmt.Fprintln(progress, "making data")
	if err := fill(ctx, small, 10_000, 50_000, 20_000); err != nil {
		return nil, err
	}
	if err := age(ctx, small, old); err != nil {
		return nil, err
	}
	return measureOn(ctx, o, dir, progress, databases{small, old, func() (string, error) {
		return large, fill(ctx, large, many, 0, 0)
	}})
}

// measurePostgres makes the data on a PostgreSQL server, measures there, and takes it
// away again.
func measurePostgres(ctx context.Context, o options, dir string, progress io.Writer) (_ *report, err error) {
	p := &postgres{server: o.postgres}
	defer func() { err = errors.Join(err, p.drop(context.WithoutCancel(ctx))) }()
	fmt.Fprintln(progress, "making data")
	small, err := p.fill(ctx, 10_000, 50_000, 20_000, false)
	if err != nil {
		return nil, err
	}
	old, err := p.fill(ctx, 10_000, 50_000, 20_000, true)
	if err != nil {
		return nil, err
	}
	return measureOn(ctx, o, dir, progress, databases{small, old, func() (string, error) {
		return p.fill(ctx, many, 0, 0, false)
	}})
}

// measureOn starts the servers and measures every work.
func measureOn(ctx context.Context, o options, dir string, progress io.Writer, on databases) (*report, error) {
	b := &bench{options: o, progress: progress}
	defer b.stop()
	var err error
	if b.program, err = build(ctx, dir); err != nil {
		return nil, err
	}
	r := &report{aim: o.aim}
	if r.start, err = b.startUp(ctx, on.small); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	for _, s := range []struct {
		to   **process
		name string
		args []string
	}{
		{&b.ours, b.program, coppice(on.small)},
		{&b.old, b.program, coppice(on.old)},
		{&b.guarded, self, []string{"-guard", on.small}},
		{&b.hand, self, []string{"-serve", on.small}},
	} {
		if *s.to, err = b.launch(ctx, s.name, s.args...); err != nil {
			return nil, err
		}
	}
	if b.run == "" {
		large, err := on.large()
		if err != nil {
			return nil, err
		}
		if b.large, err = b.launch(ctx, b.program, coppice(large)...); err != nil {
			return nil, err
		}
	}
	if err := b.measure(ctx, r, on.small); err != nil {
		return nil, err
	}
	return r, nil
}
