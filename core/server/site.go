package server

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"coppice/core/fault"
)

// siteGuard refuses requests that name another host than the server's, and
// those that a browser sends for a page of another site. The first are how a
// page rebinds a name of its own to this machine, the second how it has its
// readers' browsers write here.
type siteGuard struct {
	names map[string]bool
	nets  []netip.Prefix
	any   bool
	// origins are those whose pages may send requests all the same.
	origins *originSet
}

// newSiteGuard reads names, addresses and ranges of addresses, none of which
// lets every host in, and origins, none of which lets no other site in.
func newSiteGuard(hosts, origins []string) (*siteGuard, error) {
	allowed, err := newOriginSet(origins)
	if err != nil {
		return nil, err
	}
	g := &siteGuard{names: map[string]bool{}, any: len(hosts) == 0, origins: allowed}
	for _, host := range hosts {
		if prefix, err := netip.ParsePrefix(host); err == nil {
			g.nets = append(g.nets, prefix.Masked())
			continue
		}
		name, ok := hostName(host)
		if !ok || strings.Contains(host, "/") {
			return nil, fmt.Errorf("%q is no host name, address or range of addresses, such as api.example.com or 127.0.0.0/8", host)
		}
		g.names[name] = true
	}
	return g, nil
}

// CheckHosts reports what is wrong with a list of hosts, as Options has it.
func CheckHosts(hosts []string) error {
	_, err := newSiteGuard(hosts, nil)
	return err
}

// refuse is why a request is refused, or nil.
func (g *siteGuard) refuse(r *http.Request) *fault.Error {
	switch {
	case !g.allows(r.Host):
		return fault.New(fault.Forbidden, "This server does not answer to the host %s. Its flag --hosts says which ones it answers to.", quoteShort(r.Host))
	case fromElsewhere(r) && !g.origins.allows(r):
		return fault.New(fault.Forbidden, "This request comes from a page of another site, which may not send any. The server's flag --cors-origins says which sites may.")
	default:
		return nil
	}
}

