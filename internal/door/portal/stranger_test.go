package portal_test

import (
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
)

// What somebody who holds no query code gets of every page: the status and the
// address that is tried. {photo} is a picture of another's case.
var toStrangers = map[string]string{
	"GET /assets/{name}": "404 /assets/none.css", "GET /{$}": "200 /", "GET /help": "200 /help", "GET /open": "200 /open", "GET /ask": "200 /ask",
	"GET /services": "200 /services", "POST /services": "422 /services", "GET /services/{family}": "200 /services/street-stall", "GET /powers": "200 /powers",
	"POST /ask": "422 /ask", "POST /ask/mark": "422 /ask/mark", "POST /ask/file": "303 /ask/file", "POST /prefs": "303 /prefs",
	"GET /file": "200 /file", "POST /file": "422 /file", "GET /apply/{family}": "303 /apply/street-stall", "POST /apply/{family}": "422 /apply/street-stall",
	"GET /track": "200 /track", "POST /track": "422 /track", "POST /track/leave": "303 /track/leave", "GET /track/act/{action}": "303 /track/act/withdraw",
	"POST /track/act/{action}": "303 /track/act/withdraw", "GET /track/photo/{id}": "403 /track/photo/{photo}", "GET /track/certificate/{id}": "303 /track/certificate/1",
	"GET /track/certificate/{id}/file": "403 /track/certificate/1/file", "GET /track/certificate/{id}/paper": "403 /track/certificate/1/paper",
	"POST /track/certificate/{id}/show": "403 /track/certificate/1/show", "GET /show/{token}": "404 /show/ABC", "POST /show/{token}": "404 /show/ABC",
	"GET /verify": "200 /verify", "POST /verify": "422 /verify", "POST /verify/report": "422 /verify/report",
	"GET /verify/lists/{list}": "404 /verify/lists/none-0", "GET /verify/keys.pem": "200 /verify/keys.pem", "GET /rate": "200 /rate", "POST /rate": "422 /rate",
	"GET /track/looks": "303 /track/looks",
	"GET /policies":    "200 /policies", "GET /policies/{code}": "200 /policies/policy-software", "POST /policies/{code}": "303 /policies/policy-software",
	"GET /lost": "200 /lost", "POST /lost": "422 /lost", "GET /following": "200 /following", "/": "404 /nowhere",
	"GET /enterprise": "200 /enterprise", "POST /enterprise": "422 /enterprise", "GET /r/{token}": "404 /r/forged", "POST /r/{token}": "404 /r/forged",
	"GET /track/paper/{n}":         "403 /track/paper/1",
	"GET /services/{family}/apply": "303 /services/residence/apply", "POST /services/{family}/apply": "303 /services/residence/apply",
	"POST /services/{family}/apply/hand/{material}": "422 /services/street-stall/apply/hand/photos",
	"GET /services/{family}/book":                   "200 /services/street-stall/book", "POST /services/{family}/book": "422 /services/street-stall/book",
	"GET /me": "303 /me", "GET /me/facts": "303 /me/facts", "GET /me/case/{id}": "303 /me/case/1", "GET /me/enter": "200 /me/enter",
	"POST /me/enter": "422 /me/enter", "POST /me/code": "303 /me/code", "POST /me/leave": "303 /me/leave",
	"GET /file/{step}": "303 /file/check", "POST /file/{step}": "303 /file/check", "POST /file/save": "204 /file/save", "POST /file/clear": "303 /file/clear",
	"POST /file/send": "303 /file/send", "GET /file/sent": "303 /file/sent", "GET /file/receipt.svg": "404 /file/receipt.svg", "GET /file/map.svg": "200 /file/map.svg",
	"GET /file/photo/{id}": "404 /file/photo/{photo}", "GET /file/nearby": "303 /file/nearby", "POST /file/follow": "422 /file/follow",
}

