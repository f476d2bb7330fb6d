// Package database holds the project's one constructor: the server, the seeder and
// the tests open the database here and nowhere else.
package database

import (
	"context"

	"coppice/core/engine"
	"coppice/ent"
	_ "coppice/ent/runtime" // the schemas' hooks, interceptors and policies
	"coppice/migrations"
)

// Open opens a database, makes its schema ready and returns the client; closing
// the client closes all of it. Errors are those of engine.Open.
func Open(ctx context.Context, cfg engine.Config) (*ent.Client, error) {
	if cfg.Migrations == nil {
		cfg.Migrations = migrations.Files()
	}
	d, err := engine.Open(ctx, ent.Coppice(), cfg)
	if err != nil {
		return nil, err
	}
	return ent.NewClient(ent.Driver(d)), nil
}
