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
	h.stage.script.Rhythm.PerDay = 450 // the shares are the same, and it takes half the time
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
	h.share(t, "filed", filed, 450, 0.4, 1.35)
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
	h.guestsFindWork(t)
	// A house that starts again knows what its open cases are about.
	next := h.newStage(t)
	latest, err := next.resume(t.Context())
	if err != nil || latest != h.stage.Tally.Filed || len(next.queue) < len(h.stage.roles)*9/10 {
		t.Errorf("resumed after message %d with %d moves: %v; the first stage filed %d and left %d", latest, len(next.queue), err, h.stage.Tally.Filed, len(h.stage.roles))
	}
	if again, err := h.newStage(t).Begin(t.Context(), h.clock, tuesday.Add(25*time.Hour), func(float64) {}); err != nil || again {
		t.Errorf("a second past was played: %v %v", again, err)
	}
}

// guestsFindWork checks that whoever signs in with an account of the demo finds
// something to do: in every lane of the centre, and in every unit.
func (h *house) guestsFindWork(t *testing.T) {
	t.Helper()
	for at := range h.stage.floors {
		if at.unit == "" {
			if h.count(t, "closed = 0 and lane = ?", at.lane) == 0 {
				t.Errorf("nothing waits in lane %s", at.lane)
			}
		} else if h.count(t, "closed = 0 and unit = ? and lane in ('sign', 'contact', 'handle')", at.unit) == 0 {
			t.Errorf("nothing waits for %s", at.unit)
		}
	}
}
