package engine

import (
	"context"
	"database/sql"

	"coppice/core/internal/fixture/blog/ent"
	_ "coppice/core/internal/fixture/blog/ent/runtime" // the schemas' hooks, interceptors and policies
)

// openBlog is the constructor of the tests' project.
func openBlog(ctx context.Context, cfg Config) (*ent.Client, error) {
	d, err := Open(ctx, ent.Coppice(), cfg)
	if err != nil {
		return nil, err
	}
	return ent.NewClient(ent.Driver(d)), nil
}

func draftBlog(ctx context.Context, cfg Config) (*ent.Client, error) {
	c, err := Draft(ctx, ent.Coppice(), cfg)
	if err != nil {
		return nil, err
	}
	return c.Typed.(*ent.Client), nil
}

func dbOf(c *ent.Client) (*sql.DB, error) { return DB(ent.Coppice().Driver(c)) }
