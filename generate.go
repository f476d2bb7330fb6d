// Package coppice is the module's root; it holds nothing but the directive
// that regenerates what the schemas in ent/schema grow.
package coppice

//go:generate go run ./cmd/generate
