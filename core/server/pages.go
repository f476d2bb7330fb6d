package server

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"coppice/core/model"
	"coppice/core/pages"
)

// pagePolicy is the Content-Security-Policy of the pages: nothing comes from
// elsewhere, nothing is made into code, and no other page may hold them. The editor
// puts its styles in by script, which is what 'unsafe-inline' is for.
const pagePolicy = "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; " +
	"style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// noData is said at /data where the pages are not built.
const noData = "The data browser is not built. With Node 20.19 or later, `make run` builds it, or in the project's folder: go run coppice/cmd/pages\n"

// servedFile is a file of the pages, in both forms that it is sent in.
type servedFile struct {
	kind   string // its media type
	tag    string // of its content, without the quotes of an ETag
	packed []byte // gzipped; nil for one that is sent as it is
	plain  []byte // nil for one that is unpacked as it is sent
	size   int    // in bytes, unpacked
	fixed  bool   // its address has a hash in it
}

// addPages adds the pages to the routes: those that were built, or the small one. A
// route that the project has for itself stays the project's.
func (h *httpHandler) addPages(mux *http.ServeMux) error {
	files, err := h.pages()
	if err != nil {
		return fmt.Errorf("server: %w", err)
	}
	for path, f := range files {
		exact := path
		if path == "/" {
			exact += "{$}"
		}
		_, taken := mux.Handler(&http.Request{Method: http.MethodGet, URL: &url.URL{Path: path}})
		if taken == exact || strings.HasSuffix(taken, " "+exact) {
			continue
		}
		mux.Handle("GET "+exact, h.sites.guardedPage(f))
	}
	return nil
}

// pages are the files to serve, by path.
func (h *httpHandler) pages() (map[string]http.Handler, error) {
	served := map[string]http.Handler{
		"/assets/first.graphql": plainFile("text/plain; charset=utf-8", []byte(h.firstQuery())),
	}
	if h.opts.Pages == nil {
		return served, addSmallPage(served)
	}
	built, err := pages.Read(h.opts.Pages)
	if errors.Is(err, fs.ErrNotExist) {
		return served, addSmallPage(served)
	}
	if err != nil {
		return nil, err
	}
	for _, f := range built.Files {
		packed, err := f.Content(h.opts.Pages)
		if err != nil {
			return nil, err
		}
		file := &servedFile{kind: f.Type, tag: f.Hash, packed: packed, size: f.Size}
		switch f.Path {
		case "index.html":
			served["/"] = file
		case "data.html":
			if err := file.describeWith(h.referrers()); err != nil {
				return nil, err
			}
			served["/data"] = file
		default:
			file.fixed = true
			served["/"+f.Path] = file
		}
	}
	return served, nil
}

// referrers are those of each entity, by its name, as far as the API shows entities at
// all: one that it does not show has no name here.
func (h *httpHandler) referrers() map[string][]model.Referrer {
	all := map[string][]model.Referrer{}
	for _, e := range h.model.Entities {
		if h.schema.Types[e.Name] == nil {
			continue
		}
		list := h.model.Referrers(e)
		for i, r := range list {
			if h.schema.Types[r.Of] == nil {
				list[i] = model.Referrer{Action: r.Action}
			}
		}
		all[e.Name] = list
	}
	return all
}

// describeWith puts into a page what introspection does not tell, as data: a script
// that none of its policy would run. The page is read anew for that, and packed anew.
func (f *servedFile) describeWith(referrers map[string][]model.Referrer) error {
	zip, err := gzip.NewReader(bytes.NewReader(f.packed))
	if err != nil {
		return err
	}
	content, err := io.ReadAll(zip)
	if err != nil {
		return err
	}
	data, err := json.Marshal(referrers) // which writes < as \u003c
	if err != nil {
		return err
	}
	head, rest, found := bytes.Cut(content, []byte("</head>"))
	if !found {
		return nil // no page of cmd/pages
	}
	content = slices.Concat(head, []byte(`<script type="application/json" id="referrers">`), data, []byte("</script></head>"), rest)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(content); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	f.packed, f.size, f.tag = packed.Bytes(), len(content), tagOf(content)
	return nil
}

// tagOf is a tag for a content.
func tagOf(content []byte) string { return fmt.Sprintf("%x", sha256.Sum256(content))[:20] }

// plainFile is a file that is small enough to be sent as it is.
func plainFile(kind string, content []byte) *servedFile {
	return &servedFile{kind: kind, tag: tagOf(content), plain: content, size: len(content)}
}

// ServeHTTP sends the file in the form that the client takes, or says that it has it.
func (f *servedFile) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	packed := f.packed != nil && takesGzip(r.Header["Accept-Encoding"])
	header := w.Header()
	f.describe(header, packed)
	if hasTag(r.Header["If-None-Match"], f.tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header.Set("Content-Type", f.kind)
	switch {
	case packed:
		header.Set("Content-Encoding", "gzip")
		header.Set("Content-Length", strconv.Itoa(len(f.packed)))
		_, _ = w.Write(f.packed)
	case f.plain != nil:
		header.Set("Content-Length", strconv.Itoa(f.size))
		_, _ = w.Write(f.plain)
	default:
		header.Set("Content-Length", strconv.Itoa(f.size))
		if zip, err := gzip.NewReader(bytes.NewReader(f.packed)); err == nil {
			_, _ = io.Copy(w, zip)
		}
	}
}

// describe sets what is said of the file whether or not it is sent. A worker goes by
// the policy of its own script, so that scripts have one, too.
func (f *servedFile) describe(header http.Header, packed bool) {
	header.Set("Content-Security-Policy", pagePolicy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Vary", "Accept-Encoding")
	header.Set("Cache-Control", "no-cache")
	if f.fixed {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	tag := f.tag
	if packed {
		tag += "-gzip"
	}
	header.Set("ETag", `"`+tag+`"`)
}

// hasTag reports whether one of the tags of If-None-Match is that of a file, in
// either form.
func hasTag(header []string, tag string) bool {
	for _, line := range header {
		for t := range strings.SplitSeq(line, ",") {
			t = strings.Trim(strings.TrimPrefix(strings.TrimSpace(t), "W/"), `"`)
			if t == "*" || strings.TrimSuffix(t, "-gzip") == tag {
				return true
			}
		}
	}
	return false
}

// guardedPage is a page behind the guard. Other than the API, it may be come to by a
// link from another site: it does nothing by being shown, and no other page can hold
// it or read it.
func (g *siteGuard) guardedPage(next http.Handler) http.Handler {
	guarded := g.guarded(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		followed := slices.Equal(r.Header["Sec-Fetch-Mode"], []string{"navigate"}) && slices.Equal(r.Header["Sec-Fetch-Dest"], []string{"document"})
		if followed && g.allows(r.Host) {
			next.ServeHTTP(w, r)
			return
		}
		guarded.ServeHTTP(w, r)
	})
}

// small is the playground of a server whose pages are not built: a page, a script
// and a style, without any library.
//
//go:embed small
var small embed.FS

// addSmallPage adds the small playground to the files to serve.
func addSmallPage(served map[string]http.Handler) error {
	for at, name := range map[string]string{"/": "index.html", "/assets/small.js": "small.js", "/assets/small.css": "small.css"} {
		content, err := small.ReadFile(path.Join("small", name))
		if err != nil {
			return err
		}
		kind := map[string]string{".html": "text/html", ".js": "text/javascript", ".css": "text/css"}[path.Ext(name)]
		served[at] = plainFile(kind+"; charset=utf-8", content)
	}
	served["/data"] = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, noData, http.StatusNotFound)
	})
	return nil
}
