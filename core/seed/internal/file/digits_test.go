package file

import (
	"encoding/json"
	"testing"
)

// A number keeps every digit that a file gives it, in whatever format.
func TestNumbersKeepTheirDigits(t *testing.T) {
	t.Parallel()
	for _, number := range []string{"1.10", "750727362669608961", "123456789012345678901234567890.50", "-0.000", "1.0"} {
		for name, text := range map[string]string{
			"users.yaml":  "- { a: " + number + " }",
			"users.json":  `[{"a":` + number + `}]`,
			"users.jsonl": `{"a":` + number + `}`,
		} {
			records, faults := read(name, text)
			if len(records) != 1 || records[0].Input["a"] != json.Number(number) {
				t.Errorf("%s: %s became %v (%v)", name, number, records, faults)
			}
		}
	}
}
