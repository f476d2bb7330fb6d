package scope

import (
	"reflect"
	"sync"

	"entgo.io/ent/dialect/sql"
)

// fields are the places of the fields of ent's types that plain looks at. To
// render a whole statement, only to see what it says besides its condition,
// costs several times what the condition does, and each request would.
type fields struct {
	clauses []int // of a selection
	from    int
	naming  []int // of a table
}

var fieldsOfEnt = sync.OnceValue(func() fields {
	selector, table := reflect.TypeFor[sql.Selector](), reflect.TypeFor[sql.SelectTable]()
	return fields{
		clauses: fieldsBut(selector, "Builder", "from", "where"), from: fieldOf(selector, "from"),
		naming: fieldsBut(table, "Builder"),
	}
})

func fieldOf(t reflect.Type, name string) int {
	f, ok := t.FieldByName(name)
	if !ok || len(f.Index) > 1 {
		panic("scope: ent's " + t.Name() + " has no " + name)
	}
	return f.Index[0]
}

// fieldsBut are the places of a type's fields, without some that it has.
func fieldsBut(t reflect.Type, names ...string) (places []int) {
	but := map[int]bool{}
	for _, name := range names {
		but[fieldOf(t, name)] = true
	}
	for i := range t.NumField() {
		if !but[i] {
			places = append(places, i)
		}
	}
	return places
}

// rendersPlainly reports whether a selection reads from one table, given to it as fresh
// is, and says nothing besides but a condition.
func rendersPlainly(s *sql.Selector, given, fresh *sql.SelectTable) bool {
	if s.Len() > 0 || s.Total() > 0 {
		return false
	}
	known, v := fieldsOfEnt(), reflect.ValueOf(s).Elem()
	for _, i := range known.clauses {
		if f := v.Field(i); !f.IsZero() && (f.Kind() != reflect.Slice || f.Len() > 0) {
			return false
		}
	}
	if from := v.Field(known.from); from.Len() != 1 || from.Index(0).Elem().Pointer() != reflect.ValueOf(given).Pointer() {
		return false
	}
	now, then := reflect.ValueOf(given).Elem(), reflect.ValueOf(fresh).Elem()
	for _, i := range known.naming {
		if !now.Field(i).Equal(then.Field(i)) {
			return false
		}
	}
	return true
}
