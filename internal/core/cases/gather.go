package cases

import (
	"context"
	"sync"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
)

// gatherTime bounds how long filings that were gathered are written: those who filed
// them cannot leave any more.
const gatherTime = 30 * time.Second

// gathering files messages that come at the same time in one transaction on SQLite,
// which has one writer: it takes longer to begin and end a statement than to insert a
// row. On PostgreSQL transactions run side by side, and one for all would make each
// wait for the round trips of the others. Whoever comes while nobody files does so at once;
// whoever comes meanwhile waits for that to end, and one of those who wait then
// files for all of them.
type gathering struct {
	mu      sync.Mutex
	filing  bool
	waiting []*gathered
}

// gathered is a filing that waits.
type gathered struct {
	*prepared
	lead  chan []*gathered // it is its turn to file for these, itself the first
	done  chan struct{}    // closed when filed, err and alone say
	filed Filed
	err   error
	alone bool // it is to be filed by itself
}

// enter takes a filing in and returns those it is to file for: nil where it waits.
func (g *gathering) enter(f *gathered) []*gathered {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.filing {
		g.waiting = append(g.waiting, f)
		return nil
	}
	g.filing = true
	return []*gathered{f}
}

// next hands on to the first of those who wait.
func (g *gathering) next() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.filing = len(g.waiting) > 0; !g.filing {
		return
	}
	n := min(len(g.waiting), togetherMost)
	these := g.waiting[:n:n]
	if g.waiting = g.waiting[n:]; len(g.waiting) == 0 {
		g.waiting = nil
	}
	these[0].lead <- these
}

// leave reports whether a filing that waited has left before it was its turn.
func (g *gathering) leave(f *gathered) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, other := range g.waiting {
		if other == f {
			g.waiting = append(g.waiting[:i:i], g.waiting[i+1:]...)
			return true
		}
	}
	return false
}

// fileGathered files a message together with those that come at the same time. What
// goes wrong with one of them is its own affair: then each is filed by itself.
func (s *Store) fileGathered(ctx context.Context, p *prepared) (Filed, error) {
	if s.DB.Engine() == sqldb.Postgres {
		return s.fileAlone(ctx, p)
	}
	f := &gathered{prepared: p, lead: make(chan []*gathered, 1), done: make(chan struct{})}
	these := s.gather.enter(f)
	if these == nil {
		select {
		case these = <-f.lead:
		case <-f.done:
		case <-ctx.Done():
			if s.gather.leave(f) {
				return Filed{}, ctx.Err()
			}
			select {
			case these = <-f.lead:
			case <-f.done:
			}
		}
	}
	if these != nil {
		s.fileFor(ctx, these)
	}
	if f.alone {
		return s.fileAlone(ctx, p)
	}
	return f.filed, f.err
}

// fileFor files for all who were gathered and tells them.
func (s *Store) fileFor(ctx context.Context, these []*gathered) {
	defer func() {
		s.gather.next()
		for _, f := range these {
			close(f.done)
		}
	}()
	if one := these[0]; len(these) == 1 {
		one.filed, one.err = s.fileAlone(ctx, one.prepared)
		return
	}
	for _, f := range these { // until it is known better, also where this panics
		f.err = errs.E(errs.Unavailable, "sqldb.commit_unknown", nil)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), gatherTime)
	defer cancel()
	undone := true // by the closure, and not by the engine
	err := s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		undone = true
		if err := s.fileThese(ctx, tx, these); err != nil {
			return err
		}
		undone = false
		return nil
	})
	for _, f := range these {
		switch {
		case err == nil:
		case undone || errs.Is(err, errs.Exists):
			f.alone = true
		default:
			f.filed, f.err = Filed{}, err
		}
	}
}

func (s *Store) fileThese(ctx context.Context, tx *sqldb.Tx, these []*gathered) error {
	ready := make([]*prepared, len(these))
	for i, f := range these {
		ready[i] = f.prepared
	}
	k, err := lookUp(ctx, tx, ready...)
	if err != nil {
		return err
	}
	k.together = &together{}
	for _, f := range these {
		f.noted = false
		found := false
		if f.filed, found, f.err = s.already(ctx, tx, f.prepared, k); found || errs.Is(f.err, errs.Conflict) {
			continue
		}
		if f.err == nil {
			f.filed, f.err = s.file(ctx, tx, f.prepared, k)
		}
		if f.err != nil {
			return f.err
		}
	}
	return k.together.write(ctx, tx)
}

// fileAlone files a message in a transaction of its own.
func (s *Store) fileAlone(ctx context.Context, p *prepared) (out Filed, err error) {
	err = s.writeFilings(ctx, func(tx *sqldb.Tx) error {
		k, err := lookUp(ctx, tx, p)
		if err == nil {
			out, err = s.file(ctx, tx, p, k)
		}
		return err
	})
	return out, err
}
