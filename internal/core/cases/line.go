package cases

import (
	"context"
	"errors"
	"slices"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
)

// A Line files batches in their order, each in a transaction of its own, and makes the
// cases of one ready while the one before is being written. It is used by one goroutine.
type Line struct {
	s             *Store
	earlier, last *lined // nil where there were fewer
}

// Line returns a line of batches to be filed.
func (s *Store) Line() *Line { return &Line{s: s} }

// FileAll begins to file a batch as Store.FileAll does. It returns when nothing is left to
// do but to write it; wait gives the outcome. A batch behind one that failed as a whole
// fails with it: none is filed before those that came first.
func (l *Line) FileAll(ctx context.Context, fs []Filing) (wait func() ([]Filed, []error, error)) {
	// A batch looks out for the one before it, so those before that have to be there.
	if l.earlier != nil {
		<-l.earlier.ended
	}
	b := &lined{s: l.s, before: l.last, ready: make([]*prepared, len(fs)), unfit: make([]error, len(fs)),
		built: make(chan struct{}), ended: make(chan struct{})}
	l.earlier, l.last = l.last, b
	go func() {
		defer close(b.ended)
		b.err = b.file(ctx, fs)
		b.build(nil)
		b.before = nil // what has ended is not held
	}()
	<-b.built
	return func() ([]Filed, []error, error) {
		<-b.ended
		return b.out, b.wrong, b.err
	}
}

// lined is a batch on its way.
type lined struct {
	s      *Store
	before *lined // nil where there is none, or it has ended
	ready  []*prepared
	unfit  []error // of those that could not be prepared

	built   chan struct{}   // closed when its cases stand in memory, or it has ended
	touched map[string]bool // then: ids of cases that it opens or is tied to, words that it says

	ended chan struct{} // closed when it and all before it are filed or have failed
	out   []Filed
	wrong []error
	err   error
}

// build says, once, what a batch touches.
func (b *lined) build(touched map[string]bool) {
	select {
	case <-b.built:
	default:
		b.touched = touched
		close(b.built)
	}
}

// wait waits for the end of a batch and returns what it failed for.
func (b *lined) wait(ctx context.Context) error {
	if b == nil {
		return nil
	}
	select {
	case <-b.ended:
	case <-ctx.Done():
		select {
		case <-b.ended:
		default:
			return ctx.Err()
		}
	}
	return b.err
}

// file files a batch when those before it are filed.
func (b *lined) file(ctx context.Context, fs []Filing) error {
	for i := range fs {
		b.ready[i], b.unfit[i] = b.s.prepare(ctx, fs[i])
	}
	err := again(func(bool) error {
		return b.s.DB.Write(ctx, func(tx *sqldb.Tx) error { return b.write(ctx, tx) })
	})
	if lost := b.s.noteOthers(ctx, err != nil, b.ready...); lost != nil {
		err = errors.Join(err, lost)
	}
	return err
}

// write writes a batch, whose cases it makes ready before it waits for its turn.
func (b *lined) write(ctx context.Context, tx *sqldb.Tx) error {
	b.out, b.wrong = make([]Filed, len(b.ready)), slices.Clone(b.unfit)
	k, err := lookUp(ctx, tx.Aside(), true, b.ready...)
	if err == nil && b.before.meets(b.touches(k)) {
		if err = b.before.wait(ctx); err == nil {
			k, err = lookUp(ctx, tx.Aside(), true, b.ready...)
		}
	}
	if err != nil {
		return err
	}
	tx.Follow(func() error { return b.before.wait(ctx) })
	touched := b.touches(k)
	k.together = &together{}
	for i, p := range b.ready {
		if p == nil {
			continue
		}
		filed, err := b.s.file(ctx, tx, p, k)
		switch {
		case err == nil:
			b.out[i] = filed
		case errs.Is(err, errs.Conflict) || errs.Is(err, errs.Invalid):
			b.wrong[i] = err
		default:
			return err
		}
	}
	b.build(touched)
	if err := k.together.write(ctx, tx); err != nil || len(b.ready) < indexBatch || tx.Engine() == sqldb.Postgres {
		return err
	}
	_, err = wordTable.Take(ctx, tx, unindexed, len(b.ready)) // as many as the index could wish for
	return err
}

// touches returns what of earlier batches matters to this one, and of this one to later.
func (b *lined) touches(k *known) map[string]bool {
	touched := map[string]bool{}
	for _, p := range b.ready {
		if p == nil {
			continue
		}
		touched[p.id] = true
		if p.Likeness != nil && p.Likeness.Words != "" {
			touched[p.Likeness.Words] = true
		}
		for _, t := range p.tiesIn(k) {
			touched[t.Case] = true
		}
	}
	return touched
}

// meets reports whether a batch that may not have ended touches something.
func (b *lined) meets(touched map[string]bool) bool {
	if b == nil {
		return false
	}
	for t := range touched {
		if b.touched[t] {
			return true
		}
	}
	return false
}
