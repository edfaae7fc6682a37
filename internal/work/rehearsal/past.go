package rehearsal

import (
	"container/heap"
	"context"
	"math"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
)

// Past is how long a demo city has lived when it is started first.
const Past = 72 * time.Hour

// Clock is a time that is driven by hand: the past is played on it. A database
// opened with it stamps what happens with the time at which it is said to have.
// It is safe for concurrent use.
type Clock struct{ ms, creep, until atomic.Int64 }

// NewClock returns a clock that stands at a time.
func NewClock(t time.Time) *Clock {
	c := &Clock{}
	c.Set(t)
	return c
}

// Set moves the clock to a time, where it stands.
func (c *Clock) Set(t time.Time) { c.Creep(t, t, 1) }

// Creep moves the clock to a time and lets it move on at every look, by such
// steps that n events that look a few times each come about as far as until.
func (c *Clock) Creep(from, until time.Time, n int) {
	c.creep.Store(0)
	c.ms.Store(from.UnixMilli())
	c.until.Store(until.UnixMilli())
	c.creep.Store(until.Sub(from).Milliseconds() / int64(3*n))
}

// Now returns where the clock is.
func (c *Clock) Now() time.Time {
	step := c.creep.Load()
	if step == 0 {
		return time.UnixMilli(c.ms.Load())
	}
	return time.UnixMilli(min(c.ms.Add(step), c.until.Load()))
}

// beganSetting marks a database in which a past was begun; a past is played once.
const beganSetting = "rehearsal_began"

// Begin plays the time from where the clock stands until an end, once for each
// database; played is false where there was a past already. The database has to
// be opened with the clock, and nobody else may use it meanwhile. progress is
// told how much is done, from 0 to 1.
func (s *Stage) Begin(ctx context.Context, clock *Clock, end time.Time, progress func(done float64)) (played bool, err error) {
	defer errs.Wrap(&err, "rehearsal.Begin")
	began, err := s.mark(ctx)
	if err != nil || !began {
		return false, err
	}
	start := clock.Now()
	s.hurry = hurry{began: time.Now(), start: start, all: max(1, s.gen.Expected(start, end))}
	heap.Push(&s.queue, cue{move: move{at: start.Add(s.gen.After(1, start))}, message: 1})
	if s.Unattended {
		s.hurry.all = 0
		s.sendOut(start)
	}
	for len(s.queue) > 0 && s.queue[0].at.Before(end) {
		at := s.queue[0].at
		if err := s.fireUntil(ctx, clock, at); err != nil {
			return true, err
		}
		if err := s.scene(ctx, clock, at, end); err != nil {
			return true, err
		}
		if err := s.rouse(ctx, at); err != nil {
			return true, err
		}
		progress(float64(at.Sub(start)) / float64(end.Sub(start)))
	}
	if err := s.fireUntil(ctx, clock, end); err != nil {
		return true, err
	}
	clock.Set(end)
	progress(1)
	return true, nil
}

// patience is how long a past should take. Where a machine is slow or busy,
// fewer messages came in it.
const patience = 13 * time.Second

// hurry keeps a past near patience, evenly: it has as much of it at every moment
// as messages would have come by then.
type hurry struct {
	began time.Time
	start time.Time
	all   float64 // messages that would come until the end; 0 has time enough
}

// stretch lengthens the time to the next message where the past so far took
// longer than its share.
func (s *Stage) stretch(gap time.Duration, at time.Time) time.Duration {
	h := &s.hurry
	if h.all == 0 {
		return gap
	}
	share := patience.Seconds() * s.gen.Expected(h.start, at) / h.all
	behind := time.Since(h.began).Seconds() / max(share, patience.Seconds()/20)
	return time.Duration(float64(gap) * max(1, min(4, behind*behind)))
}

// Cues of one moment are performed together, so that they share the commits of
// the database: a case has one cue at a time, and cases do not mind each other.
const (
	moment = 75 * time.Second
	crowd  = 48 // cues of a moment at most
)

// scene performs the cues of a moment and plans what follows from them.
func (s *Stage) scene(ctx context.Context, clock *Clock, at, end time.Time) error {
	until := at.Add(moment)
	if until.After(end) {
		until = end
	}
	var cues []cue
	for len(s.queue) > 0 && len(cues) < crowd && s.queue[0].at.Before(until) {
		c := heap.Pop(&s.queue).(cue)
		if c.message > 0 {
			heap.Push(&s.queue, cue{move: move{at: c.at.Add(s.stretch(s.gen.After(c.message+1, c.at), c.at))}, message: c.message + 1})
		}
		if c.errand != nil {
			s.again(c)
		}
		if !s.hold(&c, c.at) {
			cues = append(cues, c)
		}
	}
	if len(cues) == 0 {
		return nil
	}
	clock.Creep(at, cues[len(cues)-1].at, len(cues))
	outcomes := make([]outcome, len(cues))
	g, gctx := errgroup.WithContext(ctx)
	for i, c := range cues {
		g.Go(func() error {
			outcomes[i] = s.perform(gctx, c, c.at)
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for i, c := range cues {
		if err := s.follow(ctx, c, outcomes[i], clock.Now()); err != nil {
			return err
		}
	}
	return nil
}

// fireUntil lets the city's clocks fire at the moments at which they are due.
func (s *Stage) fireUntil(ctx context.Context, clock *Clock, until time.Time) error {
	for {
		if s.due > until.UnixMilli() && until.Before(s.asked.Add(time.Minute)) {
			return nil // no clock is so short that one started since then is due
		}
		next, err := s.Cases.NextDue(ctx)
		if err != nil {
			return err
		}
		if s.asked, s.due = until, next; next == 0 {
			s.due = math.MaxInt64
		}
		if s.due > until.UnixMilli() {
			return nil
		}
		clock.Set(time.UnixMilli(max(next, s.DB.Now())))
		if _, _, err := s.Cases.Fire(ctx); err != nil {
			return err
		}
		s.due = 0
	}
}

// mark writes that a past was begun, and reports whether it may be: it was not
// before, and nobody has filed anything yet.
func (s *Stage) mark(ctx context.Context) (first bool, err error) {
	err = s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		known, err := sqldb.Get[int](ctx, tx, `select count(*) from (select id from cases limit 1) as c`)
		if first = false; err != nil || known > 0 {
			return err
		}
		n, err := tx.Exec(ctx, `insert into setting (name, value) values (?, ?) on conflict (name) do nothing`,
			beganSetting, strconv.FormatInt(tx.Now(), 10))
		first = n > 0
		return err
	})
	return first, err
}
