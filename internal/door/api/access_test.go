package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"yiwang/internal/door/api/apitest"
)

// Who may call what. Letters: a the administrator, d the dispatcher, s the
// supervisor, c a unit's clerk, h its handler, p a social partner. Nobody who has
// not signed in is listed: they may call what says "all" only.
var matrix = []struct {
	method, path, body string
	who                string // those who are let in; the others get 403
}{
	{"GET", "/api/session", "", "adschp"},
	{"GET", "/api/declarations", "", "adschp"},
	{"GET", "/api/matters?q=噪声", "", "adschp"},
	{"GET", "/api/units", "", "adschp"},
	{"GET", "/api/units/centre/staff", "", "adschp"},
	{"GET", "/api/areas", "", "adschp"},
	{"GET", "/api/areas/street.geojson", "", "adschp"},
	{"GET", "/api/cases", "", "adschp"},
	{"GET", "/api/cases/counts", "", "adschp"},
	{"GET", "/api/cases.csv", "", "sc"},
	{"GET", "/api/sessions", "", "adschp"},
	{"GET", "/api/desk/queue", "", "d"},
	{"GET", "/api/figures/today", "", "dschp"},
	{"GET", "/api/figures/units", "", "dschp"},
	{"GET", "/api/figures/topics", "", "dschp"},
	{"GET", "/api/figures/grids", "", "adschp"},
	{"GET", "/api/figures/live", "", "adschp"},
	{"GET", "/api/admin/staff", "", "a"},
	{"GET", "/api/admin/units", "", "a"},
	{"GET", "/api/admin/keys", "", "a"},
	{"GET", "/api/admin/audit", "", "a"},
	{"POST", "/api/admin/staff", `{"id":"x","name":"x","unit":"nowhere","roles":[]}`, "a"},
	{"PATCH", "/api/admin/staff/nobody", `{"name":"x"}`, "a"},
	{"POST", "/api/admin/staff/nobody/leave", `{}`, "a"},
	{"POST", "/api/admin/units", `{"code":"x","name":"x","kind":"street","parent":"nowhere"}`, "a"},
	{"PATCH", "/api/admin/units/nowhere", `{"name":"x"}`, "a"},
	{"POST", "/api/admin/keys", `{"name":"x","channel":"nowhere"}`, "a"},
	{"DELETE", "/api/admin/keys/0123456789abcdef", "", "a"},
	{"POST", "/api/cases", `{"family":"appeal","channel":"hotline"}`, "dp"},
	{"GET", "/api/setup", "", "all"},
	{"GET", "/api/demo", "", "all"},
	{"GET", "/api/log/checkpoint", "", "all"},
	{"GET", "/api/openapi.json", "", "all"},
	{"GET", "/healthz", "", "all"},
}

func TestWhoMayCallWhat(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		people := map[string]*apitest.Person{}
		for letter, login := range map[string]string{"a": "guanli", "d": "fenbo", "s": "duban", "c": "shoufa", "h": "jingban", "p": "wuye"} {
			people[letter] = h.As(t, login)
		}
		nobody := h.Nobody(t)
		for _, c := range matrix {
			var body any
			if c.body != "" {
				body = []byte(c.body)
			}
			got := nobody.Do(c.method, c.path, body)
			if c.who == "all" {
				got.OK()
				continue
			}
			got.Is(http.StatusUnauthorized)
			for letter, p := range people {
				got := p.Do(c.method, c.path, body)
				switch in := strings.Contains(c.who, letter); {
				case in && (got.Status == http.StatusForbidden || got.Status == http.StatusUnauthorized || got.Status >= 500):
					t.Errorf("%s may not %s %s: %d %s", letter, c.method, c.path, got.Status, got.Raw)
				case !in && got.Status != http.StatusForbidden:
					t.Errorf("%s may %s %s: %d", letter, c.method, c.path, got.Status)
				}
			}
		}
	})
}

