// Package schema declares the entities, one a file: what ent's own
// documentation teaches, and the only place an extension is made.
package schema
