package codegen_test

import "testing"

// ownHook is a schema whose hook, interceptor and policy use what is generated
// for it.
const ownHook = `package schema

import (
	"context"

	"entgo.io/ent"
	"entgo.io/ent/schema/field"

	gen "coppice/ent"
	"coppice/ent/hook"
	"coppice/ent/intercept"
	"coppice/ent/passwordtoken"
	"coppice/ent/privacy"
)

// PasswordToken is used once.
type PasswordToken struct{ ent.Schema }

// Fields of PasswordToken.
func (PasswordToken) Fields() []ent.Field {
	return []ent.Field{field.String("hash").Unique(), field.Bool("used").Default(false)}
}

// Hooks of PasswordToken.
func (PasswordToken) Hooks() []ent.Hook {
	return []ent.Hook{hook.On(func(next ent.Mutator) ent.Mutator {
		return hook.PasswordTokenFunc(func(ctx context.Context, m *gen.PasswordTokenMutation) (ent.Value, error) {
			return next.Mutate(ctx, m)
		})
	}, ent.OpCreate)}
}

// Interceptors of PasswordToken.
func (PasswordToken) Interceptors() []ent.Interceptor {
	return []ent.Interceptor{intercept.TraversePasswordToken(func(_ context.Context, q *gen.PasswordTokenQuery) error {
		q.Where(passwordtoken.Used(false))
		return nil
	})}
}

// Policy of PasswordToken.
func (PasswordToken) Policy() ent.Policy { return tokenPolicy() }

func tokenPolicy() ent.Policy {
	return privacy.Policy{Query: privacy.QueryPolicy{privacy.PasswordTokenQueryRuleFunc(
		func(context.Context, *gen.PasswordTokenQuery) error { return privacy.Skip })}}
}
`

// Schemas may use what is generated of them, their own types included, whatever
// was generated before.
func TestSchemasUseWhatIsGenerated(t *testing.T) {
	t.Parallel()
	m := newBlog(t)
	want := tree(t, m.dir)
	m.write("ent/schema/passwordtoken.go", ownHook)
	m.generate()
	m.build()
	grown := tree(t, m.dir)
	m.generate()
	m.same(grown, "generating once more")
	m.remove("ent/schema/passwordtoken.go")
	m.generate()
	m.same(want, "after the schema is gone")
}
