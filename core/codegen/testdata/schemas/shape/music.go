package schema

import (
	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/dialect/sql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Artist has what mixins bring.
type Artist struct{ ent.Schema }

// Mixin of Artist.
func (Artist) Mixin() []ent.Mixin { return []ent.Mixin{timed{}, trimmed{}, wary{}} }

// Fields of Artist.
func (Artist) Fields() []ent.Field {
	return []ent.Field{field.String("name").Unique(), field.String("sort_name").Optional()}
}

// Edges of Artist.
func (Artist) Edges() []ent.Edge {
	return []ent.Edge{edge.From("albums", Album.Type).Ref("artist"), edge.From("owns", Album.Type).Ref("owner")}
}

// Indexes of Artist.
func (Artist) Indexes() []ent.Index { return []ent.Index{index.Fields("sort_name", "name")} }

// Album has unique indexes over fields and edges.
type Album struct{ ent.Schema }

// Mixin of Album.
func (Album) Mixin() []ent.Mixin { return []ent.Mixin{timed{}, owned{}, hiding{}} }

// Annotations of Album.
func (Album) Annotations() []schema.Annotation {
	return []schema.Annotation{
		entsql.Annotation{Table: "records_of_music", Checks: map[string]string{"positive_year": "year > 0"}},
		entgql.RelayConnection(), entgql.QueryField("records").Description("All that was pressed."),
	}
}

// Fields of Album.
func (Album) Fields() []ent.Field {
	return []ent.Field{
		field.String("title").Annotations(entgql.OrderField("BY_TITLE")),
		field.Int("year").Positive().Annotations(entgql.OrderField("YEAR"), entsql.Check("year < 10000")),
		field.String("label").Default("none").Deprecated("what a label is nobody knows").Annotations(entgql.Directives(entgql.Deprecated("ask for discs"))),
		field.Int("discs").Default(1),
	}
}

// Edges of Album.
func (Album) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("artist", Artist.Type).Unique().Required(),
		edge.To("tracks", Track.Type).Annotations(entgql.MapsTo("songs")),
		edge.To("cover", Image.Type).Unique().Annotations(entgql.Unbind()),
	}
}

// Indexes of Album.
func (Album) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("title").Edges("artist").Unique(),
		index.Fields("label", "discs", "year").Unique().StorageKey("catalogue"),
		index.Fields("year").Annotations(entsql.DescColumns("year")),
		index.Fields("discs").Unique().Annotations(entsql.IndexWhere("hidden")),
	}
}

// Track is taken out of the API in places.
type Track struct{ ent.Schema }

// Annotations of Track.
func (Track) Annotations() []schema.Annotation {
	return []schema.Annotation{entgql.Implements("Titled"), entgql.Mutations(entgql.MutationCreate().Description("What a new track has."), entgql.MutationUpdate())}
}

// Fields of Track.
func (Track) Fields() []ent.Field {
	return []ent.Field{
		field.String("title"),
		field.Int("seconds").Annotations(entgql.Skip(entgql.SkipOrderField)),
		field.String("isrc").Optional().Annotations(entgql.Skip(entgql.SkipWhereInput)),
		field.String("notes").Optional().Annotations(entgql.Skip(entgql.SkipType)),
		field.String("source").Default("tape").Annotations(entgql.Skip(entgql.SkipMutationCreateInput)),
		field.String("origin").Default("here").Annotations(entgql.Skip(entgql.SkipMutationUpdateInput)),
		field.String("internal").Default("x").Annotations(entgql.Skip(entgql.SkipAll)),
		field.Int("plays").Default(0).Annotations(entgql.Type("Count"), entgql.MapsTo("played")),
		field.Enum("mood").Values("CALM", "WILD").Optional(),
	}
}

// Edges of Track.
func (Track) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("album", Album.Type).Ref("tracks").Unique(),
		edge.To("remixes", Track.Type).From("remix_of").Unique().Annotations(entgql.Skip(entgql.SkipMutationUpdateInput)),
		edge.To("images", Image.Type).Annotations(entgql.Skip(entgql.SkipAll)),
		edge.To("journal", Journal.Type).Unique(),
		edge.To("drafts", Draft.Type),
		edge.To("notes_on", Note.Type),
	}
}

