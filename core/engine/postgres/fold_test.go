//go:build postgres

package postgres_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"coppice/core/internal/dialect"
	"coppice/core/internal/enginetest"
)

// Each character, and random texts of those that are difficult, fold to what the
// argument of a filter does, and two fold alike where they do by Unicode.
func TestFoldingIsUnicodes(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, enginetest.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	var texts []string
	for r := rune(1); r <= 0x10ffff; r++ {
		if r < 0xd800 || r > 0xdfff {
			texts = append(texts, string(r))
		}
	}
	g := rand.New(rand.NewPCG(1, 2))
	difficult := []rune("σςΣßẞſsSıIİiΐΐᾳᾼᏸᏰꭰᎠŉǰﬃﬗΆά\u0345\u0307 aZ.")
	for range 20_000 {
		var text []rune
		for range 1 + g.IntN(6) {
			text = append(text, difficult[g.IntN(len(difficult))])
		}
		texts = append(texts, string(text))
	}
	words := dialect.Postgres()
	// A letter that the server's ICU leaves as it is either way is newer than that.
	rows, err := conn.Query(ctx, "SELECT t, "+words.Fold.With("t")+`, lower(t COLLATE "und-x-icu") = t AND upper(t COLLATE "und-x-icu") = t FROM unnest($1::text[]) AS t`, texts)
	if err != nil {
		t.Fatal(err)
	}
	n, newer := 0, 0
	byUnicode := map[string]string{}
	for rows.Next() {
		var text, got string
		var unknown bool
		if err := rows.Scan(&text, &got, &unknown); err != nil {
			t.Fatal(err)
		}
		if n++; unknown && cases.Fold().String(text) != text || unknown && cases.Upper(language.Und).String(text) != text {
			newer++
			continue
		}
		if want := words.Folded(text); got != want {
			t.Errorf("%+q folds to %+q in the database, and to %+q as an argument", text, got, want)
		}
		folded := cases.Fold().String(text)
		if before, ok := byUnicode[folded]; ok && before != got {
			t.Errorf("%+q folds to %+q, unlike others that Unicode folds to %+q", text, got, folded)
		}
		byUnicode[folded] = got
	}
	if err := rows.Err(); err != nil || n != len(texts) {
		t.Errorf("%d of %d texts: %v", n, len(texts), err)
	}
	t.Logf("%d texts are of letters that this server does not know", newer)
}
