// Package graph serves the API over HTTP. A request passes, in this order,
// through the transport of the GraphQL over HTTP specification (http.go,
// request.go), parsing and validation by gqlparser (document.go), the coercion
// of its variables (coerce.go), the guards (guard.go, cost.go), and the engine
// of package query; on the way back its errors are told in terms of the client
// (present.go), and in dev mode the SQL that it ran is shown (explain.go,
// advice.go).
//
// The schema is all *.graphql files beside this one: ent.graphql is generated,
// others extend it by hand, and their resolvers live here too. These import
// packages named after entities, such as post; so that no entity's name is
// ever taken, names of this package are made of two words or more.
package server