// Every route of the description refuses those who are not signed in, but for the
// few that are meant for everybody.
func TestNoDoorStandsOpen(t *testing.T) {
	h := apitest.Open(t, sqlite)
	open := []string{"POST /api/session", "DELETE /api/session", "GET /api/demo", "GET /api/setup", "POST /api/setup", "POST /api/session/passkey", "POST /api/session/passkey/answer", "GET /api/log/checkpoint"}
	nobody := h.Nobody(t)
	var doc struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	nobody.Get("/api/openapi.json").Into(&doc)
	n := 0
	for path, methods := range doc.Paths {
		for method := range methods {
			n++
			method = strings.ToUpper(method)
			if slices.Contains(open, method+" "+path) {
				continue
			}
			at := strings.NewReplacer("{id}", "x", "{action}", "sign", "{n}", "1", "{code}", "x", "{file}", "street.geojson").Replace(path)
			for _, body := range []any{nil, []byte("not json"), []byte(`{}`)} {
				nobody.Do(method, at, body).Is(http.StatusUnauthorized)
			}
		}
	}
	if n < 45 {
		t.Errorf("only %d routes are described", n)
	}
}

// A case is seen by the unit that answers for it and those above, and its
// timeline is the same for all of them.
func TestSecondUnitSeesNothing(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		dispatcher, clerk := h.As(t, "fenbo"), h.As(t, "shoufa")
		mine, other := file(t, h), file(t, h)
		dispatcher.Act(mine, "dispatch", m{"matter": "030503", "unit": streetUnit}).OK()
		dispatcher.Act(other, "dispatch", m{"matter": "030503", "unit": "pt-wuye-01"}).OK()
		clerk.Get("/api/cases/" + mine).OK()
		for _, path := range []string{"", "/reading", "/proof/1"} {
			clerk.Get("/api/cases/" + other + path).Is(http.StatusNotFound)
		}
		clerk.Act(other, "sign", nil).Is(http.StatusNotFound)
		clerk.Post("/api/cases/"+other+"/reveal", m{"purpose": "看看"}).Is(http.StatusNotFound)
		if list := clerk.Get("/api/cases").OK(); list.Len("items") != 1 || list.Text("items", 0, "id") != mine {
			t.Errorf("the clerk's list: %s", list.Raw)
		}
		for _, hidden := range []string{"/api/cases?unit=pt-wuye-01", "/api/cases?q=打桩&unit=pt-wuye-01"} {
			if n := clerk.Get(hidden).OK().Len("items"); n != 0 {
				t.Errorf("%s shows the clerk %d cases", hidden, n)
			}
		}
		// Searching finds by words and by the beginning of a number, in one's own scope.
		for _, q := range []string{"打桩", "桩", "SF2611", "sf26-1123"} {
			if n := clerk.Get("/api/cases?q=" + q).OK().Len("items"); n != 1 {
				t.Errorf("%s finds the clerk %d cases", q, n)
			}
			if n := dispatcher.Get("/api/cases?q=" + q).OK().Len("items"); n != 2 {
				t.Errorf("%s finds the dispatcher %d cases", q, n)
			}
		}
		partner := h.As(t, "wuye")
		partner.Get("/api/cases/" + other).OK()
		partner.Get("/api/cases/" + mine).Is(http.StatusNotFound)
		partner.Post("/api/cases/"+other+"/reveal", m{"purpose": "联系住户"}).Is(http.StatusForbidden)
		partner.Act(other, "sign", nil).OK()
	})
}

func TestRevealIsLogged(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		id := file(t, h)
		dispatcher := h.As(t, "fenbo")
		for _, purpose := range []string{"", " ", "x", strings.Repeat("很", 201)} {
			dispatcher.Post("/api/cases/"+id+"/reveal", m{"purpose": purpose}).Is(http.StatusUnprocessableEntity)
		}
		open := dispatcher.Post("/api/cases/"+id+"/reveal", m{"purpose": "电话核实地点"}).OK()
		if open.Text("fields", "phone") != "13812345678" || open.Text("fields", "name") != "张三" {
			t.Errorf("opened: %s", open.Raw)
		}
		dispatcher.Post("/api/cases/"+id+"/reveal", m{"purpose": "约时间上门"}).OK() // in the same moment
		var who, purpose string
		if err := h.DB.Read().QueryRow(t.Context(), `select actor, purpose from access_log where case_id = ?`, id).Scan(&who, &purpose); err != nil {
			t.Fatal(err)
		}
		if who != "staff:fenbo" || purpose != "电话核实地点；约时间上门" {
			t.Errorf("logged: %s, %s", who, purpose)
		}
	})
}

