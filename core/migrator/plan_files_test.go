package migrator_test

import (
	"strings"
	"testing"

	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"
)

// Where changes are kept as files, the next file drops what the schemas no longer have:
// a plan says what is lost, and not that it stays out of sight.
func TestAPlanByFilesSaysWhatIsLost(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must("diff", "init")
	d.must("up")
	d.fill()
	if text, code := d.run("plan"); code != 0 || !strings.Contains(text, "nothing to do") {
		t.Errorf("exit %d\n%s", code, text)
	}
	d.shelf.books.AddColumn(&schema.Column{Name: "isbn", Type: field.TypeString, Nullable: true})
	if text, code := d.run("plan"); code != 3 || !strings.Contains(text, "isbn") {
		t.Errorf("a column more: exit %d\n%s", code, text)
	}
	d.shelf.drop("code")
	text, code := d.run("plan")
	if code != 4 || !strings.Contains(text, "\nLOST\n") || !strings.Contains(text, "loses data") || strings.Contains(text, "out of sight") {
		t.Errorf("a column less: exit %d\n%s", code, text)
	}
	if got := d.query("SELECT count(code) FROM books"); got != "1" {
		t.Errorf("the plan lost it: %s", got)
	}
}
