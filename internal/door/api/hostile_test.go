package api_test

import (
	"bytes"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"time"

	"yiwang/internal/base/sqldb/sqldbtest"
	"yiwang/internal/door/api/apitest"
)

func sqlite(t testing.TB, f fs.FS) string { return sqldbtest.SQLiteURL(t, f) }

// secret stands for what a person typed; no answer may repeat it.
const secret = "张三丰13987654321"

// Whatever is sent, the answer is a problem that says what to do and repeats nothing.
func TestErrorsEchoNothing(t *testing.T) {
	h := apitest.Open(t, sqlite)
	id := file(t, h)
	p := h.As(t, "fenbo")
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", "/api/cases", `{"family":"` + secret + `","channel":"hotline","text":"x"}`, 422},
		{"POST", "/api/cases", `{"family":"appeal","channel":"` + secret + `","text":"x"}`, 422},
		{"POST", "/api/cases", `{"family":"appeal","channel":"hotline","text":"xxxx","` + secret + `":1}`, 422},
		{"POST", "/api/cases", `{"family":"appeal","channel":"hotline","text":"好好好","fields":{"` + secret + `":1}}`, 422},
		{"POST", "/api/cases", `{"family":"appeal","channel":"hotline","text":{"a":"` + secret + `"}}`, 422},
		{"POST", "/api/cases", `{"family":"appeal","urgency":"` + secret + `","channel":"hotline","text":"x"}`, 422},
		{"POST", "/api/cases", `{"text": "` + secret, 400},
		{"POST", "/api/cases/" + id + "/actions/dispatch", `{"input":{"matter":"` + secret + `","unit":"centre"}}`, 422},
		{"POST", "/api/cases/" + id + "/actions/dispatch", `{"input":{"matter":"030503","unit":"` + secret + `"}}`, 422},
		{"POST", "/api/cases/" + id + "/actions/reject", `{"input":{"reason":"` + secret + `","explain":"x"}}`, 422},
		{"POST", "/api/cases/" + id + "/actions/" + secret, `{}`, 422},
		{"POST", "/api/actions/" + secret, `{"ids":["` + id + `"]}`, 200},
		{"GET", "/api/cases?sort=" + secret, "", 422},
		{"GET", "/api/cases?from=" + secret, "", 422},
		{"GET", "/api/cases?after=" + secret, "", 422},
		{"GET", "/api/cases?did=" + secret, "", 422},
		{"GET", "/api/cases?limit=" + secret, "", 422},
		{"GET", "/api/cases/" + secret, "", 404},
		{"GET", "/api/" + secret, "", 404},
		{"GET", "/api/areas/" + secret, "", 422},
		{"GET", "/api/attachments/" + secret, "", 404},
		{"POST", "/api/session", `{"login":"` + secret + `","password":"` + secret + `"}`, 401},
		{"POST", "/api/session/password", `{"old":"` + secret + `","new":"` + secret + `"}`, 403},
	} {
		var body any
		if c.body != "" {
			body = []byte(c.body)
		}
		got := p.Do(c.method, c.path, body).Is(c.status)
		for _, piece := range []string{"张三丰", "13987654321"} {
			if bytes.Contains(got.Raw, []byte(piece)) {
				t.Errorf("%s %s repeats %s: %s", c.method, c.path, piece, got.Raw)
			}
		}
		if c.status != 200 {
			if got.Header.Get("Content-Type") != "application/problem+json" || got.Text("detail") == "" || got.Text("code") == "" {
				t.Errorf("%s %s: no problem: %s", c.method, c.path, got.Raw)
			}
		}
	}
}

