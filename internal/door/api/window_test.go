package api_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
	"yiwang/internal/core/register"
	"yiwang/internal/door/api/apitest"
)

// Whoever is present is asked for what no register knows: the window reads in its own
// name, with their agreement, and the same is wanting as online.
func TestAtTheWindow(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		ctx, present := t.Context(), register.Subject{}
		for _, g := range h.City.Registers.Given() {
			if g.Facts["idnumber"] != "900000198802140531" {
				continue
			}
			for item, value := range g.Facts {
				if item != "family" && item != "home" && item != "spouse" && item != "employer" {
					must(t, h.Registers.Put(ctx, g.Source, register.Subject{Register: g.Register, ID: g.ID}, register.Fact{Item: item, Value: value}))
				}
			}
			present = register.Subject{Register: g.Register, ID: g.ID}
		}
		window, handler := h.As(t, "shouli"), h.As(t, "jingban")
		handler.Post("/api/window/look", m{"service": "street-stall", "number": "900000198802140531", "agreed": true}).Is(http.StatusForbidden)
		window.Post("/api/window/look", m{"service": "street-stall", "number": "900000198802140531", "agreed": false}).Is(http.StatusUnprocessableEntity)
		p := window.Post("/api/window/look", m{"service": "street-stall", "number": "900000198802140531", "agreed": true}).OK()
		if p.Text("name") == "" || p.Len("known") != 2 {
			t.Fatalf("known: %s", p.Raw)
		}
		if looks, err := h.Registers.Readings(ctx, present); err != nil || len(looks) == 0 || looks[0].Actor != "staff:shouli" || looks[0].Purpose != "counter" {
			t.Errorf("the person sees %+v, %v", looks, err)
		}
		filing := m{"service": "street-stall", "number": "900000198802140531", "seen": []string{}, "later": []string{}, "files": m{}, "promised": false, "once": "1",
			"fields": m{"name": p.Text("name"), "phone": "19900000003", "address": "香蜜湖路口", "goods": "fruit", "from": "2026-12-01", "days": 30}}
		if got := window.Post("/api/window/file", filing); got.Status != http.StatusUnprocessableEntity {
			t.Fatalf("without photographs: %s", got.Raw)
		}
		filing["seen"] = []string{"photos"}
		filed := window.Post("/api/window/file", filing).OK()
		if again := window.Post("/api/window/file", filing).OK(); again.At("already") != true || again.Text("id") != filed.Text("id") {
			t.Errorf("filed twice: %s", again.Raw)
		}
		page := window.Get("/api/cases/" + filed.Text("id")).OK()
		if page.Text("number") != filed.Text("number") {
			t.Errorf("%s", page.Raw)
		}
	})
}

// The window sees who comes today, calls them, and notes whether they came; on the day
// before, they are reminded by themselves.
func TestAppointmentsOfTheDay(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		ctx := t.Context()
		today := h.Clock.Now().In(time.FixedZone("CST", 8*3600))
		day := today.AddDate(0, 0, 3).Format(time.DateOnly)
		filed, err := h.Cases.File(ctx, cases.Filing{Family: "booking", Matter: "booking", Channel: "web", Actor: org.Appellant(), Unit: "chengguan", Nature: "预约",
			Fields: m{"service": "临时占用街道设摊许可", "unit": "chengguan", "window": "综合窗口", "day": day, "hour": 9, "ahead": 3, "places": 6, "name": "演示居民", "phone": "19900000003"}})
		must(t, err)
		window := h.As(t, "shouli")
		if got := window.Get("/api/window/bookings").OK(); got.Len("items") != 0 {
			t.Fatalf("today: %s", got.Raw)
		}
		got := window.Get("/api/window/bookings?day=" + day).OK()
		if got.Len("items") != 1 || got.Text("items", 0, "service") != "临时占用街道设摊许可" || got.Text("items", 0, "name") == "演示居民" {
			t.Fatalf("that day: %s", got.Raw)
		}
		h.Clock.Pass(48*time.Hour + time.Minute)
		_, _, err = h.Cases.Fire(ctx)
		must(t, err)
		v, err := h.Cases.Open(ctx, org.Machine("test"), filed.ID, "")
		must(t, err)
		if !slices.ContainsFunc(v.Entries, func(e cases.Entry) bool { return e.Header.Kind == "remind" }) {
			t.Errorf("nobody is reminded: %+v", v.Entries)
		}
		window = h.Anew(t, "shouli") // two days later
		window.Post("/api/cases/"+filed.ID+"/actions/call", m{"version": v.Case.Version}).OK()
		if got := window.Get("/api/window/bookings?day=" + day).OK(); got.Text("items", 0, "calls") != "1" {
			t.Errorf("called: %s", got.Raw)
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
