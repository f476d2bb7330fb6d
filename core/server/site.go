package server

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
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
