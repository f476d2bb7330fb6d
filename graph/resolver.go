// Package graph is the API: its schema, of which ent.graphql is generated and the
// other *.graphql files are written by hand, and what answers it.
package graph

// Resolver holds what the hand-written resolvers need: a mailer, a cache, the
// client of another service. The database they find in the context:
// ent.FromContext(ctx), which in a mutation is the transaction's client.
// It is made in cmd/server/main.go.
type Resolver struct{}
