package fake_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"coppice/core/internal/fake"
	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/model"
)

// values makes the first n values of a field, each from a source of its own.
func values(m *fake.Maker, f *model.Field, n int) []any {
	source := rand.NewPCG(0, 0)
	r := rand.New(source)
	list := make([]any, n)
	for i := range list {
		source.Seed(42, uint64(i))
		list[i] = m.Value(f, r, i)
	}
	return list
}

func distinct(list []any) int {
	seen := map[string]bool{}
	for _, v := range list {
		seen[fmt.Sprint(v)] = true
	}
	return len(seen)
}

func TestTheSchemasEntities(t *testing.T) {
	t.Parallel()
	const n = 3000
	for _, e := range ent.Coppice().Model.Entities {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			m, err := fake.New(e, n, fake.Check(ent.Coppice(), e))
			if err != nil {
				t.Fatal(err)
			}
			if got, want := len(m.Fields()), len(e.Fields); got != want {
				t.Errorf("%d of %d fields have values", got, want)
			}
			check := fake.Check(ent.Coppice(), e)
			for _, f := range m.Fields() {
				list := values(m, f, n)
				for i, v := range list {
					if err := check(f, v); err != nil {
						t.Fatalf("%s: value %d is %v: %v", f.Name, i, v, err)
					}
				}
				if f.Unique && distinct(list) != n {
					t.Errorf("%s: %d of %d values are distinct", f.Name, distinct(list), n)
				}
				if !reflect.DeepEqual(list, values(m, f, n)) {
					t.Errorf("%s: the same sources give other values", f.Name)
				}
			}
		})
	}
}

type address struct {
	Street string            `json:"street"`
	Number int               `json:"number,omitempty"`
	Lines  []string          `json:"lines,omitempty"`
	Since  time.Time         `json:"since"`
	Next   *address          `json:"next,omitempty"`
	Notes  map[string]string `json:"notes"`
}

func text(check func(string) bool) func(any) bool {
	return func(v any) bool { s, ok := v.(string); return ok && check(s) }
}

func like(form string) func(any) bool { return text(regexp.MustCompile(form).MatchString) }

func whole(check func(int64) bool) func(any) bool {
	return func(v any) bool { n, ok := v.(int64); return ok && check(n) }
}

func any0(any) bool { return true }

