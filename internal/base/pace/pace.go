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
	times  time.Duration // how much of the clock a piece of work takes with its rest
	served atomic.Int64  // when somebody was served last, nanoseconds since 1970

	mu   sync.Mutex
	free time.Time // from when there is a share again
}

// New returns a pace of one in parts of a processor.
func New(parts int) *Pace { return &Pace{times: time.Duration(parts)} }

// Served notes that somebody is being served.
func (p *Pace) Served() { p.served.Store(time.Now().UnixNano()) }

// Quiet reports whether nobody has come for a while.
func (p *Pace) Quiet() bool { return time.Now().UnixNano()-p.served.Load() > int64(calm) }

type key struct{}

// With returns a context whose work gives way.
func (p *Pace) With(ctx context.Context) context.Context { return context.WithValue(ctx, key{}, p) }

// Worker does work that gives way, piece by piece. It serves one goroutine.
type Worker struct {
	pace  *Pace // nil where nothing gives way
	ctx   context.Context
	began time.Time
}

// Start begins work under a context: one that gives way only if With has made it so.
func Start(ctx context.Context) *Worker {
	p, _ := ctx.Value(key{}).(*Pace)
	w := &Worker{pace: p, ctx: ctx}
	if p != nil {
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
		w.pace.wait(w.ctx, took)
	}
	w.began = time.Now()
}

// wait accounts for a piece of work and sleeps until there is a share again.
func (p *Pace) wait(ctx context.Context, took time.Duration) {
	p.mu.Lock()
	if began := time.Now().Add(-took); p.free.Before(began) {
		p.free = began
	}
	p.free = p.free.Add(took * p.times)
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
