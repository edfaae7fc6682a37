package apitest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"testing"
)

// Person is somebody at the door, signed in or not. What goes wrong ends the test.
type Person struct {
	t      testing.TB
	h      *House
	client *http.Client
	key    string
	lang   string
}

// Nobody is a person who has not signed in.
func (h *House) Nobody(t testing.TB) *Person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	return &Person{t: t, h: h, client: &http.Client{Jar: jar}}
}

// As returns a demo person, signed in the first time.
func (h *House) As(t testing.TB, login string) *Person {
	t.Helper()
	if p, ok := h.in[login]; ok {
		return p.For(t)
	}
	p := h.Anew(t, login)
	h.in[login] = p
	return p
}

// Anew signs a demo person in once more, at another place.
func (h *House) Anew(t testing.TB, login string) *Person {
	t.Helper()
	for _, a := range h.Staff.DemoAccounts() {
		if a.Staff.ID == login {
			p := h.Nobody(t)
			p.Post("/api/session", M{"login": login, "password": a.Password}).OK()
			return p
		}
	}
	t.Fatalf("the demo city has no account %q", login)
	return nil
}

// NewShift has everybody sign in anew at their next As: sessions end while time passes.
func (h *House) NewShift() { clear(h.in) }

// ByKey is another system that comes with a key.
func (h *House) ByKey(t testing.TB, key string) *Person {
	p := h.Nobody(t)
	p.key = key
	return p
}

// English makes the person ask for English.
func (p *Person) English() *Person {
	e := *p
	e.lang = "en"
	return &e
}

// M is a JSON object.
type M = map[string]any

// Answer is what came back.
type Answer struct {
	t      testing.TB
	what   string
	Status int
	Header http.Header
	Raw    []byte
}

// Get asks for something.
func (p *Person) Get(path string) *Answer { return p.Do(http.MethodGet, path, nil) }

// Post sends something.
func (p *Person) Post(path string, body any) *Answer { return p.Do(http.MethodPost, path, body) }

// Patch changes something.
func (p *Person) Patch(path string, body any) *Answer { return p.Do(http.MethodPatch, path, body) }

// Delete ends something.
func (p *Person) Delete(path string) *Answer { return p.Do(http.MethodDelete, path, nil) }

// Do sends a request with a JSON body, or with the very bytes where it is []byte.
func (p *Person) Do(method, path string, body any) *Answer {
	p.t.Helper()
	var r io.Reader
	switch b := body.(type) {
	case nil:
	case []byte:
		r = bytes.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		must(p.t, err)
		r = bytes.NewReader(raw)
	}
	req := p.Request(method, path, r)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return p.Send(req)
}

// Request makes a request that Send sends.
func (p *Person) Request(method, path string, body io.Reader) *http.Request {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.h.URL+path, body)
	must(p.t, err)
	if p.key != "" {
		req.Header.Set("Authorization", "Bearer "+p.key)
	}
	if p.lang != "" {
		req.Header.Set("Accept-Language", p.lang)
	}
	return req
}

// Send sends a request and reads the whole answer.
func (p *Person) Send(req *http.Request) *Answer {
	p.t.Helper()
	res, err := p.client.Do(req)
	must(p.t, err)
	defer res.Body.Close() // read to its end below
	raw, err := io.ReadAll(res.Body)
	must(p.t, err)
	return &Answer{t: p.t, what: req.Method + " " + req.URL.RequestURI(), Status: res.StatusCode, Header: res.Header, Raw: raw}
}

// Elsewhere is where those are who knock, if they do not say.
const Elsewhere = "203.0.113.9:4711"

