package portal_test

import (
	"bytes"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// browser is a person with a browser without JavaScript.
type browser struct {
	t      testing.TB
	site   string
	client *http.Client
	house  *house
	path   string // of the page it shows
	page   string
	status int
}

func open(t testing.TB) *browser {
	t.Helper()
	h := openHouse(t)
	site, err := h.Handler(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(site)
	t.Cleanup(srv.Close)
	return &browser{t: t, site: srv.URL, house: h, client: &http.Client{Jar: newJar(t)}}
}

func newJar(t testing.TB) http.CookieJar {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return jar
}

// other is somebody else at another browser of the same site.
func (b *browser) other() *browser {
	c := *b
	c.client = &http.Client{Jar: newJar(b.t)}
	return &c
}

func (b *browser) get(path string) *browser {
	b.t.Helper()
	res, err := b.client.Get(b.site + path)
	b.took(res, err)
	return b
}

// post sends a form as a browser does, with the files it carries.
func (b *browser) post(path string, fields url.Values, files ...upload) *browser {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for k, vs := range fields {
		for _, v := range vs {
			if err := w.WriteField(k, v); err != nil {
				b.t.Fatal(err)
			}
		}
	}
	for _, f := range files {
		p, err := w.CreateFormFile("files", f.name)
		if err != nil {
			b.t.Fatal(err)
		}
		if _, err := p.Write(f.body); err != nil {
			b.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.t.Fatal(err)
	}
	return b.send(path, w.FormDataContentType(), &body, http.Header{})
}

func (b *browser) send(path, kind string, body io.Reader, head http.Header) *browser {
	b.t.Helper()
	req, err := http.NewRequest("POST", b.site+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header = head
	req.Header.Set("Content-Type", kind)
	if req.Header.Get("Origin") == "" {
		req.Header.Set("Origin", b.site)
	}
	res, err := b.client.Do(req)
	b.took(res, err)
	return b
}

func (b *browser) took(res *http.Response, err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.page, b.status, b.path = string(page), res.StatusCode, res.Request.URL.RequestURI()
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
		for _, fault := range faults(b.page) {
			b.t.Errorf("%s: %s", b.path, fault)
		}
	}
}

// at checks where the browser is now.
func (b *browser) at(path string) *browser {
	b.t.Helper()
	if b.path != path {
		b.t.Fatalf("it shows %s (%d), want %s:\n%s", b.path, b.status, path, plain(b.page))
	}
	return b
}

// sees checks that the page says something.
func (b *browser) sees(words ...string) *browser {
	b.t.Helper()
	p := plain(b.page)
	for _, w := range words {
		if !strings.Contains(p, w) {
			b.t.Fatalf("%s does not say %q:\n%s", b.path, w, p)
		}
	}
	return b
}

func (b *browser) seesNot(words ...string) *browser {
	b.t.Helper()
	for _, w := range words {
		if strings.Contains(b.page, w) {
			b.t.Fatalf("%s says %q", b.path, w)
		}
	}
	return b
}

// hidden returns the value of a hidden field of the page.
func (b *browser) hidden(name string) string {
	b.t.Helper()
	m := regexp.MustCompile(`<input type="hidden" name="` + name + `" value="([^"]*)"`).FindStringSubmatch(b.page)
	if m == nil {
		b.t.Fatalf("%s has no hidden field %s", b.path, name)
	}
	return m[1]
}

var (
	blocks = regexp.MustCompile(`(?s)<(script|style)[^>]*>.*?</(script|style)>|<[^>]+>`)
	spaces = regexp.MustCompile(`\s+`)
)

// plain is what a page says, without its tags.
func plain(page string) string {
	s := blocks.ReplaceAllString(page, " ")
	s = strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
	return spaces.ReplaceAllString(s, " ")
}

type upload struct {
	name string
	body []byte
}

// photo is a small real picture.
func photo(t testing.TB, name string) upload {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	return upload{name, b.Bytes()}
}

// form makes the values of a form from pairs.
func form(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}
