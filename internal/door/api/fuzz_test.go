package api_test

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"yiwang/internal/door/api/apitest"
)

// Whatever is sent to any route of the staff door by somebody who may use most of
// them, the answer is no internal error and repeats no secret.
func FuzzDoor(f *testing.F) {
	h := apitest.Open(f, sqlite)
	h.As(f, "fenbo")
	var routes []string
	for _, e := range endpoints {
		if e.id != "live" && e.id != "signOut" && e.id != "signIn" {
			routes = append(routes, e.at)
		}
	}
	slices.Sort(routes)
	for i, e := range endpoints {
		f.Add(uint16(i), "x", "q=1", []byte(e.body))
	}
	f.Add(uint16(1), "../../etc/passwd", "limit=-1&after=%00", []byte(`{"input":{"unit":null}}`))
	f.Fuzz(func(t *testing.T, route uint16, id, query string, body []byte) {
		method, path := split(routes[int(route)%len(routes)], id)
		req, err := http.NewRequestWithContext(t.Context(), method, h.URL+path, bytes.NewReader(body))
		if err != nil || strings.ContainsFunc(query, unicode.IsControl) {
			return // no address at all
		}
		req.URL.RawQuery = query
		req.Header.Set("Content-Type", "application/json")
		got := h.As(t, "fenbo").Send(req)
		if got.Status >= http.StatusInternalServerError && got.Status != http.StatusServiceUnavailable {
			t.Fatalf("%s %s?%s: %d %s", method, path, query, got.Status, got.Raw)
		}
	})
}

// split returns the method and the path of a route with an id in its place.
func split(at, id string) (method, path string) {
	method, path, _ = strings.Cut(at, " ")
	path, _, _ = strings.Cut(path, "?")
	return method, placeholder.ReplaceAllString(path, url.PathEscape(id))
}

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)
