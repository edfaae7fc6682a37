package clock

import (
	"cmp"
	"reflect"
	"slices"

	"yiwang/internal/base/calendar"
	"yiwang/internal/base/errs"
)

// Event is something that happened to a case, as its action log has it.
type Event struct {
	Name    string   // of the action
	At      int64    // UTC milliseconds
	N       int      // ordinal in the case's log
	Effects []Effect // what the action asks of the clocks beyond its name
	Facts   any      // what Rule.When reads; opaque here, and not recorded
}

// every is the Effect.Clock that means all clocks of the case.
const every = "*"

// Effect is what an action asks of a clock: to pause, resume, extend or cancel.
type Effect struct {
	Verb  Verb
	Clock string // code, or "*" for all live clocks; an extension names one
	By    Limit  // Extend: how much longer, in the clock's unit
}

// Step returns what an event does to the clocks of a case. First comes all that
// was due by then, so that the outcome is the same whenever Fire was asked. Then
// the event's name resumes, pauses, stops and cancels, then its effects do, and
// last it starts clocks; those are not touched by the event's own effects. An
// effect that cannot be had (no such clock running, another unit, not pausable)
// is an error a person can mend, and nothing has happened.
func Step(rules []Rule, cal *calendar.Calendar, clocks []Clock, e Event) ([]Op, error) {
	s := &stepper{rules: rules, cal: cal, clocks: slices.Clone(clocks), event: e}
	s.fire()
	for i := range s.clocks {
		s.heedName(i)
	}
	for _, f := range e.Effects {
		s.effect(f)
	}
	s.start()
	return s.ops, s.err
}

// Replay folds a case's events, in the order of its log, into its clocks.
func Replay(rules []Rule, cal *calendar.Calendar, events []Event) (clocks []Clock, err error) {
	for _, e := range events {
		ops, err := Step(rules, cal, clocks, e)
		if err != nil {
			return nil, err
		}
		if clocks, err = Apply(clocks, ops); err != nil {
			return nil, err
		}
	}
	return clocks, nil
}

// Correct returns the operation that brings a live clock in line with a calendar
// in which days were declared or corrected since it was planned, none if nothing
// changes. The start and the limit stay; so does the time it stood still, as it
// was measured then. The event is the one that put the calendar in force.
func Correct(cal *calendar.Calendar, c Clock, e Event) []Op {
	if !c.Live() {
		return nil
	}
	p := plan(cal, c.Terms, c.StartedAt, c.PausedTotal, c.WarnedPct)
	if reflect.DeepEqual(p, c.Plan) {
		return nil
	}
	return []Op{{Verb: Recount, Code: c.Code, Round: c.Round, At: e.At, By: e.N, Plan: &p}}
}

// stepper is the work of one Step: each operation is applied at once, so that
// the next sees it.
type stepper struct {
	rules  []Rule
	cal    *calendar.Calendar
	clocks []Clock
	event  Event
	ops    []Op
	err    error
}

func (s *stepper) do(op Op) {
	if s.err != nil {
		return
	}
	if s.err = apply(&s.clocks, op); s.err == nil {
		s.ops = append(s.ops, op)
	} else {
		s.ops = nil
	}
}

// refuse ends the step: what was asked cannot be had.
func (s *stepper) refuse(kind errs.Kind, key string, f Effect) {
	if s.err == nil {
		s.err = errs.E(kind, key, errs.Args{"code": f.Clock, "by": f.By})
		s.ops = nil
	}
}

// op begins an operation of the event on clock i. Servers' clocks differ a
// little, so that an event may carry a time before the one it follows; it counts
// as at the same moment.
func (s *stepper) op(verb Verb, i int) Op {
	c := &s.clocks[i]
	return Op{Verb: verb, Code: c.Code, Round: c.Round, At: max(s.event.At, c.StartedAt, c.PausedAt), By: s.event.N}
}

func (s *stepper) fire() {
	var due []Op
	for _, c := range s.clocks {
		due = append(due, Fire(c, s.event.At)...)
	}
	slices.SortStableFunc(due, func(a, b Op) int { return cmp.Compare(a.At, b.At) })
	for _, op := range due {
		s.do(op)
	}
}

// heedName does what the event's name means to clock i.
func (s *stepper) heedName(i int) {
	c := &s.clocks[i]
	named := func(pick func(*Rule) []string) bool {
		return c.Live() && names(s.rules, c.Code, s.event.Name, pick)
	}
	if named(func(r *Rule) []string { return r.Resume }) {
		s.resume(i)
	}
	if named(func(r *Rule) []string { return r.Pause }) {
		s.pause(i)
	}
	if named(func(r *Rule) []string { return r.Stop }) {
		s.stop(i)
	}
	if named(func(r *Rule) []string { return r.Cancel }) {
		s.cancel(i)
	}
}