func TestClaims(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		id := file(t, h)
		first, admin := h.As(t, "fenbo"), h.As(t, "guanli")
		admin.Post("/api/admin/staff", m{"id": "fenbo2", "name": "第二位", "unit": "centre", "roles": []string{"dispatcher"}, "password": "河边的三棵柳树开花了"}).OK()
		second := h.Nobody(t)
		second.Post("/api/session", m{"login": "fenbo2", "password": "河边的三棵柳树开花了"}).OK()
		second.Get("/api/desk/queue").Is(http.StatusForbidden) // not before the password is changed
		second.Post("/api/session/password", m{"old": "河边的三棵柳树开花了", "new": "桥头有两只黑色的鸭子"}).OK()
		path := "/api/desk/queue/" + id + "/claim"
		first.Post(path, nil).OK()
		first.Post(path, nil).OK() // renewed
		taken := second.Post(path, nil).Is(http.StatusConflict)
		if taken.Text("claimed_name") != "林晓岚" || !strings.Contains(taken.Text("detail"), "林晓岚") {
			t.Errorf("taken: %s", taken.Raw)
		}
		second.Act(id, "dispatch", m{"matter": "030503", "unit": streetUnit}).Is(http.StatusConflict) // nor sent past the holder
		second.Delete(path).OK()                                                                      // letting go of what one does not hold changes nothing
		second.Post(path, nil).Is(http.StatusConflict)
		if row := second.Get("/api/desk/queue").OK(); row.Text("items", 0, "claimed_by") != "fenbo" {
			t.Errorf("queue: %s", row.Raw)
		}
		h.Clock.Pass(5*60*1e9 + 1e9)
		second.Post(path, nil).OK()
		second.Delete(path).OK()
		first.Post(path, nil).OK()
	})
}

// Somebody leaves: nothing of theirs is left lying, and the log says who did it.
func TestLeaver(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		dispatcher, clerk, handler, admin := h.As(t, "fenbo"), h.As(t, "shoufa"), h.As(t, "jingban"), h.As(t, "guanli")
		id := file(t, h)
		dispatcher.Act(id, "dispatch", m{"matter": "030503", "unit": streetUnit}).OK()
		clerk.Act(id, "sign", nil).OK()
		clerk.Act(id, "assign", m{"staff": "jingban"}).OK()
		admin.Post("/api/admin/staff/jingban/leave", m{"to": "jingban"}).Is(http.StatusUnprocessableEntity)
		admin.Post("/api/admin/staff/guanli/leave", m{}).Is(http.StatusConflict)
		left := admin.Post("/api/admin/staff/jingban/leave", m{"to": "shoufa"}).OK()
		if left.Text("cases") != "1" {
			t.Errorf("left: %s", left.Raw)
		}
		handler.Get("/api/cases").Is(http.StatusUnauthorized)
		page := clerk.Get("/api/cases/" + id).OK()
		last := page.At("timeline", page.Len("timeline")-1).(m)
		if page.Text("holder") != "shoufa" || last["title"] != "移交" || last["actor"] != "guanli" {
			t.Errorf("after the leaving: holder %s, last %v", page.Text("holder"), last)
		}
		admin.Patch("/api/admin/units/"+streetUnit, m{"active": false}).Is(http.StatusConflict)
		h.Settle(t)
		v, err := h.Cases.Verify(t.Context(), nil, nil)
		if err != nil || !v.OK {
			t.Errorf("verify: %v %v", v.Faults, err)
		}
	})
}

