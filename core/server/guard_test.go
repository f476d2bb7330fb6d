package server

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// nested repeats open n times, then inner, then closes as often.
func nested(n int, open, inner, closing string) string {
	return strings.Repeat(open, n) + inner + strings.Repeat(closing, n)
}

func TestLimits(t *testing.T) {
	t.Parallel()
	depth := func(n int) func(*Options) { return func(o *Options) { o.MaxDepth = n } }
	aliases := func(n int) func(*Options) { return func(o *Options) { o.MaxAliases = n } }
	tokens := func(n int) func(*Options) { return func(o *Options) { o.MaxTokens = n } }
	inputDepth := func(n int) func(*Options) { return func(o *Options) { o.MaxInputDepth = n } }
	inputs := func(n int) func(*Options) { return func(o *Options) { o.MaxInputs = n } }
	complexity := func(n int) func(*Options) { return func(o *Options) { o.MaxComplexity = n } }
	const where = `query($w: PostWhereInput) { posts(where: $w) { totalCount } }`
	for name, tc := range map[string]struct {
		set              func(int) func(*Options)
		query, variables string
		actual           int // passes at this limit, and fails below it
	}{
		"depth":                          {depth, `{ posts { edges { node { author { id } } } } }`, ``, 5},
		"depth of one level":             {depth, `{ __typename posts { __typename totalCount } }`, ``, 2},
		"depth in fragments":             {depth, `{ ...A } fragment A on Query { posts { ...B } } fragment B on PostConnection { edges { node { ... on Post { author { id } } } } }`, ``, 5},
		"depth of a fragment reused":     {depth, `{ post(id: 1) { ...P author { posts { edges { node { ...P } } } } } } fragment P on Post { comments { totalCount } }`, ``, 7},
		"aliases":                        {aliases, `{ a: posts { b: totalCount c: totalCount totalCount: totalCount } }`, ``, 3},
		"aliases in a fragment":          {aliases, `{ posts { ...C } users { totalCount } tags { ...D } } fragment C on PostConnection { n: totalCount } fragment D on TagConnection { n: totalCount }`, ``, 2},
		"aliases of a fragment reused":   {aliases, `{ a: posts { ...C } posts { ...C } } fragment C on PostConnection { m: totalCount n: totalCount }`, ``, 5},
		"tokens":                         {tokens, `{ posts(first: 1, where: {title: "a b c"}) { totalCount } } # { } { }`, ``, 18},
		"depth of input, literal":        {inputDepth, `{ posts(where: {and: [{not: {or: [{title: "x"}]}}, {}]}) { totalCount } }`, ``, 4},
		"depth of input, variable":       {inputDepth, where, `{"w":{"and":[{"not":{"or":[{"title":"x"}]}},{}]}}`, 4},
		"depth of input, both":           {inputDepth, `query($w: PostWhereInput!) { posts(where: {not: {and: [$w]}}) { totalCount } }`, `{"w":{"not":{}}}`, 4},
		"depth of input, default":        {inputDepth, `query($w: PostWhereInput = {not: {not: {}}}) { posts(where: $w) { totalCount } }`, ``, 3},
		"depth of input, write":          {inputDepth, `mutation($t: TagRef!) { createPost(input: {slug: "a", title: "a", body: "", tags: [$t]}) { id } }`, `{"t":{"create":{"name":"a"}}}`, 3},
		"inputs, literal":                {inputs, `{ posts(where: {and: [{}, {}, {not: {}}]}) { totalCount } }`, ``, 5},
		"inputs, variable":               {inputs, where, `{"w":{"and":[{},{},{"not":{}}]}}`, 5},
		"inputs, one for a list":         {inputs, where, `{"w":{"and":{}}}`, 2},
		"inputs, variable used twice":    {inputs, `query($w: PostWhereInput) { a: posts(where: $w) { totalCount } b: posts(where: $w) { totalCount } }`, `{"w":{"not":{}}}`, 4},
		"inputs in orderBy":              {inputs, `{ posts(orderBy: [{field: ID}, {field: TITLE}]) { totalCount } }`, ``, 2},
		"inputs in a fragment":           {inputs, `{ ...F } fragment F on Query { posts(where: {not: {}}) { totalCount } }`, ``, 2},
		"complexity":                     {complexity, `{ posts(first: 7) { edges { node { author { id } } } } }`, ``, 14},
		"complexity by a variable":       {complexity, `query($n: Int) { posts(first: $n) { edges { node { author { id } } } } }`, `{"n":7}`, 14},
		"complexity by a default":        {complexity, `query($n: Int = 7) { posts(last: $n) { edges { node { author { id } } } } }`, ``, 14},
		"complexity of the default page": {complexity, `{ posts { edges { cursor } } }`, ``, 50},
	} {
		for over := range 2 {
			t.Run(fmt.Sprintf("%s, %d over", name, over), func(t *testing.T) {
				t.Parallel()
				opts := Defaults()
				tc.set(tc.actual - over)(&opts)
				e := &testExecution{}
				h, _ := newTestHandler(t, opts, e)
				r := readReply(t, postQuery(t, h, tc.query, tc.variables).Body)
				if over == 0 {
					if len(r.Errors) > 0 || e.ran.Load() == nil {
						t.Errorf("refused at its limit: %+v", r.Errors)
					}
					return
				}
				if r.code() != "LIMIT_EXCEEDED" || e.ran.Load() != nil {
					t.Fatalf("got %+v", r)
				}
				ext := r.Errors[0].Extensions
				if ext["limit"] != float64(tc.actual-1) || ext["actual"] != float64(tc.actual) {
					t.Errorf("limit %v, actual %v, want %d and %d", ext["limit"], ext["actual"], tc.actual-1, tc.actual)
				}
			})
		}
	}
}

