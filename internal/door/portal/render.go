package portal

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
)

//go:embed page
var pageFiles embed.FS

//go:embed asset
var assetFiles embed.FS

// pages holds the parsed templates: for each language, one set for each page.
type pages map[text.Lang]map[string]*template.Template

func loadPages(a assets) (pages, error) {
	all := pages{}
	names, err := fs.Glob(pageFiles, "page/*.html")
	if err != nil {
		return nil, err
	}
	for _, l := range []text.Lang{text.Chinese, text.English} {
		all[l] = map[string]*template.Template{}
		funcs := template.FuncMap{
			"t":     func(key string, args ...any) string { return text.Say(l, "portal."+key, pairs(args)) },
			"asset": func(name string) string { return "/assets/" + name + "?v=" + a[name].version },
			"lines": func(s string) []string { return strings.Split(s, "\n") },
		}
		base, err := template.New("base").Funcs(funcs).ParseFS(pageFiles, "page/layout.html", "page/parts.html")
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			t, err := base.Clone()
			if err != nil {
				return nil, err
			}
			if t, err = t.ParseFS(pageFiles, name); err != nil {
				return nil, err
			}
			all[l][strings.TrimSuffix(path.Base(name), ".html")] = t
		}
	}
	return all, nil
}

// pairs reads name, value, name, value … as the arguments of a sentence.
func pairs(args []any) errs.Args {
	m := errs.Args{}
	for i := 0; i+1 < len(args); i += 2 {
		if name, ok := args[i].(string); ok {
			m[name] = args[i+1]
		}
	}
	return m
}

// layout is what every page is framed with.
type layout struct {
	Lang, Tag string
	Elder     bool
	Title     string
	Site      heading
	Notice    heading
	Path      string
	Form      bool // the page is a form whose texts the switches must not lose
	Body      any
}

// show writes a page. It is made in memory first, so that a page is never cut
// off by an error in the middle.
func (v *visit) show(status int, page, title string, body any) error {
	return v.write(status, page, layout{Title: title, Body: body})
}

// showForm writes a page whose switches take its form along.
func (v *visit) showForm(status int, page, title string, body any) error {
	return v.write(status, page, layout{Title: title, Body: body, Form: true})
}

func (v *visit) write(status int, page string, l layout) error {
	l.Lang, l.Tag = string(v.lang), "zh-CN"
	if v.lang == text.English {
		l.Tag = "en"
	}
	l.Elder = v.elder
	l.Site, l.Notice = declaredText(v.lang, v.book.Title), declaredText(v.lang, v.book.Notice)
	if l.Site.Text == "" {
		l.Site.Text = v.say("site", nil)
	}
	l.Path = localPath(v.r.URL.Path)
	var b bytes.Buffer
	if err := v.site.pages[v.lang][page].ExecuteTemplate(&b, "layout", l); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Set("Content-Language", l.Tag)
	v.w.WriteHeader(status)
	_, err := v.w.Write(b.Bytes())
	if err != nil && v.ctx().Err() == nil {
		v.site.log.WarnContext(v.ctx(), "writing a page broke off", "error", err)
	}
	return nil
}

// picture writes the receipt as an SVG.
func (p pages) picture(w io.Writer, l text.Lang, data any) error {
	return p[l]["receipt"].ExecuteTemplate(w, "receipt", data)
}

// assets are the style sheet, the script and the icon.
type assets map[string]asset

type asset struct {
	body    []byte
	kind    string
	version string // of its content, so that browsers may keep it for good
}

func loadAssets() (assets, error) {
	all := assets{}
	entries, err := assetFiles.ReadDir("asset")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		b, err := assetFiles.ReadFile("asset/" + e.Name())
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(b)
		all[e.Name()] = asset{b, mime.TypeByExtension(path.Ext(e.Name())), hex.EncodeToString(sum[:6])}
	}
	return all, nil
}

func (s *Site) serveAsset(w http.ResponseWriter, r *http.Request) {
	a, ok := s.assets[r.PathValue("name")]
	if !ok {
		s.page(s.nowhere).ServeHTTP(w, r)
		return
	}
	w.Header().Set("Content-Type", a.kind)
	w.Header().Set("Cache-Control", "public, max-age=3600")
	if r.URL.Query().Get("v") == a.version {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if _, err := w.Write(a.body); err != nil && r.Context().Err() == nil {
		s.log.WarnContext(r.Context(), "sending an asset broke off", "error", err)
	}
}
