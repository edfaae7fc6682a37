package cases

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"

	"yiwang/internal/base/gm"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/city"
	"yiwang/internal/core/org"
	"yiwang/internal/core/register"
	"yiwang/internal/core/voucher"
)

// Deps is what the store stands on.
type Deps struct {
	DB     *sqldb.DB
	City   *city.City
	Units  func() *org.Directory // the units as they are now; nil means those of the pack
	Master gm.Wrapper            // wraps the keys of the cases
	MAC    gm.Key                // digests query codes and telephone numbers and blinds words, so that none can be read from a copy of the database
	Signer gm.Signer             // signs checkpoints and vouchers
	Facts  Source                // tells decision tables what the registers know; nil is nothing
	Logger *slog.Logger

	Registers *register.Store // where cases make facts known; nil is nowhere
}

// Store files cases and acts on them. It is safe for concurrent use; several
// processes may share one PostgreSQL database.
type Store struct {
	Deps
	Certificates *voucher.Store // those that cases issued

	machines map[string]*machine // by family
	amends   map[string][]string // by action: what it puts right of the filing
	deciding map[string]bool     // actions that ask a table, of whatever family
	numbers  numberer
	log      logState
	waiters  waiters // for the log to grow
	writers  waiters // for something that is to be numbered
	indexing sync.Mutex
	saying   saying

	wordsWait atomic.Bool // words wait for the index, as far as this process knows
	blind     blindWords
}

// logState is what the process knows of the numbered log.
type logState struct {
	size   atomic.Int64
	recent recent
	fresh  fresh
	edge   atomic.Pointer[edge]
}

// New compiles the lifecycles of the city and returns the store. It fails where
// a declaration does not compile; `yiwang check` says where and why.
func New(ctx context.Context, d Deps) (*Store, error) {
	if d.Logger == nil {
		d.Logger = slog.Default()
	}
	if d.Units == nil {
		d.Units = func() *org.Directory { return d.City.Directory }
	}
	s := &Store{Deps: d, machines: map[string]*machine{}, amends: map[string][]string{}, deciding: map[string]bool{}}
	var err error
	if s.blind.by, err = d.MAC.Blinder("words"); err != nil {
		return nil, err
	}
	compiler := newCompiler(d.City)
	for code, f := range d.City.Catalog.Families() {
		m, err := compiler.machine(f)
		if err != nil {
			return nil, err
		}
		s.machines[code] = m
		for _, a := range m.order {
			for i := range a.effects {
				if d := a.effects[i].decl; d.Decide != nil || d.Open != nil {
					s.deciding[a.decl.Code] = true
				}
			}
			for i := range a.decl.Do {
				s.amends[a.decl.Code] = append(s.amends[a.decl.Code], a.decl.Do[i].Amend...)
			}
			if len(s.amends[a.decl.Code]) == 0 {
				delete(s.amends, a.decl.Code)
			}
		}
	}
	s.numbers.db = d.DB
	s.Certificates = &voucher.Store{DB: d.DB, Signer: d.Signer, Issuer: d.City.Centre, KeyOf: s.KeyOf}
	size, err := s.readSize(ctx, d.DB.Read())
	if err != nil {
		return nil, err
	}
	s.log.size.Store(size)
	if d.DB.Engine() == sqldb.SQLite {
		d.DB.BeforeCommit(s.numberGroup)
	}
	return s, nil
}

// waiters wakes those who wait for something.
type waiters struct {
	mu sync.Mutex
	ch chan struct{}
}

func (w *waiters) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ch != nil {
		close(w.ch)
		w.ch = nil
	}
}

// next returns a channel that is closed at the next wake.
func (w *waiters) next() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ch == nil {
		w.ch = make(chan struct{})
	}
	return w.ch
}
