package mutation

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"testing"

	"coppice/core/fault"
	"coppice/core/model"
)

// A validator's own words are told, those of the packages that it calls are not.
func TestWordsOfOthersAreToldApart(t *testing.T) {
	t.Parallel()
	_, number := strconv.Atoi("hunter2")
	_, address := url.Parse(string([]byte("%zz")))
	syntax := json.Unmarshal([]byte("{"), new(any))
	for name, tc := range map[string]struct {
		err  error
		want bool
	}{
		"a sentence":         {errors.New("must not name a brand"), false},
		"one wrapped":        {fmt.Errorf("the name %q: %w", "x", errors.New("is reserved")), false},
		"a fault":            {fault.New(fault.BadUserInput, "No."), false},
		"strconv's":          {number, true},
		"strconv's, wrapped": {fmt.Errorf("not a number: %w", number), true},
		"url's":              {fmt.Errorf("not a link: %w", address), true},
		"json's":             {syntax, true},
		"a driver's":         {fmt.Errorf("look: %w", sql.ErrNoRows), true},
		"joined":             {errors.Join(errors.New("must be a number"), number), true},
		"joined sentences":   {errors.Join(errors.New("is too plain"), errors.New("is too short")), false},
	} {
		if got := model.FromLibrary(tc.err); got != tc.want {
			t.Errorf("%s: %q is foreign: %t", name, tc.err, got)
		}
	}
}
