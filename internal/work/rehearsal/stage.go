package rehearsal

import (
	"container/heap"
	"context"
	"io/fs"
	"log/slog"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/city"
	"yiwang/internal/core/org"
	"yiwang/internal/work/intake"
	"yiwang/internal/work/view"
)

// Deps is what a rehearsal plays on.
type Deps struct {
	DB     *sqldb.DB
	City   *city.City
	Units  func() *org.Directory
	Cases  *cases.Store
	Desk   *intake.Desk
	Pack   fs.FS  // the pack, with its life directory
	Seed   uint64 // the same seed tells of the same happenings
	Logger *slog.Logger

	PerDay     int             // messages of an ordinary day, 0 as the pack says
	Unattended bool            // nobody looks on: no work is left for guests, nothing is left out to save time, and what happens besides messages is played too
	Doors      map[string]Door // by channel: how a message comes in otherwise than at the desk
	View       *view.View      // for what the city is told; nil tells it nothing
}

// Door takes a message as it comes from outside, as its channel really brings it.
type Door func(ctx context.Context, m intake.Message) (cases.Filed, error)

// Stage plays one city's life. It is for one goroutine.
type Stage struct {
	Deps
	script   *Script
	gen      *Generator
	director *director
	queue    queue
	roles    map[string]*role // by id: cases on which somebody is going to act
	asleep   map[string]*role // by id: open cases on which nobody is, until something befalls them
	recent   map[int]*role    // by message
	latest   map[spot]*role   // of what happened somewhere
	tales    map[string]int   // messages by the number of the case they became
	looked   time.Time        // when open cases were looked through last, in the time played
	floors   map[seat]int     // how many cases are left to guests, by where they lie
	waiting  map[seat]int     // how many cases lie there now; without a unit, in the lane of all units
	asked    time.Time        // when the next due clock was asked for last, in the time played
	due      int64            // and the answer
	hurry    hurry            // of the past that is being played
	Tally    Tally
}

// Tally counts what a stage has played.
type Tally struct {
	Filed  int `json:"filed"`  // messages that became cases
	Acted  int `json:"acted"`  // actions taken
	Missed int `json:"missed"` // moves that were no longer possible when their time came
}

// role is what the stage remembers of a case it plays.
type role struct {
	n       int // of its message
	done    map[string]int
	said    saying
	at      seat // where its case lies
	number  string
	state   string
	version int64
	before  *role // of the case that was told of the same matter at the same place before, nil where none was
}

func (s *Stage) newRole(n int) *role { return &role{n: n, done: map[string]int{}, said: s.said} }

// spot is a matter at a place.
type spot struct{ matter, place string }

// recall ties what was told to what was told of the same place before.
func (s *Stage) recall(r *role) {
	h := s.gen.happens(r.n)
	if h.where == nil || h.n != r.n {
		return
	}
	at := spot{h.scene.Matter, h.where.Name}
	if r.before = s.latest[at]; r.before != nil {
		r.before.before = nil // one time back is enough to remember
	}
	s.latest[at] = r
}

// said tells what became of a recent message.
func (s *Stage) said(n int) (number, state string) {
	if r := s.recent[n]; r != nil {
		return r.number, r.state
	}
	return "", ""
}

// seat is a place where work waits: a lane of a unit, or of the centre.
type seat struct{ unit, lane string }

// cue is an entry of the queue: a move on a case, or the next message.
type cue struct {
	move
	message int     // number of a message to file, 0 for others
	errand  *errand // what somebody does who was sent by no case, nil for others
}

type queue []cue

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].at.Before(q[j].at) }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(cue)) }
func (q *queue) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}

// New prepares a stage. It fails where the pack has no life that can be played.
func New(d Deps) (*Stage, error) {
	script, err := Load(d.Pack)
	if err != nil {
		return nil, err
	}
	if d.Logger == nil {
		d.Logger = slog.Default()
	}
	if d.Seed == 0 {
		d.Seed = 20260101
	}
	if d.PerDay > 0 {
		script.Rhythm.PerDay = d.PerDay
	}
	gen := NewGenerator(script, d.City, d.Seed)
	cast := newCast(script, d.Units, d.City.Centre, !d.Unattended)
	s := &Stage{
		Deps: d, script: script, gen: gen, roles: map[string]*role{}, asleep: map[string]*role{}, recent: map[int]*role{}, latest: map[spot]*role{},
		tales: map[string]int{}, waiting: map[seat]int{},
		director: &director{script: script, city: d.City, gen: gen, cast: cast},
	}
	if !d.Unattended {
		s.floors = s.leave(cast)
	}
	return s, nil
}

// leave says how much work is left where accounts of the demo work.
func (s *Stage) leave(c *cast) map[seat]int {
	floors := map[seat]int{{"", "dispatch"}: 9, {"", "return"}: 2, {"", "audit"}: 5, {"", "callback"}: 8, {"", "rule"}: 2}
	for code := range c.guest {
		lanes := map[string]int{"sign": 1, "contact": 1, "handle": 3}
		if u, ok := c.dir().Unit(code); ok && u.Approval {
			lanes = map[string]int{"sign": 3, "contact": 2, "handle": 5, "approve": 2}
		}
		for lane, n := range lanes {
			floors[seat{code, lane}] = n
		}
	}
	return floors
}

