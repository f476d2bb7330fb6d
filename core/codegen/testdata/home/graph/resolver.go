// Package graph is the API.
package graph

// Resolver holds what the resolvers need.
type Resolver struct {
	Greet func(string) string
}
