package engine

import "strings"

// tokenKind is what a token is.
type tokenKind uint8

const (
	end tokenKind = iota
	word
	quoted  // an identifier in quotes, without them
	literal // a string or a number
	param
	mark // any other character
)

// token is a part of a statement that stands for itself.
type token struct {
	kind tokenKind
	text string
}

// is reports whether the token is the keyword or character s, in upper case.
func (t token) is(s string) bool {
	return (t.kind == word || t.kind == mark) && strings.EqualFold(t.text, s)
}

// name returns the identifier that the token may be, in lower case.
func (t token) name() string {
	if t.kind == word || t.kind == quoted {
		return strings.ToLower(t.text)
	}
	return ""
}

// scanner splits SQL into tokens as SQLite does: an unterminated quote or
// comment takes the rest, and nothing is read past a NUL.
type scanner struct {
	s string
	i int
}

// next returns the next token; after the last, one of kind end.
func (sc *scanner) next() token {
	sc.skip()
	if sc.i >= len(sc.s) || sc.s[sc.i] == 0 {
		return token{}
	}
	start := sc.i
	switch c := sc.s[sc.i]; {
	case letter(c):
		sc.run(letterOrDigit)
		return token{word, sc.s[start:sc.i]}
	case digit(c) || c == '.' && sc.i+1 < len(sc.s) && digit(sc.s[sc.i+1]):
		sc.run(func(c byte) bool { return letterOrDigit(c) || c == '.' })
		return token{literal, sc.s[start:sc.i]}
	case c == '\'':
		return token{literal, sc.quote('\'')}
	case c == '"' || c == '`':
		return token{quoted, sc.quote(c)}
	case c == '[':
		return token{quoted, sc.quote(']')}
	case c == '?' || c == ':' || c == '@' || c == '$':
		sc.i++
		sc.run(letterOrDigit)
		return token{param, sc.s[start:sc.i]}
	}
	sc.i++
	return token{mark, sc.s[start:sc.i]}
}

// skip passes over spaces and comments.
func (sc *scanner) skip() {
	for sc.i < len(sc.s) {
		rest := sc.s[sc.i:]
		switch {
		case strings.IndexByte(" \t\n\f\r", rest[0]) >= 0:
			sc.i++
		case strings.HasPrefix(rest, "--"):
			sc.past(rest, "\n")
		case strings.HasPrefix(rest, "/*") && len(rest) > 2:
			sc.i += 2
			sc.past(rest[2:], "*/")
		default:
			return
		}
	}
}

// past moves on to after stop in rest, which is all that is left.
func (sc *scanner) past(rest, stop string) {
	if i := strings.Index(rest, stop); i >= 0 {
		sc.i += i + len(stop)
		return
	}
	sc.i = len(sc.s)
}

// quote reads to the closing character, which stands for itself when doubled,
// save in brackets.
func (sc *scanner) quote(closing byte) string {
	sc.i++
	start := sc.i
	for ; sc.i < len(sc.s); sc.i++ {
		if sc.s[sc.i] != closing {
			continue
		}
		if closing != ']' && sc.i+1 < len(sc.s) && sc.s[sc.i+1] == closing {
			sc.i++
			continue
		}
		sc.i++
		return sc.s[start : sc.i-1]
	}
	return sc.s[start:]
}

// run passes over the characters that are in a class.
func (sc *scanner) run(in func(byte) bool) {
	for sc.i < len(sc.s) && in(sc.s[sc.i]) {
		sc.i++
	}
}

// letter reports a character that may begin a name; beyond ASCII all do.
func letter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func letterOrDigit(c byte) bool { return letter(c) || digit(c) || c == '$' }
