package graph_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coppice/core/seed"
	"coppice/ent"
	"coppice/ent/parcel"
)

// Records that are made up are such as the database's checks let in: of several
// fields, of edges, and of what may be absent. What none was found for is named,
// and left out.
func TestWhatIsMadeUpPassesChecks(t *testing.T) {
	t.Parallel()
	client := fresh(t)
	order, err := seed.ParseFake(ent.Coppice(), "bookings=900,parcels=300,stores=5,balances=2", 7)
	if err != nil {
		t.Fatal(err)
	}
	set, err := order.Read(t.Context(), ent.Coppice().Of(client), nil)
	if err != nil {
		t.Fatal(err)
	}
	done := load(t, client, set)
	for table, want := range map[string]int{"bookings": 900, "parcels": 300, "stores": 5, "balances": 0} {
		if got := done.Entities[table].Created; got != want {
			t.Errorf("%d %s, not %d", got, table, want)
		}
	}
	if unmade := order.Unmade(); len(unmade) != 1 || unmade[0].Error() != "Balance: No record was found that the database's checks let in (debit = 100000 + 7 * credit). Write some into a file, and load that." {
		t.Error(unmade)
	}
	if n := client.Parcel.Query().Where(parcel.HasSender()).CountX(t.Context()); n == 0 || n == 300 {
		t.Errorf("%d of 300 parcels have a sender", n)
	}
}

// What a hook refuses of a seed file is told by its line, and nothing is written.
func TestWhatAHookRefusesIsToldByItsLine(t *testing.T) {
	t.Parallel()
	client := fresh(t)
	dir := t.TempDir()
	for name, text := range map[string]string{
		"guests.jsonl":   `{"name": "a", "age": 1}` + "\n" + `{"name": "b", "age": 2}` + "\n" + `{"name": "c", "age": 9}` + "\n" + `{"name": "d", "age": 4}`,
		"receipts.jsonl": `{"$key": "r", "amount": 1, "guests": [{"create": {"name": "z", "age": 30}}]}`,
	} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{
			"guests.jsonl":   "guests.jsonl:3: Guest: A guest of 9 cannot come.",
			"receipts.jsonl": "receipts.jsonl:1: Receipt.guests.0.create: A guest of 30 cannot come.",
		}[name]
		set, err := seed.Read(t.Context(), ent.Coppice(), nil, file)
		if err == nil {
			_, err = set.Load(t.Context(), ent.Coppice().Of(client), seed.Options{Name: name})
		}
		var failed *seed.Error
		if !errors.As(err, &failed) || !strings.HasSuffix(failed.Error(), want) {
			t.Errorf("the error is %v, not %s", err, want)
		}
	}
	if n := client.Guest.Query().CountX(t.Context()); n > 0 {
		t.Errorf("%d guests are written", n)
	}
}
