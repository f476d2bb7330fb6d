package mutation_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// text prints a request as GraphQL, with the values that go in variables.
func (req request) text() (query string, vars map[string]any) {
	var head, body []string
	vars = map[string]any{}
	for i, c := range req.calls {
		var args []string
		arg := func(name, typ string, v any) {
			if !c.vars {
				args = append(args, name+": "+literal(v))
				return
			}
			variable := fmt.Sprint(name, i)
			head = append(head, "$"+variable+": "+typ)
			args = append(args, name+": $"+variable)
			vars[variable] = v
		}
		c.arguments(arg)
		body = append(body, fmt.Sprintf("r%d: %s(%s)%s", i, c.name(), strings.Join(args, ", "), c.selection()))
	}
	query = "mutation"
	if len(head) > 0 {
		query += "(" + strings.Join(head, ", ") + ")"
	}
	return query + " { " + strings.Join(body, " ") + " }", vars
}

func (c *call) name() string {
	if verb, ok := strings.CutSuffix(c.op, "Many"); ok {
		return verb + c.e.plural
	}
	return c.op + c.e.name
}

func (c *call) arguments(arg func(name, typ string, v any)) {
	switch c.op {
	case "create":
		arg("input", "Create"+c.e.name+"Input!", c.input)
	case "createMany":
		arg("inputs", "[Create"+c.e.name+"Input!]!", c.inputs)
	case "update":
		arg("id", "ID!", c.id)
		arg("input", "Update"+c.e.name+"Input!", c.input)
	case "updateMany":
		arg("where", c.e.name+"WhereInput!", c.where)
		arg("input", "Update"+c.e.name+"Input!", c.input)
	case "delete":
		arg("id", "ID!", c.id)
	case "deleteMany":
		arg("where", c.e.name+"WhereInput!", c.where)
	case "upsert":
		arg("by", c.e.name+"Key!", enum(strings.ToUpper(c.by)))
		arg("input", "Create"+c.e.name+"Input!", c.input)
	}
}

func (c *call) selection() string {
	switch c.op {
	case "updateMany", "delete", "deleteMany":
		return ""
	}
	return " { id }"
}

// literal prints a value as GraphQL.
func literal(v any) string {
	switch v := v.(type) {
	case object:
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, name+": "+literal(v[name]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		var parts []string
		for _, v := range v {
			parts = append(parts, literal(v))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case enum:
		return string(v)
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// String prints a request so that it can be sent again.
func (req request) String() string {
	query, vars := req.text()
	if len(vars) == 0 {
		return query
	}
	b, err := json.Marshal(vars)
	if err != nil {
		panic(err)
	}
	return query + "\n\tvariables " + string(b)
}

// ids reads the records that a call's answer names; where it answers with a
// count, so many nameless ones.
func (c *call) ids(data json.RawMessage) ([]string, error) {
	type record struct{ ID string }
	var err error
	switch c.op {
	case "delete":
		var id string
		err = json.Unmarshal(data, &id)
		return []string{id}, err
	case "updateMany", "deleteMany":
		var n int
		err = json.Unmarshal(data, &n)
		return make([]string, n), err
	case "createMany":
		var list []record
		err = json.Unmarshal(data, &list)
		ids := make([]string, len(list))
		for i, r := range list {
			ids[i] = r.ID
		}
		return ids, err
	}
	var r record
	err = json.Unmarshal(data, &r)
	return []string{r.ID}, err
}