// Injections, NULs, broken encodings and numbers beyond sense break nothing.
func TestHostileInput(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		id := file(t, h)
		p := h.As(t, "fenbo")
		for _, q := range []string{`' or 1=1 --`, `"`, `""""`, `* * *`, `a AND (b`, `NEAR(x)`, `%00`, `%ff%fe`, "噪\u200b声", strings.Repeat("长", 200), `{words:`, `\`} {
			got := p.Do("GET", "/api/cases?q="+escape(q), nil)
			if got.Status >= 500 {
				t.Errorf("q=%q: %d %s", q, got.Status, got.Raw)
			}
		}
		for _, after := range []string{"e30", "bnVsbA", "W10", "eyJzIjoiZmlsZWQiLCJhIjotOTIyMzM3MjAzNjg1NDc3NTgwOCwiaSI6Iid9"} {
			if got := p.Get("/api/cases?after=" + after); got.Status >= 500 {
				t.Errorf("after=%s: %s", after, got.Raw)
			}
		}
		for _, input := range []string{
			`{"input":{"matter":"030503\u0000","unit":"centre"}}`, `{"input":{"matter":null,"unit":[1]}}`, `{"input":{"area":"<script>","matter":"030503","unit":"centre"}}`,
			`{"version":-1}`, `{"version":1e400}`, `{"input":[]}`, `[]`, `""`, ``, `{"input":{"files":["x"]}}`, "{\"input\":{\"reason\":\"\xff\"}}",
		} {
			if got := p.Do("POST", "/api/cases/"+id+"/actions/dispatch", []byte(input)); got.Status < 400 || got.Status >= 500 {
				t.Errorf("%s: %d %s", input, got.Status, got.Raw)
			}
		}
		for _, text := range []string{"空\x00字节", "坏\xff编码"} {
			raw := append(append([]byte(`{"family":"appeal","channel":"hotline","text":"`), text...), `"}`...)
			if got := p.Do("POST", "/api/cases", raw); got.Status >= 500 {
				t.Errorf("text %q: %d %s", text, got.Status, got.Raw)
			}
		}
		if c, err := h.Cases.Get(t.Context(), id); err != nil || c.State != "received" {
			t.Errorf("something was done to the case: %s, %v", c.State, err)
		}
	})
}

func escape(q string) string {
	if strings.Contains(q, "%") {
		return q
	}
	return strings.NewReplacer(" ", "%20", `"`, "%22", "#", "%23", "&", "%26", "+", "%2B", `\`, "%5C", "{", "%7B").Replace(q)
}

func TestSizes(t *testing.T) {
	h := apitest.Open(t, sqlite)
	p := h.As(t, "fenbo")
	big := append(append([]byte(`{"family":"appeal","channel":"hotline","text":"`), bytes.Repeat([]byte("好"), 1<<19)...), `"}`...)
	p.Do("POST", "/api/cases", big).Is(http.StatusRequestEntityTooLarge)
	p.Upload("big.png", append(append([]byte{}, png...), make([]byte, 22<<20)...)).Is(http.StatusRequestEntityTooLarge)
	p.Upload("run.exe", []byte("MZ\x90\x00\x03\x00\x00\x00")).Is(http.StatusUnprocessableEntity)
	p.Upload("page.html", []byte("<html><script>alert(1)</script></html>")).Is(http.StatusUnprocessableEntity)
	p.Do("POST", "/api/attachments", []byte("no form")).Is(http.StatusUnprocessableEntity)
	up := p.Upload("../../etc/现场.png", png).OK()
	if name := up.Text("name"); strings.ContainsAny(name, "/\\") {
		t.Errorf("the name is kept as %q", name)
	}
	// What somebody uploaded is theirs until a case takes it.
	h.As(t, "shoufa").Get("/api/attachments/" + up.Text("id")).Is(http.StatusNotFound)
	p.Get("/api/attachments/" + up.Text("id")).OK()
}

// Another site cannot make a signed-in browser do anything.
func TestOtherSites(t *testing.T) {
	h := apitest.Open(t, sqlite)
	p := h.As(t, "fenbo")
	for _, header := range []map[string]string{{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}} {
		req := p.Request("DELETE", "/api/session", nil)
		for k, v := range header {
			req.Header.Set(k, v)
		}
		p.Send(req).Is(http.StatusForbidden)
	}
	p.Get("/api/session").OK()
	for _, c := range p.Post("/api/session", m{"login": "x", "password": "y"}).Header.Values("Set-Cookie") {
		t.Errorf("a failed sign-in sets %s", c)
	}
}

func TestSessionCookie(t *testing.T) {
	h := apitest.Open(t, sqlite)
	for _, a := range h.Staff.DemoAccounts()[:1] {
		got := h.Nobody(t).Post("/api/session", m{"login": a.Staff.ID, "password": a.Password}).OK()
		cookie := got.Header.Get("Set-Cookie")
		for _, want := range []string{"yw_session=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="} {
			if !strings.Contains(cookie, want) {
				t.Errorf("cookie %s lacks %s", cookie, want)
			}
		}
		if strings.Contains(string(got.Raw), strings.TrimPrefix(strings.SplitN(cookie, ";", 2)[0], "yw_session=")) {
			t.Error("the token stands in the answer")
		}
	}
}

func TestGuessingIsSlowed(t *testing.T) {
	h := apitest.Open(t, sqlite)
	p := h.Nobody(t)
	for began, n := time.Now(), 0; n < 200; n++ {
		if got := p.Post("/api/session", m{"login": "no such", "password": "x"}); got.Status == http.StatusTooManyRequests {
			if n < 50 {
				t.Errorf("slowed down after %d tries: an office signs in behind one address", n)
			}
			return
		}
		if took := time.Since(began); n > 60+int(took.Seconds()) { // sixty, and one more each second
			t.Fatalf("%d tries in %s were let through", n+1, took)
		}
	}
	t.Error("200 tries in a row were let through")
}

func TestLanguages(t *testing.T) {
	h := apitest.Open(t, sqlite)
	if got := h.Nobody(t).English().Get("/api/cases").Is(401).Text("detail"); !strings.Contains(got, "sign in") {
		t.Errorf("in English: %s", got)
	}
	if got := h.Nobody(t).Get("/api/cases").Is(401).Text("detail"); !strings.Contains(got, "登录") {
		t.Errorf("in Chinese: %s", got)
	}
}

// The export is the list: same filters, same scope, and no cell that runs.
func TestExport(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		h.As(t, "shouli").Post("/api/cases", m{"family": "appeal", "channel": "hotline", "title": `=HYPERLINK("http://evil")`, "text": "公式注入试验一次。"}).OK()
		h.As(t, "shouli").Post("/api/cases", m{"family": "appeal", "channel": "counter", "title": "路灯，不亮", "text": "农林路的路灯不亮。"}).OK()
		supervisor := h.As(t, "duban")
		all := supervisor.Get("/api/cases.csv").OK()
		lines := strings.Split(strings.TrimRight(string(all.Raw), "\r\n"), "\r\n")
		if len(lines) != 3 || !strings.HasPrefix(lines[0], "\ufeff编号,标题,") {
			t.Errorf("export: %q", lines)
		}
		if strings.Contains(string(all.Raw), ",\"=HYPER") || !strings.Contains(string(all.Raw), "'=HYPER") {
			t.Errorf("a formula got through: %s", all.Raw)
		}
		one := supervisor.Get("/api/cases.csv?channel=counter").OK()
		if strings.Count(string(one.Raw), "\r\n") != 2 || !strings.Contains(string(one.Raw), `"路灯，不亮"`) && !strings.Contains(string(one.Raw), "路灯，不亮") {
			t.Errorf("filtered export: %s", one.Raw)
		}
		done := supervisor.Get("/api/cases?channel=counter").OK().Text("items", 0, "id")
		h.As(t, "fenbo").Act(done, "dispatch", m{"matter": "030503", "unit": streetUnit}).OK()
		clerk := h.As(t, "shoufa")
		clerk.Act(done, "sign", nil).OK()
		clerk.Act(done, "contact", m{"means": "phone", "note": "已电话联系"}).OK()
		clerk.Act(done, "resolve", m{"result": "solved", "answer": "路灯已经修好。"}).OK()
		if row := string(supervisor.Get("/api/cases.csv?channel=counter").OK().Raw); !strings.Contains(row, ",已解决,") {
			t.Errorf("a result without its name: %s", row)
		}
		supervisor.Get("/api/cases.csv?sort=nonsense").Is(http.StatusUnprocessableEntity)
		if log := h.As(t, "guanli").Get("/api/admin/audit").OK(); !strings.Contains(string(log.Raw), `"export"`) {
			t.Errorf("nothing is noted of the export: %s", log.Raw)
		}
	})
}

func TestDeclarations(t *testing.T) {
	h := apitest.Open(t, sqlite)
	p := h.As(t, "shoufa")
	first := p.Get("/api/declarations").OK()
	tag := first.Header.Get("ETag")
	req := p.Request("GET", "/api/declarations", nil)
	req.Header.Set("If-None-Match", tag)
	if again := p.Send(req).Is(http.StatusNotModified); len(again.Raw) != 0 {
		t.Errorf("not modified, but %d bytes", len(again.Raw))
	}
	if en := p.English().Get("/api/declarations").OK(); en.Header.Get("ETag") == tag {
		t.Error("English has the tag of Chinese")
	}
	for _, lane := range first.At("lanes").([]any) {
		if l := lane.(m); l["code"] == l["title"] {
			t.Errorf("lane %v has no name", l["code"])
		}
	}
}
