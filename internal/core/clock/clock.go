package clock

import (
	"slices"

	"yiwang/internal/base/calendar"
	"yiwang/internal/base/errs"
)

// State says how a clock stands. One that is late runs on until it is stopped.
type State string

// The states.
const (
	Running   State = "running"
	Paused    State = "paused"
	Met       State = "met"       // stopped in time, or a timer that came due
	Breached  State = "breached"  // stopped late
	Cancelled State = "cancelled" // ended without a result; Breached says whether it was late by then
)

// Terms are what was promised when the clock started. Only an extension changes
// them, and only the limit.
type Terms struct {
	Variant     string `json:"variant,omitempty"` // see Rule.Variant
	Of          string `json:"of,omitempty"`      // see Rule.Of
	RuleSet     string `json:"rule_set,omitempty"`
	RuleVersion string `json:"rule_version,omitempty"`
	Limit       Limit  `json:"limit"`
	Mode        Mode   `json:"mode"`
	WarnAt      []int  `json:"warn_at,omitempty"` // percentages of the limit
	Then        string `json:"then,omitempty"`
	Pausable    bool   `json:"pausable,omitempty"`
}

// Mark is a warning: the moment, UTC milliseconds, at which so many percent of
// the limit are used up.
type Mark struct {
	Pct int   `json:"pct"`
	At  int64 `json:"at"`
}

// Plan is when things happen to a clock if nothing intervenes, in UTC
// milliseconds. DueAt is the last moment in time; one millisecond later is late.
type Plan struct {
	DueAt      int64               `json:"due_at"`
	Marks      []Mark              `json:"marks,omitempty"`      // the warnings still to come, ascending
	Undeclared calendar.Undeclared `json:"undeclared,omitempty"` // see calendar.Undeclared; Correct mends it
}

// Clock is one round of a clock of a case, the fold of its operations.
type Clock struct {
	Code  string `json:"code"`
	Round int    `json:"round"` // 1 is the first
	Terms
	Plan
	StartedAt   int64 `json:"started_at"`
	StartedBy   int   `json:"started_by"`           // ordinal of the start event in the case's log
	WarnedPct   int   `json:"warned_pct,omitempty"` // the highest warning behind it
	State       State `json:"state"`
	Breached    bool  `json:"breached,omitempty"`     // it was late once; no extension washes that off
	PausedAt    int64 `json:"paused_at,omitempty"`    // since when it stands still; 0 if it does not
	PausedTotal int64 `json:"paused_total,omitempty"` // milliseconds of its own time that it stood still
	StoppedAt   int64 `json:"stopped_at,omitempty"`   // 0 while it is live
	Late        int64 `json:"late,omitempty"`         // by how many milliseconds of its own time it ended late
}

// Name is what the clock is known by: its code, and the variant where its code has
// several.
func (c Clock) Name() string {
	if c.Variant == "" {
		return c.Code
	}
	return c.Code + "." + c.Variant
}

// Live reports whether the clock still waits for something: running or paused.
func (c Clock) Live() bool { return c.State == Running || c.State == Paused }

// Verb is what an operation does to a clock.
type Verb string

// The verbs.
const (
	Start   Verb = "start"
	Pause   Verb = "pause"
	Resume  Verb = "resume" // with a new plan
	Stop    Verb = "stop"   // with the State: met or breached
	Extend  Verb = "extend" // with new terms and a new plan
	Cancel  Verb = "cancel"
	Warn    Verb = "warn"    // a mark was reached
	Breach  Verb = "breach"  // the due moment passed
	Recount Verb = "recount" // the calendar was declared or corrected: a new plan (see Correct)
)

// Op is one thing that happened to a clock, for the action log. It carries the
// times that were worked out, so that the log folds without rules or calendar.
type Op struct {
	Verb   Verb   `json:"verb"`
	Code   string `json:"code"`
	Round  int    `json:"round"`
	At     int64  `json:"at"`               // when it happened: for Warn and Breach the moment that was due, whenever it was noticed
	By     int    `json:"by,omitempty"`     // ordinal of the event that did it; 0 for time itself
	Terms  *Terms `json:"terms,omitempty"`  // Start, Extend
	Plan   *Plan  `json:"plan,omitempty"`   // Start, Resume, Extend, Recount
	Paused int64  `json:"paused,omitempty"` // Resume: PausedTotal from now on
	Pct    int    `json:"pct,omitempty"`    // Warn: the mark; Extend: WarnedPct under the new plan
	State  State  `json:"state,omitempty"`  // Stop
	Late   int64  `json:"late,omitempty"`   // Stop, Cancel: see Clock.Late
	Then   string `json:"then,omitempty"`   // Breach, and Stop of a timer: the action the machine has to take
}

