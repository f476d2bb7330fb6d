package main

import (
	"context"
	"errors"

	"coppice/core/engine"
	"coppice/core/internal/fixture/blog"
	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/fixture/blog/ent/intercept"
	entpost "coppice/core/internal/fixture/blog/ent/post"
	entuser "coppice/core/internal/fixture/blog/ent/user"
	"coppice/core/server"
)

// serveGuarded serves Coppice's handler with an interceptor on both entities of
// q1, until ctx ends. What they hide is next to nothing, so that what is measured
// is what it costs to ask.
func serveGuarded(ctx context.Context, database, addr string) (err error) {
	collectRarely()
	client, err := blog.Open(ctx, engine.Config{URL: address(database)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	client.Post.Intercept(intercept.TraversePost(func(_ context.Context, q *ent.PostQuery) error {
		q.Where(entpost.SlugNEQ("post-1"))
		return nil
	}))
	client.User.Intercept(intercept.TraverseUser(func(_ context.Context, q *ent.UserQuery) error {
		q.Where(entuser.UsernameNEQ("nobody"))
		return nil
	}))
	routes, err := server.New(blog.API(client), server.Defaults())
	if err != nil {
		return err
	}
	return listen(ctx, addr, routes)
}
