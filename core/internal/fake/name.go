package fake

import (
	"strings"
	"sync"
	"unicode"

	"coppice/core/model"
)

const (
	lower  = "abcdefghijklmnopqrstuvwxyz"
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits = "0123456789"
	hexes  = "0123456789abcdef"
)

// named is what the field's name stands for, or nil; for a field that names
// its record, what the entity's name stands for.
func named(e *model.Entity, f *model.Field) []candidate {
	words := wordsOf(f.Name)
	if last := words[len(words)-1]; last == "name" || last == "title" || last == "label" {
		if cs := byName()[joined(wordsOf(e.Name))+" "+last]; cs != nil && len(words) == 1 {
			return cs
		}
		of := wordsOf(e.Name)
		if cs := byName()[of[len(of)-1]+" "+last]; cs != nil && len(words) == 1 {
			return cs
		}
	}
	return meant(words)
}

// meant is what a name stands for, by its last words, the longest first, and
// then by any of its words.
func meant(words []string) []candidate {
	for i := range words {
		if cs := byName()[joined(words[i:])]; cs != nil {
			return cs
		}
	}
	for i := len(words) - 1; i >= 0; i-- {
		if cs := byName()[strings.TrimSuffix(words[i], "s")]; cs != nil {
			return cs
		}
	}
	return nil
}

func joined(words []string) string { return strings.Join(words, "_") }

// wordsOf splits a name in snake case or camel case: homePageURL is home, page
// and url.
func wordsOf(name string) []string {
	var words []string
	runes := []rune(name)
	start := 0
	for i := range runes {
		ends := i > start && unicode.IsUpper(runes[i]) && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
		if runes[i] == '_' || ends {
			words = append(words, strings.ToLower(string(runes[start:i])))
			start = i
			if runes[i] == '_' {
				start++
			}
		}
	}
	words = append(words, strings.ToLower(string(runes[start:])))
	return words
}

// byName maps names, in words joined by _, to what they stand for; behind an
// entity's name and a blank, the names of its records.
var byName = sync.OnceValue(func() map[string][]candidate {
	m := map[string][]candidate{}
	add := func(names string, cs ...interface{ candidate() candidate }) {
		list := make([]candidate, len(cs))
		for i, c := range cs {
			list[i] = c.candidate()
		}
		for _, name := range strings.Fields(names) {
			m[strings.ReplaceAll(name, "/", " ")] = list
		}
	}
	p := pooled()
	people(add, p)
	places(add, p)
	prose(add, p)
	things(add, p)
	technical(add, p)
	return m
})

type adder func(names string, cs ...interface{ candidate() candidate })

func people(add adder, p *pools) {
	whole := pattern{some(p.first), lit(" "), some(p.last), number(" ")}
	first, last := pattern{some(p.first), number(" ")}, pattern{some(p.last), number(" ")}
	add("first_name firstname given_name forename middle_name", first)
	add("last_name lastname surname family_name maiden_name", last)
	add("full_name display_name real_name legal_name contact_name customer_name author_name owner_name person user/name "+
		"person/name author/name customer/name employee/name member/name patient/name student/name teacher/name artist/name "+
		"contact/name player/name owner/name people/name actor/name doctor/name guest/name client/name driver/name staff/name "+
		"author artist creator signed_by approved_by created_by updated_by reviewer assignee recipient sender", whole, first)
	login := pattern{some(p.login), lit("_"), some(p.noun), number("")}
	add("username user_name login nickname nick handle account screen_name user_login uid", login,
		pattern{some(p.login), number("_")}, pattern{some(p.login), number("")})
	add("email mail email_address e_mail mailbox", pattern{some(p.login), lit("."), some(p.noun), number(""), lit("@example.org")},
		pattern{some(p.login), number(""), lit("@example.org")}, pattern{chars(lower, 4), lit("@a.co")})
	add("password passphrase secret pin_code credential", pattern{chars(lower, 6), chars(upper, 4), lit("-"), chars(digits, 4)})
	add("password_hash hashed_password encrypted_password token api_key access_token refresh_token secret_key session "+
		"auth_token key_hash salt nonce signature otp", pattern{chars(hexes, 40)}, pattern{chars(hexes, 64)}, pattern{chars(hexes, 32)})
	add("phone phone_number mobile mobile_number cell tel telephone fax whatsapp", pattern{lit("+1555"), chars(digits, 7)},
		pattern{lit("555-"), chars(digits, 3), lit("-"), chars(digits, 4)}, pattern{lit("+44 20 7946 0"), chars(digits, 3)})
	add("gender sex", pattern{some(p.gender)})
	add("salutation honorific name_prefix", pattern{some(p.prefix)})
	add("job job_title occupation position profession role_name designation", pattern{some(p.job), number(" ")})
	add("hobby interest", pattern{some(p.hobby), number(" ")})
	add("ssn social_security_number", pattern{chars("123456", 1), chars(digits, 2), lit("-"), chars(digits, 2), lit("-"), chars(digits, 4)})
}

