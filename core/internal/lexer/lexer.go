// Package lexer splits SQL into tokens as SQLite does.
package lexer

import "strings"

// Kind is what a token is.
type Kind uint8

// The kinds of tokens; that after the last is End.
const (
	End Kind = iota
	Word
	Quoted  // an identifier in quotes, without them
	Literal // a string or a number
	Param
	Mark // any other character
)

// Token is a part of a statement that stands for itself.
type Token struct {
	Kind Kind
	Text string
}

// Is reports whether the token is the keyword or character s, in upper case.
func (t Token) Is(s string) bool {
	return (t.Kind == Word || t.Kind == Mark) && strings.EqualFold(t.Text, s)
}

// Name returns the identifier that the token may be, in lower case.
func (t Token) Name() string {
	if t.Kind == Word || t.Kind == Quoted {
		return strings.ToLower(t.Text)
	}
	return ""
}

// Scanner splits SQL into tokens as SQLite does: an unterminated quote or
// comment takes the rest, and nothing is read past a NUL.
type Scanner struct {
	SQL string // the statement
	i   int
}

// Next returns the next token; after the last, one of kind End.
func (sc *Scanner) Next() Token {
	sc.skip()
	if sc.i >= len(sc.SQL) || sc.SQL[sc.i] == 0 {
		return Token{}
	}
	start := sc.i
	switch c := sc.SQL[sc.i]; {
	case letter(c):
		sc.run(letterOrDigit)
		return Token{Word, sc.SQL[start:sc.i]}
	case digit(c) || c == '.' && sc.i+1 < len(sc.SQL) && digit(sc.SQL[sc.i+1]):
		sc.run(func(c byte) bool { return letterOrDigit(c) || c == '.' })
		return Token{Literal, sc.SQL[start:sc.i]}
	case c == '\'':
		return Token{Literal, sc.quote('\'')}
	case c == '"' || c == '`':
		return Token{Quoted, sc.quote(c)}
	case c == '[':
		return Token{Quoted, sc.quote(']')}
	case c == '?' || c == ':' || c == '@' || c == '$':
		sc.i++
		sc.run(letterOrDigit)
		return Token{Param, sc.SQL[start:sc.i]}
	}
	sc.i++
	return Token{Mark, sc.SQL[start:sc.i]}
}

// Offset is where in the statement the next token is looked for, in bytes.
func (sc *Scanner) Offset() int { return sc.i }

// skip passes over spaces and comments.
func (sc *Scanner) skip() {
	for sc.i < len(sc.SQL) {
		rest := sc.SQL[sc.i:]
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
func (sc *Scanner) past(rest, stop string) {
	if i := strings.Index(rest, stop); i >= 0 {
		sc.i += i + len(stop)
		return
	}
	sc.i = len(sc.SQL)
}

// quote reads to the closing character, which stands for itself when doubled,
// save in brackets.
func (sc *Scanner) quote(closing byte) string {
	sc.i++
	start := sc.i
	for ; sc.i < len(sc.SQL); sc.i++ {
		if sc.SQL[sc.i] != closing {
			continue
		}
		if closing != ']' && sc.i+1 < len(sc.SQL) && sc.SQL[sc.i+1] == closing {
			sc.i++
			continue
		}
		sc.i++
		return sc.SQL[start : sc.i-1]
	}
	return sc.SQL[start:]
}

// run passes over the characters that are in a class.
func (sc *Scanner) run(in func(byte) bool) {
	for sc.i < len(sc.SQL) && in(sc.SQL[sc.i]) {
		sc.i++
	}
}

// letter reports a character that may begin a name; beyond ASCII all do.
func letter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func letterOrDigit(c byte) bool { return letter(c) || digit(c) || c == '$' }
