package codegen

import (
	"strings"
	"testing"
)

// A project whose files are of another layout is told which line of go.mod and which
// of its files to change.
func TestProjectsOfAnotherLayoutAreToldWhatToChange(t *testing.T) {
	t.Chdir("../..")
	for layout, says := range map[int]string{
		Layout - 1: "cmd/generate/main.go: the layout that it says to 1\nor require the version of before",
		Layout + 1: "require a later version",
	} {
		if err := fits(layout); err == nil || !strings.Contains(err.Error(), says) || !strings.HasPrefix(err.Error(), "go.mod") {
			t.Errorf("layout %d: %v", layout, err)
		}
	}
	if err := fits(Layout); err != nil {
		t.Error(err)
	}
}
