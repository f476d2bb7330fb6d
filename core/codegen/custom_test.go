package codegen

import (
	"strings"
	"testing"

	"github.com/99designs/gqlgen/codegen/config"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"coppice/core/internal/fixture/blog/ent"
	rule "coppice/core/internal/fixture/rule/ent"
	"coppice/core/model"
)

// What nothing would answer is refused with its place and the way out.
func TestWhatNothingWouldAnswerIsRefused(t *testing.T) {
	t.Parallel()
	s := ent.Coppice().Model
	sdl, err := SDL(s)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		text string
		want string // the error, from its line on; "" for none
	}{
		"a subscription":             {"type Subscription { posts: Post }", "1: subscriptions are not served: remove Subscription, and make"},
		"an extended one":            {"\nextend type Subscription { posts: Post }", "2: subscriptions are not served"},
		"a schema block":             {"type Feed { a: Int }\nschema { query: Feed }", "2: a schema block cannot be written by hand"},
		"an extended schema":         {"extend schema { subscription: Post }", "1: a schema block cannot be written by hand"},
		"a root":                     {"type Query { a: Int }", "1: Query is generated already: add fields to it with extend type Query"},
		"an entity":                  {"type Post { a: Int }", "1: Post is generated already: add fields to it with extend type Post"},
		"a generated input":          {"input PostWhereInput { a: Int }", "1: PostWhereInput is generated already: give this type another name"},
		"a root field twice":         {"extend type Query {\n  a: Int\n  posts: Int\n}", "3: Query.posts is generated already"},
		"node":                       {"extend type Query { node(id: ID!): Post }", "1: Query.node is generated already"},
		"a mutation twice":           {"extend type Mutation { createPost(title: String): Post }", "1: Mutation.createPost is generated already"},
		"an entity's field twice":    {"extend type Post { title: String }", "1: Post.title is generated already"},
		"an own field twice":         {"extend type Query { a: Int }\nextend type Query { a: Int }", "2: Query.a is written already at graph/own.graphql:1"},
		"an own type twice":          {"type Feed { a: Int }\ntype Feed { b: Int }", "2: Feed is written twice"},
		"what does not exist":        {"extend type Poste { a: Int }", "1: there is no type Poste to extend: extend an entity (Comment, Post"},
		"a generated type":           {"extend type PostConnection { a: Int }", "1: PostConnection is generated and cannot be extended"},
		"a generated input extended": {"extend input CreatePostInput { a: Int }", "1: CreatePostInput is generated and cannot be extended"},
		"a generated enum extended":  {"extend enum PostStatus { GONE }", "1: PostStatus is generated and cannot be extended"},
		"an interface for an entity": {"interface Titled { title: String! }\nextend type Post implements Titled { a: Int }", `2: that Post implements Titled is for its schema to say, so that the generated part knows: add entgql.Implements("Titled")`},
		"a node":                     {"type Feed implements Node { id: ID! }", "1: Feed cannot implement Node"},
		"a union of entities":        {"union Hit = Post | User", "1: the union Hit cannot have the entity Post: make it a type of its own"},
		"a page":                     {"extend type Query { recent: PostConnection! }", "1: Query.recent cannot have the generated type PostConnection"},
		"a list of nodes":            {"extend type Query { recent: [Node!]! }", "1: Query.recent cannot have the generated type Node"},
		"a root as a type":           {"type Done { query: Query! }", "1: Done.query cannot have the type Query"},
		"an unknown type":            {"extend type Query { recent: Poste }", "1: Query.recent has the type Poste, which there is none of"},
		"an unknown argument":        {"extend type Query { recent(of: Usr): Post }", "1: Query.recent(of) has the type Usr, which there is none of"},
		"a scalar":                   {"scalar Money\nextend type Query { cheap(\n  below: Money!): [Post!] }", "3: the scalar Money of Query.cheap(below) has no Go type: name one in gqlgen.yml"},
		"a scalar in an input":       {"scalar Money\ninput Price { of: Money }", "2: the scalar Money of Price.of has no Go type"},
		"a directive":                {"directive @cached on ENUM | QUERY", "1: nothing executes the directive @cached: remove it, and do what it is for in"},
		"one on a field":             {"extend type Query {\n  a: Int @cached\n}", "2: nothing executes the directive @cached: remove it"},
		"one on an argument":         {"extend type Post {\n  a(b: Int @range(min: 1)): Int\n}", "2: nothing executes the directive @range"},
		"one on a type":              {"\ntype Done @key(fields: \"a\") { a: Int }", "2: nothing executes the directive @key"},
		"one on an extension":        {"type Done { a: Int }\nextend type Done @cached { b: Int }", "2: nothing executes the directive @cached"},
		"one on an entity":           {"extend type Post @cached { a: Int }", "1: Post is generated, and takes no directive: nothing executes @cached on what is generated; put it on"},
		"gqlgen's on an entity":      {`extend type Post @goModel(model: "x.Y") { a: Int }`, "1: Post is generated, and takes no directive"},
		"one on an input":            {"input Range { from: Int @least(n: 1) }", "1: nothing executes the directive @least"},
		"one on an enum":             {"enum Kind @known { A }", "1: nothing executes the directive @known"},
		"one on a value":             {"enum Kind { A\nB @internal }", "2: nothing executes the directive @internal"},
		"one on a scalar":            {"scalar Known @internal", "1: nothing executes the directive @internal"},
		"an implemented one there":   {"directive @shout on SCALAR\nscalar Known @shout", "1: nothing executes the directive @shout"},
		"a client's":                 {"directive @live on QUERY", "1: nothing executes the directive @live"},

		"directives that are executed": {`directive @goField(forceResolver: Boolean, name: String) on INPUT_FIELD_DEFINITION | FIELD_DEFINITION
			directive @shout on FIELD_DEFINITION type Done { a: Int @deprecated(reason: "b") b: Int @goField(name: "A") c: String @shout }
			extend type Query { d(e: Int @deprecated): Int @shout } input Either @oneOf { a: Int b: Int } scalar Unused @specifiedBy(url: "https://example.com")`, ""},
		"what works": {`extend type Query { a(of: UserRef, at: Time, in: [Range!]): [Post!]! kind: PostStatus hits: [Hit!] }
			extend type Mutation { b(id: ID!): Done! } extend type Post { c: BigInt }
			type Done { post: Post users: [User!]! } input Range { from: Time! until: Time } interface Hit { a: Int } type Found implements Hit { a: Int }
			union Either = Done | Found scalar Unused extend type Done { more: Int } enum Own { A } extend enum Own { B }`, ""},
		"a scalar with a model": {`directive @goModel(model: String) on SCALAR scalar Own @goModel(model: "coppice/core/scalar.Own") extend type Query { a: Own }`, ""},
		"a scalar with a type":  {"scalar Known\nextend type Query { a: Known }", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, err := parser.ParseSchemas(&ast.Source{Name: "graph/own.graphql", Input: tc.text})
			if err != nil {
				t.Fatal(err)
			}
			err = checkCustom(s, sdl, doc, &config.Config{Models: config.TypeMap{"Known": {}}, Directives: map[string]config.DirectiveConfig{"shout": {Implementation: new(string)}}})
			if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.HasPrefix(err.Error(), "graph/own.graphql:"+tc.want)) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

// Whatever a client can name is described, by its author or by what is true of it
// anyway.
func TestWhatIsGeneratedIsDescribed(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*model.Schema{"blog": ent.Coppice().Model, "rule": rule.Coppice().Model} {
		sdl, err := SDL(s)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := parser.ParseSchema(&ast.Source{Input: sdl})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range doc.Definitions {
			if d.Description == "" {
				t.Errorf("%s: %s is not described", name, d.Name)
			}
			for _, f := range d.Fields {
				if f.Description == "" {
					t.Errorf("%s: %s.%s is not described", name, d.Name, f.Name)
				}
				for _, a := range f.Arguments {
					if a.Description == "" {
						t.Errorf("%s: %s.%s(%s) is not described", name, d.Name, f.Name, a.Name)
					}
				}
			}
			for _, v := range d.EnumValues {
				if v.Description == "" {
					t.Errorf("%s: %s.%s is not described", name, d.Name, v.Name)
				}
			}
		}
		for _, e := range s.Entities {
			for _, f := range e.Fields {
				if def := doc.Definitions.ForName(e.Name); f.Comment != "" && def != nil && def.Fields.ForName(f.GraphQL) != nil && def.Fields.ForName(f.GraphQL).Description != f.Comment {
					t.Errorf("%s: the words of %s.%s are lost: %s", name, e.Name, f.Name, def.Fields.ForName(f.GraphQL).Description)
				}
			}
		}
	}
}

func TestValuesOfEnumsAreDescribed(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ value, want string }{
		"IN_REVIEW": {"IN_REVIEW", "In review."}, "_1080P": {"1080p", "Stored as 1080p."}, "__": {"__", "The value __."},
		"A": {`a "quoted" one`, "A."}, "B": {"two\nlines", "B."}, "C": {strings.Repeat("x", 100), "C."}, "D": {"", "D."},
	} {
		if got := valueText(model.EnumValue{Name: name, Value: tc.value}); got != tc.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// A scalar says what specifies it, and is there where something uses it.
func TestScalarsAreThoseThatAreUsed(t *testing.T) {
	t.Parallel()
	empty := &model.Schema{}
	for name, tc := range map[string]struct {
		schema *model.Schema
		custom string
		want   string // of the scalars, in their order
	}{
		"no entities":            {empty, "", "Cursor"},
		"a field by hand":        {empty, "extend type Query { now: Time! }", "Cursor Time"},
		"an argument by hand":    {empty, "extend type Query { a(b: [UUID!]): Int }", "Cursor UUID"},
		"an input by hand":       {empty, "input A { b: JSON }", "Cursor JSON"},
		"a directive's argument": {empty, "directive @a(b: Base64) on FIELD_DEFINITION", "Cursor Base64"},
		"in words alone":         {empty, `"JSON and Time" type A { "UUID" b: Int }`, "Cursor"},
		"of entities":            {ent.Coppice().Model, "", "Cursor Time BigInt"},
	} {
		sdl, err := SDL(tc.schema, &ast.Source{Name: "graph/own.graphql", Input: tc.custom})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		doc, err := parser.ParseSchema(&ast.Source{Input: sdl})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got []string
		for _, d := range doc.Definitions {
			if d.Kind != ast.Scalar {
				continue
			}
			got = append(got, d.Name)
			by := d.Directives.ForName("specifiedBy")
			if (by != nil) == (d.Name == "BigInt") {
				t.Errorf("%s: @specifiedBy is %v", d.Name, by)
			}
			if by != nil && !strings.HasPrefix(by.Arguments.ForName("url").Value.Raw, "https://") {
				t.Errorf("%s is specified by %s", d.Name, by.Arguments.ForName("url").Value.Raw)
			}
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}
