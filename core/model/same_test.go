package model_test

import (
	"database/sql/driver"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"coppice/core/model"
)

// cents is a sum that is written with two decimals.
type cents struct{ n int }

func (c cents) Value() (driver.Value, error) { return fmt.Sprintf("%d.%02d", c.n/100, c.n%100), nil }

func (c *cents) Scan(v any) error {
	var whole, part int
	w, p, _ := strings.Cut(v.(string), ".")
	if _, err := fmt.Sscan(w, &whole); err != nil {
		return err
	}
	if p != "" {
		if _, err := fmt.Sscan((p + "0")[:2], &part); err != nil {
			return err
		}
	}
	c.n = whole*100 + part
	return nil
}

// What a Go type stores is what the type says it is, also where the database
// made a number of it.
func TestCodedTexts(t *testing.T) {
	t.Parallel()
	f := &model.Field{Name: "sum", OwnStorage: true, Go: model.Scanned[cents]}
	for _, have := range []any{"3.10", "3.1", []byte("3.1"), 3.1} {
		v, err := f.Scan(have)
		if err != nil || !f.Same("3.1", v) || f.Same("3.2", v) {
			t.Errorf("%v (%T) is read as %v, %v", have, have, v, err)
		}
	}
	if v, err := f.Scan(3.1); v != "3.10" || err != nil {
		t.Errorf("a float is read as %v, %v", v, err)
	}
	plain := &model.Field{Name: "x", OwnStorage: true, Go: func(v any) (any, error) {
		n, _ := new(big.Int).SetString(v.(string), 0)
		return n, nil
	}}
	if v, err := plain.Scan(int64(16)); v != "16" || err != nil || !plain.Same("0x10", v) {
		t.Errorf("a whole number is read as %v, %v", v, err)
	}
}
