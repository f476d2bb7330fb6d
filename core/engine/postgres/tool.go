package postgres

import (
	"net/url"
	"strings"
)

// Tools are the lines that copy a database into a file, and back, with PostgreSQL's own
// programs. They leave out the password, and the parameters that only pgx knows.
func Tools(database, file string) (backup, restore string) {
	u, err := url.Parse(database)
	if err != nil {
		return "", "" // of a URL that Parse took there is none
	}
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	// https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
	kept := url.Values{}
	for _, name := range []string{"host", "port", "user", "dbname", "sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout", "target_session_attrs"} {
		if v, ok := u.Query()[name]; ok {
			kept[name] = v
		}
	}
	u.RawQuery = kept.Encode()
	where := shell(u.String())
	return "pg_dump --format=custom --file=" + shell(file) + " --dbname=" + where,
		"pg_restore --clean --if-exists --single-transaction --dbname=" + where + " " + shell(file)
}

// shell is a word as a shell takes it.
func shell(word string) string {
	if strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+=,") == "" && word != "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
