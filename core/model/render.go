package model

import (
	"context"
	"errors"
	"io"
)

// Renderer writes the selection of the field in the context on one record of
// an entity, whose own id is in ent's Go type.
type Renderer func(ctx context.Context, w io.Writer, entity string, id any) error

type rendererKey struct{}

// NewContext returns a context in which records print themselves through r.
func NewContext(ctx context.Context, r Renderer) context.Context {
	return context.WithValue(ctx, rendererKey{}, r)
}

// Render prints a record that a hand-written resolver returned. It is called
// by the typed entities' generated marshalers.
func Render(ctx context.Context, w io.Writer, entity string, id any) error {
	r, ok := ctx.Value(rendererKey{}).(Renderer)
	if !ok {
		return errors.New("model: a record can only be printed inside a GraphQL operation")
	}
	return r(ctx, w, entity, id)
}
