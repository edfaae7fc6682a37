package rehearsal

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/sqldb/sqldbtest"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/schema"
	"yiwang/internal/work/intake"
	"yiwang/internal/work/view"
)

// Ten days of a small district, on both engines: merged, split, disputed, overseen,
// heard on rounds, gathered and told in briefs, and in the end everything reconciles
// to the case. A row that was changed by hand is found.
func TestTenDaysReconcile(t *testing.T) {
	for name, url := range map[string]string{"sqlite": sqldbtest.SQLiteURL(t, schema.Migrations()), "postgres": ""} {
		t.Run(name, func(t *testing.T) {
			if url == "" {
				url = sqldbtest.PostgresURL(t, schema.Migrations())
			}
			h := houseAt(t, tuesday, url)
			v := view.New(view.Deps{DB: h.db, City: h.city, Units: h.store.Units, Cases: h.store})
			var through atomic.Int64
			s := h.stageWith(t, Deps{PerDay: 50, Unattended: true, View: v})
			s.Doors = map[string]Door{"miniapp": func(ctx context.Context, m intake.Message) (cases.Filed, error) {
				through.Add(1)
				return s.Desk.File(ctx, m)
			}}
			if _, err := s.Begin(t.Context(), h.clock, tuesday.AddDate(0, 0, 10), func(float64) {}); err != nil {
				t.Fatal(err)
			}
			h.settle(t, v)
			a, err := s.Account(t.Context())
			if err != nil || !a.OK() {
				t.Fatalf("%v\n%s", err, strings.Join(a.Faults, "\n"))
			}
			t.Logf("%+v, %d actions, never %v", a.Tally, a.Actions, a.Never)
			for _, action := range []string{"link_repeat", "split", "call_in", "part_done", "return", "dispute", "rule", "supervise", "answer_supervision", "instruct", "carry_out", "hear", "gather", "call_failed", "rework"} {
				if a.Done["appeal"][action] == 0 {
					t.Errorf("nobody ever did %s", action)
				}
			}
			if a.Done["task"]["finish"] == 0 || a.Done["brief"]["publish"] == 0 || a.Done["visit"]["report"] == 0 || a.Done["theme"]["assign_cause"] == 0 || through.Load() == 0 {
				t.Errorf("%v, %d through a door", a.Done, through.Load())
			}
			if a.Received != a.Ended+a.Waiting || a.Waiting == 0 || a.RanOut == 0 || a.Missed*50 > a.Acted {
				t.Errorf("%+v", a)
			}
			err = h.db.Write(t.Context(), func(tx *sqldb.Tx) error {
				_, err := tx.Exec(t.Context(), `update cases set unit = 'nobody' where id = (select min(id) from cases where closed = 0 and family = 'appeal' and state = 'handling')`)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if a, err = s.Account(t.Context()); err != nil || a.OK() || a.Homeless != 1 {
				t.Errorf("a case was taken from its unit by hand: %v, %d homeless, %v", err, a.Homeless, a.Faults)
			}
		})
	}
}

// settle brings the numbers of actions and the figures up to the end.
func (h *house) settle(t *testing.T, v *view.View) {
	t.Helper()
	for n, err := 1, error(nil); n > 0; {
		if n, err = h.store.Sequence(t.Context(), "test"); err != nil {
			t.Fatal(err)
		}
	}
	if err := v.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
}
