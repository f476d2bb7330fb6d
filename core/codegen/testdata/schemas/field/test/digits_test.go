package graph_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coppice/ent"

	"coppice/core/seed"
)

// The numbers of a JSON field keep their digits, where its Go type does: from a file
// to the database, in the API, in a dump, and back.
func TestJSONKeepsItsDigits(t *testing.T) {
	t.Parallel()
	const raw = `{"a":1.0,"b":9223372036854775809,"c":0.1000000000000000055511151231257827,"d":[1e400,-0.0]}`
	a := open(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "documents.jsonl"), []byte(`{"address": {}, "raw": `+raw+`, "longs": [9007199254740993]}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := seed.Read(t.Context(), ent.Coppice(), nil, dir)
	if err != nil {
		t.Fatal(err)
	}
	load(t, a.client, set)
	const query, want = `{ documents { edges { node { raw longs } } } }`, `{"documents":{"edges":[{"node":{"raw":` + raw + `,"longs":[9007199254740993]}}]}}`
	if data, errs := a.send(query, nil); string(data) != want || len(errs) > 0 {
		t.Errorf("the API has %s %+v", data, errs)
	}
	dumped := filepath.Join(t.TempDir(), "dump")
	if _, err := seed.Dump(t.Context(), ent.Coppice().Of(a.client), dumped, seed.DumpOptions{}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dumped, "documents.jsonl"))
	if err != nil || !strings.Contains(string(text), `"raw":`+raw) {
		t.Errorf("the dump has %s %v", text, err)
	}
	b := open(t)
	if set, err = seed.Read(t.Context(), ent.Coppice(), nil, dumped); err != nil {
		t.Fatal(err)
	}
	load(t, b.client, set)
	if data, errs := b.send(query, nil); string(data) != want || len(errs) > 0 {
		t.Errorf("the copy has %s %+v", data, errs)
	}
	if data, errs := b.send(`mutation { updateDocument(id: "Document:1", input: {raw: {a: 1.50, b: 18446744073709551617}}) { raw } }`, nil); string(data) != `{"updateDocument":{"raw":{"a":1.50,"b":18446744073709551617}}}` {
		t.Errorf("an update has %s %+v", data, errs)
	}
}
