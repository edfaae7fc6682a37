package rehearsal

import (
	"context"
	"testing"
	"time"
)

var testContext = context.Background()

// tuesday is an ordinary working day at half past eight.
var tuesday = time.Date(2026, 11, 17, 8, 30, 0, 0, chinaTime)

// A day of the demo city, played on a real database: everything is proved,
// everybody has somebody, and the shares of what goes wrong are those of life.
func TestDay(t *testing.T) {
	h := newHouse(t, tuesday)
	began := time.Now()
	played, err := h.stage.Begin(t.Context(), h.clock, tuesday.Add(24*time.Hour), func(float64) {})
	if err != nil || !played {
		t.Fatal(played, err)
	}
	t.Logf("%+v in %v", h.stage.Tally, time.Since(began))
	v, err := h.store.Verify(t.Context(), nil, nil)
	if err != nil || !v.OK {
		t.Fatalf("verify: %v %v", err, v.Faults)
	}
	filed := h.count(t, "1 = 1")
	h.share(t, "homeless", h.count(t, "closed = 0 and unit = '' and lane <> 'dispatch'"), filed, 0, 0)
	h.share(t, "filed", filed, 950, 0.75, 1.35)
	h.share(t, "closed", h.count(t, "closed = 1"), filed, 0.25, 0.9)
	h.share(t, "late now", h.count(t, "closed = 0 and late > 0"), h.count(t, "closed = 0"), 0.01, 0.45)
	h.share(t, "returned", h.actions(t, "return"), filed, 0.01, 0.15)
	rated := h.actions(t, "rate") + h.actions(t, "call_back")
	h.share(t, "rated", rated, filed, 0.2, 0.95)
	h.share(t, "reworked", h.count(t, `counts like '%"reworks"%'`), rated, 0.01, 0.2)
	h.share(t, "ever late", h.everLate(t), filed, 0.03, 0.35)
	h.share(t, "located", h.count(t, "area <> ''"), filed, 0.5, 0.98)
	h.share(t, "in grids", h.count(t, "grid <> ''"), filed, 0.15, 0.6)
	h.share(t, "missed", h.stage.Tally.Missed, h.stage.Tally.Acted, 0, 0.01)
	for at, floor := range h.stage.floors {
		where, args := "closed = 0 and lane = ?", []any{at.lane}
		if at.unit != "" {
			where, args = where+" and unit = ?", append(args, at.unit)
		}
		if n := h.count(t, where, args...); n < min(floor, 1) {
			t.Errorf("%d cases are left in lane %s of %q, %d wanted", n, at.lane, at.unit, floor)
		}
	}
	if again, err := h.newStage(t).Begin(t.Context(), h.clock, tuesday.Add(25*time.Hour), func(float64) {}); err != nil || again {
		t.Errorf("a second past was played: %v %v", again, err)
	}
}
