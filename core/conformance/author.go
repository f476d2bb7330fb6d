package conformance

import (
	"encoding/json"
	"slices"

	"coppice/core/fault"
	"coppice/core/model"
)

// tries is how often a record is made up that rules of the project refuse.
const tries = 20

// hooked reports whether code of the project sees what is written of an entity: it
// may refuse it, or write something else.
func (a *api) hooked(e *model.Entity) bool { return a.client.Entities[e.Index].Hooked(a.client) }

// checked reports whether the database checks the records of an entity.
func (a *api) checked(e *model.Entity) bool {
	for _, t := range a.client.Tables {
		if t.Name == e.Table && t.Annotation != nil {
			return t.Annotation.Check != "" || len(t.Annotation.Checks) > 0
		}
	}
	return false
}

// nearby reports whether something holds of an entity, or of one that is written
// together with it.
func nearby(e *model.Entity, holds func(*model.Entity) bool) bool {
	return holds(e) || slices.ContainsFunc(e.Edges, func(ed *model.Edge) bool { return holds(ed.Target) || ed.By != nil && holds(ed.By) })
}

// ruled reports whether what is wrong with a write is a rule of the project's own.
func (a *api) ruled(e *model.Entity, errs []failure) bool {
	return nearby(e, a.hooked) || nearby(e, a.checked) && !slices.ContainsFunc(errs, func(f failure) bool {
		return f.Extensions.Code != string(fault.BadUserInput)
	})
}

// write runs one root field of an entity's that writes. It is done unless a rule
// of the project refuses it.
func (a *api) write(e *model.Entity, field string, args object, selection string) (value any, done bool) {
	a.Helper()
	query, vars := a.rootQuery("mutation", field, args, selection)
	raw, errs := a.send(query, vars)
	if len(errs) > 0 && a.ruled(e, errs) {
		if !a.refused[field] {
			a.Logf("a rule of the project refuses some %s: %s: %s", field, errs[0].Extensions.Code, errs[0].Message)
		}
		a.refused[field] = true
		return nil, false
	}
	var data object
	a.take(&data, query, vars, raw, errs)
	return data["r"], true
}

// wrong reports what a write of an entity left, where nothing but the write can have
// left it.
func (a *api) wrong(e *model.Entity, format string, args ...any) {
	a.Helper()
	if nearby(e, a.hooked) {
		a.Logf("as a hook of the project may have it, "+format, args...)
		return
	}
	a.Errorf(format, args...)
}

// take reads the answer of a request that must not fail.
func (a *api) take(v any, query string, vars object, data json.RawMessage, errs []failure) {
	a.Helper()
	for _, e := range errs {
		text, _ := json.Marshal(vars)
		a.Fatalf("%s: %s (%s at %v)\n%s\n%.2000s", e.Extensions.Code, e.Message, e.Extensions.Field, e.Path, query, text)
	}
	if err := exactly(data, v); err != nil {
		a.Fatalf("%s: %v in %.500s", query, err, data)
	}
}

// giveUp says that no more records of an entity can be made, nor of those that
// need one.
func (w *world) giveUp(e *model.Entity) {
	w.Logf("of %s no more than %d records could be made: what needs more is not tried", e.Name, len(w.records[e]))
	w.unmade[e] = true
	w.unmade = needing(w.entities(), w.unmade)
}
