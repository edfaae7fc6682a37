package cases_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/org"
)

// lease is the longest that the death of a process may hold its work up.
const lease = 5 * time.Second

// A clock that a process claimed before it died is fired by another one when the
// lease is over, and once.
func TestClocksOfADeadProcess(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		threeCases(t, h)
		due, err := h.Store.NextDue(t.Context())
		if err != nil || due == 0 {
			t.Fatalf("next clock at %d, %v", due, err)
		}
		h.Clock.Set(time.UnixMilli(due))
		// What the dead one did: it claimed everything, and nothing more.
		write(t, h, `update clock set lease = ? where next_at > 0 and next_at <= ?`, h.DB.Now()+lease.Milliseconds(), due)
		other, third := h.Store, h.Store // on SQLite one process has all the work
		if h.DB.Engine() == sqldb.Postgres {
			other, third = h.Reopen(t), h.Reopen(t)
		}
		if n, _, err := other.Fire(t.Context()); err != nil || n != 0 {
			t.Errorf("while the lease runs another process fired %d, %v", n, err)
		}
		h.Clock.Pass(lease)
		var both sync.WaitGroup
		fired := make([]int, 2)
		for i, s := range []*cases.Store{other, third} {
			both.Go(func() {
				n, _, err := s.Fire(t.Context())
				if err != nil {
					t.Error(err)
				}
				fired[i] = n
			})
		}
		both.Wait()
		if fired[0]+fired[1] != 1 {
			t.Errorf("after the lease two processes fired %v, want the one case once", fired)
		}
		if v := verdict(t, h); !v.OK {
			t.Errorf("verify: %v", v.Faults)
		}
	})
}

// The actions that a process left without a number get one from another process
// when the lease of the dead one is over, and none is passed over.
func TestNumbersOfADeadProcess(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		threeCases(t, h) // numbered by "test", which dies now
		size, err := h.Store.End(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		write(t, h, `insert into lease (name, holder, until) values ('sequence', 'test', ?)
			on conflict (name) do update set until = excluded.until`, h.DB.Now()+lease.Milliseconds())
		(&story{t: t, h: h}).file("appeal", noise)
		number := func() int64 {
			t.Helper()
			if _, err := h.Store.Sequence(t.Context(), "another"); err != nil {
				t.Fatal(err)
			}
			end, err := h.Store.End(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return end
		}
		if h.DB.Engine() == sqldb.Postgres && number() != size {
			t.Error("numbered under somebody else's lease")
		}
		h.Clock.Pass(lease)
		if end := number(); end <= size {
			t.Errorf("the log stays at %d after the lease of a dead process", end)
		}
		if v := verdict(t, h); !v.OK {
			t.Errorf("verify: %v", v.Faults)
		}
	})
}

// A clock that stood ten days ahead and was set right makes no fault of what was
// done since, and is told of; a date that somebody moved back is a fault.
func TestVerifyAfterAWrongClock(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		threeCases(t, h)
		right := h.Clock.Now()
		h.Clock.Pass(240 * time.Hour)
		threeCases(t, h)
		h.Clock.Set(right)
		threeCases(t, h)
		if _, err := h.Store.Checkpoint(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.Clock.Pass(1000 * time.Hour) // verified much later, when the ten days are over
		v := verdict(t, h)
		if !v.OK || len(v.Notes) != 1 || !strings.Contains(v.Notes[0], "was set right") {
			t.Errorf("ok %v, faults %v, notes %v", v.OK, v.Faults, v.Notes)
		}
	})
}

func verdict(t *testing.T, h *casestest.House) cases.Verdict {
	t.Helper()
	v, err := h.Store.Verify(t.Context(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func write(t *testing.T, h *casestest.House, sql string, args ...any) {
	t.Helper()
	err := h.DB.Write(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), sql, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A message that is sent again while it is still being filed becomes one case, and
// every sender is told which.
func TestFiledAtOnce(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		stores := []*cases.Store{h.Store, h.Store, h.Store, h.Store}
		if h.DB.Engine() == sqldb.Postgres {
			stores = []*cases.Store{h.Store, h.Reopen(t), h.Reopen(t), h.Reopen(t)}
		}
		for round := range 20 {
			filed := make([]cases.Filed, len(stores))
			var all sync.WaitGroup
			for i, s := range stores {
				all.Go(func() {
					var err error
					filed[i], err = s.File(t.Context(), cases.Filing{Family: "appeal", Channel: "hotline", ExternalID: fmt.Sprint("R-", round), Content: "the same",
						Actor: org.Machine("test"), Fields: map[string]any{"title": "路灯不亮", "text": "福强路的路灯不亮。"}})
					if err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			fresh := 0
			for _, f := range filed {
				if !f.Already {
					fresh++
				}
				if f.ID != filed[0].ID {
					t.Errorf("round %d: cases %s and %s", round, filed[0].ID, f.ID)
				}
			}
			if fresh != 1 {
				t.Errorf("round %d: filed %d times", round, fresh)
			}
		}
	})
}
