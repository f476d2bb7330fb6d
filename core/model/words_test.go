package model_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"coppice/core/model"
)

// However much a validator or a Go type quotes of what was sent, a message has
// little of it.
func TestWordsQuoteLittle(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 3000)
	for said, want := range map[string]string{
		"":                                   "",
		"too short.":                         "too short",
		fmt.Sprintf("want 1, got %q", "x"):   `want 1, got "x"`,
		fmt.Sprintf("want 1, got %q.", long): `want 1, got "` + strings.Repeat("ä", 99) + `…"`,
		fmt.Sprintf("%q is not %q", `a\"b`, long): `"a\\\"b" is not "` + strings.Repeat("ä", 99) + `…"`,
	} {
		if got := model.Words(fmt.Errorf("%s", said)); got != want {
			t.Errorf("%.40s: %s", said, got)
		}
	}
	for _, said := range []string{long, "got " + long, `"` + long, strings.Repeat("word ", 1000)} {
		if got := model.Words(fmt.Errorf("%s", said)); utf8.RuneCountInString(got) > 300 || !strings.HasSuffix(got, "…") {
			t.Errorf("%.10s: %d characters", said, utf8.RuneCountInString(got))
		}
	}
}
