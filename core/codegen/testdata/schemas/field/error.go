package schema

import "errors"

var errNoMail = errors.New("no @")
