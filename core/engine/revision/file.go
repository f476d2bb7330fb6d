package revision

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	atlas "ariga.io/atlas/sql/migrate"
)

// Allow is the line of a file that may lose what rows hold.
const Allow = "-- coppice:allow destructive"

// The lines of a file that atlas defines, and which are ours to keep: see
// https://atlasgo.io/versioned/apply#transaction-configuration.
const (
	noTransaction = "-- atlas:txmode none"
	delimiterLine = "-- atlas:delimiter "
)

// scanned is a file of which all read the same statements, whatever the engine.
type scanned struct{ *atlas.LocalFile }

// StmtDecls implements atlas's File.
func (s scanned) StmtDecls() ([]*atlas.Stmt, error) { return statements(s.LocalFile) }

// statements are those of a file, where each begins.
func statements(f *atlas.LocalFile) ([]*atlas.Stmt, error) {
	list, err := (&atlas.Scanner{ScannerOptions: atlas.ScannerOptions{
		MatchBegin: true, MatchBeginAtomic: true, MatchDollarQuote: true, EscapedStringExt: true,
	}}).Scan(string(f.Bytes()))
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(f.Bytes(), []byte(delimiterLine)) { // which the scanner does not count
		for _, s := range list {
			s.Pos += bytes.IndexByte(f.Bytes(), '\n') + 1
		}
	}
	return slices.DeleteFunc(list, func(s *atlas.Stmt) bool { return strings.Trim(s.Text, "; \t\r\n") == "" }), nil
}

// line is that of a place in a file, from 1.
func line(f *atlas.LocalFile, pos int) int {
	return 1 + strings.Count(string(f.Bytes()[:min(pos, len(f.Bytes()))]), "\n")
}

// sum is that of one file, whatever came before it.
func sum(f *atlas.LocalFile) string {
	h := sha256.Sum256(f.Bytes())
	return base64.StdEncoding.EncodeToString(h[:])
}

// allowed reports that a file's author knows that it loses something.
func allowed(f *atlas.LocalFile) bool { return hasLine(f, Allow) }

func hasLine(f *atlas.LocalFile, text string) bool {
	return slices.ContainsFunc(bytes.Split(f.Bytes(), []byte("\n")), func(line []byte) bool {
		return string(bytes.TrimSpace(line)) == text
	})
}

// outside reports that the statements of a file run outside of a transaction.
func outside(f *atlas.LocalFile) bool {
	return slices.Contains(f.Directive("txmode"), "none")
}

// endings are the words that begin a statement which begins or ends a transaction.
var endings = []string{"BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE"}

// refuse tells what is wrong with a file as such, or what of the rows would be lost by it
// without its saying so.
func (f *Folder) refuse(file *atlas.LocalFile) (wrong []error) {
	list, err := statements(file)
	if err != nil {
		return []error{fmt.Errorf("%s/%s cannot be read: %w", f.Name, file.Name(), err)}
	}
	if hasLine(file, noTransaction) && !outside(file) {
		wrong = append(wrong, fmt.Errorf("%s/%s: the line %q counts only at the beginning of the file, with an empty line after it", f.Name, file.Name(), noTransaction))
	}
	for i, s := range list {
		at := fmt.Sprintf("%s/%s:%d", f.Name, file.Name(), line(file, s.Pos))
		if w := words(s.Text); len(w) > 0 && slices.Contains(endings, strings.ToUpper(w[0])) {
			wrong = append(wrong, fmt.Errorf("%s: %s has no place in a migration file, for each is run in a transaction: take it out", at, strings.ToUpper(w[0])))
			continue
		}
		rest := list[i+1:]
		if outside(file) {
			rest = nil // a table that is made anew step by step is gone meanwhile
		}
		if why := loses(s.Text, rest); why != "" && !allowed(file) {
			wrong = append(wrong, fmt.Errorf("%s %s: if that is meant, add the line %q to the file", at, why, Allow))
		}
	}
	return wrong
}
