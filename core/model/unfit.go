package model

// Unfit stands in an input for a value that has been refused already, so that
// what else is wrong with the input can be told beside it.
type Unfit struct{}

// IsUnfit reports whether a value has been refused already.
func IsUnfit(v any) bool {
	_, unfit := v.(Unfit)
	return unfit
}
