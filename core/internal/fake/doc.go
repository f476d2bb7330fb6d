// Package fake makes plausible values for the fields of any entity: what a
// create input holds, after JSON decoding.
//
// What a field is like is guessed from its kind, its name and its entity's
// name, with words and names from gofakeit. Whether a guess is right is
// answered by the field's validators, which are opaque: before a first value is
// made, strategies are tried from the likeliest to the oddest, each with its
// shortest, its longest and many values between, and the first whose values all
// pass is kept. So values need no check of their own.
//
// A value depends on the source of randomness and on a number only. For a
// unique field the number alone makes it differ from all others.
package fake
