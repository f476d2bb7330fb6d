package server

import (
	"context"
	"io"

	"coppice/core/internal/fixture/blog"
	"coppice/core/internal/fixture/blog/ent"
)

func runBlog(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	return Run(ctx, args, getenv, stdout, stderr, App[*ent.Client]{Open: blog.Open, API: blog.API})
}
