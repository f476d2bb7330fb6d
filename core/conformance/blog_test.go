package conformance_test

import (
	"context"
	"testing"

	"coppice/core/conformance"
	"coppice/core/engine"
	"coppice/core/internal/fixture/blog"
	"coppice/core/record"
)

func TestBlog(t *testing.T) {
	t.Parallel()
	conformance.Test(t, func(ctx context.Context, cfg engine.Config) (record.API, error) {
		client, err := blog.Open(ctx, cfg)
		if err != nil {
			return record.API{}, err
		}
		return blog.API(client), nil
	})
}
