package mutation_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// misfit is a type of the API, and values that it refuses, each as a literal and
// as JSON.
type misfit struct {
	typ    string
	own    bool     // a scalar of the schema's own
	fields []string // of PostWhereInput that take one
	listed []string // of PostWhereInput that take a list
	values []pairOf
}

type pairOf struct{ literal, json string }

// alike are values that are written the same in both.
func alike(values ...string) (list []pairOf) {
	for _, v := range values {
		list = append(list, pairOf{v, v})
	}
	return list
}

var misfits = []misfit{
	{typ: "String", fields: []string{"title", "titleContainsFold", "titleHasPrefix"}, listed: []string{"titleIn"},
		values: append(alike("7", "1.5", "true"), pairOf{"{}", "{}"}, pairOf{"{a: 1}", `{"a":1}`}, pairOf{"DRAFT", "[[]]"})},
	{typ: "PostStatus", fields: []string{"status", "statusNEQ"}, listed: []string{"statusIn"},
		values: append(alike("7", "true"), pairOf{`"DRAFT"`, `"draft"`}, pairOf{"draft", `"NONE"`}, pairOf{"{}", "{}"})},
	{typ: "Int", fields: []string{"viewCount", "viewCountGT"}, listed: []string{"viewCountIn"},
		values: append(alike(`"7"`, "1.5", "true", "2147483648", "-2147483649", "99999999999999999999", "1e400"), pairOf{"{}", "{}"}, pairOf{"SEVEN", `"x"`})},
	{typ: "Float", fields: []string{"rating", "ratingLTE"}, listed: []string{"ratingNotIn"},
		values: append(alike(`"7"`, "true", "1e400", "-1e400"), pairOf{"{}", "{}"}, pairOf{"SEVEN", `"x"`})},
	{typ: "Boolean", fields: []string{"hasAuthor", "ratingIsNil"}, values: append(alike(`"true"`, "1", "1.5"), pairOf{"{}", "{}"}, pairOf{"YES", `"x"`})},
	{typ: "ID", fields: []string{"id", "idNEQ"}, listed: []string{"idIn"}, values: append(alike("1.5", "true"), pairOf{"{}", "{}"}, pairOf{"ONE", "[[]]"})},
	{typ: "Time", own: true, fields: []string{"createdAt", "publishedAtGTE"}, listed: []string{"publishedAtIn"},
		values: append(alike(`"never"`, "7", "1.5", "true", "1e400", "99999999999999999999", `""`, `"2026-13-01T00:00:00Z"`), pairOf{"{}", "{}"}, pairOf{"{a: 1}", `{"a":1}`}, pairOf{"NOW", "[[]]"})},
}

// TestValuesThatDoNotFit sees that a value that its type does not take is
// GRAPHQL_VALIDATION_FAILED as a literal and BAD_USER_INPUT in a variable, and
// one that a scalar of the schema's own refuses BAD_USER_INPUT in both.
func TestValuesThatDoNotFit(t *testing.T) {
	t.Parallel()
	a := library(t)
	for _, m := range misfits {
		for _, v := range m.values {
			literal := "GRAPHQL_VALIDATION_FAILED"
			if m.own {
				literal = "BAD_USER_INPUT"
			}
			for _, name := range m.fields {
				where := fmt.Sprintf("{%s: %s}", name, v.literal)
				refuse(a, literal, fmt.Sprintf(`{ posts(where: %s) { totalCount } }`, where), "")
				refuse(a, literal, fmt.Sprintf(`query($w: PostWhereInput = {or: [%s]}) { posts(where: $w) { totalCount } }`, where), "")
				refuse(a, literal, fmt.Sprintf(`query($v: %s = %s) { posts(where: {%s: $v}) { totalCount } }`, m.typ, v.literal, name), "")
				refuse(a, literal, fmt.Sprintf(`mutation { deletePosts(where: {not: %s}) }`, where), "")
				refuse(a, "BAD_USER_INPUT", fmt.Sprintf(`query($v: %s) { posts(where: {%s: $v}) { totalCount } }`, m.typ, name), `{"v":`+v.json+`}`)
				refuse(a, "BAD_USER_INPUT", `query($w: PostWhereInput!) { posts(where: $w) { totalCount } }`, fmt.Sprintf(`{"w":{"and":[{%q:%s}]}}`, name, v.json))
				refuse(a, "BAD_USER_INPUT", `mutation($w: PostWhereInput!) { deletePosts(where: $w) }`, fmt.Sprintf(`{"w":{"and":[{%q:%s}]}}`, name, v.json))
			}
			for _, name := range m.listed {
				if v.json == "[[]]" {
					continue
				}
				refuse(a, literal, fmt.Sprintf(`{ posts(where: {%s: [%s]}) { totalCount } }`, name, v.literal), "")
				refuse(a, literal, fmt.Sprintf(`{ posts(where: {%s: %s}) { totalCount } }`, name, v.literal), "")
				refuse(a, "BAD_USER_INPUT", fmt.Sprintf(`query($v: %s!) { posts(where: {%s: [$v]}) { totalCount } }`, m.typ, name), `{"v":`+v.json+`}`)
				refuse(a, "BAD_USER_INPUT", fmt.Sprintf(`query($v: [%s!]) { posts(where: {%s: $v}) { totalCount } }`, m.typ, name), `{"v":[`+v.json+`]}`)
			}
		}
	}
}

