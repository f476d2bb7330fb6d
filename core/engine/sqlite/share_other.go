//go:build !linux

package sqlite

// Shared reports whether another process has the database open, as far as that
// can be told.
func (h *handle) Shared() bool { return !h.engine.target.Memory() }
