// Package conformance is a project's test of what its schemas grow, whichever they
// are. It knows no entity by name: it reads what there is from introspection and
// the descriptors, makes up values, and uses every generated field over HTTP.
package conformance
