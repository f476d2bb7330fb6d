// Package key has Go types for ids.
package key

// Key is a text that tells records apart.
type Key string

// Stamp is a number that does.
type Stamp int64
