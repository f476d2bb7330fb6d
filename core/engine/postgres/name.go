package postgres

import (
	"cmp"
	"errors"
	"fmt"
	"hash/fnv"
	"strings"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql/schema"

	"coppice/core/record"
)

// maxName is how long a name may be, in bytes: PostgreSQL cuts what is longer without
// a word (section 4.1.1 of its manual).
const maxName = 63

// viewOf is what a view selects on PostgreSQL, or "".
func viewOf(v record.View) string { return cmp.Or(v.As[dialect.Postgres], v.As[""]) }

// fitNames gives indexes with long names short ones, and refuses names of tables and
// columns that are too long, and views that say nothing of PostgreSQL.
func fitNames(tables []*schema.Table, views []record.View) error {
	var long []error
	check := func(kind, name string) {
		if len(name) > maxName {
			long = append(long, fmt.Errorf("the %s %s has a name of %d bytes, and PostgreSQL takes %d: give it a shorter one, with entsql.Table or StorageKey", kind, name, len(name), maxName))
		}
	}
	for _, t := range tables {
		check("table", t.Name)
		for _, c := range t.Columns {
			check("column", c.Name)
		}
		for _, x := range t.Indexes {
			x.Name = shortened(x.Name)
		}
		for _, k := range t.ForeignKeys {
			k.Symbol = shortened(k.Symbol)
		}
	}
	for _, v := range views {
		check("view", v.Name)
		if viewOf(v) == "" {
			long = append(long, fmt.Errorf("the view %s does not say what it selects on PostgreSQL: add entsql.ViewFor(dialect.Postgres, …) to its annotations", v.Name))
		}
	}
	return errors.Join(long...)
}

// shortened is a name, or as much of it as fits, with what tells it from others that
// begin alike.
func shortened(name string) string {
	if len(name) <= maxName {
		return name
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	return fmt.Sprintf("%s_%08x", strings.ToValidUTF8(name[:maxName-9], ""), h.Sum32())
}