// fields are fields of every kind, and what their validators let pass.
var fields = map[string]struct {
	field model.Field
	valid func(any) bool
}{
	"plain text":           {model.Field{Name: "x", Go: model.Text[string]}, any0},
	"short text":           {model.Field{Name: "title", Go: model.Text[string]}, text(func(s string) bool { return s != "" && len(s) <= 12 })},
	"three letters":        {model.Field{Name: "abc", Go: model.Text[string], Unique: true}, like(`^[a-z]{3}$`)},
	"code":                 {model.Field{Name: "code", Go: model.Text[string], Unique: true}, like(`^[A-Z]{2}-\d{3}$`)},
	"code of three groups": {model.Field{Name: "thing", Go: model.Text[string]}, like(`^[A-Z]{3}-\d{2}-[A-Z]{2}$`)},
	"long text":            {model.Field{Name: "x", Go: model.Text[string]}, text(func(s string) bool { return len(s) > 5000 })},
	"runes":                {model.Field{Name: "body", Go: model.Text[string]}, text(func(s string) bool { return utf8.RuneCountInString(s) < 140 })},
	"email":                {model.Field{Name: "contact", Go: model.Text[string], Unique: true}, like(`^[^@]+@[^@]+\.[a-z]+$`)},
	"semver":               {model.Field{Name: "tagged", Go: model.Text[string]}, like(`^v\d+\.\d+\.\d+$`)},
	"hex colour":           {model.Field{Name: "paint", Go: model.Text[string]}, like(`^#[0-9a-f]{6}$`)},
	"currency":             {model.Field{Name: "paid_in", Go: model.Text[string]}, like(`^(EUR|USD|GBP|[A-Z]{3})$`)},
	"upper case":           {model.Field{Name: "name", Go: model.Text[string]}, text(func(s string) bool { return s == strings.ToUpper(s) && len(s) > 3 })},
	"date":                 {model.Field{Name: "x", Go: model.Text[string]}, like(`^\d{4}-\d\d-\d\d$`)},
	"enum":                 {model.Field{Name: "x", Kind: model.Enum, Go: model.Text[string], Enums: []model.EnumValue{{Name: "A", Value: "a"}, {Name: "B", Value: "b"}}}, any0},
	"one of an enum":       {model.Field{Name: "x", Kind: model.Enum, Go: model.Text[string], Enums: []model.EnumValue{{Name: "A", Value: "a"}, {Name: "B", Value: "b"}}}, text(func(s string) bool { return s == "b" })},
	"bool":                 {model.Field{Name: "x", Kind: model.Bool, Go: model.Boolean[bool]}, any0},
	"only true":            {model.Field{Name: "x", Kind: model.Bool, Go: model.Boolean[bool]}, func(v any) bool { return v == true }},
	"int":                  {model.Field{Name: "x", Kind: model.Int, Bits: 64, Go: model.Number[int], Unique: true}, any0},
	"int8":                 {model.Field{Name: "x", Kind: model.Int, Bits: 8, Go: model.Number[int8]}, any0},
	"uint8":                {model.Field{Name: "views", Kind: model.Int, Bits: 8, Unsigned: true, Go: model.Number[uint8]}, any0},
	"even":                 {model.Field{Name: "x", Kind: model.Int, Bits: 64, Go: model.Number[int], Unique: true}, whole(func(n int64) bool { return n%2 == 0 })},
	"negative":             {model.Field{Name: "age", Kind: model.Int, Bits: 64, Go: model.Number[int]}, whole(func(n int64) bool { return n < -5000 })},
	"exactly":              {model.Field{Name: "x", Kind: model.Int, Bits: 64, Go: model.Number[int]}, whole(func(n int64) bool { return n == 42 })},
	"a small range":        {model.Field{Name: "x", Kind: model.Int, Bits: 64, Go: model.Number[int]}, whole(func(n int64) bool { return n >= 7012 && n < 7500 })},
	"a unique range":       {model.Field{Name: "x", Kind: model.Int, Bits: 64, Go: model.Number[int], Unique: true}, whole(func(n int64) bool { return n >= -1000 && n < 1000 })},
	"a range of floats":    {model.Field{Name: "x", Kind: model.Float, Go: model.Number[float64]}, func(v any) bool { return v.(float64) >= 20 && v.(float64) < 30 }},
	"int64":                {model.Field{Name: "x", Kind: model.BigInt, Bits: 64, Go: model.Number[int64], Unique: true}, whole(func(n int64) bool { return n > 1<<33 })},
	"uint64":               {model.Field{Name: "x", Kind: model.BigInt, Bits: 64, Unsigned: true, Go: model.Number[uint64]}, any0},
	"float":                {model.Field{Name: "rating", Kind: model.Float, Go: model.Number[float64]}, func(v any) bool { return v.(float64) >= 0 && v.(float64) <= 5 }},
	"float32":              {model.Field{Name: "price", Kind: model.Float, Go: model.Number[float32]}, func(v any) bool { return float64(float32(v.(float64))) == v }},
	"time":                 {model.Field{Name: "x", Kind: model.Time, Go: model.As[time.Time], Unique: true}, any0},
	"in the past":          {model.Field{Name: "due_at", Kind: model.Time, Go: model.As[time.Time]}, func(v any) bool { return v.(time.Time).Year() < 2026 }},
	"in the future":        {model.Field{Name: "created_at", Kind: model.Time, Go: model.As[time.Time], Unique: true}, func(v any) bool { return v.(time.Time).Year() > 2030 }},
	"uuid":                 {model.Field{Name: "x", Kind: model.UUID, Go: model.As[[16]byte], Unique: true}, any0},
	"bytes":                {model.Field{Name: "x", Kind: model.Bytes, Go: model.Binary[[]byte], Unique: true}, func(v any) bool { return len(v.([]byte)) >= 8 }},
	"short bytes":          {model.Field{Name: "x", Kind: model.Bytes, Go: model.Binary[[]byte]}, func(v any) bool { return len(v.([]byte)) <= 5 && len(v.([]byte)) >= 2 }},
	"any JSON":             {model.Field{Name: "x", Kind: model.JSON, Go: model.Decode[any]}, any0},
	"a map":                {model.Field{Name: "x", Kind: model.JSON, Go: model.Decode[map[string]int]}, any0},
	"a struct":             {model.Field{Name: "x", Kind: model.JSON, Go: model.Decode[address]}, any0},
	"structs":              {model.Field{Name: "x", Kind: model.JSON, Go: model.Decode[[]*address]}, any0},
	"a JSON number":        {model.Field{Name: "x", Kind: model.JSON, Go: model.Decode[int]}, any0},
	"a JSON array":         {model.Field{Name: "x", Kind: model.JSON, Go: model.Decode[[2]float64]}, any0},
	"texts":                {model.Field{Name: "tags", Kind: model.Strings, Go: model.Decode[[]string]}, any0},
	"numbers":              {model.Field{Name: "x", Kind: model.Ints, Go: model.Decode[[]int]}, any0},
}

