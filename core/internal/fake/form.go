package fake

import (
	"strings"
	"sync"
)

// forms yields the forms that texts have, from the readable to the odd.
func forms(yield func(candidate) bool) {
	p := pooled()
	word, title := some(p.word), some(p.title)
	for _, c := range []interface{ candidate() candidate }{
		pattern{title, lit(" "), some(p.noun), number(" ")}, pattern{title, number(" ")}, pattern{word, number("-")},
		pattern{word, lit("_"), word, number("_")}, pattern{word, number("")}, pattern{title, number("")},
		paragraphs{p.sentence, 1, 1}, paragraphs{p.sentence, 5, 8}, paragraphs{p.sentence, 20, 24}, paragraphs{p.sentence, 300, 310},
	} {
		if !yield(c.candidate()) {
			return
		}
	}
	for _, name := range []string{
		"email", "url", "slug", "username", "phone", "domain", "ip", "ipv6", "mac", "uuid", "version", "hex_color", "currency",
		"country_code", "language_code", "locale", "timezone", "mime", "filename", "path", "isbn", "credit_card", "sku", "zip", "latitude",
		"coordinates", "sha256", "sha", "md5", "iban", "barcode", "ssn", "cron", "street", "full_name", "bitcoin", "emoji", "password",
	} {
		for _, c := range byName()[name] {
			if !yield(c) {
				return
			}
		}
	}
	for _, c := range written() {
		if !yield(c) {
			return
		}
	}
	_ = runs(yield) && grouped(yield)
}

// written is other things that are written as texts.
var written = sync.OnceValue(func() []candidate {
	p := pooled()
	word, number, digit := some(p.word), some(p.number), chars("123456789", 1)
	var cs []candidate
	for _, c := range []pattern{
		{digit, chars(digits, 5)}, {lit("-"), digit, chars(digits, 3)}, {digit, lit("."), chars(digits, 2)}, {digit, chars(digits, 1), lit("%")},
		{digit, lit("/"), digit, chars(digits, 4)}, {digit, lit(","), digit, chars(digits, 4)}, {digit, lit(":"), digit, chars(digits, 4)},
		{digit, lit("x"), digit, chars(digits, 2)}, {lit("("), digit, lit(","), digit, chars(digits, 3), lit(")")}, {lit("v"), number, lit("."), number, lit("."), number},
		{number, lit("."), number}, {lit("20"), chars("12", 1), chars(digits, 1), lit("-0"), digit, lit("-1"), chars(digits, 1)},
		{lit("20"), chars("12", 1), chars(digits, 1), lit("-0"), digit, lit("-1"), chars(digits, 1), lit("T1"), chars(digits, 1), lit(":"), chars("12345", 1), chars(digits, 1), lit(":00Z")},
		{lit("20"), chars("12", 1), chars(digits, 1), lit("-0"), digit}, {lit("1"), chars(digits, 1), lit(":"), chars("12345", 1), chars(digits, 1)},
		{lit("1"), chars(digits, 1), lit(":"), chars("12345", 1), chars(digits, 1), lit(":00")}, {number, lit("h"), number, lit("m")}, {number, lit("s")}, {lit("PT"), number, lit("H")},
		{lit("P"), number, lit("D")}, {lit("10."), number, lit("."), number, lit(".0/24")}, {word, lit("/"), word}, {word, lit(":"), word}, {word, lit("="), word},
		{word, lit("."), word}, {word, lit(","), word}, {lit("@"), word}, {lit("#"), word}, {lit("/"), word}, {some(p.title), some(p.title)}, {word, some(p.title)},
		{lit("http://"), word, lit(".example.org")}, {lit("postgres://"), word, lit(".example.org/db")}, {lit("mailto:"), word, lit("@example.org")},
		{lit("{\""), word, lit("\": "), number, lit("}")}, {lit("[\""), word, lit("\"]")}, {lit("\""), word, lit("\"")}, {lit("<p>"), word, lit("</p>")}, {lit("{}")}, {lit("[]")},
		{lit("true")}, {lit("rgb("), number, lit(","), number, lit(","), number, lit(")")}, {lit("0x"), chars(hexes, 8)}, {lit("urn:"), word, lit(":"), word},
		{lit("data:text/plain,"), word}, {lit("SELECT "), number}, {lit("^"), word, lit("$")}, {word, lit(" "), word}, {lit("US")}, {lit("USD")}, {lit("en")}, {lit("")},
	} {
		cs = append(cs, c.candidate())
	}
	for _, word := range []string{"A", "a", "1", "0", "yes", "on", "Y", "M", "F", "A+", "POINT(1 2)", "application/json", "+15550100", "GET", "UTC"} {
		cs = append(cs, pattern{lit(word)}.candidate())
	}
	return append(cs, uuidText{}.candidate())
})

// runs yields texts of one kind of characters, of each length that a column
// may ask for.
func runs(yield func(candidate) bool) bool {
	classes := []string{lower, upper, digits, lower + digits, upper + digits, hexes, strings.ToUpper(hexes), lower + upper + digits, "01", "ACGT"}
	for _, size := range []int{8, 10, 12, 6, 16, 5, 4, 20, 3, 2, 1, 24, 32, 40, 64, 128, 7, 9, 11, 13, 14, 15, 17, 18, 19, 21, 22, 23, 25, 26,
		27, 28, 29, 30, 31, 33, 34, 35, 36, 48, 50, 56, 60, 80, 96, 100, 120, 150, 200, 250, 255, 256, 300, 500, 512, 1000, 1024, 2000, 4096} {
		for _, class := range classes {
			if !yield(pattern{chars(class, size)}.candidate()) {
				return false
			}
		}
		for _, p := range []pattern{{chars(upper, 1), chars(lower, size)}, {chars("123456789", 1), chars(digits, size)},
			{chars(lower, 1), chars(digits, size)}, {chars(upper, 1), chars(lower, size), chars(digits, 1), lit("!")}} {
			if !yield(p.candidate()) {
				return false
			}
		}
	}
	return true
}

// grouped yields codes of two and three groups of characters: AB-123.
func grouped(yield func(candidate) bool) bool {
	classes := []string{upper, digits, lower, upper + digits, hexes}
	for size := range 10 {
		for other := range 10 {
			for _, a := range classes {
				for _, b := range classes {
					for _, sep := range []string{"-", "", "_", "/", ".", " ", ":", "#"} {
						if !yield(pattern{chars(a, size+1), lit(sep), chars(b, other+1)}.candidate()) {
							return false
						}
					}
				}
			}
		}
	}
	for size := range 64 {
		a, b, c := 1+size%4, 1+size/4%4, 1+size/16
		for _, class := range classes {
			for _, last := range classes {
				for _, sep := range []string{"-", ".", " ", "/", ""} {
					if !yield(pattern{chars(class, a), lit(sep), chars(digits, b), lit(sep), chars(last, c)}.candidate()) ||
						!yield(pattern{chars(class, a), lit(sep), chars(class, b), lit(sep), chars(last, c)}.candidate()) {
						return false
					}
				}
			}
		}
	}
	return true
}

// uuidText is UUIDs as texts.
type uuidText struct{}

func (uuidText) candidate() candidate { return ofVersion(4) }
