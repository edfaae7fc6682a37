package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"yiwang/internal/base/limit"
	"yiwang/internal/base/sqldb/sqldbtest"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
	"yiwang/internal/work/intake"
)

// A case that only some may see, and what its appellant left of themselves.
const (
	foreignText  = "物业办公室夜里藏着的红色保险柜"
	foreignPhone = "15899007766"
)

// Every operation of every door is tried by everybody with what they did not ask for. No
// answer is an internal error, repeats a script or shows what its reader may not see; all
// carry what keeps browsers safe; and what is kept still verifies. CRAWL says how many
// requests for each engine, CRAWL_SEED which.
func TestHostileCrawl(t *testing.T) {
	n, seed := 700, uint64(7331)
	if s, err := strconv.Atoi(os.Getenv("CRAWL")); err == nil {
		n = s
	}
	if s, err := strconv.ParseUint(os.Getenv("CRAWL_SEED"), 10, 64); err == nil {
		seed = s
	}
	for engine, at := range map[string]func(testing.TB, fs.FS) string{"sqlite": sqldbtest.SQLiteURL, "postgres": sqldbtest.PostgresURL} {
		t.Run(engine, func(t *testing.T) {
			c := newCrawl(t, at(t, nil), seed)
			for range n {
				if c.g.chance(60) {
					c.program()
				} else {
					c.citizen()
				}
			}
			v, err := c.a.Cases.Verify(t.Context(), nil, nil)
			if err != nil || !v.OK {
				t.Errorf("verify afterwards: %v, %v", v.Faults, err)
			}
			t.Logf("%s, seed %d: %d requests, %d operations by %d callers, %d pages; answers %v", engine, seed, c.sent, len(c.tried), len(c.people), len(c.pages), c.answers)
			if c.sent < n || len(c.tried) < min(60, n/10) || len(c.pages) < min(15, n/40) || c.answers[200] < n/20 {
				t.Errorf("too little was tried")
			}
		})
	}
}

// crawl is a house, those who try its doors and what came of it.
type crawl struct {
	t       *testing.T
	a       *App
	g       *generator
	site    string
	people  []*crawler
	ops     []operation
	routes  []string // of the citizens' pages
	sent    int
	tried   map[string]bool
	pages   map[string]bool
	answers map[int]int
}

// crawler is somebody at the doors.
type crawler struct {
	name   string
	blind  bool // may not see the foreign case
	key    string
	client *http.Client
	page   string // the citizens' page before them
}

// operation is one of the description.
type operation struct {
	id, method, path string
	Parameters       []struct {
		Name, In string
		Schema   shape
	}
	RequestBody struct {
		Content map[string]struct{ Schema shape }
	}
}

