package graph

import (
	"context"

	"coppice/ent"
	"coppice/graph/money"
)

// Price is the resolver of Note.price.
func (r *noteResolver) Price(_ context.Context, notes []*ent.Note, of money.Money) ([]money.Money, error) {
	list := make([]money.Money, len(notes))
	for i := range notes {
		list[i] = of * 2
	}
	return list, nil
}

// Diary is the resolver of Note.diary.
func (r *noteResolver) Diary(_ context.Context, notes []*ent.Note) ([]string, error) {
	return make([]string, len(notes)), nil
}

// Greeting is the resolver of Query.greeting.
func (r *queryResolver) Greeting(context.Context) (string, error) { return r.Greet("world"), nil }

// Vault is the resolver of Query.vault.
func (r *queryResolver) Vault(context.Context) (money.Money, error) { return 100, nil }
