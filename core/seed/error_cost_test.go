package seed

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"coppice/core/internal/fixture/blog/ent"
)

// What is wrong with a record costs as much as there is of it: its lines are
// found in one pass.
func TestManyErrorsAreFoundInOnePass(t *testing.T) {
	cost := func(name string, n int) float64 {
		var text strings.Builder
		text.WriteString(map[string]string{"users.yaml": "- username: ann\n", "users.json": "[{\"username\":\"ann\"\n"}[name])
		for i := range n {
			fmt.Fprintf(&text, map[string]string{"users.yaml": "  key%d: 1\n", "users.json": ",\"key%d\":1\n"}[name], i)
		}
		if name == "users.json" {
			text.WriteString("}]")
		}
		_, records, faults := readText(name, text.String())
		if len(records) != 1 {
			t.Fatal(faults)
		}
		return testing.AllocsPerRun(1, func() {
			b := newBatch(ent.Coppice())
			var wrong *Errors
			if !errors.As(b.add(records[0]), &wrong) || wrong.Total != n || wrong.First[0].Line != 2 || wrong.First[0].Field != "key0" {
				t.Fatalf("%v", wrong)
			}
		})
	}
	for _, name := range []string{"users.yaml", "users.json"} {
		if few, many := cost(name, 500), cost(name, 2000); many > 6*few {
			t.Errorf("%s: four times the errors cost %.0f instead of %.0f", name, many, few)
		}
	}
}
