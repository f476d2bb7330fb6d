package server

import (
	"encoding/json"
	"strings"
	"testing"
)

// Names that are not there lead to those that do what is wanted, given as
// literals and in variables; to none where the schema is not told.
func TestSuggestions(t *testing.T) {
	t.Parallel()
	for condition, want := range map[string]string{
		`author`:             `hasAuthorWith hasAuthor`,
		`author_id`:          `hasAuthorWith hasAuthor`,
		`authorId`:           `hasAuthorWith hasAuthor`,
		`tags`:               `hasTagsWith hasTags`,
		`tagIds`:             `hasTagsWith hasTags`,
		`title_contains`:     `titleContains`,
		`titleStartsWith`:    `titleHasPrefix`,
		`title_ilike`:        `titleContainsFold`,
		`created_at_gte`:     `createdAtGTE`,
		`createdAtAfter`:     `createdAtGT`,
		`publishedAt_isNull`: `publishedAtIsNil`,
		`status_not`:         `statusNEQ`,
		`titel`:              `title`,
	} {
		t.Run(condition, func(t *testing.T) {
			t.Parallel()
			for _, introspection := range []bool{true, false} {
				opts := Defaults()
				opts.Introspection = introspection
				h, _ := newTestHandler(t, opts, &testExecution{})
				variable, err := json.Marshal(map[string]any{"w": map[string]any{condition: "x"}})
				if err != nil {
					t.Fatal(err)
				}
				for way, r := range map[string]testReply{
					"a literal":  readReply(t, postQuery(t, h, `{ posts(where: {`+condition+`: "x"}) { totalCount } }`, "").Body),
					"a variable": readReply(t, postQuery(t, h, `query($w: PostWhereInput) { posts(where: $w) { totalCount } }`, string(variable)).Body),
				} {
					if len(r.Errors) == 0 {
						t.Fatalf("%s is taken", way)
					}
					presented := strings.NewReplacer(`"`, "", " or ", " ", "?", "", ",", "").Replace(r.Errors[0].Message)
					_, presented, suggested := strings.Cut(strings.ToLower(presented), "did you mean ")
					if suggested != introspection || introspection && !strings.HasPrefix(presented, strings.ToLower(want)) {
						t.Errorf("%s, introspection %t: %s", way, introspection, r.Errors[0].Message)
					}
				}
			}
		})
	}
	h, _ := newTestHandler(t, func() Options { o := Defaults(); o.Introspection = true; return o }(), &testExecution{})
	r := readReply(t, postQuery(t, h, `{ post(slug: "x") { id } }`, "").Body)
	if text, _ := json.Marshal(r.Errors); !strings.Contains(string(text), `Did you mean \"postBySlug\"?`) {
		t.Errorf("got %s", text)
	}
}
