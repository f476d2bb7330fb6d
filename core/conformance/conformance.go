package conformance

import (
	"context"
	"testing"

	"coppice/core/engine"
	"coppice/core/internal/enginetest"
	"coppice/core/record"
)

// Opener opens a database as a project does, and returns the project's API on it.
type Opener func(context.Context, engine.Config) (record.API, error)

// Test uses everything that is generated, seeds every entity, and sends input that
// is wrong, in new databases that open opens.
func Test(t *testing.T, open Opener) {
	t.Run("everything generated works", open.testAll)
	t.Run("everything seeds", open.testSeeds)
	t.Run("no input is internal", open.testInputs)
}

// fresh is the API on a new database.
func (open Opener) fresh(t *testing.T) record.API {
	t.Helper()
	p, err := open(t.Context(), engine.Config{URL: enginetest.URL(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Client.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}
