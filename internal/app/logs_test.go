package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"yiwang/internal/base/sqldb/sqldbtest"
	"yiwang/internal/base/text"
	"yiwang/internal/work/intake"
)

// What the person of this test leaves of themselves, in every way that they can.
const (
	whoName    = "司马若兰"
	whoPhone   = "13922221111"
	whoNumber  = "440304198811223344"
	whoAddress = "翠竹花园九栋五零二"
	whoMail    = "sima.ruolan@example.org"
	whoSaid    = "星河花园的电梯坏了三天没有人修，老人上不了楼"
	aPassword  = "错误的口令-ruolan-1988"
)

// everything is what a log must not hold, in the forms that programs write it.
func everything(more ...string) (out []string) {
	for _, s := range append([]string{whoName, whoPhone, whoNumber, whoAddress, whoMail, whoSaid, aPassword, "司马", "ruolan", "翠竹", "星河花园"}, more...) {
		quoted, err := json.Marshal(s)
		if err == nil && s != "" {
			out = append(out, s, url.QueryEscape(s), fmt.Sprintf("%x", s), strings.Trim(fmt.Sprintf("%+q", s), `"`), strings.Trim(string(quoted), `"`))
		}
	}
	return out
}

// sink is a log that many write to.
type sink struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *sink) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// A whole life of a case, with all that goes wrong on the way, and the log at its most
// talkative: no line of it, none of the figures for the operator and no refusal holds
// anything of the person, of their codes, or of what opens an account.
func TestLogsHoldNothingOfPeople(t *testing.T) {
	for engine, at := range map[string]func(testing.TB, fs.FS) string{"sqlite": sqldbtest.SQLiteURL, "postgres": sqldbtest.PostgresURL} {
		t.Run(engine, func(t *testing.T) {
			life := liveWithLogs(t, at(t, nil))
			said := life.log.String()
			if n := strings.Count(said, "\n"); n < 40 || !strings.Contains(said, "a request panicked") || !strings.Contains(said, "a citizen's page panicked") {
				t.Errorf("the log has %d lines, and not of everything that went wrong", n)
			}
			for where, what := range map[string]string{"the log": said, "the figures": life.figures, "a refusal": strings.Join(life.refusals, "\n")} {
				for _, s := range everything(life.secrets...) {
					if i := strings.Index(what, s); i >= 0 {
						t.Errorf("%s holds %q: %s", where, s, what[max(0, i-300):min(len(what), i+100)])
					}
				}
			}
			if len(life.refusals) < 20 || len(life.secrets) < 6 || len(life.figures) < 1000 {
				t.Errorf("%d refusals, %d secrets, %d bytes of figures: too little was tried", len(life.refusals), len(life.secrets), len(life.figures))
			}
		})
	}
}

// loggedLife is a served house, somebody at its doors and what came of it.
type loggedLife struct {
	t        *testing.T
	site     string
	log      *sink
	refusals []string
	secrets  []string // codes, tokens, sessions, keys
	figures  string
}

// liveWithLogs plays the life; the house is closed afterwards.
func liveWithLogs(t *testing.T, db string) *loggedLife {
	t.Helper()
	l := &loggedLife{t: t, log: &sink{}}
	// The gateway tells back all that it was told, as such services do when they refuse.
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.Copy(w, r.Body) // the caller may have gone
	}))
	defer gateway.Close()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("gateway-secret-of-this-test-9d8c7b"), 0o600); err != nil {
		t.Fatal(err)
	}
	var broken atomic.Bool
	now := func() time.Time {
		if broken.Load() {
			panic(errors.New("the clock of " + whoName + " " + whoPhone + " fell off " + whoMail))
		}
		return time.Now()
	}
	a, err := Open(t.Context(), Config{Data: t.TempDir(), DB: db, Now: now, Gateways: map[string]string{"sms": gateway.URL + "/send?for=" + whoPhone},
		GatewaySecret: secret, Logger: slog.New(slog.NewTextHandler(l.log, &slog.HandlerOptions{Level: slog.LevelDebug - 8, AddSource: true}))})
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, a)
	if err := a.Staff.OpenDemo(t.Context()); err != nil {
		t.Fatal(err)
	}
	handler, err := a.Handler(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	web, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if a.post, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx, web, handler) }()
	l.site = "http://" + web.Addr().String()
	number := l.citizen()
	l.staff(a, number)
	l.letters(a.post.Addr().String())
	l.damagedImport(a)
	if err := a.Post(t.Context()); err != nil {
		t.Logf("notices: %v", err)
	}
	l.figures = l.send(l.browser(), "GET", "/metrics", "", "")
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	l.panics(a, &broken)
	return l
}

