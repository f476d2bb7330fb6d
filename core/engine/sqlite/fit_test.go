package sqlite

import (
	"strings"
	"testing"

	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"
)

// A value that the new type of its column cannot hold is not carried over: it
// keeps the file from being opened or, with ?loss=allow, becomes null where it
// may. What can be converted is.
func TestAValueThatDoesNotFitItsNewType(t *testing.T) {
	t.Parallel()
	text, whole, real := field.TypeString, field.TypeInt, field.TypeFloat64
	for name, c := range map[string]struct {
		from, to field.Type
		enums    []string
		values   string // what SQL inserts
		kept     string // what is left with ?loss=allow
		says     string // of the refusal
	}{
		"text to int":       {from: text, to: whole, values: "'abc', '12', ' 7', '2.5', '1e2', '99999999999999999999'", kept: "NULL 12 NULL NULL NULL NULL", says: "5 rows hold a value that would not stay what it is, such as 'abc' (id 1), ' 7' (id 3), '2.5' (id 4)"},
		"text to int8":      {from: text, to: field.TypeInt8, values: "'12', '300'", kept: "12 NULL", says: "such as '300'"},
		"text to float":     {from: text, to: real, values: "'abc', '2.5', '3'", kept: "NULL 2.5 3.0", says: "such as 'abc'"},
		"text to bool":      {from: text, to: field.TypeBool, values: "'true', '1', '2'", kept: "1 1 NULL", says: "such as '2'"},
		"text to time":      {from: text, to: field.TypeTime, values: "'today', '2026-01-02 03:04:05+00:00', '2026-01-02T05:04:05.5+02:00', '2026-02-30T00:00:00Z', '2026-01-02T03:04:05.1234567Z'", kept: "NULL '2026-01-02 03:04:05+00:00' '2026-01-02 03:04:05.5+00:00' NULL NULL", says: "such as 'today'"},
		"text to JSON":      {from: text, to: field.TypeJSON, values: "'abc', '[1]', '007', '1.10'", kept: "NULL X'5B315D' NULL X'312E3130'", says: "such as 'abc'"},
		"text to UUID":      {from: text, to: field.TypeUUID, values: "'abc', '123e4567-e89b-12d3-a456-426614174000'", kept: "NULL '123e4567-e89b-12d3-a456-426614174000'", says: "such as 'abc'"},
		"float to int":      {from: real, to: whole, values: "2.5, 3.0, 1e300", kept: "NULL 3 NULL", says: "such as 2.5"},
		"bytes to text":     {from: field.TypeBytes, to: text, values: "x'00ff'", kept: "NULL", says: "such as X'00FF'"},
		"int to int8":       {from: whole, to: field.TypeInt8, values: "300000, 127, -128, -129", kept: "NULL 127 -128 NULL", says: "2 rows of users have a x that is no Int8, such as 300000"},
		"int to uint":       {from: whole, to: field.TypeUint64, values: "-1, 9223372036854775807", kept: "NULL 9223372036854775807", says: "1 rows of users have a x that is no Uint64, such as -1"},
		"float to float32":  {from: real, to: field.TypeFloat32, values: "1e300, 0.5", kept: "NULL 0.5", says: "no Float32, such as 1.0e+300"},
		"text to an enum":   {from: text, to: field.TypeEnum, enums: []string{"A", "it's"}, values: "'B', 'it''s'", kept: "NULL 'it''s'", says: "no longer one of A, it's, such as 'B'"},
		"int to text":       {from: whole, to: text, values: "7", kept: "'7'"},
		"JSON to text":      {from: field.TypeJSON, to: text, values: "x'5b315d'", kept: "'[1]'"},
		"int to float":      {from: whole, to: real, values: "7", kept: "7.0"},
		"int8 to int":       {from: field.TypeInt8, to: whole, values: "7", kept: "7"},
		"values of an int8": {from: whole, to: field.TypeInt8, values: "7, NULL", kept: "7 NULL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			having := func(typ field.Type, null bool, enums []string) []*schema.Table {
				return changed(t, func(users *schema.Table) {
					users.Columns = append(users.Columns, &schema.Column{Name: "x", Type: typ, Nullable: null, Enums: enums})
				})
			}
			url := fileURL(t)
			client, err := openWith(t, url, having(c.from, true, nil))
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range strings.Split(c.values, ", ") {
				if _, err := client.ExecContext(t.Context(), "INSERT INTO users (username, email, role, created_at, x) VALUES (?1, ?1, 'READER', '2026-01-01', "+v+")", i); err != nil {
					t.Fatal(err)
				}
			}
			before := dump(t, client)
			shut(t, client)
			if c.says != "" {
				if _, err = openWith(t, url, having(c.to, true, c.enums)); err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "?loss=allow") {
					t.Fatalf("it is not refused: %v", err)
				}
				if _, err = openWith(t, url+"?loss=allow", having(c.to, false, c.enums)); err == nil || !strings.Contains(err.Error(), "make the field Optional") ||
					c.from == text && !strings.Contains(err.Error(), "UPDATE `users` SET `x` = ") {
					t.Fatalf("without null it is not refused: %v", err)
				}
			}
			if client, err = openWith(t, url+"?loss=allow", having(c.to, true, c.enums)); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(all[string](t, client, "SELECT quote(x) FROM users ORDER BY id"), " "); got != c.kept {
				t.Errorf("what is left is %s, not %s", got, c.kept)
			}
			if c.from == c.to && dump(t, client) != before {
				t.Error("something else was changed")
			}
		})
	}
}

// The message of a refusal may end up in a log.
func TestARefusalShowsNothingSecret(t *testing.T) {
	t.Parallel()
	url := fileURL(t)
	client := open(t, url)
	user(t, client, "ada")
	if _, err := client.ExecContext(t.Context(), "UPDATE users SET name = 'hush'"); err != nil {
		t.Fatal(err)
	}
	shut(t, client)
	target, err := parseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	tables := changed(t, func(users *schema.Table) { column(users, "name").Type = field.TypeInt })
	_, err = openTables(t.Context(), target, options{lockWait: DefaultLockWait, tables: tables, secrets: map[string][]string{"users": {"name"}}})
	if err == nil || !strings.Contains(err.Error(), "(id 1)") || strings.Contains(err.Error(), "hush") {
		t.Errorf("it says %v", err)
	}
}
