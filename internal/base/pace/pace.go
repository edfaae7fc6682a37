package pace

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// calm is how long nobody must have come for the house to be called quiet.
	calm = time.Second
	// piece is the least work after which a rest is worth while.
	piece = 2 * time.Millisecond
	// nap is how long is slept at once: somebody may have stopped coming meanwhile.
	nap = 50 * time.Millisecond
)

// Pace is the share of a processor that all work behind the scenes has together while
// people are served. It is safe for concurrent use.
type Pace struct {
	parts  int
	served atomic.Int64 // when somebody was served last, nanoseconds since 1970

	mu   sync.Mutex
	free time.Time // from when there is a share again
}

// New returns a pace of one in parts of a processor.
func New(parts int) *Pace { return &Pace{parts: parts} }

// Served notes that somebody is being served.
func (p *Pace) Served() { p.served.Store(time.Now().UnixNano()) }

// Quiet reports whether nobody has come for a while.
func (p *Pace) Quiet() bool { return time.Now().UnixNano()-p.served.Load() > int64(calm) }

type key struct{}

// share is what part of a processor the work of a context may take.
type share struct {
	pace  *Pace
	times time.Duration // how much of the clock a piece of work takes with its rest
}

// With returns a context whose work gives way.
func (p *Pace) With(ctx context.Context) context.Context { return p.Part(ctx, p.parts) }

// Part returns a context whose work takes one in so many parts of a processor instead, as
// where a page shows nothing before it has ended.
func (p *Pace) Part(ctx context.Context, parts int) context.Context {
	return context.WithValue(ctx, key{}, share{p, time.Duration(parts)})
}

// Worker does work that gives way, piece by piece. It serves one goroutine.
type Worker struct {
	share // without a pace where nothing gives way
	ctx   context.Context
	began time.Time
}

// Start begins work under a context: it gives way only where With or Part made the context.
func Start(ctx context.Context) *Worker {
	s, _ := ctx.Value(key{}).(share)
	w := &Worker{share: s, ctx: ctx}
	if s.pace != nil {
		w.began = time.Now()
	}
	return w
}

// Rest ends a piece of work: it returns at once while nobody is served, and otherwise
// when the share allows another piece. It costs next to nothing after a short piece,
// and returns early when the context ends.
func (w *Worker) Rest() {
	if w.pace == nil {
		return
	}
	took := time.Since(w.began)
	if took < piece {
		return
	}
	if !w.pace.Quiet() {
		w.pace.wait(w.ctx, took, took*w.times)
	}
	w.began = time.Now()
}

// wait accounts for a piece of work, which takes so long with its rest, and sleeps until
// there is a share again.
func (p *Pace) wait(ctx context.Context, took, rested time.Duration) {
	p.mu.Lock()
	if began := time.Now().Add(-took); p.free.Before(began) {
		p.free = began
	}
	p.free = p.free.Add(rested)
	free := p.free
	p.mu.Unlock()
	for left := time.Until(free); left > 0 && !p.Quiet(); left = time.Until(free) {
		select {
		case <-ctx.Done():
			return
		case <-time.After(min(nap, left)):
		}
	}
}
