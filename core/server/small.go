package server

import (
	"embed"
	"net/http"
	"path"
)

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
