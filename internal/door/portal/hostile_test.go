package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// A form that another site sends in somebody's name is not taken.
func TestOtherSitesCannotPost(t *testing.T) {
	b := open(t)
	number, _ := filed(b)
	b.get("/track/act/withdraw")
	body := strings.NewReader("_once=" + b.hidden("_once"))
	b.send("/track/act/withdraw", "application/x-www-form-urlencoded", body, http.Header{"Origin": {"https://evil.example"}})
	if b.status != 403 {
		t.Errorf("a foreign form: %d", b.status)
	}
	b.send("/track/act/withdraw", "application/x-www-form-urlencoded", strings.NewReader(""), http.Header{"Sec-Fetch-Site": {"cross-site"}})
	if b.status != 403 {
		t.Errorf("a foreign form: %d", b.status)
	}
	if c := b.house.paper(t, number).Case; c.State == "withdrawn" {
		t.Error("it was withdrawn")
	}
}

// What people write is shown, never run.
func TestWordsStayWords(t *testing.T) {
	b := open(t)
	evil := `<script>alert(1)</script><img src=x onerror=alert(1)>"'{{.}}`
	b.post("/file", form("text", evil, "_go", "next"), upload{`"><svg onload=x>.png`, photo(t, "").body})
	b.get("/file").seesNot("<script>alert", "<img src=x", "<svg onload")
	b.post("/file/where", form("address", evil, "_go", "next"))
	b.post("/file/contact", form("contact", "named", "name", evil[:40], "phone", "13800138000", "_go", "next")).at("/file/check")
	b.seesNot("<script>alert", "<img src=x", "<svg onload")
	b.post("/file/send", form()).at("/file/sent")
	b.get("/track").seesNot("<script>alert", "<img src=x", "<svg onload").sees(evil)
	b.other().post("/track", form("number", evil, "code", "x")).seesNot("<script>alert")
}

// Cookies that this site did not write open nothing.
func TestForgedCookies(t *testing.T) {
	b := open(t)
	filed(b)
	at, err := url.Parse(b.site)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []string{"", ".", "MQ.MQ", "OTk5OTk5OTk5OTl8MDFDQVNF.AAAAAAAAAAAAAAAAAAAAAA", strings.Repeat("A", 5000)} {
		o := b.other()
		o.client.Jar.SetCookies(at, []*http.Cookie{
			{Name: "yw_case", Value: v, Path: "/"}, {Name: "yw_draft", Value: v, Path: "/file"}, {Name: "yw_follow", Value: v, Path: "/"},
			{Name: "lang", Value: "evil", Path: "/"}, {Name: "elder", Value: v, Path: "/"},
		})
		o.get("/track").sees("编号", "查询码").seesNot("SF2026")
		o.get("/file").sees("发生了什么").seesNot("路灯不亮")
		o.get("/following").sees("还没有关注")
	}
	// A cookie of one use opens no other.
	for _, c := range b.client.Jar.Cookies(at) {
		if c.Name == "yw_case" {
			o := b.other()
			o.client.Jar.SetCookies(at, []*http.Cookie{{Name: "yw_follow", Value: c.Value, Path: "/"}})
			o.get("/following").sees("还没有关注")
		}
	}
}

// What is not a form, or too much of one, is refused with a page.
func TestBrokenForms(t *testing.T) {
	b := open(t)
	for _, c := range []struct {
		kind, body string
		status     int
	}{
		{"", "text=x", 422},
		{"application/json", `{"text":"x"}`, 422},
		{"multipart/form-data", "--b\r\n", 422},
		{"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\ncut o", 422},
		{"application/x-www-form-urlencoded", "text=%zz", 422},
		{"application/x-www-form-urlencoded", "text=" + strings.Repeat("x", 2<<20), 413},
	} {
		b.send("/file", c.kind, strings.NewReader(c.body), http.Header{})
		if b.status != c.status {
			t.Errorf("%s %.30q: %d, want %d", c.kind, c.body, b.status, c.status)
		}
		b.sees("首页")
	}
}

// Nobody is sent to another site, and nobody sees the photos of another.
func TestNoWayAround(t *testing.T) {
	b := open(t)
	for _, back := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "/x\r\nSet-Cookie: a=b", "javascript:alert(1)"} {
		b.post("/prefs", form("switch", "elder:off", "back", back))
		if strings.Contains(b.path, "evil") {
			t.Errorf("%q led to %s", back, b.path)
		}
	}
	b.post("/file", form("text", "x", "_go", "next"), photo(t, "a.png"))
	b.get("/file")
	id := b.shown(removeShown)
	for _, path := range []string{"/file/photo/" + id, "/track/photo/" + id, "/file/photo/..%2f..%2fkeys"} {
		if o := b.other().get(path); o.status == 200 {
			t.Errorf("somebody else sees %s", path)
		}
	}
	b.post("/file/where", form("_map.x", "1e400", "_map.y", "NaN", "_here", "181,91", "area", "../x")).at("/file/where")
}

// Every answer carries what keeps it to itself.
func TestHeaders(t *testing.T) {
	b := open(t)
	for path, cached := range map[string]string{"/": "no-store", "/track": "no-store", "/nope": "no-store", "/assets/portal.css": "public, max-age=3600"} {
		res, err := b.client.Get(b.site + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		for name, want := range map[string]string{
			"Cache-Control": cached, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
		} {
			if got := res.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		if p := res.Header.Get("Content-Security-Policy"); strings.Contains(p, "unsafe") || !strings.Contains(p, "script-src 'self'") {
			t.Errorf("%s: the content policy is %q", path, p)
		}
	}
}

// Whoever sends photos without end has the rest refused; the words go in.
func TestUploadsAreSlowed(t *testing.T) {
	b := open(t)
	var nine []upload
	for range 9 {
		nine = append(nine, photo(t, "a.png"))
	}
	for range 10 {
		b.post("/file", form("text", "违建", "_go", "stay"), nine...)
		b.post("/file/clear", form())
	}
	b.post("/file", form("text", "违建，三楼", "_go", "stay"), nine...).sees("没有收下：请稍候再试", "违建，三楼")
}