// Indexes of Track.
func (Track) Indexes() []ent.Index {
	return []ent.Index{index.Fields("title").Edges("album"), index.Fields("mood").Edges("album")}
}

// Image is only made.
type Image struct{ ent.Schema }

// Annotations of Image.
func (Image) Annotations() []schema.Annotation {
	return []schema.Annotation{entgql.Type("Picture"), entgql.Skip(entgql.SkipMutationUpdateInput, entgql.SkipOrderField)}
}

// Fields of Image.
func (Image) Fields() []ent.Field {
	return []ent.Field{field.Bytes("data"), field.String("type").Default("png")}
}

// Journal stays out of the API.
type Journal struct{ ent.Schema }

// Annotations of Journal.
func (Journal) Annotations() []schema.Annotation { return []schema.Annotation{entgql.Skip()} }

// Fields of Journal.
func (Journal) Fields() []ent.Field { return []ent.Field{field.String("line")} }

// Edges of Journal.
func (Journal) Edges() []ent.Edge { return []ent.Edge{edge.To("artist", Artist.Type).Unique()} }

// Draft stays out of the API's types only.
type Draft struct{ ent.Schema }

// Annotations of Draft.
func (Draft) Annotations() []schema.Annotation {
	return []schema.Annotation{entgql.Skip(entgql.SkipType)}
}

// Fields of Draft.
func (Draft) Fields() []ent.Field { return []ent.Field{field.String("text")} }

// Note needs what stays out, and is part of a key with it.
type Note struct{ ent.Schema }

// Fields of Note.
func (Note) Fields() []ent.Field { return []ent.Field{field.String("text")} }

// Edges of Note.
func (Note) Edges() []ent.Edge {
	return []ent.Edge{edge.To("draft", Draft.Type).Unique().Required(), edge.From("track", Track.Type).Ref("notes_on").Unique()}
}

// Indexes of Note.
func (Note) Indexes() []ent.Index { return []ent.Index{index.Fields("text").Edges("draft").Unique()} }

// Decade is a view.
type Decade struct{ ent.View }

// Annotations of Decade.
func (Decade) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.View("SELECT MIN(id) AS id, year / 10 AS decade, COUNT(*) AS albums FROM records_of_music GROUP BY year / 10")}
}

// Loud is a view of another kind.
type Loud struct{ ent.View }

// Annotations of Loud.
func (Loud) Annotations() []schema.Annotation {
	wild := func(s *sql.Selector) {
		s.Select("id", "title").From(sql.Table("tracks")).Where(sql.ExprP("mood = 'WILD'"))
	}
	return []schema.Annotation{entsql.ViewFor(dialect.SQLite, wild), entsql.ViewFor(dialect.Postgres, wild)}
}

// Fields of Loud.
func (Loud) Fields() []ent.Field { return []ent.Field{field.Int("id"), field.String("title")} }

// Fields of Decade.
func (Decade) Fields() []ent.Field {
	return []ent.Field{field.Int("id"), field.Int("decade"), field.Int("albums")}
}

// Seal is set for good once it is made.
type Seal struct{ ent.Schema }

// Fields of Seal.
func (Seal) Fields() []ent.Field {
	return []ent.Field{field.String("code").Unique().Immutable(), field.Int("year").Immutable().Default(2000)}
}

// Edges of Seal.
func (Seal) Edges() []ent.Edge { return []ent.Edge{edge.To("album", Album.Type).Unique().Immutable()} }

// Wax cannot be changed but for what leads to it.
type Wax struct{ ent.Schema }

// Fields of Wax.
func (Wax) Fields() []ent.Field { return []ent.Field{field.String("color").Immutable()} }

// Edges of Wax.
func (Wax) Edges() []ent.Edge { return []ent.Edge{edge.To("tracks", Track.Type)} }
