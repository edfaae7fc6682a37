package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"yiwang/internal/core/org"
	"yiwang/internal/door/api/apitest"
	"yiwang/internal/door/open311"
)

// Yiwang passes its own suite, extensions included, on both engines.
func TestYiwang(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		door := httptest.NewServer(open311.New(open311.Deps{DB: h.DB, City: h.City, Staff: h.Staff, Cases: h.Cases, View: h.View, Desk: h.Desk, Files: h.Files}))
		defer door.Close()
		_, key, err := h.Staff.MakeKey(t.Context(), org.Machine("test"), org.Key{Name: "check", Channel: "app", Unit: "centre", Roles: []string{"partner"}})
		if err != nil {
			t.Fatal(err)
		}
		r := run(t.Context(), target{url: door.URL + "/open311/v2", key: key, service: "appeal", lat: "22.5431", long: "114.0579", now: h.Clock.Now})
		for _, x := range r.Results {
			if x.Verdict != "pass" {
				t.Errorf("%s (%s): %s %s", x.Check, x.Rule, x.Verdict, x.Found)
			}
		}
		t.Logf("%d checks", r.Passed)
	})
}

// A server that answers everything with a friendly page fails nearly everything:
// the suite does not take silence for yes.
func TestANaiveServerFails(t *testing.T) {
	door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		_, _ = w.Write([]byte("<services><service><service_code>1</service_code></service></services>"))
	}))
	defer door.Close()
	r := run(t.Context(), target{url: door.URL + "/v2", key: "k", lat: "1", long: "1", now: time.Now})
	if r.Passed > 6 || r.Failed < 30 {
		for _, x := range r.Results {
			if x.Verdict == "pass" {
				t.Logf("passed: %s", x.Check)
			}
		}
		t.Errorf("%d passed, %d failed", r.Passed, r.Failed)
	}
	var b strings.Builder
	r.print(&b)
	if !strings.Contains(b.String(), "FAIL") || !strings.Contains(b.String(), "(ext)") {
		t.Error(b.String())
	}
}
