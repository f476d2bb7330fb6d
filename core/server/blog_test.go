package server

import (
	"context"
	"io"
	"testing"

	"coppice/core/engine"
	"coppice/core/internal/fixture/blog"
	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/record"
)

func runBlog(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	return runBlogWith(ctx, nil, args, getenv, stdout, stderr)
}

func runBlogWith(ctx context.Context, configure func(*ent.Client, *Options), args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	return Run(ctx, args, getenv, stdout, stderr, App[*ent.Client]{Open: blog.Open, API: blog.API, Configure: configure})
}

func blogAPI(t *testing.T) record.API {
	t.Helper()
	client, err := blog.Open(t.Context(), engine.Config{URL: newDatabase(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return blog.API(client)
}
