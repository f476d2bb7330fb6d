package house

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// The files that the documents name below core are there.
func TestDocumentsNameFilesThatAreThere(t *testing.T) {
	t.Parallel()
	root := "../../.."
	named := regexp.MustCompile("`(core/[a-zA-Z0-9_/.-]+\\.[a-z]+)`")
	var n int
	for _, document := range []string{"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"} {
		text, err := os.ReadFile(filepath.Join(root, document))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllStringSubmatch(string(text), -1) {
			n++
			if _, err := os.Stat(filepath.Join(root, m[1])); err != nil {
				t.Errorf("%s names %s: %v", document, m[1], err)
			}
		}
	}
	if n < 5 {
		t.Errorf("only %d files are named", n)
	}
}