func newCrawl(t *testing.T, db string, seed uint64) *crawl {
	t.Helper()
	wide := limit.Rates{Staff: 1_000_000, Key: 1_000_000, Address: 1_000_000}
	a, err := Open(t.Context(), Config{Data: t.TempDir(), DB: db, Rates: wide, Proxies: []string{"127.0.0.0/8"}, Logger: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed(t, a) })
	if err := a.Staff.OpenDemo(t.Context()); err != nil {
		t.Fatal(err)
	}
	handler, err := a.Handler(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	c := &crawl{t: t, a: a, site: srv.URL, g: &generator{Rand: rand.New(rand.NewPCG(seed, 1))}, tried: map[string]bool{}, pages: map[string]bool{}, answers: map[int]int{}}
	c.stage()
	c.gather()
	c.describe()
	return c
}

// stage files some cases, one of them at a property company.
func (c *crawl) stage() {
	fenbo, ok := c.a.Staff.Directory().Actor("fenbo")
	if !ok {
		c.t.Fatal("the demo has no dispatcher")
	}
	c.g.known = []string{"appeal", "hotline", "counter", "030503", "centre", "st-xiangmihu-um", "pt-wuye-01", "sign", "dispatch", "resolve", "return", "accept", "2026-11-22", "daily", "elder-allowance",
		"路灯不亮已经三天，晚上看不见路", "13800138000", "440304199001011237", "1", "2", "html", "street.geojson", "solved", "phone", "zh", "next"}
	for i, unit := range []string{"pt-wuye-01", "st-xiangmihu-um", "", "st-meilin-um"} {
		said, phone := fmt.Sprintf("农林路%d号门口的路灯不亮，请尽快处理。", i), "13800138000"
		if i == 0 {
			said, phone = foreignText+"，请你们来看。", foreignPhone
		}
		filed, err := c.a.Desk.File(c.t.Context(), intake.Message{Channel: "counter", Actor: org.Machine("test"), Text: said, Phone: phone, Name: "某女士"})
		if err != nil {
			c.t.Fatal(err)
		}
		c.g.known = append(c.g.known, filed.ID, filed.Case.Number)
		if unit == "" {
			continue
		}
		action := "dispatch"
		if filed.Case.Unit != "" {
			action = "redispatch"
		}
		if _, err := c.a.Cases.Act(c.t.Context(), fenbo, cases.Deed{Case: filed.ID, Action: action, Input: map[string]any{"matter": "030503", "unit": unit, "reason": "核实后改派"}}); err != nil {
			c.t.Fatal(err)
		}
	}
	if _, err := c.a.Cases.Sequence(c.t.Context(), "test"); err != nil {
		c.t.Fatal(err)
	}
}

// gather signs everybody in: an account of each role, another system, a stranger.
func (c *crawl) gather() {
	roles := map[string]bool{}
	for _, d := range c.a.Staff.DemoAccounts() {
		if roles[strings.Join(d.Staff.Roles, " ")] {
			continue
		}
		roles[strings.Join(d.Staff.Roles, " ")] = true
		p := &crawler{name: d.Staff.ID, client: c.browser()}
		c.people = append(c.people, p)
		res := c.do(p, "POST", "/api/session", "application/json", `{"login":"`+d.Staff.ID+`","password":"`+d.Password+`"}`)
		if res.status != http.StatusOK {
			c.t.Fatalf("%s is not let in: %s", p.name, res.body)
		}
	}
	_, secret, err := c.a.Staff.MakeKey(c.t.Context(), org.Machine("test"), org.Key{Name: "随手拍", Channel: "volunteer", Unit: "centre", Roles: []string{"partner"}})
	if err != nil {
		c.t.Fatal(err)
	}
	c.people = append(c.people, &crawler{name: "a key", key: secret, client: c.browser()}, &crawler{name: "a stranger", client: c.browser()})
	// Whether a caller sees the case is what the house says of them to an honest question.
	for _, p := range c.people {
		honest := c.do(p, "GET", "/api/cases?q="+url.QueryEscape("红色保险柜"), "", "")
		p.blind = !strings.Contains(honest.body, "pt-wuye-01")
	}
}

func (c *crawl) browser() *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		c.t.Fatal(err)
	}
	return &http.Client{Jar: jar, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// left out: what never ends, what signs the crawler out, what trains for minutes, and
// what would put the crawlers themselves out of office.
var leftOut = []string{"live", "signOut", "adminTrainModel"}

// describe reads which operations and pages there are.
func (c *crawl) describe() {
	var doc struct {
		Paths      map[string]map[string]json.RawMessage
		Components struct{ Schemas map[string]shape }
	}
	if err := json.Unmarshal([]byte(c.do(c.people[0], "GET", "/api/openapi.json", "", "").body), &doc); err != nil {
		c.t.Fatal(err)
	}
	c.g.schemas = doc.Components.Schemas
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		for _, method := range slices.Sorted(maps.Keys(doc.Paths[path])) {
			o := operation{method: strings.ToUpper(method), path: path}
			var id struct {
				ID string `json:"operationId"`
			}
			if err := errors.Join(json.Unmarshal(doc.Paths[path][method], &o), json.Unmarshal(doc.Paths[path][method], &id)); err != nil {
				c.t.Fatal(err)
			}
			if o.id = id.ID; !slices.Contains(leftOut, o.id) {
				c.ops = append(c.ops, o)
			}
		}
	}
	source, err := os.ReadFile("../door/portal/site.go")
	if err != nil {
		c.t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`page\("(GET|POST) ("\+base\+")?([^"]+)"`).FindAllStringSubmatch(string(source), -1) {
		for _, base := range []string{"/file", "/apply/street-stall", "/enterprise"} {
			route := m[1] + " " + m[3]
			if m[2] != "" {
				route = m[1] + " " + base + m[3]
			}
			if route = strings.ReplaceAll(route, "{$}", ""); !slices.Contains(c.routes, route) {
				c.routes = append(c.routes, route)
			}
		}
	}
	if len(c.ops) < 100 || len(c.routes) < 40 || len(c.people) < 12 {
		c.t.Fatalf("only %d operations, %d pages, %d people", len(c.ops), len(c.routes), len(c.people))
	}
}

var placeholder = regexp.MustCompile(`\{[a-z_$]+\}`)