func places(add adder, p *pools) {
	add("city town village municipality hometown birthplace city/name town/name", pattern{some(p.city), number(" ")})
	add("location place venue where destination origin", pattern{some(p.city), lit(", "), some(p.country), number(" ")}, pattern{some(p.city), number(" ")})
	add("country nation nationality citizenship country_name country/name nation/name", pattern{some(p.country), number(" ")})
	add("country_code iso_country country_iso", pattern{some(p.countryCode)}, pattern{chars(upper, 2)}, pattern{chars(upper, 3)})
	add("state region province county district state/name region/name", pattern{some(p.state), number(" ")})
	add("street address street_address address_line line1 address_line_1 shipping_address billing_address", pattern{chars("123456789", 1), chars(digits, 1), lit(" "), some(p.street), number(" No. ")})
	add("line2 address_line_2 apartment suite unit", pattern{lit("Apt "), chars("123456789", 1), chars(digits, 2)})
	add("zip zip_code zipcode postcode postal_code postal", pattern{chars("123456789", 1), chars(digits, 4)}, pattern{chars(digits, 5)}, pattern{chars(digits, 4)})
	add("latitude lat", pattern{chars("1234", 1), chars(digits, 1), lit("."), chars(digits, 6)})
	add("longitude lon lng", pattern{chars("123456789", 1), chars(digits, 1), lit("."), chars(digits, 6)})
	add("coordinates geo latlng lat_lng", pattern{chars("1234", 1), chars(digits, 1), lit("."), chars(digits, 4), lit(","), chars("123456789", 1), chars(digits, 1), lit("."), chars(digits, 4)})
	add("timezone time_zone tz", pattern{some(p.zone)}, pattern{some([]string{"UTC", "Asia/Tokyo", "Europe/Berlin", "America/New_York"})})
}

func prose(add adder, p *pools) {
	caption := pattern{some(p.title), lit(" "), some(p.noun), lit(" and "), some(p.adjective), lit(" "), some(p.noun), number(" ")}
	short := pattern{some(p.title), lit(" "), some(p.noun), number(" ")}
	long, one := paragraphs{p.sentence, 2, 6}, paragraphs{p.sentence, 1, 1}
	add("title subject headline heading caption topic_title subtitle tagline slogan summary_line short_description", caption, short, pattern{some(p.title), number(" ")})
	add("body content text article essay message_body markdown html post_body long_description", long, one, caption, short)
	add("comment message note notes remark remarks review answer question reply feedback reason description summary abstract "+
		"excerpt about bio biography details detail instructions overview intro introduction synopsis annotation statement quote", one, paragraphs{p.sentence, 1, 2}, caption, short)
	add("slug permalink url_name url_key", pattern{some(p.adjective), lit("-"), some(p.noun), number("-")}, pattern{some(p.noun), number("-")}, pattern{some(p.noun), number("")})
}

func things(add adder, p *pools) {
	word := pattern{some(p.noun), number("-")}
	plain := pattern{some(p.title), number(" ")}
	thing := pattern{some(p.title), lit(" "), some(p.noun), number(" ")}
	add("name label display_label nickname_of title_name", thing, plain, pattern{some(p.title), number("")}, word)
	add("tag/name tag/label keyword/name topic/name label/name tag keyword topic hashtag", word, pattern{some(p.noun), number("")})
	add("category/name category genre section subcategory category_name product_category", pattern{some(p.category), number(" ")}, word)
	add("company organization organisation employer publisher manufacturer brand vendor supplier company_name business_name "+
		"company/name organization/name organisation/name vendor/name supplier/name publisher/name brand/name agency/name firm/name "+
		"manufacturer/name employer/name store/name shop/name", pattern{some(p.company), number(" ")}, plain)
	add("product product_name item product/name item/name article/name", pattern{some(p.product), number(" ")}, thing)
	add("pet/name pet pet_name", pattern{some(p.pet), number(" ")}, plain)
	add("animal species breed animal/name", pattern{some(p.animal), number(" ")})
	add("dish meal recipe recipe/name dish/name meal/name food", pattern{some(p.dish), number(" ")})
	add("car vehicle model car/name vehicle/name", pattern{some(p.car), number(" ")})
	add("book book/title book/name", pattern{some(p.book), number(" ")}, thing)
	add("movie film movie/title movie/name film/title film/name show/title series/title", pattern{some(p.film), number(" ")}, thing)
	add("song track song/title song/name track/title track/name album/title album/name", pattern{some(p.song), number(" ")}, thing)
	add("movie_genre music_genre genre/name", pattern{some(p.genre), number(" ")})
	add("school university college school/name university/name", pattern{some(p.school), number(" ")})
	add("bank bank_name bank/name", pattern{some(p.bank), number(" ")})
	add("app application app/name application/name project/name project", pattern{some(p.program), number(" ")}, thing)
	add("team/name club/name group/name band/name team club group", pattern{lit("The "), some(p.title), lit(" "), some(p.title), number(" ")}, thing)
	add("color colour colour_name color_name", pattern{some(p.color)}, pattern{lit("#"), chars(hexes, 6)})
	add("hex_color color_hex hex_colour colour_hex background_color", pattern{lit("#"), chars(hexes, 6)}, pattern{chars(hexes, 6)})
	add("currency currency_code iso_currency", pattern{some(p.currency)}, pattern{chars(upper, 3)})
	add("language lang language_name", pattern{some(p.language)}, pattern{some(p.languageCode)})
	add("language_code lang_code", pattern{some(p.languageCode)}, pattern{chars(lower, 2)})
	add("locale culture", pattern{some([]string{"de-DE", "en-GB", "en-US", "es-MX", "fr-FR", "it-IT", "ja-JP", "nl-NL", "pt-BR", "sv-SE"})})
	add("emoji icon_emoji", pattern{some(p.emoji)})
	add("price amount total cost balance fee", pattern{chars("123456789", 1), chars(digits, 1), lit("."), chars(digits, 2)})
}

