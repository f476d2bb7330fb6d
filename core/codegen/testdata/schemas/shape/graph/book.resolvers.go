// Package graph is the API of a test, with what is written by hand for it.
package graph

import (
	"context"

	"coppice/ent"
	"coppice/graph/isbn"
	"coppice/graph/model"
)

// AddBook is the resolver of Mutation.addBook.
func (r *mutationResolver) AddBook(ctx context.Context, isbn isbn.ISBN) (*isbn.ISBN, error) {
	return &isbn, nil
}

// Book is the resolver of Query.book.
func (r *queryResolver) Book(ctx context.Context, isbn isbn.ISBN) (*isbn.ISBN, error) {
	return &isbn, nil
}

// Books is the resolver of Query.books.
func (r *queryResolver) Books(ctx context.Context, filter model.BookFilter) (*int, error) {
	n := len(filter.All)
	return &n, nil
}

// Within is the resolver of Wax.within. It is given the records of a
// whole list at once and returns as many values, in their order.
func (r *waxResolver) Within(ctx context.Context, objs []*ent.Wax, isbn isbn.ISBN) ([]bool, error) {
	return make([]bool, len(objs)), nil
}
