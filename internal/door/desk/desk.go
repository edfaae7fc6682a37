package desk

import (
	"embed"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

//go:embed all:dist
var built embed.FS

// Prefix is where the staff site lives.
const Prefix = "/desk/"

// policy lets the pages run their own scripts only. The component library writes
// styles at run time; the map runs its worker from a blob and draws to pictures.
const policy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
	"img-src 'self' data: blob:; worker-src 'self' blob:; connect-src 'self'; font-src 'self' data:; " +
	"object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"

// Handler serves the embedded build under Prefix. An address without an
// extension that is no file is a page of the site and gets its index.
func Handler() (http.Handler, error) {
	dir := "dist/site"
	if _, err := fs.Stat(built, dir+"/index.html"); err != nil {
		dir = "dist" // not built: the placeholder
	}
	site, err := fs.Sub(built, dir)
	if err != nil {
		return nil, fmt.Errorf("desk: %w", err)
	}
	return handler(site)
}

func handler(site fs.FS) (http.Handler, error) {
	index, err := fs.ReadFile(site, "index.html")
	if err != nil {
		return nil, fmt.Errorf("desk: %w", err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		guard(w.Header())
		name, ok := strings.CutPrefix(path.Clean(r.URL.Path)+"/", Prefix)
		name = strings.TrimSuffix(name, "/")
		switch {
		case !ok:
			http.NotFound(w, r)
		case strings.HasPrefix(name, "assets/"):
			serveAsset(w, r, site, name)
		case path.Ext(name) == "" || name == "index.html":
			w.Header().Set("Cache-Control", "no-store")
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			if r.Method == http.MethodGet {
				// The reader has gone if this fails; nobody is left to tell.
				_, _ = w.Write(index)
			}
		default:
			http.NotFound(w, r)
		}
	}), nil
}

// guard sets the headers that hold for every answer of the site.
func guard(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
}

// serveAsset serves a file whose name carries the hash of its content, in its
// compressed form where the build made one and the reader takes it.
func serveAsset(w http.ResponseWriter, r *http.Request, site fs.FS, name string) {
	h := w.Header()
	kind := mime.TypeByExtension(path.Ext(name))
	if kind == "" {
		kind = "application/octet-stream"
	}
	if _, err := fs.Stat(site, name); err != nil || path.Ext(name) == ".gz" {
		http.NotFound(w, r)
		return
	}
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Add("Vary", "Accept-Encoding")
	if takesGzip(r) {
		if _, err := fs.Stat(site, name+".gz"); err == nil {
			h.Set("Content-Encoding", "gzip")
			name += ".gz"
		}
	}
	http.ServeFileFS(w, r, site, name)
}

func takesGzip(r *http.Request) bool {
	for _, part := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		coding, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if coding == "gzip" && strings.ReplaceAll(q, " ", "") != "q=0" {
			return true
		}
	}
	return false
}