func TestSetup(t *testing.T) {
	h := apitest.OpenEmpty(t, sqlite)
	p := h.Nobody(t)
	if p.Get("/api/setup").OK().Text("needed") != "true" || p.Get("/api/demo").OK().Len("accounts") != 0 {
		t.Error("an empty house needs a set-up and has no demo accounts")
	}
	p.Post("/api/setup", m{"code": "AAAAA-AAAAA-AAAAA", "login": "root", "name": "管理员", "password": "河边的三棵柳树开花了"}).Is(http.StatusForbidden)
	h.Staff.AllowSetup("ABCDE-FGHIJ-KLMNO")
	p.Post("/api/setup", m{"code": "AAAAA-AAAAA-AAAAA", "login": "root", "name": "管理员", "password": "河边的三棵柳树开花了"}).Is(http.StatusForbidden)
	p.Post("/api/setup", m{"code": "abcde fghij klmno", "login": "root", "name": "", "password": "河边的三棵柳树开花了"}).Is(http.StatusUnprocessableEntity)
	p.Post("/api/setup", m{"code": "abcde fghij klmno", "login": "root", "name": "管理员", "password": "short"}).Is(http.StatusUnprocessableEntity)
	p.Post("/api/setup", m{"code": "abcde fghij klmno", "login": "root", "name": "管理员", "password": "河边的三棵柳树开花了"}).OK()
	p.Post("/api/setup", m{"code": "abcde fghij klmno", "login": "other", "name": "又一个", "password": "河边的三棵柳树开花了"}).Is(http.StatusConflict)
	s := p.Post("/api/session", m{"login": "root", "password": "河边的三棵柳树开花了"}).OK()
	if s.Text("admin") != "true" || s.Text("staff", "unit") != "centre" {
		t.Errorf("session: %s", s.Raw)
	}
}

// Another system hands messages in by its channel only, twice the same is once,
// and sees no more than its role.
func TestMachineKey(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		admin := h.As(t, "guanli")
		admin.Post("/api/admin/keys", m{"name": "x", "channel": "hotline", "roles": []string{"admin"}}).Is(http.StatusForbidden)
		made := admin.Post("/api/admin/keys", m{"name": "市级热线", "channel": "hotline-city"}).OK()
		machine := h.ByKey(t, made.Text("key"))
		message := m{"family": "appeal", "channel": "hotline-city", "external_id": "H-1", "title": "路灯不亮", "text": "农林路上有三盏路灯不亮，晚上看不见路。"}
		first := machine.Post("/api/cases", message).OK()
		again := machine.Post("/api/cases", message).OK()
		if again.Text("id") != first.Text("id") || again.Text("already") != "true" || again.Text("query_code") != "" {
			t.Errorf("the second time: %s", again.Raw)
		}
		message["text"] = "另一件事情，说的是别的内容。"
		machine.Post("/api/cases", message).Is(http.StatusConflict)
		message["channel"] = "hotline"
		machine.Post("/api/cases", message).Is(http.StatusForbidden)
		machine.Get("/api/desk/queue").Is(http.StatusForbidden)
		page := h.As(t, "fenbo").Get("/api/cases/" + first.Text("id")).OK()
		if page.Text("timeline", 0, "actor_name") != "市级热线" || page.Text("timeline", 0, "actor_kind") != "machine" {
			t.Errorf("timeline: %v", page.At("timeline", 0))
		}
		admin.Delete("/api/admin/keys/" + made.Text("id")).OK()
		machine.Get("/api/cases").Is(http.StatusUnauthorized)
	})
}

// file files an appeal at the counter and returns its id.
func file(t *testing.T, h *apitest.House) string {
	t.Helper()
	return h.As(t, "shouli").Post("/api/cases", m{"family": "appeal", "channel": "hotline", "title": "工地夜间施工",
		"text": "香蜜湖街道农林路口的工地夜里两点还在打桩，睡不着。", "fields": m{"phone": "13812345678", "name": "张三"}}).OK().Text("id")
}
