package rehearsal

import (
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	packs "yiwang/city"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/city"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/schema"
	"yiwang/internal/work/dispatch"
	"yiwang/internal/work/intake"
	"yiwang/internal/work/repeat"
)

// house is what a test's rehearsal plays on: a real database on a driven clock.
type house struct {
	clock *Clock
	db    *sqldb.DB
	store *cases.Store
	city  *city.City
	stage *Stage
}

func demoPack(t testing.TB) fs.FS {
	t.Helper()
	pack, err := fs.Sub(packs.Demo(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	return pack
}

func demoCity(t testing.TB) *city.City {
	t.Helper()
	c, err := city.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// model learns from the duty list alone, once for all tests.
var model = sync.OnceValues(func() (*dispatch.Model, error) {
	c, err := city.Embedded()
	if err != nil {
		return nil, err
	}
	var corpus dispatch.Corpus
	for _, m := range c.Catalog.InForce("appeal", matter.Today()) {
		corpus.Duty = append(corpus.Duty, dispatch.Entry{Code: m.Code, Name: m.Name, Path: m.Levels, Description: m.Description, Words: m.Keywords})
	}
	m, _, err := dispatch.Train(testContext, corpus, dispatch.Options{})
	return m, err
})

func newHouse(t testing.TB, start time.Time) *house {
	t.Helper()
	return houseAt(t, start, "sqlite:"+filepath.Join(t.TempDir(), "t.db")+"?synchronous=off")
}

func houseAt(t testing.TB, start time.Time, url string) *house {
	t.Helper()
	h := &house{clock: NewClock(start), city: demoCity(t)}
	var err error
	h.db, err = sqldb.Open(t.Context(), sqldb.Config{URL: url, Now: h.clock.Now, Logger: slog.New(slog.DiscardHandler), Conns: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := h.db.Migrate(t.Context(), schema.Migrations()); err != nil {
		t.Fatal(err)
	}
	deps := cases.Deps{DB: h.db, City: h.city}
	master := filepath.Join(t.TempDir(), "master.key")
	if err := gm.CreateMaster(master, gm.Intl); err != nil {
		t.Fatal(err)
	}
	if deps.Master, err = gm.LoadMaster(master); err != nil {
		t.Fatal(err)
	}
	if deps.MAC, err = gm.NewKey(gm.Intl); err != nil {
		t.Fatal(err)
	}
	if deps.Signer, err = gm.GenerateKey(gm.Intl); err != nil {
		t.Fatal(err)
	}
	if h.store, err = cases.New(t.Context(), deps); err != nil {
		t.Fatal(err)
	}
	h.stage = h.newStage(t)
	return h
}

func (h *house) newStage(t testing.TB) *Stage {
	t.Helper()
	return h.stageWith(t, Deps{})
}

// stageWith prepares a stage with what a test wants to be different.
func (h *house) stageWith(t testing.TB, d Deps) *Stage {
	t.Helper()
	judge, err := model()
	if err != nil {
		t.Fatal(err)
	}
	desk := &intake.Desk{City: h.city, Units: h.store.Units, Cases: h.store, Judge: judge, Repeats: repeat.New(), Now: h.clock.Now}
	d.DB, d.City, d.Units, d.Cases, d.Desk, d.Pack = h.db, h.city, h.store.Units, h.store, desk, demoPack(t)
	s, err := New(d)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (h *house) count(t testing.TB, where string, args ...any) int {
	t.Helper()
	n, err := sqldb.Get[int](t.Context(), h.db.Read(), `select count(*) from cases where `+where, args...)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (h *house) actions(t testing.TB, kind string) int {
	t.Helper()
	n, err := sqldb.Get[int](t.Context(), h.db.Read(), `select count(*) from action where kind = ?`, kind)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// everLate counts the cases of which a clock ran out at some time.
func (h *house) everLate(t testing.TB) int {
	t.Helper()
	n, err := sqldb.Get[int](t.Context(), h.db.Read(), `select count(distinct case_id) from action where kind = 'clock' and header like '%"breach"%'`)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (h *house) share(t testing.TB, name string, n, of int, low, high float64) {
	t.Helper()
	share := float64(n) / float64(max(1, of))
	t.Log(fmt.Sprintf("%-10s %5d of %5d  %.3f", name, n, of, share))
	if share < low || share > high {
		t.Errorf("%s: %d of %d is outside %.3f to %.3f", name, n, of, low, high)
	}
}
