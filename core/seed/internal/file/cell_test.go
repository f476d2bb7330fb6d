package file

import (
	"strings"
	"testing"

	"coppice/core/model"
)

// No message quotes what stands in a cell of a sensitive field.
func TestCellsOfSensitiveFieldsAreNotQuoted(t *testing.T) {
	t.Parallel()
	_, err := convert(&model.Field{GraphQL: "hint", Kind: model.JSON, Sensitive: true}, `{"SECRET": 1, "SECRET": 2}`)
	if err == nil || strings.Contains(err.Error(), "SECRET") {
		t.Errorf("a cell is refused with %v", err)
	}
}