func (g *siteGuard) allows(host string) bool {
	if g.any {
		return true
	}
	name, ok := hostName(host)
	if !ok {
		return false
	}
	if g.names[name] {
		return true
	}
	addr, err := netip.ParseAddr(name)
	if err != nil {
		return false
	}
	for _, prefix := range g.nets {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}

// hostName is the name or address in a Host header, in the one spelling that it
// is compared by: without its port, in lower case, without the dot of the root.
func hostName(host string) (name string, ok bool) {
	name = host
	if strings.HasPrefix(host, "[") || strings.Count(host, ":") == 1 {
		if h, port, err := net.SplitHostPort(host); err == nil {
			if strings.Trim(port, "0123456789") != "" {
				return "", false
			}
			name = h
		} else if name, ok = strings.CutSuffix(strings.TrimPrefix(host, "["), "]"); !ok {
			return "", false
		}
	}
	if addr, err := netip.ParseAddr(name); err == nil {
		return addr.Unmap().String(), true
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	return name, name != "" && !strings.ContainsAny(name, ":/@[]% \t")
}

// fromElsewhere reports whether a browser says that another site than this one
// is behind a request. What is no browser says nothing.
func fromElsewhere(r *http.Request) bool {
	if site := r.Header["Sec-Fetch-Site"]; len(site) > 0 {
		switch strings.Join(site, ",") {
		case "same-origin": // also where a proxy has changed the host
			return false
		case "none": // the person in front of the browser
		default:
			return true
		}
	}
	origins := r.Header["Origin"]
	if len(origins) == 0 {
		return false
	}
	origin, err := url.Parse(origins[0])
	if err != nil || len(origins) > 1 || origin.Host == "" {
		return true
	}
	return atPort(origin.Host, origin.Scheme) != atPort(r.Host, origin.Scheme)
}

// guarded is a handler behind the guard.
func (g *siteGuard) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if refusal := g.refuse(r); refusal != nil {
			http.Error(w, refusal.Message, http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// originSet are the origins, in the sense of RFC 6454, whose pages may use the
// API: what the browser asks of CORS, as the Fetch standard has it, and what the
// guard of sites lets pass are one list.
type originSet struct {
	known map[string]bool
	any   bool
}

// anyOrigin stands for all origins.
const anyOrigin = "*"

// newOriginSet reads a list of origins, each in the spelling that browsers send.
func newOriginSet(list []string) (*originSet, error) {
	s := &originSet{known: map[string]bool{}}
	for _, text := range list {
		if text == anyOrigin {
			if len(list) > 1 {
				return nil, fmt.Errorf("%s stands for any origin: leave the others out", anyOrigin)
			}
			s.any = true
			break
		}
		origin, err := normalOrigin(text)
		if err != nil {
			return nil, err
		}
		s.known[origin] = true
	}
	return s, nil
}

// CheckOrigins reports what is wrong with a list of origins, as Options has it.
func CheckOrigins(origins []string) error {
	_, err := newOriginSet(origins)
	return err
}

// normalOrigin is an origin as browsers send it: in lower case, without the port
// that its scheme has anyway.
func normalOrigin(text string) (string, error) {
	if text == "null" {
		return "", fmt.Errorf("null is what all pages without an origin send, files and sandboxes, which cannot be told apart: serve the page from an address, or allow any by %s", anyOrigin)
	}
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		scheme = "https"
		if loopback(text) || loopback(text+":80") {
			scheme = "http"
		}
		if _, err := normalOrigin(scheme + "://" + text); err != nil || text == "" {
			return "", noOrigin(text)
		}
		return "", fmt.Errorf("%q says no scheme: write %s://%[1]s", text, scheme)
	}
	if strings.Contains(rest, "*") {
		return "", fmt.Errorf("%q names many origins: write each, or %s for any", text, anyOrigin)
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || strings.ContainsAny(u.Host, " \t%") {
		return "", noOrigin(text)
	}
	for _, r := range u.Host {
		if r > 0x7e {
			return "", fmt.Errorf("%q is not what browsers send of such a name: write it in letters of ASCII, as xn--…", text)
		}
	}
	origin, ok := originOf(strings.ToLower(scheme), u)
	if !ok {
		return "", noOrigin(text)
	}
	if u.Path != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || u.User != nil {
		return "", fmt.Errorf("%q is more than an origin, which ends with its host or port: write %s", text, origin)
	}
	return origin, nil
}

// originOf prints an origin.
func originOf(scheme string, u *url.URL) (origin string, ok bool) {
	name, port := strings.ToLower(u.Hostname()), u.Port()
	if addr, err := netip.ParseAddr(name); err == nil && addr.Is6() {
		name = "[" + addr.String() + "]"
	}
	if strings.HasSuffix(u.Host, ":") {
		return "", false
	}
	if port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return "", false
		}
		port = strconv.FormatUint(n, 10)
	}
	if port == "" || port == schemePorts[scheme] {
		return scheme + "://" + name, true
	}
	return scheme + "://" + name + ":" + port, true
}

func noOrigin(text string) error {
	return fmt.Errorf("%q is no origin, such as https://app.example.com or http://localhost:3000", text)
}

// allows reports whether the page behind a request, if there is one, may use the
// API.
func (s *originSet) allows(r *http.Request) bool {
	if s.any {
		return true
	}
	origins := r.Header["Origin"]
	return len(origins) == 1 && s.known[origins[0]]
}

// What a browser is told of a request before it sends it, and of an answer.
const (
	corsMethods = "GET, HEAD, POST"
	corsExposed = "ETag, X-Request-Id, X-Written"
	// corsAge is for how many seconds it need not ask again: as long as any browser
	// remembers it.
	corsAge = "7200"
	// corsNames is how long a list of headers may be that a page asks to send, in
	// bytes.
	corsNames = 1024
)

// sharing is the project's routes, with those of the API open to pages of the
// allowed origins. It stands before the project's middleware, so that pages can
// read what that refuses, and browsers need not sign in to ask.
func (g *siteGuard) sharing(routes http.Handler, paths ...string) http.Handler {
	if !g.origins.any && len(g.origins.known) == 0 {
		return routes
	}
	shared := map[string]bool{}
	for _, path := range paths {
		shared[path] = true
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if shared[r.URL.Path] && g.share(w.Header(), r) {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		routes.ServeHTTP(w, r)
	})
}

// share writes what the browser wants to know into an answer's header, and
// reports whether that is all that was asked.
func (g *siteGuard) share(header http.Header, r *http.Request) (answered bool) {
	header.Add("Vary", "Origin")
	if !g.origins.allows(r) {
		return false
	}
	if g.origins.any {
		header.Set("Access-Control-Allow-Origin", anyOrigin)
	} else {
		header.Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		header.Set("Access-Control-Allow-Credentials", "true")
	}
	header.Set("Access-Control-Expose-Headers", corsExposed)
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" || !g.allows(r.Host) {
		return false
	}
	header.Add("Vary", "Access-Control-Request-Method")
	header.Add("Vary", "Access-Control-Request-Headers")
	header.Set("Access-Control-Allow-Methods", corsMethods)
	header.Set("Access-Control-Max-Age", corsAge)
	// Clients have headers of their own, such as Apollo's; none changes what a
	// request may do.
	if names := strings.Join(r.Header["Access-Control-Request-Headers"], ","); names != "" && len(names) <= corsNames && headerNames(names) {
		header.Set("Access-Control-Allow-Headers", names)
	}
	return true
}

// headerNames reports whether a text is a list of names of headers.
func headerNames(text string) bool {
	for _, r := range text {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("-_.,", r), r == ' ':
		default:
			return false
		}
	}
	for name := range strings.SplitSeq(text, ",") {
		if name = strings.TrimSpace(name); name == "" || strings.Contains(name, " ") {
			return false
		}
	}
	return true
}

// schemePorts are the ports that addresses of a scheme have unless they say one.
var schemePorts = map[string]string{"http": "80", "https": "443"}

// atPort is a host in one spelling, with the port that a scheme has when it
// names none.
func atPort(host, scheme string) string {
	port := (&url.URL{Host: host}).Port()
	if port == "" {
		port = schemePorts[scheme]
	}
	name, _ := hostName(host)
	return net.JoinHostPort(name, port)
}
