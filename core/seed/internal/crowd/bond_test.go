package crowd

import (
	"encoding/json"
	"slices"
	"testing"
)

// More of a table leave those as they are that there are already.
func TestMoreOfThem(t *testing.T) {
	t.Parallel()
	for table, orders := range map[string][2]string{
		"people":      {"cities=10,people=100,pets=900,clubs=7", "cities=10,people=250,pets=900,clubs=7"},
		"albums":      {"cities=10,people=50,pets=90,clubs=30,albums=20", "cities=10,people=50,pets=90,clubs=30,albums=60"},
		"memberships": {"cities=10,people=50,pets=90,clubs=30,memberships=20", "cities=10,people=50,pets=90,clubs=30,memberships=1500"},
		"singles":     {"tracks=100,singles=50", "tracks=100,singles=5000"},
		"pets":        {"pets=10", "pets=100000"},
	} {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			var made [2][]map[string]any
			for i, order := range orders {
				f, err := ordered(t, order)
				if err != nil {
					t.Fatal(err)
				}
				made[i] = inputsOf(t, f, table)
			}
			for i, input := range made[0] {
				delete(input, "pets") // all have to be somebody's
				delete(made[1][i], "pets")
				before, _ := json.Marshal(input)
				if after, _ := json.Marshal(made[1][i]); string(before) != string(after) {
					t.Fatalf("record %d is\n%s, and was\n%s", i, after, before)
				}
			}
		})
	}
}

// Replies to replies make trees: each has one above it at most.
func TestDownward(t *testing.T) {
	t.Parallel()
	b := &bond{kind: downward, share: 1, target: &crowd{count: 1000}}
	var roots []int
	above := map[int]bool{}
	for i := range 1000 {
		to := b.toMany(newDice(), i, 1000, nil)
		for _, child := range to {
			if child >= i || child < 0 || above[child] {
				t.Fatalf("%d is below %d", child, i)
			}
			above[child] = true
		}
	}
	for i := range 1000 {
		if !above[i] {
			roots = append(roots, i)
		}
	}
	if len(roots) > 12 || !slices.Contains(roots, 510) {
		t.Errorf("at the top are %v", roots)
	}
}