// entity is an entity of one field, and its check.
func entity(f model.Field, valid func(any) bool) (*model.Entity, *model.Field, func(*model.Field, any) error) {
	f.GraphQL = f.Name
	if f.Kind == model.UUID {
		f.Go = func(v any) (any, error) { return v, nil }
	}
	e := &model.Entity{Name: "Thing", ID: &model.Field{Name: "id", GraphQL: "id"}, Fields: []*model.Field{&f}}
	model.New(e)
	return e, &f, func(f *model.Field, v any) error {
		parsed, err := f.Parse(v)
		if err != nil {
			return err
		}
		if _, err := f.Go(parsed); err != nil {
			return err
		}
		if !valid(parsed) {
			return errors.New("it is not valid")
		}
		return nil
	}
}

func TestEveryKind(t *testing.T) {
	t.Parallel()
	for name, c := range fields {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const n = 2000
			e, f, check := entity(c.field, c.valid)
			m, err := fake.New(e, n, check)
			if err != nil {
				t.Fatal(err)
			}
			list := values(m, f, n)
			for i, v := range list {
				if err := check(f, v); err != nil {
					t.Fatalf("value %d is %v: %v", i, v, err)
				}
			}
			if f.Unique && distinct(list) != n {
				t.Errorf("%d of %d values are distinct", distinct(list), n)
			}
			t.Log(list[0], list[1], list[n-1])
		})
	}
}

func TestAMillionUniqueValues(t *testing.T) {
	t.Parallel()
	const n, ends = 1_000_000, 20_000
	for _, e := range ent.Coppice().Model.Entities {
		m, err := fake.New(e, n, fake.Check(ent.Coppice(), e))
		if err != nil {
			t.Fatal(err)
		}
		check := fake.Check(ent.Coppice(), e)
		for _, f := range m.Fields() {
			if !f.Unique {
				continue
			}
			source := rand.NewPCG(0, 0)
			r, seen := rand.New(source), map[any]bool{}
			for i := range 2 * ends {
				at := i
				if i >= ends {
					at = n - 1 - i + ends
				}
				source.Seed(1, uint64(at))
				v := m.Value(f, r, at)
				seen[v] = true
				if err := check(f, v); err != nil && i%97 == 0 {
					t.Errorf("%s.%s: %v: %v", e.Name, f.Name, v, err)
				}
			}
			if len(seen) != 2*ends {
				t.Errorf("%s.%s: %d of %d values are distinct", e.Name, f.Name, len(seen), 2*ends)
			}
		}
	}
}

func TestWhatCannotBeMade(t *testing.T) {
	t.Parallel()
	enum := fields["enum"].field
	enum.Unique = true
	boolean := fields["bool"].field
	boolean.Unique = true
	optional := fields["plain text"].field
	optional.Nullable = true
	ranged := func(low, high int64) func(any) bool {
		return whole(func(n int64) bool { return n >= low && n <= high })
	}
	tooFew := func(most, count int) string {
		return fmt.Sprintf("Thing.x: Each record needs another value here, and no more than %d could be made that pass its validators. Ask for at most %d, not %d.", most, most, count)
	}
	for name, c := range map[string]struct {
		field model.Field
		valid func(any) bool
		count int
		want  string
	}{
		"a range from 0":            {fields["int"].field, ranged(0, 99), 101, tooFew(100, 101)},
		"a range from 0, used up":   {fields["int"].field, ranged(0, 99), 100, ""},
		"a range from 1":            {fields["int"].field, ranged(1, 2000), 3000, tooFew(2000, 3000)},
		"a range from 1, used up":   {fields["int"].field, ranged(1, 2000), 2000, ""},
		"a range far away":          {fields["int"].field, ranged(-41_000, -40_001), 1001, tooFew(1000, 1001)},
		"a range far away, used up": {fields["int"].field, ranged(-41_000, -40_001), 1000, ""},
		"a part of an enum":         {enum, func(v any) bool { return v == "b" }, 2, tooFew(1, 2)},
		"an enum too small":         {enum, any0, 3, "Thing.x: Each record needs another value here, and no more than 2 could be made that pass its validators. Ask for at most 2, not 3."},
		"an enum that does":         {enum, any0, 2, ""},
		"a boolean":                 {boolean, any0, 3, "Thing.x: Each record needs another value here, and no more than 2 could be made that pass its validators. Ask for at most 2, not 3."},
		"a code too short":          {fields["three letters"].field, fields["three letters"].valid, 17_577, "Thing.abc: Each record needs another value here, and no more than 17576 could be made that pass its validators. Ask for at most 17576, not 17577."},
		"an impossible one":         {fields["plain text"].field, func(any) bool { return false }, 1, "Thing.x: Nothing that was tried passes its validators. Give it a default or make it optional in the schema, or write its records into a file."},
		"an optional one":           {optional, func(any) bool { return false }, 1, ""},
		"an int8 is too small": {model.Field{Name: "x", Kind: model.Int, Bits: 8, Go: model.Number[int8], Unique: true}, any0, 300,
			"Thing.x: Each record needs another value here, and no more than 256 could be made that pass its validators. Ask for at most 256, not 300."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, _, check := entity(c.field, c.valid)
			_, err := fake.New(e, c.count, check)
			var wrong *fake.Error
			switch {
			case c.want == "" && err != nil, c.want != "" && (!errors.As(err, &wrong) || err.Error() != c.want):
				t.Errorf("got %v\nwant %s", err, c.want)
			}
		})
	}
}