func (l *loggedLife) browser() *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		l.t.Fatal(err)
	}
	return &http.Client{Jar: jar}
}

// send sends one request and keeps what was refused.
func (l *loggedLife) send(c *http.Client, method, path, kind, body string) string {
	l.t.Helper()
	req, err := http.NewRequestWithContext(l.t.Context(), method, l.site+path, strings.NewReader(body))
	if err != nil {
		l.t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	req.Header.Set("Origin", l.site)
	req.Header.Set("User-Agent", whoName+" "+whoPhone)
	req.Header.Set("Referer", l.site+"/track?name="+url.QueryEscape(whoName))
	res, err := c.Do(req)
	if err != nil {
		l.t.Fatal(err)
	}
	defer res.Body.Close() // read to its end below
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	// A page that asks again shows a person what they wrote; a program is told no such thing.
	if res.StatusCode >= 400 && strings.Contains(res.Header.Get("Content-Type"), "problem+json") {
		l.refusals = append(l.refusals, string(raw))
	}
	for _, k := range res.Cookies() {
		if len(k.Value) > 12 {
			l.secrets = append(l.secrets, k.Value)
		}
	}
	return string(raw)
}

func (l *loggedLife) form(c *http.Client, path string, pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return l.send(c, "POST", path, "application/x-www-form-urlencoded", v.Encode())
}

var (
	numberOnPage = regexp.MustCompile(`<dd class="code" data-copy>([^<]+)</dd>`)
	codeOnPage   = regexp.MustCompile(`<dd class="code big" data-copy>([^<]+)</dd>`)
	onceOnPage   = regexp.MustCompile(`name="_once" value="([^"]+)"`)
)

// citizen files, looks, asks, guesses and sends what is refused; it returns the number.
func (l *loggedLife) citizen() string {
	c := l.browser()
	l.form(c, "/file", "text", whoSaid+"，身份证"+whoNumber, "_go", "next")
	l.form(c, "/file/where", "address", whoAddress, "_go", "next")
	l.form(c, "/file/contact", "contact", "named", "name", whoName, "phone", whoPhone, "email", whoMail, "_go", "next")
	page := l.form(c, "/file/send")
	number, code := numberOnPage.FindStringSubmatch(page), codeOnPage.FindStringSubmatch(page)
	if number == nil || code == nil {
		l.t.Fatalf("nothing was filed: %.2000s", page)
	}
	l.secrets = append(l.secrets, code[1], strings.ReplaceAll(code[1], "-", ""))
	act := l.send(c, "GET", "/track/act/add", "", "")
	if once := onceOnPage.FindStringSubmatch(act); once != nil {
		l.form(c, "/track/act/add", "_once", once[1], "text", whoSaid)
	}
	for _, path := range []string{"/ask?q=" + url.QueryEscape(whoSaid), "/show/" + code[1], "/r/" + code[1] + "?name=" + url.QueryEscape(whoName),
		"/track/photo/" + url.PathEscape(whoName), "/" + url.PathEscape(whoName), "/open311/v2/requests/" + whoPhone + ".json", "/open311/v2/requests.json?api_key=" + code[1]} {
		l.send(c, "GET", path, "", "")
	}
	o := l.browser()
	for _, kind := range []string{"", "application/json", "multipart/form-data", "multipart/form-data; boundary=b", "application/x-www-form-urlencoded", "text/" + whoMail} {
		l.send(o, "POST", "/file", kind, "text="+whoSaid+"%zz"+whoPhone+"\x00")
		l.send(o, "POST", "/open311/v2/requests.json", kind, "description="+whoSaid+"%zz")
	}
	for i := range 6 {
		l.form(o, "/track", "number", number[1], "code", fmt.Sprint(code[1][:3], "XQ7R", i))
		l.form(o, "/lost", "phone", whoPhone, "number", number[1])
		l.form(o, "/verify", "text", `{"name":"`+whoName+`","sig":"`+code[1]+`"}`)
	}
	return number[1]
}

// staff signs in rightly and wrongly, takes the case through the offices, opens what is
// masked, and asks for everything in ways that are refused.
func (l *loggedLife) staff(a *App, number string) {
	k, err := a.Cases.ByNumber(l.t.Context(), number)
	if err != nil {
		l.t.Fatal(err)
	}
	wrong := l.browser()
	l.json(wrong, "POST", "/api/session", `{"login":"`+whoName+`","password":"`+aPassword+`"}`)
	l.json(wrong, "POST", "/api/session", `{"login":"fenbo","password":"`+aPassword+`"}`)
	in := func(login string) *http.Client {
		c := l.browser()
		for _, d := range a.Staff.DemoAccounts() {
			if d.Staff.ID == login {
				l.secrets = append(l.secrets, d.Password)
				l.json(c, "POST", "/api/session", `{"login":"`+login+`","password":"`+d.Password+`"}`)
			}
		}
		return c
	}
	dispatcher, clerk, admin := in("fenbo"), in("shoufa"), in("guanli")
	at := "/api/cases/" + k.ID
	l.json(dispatcher, "POST", at+"/actions/dispatch", `{"input":{"matter":"030503","unit":"st-xiangmihu-um","reason":"诉求人`+whoName+whoPhone+`"}}`)
	l.json(clerk, "POST", at+"/reveal", `{"purpose":"联系`+whoName+`"}`)
	l.json(clerk, "POST", at+"/contact", `{"purpose":"联系`+whoName+`"}`)
	l.json(clerk, "POST", at+"/actions/sign", `{}`)
	l.json(clerk, "POST", at+"/actions/contact", `{"input":{"means":"phone","note":"`+whoName+whoPhone+`"}}`)
	l.json(clerk, "POST", at+"/actions/resolve", `{"input":{"result":"solved","answer":"`+whoName+`您好，`+whoSaid+`，已修好。"}}`)
	made := l.json(admin, "POST", "/api/admin/keys", `{"name":"`+whoName+`","channel":"hotline"}`)
	var key struct{ Key string }
	if err := json.Unmarshal([]byte(made), &key); err != nil || key.Key == "" {
		l.t.Fatalf("no key: %s", made)
	}
	l.secrets = append(l.secrets, key.Key)
	for _, c := range []*http.Client{dispatcher, clerk, admin} {
		for _, path := range []string{"/api/cases?q=" + url.QueryEscape(whoSaid), "/api/cases?q=%00" + whoPhone, "/api/cases?after=" + whoPhone, "/api/cases?from=" + url.QueryEscape(whoName),
			"/api/cases/" + url.PathEscape(whoName), "/api/" + url.PathEscape(whoName), "/api/attachments/" + whoPhone, "/api/areas/" + url.PathEscape(whoName) + ".geojson", "/api/cases?sort=" + whoMail} {
			l.send(c, "GET", path, "", "")
		}
		for _, body := range []string{`{"text":"` + whoSaid, `{"` + whoName + `":1}`, `[]`, `{"family":"` + whoName + `","channel":"hotline","text":"` + whoSaid + `"}`,
			`{"family":"appeal","channel":"` + whoPhone + `","text":"` + whoSaid + `"}`, `{"family":"appeal","channel":"hotline","text":"` + whoSaid + `","fields":{"` + whoName + `":"` + whoPhone + `"}}`} {
			l.json(c, "POST", "/api/cases", body)
			l.json(c, "POST", at+"/actions/"+url.PathEscape(whoName), body)
			l.json(c, "POST", at+"/actions/return", `{"input":{"reason":"`+whoName+`","files":["`+whoPhone+`"]}}`)
		}
		l.upload(c, whoName+".exe", "MZ"+whoSaid)
		l.upload(c, whoName+".png", "\x89PNG\r\n\x1a\n"+whoSaid)
	}
}

func (l *loggedLife) json(c *http.Client, method, path, body string) string {
	return l.send(c, method, path, "application/json", body)
}

func (l *loggedLife) upload(c *http.Client, name, content string) {
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = io.WriteString(part, content)
	}
	if err = errors.Join(err, form.Close()); err != nil {
		l.t.Fatal(err)
	}
	l.send(c, "POST", "/api/attachments", form.FormDataContentType(), b.String())
}

