package mutation_test

import (
	"regexp"
	"strings"
)

// What ent/schema declares, told again by hand, so that the model does not
// believe what the generator makes of it.

// storage says where an edge lives.
type storage int

const (
	own   storage = iota // in this entity's row
	other                // in the row at the other end
	join                 // in a table of its own
)

type field struct {
	name, column string
	null         bool // may be null
	unique       bool
	immutable    bool
	def          any // what a create that leaves it out stores; nil for null
	must         bool
	check        func(any) bool
}

type edge struct {
	name, to, back string
	kind           storage
	one            bool // leads to one record at most
	must           bool // leads to one record at least
	column         string
	table          string // of a join
	flip           bool   // the join's first column is the other side's
}

type entity struct {
	name, plural, table string
	fields              []*field
	edges               []*edge
}

// clock stands for a time that the server's clock gave: in this request if
// fresh, else in this one or an earlier one.
type clock struct{ fresh bool }

func form(s string) func(any) bool {
	re := regexp.MustCompile(s)
	return func(v any) bool { return re.MatchString(v.(string)) }
}

func size(least, most int) func(any) bool {
	return func(v any) bool { return len(v.(string)) >= least && len(v.(string)) <= most }
}

func within(least, most float64) func(any) bool {
	return func(v any) bool { return v.(float64) >= least && v.(float64) <= most }
}

var entities = []*entity{
	{
		name: "User", plural: "Users", table: "users",
		fields: []*field{
			{name: "username", unique: true, must: true, check: form(`^[a-z][a-z0-9_]{2,29}$`)},
			{name: "email", unique: true, must: true, check: form(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)},
			{name: "name", null: true, check: size(0, 100)},
			{name: "role", def: enum("READER")},
			{name: "createdAt", column: "created_at", def: clock{fresh: true}, immutable: true},
		},
		edges: []*edge{
			{name: "profile", to: "Profile", back: "user", kind: other, one: true},
			{name: "posts", to: "Post", back: "author", kind: other},
			{name: "comments", to: "Comment", back: "author", kind: other},
			{name: "followers", to: "User", back: "following", kind: join, table: "user_following", flip: true},
			{name: "following", to: "User", back: "followers", kind: join, table: "user_following"},
		},
	},
	{
		name: "Profile", plural: "Profiles", table: "profiles",
		fields: []*field{
			{name: "bio", null: true, check: size(0, 5000)},
			{name: "location", null: true, check: size(0, 100)},
			{name: "website", null: true, check: size(0, 500)},
			{name: "links", null: true},
		},
		edges: []*edge{{name: "user", to: "User", back: "profile", one: true, must: true, column: "user_profile"}},
	},
	{
		name: "Post", plural: "Posts", table: "posts",
		fields: []*field{
			{name: "slug", unique: true, must: true, check: form(`^[a-z0-9]+(-[a-z0-9]+)*$`)},
			{name: "title", must: true, check: size(1, 200)},
			{name: "body", must: true, check: size(0, 100_000)},
			{name: "status", def: enum("DRAFT")},
			{name: "publishedAt", column: "published_at", null: true},
			{name: "viewCount", column: "view_count", def: 0.0, check: within(0, 1<<31)},
			{name: "rating", null: true, check: within(0, 5)},
			{name: "createdAt", column: "created_at", def: clock{fresh: true}, immutable: true},
			{name: "updatedAt", column: "updated_at", def: clock{fresh: true}},
		},
		edges: []*edge{
			{name: "author", to: "User", back: "posts", one: true, must: true, column: "user_posts"},
			{name: "comments", to: "Comment", back: "post", kind: other},
			{name: "tags", to: "Tag", back: "posts", kind: join, table: "post_tags"},
		},
	},
	{
		name: "Tag", plural: "Tags", table: "tags",
		fields: []*field{{name: "name", unique: true, must: true, check: form(`^[a-z0-9]+(-[a-z0-9]+)*$`)}},
		edges:  []*edge{{name: "posts", to: "Post", back: "tags", kind: join, table: "post_tags", flip: true}},
	},
	{
		name: "Comment", plural: "Comments", table: "comments",
		fields: []*field{
			{name: "body", must: true, check: size(1, 10_000)},
			{name: "createdAt", column: "created_at", def: clock{fresh: true}, immutable: true},
		},
		edges: []*edge{
			{name: "author", to: "User", back: "comments", one: true, must: true, column: "user_comments"},
			{name: "post", to: "Post", back: "comments", one: true, must: true, column: "post_comments"},
			{name: "parent", to: "Comment", back: "replies", one: true, column: "comment_replies"},
			{name: "replies", to: "Comment", back: "parent", kind: other},
		},
	},
}

// joins are the association tables with their columns.
var joins = [][3]string{{"post_tags", "post_id", "tag_id"}, {"user_following", "user_id", "follower_id"}}

func entityOf(name string) *entity {
	for _, e := range entities {
		if e.name == name {
			return e
		}
	}
	panic("no entity " + name)
}

func (e *entity) edge(name string) *edge {
	for _, ed := range e.edges {
		if ed.name == name {
			return ed
		}
	}
	return nil
}

func (e *entity) field(name string) *field {
	for _, f := range e.fields {
		if f.name == name {
			return f
		}
	}
	return nil
}

// keyed reports whether connectOrCreate and upserts know the entity.
func (e *entity) keyed() bool { return e.name != "Comment" }

// inverse is the edge as the other end sees it.
func (ed *edge) inverse() *edge { return entityOf(ed.to).edge(ed.back) }

func (f *field) sql() string {
	if f.column != "" {
		return f.column
	}
	return f.name
}

func prefixed(prefix, name string) string {
	return prefix + strings.ToUpper(name[:1]) + name[1:]
}

// pairOf is the row of an edge's association table for two records.
func (ed *edge) pairOf(from, to int) pair {
	if ed.flip {
		from, to = to, from
	}
	return pair{ed.table, from, to}
}

// far is the record at the far end of a row of an edge's association table.
func (ed *edge) far(p pair) int {
	if ed.flip {
		return p.a
	}
	return p.b
}
