package model

import "strings"

// An is a name with its indefinite article, as in "a Post" and "an Address". It goes
// by how the names of things are spelled that one usually stores.
func An(name string) string {
	lower := strings.ToLower(name)
	for _, spelled := range [...]string{"eu", "ewe", "one", "once", "uni", "use", "usa", "usu", "uri", "url", "ute", "uuid"} {
		if strings.HasPrefix(lower, spelled) && !strings.HasPrefix(lower, "unin") && !strings.HasPrefix(lower, "unim") {
			return "a " + name
		}
	}
	for _, spelled := range [...]string{"hour", "heir", "honest", "honor", "honour", "html", "sms", "xml", "mp3", "rss"} {
		if strings.HasPrefix(lower, spelled) {
			return "an " + name
		}
	}
	if strings.IndexAny(lower, "aeiou") == 0 {
		return "an " + name
	}
	return "a " + name
}
