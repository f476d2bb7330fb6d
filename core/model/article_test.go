package model_test

import (
	"testing"

	"coppice/core/model"
)

func TestArticles(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Post": "a Post", "Address": "an Address", "User": "a User", "Unit": "a Unit", "University": "a University", "Umbrella": "an Umbrella",
		"Event": "an Event", "Eurocode": "a Eurocode", "Hour": "an Hour", "House": "a House", "HTMLPage": "an HTMLPage", "URLAlias": "a URLAlias",
		"OneTimeCode": "a OneTimeCode", "Order": "an Order", "Usage": "a Usage", "Upload": "an Upload", "UnimportantNote": "an UnimportantNote", "": "a ",
	} {
		if got := model.An(name); got != want {
			t.Errorf("%s, not %s", got, want)
		}
	}
}