// Knock is Send without a network between, from another machine: it takes a part of
// the time, and who calls is not on the machine of the door.
func (p *Person) Knock(req *http.Request) *Answer {
	p.t.Helper()
	for _, c := range p.client.Jar.Cookies(req.URL) {
		req.AddCookie(c)
	}
	if req.Body == nil {
		req.Body = http.NoBody
	}
	if req.RemoteAddr == "" {
		req.RemoteAddr = Elsewhere
	}
	req.RequestURI = req.URL.RequestURI()
	w := httptest.NewRecorder()
	p.h.Door.ServeHTTP(w, req)
	p.client.Jar.SetCookies(req.URL, w.Result().Cookies())
	return &Answer{t: p.t, what: req.Method + " " + req.RequestURI, Status: w.Code, Header: w.Result().Header, Raw: w.Body.Bytes()}
}

// Secrets are what this person shows at the door to be let in: the tokens of cookies,
// or the key.
func (p *Person) Secrets() (all []string) {
	p.t.Helper()
	at, err := url.Parse(p.h.URL)
	must(p.t, err)
	for _, c := range p.client.Jar.Cookies(at) {
		all = append(all, c.Value)
	}
	if p.key != "" {
		all = append(all, p.key)
	}
	return all
}

// For is the same person in another test, or in one that runs within.
func (p *Person) For(t testing.TB) *Person {
	again := *p
	again.t = t
	return &again
}

// Open sends a request and hands over the answer as it comes, for streams.
func (p *Person) Open(req *http.Request) *http.Response {
	p.t.Helper()
	res, err := p.client.Do(req)
	must(p.t, err)
	return res
}

// Upload uploads a file and returns its id.
func (p *Person) Upload(name string, content []byte) *Answer {
	p.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", name)
	must(p.t, err)
	_, err = part.Write(content)
	must(p.t, err)
	must(p.t, form.Close())
	req := p.Request(http.MethodPost, "/api/attachments", &b)
	req.Header.Set("Content-Type", form.FormDataContentType())
	return p.Send(req)
}

// Act takes an action on a case as it is now.
func (p *Person) Act(id, action string, input M) *Answer {
	p.t.Helper()
	return p.Post("/api/cases/"+id+"/actions/"+action, M{"input": input})
}

// OK ends the test unless the answer is a good one.
func (a *Answer) OK() *Answer {
	a.t.Helper()
	if a.Status < 200 || a.Status > 299 {
		a.t.Fatalf("%s: %d %s", a.what, a.Status, a.Raw)
	}
	return a
}

// Is ends the test unless the answer has a status.
func (a *Answer) Is(status int) *Answer {
	a.t.Helper()
	if a.Status != status {
		a.t.Fatalf("%s: %d, want %d: %s", a.what, a.Status, status, a.Raw)
	}
	return a
}

// Into reads a good answer into v.
func (a *Answer) Into(v any) *Answer {
	a.t.Helper()
	a.OK()
	if err := json.Unmarshal(a.Raw, v); err != nil {
		a.t.Fatalf("%s: %v in %s", a.what, err, a.Raw)
	}
	return a
}

// At returns a value inside the answer by its path, e.g. "case", "state"; list
// members go by their number.
func (a *Answer) At(path ...any) any {
	a.t.Helper()
	var v any
	if err := json.Unmarshal(a.Raw, &v); err != nil {
		a.t.Fatalf("%s: %v in %s", a.what, err, a.Raw)
	}
	for _, step := range path {
		switch s := step.(type) {
		case string:
			m, ok := v.(M)
			if !ok {
				a.t.Fatalf("%s: no %v in %s", a.what, path, a.Raw)
			}
			v = m[s]
		case int:
			l, ok := v.([]any)
			if !ok || s >= len(l) {
				a.t.Fatalf("%s: no %v in %s", a.what, path, a.Raw)
			}
			v = l[s]
		}
	}
	return v
}

// Text is At for a text.
func (a *Answer) Text(path ...any) string {
	a.t.Helper()
	return fmt.Sprint(a.At(path...))
}

// Len returns how many members a list inside the answer has.
func (a *Answer) Len(path ...any) int {
	a.t.Helper()
	l, ok := a.At(path...).([]any)
	if !ok {
		a.t.Fatalf("%s: no list at %v in %s", a.what, path, a.Raw)
	}
	return len(l)
}