// The contract's own limits.
func TestDefaultLimits(t *testing.T) {
	t.Parallel()
	author := nested(6, "posts(first: 1) { edges { node { author { ", "id", " } } } }")
	for name, tc := range map[string]struct{ query, variables, code string }{
		"depth":                  {"{ users(first: 1) { edges { node { " + author + " } } } }", ``, "LIMIT_EXCEEDED"},
		"50 aliases":             {"{ " + numbered(50, "a%d: __typename ") + "}", ``, ""},
		"51 aliases":             {"{ " + numbered(51, "a%d: __typename ") + "}", ``, "LIMIT_EXCEEDED"},
		"where 20 deep":          {"{ posts(where: " + nested(19, "{not: ", "{}", "}") + ") { totalCount } }", ``, ""},
		"where 21 deep":          {"{ posts(where: " + nested(20, "{not: ", "{}", "}") + ") { totalCount } }", ``, "LIMIT_EXCEEDED"},
		"where 5000 deep":        {"query($w: PostWhereInput) { posts(where: $w) { totalCount } }", `{"w":` + nested(4999, `{"not":`, "{}", "}") + `}`, "LIMIT_EXCEEDED"},
		"where 500 deep, edges":  {"{ posts(where: " + nested(250, "{hasAuthorWith: {hasPostsWith: ", "{}", "}}") + ") { totalCount } }", ``, "LIMIT_EXCEEDED"},
		"5000 inputs":            {"query($w: [PostWhereInput!]) { posts(where: {and: $w}) { totalCount } }", `{"w":[` + strings.Repeat("{},", 4998) + `{}]}`, ""},
		"5001 inputs":            {"query($w: [PostWhereInput!]) { posts(where: {and: $w}) { totalCount } }", `{"w":[` + strings.Repeat("{},", 4999) + `{}]}`, "LIMIT_EXCEEDED"},
		"5000 conditions":        {"query($w: [PostWhereInput!]) { posts(where: {and: $w}) { totalCount } }", `{"w":[` + strings.Repeat(`{"title":"x"},`, 4998) + `{"title":"x","slug":"y"}]}`, ""},
		"5001 conditions":        {"query($w: [PostWhereInput!]) { posts(where: {and: $w}) { totalCount } }", `{"w":[` + strings.Repeat(`{"title":"x","slugNEQ":"y"},`, 2500) + `{"ratingIsNil":true}]}`, "LIMIT_EXCEEDED"},
		"500 edges":              {"query($w: [PostWhereInput!]) { posts(where: {or: $w}) { totalCount } }", `{"w":[` + strings.Repeat(`{"hasTags":true},`, 498) + `{"hasAuthorWith":[{"hasPosts":false}]}]}`, ""},
		"501 edges":              {"query($w: [PostWhereInput!]) { posts(where: {or: $w}) { totalCount } }", `{"w":[` + strings.Repeat(`{"hasTags":true},`, 499) + `{"hasAuthorWith":[{"hasPosts":false}]}]}`, "LIMIT_EXCEEDED"},
		"501 edges, literals":    {"{ posts(where: {or: [" + strings.Repeat("{hasTagsWith: {}}", 501) + "]}) { totalCount } }", ``, "LIMIT_EXCEEDED"},
		"edges by two aliases":   {"query($w: PostWhereInput!) { a: posts(where: $w) { totalCount } b: postsAggregate(where: {and: [$w]}) { count } }", `{"w":{"or":[` + strings.Repeat(`{"hasTags":true},`, 250) + `{"hasTags":true}]}}`, "LIMIT_EXCEEDED"},
		"edges of a deletion":    {"mutation($w: PostWhereInput!) { deletePosts(where: $w) }", `{"w":{"or":[` + strings.Repeat(`{"hasTags":true},`, 500) + `{"hasTags":true}]}}`, "LIMIT_EXCEEDED"},
		"16000 values":           {"query($l: [String!]) { posts(where: {titleIn: $l, slugNotIn: $l}) { totalCount } }", `{"l":[` + strings.Repeat(`"x",`, 7999) + `"x"]}`, ""},
		"16001 values":           {"query($l: [String!]) { posts(where: {titleIn: $l, slugNotIn: $l, body: \"x\"}) { totalCount } }", `{"l":[` + strings.Repeat(`"x",`, 7999) + `"x"]}`, "LIMIT_EXCEEDED"},
		"values in literals":     {"{ posts(where: {and: [" + strings.Repeat("{idIn: [1, 2, 3, 4, 5, 6, 7, 8]}", 600) + "]}) { a: edges { node { comments(where: {and: [" + strings.Repeat(`{bodyHasPrefix: "x"}`, 10) + "]}) { totalCount } } } } }", ``, ""},
		"nothing wrong":          {"{ posts { edges { node { id } } } }", ``, ""},
		"20 pages of 1000":       {"{ " + numbered(20, "a%d: posts(first: 1000) { edges { node { id } } } ") + "}", ``, ""},
		"21 pages of 1000":       {"{ " + numbered(21, "a%d: posts(first: 1000) { edges { node { id } } } ") + "}", ``, "LIMIT_EXCEEDED"},
		"a page of 1000":         {"{ posts(first: 1000) { totalCount } }", ``, ""},
		"a page of 1001":         {"{ posts(first: 1001) { totalCount } }", ``, "BAD_USER_INPUT"},
		"a last page of 1001":    {"{ users { edges { node { posts(last: 1001) { totalCount } } } } }", ``, "BAD_USER_INPUT"},
		"a page of -1":           {"{ posts(first: -1) { totalCount } }", ``, "BAD_USER_INPUT"},
		"a page of 0":            {"{ posts(first: 0) { totalCount } }", ``, ""},
		"a null page":            {"{ posts(first: null) { totalCount } }", ``, ""},
		"a page by variable":     {"query($n: Int) { posts(first: $n) { totalCount } }", `{"n":1001}`, "BAD_USER_INPUT"},
		"a page before the cost": {"{ " + numbered(40, "a%d: posts(first: 1000) { edges { node { id } } } ") + "posts(first: 2000) { totalCount } }", ``, "BAD_USER_INPUT"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, _ := newTestHandler(t, Defaults(), &testExecution{})
			r := readReply(t, postQuery(t, h, tc.query, tc.variables).Body)
			if r.code() != tc.code {
				t.Errorf("got %+v, want %q", r.Errors, tc.code)
			}
			if tc.code == "BAD_USER_INPUT" && r.field() != "first" && r.field() != "last" {
				t.Errorf("field is %q", r.field())
			}
		})
	}
}

