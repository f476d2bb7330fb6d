package server

import (
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// Whatever is sent, a message and its field quote at most 100 characters of it.
func TestMessagesQuoteLittle(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Z", 900_000)
	if testing.Short() {
		long = long[:100_000]
	}
	words := strings.Repeat("Z Z ", 2000)
	for name, tc := range map[string]struct{ query, variables string }{
		"a field":            {`{` + long + `}`, ``},
		"a parse error":      {`{posts(` + long + `}`, ``},
		"a text in the way":  {`{posts "` + words + `"}`, ``},
		"an argument":        {`{posts(` + long + `:1){totalCount}}`, ``},
		"a value":            {`{posts(first:"` + words + `"){totalCount}}`, ``},
		"a value of a list":  {`{posts(first:[` + strings.Repeat(`"ZZ",`, 2000) + `]){totalCount}}`, ``},
		"an object":          {`{posts(where:{titleIn:{` + strings.Repeat("Z", 5000) + `:1}}){totalCount}}`, ``},
		"an enum":            {`{posts(where:{status:` + long + `}){totalCount}}`, ``},
		"an enum as text":    {`{posts(where:{status:"` + words + `"}){totalCount}}`, ``},
		"an input's field":   {`{posts(where:{` + long + `:1}){totalCount}}`, ``},
		"a type":             {`{...on ` + long + `{id}}`, ``},
		"a directive":        {`{posts@` + long + `{totalCount}}`, ``},
		"a fragment":         {`{...` + long + `}`, ``},
		"an unused fragment": {`{__typename} fragment ` + long + ` on Query{__typename}`, ``},
		"a variable":         {`{posts(first:$` + long + `){totalCount}}`, ``},
		"an unused variable": {`query($` + long + `:Int){__typename}`, ``},
		"a variable's type":  {`query($a:` + strings.Repeat("[", 300) + `Z` + strings.Repeat("]", 300) + `){posts(first:$a){totalCount}}`, ``},
		"conflicts":          {`{a` + long + `:__typename a` + long + `:posts{totalCount}}`, ``},
		"a JSON key":         {`query($w:PostWhereInput){posts(where:$w){totalCount}}`, `{"w":{"` + long + `":1}}`},
		"a JSON value":       {`query($n:Int){posts(first:$n){totalCount}}`, `{"n":"` + words + `"}`},
		"an integer":         {`{posts(first:` + strings.Repeat("9", 900_000) + `){totalCount}}`, ``},
		"an id":              {`mutation{deletePost(id:"` + words + `")}`, ``},
		"a time":             {`{posts(where:{createdAt:"` + words + `"}){totalCount}}`, ``},
		"a cursor":           {`{posts(after:"` + words + `"){totalCount}}`, ``},
	} {
		for _, introspection := range []bool{true, false} {
			opts := Defaults()
			opts.Introspection = introspection
			routes, _ := newServer(t, opts)
			start := time.Now()
			w := postQuery(t, routes, tc.query, tc.variables)
			t.Logf("%s, %t: %s", name, introspection, time.Since(start))
			r := readReply(t, w.Body)
			if len(r.Errors) == 0 {
				t.Errorf("%s: no error", name)
			}
			for _, err := range r.Errors {
				field, _ := err.Extensions["field"].(string)
				for _, text := range []string{err.Message, field} {
					for _, quoted := range regexp.MustCompile(`[Z9\[][Z9\[",:1\]! ]*`).FindAllString(text, -1) {
						if utf8.RuneCountInString(quoted) > maxQuote {
							t.Errorf("%s: %d characters are quoted in %.300q", name, len(quoted), text)
						}
					}
				}
			}
		}
	}
	for _, target := range []string{"/graphql?query={__typename}&operationName=" + long[:5000], "/graphql?query={__typename}&" + long[:5000] + "=%ff"} {
		routes, _ := newServer(t, Defaults())
		if r := readReply(t, sendRequest(routes, "GET", target, "").Body); len(r.Errors) == 0 || len(r.Errors[0].Message) > 300 {
			t.Errorf("%.60s: %.500v", target, r.Errors)
		}
	}
}
