//go:build !linux

package engine

// Shared reports whether another process has the database open, as far as that
// can be told.
func (h *handle) Shared() bool { return !h.engine.target.memory() }
