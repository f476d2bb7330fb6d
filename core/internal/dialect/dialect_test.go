package dialect

import "testing"

func TestFormsTakeTheirOperands(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"substr(a, length(a) - length(?) + 1) = ?": SQLite().HasSuffix.With("a", "?"),
		"coppice_fold(a)":                          SQLite().Fold.With("a"),
		" INDEXED BY `x`":                          SQLite().By("x"),
		" NOT INDEXED":                             SQLite().By(""),
		"plain":                                    Form("plain").With(),
	} {
		if got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}
