package api_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"yiwang/internal/core/cases"
	"yiwang/internal/core/clock"
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

// The window sees who comes on a day, calls them, and notes whether they came. They are
// told by when to come, and reminded by themselves: a day before, or two hours before
// where it was booked for less than a day ahead.
func TestAppointmentsOfTheDay(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		ctx := t.Context()
		cst := time.FixedZone("CST", 8*3600)
		book := func(at time.Time) string {
			t.Helper()
			filed, err := h.Cases.File(ctx, cases.Filing{Family: "booking", Matter: "booking", Channel: "web", Actor: org.Appellant(), Unit: "chengguan", Nature: "预约", Content: at.String(),
				Fields: m{"service": "临时占用街道设摊许可", "unit": "chengguan", "window": "综合窗口", "day": at.Format(time.DateOnly), "hour": at.Hour(), "places": 6, "name": "演示居民", "phone": "19900000003"}})
			must(t, err)
			return filed.ID
		}
		did := func(id, kind string) bool {
			t.Helper()
			v, err := h.Cases.Open(ctx, org.Machine("test"), id, "")
			must(t, err)
			return slices.ContainsFunc(v.Entries, func(e cases.Entry) bool { return e.Header.Kind == kind })
		}
		pass := func(to time.Time) {
			t.Helper()
			h.Clock.Pass(to.Sub(h.Clock.Now()))
			_, _, err := h.Cases.Fire(ctx)
			must(t, err)
		}
		now := h.Clock.Now().In(cst)
		nine := time.Date(now.Year(), now.Month(), now.Day()+3, 9, 0, 0, 0, cst)
		far := book(nine)
		window := h.As(t, "shouli")
		if got := window.Get("/api/window/bookings").OK(); got.Len("items") != 0 {
			t.Fatalf("today: %s", got.Raw)
		}
		day := nine.Format(time.DateOnly)
		got := window.Get("/api/window/bookings?day=" + day).OK()
		if got.Len("items") != 1 || got.Text("items", 0, "service") != "临时占用街道设摊许可" || got.Text("items", 0, "name") == "演示居民" {
			t.Fatalf("that day: %s", got.Raw)
		}
		v, err := h.Cases.Open(ctx, org.Machine("test"), far, "")
		must(t, err)
		if !slices.ContainsFunc(v.Clocks, func(c clock.Clock) bool { return c.Code == "keep" && c.DueAt == nine.Add(time.Hour).UnixMilli() }) {
			t.Errorf("by when to come: %+v", v.Clocks)
		}
		pass(nine.Add(-25 * time.Hour))
		if did(far, "remind") {
			t.Error("reminded too early")
		}
		pass(nine.Add(-24*time.Hour + time.Minute))
		near := book(nine)
		pass(nine.Add(-3 * time.Hour))
		if !did(far, "remind") || did(near, "remind") {
			t.Errorf("a day before: %v, two hours before: %v already", did(far, "remind"), did(near, "remind"))
		}
		pass(nine.Add(-2*time.Hour + time.Minute))
		if !did(near, "remind") {
			t.Error("whoever booked for the next day is not reminded")
		}
		window = h.Anew(t, "shouli")
		v, err = h.Cases.Open(ctx, org.Machine("test"), far, "")
		must(t, err)
		window.Post("/api/cases/"+far+"/actions/call", m{"version": v.Case.Version}).OK()
		if got := window.Get("/api/window/bookings?day=" + day).OK(); got.Text("items", 0, "calls") != "1" {
			t.Errorf("called: %s", got.Raw)
		}
		pass(nine.Add(15 * time.Hour))
		if !did(far, "miss") {
			t.Error("at the end of the day nobody came, and the booking stands")
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
