// Package schema is the schemas of a test: an inventory of software, a social network and a network of devices, written as
// their authors would, knowing only ent.
package schema

import (
	"encoding/json"
	"time"

	"entgo.io/contrib/entgql"
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"entgo.io/ent/schema/mixin"
	"github.com/google/uuid"
)

// AnnotationsMixin adds free annotations to an entity.
type AnnotationsMixin struct{ mixin.Schema }

// Fields of the mixin.
func (AnnotationsMixin) Fields() []ent.Field {
	return []ent.Field{field.JSON("annotations", map[string]string{}).Optional()}
}

// IDMixin gives UUIDs.
type IDMixin struct{ mixin.Schema }

// Fields of the mixin.
func (IDMixin) Fields() []ent.Field {
	return []ent.Field{field.UUID("id", uuid.UUID{}).Unique().Immutable().Default(newID)}
}

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// Project is a thing that has components.
type Project struct{ ent.Schema }

// Mixin of Project.
func (Project) Mixin() []ent.Mixin { return []ent.Mixin{IDMixin{}, AnnotationsMixin{}, mixin.Time{}} }

// Fields of Project.
func (Project) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").NotEmpty(),
		field.String("version").Optional().Default(""),
		field.Enum("classifier").Values("APPLICATION", "FRAMEWORK", "LIBRARY", "OPERATING_SYSTEM").Optional().Nillable(),
		field.Bool("active").Default(true).Optional(),
		field.String("purl").Optional().Unique().Nillable(),
		field.JSON("external_references", []json.RawMessage{}).Optional(),
		field.JSON("bom", json.RawMessage{}).Optional(),
		field.Float("last_inherited_risk_score").Optional().Nillable(),
		field.UUID("parent_id", uuid.UUID{}).Optional().Nillable(),
	}
}

// Edges of Project.
func (Project) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("children", Project.Type).Annotations(entsql.OnDelete(entsql.Cascade)).
			From("parent").Field("parent_id").Unique(),
		edge.To("components", Component.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
		edge.To("metrics", ProjectMetrics.Type),
		edge.To("tags", Tag.Type),
		edge.To("licenses", License.Type).Through("project_licenses", ProjectLicense.Type),
		edge.To("policies", Rule.Type).Annotations(entgql.Skip(entgql.SkipMutationCreateInput | entgql.SkipMutationUpdateInput)),
	}
}

// Indexes of Project.
func (Project) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("name", "version").Unique(),
		index.Fields("last_inherited_risk_score").Annotations(entsql.Desc(), entsql.IndexWhere("last_inherited_risk_score is not null")),
	}
}

// Component is part of projects.
type Component struct{ ent.Schema }

// Mixin of Component.
func (Component) Mixin() []ent.Mixin { return []ent.Mixin{IDMixin{}, AnnotationsMixin{}} }

// Fields of Component.
func (Component) Fields() []ent.Field {
	return []ent.Field{
		field.String("group").Optional(),
		field.String("name"),
		field.String("version").Optional(),
		field.Bytes("md5").Optional().MaxLen(16),
		field.Enum("hash_algorithm").Values("MD5", "SHA-1", "SHA-256", "SHA3-512", "BLAKE2b-256").Optional(),
		field.Strings("cpes").Optional(),
		field.Ints("lines").Optional(),
		field.Floats("scores").Optional(),
	}
}

// Edges of Component.
func (Component) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("project", Project.Type).Ref("components").Unique().Required(),
		edge.To("dependencies", Component.Type).From("dependents"),
		edge.To("vulnerabilities", Vulnerability.Type).Through("findings", Finding.Type),
		edge.To("license", License.Type).Unique().Annotations(entsql.OnDelete(entsql.SetNull)),
	}
}

// Indexes of Component.
func (Component) Indexes() []ent.Index {
	return []ent.Index{index.Fields("group", "name", "version").Edges("project").Unique()}
}

// Vulnerability is a hole.
type Vulnerability struct{ ent.Schema }

// Fields of Vulnerability.
func (Vulnerability) Fields() []ent.Field {
	return []ent.Field{
		field.String("vuln_id").Unique(),
		field.Enum("severity").GoType(Severity("")).Default("UNASSIGNED"),
		field.JSON("cvss", &CVSS{}).Optional(),
		field.JSON("cwes", []int{}).Optional(),
		field.Time("published").Optional(),
		field.Other("epss", Decimal{}).SchemaType(map[string]string{"sqlite3": "text", "postgres": "numeric(9,8)", "mysql": "decimal(9,8)"}).Optional().Nillable(),
	}
}

// CVSS is a score.
type CVSS struct {
	Vector string   `json:"vector"`
	Base   *float64 `json:"base"`
}

// Edges of Vulnerability.
func (Vulnerability) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("components", Component.Type).Ref("vulnerabilities").Through("findings", Finding.Type),
		edge.To("aliases", Vulnerability.Type),
	}
}

// Finding says that a component has a hole.
type Finding struct{ ent.Schema }

// Annotations of Finding.
func (Finding) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Table("findings")}
}

// Fields of Finding.
func (Finding) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("component_id", uuid.UUID{}),
		field.Int("vulnerability_id"),
		field.Time("attributed_at").Default(time.Now),
		field.Bool("suppressed").Default(false),
	}
}