// play takes the earliest cue and then plans what follows from it.
func (s *Stage) play(ctx context.Context, now time.Time) error {
	c := heap.Pop(&s.queue).(cue)
	if s.hold(&c, now) {
		return nil
	}
	return s.follow(ctx, c, s.perform(ctx, c, now), now)
}

// outcome is what became of a cue.
type outcome struct {
	filed cases.Filed // of a message
	trip  *trip       // of an errand
	c     cases.Case  // of a move, as it is afterwards
	err   error
}

// perform files the message or takes the action of a cue. It touches nothing of
// the stage, so that several may be performed at once.
func (s *Stage) perform(ctx context.Context, c cue, now time.Time) (o outcome) {
	if c.message > 0 {
		m := s.gen.Message(c.message, now)
		file := Door(s.Desk.File)
		if through, ok := s.Doors[m.Channel]; ok {
			file = through
		}
		o.filed, o.err = file(ctx, m)
		return o
	}
	if c.errand != nil {
		o.trip, o.err = s.goes(ctx, c.errand, now)
		return o
	}
	if o.c, o.err = s.Cases.Act(ctx, c.by, c.deed); refused(o.err) {
		s.Logger.DebugContext(ctx, "a rehearsed move was not possible", "action", c.deed.Action, "error", o.err)
	}
	return o
}

// refused reports whether something was not possible, as against a failure.
func refused(err error) bool {
	if err == nil {
		return false
	}
	switch errs.KindOf(err) {
	case errs.Conflict, errs.Forbidden, errs.NotFound, errs.Invalid, errs.Exists:
		return true
	}
	return false
}

// follow counts an outcome and plans the next move on its case.
func (s *Stage) follow(ctx context.Context, c cue, o outcome, now time.Time) error {
	if o.err != nil && !refused(o.err) {
		return o.err
	}
	if c.message > 0 {
		if o.err == nil && !o.filed.Already {
			s.Tally.Filed++
			r := s.newRole(c.message)
			s.recent[c.message] = r
			s.recall(r)
			delete(s.recent, c.message-8*lookBack)
			s.plan(o.filed.Case, r, now)
		}
		return nil
	}
	if c.errand != nil {
		s.Tally.Acted += o.trip.acted
		for _, h := range o.trip.heard {
			s.Tally.Filed++
			s.plan(h.filed, s.newRole(h.n), now)
		}
		return nil
	}
	r := s.roles[c.deed.Case]
	r.done[c.deed.Action]++
	if o.err != nil { // a guest was faster, or a guard holds: look again
		s.Tally.Missed++
		var err error
		if o.c, err = s.Cases.Get(ctx, c.deed.Case); err != nil {
			return err
		}
	} else {
		s.Tally.Acted++
	}
	s.plan(o.c, r, now)
	return nil
}

// plan asks the director for the next move on a case and queues it.
func (s *Stage) plan(c cases.Case, r *role, now time.Time) {
	m, ok := s.director.next(&c, r, now)
	s.seat(&c, r, ok)
	if ok {
		heap.Push(&s.queue, cue{move: m})
	}
}

// seat remembers where a case lies now, as long as somebody will act on it or
// something may still befall it.
func (s *Stage) seat(c *cases.Case, r *role, stays bool) {
	s.count(r.at, -1)
	delete(s.roles, c.ID)
	delete(s.asleep, c.ID)
	r.at, r.number, r.state, r.version = seat{}, c.Number, c.State, c.Version
	s.tales[c.Number] = r.n
	if !stays && c.Closed == 0 {
		s.asleep[c.ID] = r
	}
	if stays {
		s.roles[c.ID] = r
		r.at = seat{c.Unit, c.Lane}
	}
	s.count(r.at, 1)
}

// count counts a case at its seat, and in its lane whatever the unit.
func (s *Stage) count(at seat, by int) {
	s.waiting[at] += by
	if at.unit != "" {
		s.waiting[seat{lane: at.lane}] += by
	}
}

// pause is how long somebody looks elsewhere where work is to be left to a guest.
const pause = 11 * time.Minute

// hold puts a cue off where it would take away work that a guest is to find.
// What a citizen does is never held back.
func (s *Stage) hold(c *cue, now time.Time) bool {
	if c.message > 0 || c.errand != nil || c.by.Kind != org.IsStaff {
		return false
	}
	at := s.roles[c.deed.Case].at
	floor, held := s.floors[at]
	if !held {
		at.unit = ""
		floor, held = s.floors[at]
	}
	if !held || s.waiting[at] > floor {
		return false
	}
	c.at = now.Add(pause)
	heap.Push(&s.queue, *c)
	return true
}
