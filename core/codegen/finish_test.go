package codegen

import (
	"go/format"
	"strings"
	"testing"
)

func TestOutlined(t *testing.T) {
	t.Parallel()
	long := "func long() {\n" + strings.Repeat("\tf()\n", copied) + "}\n"
	source := "package ent\n\nfunc f() {\n}\n\n// G is one.\nfunc G() int { return 1 }\nfunc h() {\n}\n\n// Long is long.\n" + long + "\n// T is no function.\ntype T func()\n"
	want := "package ent\n\n//go:noinline\nfunc f() {\n}\n\n// G is one.\n//\n//go:noinline\nfunc G() int { return 1 }\n\n" +
		"//go:noinline\nfunc h() {\n}\n\n// Long is long.\n" + long + "\n// T is no function.\ntype T func()\n"
	formatted, err := format.Source([]byte(source))
	if err != nil {
		t.Fatal(err)
	}
	got := outlined(string(formatted))
	if got != want {
		t.Errorf("got\n%s", got)
	}
	if again := outlined(got); again != got {
		t.Errorf("again:\n%s", again)
	}
	if formatted, err := format.Source([]byte(got)); err != nil || string(formatted) != got {
		t.Errorf("%v; formatted it is\n%s", err, formatted)
	}
}