// Edges of Finding.
func (Finding) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("component", Component.Type).Unique().Required().Field("component_id").Annotations(entsql.OnDelete(entsql.Cascade)),
		edge.To("vulnerability", Vulnerability.Type).Unique().Required().Field("vulnerability_id"),
		edge.To("analysis", Analysis.Type).Unique().Annotations(entsql.OnDelete(entsql.Cascade)),
	}
}

// Analysis of a finding.
type Analysis struct{ ent.Schema }

// Fields of Analysis.
func (Analysis) Fields() []ent.Field {
	return []ent.Field{
		field.Enum("state").NamedValues("Exploitable", "EXPLOITABLE", "InTriage", "IN_TRIAGE", "FalsePositive", "FALSE_POSITIVE", "NotSet", "NOT_SET").Default("NOT_SET"),
		field.Text("details").Optional(),
		field.JSON("comments", []struct {
			At   time.Time `json:"at"`
			Text string    `json:"text"`
		}{}).Optional(),
	}
}

// Edges of Analysis.
func (Analysis) Edges() []ent.Edge {
	return []ent.Edge{edge.From("finding", Finding.Type).Ref("analysis").Unique().Required().Immutable()}
}

// License of a component.
type License struct{ ent.Schema }

// Fields of License.
func (License) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").MaxLen(80).NotEmpty().StorageKey("spdx_id").Comment("The SPDX identifier."),
		field.String("name"),
		field.Strings("see_also").Optional(),
	}
}

// Edges of License.
func (License) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("projects", Project.Type).Ref("licenses").Through("project_licenses", ProjectLicense.Type),
		edge.From("components", Component.Type).Ref("license"),
	}
}

// ProjectLicense is how a project has a license.
type ProjectLicense struct{ ent.Schema }

// Annotations of ProjectLicense.
func (ProjectLicense) Annotations() []schema.Annotation {
	return []schema.Annotation{field.ID("project_id", "license_id")}
}

// Fields of ProjectLicense.
func (ProjectLicense) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("project_id", uuid.UUID{}),
		field.String("license_id"),
		field.Bool("concluded").Default(false),
		field.String("note").Optional(),
	}
}

// Edges of ProjectLicense.
func (ProjectLicense) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("project", Project.Type).Unique().Required().Field("project_id"),
		edge.To("license", License.Type).Unique().Required().Field("license_id"),
	}
}

// Tag of projects.
type Tag struct{ ent.Schema }

// Fields of Tag.
func (Tag) Fields() []ent.Field {
	return []ent.Field{field.String("name").Unique().NotEmpty()}
}

// Edges of Tag.
func (Tag) Edges() []ent.Edge {
	return []ent.Edge{edge.From("projects", Project.Type).Ref("tags"), edge.From("policies", Rule.Type).Ref("tags")}
}

// ProjectMetrics of a day.
type ProjectMetrics struct{ ent.Schema }

// Fields of ProjectMetrics.
func (ProjectMetrics) Fields() []ent.Field {
	return []ent.Field{
		field.Time("day").SchemaType(map[string]string{"sqlite3": "date", "postgres": "date", "mysql": "date"}),
		field.Int("critical").Default(0), field.Int("high").Default(0),
		field.Uint16("components_count").Default(0),
		field.Float("sum").Optional(), field.Float("avg").Optional(), field.Int("count").Optional(), field.Int("min").Optional(), field.Int("max").Optional(), field.String("key").Optional(),
	}
}

// Edges of ProjectMetrics.
func (ProjectMetrics) Edges() []ent.Edge {
	return []ent.Edge{edge.From("project", Project.Type).Ref("metrics").Unique().Required()}
}

// Indexes of ProjectMetrics.
func (ProjectMetrics) Indexes() []ent.Index {
	return []ent.Index{index.Edges("project").Fields("day").Unique()}
}

// PolicyCondition is of a policy.
type PolicyCondition struct{ ent.Schema }

// Fields of PolicyCondition.
func (PolicyCondition) Fields() []ent.Field {
	return []ent.Field{
		field.Enum("operator").NamedValues("Less", "<", "Greater", ">", "Equal", "=", "Is", "IS"),
		field.Enum("subject").Values("AGE", "PACKAGE_URL", "true", "false", "null"),
		field.String("value"),
		field.Int("seq").Unique().Immutable(),
	}
}

// Edges of PolicyCondition.
func (PolicyCondition) Edges() []ent.Edge {
	return []ent.Edge{edge.From("policy", Rule.Type).Ref("conditions").Unique().Required()}
}

// Policy is what projects have to keep.
type Rule struct{ ent.Schema }

// Fields of Policy.
func (Rule) Fields() []ent.Field {
	return []ent.Field{field.String("name").Unique(), field.Enum("op").Values("ALL", "ANY").Default("ANY").StorageKey("operator")}
}

// Edges of Policy.
func (Rule) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("conditions", PolicyCondition.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
		edge.From("projects", Project.Type).Ref("policies"),
		edge.To("tags", Tag.Type),
	}
}

// RiskyProject is a view.
type RiskyProject struct{ ent.View }

// Annotations of RiskyProject.
func (RiskyProject) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.View(`SELECT p.name || p.version AS name, count(c.id) AS components, max(p.last_inherited_risk_score) AS score FROM projects p LEFT JOIN components c ON c.project_components = p.id GROUP BY p.name, p.version`)}
}

// Fields of RiskyProject.
func (RiskyProject) Fields() []ent.Field {
	return []ent.Field{field.String("id").StorageKey("name"), field.Int("components"), field.Float("score").Optional().Nillable()}
}
