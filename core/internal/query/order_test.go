package query

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"coppice/core/fault"
	"coppice/core/internal/dialect"
	"coppice/core/model"
)

// wide is an entity that can be ordered by n fields besides its id, half of
// them of what a to-one edge leads to.
func wide(n int) *model.Entity {
	e := &model.Entity{Name: "Wide", Table: "wides", Single: "wide", Plural: "wides", ID: &model.Field{Name: "id", GraphQL: "id", Column: "id", Kind: model.Int},
		Edges: []*model.Edge{{Name: "up", GraphQL: "up", To: "Wide", Storage: model.Own, Unique: true, Column: "up"}}}
	for i := range n / 2 {
		name := fmt.Sprint("f", i)
		e.Fields = append(e.Fields, &model.Field{Name: name, GraphQL: name, Column: name, Type: "Int", Kind: model.Int, Nullable: true})
	}
	model.New(e)
	return e
}

// orderOf is an orderBy argument of all that an entity but its id can be ordered
// by, each several times.
func orderOf(e *model.Entity, times int) list {
	var l list
	for range times {
		for _, o := range e.Orders() {
			if o.Name != "ID" && o.Name != "UP_ID" {
				l = append(l, object{{"field", o.Name}, {"direction", "DESC"}, {"nulls", "FIRST"}})
			}
		}
	}
	return l
}

// TestOrderLeavesOutRepeats holds that a term that stands in an order again
// changes nothing, nor does what follows the id.
func TestOrderLeavesOutRepeats(t *testing.T) {
	t.Parallel()
	e := wide(8)
	want, err := (&reader{}).order(e, orderOf(e, 1))
	if err != nil {
		t.Fatal(err)
	}
	got, err := (&reader{}).order(e, orderOf(e, 300))
	if err != nil || !slices.Equal(got, want) || signature(e, got) != signature(e, want) {
		t.Errorf("got %v, %v", got, err)
	}
	got, err = (&reader{}).order(e, append(list{object{{"field", "ID"}}}, orderOf(e, 2)...))
	if err != nil || len(got) != 1 {
		t.Errorf("after the id %d terms are left, %v", len(got)-1, err)
	}
}

// TestOrderIsBounded holds that an order of more different terms than the limit
// is refused, with the limit and how many there are.
func TestOrderIsBounded(t *testing.T) {
	t.Parallel()
	if _, err := (&reader{}).order(wide(maxTerms), orderOf(wide(maxTerms), 3)); err != nil {
		t.Error(err)
	}
	_, err := (&reader{}).order(wide(maxTerms+2), orderOf(wide(maxTerms+2), 3))
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != fault.LimitExceeded || f.Field != "orderBy" || f.Extra["limit"] != maxTerms || f.Extra["actual"] != maxTerms+2 {
		t.Errorf("got %v", err)
	}
}

// TestCursorConditionGrowsWithItsTerms holds that the text of a cursor's
// condition, and the values bound in it, grow as the terms do, and no faster.
func TestCursorConditionGrowsWithItsTerms(t *testing.T) {
	t.Parallel()
	size := func(n int) (text, args int) {
		e := wide(n)
		terms, err := (&reader{}).order(e, orderOf(e, 1))
		if err != nil {
			t.Fatal(err)
		}
		values := []any{signature(e, terms)}
		for range terms {
			values = append(values, 1)
		}
		raw, _ := json.Marshal(values)
		c, err := (&reader{}).cursor(e, base64.RawURLEncoding.EncodeToString(raw), terms, "after")
		if err != nil {
			t.Fatal(err)
		}
		b := newBuilder(dialect.SQLite(), &reader{}, &view{}, nil)
		b.beyond(e, e.Table, terms, c, true)
		p := b.prepare()
		return len(p.text), len(p.args)
	}
	text, args := size(8)
	for _, n := range []int{16, 32} {
		longer, more := size(n)
		if longer > text*n/8*11/10 || more > args*n/8*11/10 {
			t.Errorf("%d terms take %d bytes and %d values, 8 terms %d and %d", n, longer, more, text, args)
		}
	}
}
