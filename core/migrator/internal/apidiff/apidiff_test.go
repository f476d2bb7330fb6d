package apidiff

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

const example = `"A word."
directive @tag(name: String!, weight: Int = 1) repeatable on FIELD_DEFINITION | OBJECT | ARGUMENT_DEFINITION | SCHEMA

scalar Time @specifiedBy(url: "https://example.com/time")

interface Node { id: ID! }

enum Status { DRAFT PUBLISHED @deprecated(reason: "Ask for LIVE.") LIVE }

union Found = Post | User

"What somebody wrote."
type Post implements Node @tag(name: "core") {
  id: ID!
  title: String!
  words(first: Int = 40, of: [Status!]! = [LIVE]): [String!]
  status: Status
  old: String @deprecated
  at: Time
}

type User implements Node { id: ID! name: String! }

type Extra { x: Int }

input PostInput { title: String! status: Status = DRAFT nested: Nested = { deep: 1 } }

input Nested { deep: Int! = 2 list: [Int!] }

input Ref @oneOf { id: ID title: String }

type Query { node(id: ID!): Node find(text: String!): [Found!]! posts(where: PostInput): [Post!]! }

type Mutation { createPost(input: PostInput!): Post! }
`

func load(t *testing.T, text string) *ast.Schema {
	t.Helper()
	s, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphql", Input: text})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return s
}

// edited is the example with one part in the place of another, which must be there.
func edited(t *testing.T, from, to string) string {
	t.Helper()
	if !strings.Contains(example, from) {
		t.Fatalf("the example has no %q", from)
	}
	return strings.Replace(example, from, to, 1)
}

func lines(changes []Change) []string {
	list := make([]string, len(changes))
	for i, c := range changes {
		list[i] = fmt.Sprintf("%s %s", c.Level, c.Path)
	}
	return list
}

