package fault_test

import (
	"errors"
	"fmt"

	"entgo.io/ent/privacy"

	"coppice/core/fault"
)

// reserve is code of one's own that a hook calls.
func reserve(seats int) error {
	switch {
	case seats < 1:
		return fault.Input("seats", "Reserve at least one seat.")
	case seats > 8:
		return fault.New(fault.Conflict, "Only %d seats are left.", 8)
	default:
		return errors.New("dial tcp: refused") // for the log
	}
}

func Example() {
	for _, seats := range []int{0, 20, 2} {
		f := fault.From(fmt.Errorf("reserve: %w", reserve(seats)))
		fmt.Printf("%s %q %s\n", f.Code, f.Field, f.Message)
	}
	// Output:
	// BAD_USER_INPUT "seats" Reserve at least one seat.
	// CONFLICT "" Only 8 seats are left.
	// INTERNAL "" Something went wrong on our side. The log has the cause under this requestId.
}

// What a policy says with Denyf reaches the client.
func ExampleFrom() {
	fmt.Println(fault.From(privacy.Denyf("sign in first")).Message)
	fmt.Println(fault.From(privacy.Deny).Message)
	// Output:
	// sign in first
	// You are not allowed to do this.
}

// A code of one's own, with more for the client to go by.
func ExampleError() {
	err := fault.New("TOO_MANY_DRAFTS", "Publish a draft before you begin another.")
	err.Extra = map[string]any{"drafts": 12}
	err.Cause = errors.New("counted by drafts()")
	fmt.Println(err)
	// Output: TOO_MANY_DRAFTS: Publish a draft before you begin another.: counted by drafts()
}
