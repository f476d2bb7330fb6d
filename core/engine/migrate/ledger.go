package migrate

import (
	"fmt"
	"slices"
	"strings"

	"coppice/core/model"
	"coppice/core/record"
)

// ledgers are the seeder's tables that know records by the names of the API, with the
// columns that tell the rows of one entity apart.
var ledgers = [...]struct {
	name string
	key  []string
}{
	{"coppice_seed_records", []string{"name"}},
	{"coppice_seed_marks", []string{"seed_set", "record"}},
	{"coppice_seed_tokens", []string{"highest"}},
	{"coppice_seed_effects", []string{"record", "name", "said"}},
}

// call is a renaming in the API, and whether something else has the older name today,
// because it was renamed as well.
type call struct {
	record.Call
	shifts bool
}

// callsOf are the renamings of a project's API.
func callsOf(p *record.Project) (list []call) {
	for _, c := range p.Calls {
		e := p.Model.Entity(c.Entity)
		taken := c.Name == "" && p.Model.Entity(c.From) != nil ||
			c.Name != "" && slices.ContainsFunc(e.Fields, func(f *model.Field) bool { return f.GraphQL == c.From })
		list = append(list, call{c, taken})
	}
	return list
}

// declared is how the history has a renaming in the API.
func (c call) declared() string { return "API " + c.Entity + "." + c.Name + " from " + c.From }

// LedgerStatements let the seeder's ledger follow what was renamed in the API: they run
// on any engine, where a table is there. Done reports a renaming that was applied to the
// database before.
func (s Schema) LedgerStatements(there func(table string) bool, done func(string) bool) (list []string) {
	var entities, fields []call
	for _, c := range s.calls {
		switch {
		case c.shifts && done(c.declared()):
		case c.Name == "":
			entities = append(entities, c)
		default:
			fields = append(fields, c)
		}
	}
	for _, l := range ledgers {
		if !there(l.name) {
			continue
		}
		list = append(list, moveNames(l.name, "entity", "", l.key, entities)...)
		if l.name == "coppice_seed_effects" {
			for part := range slices.Values(fields) {
				list = append(list, moveNames(l.name, "name", part.Entity, []string{"entity", "record", "said"}, only(fields, part))...)
			}
		}
	}
	return list
}

// only are the renamings of fields of one entity, where the given one is the first.
func only(fields []call, first call) (list []call) {
	for _, c := range fields {
		if c.Entity == first.Entity {
			list = append(list, c)
		}
	}
	if list[0] != first {
		return nil
	}
	return list
}

// between begins a name on its way, for names may be exchanged.
const between = "renamed to "

// moveNames are the statements that give rows other names in a column. What a name stands
// for already stays.
func moveNames(table, column, entity string, key []string, list []call) (run []string) {
	where := ""
	if entity != "" {
		where = " AND entity = " + asText(entity)
	}
	for _, c := range list {
		to := c.Name
		if column == "entity" {
			to = c.Entity
		}
		run = append(run, fmt.Sprintf("UPDATE %s SET %s = %s WHERE %[2]s = %[4]s%[5]s", table, column, asText(between+c.From+" "+to), asText(c.From), where))
	}
	for _, c := range slices.Backward(list) { // of the newest name first
		to := c.Name
		if column == "entity" {
			to = c.Entity
		}
		same := make([]string, len(key))
		for i, k := range key {
			same[i] = "o." + k + " = " + table + "." + k
		}
		on := asText(between + c.From + " " + to)
		run = append(run,
			fmt.Sprintf("DELETE FROM %s WHERE %s = %s%s AND EXISTS (SELECT 1 FROM %[1]s o WHERE o.%[2]s = %[5]s AND %[6]s)", table, column, on, where, asText(to), strings.Join(same, " AND ")),
			fmt.Sprintf("UPDATE %s SET %s = %s WHERE %[2]s = %[4]s%[5]s", table, column, asText(to), on, where))
	}
	return run
}
