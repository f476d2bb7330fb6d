package migrate

import (
	"fmt"
	"testing"

	"coppice/core/model"
)

func TestSecretsAreTheSensitiveFields(t *testing.T) {
	t.Parallel()
	s := secretsOf(&model.Schema{Entities: []*model.Entity{
		{Table: "Users", Fields: []*model.Field{{Column: "Name"}, {Column: "Hash", Sensitive: true}}},
		{Table: "tags", Fields: []*model.Field{{Column: "name"}}},
	}})
	if fmt.Sprint(s) != "map[users:[hash]]" {
		t.Error(s)
	}
}
