package desk

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func TestHandler(t *testing.T) {
	h, err := handler(fstest.MapFS{
		"index.html":         {Data: []byte("<!doctype html>index")},
		"assets/app-1.js":    {Data: []byte("plain")},
		"assets/app-1.js.gz": {Data: []byte("small")},
		"assets/map-2.css":   {Data: []byte("css")},
	})
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name, method, path, accept string
		code                       int
		body, kind, cache          string
	}{
		{"the index itself", "GET", "/desk/", "", 200, "index", "text/html", "no-store"},
		{"a page of the site", "GET", "/desk/cases/01K", "", 200, "index", "text/html", "no-store"},
		{"an asset, compressed", "GET", "/desk/assets/app-1.js", "br, gzip", 200, "small", "javascript", "immutable"},
		{"an asset for a reader without gzip", "GET", "/desk/assets/app-1.js", "gzip;q=0", 200, "plain", "javascript", "immutable"},
		{"an asset that has no compressed twin", "GET", "/desk/assets/map-2.css", "gzip", 200, "css", "text/css", "immutable"},
		{"an asset of an older build", "GET", "/desk/assets/app-0.js", "gzip", 404, "", "", ""},
		{"a file that is not there", "GET", "/desk/logo.png", "", 404, "", "", ""},
		{"the compressed twin by name", "GET", "/desk/assets/app-1.js.gz", "", 404, "", "", ""},
		{"a way out of the folder", "GET", "/desk/assets/../../index.html", "", 404, "", "", ""},
		{"a write", "POST", "/desk/", "", 405, "", "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest(c.method, c.path, nil)
			r.Header.Set("Accept-Encoding", c.accept)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != c.code {
				t.Fatalf("status %d, want %d", w.Code, c.code)
			}
			if c.code != http.StatusOK {
				return
			}
			if !strings.Contains(w.Body.String(), c.body) {
				t.Errorf("body %q, want %q in it", w.Body.String(), c.body)
			}
			if got := w.Header().Get("Content-Type"); !strings.Contains(got, c.kind) {
				t.Errorf("content type %q, want %q", got, c.kind)
			}
			if got := w.Header().Get("Cache-Control"); !strings.Contains(got, c.cache) {
				t.Errorf("cache control %q, want %q", got, c.cache)
			}
			if got := w.Header().Get("Content-Security-Policy"); !strings.Contains(got, "script-src 'self';") {
				t.Errorf("policy %q lets foreign scripts in", got)
			}
		})
	}
}

// A plain go build must have something to serve.
func TestEmbedded(t *testing.T) {
	if _, err := Handler(); err != nil {
		t.Fatal(err)
	}
}