// program tries one operation of the programs' doors as somebody.
func (c *crawl) program() {
	p, o := pick(c.g, c.people), pick(c.g, c.ops)
	if c.g.chance(8) {
		path := pick(c.g, []string{"discovery", "services", "requests", "servicerequestupdates", "services/" + url.PathEscape(c.g.text()), "requests/" + url.PathEscape(c.g.text()), "tokens/" + url.PathEscape(c.g.text())})
		c.do(p, pick(c.g, []string{"GET", "POST"}), "/open311/v2/"+path+pick(c.g, []string{".json", ".xml", ".<b>", ""})+"?"+c.query("service_code", "status", "start_date", "api_key", "lat", "long", "extensions"),
			"application/x-www-form-urlencoded", c.query("service_code", "description", "lat", "long", "email", "first_name", "media_url", "attribute[x]"))
		return
	}
	c.tried[o.id] = true
	path := placeholder.ReplaceAllStringFunc(o.path, func(string) string {
		s := pick(c.g, c.g.known)
		if c.g.chance(40) || strings.HasPrefix(o.path, "/api/admin/") && o.method != "GET" {
			s = c.g.text() + mark // no account, unit or key is called so
		}
		return url.PathEscape(s)
	})
	q := url.Values{}
	for _, x := range o.Parameters {
		if x.In == "query" && c.g.chance(50) {
			q.Set(x.Name, c.g.text())
		}
	}
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	kind, body := "", ""
	for _, k := range slices.Sorted(maps.Keys(o.RequestBody.Content)) {
		switch kind = k; kind {
		case "application/json":
			body = c.g.value(o.RequestBody.Content[k].Schema, 0)
		case "multipart/form-data":
			kind, body = c.multipart(map[string]string{"x": c.g.text()}, "file")
		default:
			body = strings.Join([]string{`{"v":1,"id":`, quote(c.g.text()), "}\n", c.g.text(), "\n", pick(c.g, hostileValues)}, "")
		}
	}
	if c.g.chance(4) {
		kind = pick(c.g, []string{"", "text/html", "application/xml", "multipart/form-data", mark})
	}
	c.do(p, o.method, path, kind, body)
}

// query fills some names in.
func (c *crawl) query(names ...string) string {
	q := url.Values{}
	for _, n := range names {
		if c.g.chance(50) {
			q.Set(n, c.g.text())
		}
	}
	return q.Encode()
}

var (
	formOnPage  = regexp.MustCompile(`(?s)<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>`)
	fieldOnPage = regexp.MustCompile(`<(?:input|select|textarea|button)[^>]*name="([^"]+)"(?:[^>]*value="([^"]*)")?`)
	linkOnPage  = regexp.MustCompile(`href="(/[^"#]*)"`)
)

// citizen follows a link, sends the form that is before them, or goes anywhere.
func (c *crawl) citizen() {
	p := c.people[len(c.people)-1-c.g.IntN(3)]
	forms, links := formOnPage.FindAllStringSubmatch(p.page, -1), linkOnPage.FindAllStringSubmatch(p.page, -1)
	unescape := strings.NewReplacer("&amp;", "&", "&#43;", "+", "&#34;", `"`, "&#39;", "'").Replace
	switch {
	case len(forms) > 0 && c.g.chance(60):
		f := pick(c.g, forms)
		fields := map[string]string{}
		for _, x := range fieldOnPage.FindAllStringSubmatch(f[2], -1) {
			fields[unescape(x[1])] = unescape(x[2])
			if strings.HasPrefix(x[1], "_") && c.g.chance(85) || x[2] != "" && c.g.chance(40) {
				continue
			}
			fields[unescape(x[1])] = c.g.text()
		}
		if c.g.chance(5) {
			fields[c.g.text()] = c.g.text()
		}
		c.post(p, unescape(f[1]), fields)
	case len(links) > 0 && c.g.chance(60):
		c.visit(p, "GET", unescape(pick(c.g, links)[1]))
	default:
		method, path, _ := strings.Cut(pick(c.g, c.routes), " ")
		path = placeholder.ReplaceAllStringFunc(path, func(string) string { return url.PathEscape(c.g.text()) })
		if method == "POST" {
			c.post(p, path, map[string]string{"text": c.g.text(), "number": c.g.text(), "code": c.g.text(), "_go": "next", "_once": c.g.text(), "phone": c.g.text(), "back": c.g.text(), "name": c.g.text(), "q": c.g.text()})
			return
		}
		c.visit(p, method, path+"?"+c.query("q", "done", "rate", "from", "page", "_go", "id"))
	}
}

func (c *crawl) visit(p *crawler, method, path string) {
	res := c.do(p, method, path, "", "")
	if res.status == http.StatusSeeOther {
		res = c.do(p, "GET", res.head.Get("Location"), "", "")
	}
	p.page = res.body
	c.pages[strings.SplitN(path, "?", 2)[0]] = true
}

