package fake

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/brianvoe/gofakeit/v7"
)

// pools are words and names to put texts together from; each is ordered by
// length, so that the first of several pools are the shortest text of all.
type pools struct {
	first, last, login                        []string // of people
	adjective, noun, verb, word               []string // lower-case, a to z
	title, sentence                           []string // with a capital letter
	city, country, countryCode, state, street []string
	company, job, product, category           []string
	color, currency, language, languageCode   []string
	zone, mime, extension, agent, animal, pet []string
	dish, car, book, film, song, genre, hobby []string
	school, bank, version, isbn, card, emoji  []string
	number, gender, prefix, program, coin     []string
}

var (
	plainWord = regexp.MustCompile(`^[a-z]{3,12}$`)
	plainName = regexp.MustCompile(`^[A-Z][a-z]{1,10}$`)
)

// pooled draws the pools once: the same ones in every process.
var pooled = sync.OnceValue(func() *pools {
	f := gofakeit.New(20_261_123)
	all := func(make func() string) []string { return draw(make, 256, func(string) bool { return true }) }
	words := func(make func() string) []string {
		return draw(func() string { return strings.ToLower(make()) }, 256, plainWord.MatchString)
	}
	p := &pools{
		first: draw(f.FirstName, 256, plainName.MatchString), last: draw(f.LastName, 256, plainName.MatchString),
		adjective: words(f.AdjectiveDescriptive), noun: words(f.NounCountable), verb: words(f.VerbAction),
		city: all(f.City), country: all(f.Country), countryCode: all(f.CountryAbr), state: all(f.State),
		street: all(f.StreetName), company: all(f.Company), job: all(f.JobTitle), product: all(f.ProductName),
		category: all(f.ProductCategory), color: all(f.Color), currency: all(f.CurrencyShort), language: all(f.Language),
		languageCode: all(f.LanguageAbbreviation), zone: all(f.TimeZoneRegion), mime: all(f.FileMimeType),
		extension: draw(f.FileExtension, 32, plainWord.MatchString), agent: all(f.UserAgent), animal: all(f.Animal),
		pet: all(f.PetName), dish: all(f.Dinner), car: all(f.CarModel), book: all(f.BookTitle), film: all(f.MovieName),
		song: all(f.SongName), genre: all(f.MovieGenre), hobby: all(f.Hobby), school: all(f.School), bank: all(f.BankName),
		version: all(f.AppVersion), isbn: all(func() string { return f.ProductISBN(nil) }),
		card: all(func() string { return f.CreditCardNumber(nil) }), emoji: all(f.Emoji), gender: all(f.Gender),
		prefix: all(f.NamePrefix), program: all(f.AppName), coin: all(f.BitcoinAddress),
		number: []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"},
	}
	for _, name := range p.first {
		p.login = append(p.login, strings.ToLower(name))
	}
	p.word = sorted(slices.Concat(p.noun, p.adjective))
	for _, word := range p.word {
		p.title = append(p.title, strings.ToUpper(word[:1])+word[1:])
	}
	p.sentence = all(func() string { return f.HackerPhrase() })
	return p
})

// draw is up to n different texts that are kept.
func draw(make func() string, n int, keep func(string) bool) []string {
	seen := map[string]bool{}
	for range 8 * n {
		if text := make(); text != "" && keep(text) {
			seen[text] = true
		}
		if len(seen) == n {
			break
		}
	}
	list := []string{}
	for text := range seen {
		list = append(list, text)
	}
	return sorted(list)
}

func sorted(list []string) []string {
	slices.SortFunc(list, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) })
	return slices.Compact(list)
}