func (s *stepper) effect(f Effect) {
	found := false
	for i := range s.clocks {
		c := &s.clocks[i]
		if !c.Live() || f.Clock != every && f.Clock != c.Code {
			continue
		}
		found = true
		switch {
		case f.Verb == Cancel:
			s.cancel(i)
		case f.Verb == Resume:
			s.resume(i)
		case f.Verb == Pause && !c.Pausable && f.Clock != every:
			s.refuse(errs.Invalid, "clock.never_pauses", f)
		case f.Verb == Pause:
			s.pause(i)
		case f.Verb == Extend && f.Clock != every:
			s.extend(i, f)
		default:
			s.refuse(errs.Invalid, "clock.effect", f)
		}
	}
	if !found && f.Verb == Extend {
		s.refuse(errs.Conflict, "clock.not_running", f)
	}
}

func (s *stepper) pause(i int) {
	if c := s.clocks[i]; c.State == Running && c.Pausable {
		s.do(s.op(Pause, i))
	}
}

func (s *stepper) resume(i int) {
	c := s.clocks[i]
	if c.State != Paused {
		return
	}
	op := s.op(Resume, i)
	stood, _ := between(s.cal, c.Mode, c.PausedAt, op.At)
	op.Paused = c.PausedTotal + stood
	p := plan(s.cal, c.Terms, c.StartedAt, op.Paused, c.WarnedPct)
	if !c.Breached { // stopped at the last moment, it has that moment still, though the office be closed
		p.DueAt = max(p.DueAt, op.At)
	}
	op.Plan = &p
	s.do(op)
}

func (s *stepper) stop(i int) {
	s.resume(i) // so that the time it stood still counts for it
	c := s.clocks[i]
	op := s.op(Stop, i)
	op.State = Met
	if c.Breached {
		op.State, op.Late = Breached, s.late(c, op.At)
	}
	s.do(op)
}

func (s *stepper) cancel(i int) {
	c, op := s.clocks[i], s.op(Cancel, i)
	switch {
	case c.Breached && c.State == Paused:
		op.Late = s.late(c, c.PausedAt)
	case c.Breached:
		op.Late = s.late(c, op.At)
	}
	s.do(op)
}

// late returns by how much of its own time a clock is late at an instant.
func (s *stepper) late(c Clock, at int64) int64 {
	ms, _ := between(s.cal, c.Mode, c.DueAt, at)
	return max(0, ms)
}

func (s *stepper) extend(i int, f Effect) {
	c := s.clocks[i]
	if f.By.Unit != c.Limit.Unit {
		s.refuse(errs.Invalid, "clock.other_unit", f)
		return
	}
	terms := c.Terms
	terms.Limit.N += f.By.N
	if !f.By.valid() || !terms.Limit.valid() {
		s.refuse(errs.Invalid, "clock.extension", f)
		return
	}
	p := plan(s.cal, terms, c.StartedAt, c.PausedTotal, 0)
	op := s.op(Extend, i)
	now := op.At
	if c.State == Paused {
		now = c.PausedAt
	}
	for _, m := range p.Marks {
		if m.At <= now {
			op.Pct = m.Pct
		}
	}
	p.Marks = beyond(p.Marks, op.Pct)
	op.Terms, op.Plan = &terms, &p
	s.do(op)
}

// start begins the clocks that the event starts: of each code the first rule
// that wants to.
func (s *stepper) start() {
	var done []string
	for i := range s.rules {
		r := &s.rules[i]
		if slices.Contains(done, r.Code) || !slices.Contains(r.Start, s.event.Name) || r.When != nil && !r.When(s.event) {
			continue
		}
		limit := r.Limit
		if r.At != nil {
			limit = Limit{int((r.At(s.event) - s.event.At + minuteMs - 1) / minuteMs), Minute} // never a minute early
			if !limit.valid() {
				continue
			}
		}
		done = append(done, r.Code)
		if round, ok := s.nextRound(r); ok {
			t := Terms{Variant: r.Variant, Of: r.Of, RuleSet: r.RuleSet, RuleVersion: r.Version, Limit: limit, Mode: r.Mode, WarnAt: r.WarnAt, Then: r.Then, Pausable: r.Pausable}
			p := plan(s.cal, t, s.event.At, 0, 0)
			s.do(Op{Verb: Start, Code: r.Code, Round: round, At: s.event.At, By: s.event.N, Terms: &t, Plan: &p})
		}
	}
}

// nextRound says which round of a rule's clock would begin, and whether it may.
// A round that still runs is cancelled for it.
func (s *stepper) nextRound(r *Rule) (round int, ok bool) {
	round = 1
	for i := range s.clocks {
		c := &s.clocks[i]
		if c.Code != r.Code {
			continue
		}
		round = max(round, c.Round+1)
		if c.State != Cancelled && r.Restart != Again {
			return 0, false
		}
		if c.Live() {
			s.cancel(i)
		}
	}
	return round, true
}
