package seed

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coppice/core/internal/fixture/blog/ent"
)

func pack(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPacked(t *testing.T) {
	t.Parallel()
	// Of what does not pack well there is a half to read before it breaks.
	long := strings.Repeat("[{\"name\":\"go\"}]", 3)
	for name, text := range map[string]string{
		"tags.yaml":  "- name: go\n- name: sql\n",
		"tags.yml":   "- name: go\n- name: sql\n",
		"tags.json":  `[{"name":"go"},{"name":"sql"}]`,
		"tags.jsonl": "{\"name\":\"go\"}\n{\"name\":\"sql\"}\n",
		"tags.csv":   "name\ngo\nsql\n",
	} {
		whole := pack(t, text)
		damaged := bytes.Clone(whole)
		damaged[len(damaged)-6] ^= 1
		for what, c := range map[string]struct {
			content []byte
			fault   string
		}{
			"whole":      {whole, ""},
			"two parts":  {append(pack(t, text[:5]), pack(t, text[5:])...), ""},
			"truncated":  {whole[:len(whole)-3], "It cannot be read: it ends in the middle; copy or pack it anew."},
			"short":      {whole[:5], "It cannot be read: it ends in the middle; copy or pack it anew."},
			"empty":      {nil, "It cannot be read: it ends in the middle; copy or pack it anew."},
			"damaged":    {damaged, "It cannot be read: it is damaged; copy or pack it anew."},
			"not packed": {[]byte(long), "It cannot be read: it, or what follows in it, is not packed with gzip."},
			"followed":   {append(bytes.Clone(whole), long...), "It cannot be read: it, or what follows in it, is not packed with gzip."},
		} {
			t.Run(name+" "+what, func(t *testing.T) {
				t.Parallel()
				p := filepath.Join(t.TempDir(), name+".gz")
				if err := os.WriteFile(p, c.content, 0o644); err != nil {
					t.Fatal(err)
				}
				_, err := Read(t.Context(), ent.Coppice(), nil, p)
				var faults *Errors
				switch {
				case c.fault == "" && err != nil:
					t.Error(err)
				case c.fault != "" && (!errors.As(err, &faults) || faults.Total != 1 || faults.First[0].Error() != p+": "+c.fault):
					t.Errorf("got %v, want %s", err, c.fault)
				}
			})
		}
	}
}