func technical(add adder, p *pools) {
	page := pattern{lit("https://example.org/"), some(p.noun), lit("/"), some(p.noun), number("-")}
	add("url uri link website homepage home_page href web site blog webpage callback_url redirect_uri endpoint feed rss", page,
		pattern{lit("http://example.org/"), some(p.noun), number("-")})
	add("image avatar photo picture thumbnail logo cover banner icon image_url avatar_url photo_url thumbnail_url cover_url",
		pattern{lit("https://example.org/images/"), some(p.noun), number("-"), lit(".png")}, pattern{some(p.noun), number("-"), lit(".png")})
	host := pattern{some(p.noun), number("-"), lit(".example.org")}
	add("domain domain_name host hostname server subdomain fqdn", host, pattern{some(p.noun), number("-"), lit(".com")}, pattern{some(p.noun), number("")})
	add("ip ip_address ipv4 remote_addr client_ip", pattern{lit("10."), some(p.number), lit("."), some(p.number), lit("."), some(p.number)},
		pattern{lit("2001:db8::"), chars("123456789abcdef", 1), chars(hexes, 3)})
	add("ipv6", pattern{lit("2001:db8::"), chars("123456789abcdef", 1), chars(hexes, 3), lit(":"), chars("123456789abcdef", 1), chars(hexes, 3)})
	add("mac mac_address", pattern{lit("02:00:00:"), chars(hexes, 2), lit(":"), chars(hexes, 2), lit(":"), chars(hexes, 2)})
	add("user_agent useragent browser", pattern{some(p.agent)})
	add("version app_version semver release", pattern{some(p.version)}, pattern{some(p.number), lit("."), some(p.number), lit("."), some(p.number)})
	add("sha sha1 commit", pattern{chars(hexes, 40)})
	add("sha256 hash checksum digest fingerprint etag", pattern{chars(hexes, 64)}, pattern{chars(hexes, 40)}, pattern{chars(hexes, 32)})
	add("md5", pattern{chars(hexes, 32)})
	add("uuid guid", uuidText{})
	add("filename file_name file attachment document_name", pattern{some(p.noun), number("-"), lit("."), some(p.extension)})
	add("path file_path filepath directory folder", pattern{lit("/"), some(p.noun), lit("/"), some(p.noun), number("-")})
	add("mime mime_type content_type media_type", pattern{some(p.mime)}, pattern{some([]string{"image/png", "text/html", "text/plain", "application/json"})})
	add("extension file_extension", pattern{some(p.extension)})
	add("sku code reference ref serial serial_number order_number invoice_number part_number model_number ticket tracking_number "+
		"number coupon voucher license registration", pattern{chars(upper, 3), lit("-"), chars(digits, 6)}, pattern{chars(upper, 2), chars(digits, 4)})
	add("barcode ean ean13 gtin upc", pattern{chars("123456789", 1), chars(digits, 12)}, pattern{chars("123456789", 1), chars(digits, 11)})
	add("isbn isbn13", pattern{some(p.isbn)}, pattern{lit("978"), chars(digits, 10)})
	add("isrc", pattern{lit("GB"), chars(upper, 3), chars(digits, 7)})
	add("iban account_number", pattern{lit("DE"), chars(digits, 20)})
	add("credit_card card_number card", pattern{some(p.card)})
	add("bitcoin wallet bitcoin_address", pattern{some(p.coin)})
	add("cron schedule", pattern{some(p.number), lit(" "), some(p.number), lit(" * * *")})
	add("key", pattern{some(p.noun), lit("."), some(p.noun), number("")}, pattern{some(p.noun), number("_")})
	add("type kind status state_name stage level priority", pattern{some(p.noun)})
}
