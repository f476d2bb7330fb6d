package schema

import (
	"net/url"
	"regexp"
	"strings"
	"time"

	"entgo.io/ent"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"github.com/google/uuid"

	"coppice/ent/schema/custom"
)

// Text has fields of text and of what is written as text.
type Text struct{ ent.Schema }

// Annotations of Text.
func (Text) Annotations() []schema.Annotation {
	return []schema.Annotation{schema.Comment("A text, with \"quotes\"\nand lines."), entsql.Annotation{Table: "texts_of_all_kinds"}}
}

// Fields of Text.
func (Text) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").NotEmpty().MaxLen(12).Unique().Comment("What it is called."),
		field.Text("body").Optional(),
		field.String("code").Match(regexp.MustCompile(`^[A-Z]{2}-\d{3}$`)).Optional(),
		field.String("email").Validate(func(s string) error {
			if !strings.Contains(s, "@") {
				return errNoMail
			}
			return nil
		}).Optional(),
		field.String("nothing").Optional().Nillable().StorageKey("no_thing"),
		field.String("fixed").Immutable().Default("as it was"),
		field.String("secret").Sensitive().Optional(),
		field.String("old").Deprecated("use name").Optional(),
		field.String("label").GoType(custom.Label("")).Default("none"),
		field.Enum("state").Values("on", "off").Default("on"),
		field.Enum("phase").NamedValues("First", "1st", "Second", "2nd").Optional(),
		field.Enum("quality").Values("1080p", "720p", "true", "null", "größe", "en-US", "half open").Optional(),
		field.Enum("size").GoType(custom.Size("")).Optional().Nillable(),
		field.Bool("done").Default(false),
		field.Bool("maybe").Optional().Nillable(),
		field.Bool("flag").GoType(custom.Flag(false)).Optional(),
		field.Time("at").Default(time.Now).UpdateDefault(time.Now),
		field.Time("date").Optional().SchemaType(map[string]string{dialect.MySQL: "date", dialect.Postgres: "date"}),
		field.Time("born").Optional().Nillable(),
		field.Time("made").Annotations(entsql.Default("CURRENT_TIMESTAMP")).Immutable(),
		field.UUID("token", uuid.UUID{}).Default(uuid.New).Unique(),
		field.UUID("other", uuid.UUID{}).Optional(),
		field.Bytes("data").Optional(),
		field.Bytes("digest").MaxLen(8).MinLen(2).Optional(),
		field.Other("pair", custom.Pair{}).SchemaType(map[string]string{
			dialect.SQLite: "text", dialect.Postgres: "text", dialect.MySQL: "varchar(40)",
		}).Optional(),
		field.String("isbn").GoType(custom.ISBN{}).Optional().Unique(),
		field.Int("share").GoType(custom.Percent(0)).Optional(),
		field.String("link").GoType(&url.URL{}).ValueScanner(field.BinaryValueScanner[*url.URL]{}).Optional().Unique(),
	}
}
