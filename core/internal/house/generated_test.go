package house

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// What is generated says so in its first line, and git is told of it.
func TestGeneratedFilesAreMarked(t *testing.T) {
	t.Parallel()
	git := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("git", args...)
		cmd.Dir = "../../.."
		out, err := cmd.CombinedOutput()
		if err != nil && len(out) > 0 {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	files := strings.Fields(git("grep", "-l", "-E", "^(//|#) Code generated .* DO NOT EDIT\\.$", "--", ".", ":!*.md", ":!internal/codegen", ":!internal/house"))
	if len(files) < 50 {
		t.Fatalf("only %d files are generated", len(files))
	}
	marked := regexp.MustCompile(`(?m)^(.*): linguist-generated: true$`)
	attributes := git(append([]string{"check-attr", "linguist-generated", "--"}, files...)...)
	if got := marked.FindAllString(attributes, -1); len(got) != len(files) {
		t.Errorf("of %d generated files, .gitattributes marks %d:\n%s", len(files), len(got), marked.ReplaceAllString(attributes, ""))
	}
}
