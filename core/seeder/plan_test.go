package seeder

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"coppice/core/internal/enginetest"
)

// A plan says what would happen, and leaves the database, and the folder that
// it is in, as they are.
func TestPlan(t *testing.T) {
	t.Parallel()
	users := write(t, "users.yaml", "- { username: ada, email: ada@new.org, followers: [{ username: zoe }] }\n- { username: zoe, email: zoe@example.org }\n- { username: grace }\n")
	const changes = "create User username \"zoe\"\n"
	for name, test := range map[string]struct {
		args []string
		want string // a regular expression, for what is printed
	}{
		"files": {[]string{users}, `^update User username "ada"
    email: "ada@example.org" → "ada@new.org"
    followers: .* → username "zoe"
` + changes + `This is a plan; nothing was changed.
 +created   updated unchanged
users +1 +1 +1
`},
		"JSON":  {[]string{"--json", users}, `^\{"entities":\{"users":\{"created":1,"updated":1,"unchanged":1\}\},"ms":\d+,"plan":true,"changes":\[\{"entity":"User","key":"username \\"ada\\"","fields":\[\{"name":"email","old":"\\"ada@example.org\\"","new":"\\"ada@new.org\\""\}.*"more":0\}\n$`},
		"undo":  {[]string{"--undo", "embedded"}, `(?m)^users +0 +0 +0 +15$`},
		"reset": {[]string{"--reset", write(t, "tags.csv", "name\ngo\n")}, `(?s)^create Tag name "go"\n.*users +0 +0 +0 +15\n`},
		"fake":  {[]string{"--fake", "tags=3"}, `(?m)^tags +3 +0 +0$`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := newURL(t)
			if got := try(t, nil, "--db", url); got.code != 0 {
				t.Fatalf("%+v", got)
			}
			before := enginetest.Content(t, url)
			got := try(t, nil, append([]string{"--db", url, "--plan"}, test.args...)...)
			if got.code != 0 || !regexp.MustCompile(test.want).MatchString(got.stdout+got.stderr) {
				t.Errorf("%+v", got)
			}
			if after := enginetest.Content(t, url); after != before {
				t.Errorf("it holds %d bytes, held %d, or others", len(after), len(before))
			}
		})
	}
	url := newURL(t)
	if got := try(t, nil, "--db", url, "--plan"); got.code != 0 || !strings.Contains(got.stdout, "create Tag name \"") {
		t.Errorf("%+v", got)
	}
	if left := enginetest.Content(t, url); left != "" {
		t.Errorf("there is a database of %d bytes", len(left))
	}
}

// What is dumped loads again, and what a set created can be removed.
func TestThereAndBack(t *testing.T) {
	t.Parallel()
	url, other, dir := newURL(t), newURL(t), filepath.Join(t.TempDir(), "out")
	for _, step := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--db", url, "--fake", "users=20,posts=50", "--rand", "7"}, 0, "posts             50         0         0"},
		{[]string{"--db", url, "--fake", "users=20,posts=50", "--rand", "7", "--json"}, 0, `"created":0,"updated":0,"unchanged":50`},
		{[]string{"--db", url, "--dump", dir}, 0, "posts"},
		{[]string{"--db", other, "--set", "copy", dir}, 0, "posts             50         0         0"},
		{[]string{"--db", other, "--undo", "nothing"}, 2, "seed: there is no set nothing in this database; there is copy\n"},
		{[]string{"--db", other, "--undo", "copy", "--json"}, 0, `"removed":50`},
		{[]string{"--db", url, "--fake", "users"}, 2, "seed: wrong --fake: "},
		{[]string{"--db", "nothing", "no-such-file.yaml"}, 2, "seed: database URL: "},
	} {
		got := try(t, nil, step.args...)
		if got.code != step.code || !strings.Contains(spaced(got.stdout+got.stderr), spaced(step.want)) {
			t.Errorf("%v: %+v", step.args, got)
		}
	}
}

// spaced has one space where there are several.
func spaced(text string) string { return strings.Join(strings.Fields(text), " ") }
