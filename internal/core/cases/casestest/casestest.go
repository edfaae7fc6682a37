// Package casestest opens a store of cases on the demo city for tests, on both
// engines, with a clock that the test moves.
package casestest

import (
	"io/fs"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"yiwang/internal/base/gm"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/sqldb/sqldbtest"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/city"
	"yiwang/internal/core/org"
	"yiwang/internal/core/register"
	"yiwang/internal/core/schema"
)

// Clock is the time of a test.
type Clock struct{ ms atomic.Int64 }

// Set moves the clock to a time.
func (c *Clock) Set(t time.Time) { c.ms.Store(t.UnixMilli()) }

// Pass moves the clock on.
func (c *Clock) Pass(d time.Duration) { c.ms.Add(d.Milliseconds()) }

// Now returns the clock's time.
func (c *Clock) Now() time.Time { return time.UnixMilli(c.ms.Load()) }

// House is a store on the demo city.
type House struct {
	Clock *Clock
	City  *city.City
	Store *cases.Store
	DB    *sqldb.DB
	URL   func(testing.TB, fs.FS) string // makes another database on the same engine
	keys  Keys
}

// Keys are the secrets of a test's store.
type Keys struct {
	Master gm.Wrapper
	MAC    gm.Key
	Signer gm.Signer
}

// Monday is a working Monday at ten in the morning, where the tests begin.
var Monday = time.Date(2026, 11, 23, 10, 0, 0, 0, time.FixedZone("CST", 8*3600))

// Run runs fn with a fresh store on SQLite and on PostgreSQL.
func Run(t *testing.T, fn func(t *testing.T, h *House)) {
	t.Helper()
	c, err := city.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	t.Run("sqlite", func(t *testing.T) { fn(t, openOn(t, c, sqldbtest.SQLiteURL)) })
	t.Run("postgres", func(t *testing.T) { fn(t, openOn(t, c, sqldbtest.PostgresURL)) })
}

// Open opens a house on one engine.
func Open(t testing.TB, url func(testing.TB, fs.FS) string) *House {
	t.Helper()
	c, err := city.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return openOn(t, c, url)
}

func openOn(t testing.TB, c *city.City, url func(testing.TB, fs.FS) string) *House {
	t.Helper()
	h := &House{Clock: &Clock{}, City: c, URL: url, keys: NewKeys(t)}
	h.Clock.Set(Monday)
	var err error
	h.DB, err = sqldb.Open(t.Context(), sqldb.Config{URL: url(t, schema.Migrations()), Now: h.Clock.Now, Conns: 8})
	if err != nil {
		t.Fatal(err)
	}
	// A template that was migrated already takes no time for this.
	if err := h.DB.Migrate(t.Context(), schema.Migrations()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.DB.Close(); err != nil {
			t.Error(err)
		}
	})
	h.Store = h.Reopen(t)
	return h
}

// Reopen makes another store on the same database, as after a restart.
func (h *House) Reopen(t testing.TB) *cases.Store {
	t.Helper()
	s, err := cases.New(t.Context(), cases.Deps{DB: h.DB, City: h.City, Master: h.keys.Master, MAC: h.keys.MAC, Signer: h.keys.Signer})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Registers gives the store the registers of the city, with the subjects that the pack
// brings with it.
func (h *House) Registers(t testing.TB) *register.Store {
	t.Helper()
	key, err := gm.NewKey(gm.Intl)
	if err != nil {
		t.Fatal(err)
	}
	s, err := register.Open(t.Context(), h.DB, h.City.Registers, key)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range h.City.Registers.Given() {
		var facts []register.Fact
		for item, v := range g.Facts {
			facts = append(facts, register.Fact{Item: item, Value: v, From: g.From})
		}
		if err := s.Put(t.Context(), g.Source, register.Subject{Register: g.Register, ID: g.ID}, facts...); err != nil {
			t.Fatal(err)
		}
	}
	h.Store.Registers = s
	return s
}

// Staff returns the actor of a demo account.
func (h *House) Staff(t testing.TB, id string) org.Actor {
	t.Helper()
	a, ok := h.City.Directory.Actor(id)
	if !ok {
		t.Fatalf("the demo city has no staff %q", id)
	}
	return a
}

// NewKeys makes keys for one test.
func NewKeys(t testing.TB) Keys {
	t.Helper()
	path := filepath.Join(t.TempDir(), "master.key")
	if err := gm.CreateMaster(path, gm.Intl); err != nil {
		t.Fatal(err)
	}
	master, err := gm.LoadMaster(path)
	if err != nil {
		t.Fatal(err)
	}
	mac, err := gm.NewKey(gm.Intl)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := gm.GenerateKey(gm.Intl)
	if err != nil {
		t.Fatal(err)
	}
	return Keys{master, mac, signer}
}
