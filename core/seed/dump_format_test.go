package seed_test

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// Each format loads to the same dump.
func TestFormatsDumpAlike(t *testing.T) {
	t.Parallel()
	c, dir := open(t), filepath.Join(t.TempDir(), "dump")
	made(t, c, "users=20,profiles=15,tags=12,posts=60,comments=40", 5)
	dump(t, c, dir)
	want := filesIn(t, dir)
	for name, convert := range map[string]func(*testing.T, []map[string]any) string{
		".yaml": func(t *testing.T, list []map[string]any) string {
			b, err := yaml.Marshal(list)
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		},
		".json": func(t *testing.T, list []map[string]any) string {
			b, err := json.MarshalIndent(list, "", "\t")
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		},
		".jsonl": func(t *testing.T, list []map[string]any) string {
			var b strings.Builder
			for _, m := range list {
				if err := json.NewEncoder(&b).Encode(m); err != nil {
					t.Fatal(err)
				}
			}
			return b.String()
		},
		".csv": table,
	} {
		for _, packed := range []bool{false, true} {
			t.Run(fmt.Sprint(name, packed), func(t *testing.T) {
				t.Parallel()
				in, out, to := t.TempDir(), filepath.Join(t.TempDir(), "dump"), open(t)
				for file, lines := range want {
					store(t, filepath.Join(in, strings.TrimSuffix(file, ".jsonl")+name), convert(t, records(t, lines)), packed)
				}
				load(t, to, in)
				dump(t, to, out)
				same(t, "the dump", filesIn(t, out), want)
			})
		}
	}
}

func records(t *testing.T, lines string) []map[string]any {
	t.Helper()
	var list []map[string]any
	for line := range strings.Lines(lines) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		for name, v := range m {
			if n, ok := v.(float64); ok && n == float64(int64(n)) {
				m[name] = int64(n) // YAML would write 1 as 1.0
			}
		}
		list = append(list, m)
	}
	return list
}

func store(t *testing.T, name, text string, packed bool) {
	t.Helper()
	if packed {
		name += ".gz"
	}
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if packed {
		w := gzip.NewWriter(f)
		_, err = w.Write([]byte(text))
		err = errors.Join(err, w.Close())
	} else {
		_, err = f.WriteString(text)
	}
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// table is records as CSV.
func table(t *testing.T, list []map[string]any) string {
	t.Helper()
	cell := strings.NewReplacer(`\`, `\\`, `|`, `\|`)
	var rows []map[string]string
	columns := map[string]bool{}
	for _, m := range list {
		row := map[string]string{}
		for name, v := range m {
			switch v := v.(type) {
			case map[string]any:
				for key, v := range v {
					row[name+"."+key] = fmt.Sprint(v)
				}
			case []any:
				var parts []string
				for _, v := range v {
					if ref, ok := v.(map[string]any); ok {
						for key, v := range ref {
							columns[name+"."+key] = true
							parts = append(parts, cell.Replace(fmt.Sprint(v)))
							row[name+"."+key] = strings.Join(parts, "|")
						}
						continue
					}
					parts = append(parts, cell.Replace(fmt.Sprint(v)))
					row[name] = strings.Join(parts, "|")
				}
			default:
				row[name] = fmt.Sprint(v)
			}
		}
		for name := range row {
			columns[name] = true
		}
		rows = append(rows, row)
	}
	header := slices.Sorted(maps.Keys(columns))
	var b strings.Builder
	w := csv.NewWriter(&b)
	all := [][]string{header}
	for _, row := range rows {
		line := make([]string, len(header))
		for i, name := range header {
			line[i] = row[name]
		}
		all = append(all, line)
	}
	if err := w.WriteAll(all); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
