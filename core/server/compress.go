package server

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// compressFrom is how many bytes an answer has at most that goes out as it is: one
// packet or two, which nobody waits for.
const compressFrom = 1 << 10

// gzipWriters holds writers to use again: a new one takes half a megabyte.
var gzipWriters = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
	if err != nil {
		panic(err) // there is such a level
	}
	return w
}}

// writeGzip writes parts as one stream. It ends early where the client has gone or
// its time is over.
func writeGzip(to io.Writer, parts ...[]byte) error {
	w := gzipWriters.Get().(*gzip.Writer)
	w.Reset(to)
	defer func() {
		w.Reset(io.Discard) // it is fit for use again, whatever its last reader did
		gzipWriters.Put(w)
	}()
	for _, part := range parts {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return w.Close()
}

// compresses reports whether an answer of so many bytes goes out compressed, and
// notes in its header what that depends on.
func (c *httpCall) compresses(size int) bool {
	if !c.h.opts.Compress {
		return false
	}
	header := c.w.Header()
	if vary := header["Vary"]; len(vary) == 0 {
		header["Vary"] = c.h.headers["Vary"]
	} else {
		header.Add("Vary", "Accept-Encoding")
	}
	return size > compressFrom && c.r.Method != http.MethodHead && takesGzip(c.r.Header["Accept-Encoding"])
}

// takesGzip reports whether a client takes gzip, and likes nothing at all no
// better, by the Accept-Encoding header of RFC 9110.
func takesGzip(accept []string) bool {
	gzipped, any, plain := -1.0, -1.0, 0.0 // weights; of those that are not named less than any
	for _, list := range accept {
		for item := range strings.SplitSeq(list, ",") {
			coding, parameters, _ := strings.Cut(item, ";")
			coding = strings.TrimSpace(coding)
			switch {
			case strings.EqualFold(coding, "gzip"), strings.EqualFold(coding, "x-gzip"):
				gzipped = max(gzipped, weightOf(parameters))
			case coding == "*":
				any = weightOf(parameters)
			case strings.EqualFold(coding, "identity"):
				plain = weightOf(parameters)
			}
		}
	}
	if gzipped < 0 {
		gzipped = any
	}
	return gzipped > 0 && gzipped >= plain
}

// weightOf is the weight that an item's parameters give it: 1 unless they say, 0
// where they say what is none.
func weightOf(parameters string) float64 {
	name, value, given := strings.Cut(parameters, "=")
	if !given && strings.TrimSpace(parameters) == "" {
		return 1
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !strings.EqualFold(strings.TrimSpace(name), "q") || !(q >= 0 && q <= 1) {
		return 0
	}
	return q
}