func (c *crawl) post(p *crawler, path string, fields map[string]string) {
	kind, body := "application/x-www-form-urlencoded", ""
	if c.g.chance(40) {
		kind, body = c.multipart(fields, "files")
	} else {
		q := url.Values{}
		for n, v := range fields {
			q.Set(n, v)
		}
		body = q.Encode()
	}
	res := c.do(p, "POST", path, kind, body)
	if res.status == http.StatusSeeOther {
		res = c.do(p, "GET", res.head.Get("Location"), "", "")
	}
	if res.body != "" {
		p.page = res.body
	}
}

func (c *crawl) multipart(fields map[string]string, file string) (kind, body string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, n := range slices.Sorted(maps.Keys(fields)) {
		if err := w.WriteField(n, fields[n]); err != nil {
			c.t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile(file, pick(c.g, []string{"a.png", "../../x.pdf", c.g.text(), ""}))
	if err == nil {
		_, err = io.WriteString(part, pick(c.g, []string{"\x89PNG\r\n\x1a\n" + c.g.text(), "%PDF-1.7 " + c.g.text(), "MZ", "<svg onload=" + mark + ">", "PK\x03\x04" + c.g.text(), ""}))
	}
	if err = errors.Join(err, w.Close()); err != nil {
		c.t.Fatal(err)
	}
	return w.FormDataContentType(), b.String()
}

// answer is what came back.
type answer struct {
	status int
	head   http.Header
	body   string
}

// do sends one request and judges the answer.
func (c *crawl) do(p *crawler, method, path, kind, body string) answer {
	c.t.Helper()
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") {
		c.t.Errorf("somebody is led away, to %q", path)
		path = "/"
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.site+path, strings.NewReader(body))
	if err != nil {
		return answer{} // no address at all
	}
	req.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", c.g.IntN(250), c.g.IntN(250), c.g.IntN(250)))
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if p.key != "" {
		req.Header.Set("Authorization", "Bearer "+p.key)
	}
	res, err := p.client.Do(req)
	if err != nil {
		c.t.Errorf("%s: %s %s is not answered: %v", p.name, method, path, err)
		return answer{}
	}
	defer res.Body.Close() // read to its end below
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Errorf("%s: %s %s breaks off: %v", p.name, method, path, err)
	}
	c.sent++
	c.answers[res.StatusCode]++
	got := answer{res.StatusCode, res.Header, string(raw)}
	for _, fault := range c.judge(p, method, path, got) {
		c.t.Errorf("%s: %s %.300s (%s) %.400q: %s: %d %.500q", p.name, method, path, kind, body, fault, got.status, got.body)
	}
	return got
}

// opening are the ways that are there to show what is hidden elsewhere.
var opening = regexp.MustCompile(`/reveal|/contact|/api/exchange/|/api/calls`)

// judge says what is wrong with an answer.
func (c *crawl) judge(p *crawler, method, path string, got answer) (faults []string) {
	is := func(wrong bool, what string) {
		if wrong {
			faults = append(faults, what)
		}
	}
	kind := got.head.Get("Content-Type")
	is(got.status >= 500 && got.status != http.StatusServiceUnavailable, "an internal error")
	is(got.head.Get("X-Crawl") != "", "a header that was sent in")
	is(got.head.Get("X-Content-Type-Options") != "nosniff", "no nosniff")
	policy := got.head.Get("Content-Security-Policy")
	is(!strings.HasPrefix(path, "/desk") && (policy == "" || strings.Contains(policy, "unsafe-inline") || strings.Contains(policy, "unsafe-eval")), "no good content policy")
	is(strings.HasPrefix(path, "/api/") && !strings.Contains(got.head.Get("Cache-Control"), "no-store") && !strings.Contains(got.head.Get("Cache-Control"), "private") && got.status < 400 && !strings.Contains(path, "openapi"), "an answer that others may keep")
	if strings.Contains(kind, "html") || strings.Contains(kind, "svg") {
		is(strings.Contains(got.body, "<script>alert('"+mark) || strings.Contains(got.body, "<img src=x onerror="+mark) || strings.Contains(got.body, "<svg onload="+mark), "a script that was sent in")
		is(strings.Contains(got.body, `href="javascript:`), "a link that runs")
	}
	is(strings.Contains(kind, "problem+json") && strings.Contains(got.body, mark), "a refusal that repeats what was sent")
	is(strings.Contains(got.body, "panic") && strings.Contains(got.body, ".go:"), "the inside of the program")
	is(strings.Contains(got.body, "SQLSTATE") || strings.Contains(got.body, "SQL logic error"), "words of the database")
	is(p.blind && strings.Contains(got.body, foreignText), "another's case")
	is(!opening.MatchString(path) && strings.Contains(got.body, foreignPhone), "a telephone number")
	return faults
}
