package api_test

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"yiwang/internal/door/api"
	"yiwang/internal/door/api/apitest"
)

// What the door answers besides what openapi.json describes, as every kind of caller
// gets it from another machine: the matrix follows the description and passes it over.
func TestPathsOutsideTheDescription(t *testing.T) {
	h := apitest.Open(t, sqlite)
	stage := setStage(t, h)
	provider := newProvider(t)
	callers := cast(t, h, stage)
	callers["a key that is none"] = h.ByKey(t, "ywk_forged")
	all := everyone + "-" + "a key that is none"
	alone := h.Door
	provided := api.New(api.Deps{DB: h.DB, City: h.City, Staff: h.Staff, Cases: h.Cases, View: h.View, Desk: h.Desk, Files: h.Files, Rates: apitest.Wide, Logger: slog.New(slog.DiscardHandler),
		OIDC: &api.OIDC{Issuer: provider.URL, Client: "yiwang", Secret: "s3cret-of-this-site", Site: "http://localhost", Title: "市统一身份认证"}})
	for _, c := range []struct {
		door        http.Handler
		method, at  string
		who         string // gets status, the others 404 as for what is not there
		status      int
		is, hasHead string // how the body begins, and how Location
	}{
		{alone, "GET", "/healthz", all, http.StatusOK, "ok\n", ""},
		{alone, "POST", "/healthz", all, http.StatusMethodNotAllowed, "", ""},
		{alone, "GET", "/metrics", admins, http.StatusOK, "# HELP", ""},
		{alone, "POST", "/metrics", all, http.StatusMethodNotAllowed, "", ""},
		{alone, "GET", "/api/openapi.json", all, http.StatusOK, "{", ""},
		{alone, "GET", "/api/session/oidc", "", 0, "", ""}, // no provider, no way
		{alone, "GET", "/api/session/oidc/back?code=c&state=x", "", 0, "", ""},
		{provided, "GET", "/api/session/oidc", all, http.StatusFound, "", provider.URL + "/authorize?"},
		{provided, "POST", "/api/session/oidc", "", 0, "", ""},
		{provided, "GET", "/api/session/oidc/back", all, http.StatusSeeOther, "", "/desk/sign-in?failed="},
		{provided, "GET", "/api/session/oidc/back?code=c&state=x", all, http.StatusSeeOther, "", "/desk/sign-in?failed="},
	} {
		h.Door = c.door
		for letter, p := range callers {
			got := p.Knock(p.Request(c.method, c.at, nil))
			what := c.method + " " + c.at + " as " + letter
			status := http.StatusNotFound
			if strings.Contains(c.who, letter) {
				status = c.status
				if !strings.HasPrefix(string(got.Raw), c.is) || !strings.HasPrefix(got.Header.Get("Location"), c.hasHead) {
					t.Errorf("%s: %v %.100s", what, got.Header, got.Raw)
				}
			} else if got.Header.Get("Content-Type") != "application/problem+json" || got.Text("code") != "api.no_route" && got.Text("code") != "org.oidc_off" {
				t.Errorf("%s: not as what is not there: %s", what, got.Raw)
			}
			if got.Status != status {
				t.Errorf("%s: %d, want %d", what, got.Status, status)
			}
			// None of them signs anybody in or out, or says what is nobody's business.
			for _, cookie := range (&http.Response{Header: got.Header}).Cookies() {
				if cookie.Name != "yw_oidc" || !cookie.HttpOnly || cookie.Path != "/api/session/oidc" || cookie.SameSite != http.SameSiteLaxMode {
					t.Errorf("%s sets %s", what, cookie)
				}
			}
			for _, v := range []string{"s3cret-of-this-site", "goroutine 1 ["} {
				if strings.Contains(string(got.Raw)+got.Header.Get("Location"), v) {
					t.Errorf("%s says %s: %.300s", what, v, got.Raw)
				}
			}
		}
	}
	h.Door = alone
	for letter, p := range callers {
		if got := p.Get("/api/session"); (got.Status == http.StatusOK) != strings.Contains(everyone, letter) {
			t.Errorf("afterwards %s is answered %d", letter, got.Status)
		}
	}
}

// The figures are for who is on the machine itself and for administrators; what came
// through a proxy on it is from elsewhere. They tell routes, and never which case,
// who, or what was searched for.
func TestMetricsAreNotPublic(t *testing.T) {
	h := apitest.Open(t, sqlite)
	stage := setStage(t, h)
	for _, at := range []string{"/api/cases/" + stage.names["in"], "/api/cases?q=" + personal["phone"], "/api/" + personal["phone"], "/" + personal["phone"]} {
		h.As(t, "fenbo").Get(at)
	}
	nobody, admin := h.Nobody(t), h.As(t, "guanli")
	for _, c := range []struct {
		from, header, value string
		let                 bool
	}{
		{"127.0.0.1:5000", "", "", true},
		{"[::1]:5000", "", "", true},
		{"127.0.0.1:5000", "X-Forwarded-For", "127.0.0.1", false},
		{"127.0.0.1:5000", "X-Forwarded-For", "203.0.113.9", false},
		{"127.0.0.1:5000", "Forwarded", "for=203.0.113.9", false},
		{"10.0.0.7:5000", "", "", false},
		{apitest.Elsewhere, "X-Forwarded-For", "127.0.0.1", false},
		{apitest.Elsewhere, "X-Real-IP", "127.0.0.1", false},
		{"no address", "", "", false},
	} {
		for _, p := range []*apitest.Person{nobody, h.As(t, "fenbo"), stage.machine, admin} {
			req := p.Request("GET", "/metrics", nil)
			req.RemoteAddr = c.from
			if c.header != "" {
				req.Header.Set(c.header, c.value)
			}
			got := p.Knock(req)
			if let := c.let || p == admin; (got.Status == http.StatusOK) != let || !let && got.Status != http.StatusNotFound {
				t.Errorf("from %s with %s %q: %d, let in: %v", c.from, c.header, c.value, got.Status, let)
			}
			for _, v := range slices.Concat([]string{stage.names["in"]}, []string{personal["phone"]}, h.As(t, "fenbo").Secrets()) {
				if strings.Contains(string(got.Raw), v) {
					t.Errorf("the figures tell %s", v)
				}
			}
		}
	}
}