// numbered formats the numbers from 0 to n-1.
func numbered(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// Documents made to cost the server more than they cost their sender.
func TestHostileDocumentsAreRefusedSoon(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ query, code string }{
		"one field many times":          {"{" + strings.Repeat("__typename ", 9990) + "}", "LIMIT_EXCEEDED"},
		"one field many times, nested":  {"{posts{edges{node{" + strings.Repeat("author{id} ", 2400) + "}}}}", "LIMIT_EXCEEDED"},
		"one unknown field many times":  {"{" + strings.Repeat("nothing ", 9990) + "}", "GRAPHQL_VALIDATION_FAILED"},
		"many unknown fields":           {"{" + numbered(9000, "f%d ") + "}", "GRAPHQL_VALIDATION_FAILED"},
		"conflicting arguments":         {"{" + numbered(1400, "posts(first:%d){totalCount}") + "}", "LIMIT_EXCEEDED"},
		"many fragments in one place":   {"{posts{edges{node{" + numbered(1000, "...F%d ") + "}}}} " + numbered(1000, "fragment F%d on Post{title} "), "LIMIT_EXCEEDED"},
		"many operations, one fragment": {numbered(900, "query Q%d{...F} ") + "fragment F on Query{" + strings.Repeat("__typename ", 500) + "}", "GRAPHQL_VALIDATION_FAILED"},
		"fragments that double": {"{comments(first:0){edges{node{...F0}}}} " + func() string {
			var b strings.Builder
			for i := range 300 {
				fmt.Fprintf(&b, "fragment F%d on Comment{a:parent{...F%d} b:parent{...F%d}} ", i, i+1, i+1)
			}
			return b.String() + "fragment F300 on Comment{id}"
		}(), "LIMIT_EXCEEDED"},
		"fragments that fan out": {"{posts{edges{node{...F0}}}} " + func() string {
			var b strings.Builder
			for i := range 90 {
				fmt.Fprintf(&b, "fragment F%d on Post{", i)
				for j := i + 1; j <= 90; j++ {
					fmt.Fprintf(&b, "...F%d ", j)
				}
				b.WriteString("id} ")
			}
			return b.String()
		}(), "GRAPHQL_VALIDATION_FAILED"},
		"fragments in a circle": {"{posts{edges{node{...A}}}} fragment A on Post{author{posts{edges{node{...B}}}}} fragment B on Post{...A}", "GRAPHQL_VALIDATION_FAILED"},
		"nested deeply":         {nested(3000, "{a", "", "}"), "GRAPHQL_PARSE_FAILED"},
		"nested input":          {"{posts(where:" + nested(900, "{not:", "{}", "}") + "){totalCount}}", "LIMIT_EXCEEDED"},
		"many tokens":           {strings.Repeat("{", 300_000), "LIMIT_EXCEEDED"},
		"many directives":       {"{posts " + strings.Repeat("@include(if:true) ", 1400) + "{totalCount}}", "GRAPHQL_VALIDATION_FAILED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := Defaults()
			opts.MaxAliases = 1000
			opts.MaxDepth = 1000
			h, _ := newTestHandler(t, opts, &testExecution{})
			start := time.Now()
			r := readReply(t, postQuery(t, h, tc.query, "").Body)
			if r.code() != tc.code {
				t.Errorf("code %q, want %q", r.code(), tc.code)
			}
			if len(r.Errors) > maxErrors {
				t.Errorf("%d errors are told", len(r.Errors))
			}
			// Some take milliseconds; the rule of overlapping fields alone
			// takes seconds for the first.
			t.Logf("took %s", time.Since(start))
		})
	}
}