var edits = []struct {
	name, from, to string
	told           []string // of Tell, in order
}{
	{"a type is removed", "type Extra { x: Int }\n", "", []string{"breaking Extra"}},
	{"a type is new, with all that is in it", "type Mutation", "type Tag implements Node { id: ID! label(of: Int!): String! @deprecated }\ntype Mutation", []string{"safe Tag"}},
	{"a type is of another kind", "enum Status { DRAFT PUBLISHED @deprecated(reason: \"Ask for LIVE.\") LIVE }", "scalar Status", []string{"breaking Status"}},
	{"a field is removed", "title: String!\n", "", []string{"breaking Post.title"}},
	{"a field is new", "title: String!\n", "title: String!\n slug: String!\n", []string{"safe Post.slug"}},
	{"a field may be null", "title: String!\n", "title: String\n", []string{"breaking Post.title"}},
	{"a field is never null", "status: Status\n", "status: Status!\n", []string{"safe Post.status"}},
	{"a list has no nulls", "[String!]", "[String!]!", []string{"safe Post.words"}},
	{"an argument is removed", "first: Int = 40, ", "", []string{"breaking Post.words.first"}},
	{"an argument is new and required", "find(text: String!)", "find(text: String!, in: String!)", []string{"breaking Query.find.in"}},
	{"an argument is new and has a default", "find(text: String!)", "find(text: String!, in: String! = \"a\")", []string{"dangerous Query.find.in"}},
	{"an argument is new and optional", "find(text: String!)", "find(text: String!, in: String)", []string{"dangerous Query.find.in"}},
	{"an argument has another default", "first: Int = 40", "first: Int = 50", []string{"dangerous Post.words.first"}},
	{"a default is written otherwise", "of: [Status!]! = [LIVE]", "of: [Status!]! = LIVE", nil},
	{"an argument need not be given", "find(text: String!)", "find(text: String)", []string{"safe Query.find.text"}},
	{"an argument must be given", "first: Int = 40", "first: Int! = 40", []string{"breaking Post.words.first"}},
	{"an input field is removed", "list: [Int!]", "", []string{"breaking Nested.list"}},
	{"an input field is new and required", "list: [Int!]", "list: [Int!] more: Int!", []string{"breaking Nested.more", "dangerous PostInput.nested"}},
	{"an input field is new and optional", "list: [Int!]", "list: [Int!] more: Int", []string{"safe Nested.more"}},
	{"an input field is new and has null for a default", "list: [Int!]", "list: [Int!] more: Int = null", []string{"dangerous Nested.more", "dangerous PostInput.nested"}},
	{"an input field has another default", "status: Status = DRAFT", "status: Status = LIVE", []string{"dangerous PostInput.status"}},
	{"a default within a default that gives it itself", "deep: Int! = 2", "deep: Int! = 3", []string{"dangerous Nested.deep"}},
	{"an input field is required", "status: Status = DRAFT", "status: Status! = DRAFT", []string{"breaking PostInput.status"}},
	{"an enum has a value more", "LIVE }", "LIVE GONE }", []string{"dangerous Status.GONE"}},
	{"an enum has a value less", "{ DRAFT ", "{ ", []string{"breaking Status.DRAFT", "dangerous PostInput.status"}},
	{"a union has a type more", "Post | User", "Post | User | Mutation", []string{"dangerous Found"}},
	{"a union has a type less", "Post | User", "Post", []string{"breaking Found"}},
	{"a type no longer implements an interface", "User implements Node", "User", []string{"breaking User"}},
	{"a type implements one interface more", "type Mutation {", "type Mutation implements Node { id: ID!", []string{"dangerous Mutation", "safe Mutation.id"}},
	{"a description is another", "What somebody wrote.", "What anybody wrote.", []string{"safe Post"}},
	{"a field is deprecated", "title: String!\n", "title: String! @deprecated(reason: \"Use name.\")\n", []string{"safe Post.title.@deprecated"}},
	{"a field is no longer deprecated", "@deprecated\n", "\n", []string{"safe Post.old.@deprecated"}},
	{"a reason is another", "Ask for LIVE.", "It is LIVE.", []string{"dangerous Status.PUBLISHED.@deprecated.reason", "safe Status.PUBLISHED.@deprecated"}},
	{"an input takes one of its fields only", "input Nested", "input Nested @oneOf", []string{"breaking Nested.@oneOf"}},
	{"an input takes several of its fields", "Ref @oneOf", "Ref", []string{"safe Ref.@oneOf"}},
	{"a scalar is specified elsewhere", "example.com/time", "example.com/other", []string{"dangerous Time.@specifiedBy.url"}},
	{"a directive is removed from a type", " @tag(name: \"core\")", "", []string{"dangerous Post.@tag"}},
	{"a directive may stand elsewhere", "| OBJECT", "| OBJECT | ENUM", []string{"safe @tag"}},
	{"a directive may no longer stand there", " | SCHEMA", "", []string{"breaking @tag"}},
	{"a directive takes one argument more", "name: String!, weight", "name: String!, colour: String! = \"red\", weight", []string{"breaking @tag"}},
	{"a directive's argument has another default", "weight: Int = 1", "weight: Int = 2", []string{"dangerous @tag.weight"}},
	{"a directive stands once only", " repeatable", "", []string{"dangerous @tag"}},
	{"a directive is new", "scalar Time", "directive @more(x: Int!) on ENUM\nscalar Time", []string{"safe @more"}},
	{"mutations are gone", "type Mutation { createPost(input: PostInput!): Post! }\n", "", []string{"breaking ", "breaking Mutation"}},
}

func TestChangesAreSortedByWhatTheyDoToClients(t *testing.T) {
	t.Parallel()
	before := load(t, example)
	for _, e := range edits {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			changes := Tell(Diff(before, load(t, edited(t, e.from, e.to))))
			if told := lines(changes); !slices.Equal(told, append([]string{}, e.told...)) {
				t.Errorf("told %q\nwant %q", told, e.told)
			}
			for _, c := range changes {
				if !strings.HasSuffix(c.Message, ".") || strings.Contains(c.Message, "%!") {
					t.Errorf("%q is no sentence", c.Message)
				}
			}
		})
	}
}

func TestASchemaDoesNotDifferFromItself(t *testing.T) {
	t.Parallel()
	if changes := Diff(load(t, example), load(t, example)); len(changes) > 0 {
		t.Errorf("%q", lines(changes))
	}
}

// What is left out by Tell is said by something else of it, and breaks nobody.
func TestWhatIsLeftOutIsSafe(t *testing.T) {
	t.Parallel()
	before := load(t, example)
	for _, e := range edits {
		all := Diff(before, load(t, edited(t, e.from, e.to)))
		kept := map[Change]bool{}
		for _, c := range Tell(all) {
			kept[c] = true
		}
		for _, c := range all {
			if !kept[c] && c.Level != Safe {
				t.Errorf("%s: %s %s is left out", e.name, c.Level, c.Path)
			}
		}
	}
}