// References are wrong in the same ways.
func TestReferencesThatDoNotFit(t *testing.T) {
	t.Parallel()
	a := library(t)
	const create = `createPost(input: {slug: "two", title: "T", body: "b", author: %s}) { id }`
	for _, v := range []pairOf{
		{"{}", "{}"}, {`{id: null}`, `{"id":null}`}, {`{id: "User:1", username: "ada"}`, `{"id":"User:1","username":"ada"}`},
		{`{id: "User:1", username: null}`, `{"id":"User:1","username":null}`}, {`{username: 7}`, `{"username":7}`}, {`{none: 1}`, `{"none":1}`},
		{`{create: {username: "cyd"}}`, `{"create":{"username":"cyd"}}`}, {`7`, `7`}, {`"ada"`, `"ada"`},
		{`{create: {username: "cyd", email: "c@x.org", role: "ADMIN"}}`, `{"create":{"username":"cyd","email":"c@x.org","role":"none"}}`},
	} {
		refuse(a, "GRAPHQL_VALIDATION_FAILED", `mutation { `+fmt.Sprintf(create, v.literal)+` }`, "")
		refuse(a, "GRAPHQL_VALIDATION_FAILED", `mutation($a: UserRef = `+v.literal+`) { `+fmt.Sprintf(create, "$a")+` }`, "")
		refuse(a, "BAD_USER_INPUT", `mutation($a: UserRef!) { `+fmt.Sprintf(create, "$a")+` }`, `{"a":`+v.json+`}`)
	}
	own := `{create: {username: "cyd", email: "c@x.org", createdAt: %s}}`
	refuse(a, "BAD_USER_INPUT", `mutation { `+fmt.Sprintf(create, fmt.Sprintf(own, "7"))+` }`, "")
	refuse(a, "BAD_USER_INPUT", `mutation($t: Time = "never") { `+fmt.Sprintf(create, fmt.Sprintf(own, "$t"))+` }`, "")
	for _, v := range alike(`"junk"`, "7", "true") {
		refuse(a, "BAD_USER_INPUT", `{ posts(after: `+v.literal+`) { totalCount } }`, "")
		refuse(a, "BAD_USER_INPUT", `query($c: Cursor) { posts(after: $c) { totalCount } }`, `{"c":`+v.json+`}`)
	}
	if n := a.rows("SELECT count(*) FROM posts")[0][0]; n != int64(1) {
		t.Errorf("there are %v posts", n)
	}
}

// refuse runs a request that must be refused, with errors of one code, each of
// which says where it is from.
func refuse(a *api, code, query, vars string) {
	a.Helper()
	var variables map[string]json.RawMessage
	if vars != "" {
		if err := json.Unmarshal([]byte(vars), &variables); err != nil {
			a.Fatal(err)
		}
	}
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		a.Fatal(err)
	}
	res := a.read(a.send(body))
	if len(res.Errors) == 0 {
		a.Errorf("%s %s\nis answered with %s", query, vars, res.Data)
	}
	for _, e := range res.Errors {
		if e.Extensions.Code != code {
			a.Errorf("%s %s\nfails with %s: %s (%s)\nwant %s", query, vars, e.Extensions.Code, e.Message, e.Extensions.Field, code)
		}
		if code == "BAD_USER_INPUT" && e.Extensions.Field == "" || strings.Contains(e.Message, "unexpected") || strings.Contains(e.Message, "model.") {
			a.Errorf("%s %s\ntells %s (%s)", query, vars, e.Message, e.Extensions.Field)
		}
	}
}
