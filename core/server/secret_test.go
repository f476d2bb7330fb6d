package server

import (
	"strings"
	"testing"
)

// What was given for a sensitive field stands in no message, whatever is wrong
// with it or around it.
func TestNoMessageHoldsAValueOfASensitiveField(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	for name, query := range map[string]string{
		"a list":             `mutation { createUser(input: {username: "a", email: "e", name: ["hunter2"]}) { id } }`,
		"an object":          `mutation { createUser(input: {username: "a", email: "e", name: {a: "hunter2"}}) { id } }`,
		"no quotes":          `mutation { createUser(input: {username: "a", email: "e", name: hunter2}) { id } }`,
		"a list around it":   `mutation { createUser(input: [{username: "a", email: "e", name: "hunter2"}]) { id } }`,
		"a reference":        `mutation { createPost(input: {slug: "s", title: "t", body: "b", author: [{create: {name: "hunter2"}}]}) { id } }`,
		"an unknown field":   `mutation { createUser(input: {username: "a", email: "e", nothing: {name: "hunter2"}, name: ["hunter2"]}) { id } }`,
		"a variable":         `mutation($v: String = ["hunter2"]) { createUser(input: {username: "a", email: "e", name: $v}) { id } }`,
		"an input variable":  `mutation($v: CreateUserInput! = {username: "a", email: "e", name: ["hunter2"]}) { createUser(input: $v) { id } }`,
		"in a fragment":      `mutation { ...f } fragment f on Mutation { createUser(input: {username: "a", email: "e", name: ["hunter2"]}) { id } }`,
		"a string too many":  `mutation { createUser(input: {username: "a", email: "e" name: "x" "hunter2"}) { id } }`,
		"a wrong escape":     `mutation { createUser(input: {name: "\hunter2", username: "a", email: "e"}) { id } }`,
		"no end":             `mutation { createUser(input: {name: "hunter2 , username: "a", email: "e"}) { id } }`,
		"a filter":           `{ users(where: {name: ["hunter2"], nameIn: "x"}) { totalCount } }`,
		"a missing field":    `mutation { createUser(input: {name: "hunter2"}) { id } }`,
		"in a list of these": `mutation { createUsers(inputs: [{name: ["hunter2"], username: 1}]) { id } }`,
	} {
		for _, introspection := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				opts := Defaults()
				opts.Introspection = introspection
				h, log := newTestHandler(t, opts, &testExecution{})
				h.rules, h.overlap = validationRules(introspection, true, secretNames{"name": true}, h.names)
				text := postQuery(t, h, query, "").Body.String()
				if !strings.Contains(text, "GRAPHQL_") {
					t.Errorf("it is not refused: %s", text)
				}
				if strings.Contains(text+log.String(), secret) {
					t.Errorf("told: %s\nlogged: %s", text, log)
				}
			})
		}
	}
}

// A value that is no secret is quoted, so that people find it.
func TestOtherValuesAreQuoted(t *testing.T) {
	t.Parallel()
	h, _ := newTestHandler(t, Defaults(), &testExecution{})
	h.rules, h.overlap = validationRules(true, true, secretNames{"name": true}, h.names)
	text := postQuery(t, h, `mutation { createUser(input: {username: 12345, email: "e", name: "hunter2"}) { id } }`, "").Body.String()
	if !strings.Contains(text, "12345") || strings.Contains(text, "hunter2") {
		t.Errorf("got %s", text)
	}
}
