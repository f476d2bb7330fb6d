package schema

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

type Device struct{ ent.Schema }

func (Device) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("id", uuid.UUID{}).Default(uuid.New),
		field.String("serial").GoType(Serial("")).Unique(),
		field.String("address").ValueScanner(field.TextValueScanner[*netip.Addr]{}).GoType(&netip.Addr{}).Optional(),
		field.String("home").ValueScanner(field.BinaryValueScanner[*url.URL]{}).GoType(&url.URL{}).Optional(),
		field.String("firmware").GoType(Version{}).ValueScanner(field.ValueScannerFunc[Version, *sql.NullString]{
			V: func(v Version) (dv driverValue, err error) { return v.String(), nil },
			S: func(ns *sql.NullString) (Version, error) { return parseVersion(ns.String) },
		}).Optional(),
		field.Int("state").GoType(State(0)).Default(int(StateOff)),
		field.Bool("on").GoType(Bool(false)).Default(false),
		field.Float("lat").Min(-90).Max(90).Optional(),
		field.Float("lon").Min(-180).Max(180).Optional(),
		field.JSON("location", Point{}).Optional(),
		field.JSON("shadow", map[string]json.RawMessage{}).Optional(),
		field.JSON("raw", json.RawMessage(nil)).Optional(),
		field.JSON("windows", []time.Time{}).Optional(),
		field.JSON("flags", map[string]bool{}).Optional(),
		field.JSON("matrix", [][]float64{}).Optional(),
		field.JSON("endpoint", &url.URL{}).Optional(),
		field.JSON("count", 0).Optional(),
		field.Other("price", Money{}).SchemaType(map[string]string{dialect.SQLite: "varchar(32)", dialect.MySQL: "varchar(32)", dialect.Postgres: "varchar(32)"}).Default(Money{}),
		field.Other("link", &Link{}).SchemaType(map[string]string{dialect.SQLite: "text", dialect.MySQL: "text", dialect.Postgres: "text"}).Optional(),
		field.Time("last_seen").Optional().GoType(&sql.NullTime{}),
		field.String("note").Optional().GoType(&sql.NullString{}),
		field.Int64("ttl").GoType(time.Duration(0)).DefaultFunc(func() time.Duration { return time.Hour }).Nillable(),
		field.Enum("mode").GoType(Mode(0)),
		field.Time("updated").Default(time.Now).UpdateDefault(time.Now).SchemaType(map[string]string{dialect.MySQL: "datetime(3)"}),
		field.Int("rev").Default(1).UpdateDefault(func() int { return 2 }),
	}
}

func (Device) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("sensors", Sensor.Type).Required(),
		edge.To("gateway", Device.Type).Unique().From("clients"),
		edge.From("site", Site.Type).Ref("devices").Unique().StructTag(`json:"site_of"`),
	}
}

type Serial string

func (s Serial) Validate() error {
	if s == "" {
		return fmt.Errorf("a serial is empty")
	}
	return nil
}

type Sensor struct{ ent.Schema }

func (Sensor) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").DefaultFunc(func() string { return "sn-" + strings.ReplaceAll(uuid.NewString(), "-", "") }),
		field.Enum("unit").NamedValues("Celsius", "°C", "Percent", "%", "Acc", "m/s²", "KWH", "kWh", "Volt", "V", "Five", "5V"),
		field.Int8("channel").Range(0, 15),
		field.Uint8("gain").Default(1),
		field.Float32("offset").Default(0).SchemaType(map[string]string{dialect.SQLite: "real"}),
		field.Float("scale").Default(math.Pi),
	}
}

func (Sensor) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("device", Device.Type).Ref("sensors").Unique(),
		edge.To("readings", Reading.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
		edge.To("data", Data.Type).Annotations(entsql.OnDelete(entsql.NoAction)),
		edge.To("series", Series.Type).Annotations(entsql.OnDelete(entsql.SetDefault)),
	}
}

func (Sensor) Indexes() []ent.Index {
	return []ent.Index{index.Fields("channel").Edges("device").Unique(), index.Edges("device")}
}

type Reading struct{ ent.Schema }

func (Reading) Fields() []ent.Field {
	return []ent.Field{
		field.Uint("id"),
		field.Time("at").Immutable().Default(time.Now),
		field.Float("value").Immutable(),
		field.Uint64("raw").Immutable().Optional().Nillable(),
		field.Int64("nanos").Immutable().Default(0).Annotations(entsql.Annotation{Default: "0"}),
		field.String("day").Optional().Immutable().Annotations(entsql.DefaultExpr("(date('now'))")),
	}
}

func (Reading) Edges() []ent.Edge {
	return []ent.Edge{edge.From("sensor", Sensor.Type).Ref("readings").Unique().Required().Immutable()}
}

func (Reading) Indexes() []ent.Index {
	return []ent.Index{index.Fields("at").Edges("sensor").Annotations(entsql.DescColumns("at"), entsql.IndexTypes(map[string]string{dialect.Postgres: "BRIN"}))}
}

// Data is plural already.
type Data struct{ ent.Schema }

func (Data) Fields() []ent.Field {
	return []ent.Field{field.Bytes("payload").MaxLen(1 << 20).GoType(Blob(nil)), field.String("content_type").Default("application/octet-stream")}
}
func (Data) Edges() []ent.Edge {
	return []ent.Edge{edge.From("sensor", Sensor.Type).Ref("data").Unique()}
}

// Blob is bytes.
type Blob []byte

// Series too.
type Series struct{ ent.Schema }

func (Series) Fields() []ent.Field {
	return []ent.Field{field.String("name").Unique(), field.Strings("labels").Optional().Validate(func(s []string) error {
		if len(s) > 8 {
			return fmt.Errorf("more than 8 labels")
		}
		return nil
	})}
}
func (Series) Edges() []ent.Edge {
	return []ent.Edge{edge.From("sensor", Sensor.Type).Ref("series").Unique()}
}

type Site struct{ ent.Schema }

func (Site) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Annotation{Table: "Sites Of-Ours", Incremental: new(bool)}, entgql.Type("Location")}
}

func (Site) Fields() []ent.Field {
	return []ent.Field{field.Int32("id").StorageKey("Site ID"), field.String("name").StorageKey("the name").Unique(), field.String("tz").Default("UTC").Annotations(entsql.DefaultExprs(map[string]string{dialect.SQLite: "'UTC'", dialect.Postgres: "'UTC'"}))}
}
func (Site) Edges() []ent.Edge {
	return []ent.Edge{edge.To("devices", Device.Type).StorageKey(edge.Column("site_key")), edge.To("routes", HTTPRoute.Type)}
}

// HTTPRoute leads to sites.
type HTTPRoute struct{ ent.Schema }

func (HTTPRoute) Fields() []ent.Field {
	return []ent.Field{
		field.String("url_path").Unique(), field.Bool("tls").Default(true), field.String("http_method").Default("GET"),
		field.Int("ttl_ms").Optional(), field.String("x509").Optional(), field.String("ipV4").Optional(), field.String("camelCase").Optional(), field.String("HTTPStatus").Optional(),
	}
}
func (HTTPRoute) Edges() []ent.Edge {
	return []ent.Edge{edge.From("sites", Site.Type).Ref("routes")}
}

// Hooks of Reading.
func (Reading) Hooks() []ent.Hook {
	return []ent.Hook{func(next ent.Mutator) ent.Mutator {
		return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) { return next.Mutate(ctx, m) })
	}}
}