// letters come in whole, broken and for nobody.
func (l *loggedLife) letters(at string) {
	for _, letter := range []string{
		"From: " + whoName + " <" + whoMail + ">\r\nTo: mail@localhost\r\nSubject: " + whoName + "\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + whoSaid + "\r\n",
		"From: <" + whoMail + ">\r\nContent-Type: multipart/mixed; boundary=\"" + whoMail + "\r\n\r\n" + whoSaid,
		whoName + "\r\n\r\n" + whoSaid,
	} {
		for _, to := range []string{"mail@localhost", whoMail, "case-" + whoPhone + "@localhost"} {
			c, err := smtp.Dial(at)
			if err != nil {
				l.t.Fatal(err)
			}
			if err := c.SendMail(whoMail, []string{to}, strings.NewReader(letter)); err != nil {
				l.t.Logf("a letter was refused, as it may be: %v", err)
			}
			_ = c.Close() // the letter is in or refused
		}
	}
}

// damagedImport takes in rows of which most are refused.
func (l *loggedLife) damagedImport(a *App) {
	rows := strings.Join([]string{
		`{"id":"R1","text":"` + whoSaid + `","phone":"` + whoPhone + `","name":"` + whoName + `"}`,
		`{"id":"R2","text":"` + whoSaid, `{"id":{"` + whoName + `":1}}`, `{"text":17,"phone":"` + whoPhone + `"}`, whoName, "\x00" + whoPhone, `{"id":"R1","text":"` + whoName + `的另一件事"}`,
	}, "\n")
	if _, err := a.importHere(l.t.Context(), strings.NewReader(rows), intake.Import{Channel: "hotline", Lang: text.Chinese, Reject: func(intake.Reject) {}}); err != nil {
		a.Logger.Error("background work failed", "work", "import", "error", err)
	}
	// And the error of a database that is handed what it cannot hold.
	var n int64
	err := a.DB.Read().QueryRow(l.t.Context(), `select n from action where case_id = ? and n = cast(? as bigint)`, whoName, whoNumber+"000000000000").Scan(&n)
	a.Logger.Error("background work failed", "work", "query", "error", err)
}

// panics makes each door fall over something that has a person's name in it.
func (l *loggedLife) panics(a *App, broken *atomic.Bool) {
	handler, err := a.Handler(l.t.Context())
	if err != nil {
		l.t.Fatal(err)
	}
	srv := httptest.NewServer(handler)
	defer srv.Close()
	l.site = srv.URL
	c := l.browser()
	for _, d := range a.Staff.DemoAccounts()[:1] {
		l.json(c, "POST", "/api/session", `{"login":"`+d.Staff.ID+`","password":"`+d.Password+`"}`)
	}
	broken.Store(true)
	defer broken.Store(false)
	for _, path := range []string{"/", "/track", "/api/session", "/api/cases?q=" + whoPhone, "/api/figures/today", "/open311/v2/requests.json"} {
		l.send(c, "GET", path, "", "")
	}
}
