package fault

import "errors"

// All lists the errors for a client that an error joins; of any other error it
// is From.
func All(err error) []*Error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []*Error{From(err)}
	}
	var all []*Error
	for _, part := range joined.Unwrap() {
		var several interface{ Unwrap() []error }
		var known *Error
		if !errors.As(part, &several) && !errors.As(part, &known) {
			return []*Error{From(err)} // not made for a client
		}
		all = append(all, All(part)...)
	}
	return all
}
