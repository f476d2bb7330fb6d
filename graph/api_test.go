package graph_test

import (
	"context"
	"testing"

	"coppice/core/conformance"
	"coppice/core/engine"
	"coppice/core/record"
	"coppice/graph"
	"coppice/internal/database"
)

// All that the schemas grow works, whichever they are.
func TestWhatIsGeneratedWorks(t *testing.T) {
	t.Parallel()
	conformance.Test(t, func(ctx context.Context, cfg engine.Config) (record.API, error) {
		client, err := database.Open(ctx, cfg)
		if err != nil {
			return record.API{}, err
		}
		return graph.API(client, graph.Config{Resolvers: &graph.Resolver{}}), nil
	})
}
