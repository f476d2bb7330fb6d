package seeder

import (
	"context"
	"io/fs"

	"coppice/core/engine"
	"coppice/core/record"
)

// App is a project as the main of its seeder puts it together; C is its typed
// client.
type App[C any] struct {
	Project *record.Project
	// Data is what is loaded where no files are named: files, or folders of them.
	Data fs.FS
	// Open is the project's constructor, which its server uses as well.
	Open func(context.Context, engine.Config) (C, error)
}

// app is an App of whatever client.
type app struct {
	project *record.Project
	data    fs.FS
	open    func(context.Context, engine.Config) (*record.Client, error)
}

func (a App[C]) untyped() app {
	return app{project: a.Project, data: a.Data, open: func(ctx context.Context, cfg engine.Config) (*record.Client, error) {
		client, err := a.Open(ctx, cfg)
		if err != nil {
			return nil, err
		}
		return a.Project.Of(client), nil
	}}
}

// draft opens a copy of the database.
func (a app) draft(ctx context.Context, cfg engine.Config) (*record.Client, error) {
	return engine.Draft(ctx, a.project, cfg)
}