func TestIntrospectionSwitchedOff(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		query   string
		allowed bool
	}{
		"typename":     {`{ __typename posts { __typename } }`, true},
		"schema":       {`{ __schema { types { name } } }`, false},
		"type":         {`{ __type(name: "Post") { name } }`, false},
		"in fragments": {`{ ...F } fragment F on Query { ... on Query { a: __schema { types { name } } } }`, false},
	} {
		for _, on := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, %t", name, on), func(t *testing.T) {
				t.Parallel()
				opts := Defaults()
				opts.Introspection = on
				e := &testExecution{}
				h, _ := newTestHandler(t, opts, e)
				r := readReply(t, postQuery(t, h, tc.query, "").Body)
				if want := on || tc.allowed; (r.code() == "") != want || !want && (r.code() != "GRAPHQL_VALIDATION_FAILED" || len(r.Errors[0].Locations) != 1) {
					t.Errorf("got %+v", r.Errors)
				}
				if ran := e.ran.Load(); ran != nil && ran.DisableIntrospection == on {
					t.Error("resolvers are told the opposite")
				}
			})
		}
	}
	h, _ := newTestHandler(t, Defaults(), &testExecution{})
	for _, query := range []string{`{ post }`, `{ poste { id } }`, `{ posts(initial: 1) { totalCount } }`, `{ posts(where: {titel: ""}) { totalCount } }`, `{ ... on Poste { id } }`} {
		if r := readReply(t, postQuery(t, h, query, "").Body); strings.Contains(r.Errors[0].Message, "Did you mean") {
			t.Errorf("the schema shows in %q", r.Errors[0].Message)
		}
	}
}

// A whole introspection query passes the guards.
func TestIntrospectionCountsForNothing(t *testing.T) {
	t.Parallel()
	opts := Defaults()
	opts.Introspection, opts.MaxDepth, opts.MaxComplexity = true, 1, 1
	h, _ := newTestHandler(t, opts, &testExecution{})
	r := readReply(t, postQuery(t, h, `{ __schema { types { fields { args { type { ...T } } } } } } fragment T on __Type { ofType { ofType { ofType { ofType { ofType { ofType { ofType { name } } } } } } } }`, "").Body)
	if len(r.Errors) > 0 {
		t.Error(r.Errors)
	}
}