// Apply folds operations into the clocks of a case and returns the clocks after
// them; the clocks given are left as they are. An operation that does not fit,
// which only a damaged log holds, is an Internal error.
func Apply(clocks []Clock, ops []Op) ([]Clock, error) {
	out := slices.Clone(clocks)
	for _, op := range ops {
		if err := apply(&out, op); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func apply(clocks *[]Clock, op Op) error {
	i := slices.IndexFunc(*clocks, func(c Clock) bool { return c.Code == op.Code && c.Round == op.Round })
	if op.Verb == Start && i < 0 && op.Terms != nil && op.Plan != nil {
		*clocks = append(*clocks, Clock{Code: op.Code, Round: op.Round, Terms: *op.Terms, Plan: *op.Plan,
			StartedAt: op.At, StartedBy: op.By, State: Running})
		return nil
	}
	if i < 0 || !(*clocks)[i].heed(op) {
		return errs.E(errs.Internal, "clock.misfit", errs.Args{"verb": op.Verb, "code": op.Code, "round": op.Round})
	}
	return nil
}

// heed applies an operation other than Start, and reports whether it fits.
func (c *Clock) heed(op Op) bool {
	if !c.Live() {
		return false
	}
	planned := op.Plan != nil
	switch op.Verb {
	case Pause:
		fits := c.State == Running
		c.State, c.PausedAt = Paused, op.At
		return fits
	case Resume:
		fits := c.State == Paused
		c.State, c.PausedAt, c.PausedTotal = Running, 0, op.Paused
		return c.replan(op) && fits
	case Extend:
		if planned && op.Terms != nil {
			c.Terms, c.WarnedPct = *op.Terms, op.Pct
			return c.replan(op)
		}
	case Recount:
		return c.replan(op)
	case Warn:
		c.WarnedPct = op.Pct
		c.Marks = beyond(c.Marks, op.Pct)
		return true
	case Breach:
		c.Breached = true
		return true
	case Stop:
		c.State, c.StoppedAt, c.PausedAt, c.Late = op.State, op.At, 0, op.Late
		c.Breached = c.Breached || op.State == Breached
		return op.State == Met || op.State == Breached
	case Cancel:
		c.State, c.StoppedAt, c.PausedAt, c.Late = Cancelled, op.At, 0, op.Late
		return true
	}
	return false
}

func (c *Clock) replan(op Op) bool {
	if op.Plan == nil {
		return false
	}
	c.Plan = *op.Plan
	return true
}

// NextAt returns the next moment, UTC milliseconds, at which Fire has something
// to say, 0 if there is none until something else happens: the key of a query
// for due work.
func NextAt(c Clock) int64 {
	switch {
	case c.State != Running:
		return 0
	case len(c.Marks) > 0:
		return c.Marks[0].At
	case c.Breached:
		return 0
	}
	return c.DueAt + 1
}

// Fire returns what has become due for a clock by now: warnings, and the breach
// or, for a timer, its end. Each comes once, with the moment it was due, however
// late or often it is asked, once the operations before have been applied.
func Fire(c Clock, now int64) (ops []Op) {
	if c.State != Running {
		return nil
	}
	for _, m := range c.Marks {
		if m.At <= now {
			ops = append(ops, Op{Verb: Warn, Code: c.Code, Round: c.Round, At: m.At, Pct: m.Pct})
		}
	}
	if now > c.DueAt && !c.Breached {
		op := Op{Verb: Breach, Code: c.Code, Round: c.Round, At: c.DueAt, Then: c.Then}
		if c.Of == Nobody {
			op.Verb, op.State = Stop, Met
		}
		ops = append(ops, op)
	}
	return ops
}

// Remaining returns how many milliseconds of its own time a clock has left at
// now, at the pause if it stands still, and at its stop if it is over. It is
// negative by how late it is. A working clock that ran out at the close of
// business is 0 late until the office opens again, though it is breached.
func Remaining(c Clock, cal *calendar.Calendar, now int64) int64 {
	switch {
	case c.State == Paused:
		now = c.PausedAt
	case !c.Live():
		now = c.StoppedAt
	}
	left, _ := between(cal, c.Mode, now, c.DueAt)
	return left
}
