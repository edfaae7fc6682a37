package api

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/clock"
	"yiwang/internal/core/org"
	"yiwang/internal/work/view"
)

// Change is something that happened to a case, as lists and maps want to know it.
// Where the case went out of the reader's sight, only id, number, kind and time
// are given and the lane is "gone".
type Change struct {
	Seq    int64   `json:"seq"`
	ID     string  `json:"id"`
	Number string  `json:"number"`
	Kind   string  `json:"kind"`
	To     string  `json:"to"`
	Lane   string  `json:"lane"`
	Unit   string  `json:"unit"`
	Late   bool    `json:"late"`
	At     int64   `json:"at"`
	Title  string  `json:"title"`
	Area   string  `json:"area"`
	Grid   string  `json:"grid"`
	Lng    float64 `json:"lng"`
	Lat    float64 `json:"lat"`
}

// Alert says that a short clock has started for one's unit.
type Alert struct {
	ID     string `json:"id"`
	Number string `json:"number"`
	Clock  string `json:"clock"`
	DueAt  int64  `json:"due_at"`
	Unit   string `json:"unit"`
}

// Hello begins a stream. Where too much was missed to tell it again, reset says so.
type Hello struct {
	Seq   int64 `json:"seq"`
	Reset bool  `json:"reset"`
}

const (
	gone = "gone"
	// tailBatch is how many actions are told on at once.
	tailBatch = 500
	// mostMissed is how many actions a reader who comes back is told of; after more
	// it reads its lists anew.
	mostMissed = 2000
	// mostPending bounds what waits for a slow reader, who is then cut off and comes
	// back by itself.
	mostPending = 2000
	// mostStreams bounds the streams of one person.
	mostStreams = 30
	// shortClock is the length up to which a clock is worth a ring.
	shortClock = 10 * time.Minute
)

// hub follows the log once for all readers of the live feed, while there are any.
type hub struct {
	s    *server
	mu   sync.Mutex
	subs map[*subscriber]bool
	next int64 // number of the action that is told next
	stop context.CancelFunc
}

func newHub(s *server) *hub { return &hub{s: s, subs: map[*subscriber]bool{}} }

// subscriber is one open stream.
type subscriber struct {
	mu      sync.Mutex
	actor   org.Actor
	scope   org.Filter
	pending map[string]Change // the latest of each case
	alerts  []Alert
	flooded bool
	wake    chan struct{}
}

func newSubscriber(a org.Actor, scope org.Filter) *subscriber {
	return &subscriber{actor: a, scope: scope, pending: map[string]Change{}, wake: make(chan struct{}, 1)}
}

// admit lets an actor's changed rights take effect.
func (b *subscriber) admit(a org.Actor, scope org.Filter) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.actor, b.scope = a, scope
}

// take returns what waits, in the order it happened.
func (b *subscriber) take() (changes []Change, alerts []Alert, flooded bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	changes = slices.SortedFunc(maps.Values(b.pending), func(x, y Change) int { return cmp.Compare(x.Seq, y.Seq) })
	alerts, b.alerts = b.alerts, nil
	clear(b.pending)
	return changes, alerts, b.flooded
}

// tell puts a happening before the subscriber, if it is for their eyes.
func (b *subscriber) tell(h *happening) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := h.change
	switch {
	case b.scope.Admits(h.after):
		if h.alert != nil && b.actor.Unit == h.alert.Unit && b.actor.Unit != "" {
			b.alerts = append(b.alerts, *h.alert)
		}
	case h.before != nil && b.scope.Admits(*h.before):
		c = Change{Seq: c.Seq, ID: c.ID, Number: c.Number, Kind: c.Kind, At: c.At, Lane: gone}
	default:
		return
	}
	if b.pending[c.ID].Seq <= c.Seq {
		b.pending[c.ID] = c
	}
	if len(b.pending) > mostPending {
		b.flooded = true
	}
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// join adds a stream and returns the number from which on it will be told. The
// first one starts the following of the log.
func (h *hub) join(ctx context.Context, b *subscriber) (from int64, err error) {
	end, err := h.s.Cases.End(ctx)
	if err != nil {
		return 0, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	mine := 0
	for o := range h.subs {
		if o.actor.ID == b.actor.ID {
			mine++
		}
	}
	if mine >= mostStreams {
		return 0, errs.E(errs.TooMany, "errs.too_many", nil)
	}
	h.subs[b] = true
	if h.stop == nil {
		var following context.Context
		following, h.stop = context.WithCancel(context.WithoutCancel(ctx))
		h.next = end
		go h.follow(following)
	}
	return h.next, nil
}

// leave takes a stream away; with the last one the following ends.
func (h *hub) leave(b *subscriber) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.subs, b)
	if len(h.subs) == 0 && h.stop != nil {
		h.stop()
		h.stop = nil
	}
}

