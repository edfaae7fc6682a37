package api_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"yiwang/internal/base/limit"
	"yiwang/internal/door/api"
	"yiwang/internal/door/api/apitest"
)

// An account, a key and an address each have their own measure: one that is used up says
// when to come again, wherever its owner comes from, and slows nobody else down.
func TestEachCallerHasTheirMeasure(t *testing.T) {
	h := apitest.Open(t, sqlite)
	door := httptest.NewServer(api.New(api.Deps{DB: h.DB, City: h.City, Staff: h.Staff, Cases: h.Cases, View: h.View, Desk: h.Desk, Files: h.Files,
		Rates: limit.Rates{Staff: 2, Key: 3, Address: 1}}))
	defer door.Close()
	one, again, other, admin := h.As(t, "fenbo"), h.Anew(t, "fenbo"), h.As(t, "shoufa"), h.As(t, "guanli")
	machine := h.ByKey(t, admin.Post("/api/admin/keys", m{"name": "市级热线", "channel": "hotline"}).OK().Text("key"))
	forged := h.ByKey(t, "yw_forged")
	nobody := h.Nobody(t)
	h.URL = door.URL
	for _, c := range []struct {
		who    []*apitest.Person
		path   string
		burst  int
		status int
	}{
		{[]*apitest.Person{one, again}, "/api/cases", 20, http.StatusOK},
		{[]*apitest.Person{machine}, "/api/cases", 30, http.StatusOK},
		{[]*apitest.Person{nobody, forged}, "/api/cases", 10, http.StatusUnauthorized},
	} {
		n := 0
		for ; n < 100; n++ {
			got := c.who[n%len(c.who)].Get(c.path)
			if got.Status == http.StatusTooManyRequests {
				if s, err := strconv.Atoi(got.Header.Get("Retry-After")); err != nil || s < 1 || got.Text("code") != "errs.too_many" {
					t.Errorf("refused without saying when to come again: %v %s", got.Header, got.Raw)
				}
				break
			}
			got.Is(c.status)
		}
		if n < c.burst || n > c.burst+10 {
			t.Errorf("%d requests were let through, want %d", n, c.burst)
		}
		other.Get("/api/cases").OK()
	}
	// Signing in again is no way around.
	again.Get("/api/session").Is(http.StatusTooManyRequests)
	// Nor is there a refusal at signing in without a word of when.
	for range 100 {
		if got := other.Post("/api/session", m{"login": "x", "password": "y"}); got.Status == http.StatusTooManyRequests {
			if got.Header.Get("Retry-After") == "" {
				t.Error("too many tries at signing in, and no Retry-After")
			}
			return
		}
	}
	t.Error("nobody was slowed down at signing in")
}
