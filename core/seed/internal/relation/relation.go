// Package relation says how the two edges of a relation belong together, for
// whoever reads or writes it from one of its sides only.
package relation

import (
	"slices"
	"strings"

	"coppice/core/model"
)

// Opposite is the edge as seen from the other side, or nil.
func Opposite(ed *model.Edge) *model.Edge {
	if ed.Inverse == nil && ed.Storage == model.Join && ed.Source == ed.Target {
		return ed
	}
	return ed.Inverse
}

// Owns reports whether a relation that has both its sides on one entity belongs
// to this edge rather than to the other: ent names an association table after it.
func Owns(ed, other *model.Edge) bool {
	mine, others := strings.HasSuffix(ed.Table, "_"+ed.Name), strings.HasSuffix(ed.Table, "_"+other.Name)
	return mine && !others || mine == others && slices.Index(ed.Source.Edges, ed) < slices.Index(ed.Source.Edges, other)
}