// follow tells everybody what happens until nobody listens.
func (h *hub) follow(ctx context.Context) {
	for ctx.Err() == nil {
		changed := h.s.Cases.Changed()
		n, err := h.step(ctx)
		if err != nil && ctx.Err() == nil {
			h.s.Logger.ErrorContext(ctx, "the live feed could not be read", "error", err)
		}
		if n == tailBatch {
			continue
		}
		select {
		case <-ctx.Done():
		case <-changed:
		case <-time.After(time.Second): // another process may have written
		}
	}
}

func (h *hub) step(ctx context.Context) (int, error) {
	h.mu.Lock()
	next := h.next
	h.mu.Unlock()
	batch, err := h.s.Cases.Since(ctx, next, tailBatch)
	if err != nil || len(batch) == 0 {
		return 0, err
	}
	all, err := h.happenings(ctx, batch)
	if err != nil {
		return 0, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if ctx.Err() != nil {
		return 0, nil // nobody listened for a moment, and another follower has begun
	}
	h.next = batch[len(batch)-1].Seq + 1
	for b := range h.subs {
		for i := range all {
			b.tell(&all[i])
		}
	}
	return len(batch), nil
}

// catchUp tells one stream what happened between two numbers.
func (h *hub) catchUp(ctx context.Context, b *subscriber, from, to int64) error {
	for from < to {
		batch, err := h.s.Cases.Since(ctx, from, tailBatch)
		if err != nil || len(batch) == 0 {
			return err
		}
		all, err := h.happenings(ctx, batch)
		if err != nil {
			return err
		}
		for i := range all {
			if all[i].change.Seq < to {
				b.tell(&all[i])
			}
		}
		from = batch[len(batch)-1].Seq + 1
	}
	return nil
}

// happening is an action with what decides who may hear of it.
type happening struct {
	change Change
	alert  *Alert
	after  org.CaseRef
	before *org.CaseRef // where the action moved the case to other hands
}

// happenings looks up what the actions of the log do not say themselves.
func (h *hub) happenings(ctx context.Context, batch []cases.Numbered) ([]happening, error) {
	var ids []string
	seen := map[string]bool{}
	for _, a := range batch {
		if id := a.Header.Case; !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	rows, err := h.s.View.Rows(ctx, org.Machine("live"), ids)
	if err != nil {
		return nil, err
	}
	now := byID(rows)
	var out []happening
	for _, a := range batch {
		k := now[a.Header.Case]
		if k == nil {
			continue
		}
		one := happening{after: view.Ref(&k.Case), alert: alertOf(a.Header, k), change: Change{
			Seq: a.Seq, ID: k.ID, Number: k.Number, Kind: a.Header.Kind, To: a.Header.To, Lane: k.Lane, Unit: k.Unit, Late: k.Late > 0,
			At: a.Header.At, Title: h.s.called(k.Family, k.Title), Area: k.Area, Grid: k.Grid, Lng: k.Lng, Lat: k.Lat,
		}}
		_, moved := a.Header.Set["unit"]
		_, passed := a.Header.Set["holder"]
		if a.Header.N > 1 && (moved || passed) {
			if one.before, err = h.before(ctx, a.Header); err != nil {
				return nil, err
			}
		}
		out = append(out, one)
	}
	return out, nil
}

// before returns in whose hands a case was before an action.
func (h *hub) before(ctx context.Context, at *cases.Header) (*org.CaseRef, error) {
	var ref *org.CaseRef
	err := h.s.Cases.Replay(ctx, at.Case, func(m cases.Moment) error {
		if m.Header.N == at.N {
			m.Before.UnitPath = h.s.Staff.Directory().Path(m.Before.Unit)
			r := view.Ref(&m.Before)
			ref = &r
		}
		return nil
	})
	return ref, err
}

// alertOf returns the alert of an action that starts a short clock of a unit.
func alertOf(h *cases.Header, k *view.Row) *Alert {
	for _, op := range h.Clocks {
		if op.Verb == clock.Start && op.Terms != nil && op.Plan != nil && op.Terms.Of == "unit" &&
			op.Plan.DueAt-op.At <= shortClock.Milliseconds() {
			return &Alert{ID: k.ID, Number: k.Number, Clock: op.Code, DueAt: op.Plan.DueAt, Unit: k.Unit}
		}
	}
	return nil
}