// Every page of the citizens' site, the open interface and the other doors, as
// somebody with no query code, somebody with that of another case, and a member of
// staff without one: nobody is shown a case that is not theirs.
func TestStrangersSeeNobodysCase(t *testing.T) {
	b := open(t)
	const text, name, phone = "星河花园的电梯坏了三天没有人修，老人上不了楼", "司马若兰", "13922221111"
	b.post("/file", form("text", text, "_go", "next"), upload{"电梯.png", photo(t, "").body})
	b.post("/file/where", form("address", "星河花园三栋", "_go", "next"))
	b.post("/file/contact", form("contact", "named", "name", name, "phone", phone, "_go", "next")).at("/file/check")
	b.post("/file/send", form()).at("/file/sent")
	number, _ := b.receipt()
	k := b.house.paper(t, number).Case
	files, err := b.house.Cases.Attachments(t.Context(), k.ID)
	if err != nil || len(files) != 1 {
		t.Fatalf("attachments: %v %v", files, err)
	}
	neighbour := b.other()
	filed(neighbour)
	staff := b.other()
	for _, a := range b.house.Staff.DemoAccounts()[:1] {
		staff.send("/api/session", "application/json", strings.NewReader(`{"login":"`+a.Staff.ID+`","password":"`+a.Password+`"}`), http.Header{})
	}
	people := map[string]*browser{"a stranger": b.other(), "a neighbour": neighbour, "staff": staff}
	for who, p := range people {
		for route, want := range toStrangers {
			method, _, ok := strings.Cut(route, " ")
			if !ok {
				method = "GET"
			}
			status, path, _ := strings.Cut(want, " ")
			path = strings.ReplaceAll(path, "{photo}", files[0].ID)
			if who == "a stranger" {
				p = b.other() // each time anew, so that no page leaves something for the next
			}
			got, page := ask(t, p, method, path)
			if who == "a stranger" && got != status {
				t.Errorf("%s %s answers %s to %s, want %s", method, path, got, who, status)
			}
			shows(t, who, method+" "+path, page, text, name, phone, k.ID)
		}
		for _, path := range []string{"/open311/v2/requests.json", "/open311/v2/requests/" + number + ".json", "/open311/v2/requests.xml?service_request_id=" + number,
			"/open311/v2/servicerequestupdates.json?service_request_id=" + number, "/healthz", "/desk/", "/metrics", "/api/cases/" + k.ID, "/api/attachments/" + files[0].ID} {
			_, page := ask(t, p, "GET", path)
			if who != "staff" || !strings.HasPrefix(path, "/api/") {
				shows(t, who, path, page, name, phone)
			}
		}
	}
}

// shows reports what a page shows that it must not.
func shows(t *testing.T, who, where, page string, secrets ...string) {
	t.Helper()
	for _, s := range secrets {
		if strings.Contains(page, s) {
			t.Errorf("%s shows %s %q", where, who, s)
		}
	}
}

func ask(t *testing.T, b *browser, method, path string) (status, page string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, b.site+path, strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	if method == "POST" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	c := *b.client
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() // read to its end below
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.Status[:3], string(raw)
}

// Every page that the site serves stands in the table.
func TestEveryPageIsInTheTable(t *testing.T) {
	source, err := os.ReadFile("site.go")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, m := range regexp.MustCompile(`page\("([^"]+)"(?:\+base\+"([^"]+)")?|page\("(GET|POST) "\+base`).FindAllStringSubmatch(string(source), -1) {
		route := m[1]
		if m[2] != "" {
			route = m[1] + "/file" + m[2]
		}
		n++
		if _, ok := toStrangers[route]; !ok {
			t.Errorf("nobody says what a stranger gets of %q", route)
		}
	}
	if n < 30 {
		t.Errorf("only %d pages found", n)
	}
}

// Whoever filed a case is told who opened their personal data, by office and purpose,
// and is not told the name of who did.
func TestLooksAreShownToWhoFiled(t *testing.T) {
	b := open(t)
	number, _ := filed(b)
	b.get("/track/looks").sees("谁看过我的个人信息", "还没有人打开过")
	staff, _ := b.house.Staff.Directory().Actor("fenbo")
	if _, err := b.house.Cases.Open(t.Context(), staff, b.house.paper(t, number).Case.ID, "核实路灯的位置"); err != nil {
		t.Fatal(err)
	}
	b.get("/track").sees("谁看过我的个人信息")
	b.get("/track/looks").sees("核实路灯的位置", "分拨员").seesNot(staff.Name, "还没有人打开过")
	neighbour := b.other()
	filed(neighbour)
	neighbour.get("/track/looks").seesNot("核实路灯的位置")
}
