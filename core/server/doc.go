// Package server serves a project's API over HTTP. A request passes, in this order,
// through the transport of the GraphQL over HTTP specification (http.go,
// request.go), parsing and validation by gqlparser (document.go), the coercion
// of its variables (coerce.go), the guards (guard.go, cost.go), and the engine
// of package query; on the way back its errors are told in terms of the client
// (present.go), and in dev mode the SQL that it ran is shown (explain.go).
//
// Run is the program of a project's cmd/server; New gives a service of one's own
// the handler.
package server