// An optional field that is unique has as many values as there are.
func TestUniqueAndOptional(t *testing.T) {
	t.Parallel()
	f := fields["bool"].field
	f.Nullable, f.Unique = true, true
	e, field, check := entity(f, any0)
	m, err := fake.New(e, 5, check)
	if err != nil || len(m.Fields()) != 1 || m.Room(field) != 2 || distinct(values(m, field, 2)) != 2 {
		t.Errorf("%d fields, room for %d, %v", len(m.Fields()), m.Room(field), err)
	}
}

func TestDifferent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		field         string
		named         string
		low, high     int64
		wanted, count int
	}{
		"plausible ones":         {"int", "month", 0, 50, 0, 12},
		"more than are":          {"int", "month", 0, 49, 40, 50},
		"a small range":          {"int", "row", 0, 9, 0, 10},
		"as many as there are":   {"int", "row", 0, 9, 1_000_000, 10},
		"as many as are wanted":  {"int", "row", 0, 1 << 40, 1_000_000, 1_000_000},
		"no more than plausible": {"int", "row", 0, 1 << 40, 0, 1000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := fields[c.field].field
			f.Name, f.Unique = c.named, false
			e, field, check := entity(f, whole(func(n int64) bool { return n >= c.low && n <= c.high }))
			value, count := fake.Different(e, field, c.wanted, check)
			seen, r := map[any]bool{}, rand.New(rand.NewPCG(1, 2))
			for i := range count {
				v := value(r, i)
				if seen[v] = true; check(field, v) != nil {
					t.Fatalf("%d is %v", i, v)
				}
			}
			if count != c.count || len(seen) != count {
				t.Errorf("%d of %d values are distinct, not of %d", len(seen), count, c.count)
			}
		})
	}
}

// What a validator says of a field is so after it has refused others.
func TestCheckAfterRefusal(t *testing.T) {
	t.Parallel()
	e := ent.Coppice().Model.Entity("User")
	check := fake.Check(ent.Coppice(), e)
	if _, err := fake.New(e, 10, check); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if check(e.Field("username"), "No!") == nil || check(e.Field("email"), "no") == nil || check(e.Field("email"), "a@example.org") != nil {
			t.Error("wrong values pass, or right ones do not")
		}
	}
}

func TestRoom(t *testing.T) {
	t.Parallel()
	e, f, check := entity(fields["int"].field, any0)
	m, err := fake.New(e, 5, check)
	if err != nil || m.Room(f) < 1000 {
		t.Errorf("room for %d, %v", m.Room(f), err)
	}
	e, f, check = entity(fields["plain text"].field, any0)
	m, err = fake.New(e, 5, check, f)
	if err != nil || m.Room(f) != math.MaxUint64 || distinct(values(m, f, 5000)) != 5000 {
		t.Errorf("room for %d, %v", m.Room(f), err)
	}
}

func BenchmarkPost(b *testing.B) {
	e := ent.Coppice().Model.Entity("Post")
	m, err := fake.New(e, 1_000_000, fake.Check(ent.Coppice(), e))
	if err != nil {
		b.Fatal(err)
	}
	source := rand.NewPCG(0, 0)
	r := rand.New(source)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		for i, f := range m.Fields() {
			source.Seed(42, uint64(n)<<8|uint64(i))
			_ = m.Value(f, r, n)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	e := ent.Coppice().Model.Entity("Post")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := fake.New(e, 1_000_000, fake.Check(ent.Coppice(), e)); err != nil {
			b.Fatal(err)
		}
	}
}
