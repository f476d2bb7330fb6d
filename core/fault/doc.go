// Package fault holds the errors that reach a client: a code, a message made
// for people, and the path of the argument at fault. What an error was caused
// by stays with it for the log, and goes no further.
//
// Whatever code of your own has a part in a request may return one: a hook, an
// interceptor, a policy, a validator, a resolver. It may be wrapped with
// fmt.Errorf and %w, or joined with others by errors.Join; the first one found
// is told:
//
//	return nil, fault.New(fault.Conflict, "This issue is closed.")
//	return nil, fault.Input("title", "The title must not name a brand.")
//
// The response then carries
//
//	{ "message": "The title must not name a brand.", "path": ["createPost"],
//	  "extensions": { "code": "BAD_USER_INPUT", "field": "input.title" } }
//
// Where a field is given:
//
//   - A hook names a field or an edge of the record that is being written, and
//     the client is told where that stands in its input: title becomes
//     input.comments.2.title. Any other path is told as it is.
//   - A validator gives none: the client is told the field that it belongs to.
//   - A resolver gives the path from its own argument's name on.
//
// What reaches a client, and what does not:
//
//   - An [Error] does, with everything but its cause; INTERNAL only with its
//     requestId, under which the log has the rest.
//   - privacy.Denyf("sign in first") is FORBIDDEN, in these words. A bare
//     privacy.Deny is FORBIDDEN in a standard sentence.
//   - The text of a validator's plain error does, as "title is not valid: …",
//     unless it is that of a package of Go's or a driver's, or the field is
//     sensitive.
//   - A *gqlerror.Error that a resolver makes, returns or hands to
//     graphql.AddError does, with its extensions.
//   - Any other error is INTERNAL. Its text is in the log only.
package fault
