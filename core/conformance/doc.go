// Package conformance drives the API that the schemas in ent/schema grow,
// whichever they are. Its tests know no entity by name: they read what there is
// from introspection and the descriptors, make up values, and use every
// generated field over HTTP.
package conformance
