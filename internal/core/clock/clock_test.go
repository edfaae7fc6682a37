package clock_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"yiwang/internal/base/calendar"
	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/clock"
)

// run replays events; a test that expects a refusal uses Step itself.
func run(t testing.TB, rules []clock.Rule, events ...clock.Event) []clock.Clock {
	t.Helper()
	for i := range events {
		events[i].N = i + 1
	}
	clocks, err := clock.Replay(rules, office(t), events)
	if err != nil {
		t.Fatal(err)
	}
	return clocks
}

func event(t testing.TB, name, when string, effects ...clock.Effect) clock.Event {
	t.Helper()
	return clock.Event{Name: name, At: at(t, when), Effects: effects}
}

// round returns a round of a clock, which must be there.
func round(t testing.TB, clocks []clock.Clock, code string, n int) clock.Clock {
	t.Helper()
	i := slices.IndexFunc(clocks, func(c clock.Clock) bool { return c.Code == code && c.Round == n })
	if i < 0 {
		t.Fatalf("there is no round %d of %s in %v", n, code, clocks)
	}
	return clocks[i]
}

func one(code string, l clock.Limit, m clock.Mode) []clock.Rule {
	return []clock.Rule{{Code: code, Of: "unit", Start: []string{"start"}, Stop: []string{"stop"}, Cancel: []string{"withdraw"},
		Pause: []string{"pause"}, Resume: []string{"resume"}, Pausable: true, Limit: l, Mode: m, WarnAt: []int{50, 80}}}
}

// What each kind of limit means, over the make-up weekends of three years.
func TestDue(t *testing.T) {
	m, h, d := clock.Minute, clock.Hour, clock.Day
	for _, c := range []struct {
		n     int
		unit  clock.Unit
		mode  clock.Mode
		start string
		due   string
	}{
		{10, m, clock.Natural, "2026-02-17 23:55", "2026-02-18 00:05"},
		{24, h, clock.Natural, "2026-02-13 16:00", "2026-02-14 16:00"},
		{7, d, clock.Natural, "2026-02-13 16:00", "2026-02-25 00:00"}, // Friday 20 is off: Tuesday 24, 24:00
		{30, m, clock.Working, "2026-02-13 17:45", "2026-02-14 09:15"},
		{2, h, clock.Working, "2026-02-13 11:00", "2026-02-13 15:00"},
		{2, d, clock.Working, "2024-02-08 16:00", "2024-02-18 18:00"}, // Friday 9, make-up Sunday 18
		{4, d, clock.Working, "2025-01-25 09:00", "2025-02-06 18:00"}, // make-up Sunday 26, 27, 5, 6
		{2, d, clock.Working, "2026-02-14 09:00", "2026-02-25 18:00"}, // received on the make-up Saturday: 24, 25
		{10, d, clock.Working, "2026-02-13 20:00", "2026-03-05 18:00"},
		{2, d, clock.Working, "2025-12-31 10:00", "2026-01-05 18:00"}, // make-up Sunday 4, Monday 5
	} {
		got := run(t, one("x", clock.Limit{N: c.n, Unit: c.unit}, c.mode), event(t, "start", c.start))[0]
		if say(got.DueAt) != c.due || got.Undeclared != 0 {
			t.Errorf("%d%s %s from %s is due %s (undeclared %d), want %s", c.n, c.unit, c.mode, c.start, say(got.DueAt), got.Undeclared, c.due)
		}
	}
}

// At the due moment it is in time; a millisecond later it is late.
func TestLastMoment(t *testing.T) {
	rules := one("x", clock.Limit{N: 10, Unit: clock.Minute}, clock.Natural)
	start, stop := event(t, "start", "2026-03-02 09:00"), event(t, "stop", "2026-03-02 09:10")
	if c := run(t, rules, start, stop)[0]; c.State != clock.Met || c.Breached || c.Late != 0 {
		t.Errorf("stopped at the due moment: %+v", c)
	}
	stop.At++
	if c := run(t, rules, start, stop)[0]; c.State != clock.Breached || !c.Breached || c.Late != 1 {
		t.Errorf("stopped a millisecond later: %+v", c)
	}
	c := run(t, rules, start)[0]
	if ops := clock.Fire(c, c.DueAt); len(ops) != 2 {
		t.Errorf("at the due moment both warnings are due and no breach: %v", ops)
	}
}

// After hours no working time passes, but the limit has ended: late by nothing
// yet, and breached.
func TestLateAfterHours(t *testing.T) {
	rules := one("x", clock.Limit{N: 1, Unit: clock.Day}, clock.Working)
	c := run(t, rules, event(t, "start", "2026-03-02 09:00"), event(t, "stop", "2026-03-03 20:00"))[0]
	if c.State != clock.Breached || c.Late != 0 {
		t.Errorf("answered two hours after the close of business: %+v", c)
	}
	c = run(t, rules, event(t, "start", "2026-03-02 09:00"), event(t, "stop", "2026-03-04 10:00"))[0]
	if c.State != clock.Breached || c.Late != 3_600_000 {
		t.Errorf("answered in the first hour of the next day: %+v", c)
	}
}

// A start event that comes again starts a new round only where the rule says so.
func TestRounds(t *testing.T) {
	rules := appeal()
	clocks := run(t, rules,
		event(t, "dispatch", "2026-03-02 09:00"),
		event(t, "redispatch", "2026-03-02 09:05"),
		event(t, "sign", "2026-03-02 09:14"))
	if c := round(t, clocks, "sign", 1); c.State != clock.Cancelled || c.Breached {
		t.Errorf("the first unit's clock ends with the redispatch: %+v", c)
	}
	if c := round(t, clocks, "sign", 2); c.State != clock.Met || say(c.StartedAt) != "2026-03-02 09:05" || c.StartedBy != 2 {
		t.Errorf("the second unit has its own ten minutes: %+v", c)
	}
	if c := round(t, clocks, "handle", 1); say(c.StartedAt) != "2026-03-02 09:00" || c.State != clock.Running {
		t.Errorf("the limit for handling goes on: %+v", c)
	}
	clocks = run(t, rules,
		event(t, "dispatch", "2026-03-02 09:00"),
		event(t, "pass", "2026-03-02 10:00"),
		event(t, "dispatch", "2026-03-02 11:00"))
	if n := len(slices.DeleteFunc(clocks, func(c clock.Clock) bool { return c.Code != "handle" })); n != 1 {
		t.Errorf("handling was met once and may not run again, but has %d rounds", n)
	}
	clocks = run(t, rules,
		event(t, "dispatch", "2026-03-02 09:00"),
		event(t, "recall", "2026-03-02 10:00"),
		event(t, "dispatch", "2026-03-02 11:00"))
	if c := round(t, clocks, "handle", 2); c.State != clock.Running || say(c.StartedAt) != "2026-03-02 11:00" {
		t.Errorf("a round that was cancelled does not count as run: %+v", c)
	}
}

// A clock that was late stays so on the record when its case goes elsewhere.
func TestCancelKeepsLateness(t *testing.T) {
	clocks := run(t, appeal(), event(t, "dispatch", "2026-03-02 09:00"), event(t, "redispatch", "2026-03-02 09:15"))
	if c := round(t, clocks, "sign", 1); c.State != clock.Cancelled || !c.Breached || c.Late != 5*60_000 {
		t.Errorf("%+v", c)
	}
	clocks = run(t, one("x", clock.Limit{N: 10, Unit: clock.Minute}, clock.Natural), event(t, "start", "2026-03-02 09:00"),
		event(t, "pause", "2026-03-02 09:15"), event(t, "withdraw", "2026-03-02 11:00"))
	if c := clocks[0]; c.State != clock.Cancelled || !c.Breached || c.Late != 5*60_000 {
		t.Errorf("withdrawn while it stood still: %+v", c)
	}
}

// Of the rules with one code the first whose condition holds gives the terms.
func TestVariants(t *testing.T) {
	for nature, want := range map[string]string{"速办": "2h", "咨询": "2d", "求助": "4d", "举报": "10d"} {
		e := event(t, "dispatch", "2026-03-02 09:00")
		e.Facts = facts{nature}
		if c := round(t, run(t, appeal(), e), "handle", 1); c.Limit.String() != want {
			t.Errorf("%s: %s, want %s", nature, c.Limit, want)
		}
	}
}

// An extension counts from the start of the clock, with the pauses it had, not
// from the day it is granted, and a lateness before it stays on the record.
func TestExtend(t *testing.T) {
	rules := one("x", clock.Limit{N: 4, Unit: clock.Day}, clock.Working)
	by := func(n int, u clock.Unit) clock.Effect {
		return clock.Effect{Verb: clock.Extend, Clock: "x", By: clock.Limit{N: n, Unit: u}}
	}
	c := run(t, rules, event(t, "start", "2026-03-02 10:00"),
		event(t, "pause", "2026-03-03 10:00"), event(t, "resume", "2026-03-03 16:00"), // four working hours
		event(t, "extend", "2026-03-05 17:00", by(3, clock.Day)))[0]
	if say(c.DueAt) != "2026-03-12 15:00" || c.Limit.N != 7 || c.WarnedPct != 0 || len(c.Marks) != 2 {
		t.Errorf("seven workdays from 2 March end on the 11th; four hours more: %+v, due %s", c, say(c.DueAt))
	}
	c = run(t, rules, event(t, "start", "2026-03-02 10:00"), event(t, "extend", "2026-03-09 09:00", by(3, clock.Day)))[0]
	if say(c.DueAt) != "2026-03-11 18:00" || !c.Breached || c.State != clock.Running {
		t.Errorf("granted when it was late: %+v, due %s", c, say(c.DueAt))
	}
	c = run(t, rules, event(t, "start", "2026-03-02 10:00"), event(t, "extend", "2026-03-09 09:00", by(3, clock.Day)),
		event(t, "stop", "2026-03-10 10:00"))[0]
	if c.State != clock.Breached || c.Late != 0 {
		t.Errorf("stopped within the extension: %+v", c)
	}
	c = run(t, rules, event(t, "start", "2026-03-02 10:00"), event(t, "pause", "2026-03-03 10:00"),
		event(t, "extend", "2026-03-20 10:00", by(1, clock.Day)))[0]
	if c.State != clock.Paused || c.WarnedPct != 0 || len(c.Marks) != 2 {
		t.Errorf("extended while it stands still, no warning passes: %+v", c)
	}
	clocks := run(t, rules, event(t, "start", "2026-03-02 10:00"))
	for _, refused := range []struct {
		effect clock.Effect
		kind   errs.Kind
		key    string
	}{
		{by(5, clock.Hour), errs.Invalid, "clock.other_unit"},
		{by(0, clock.Day), errs.Invalid, "clock.extension"},
		{clock.Effect{Verb: clock.Extend, Clock: "y", By: clock.Limit{N: 1, Unit: clock.Day}}, errs.Conflict, "clock.not_running"},
		{clock.Effect{Verb: clock.Extend, Clock: "*", By: clock.Limit{N: 1, Unit: clock.Day}}, errs.Invalid, "clock.effect"},
		{clock.Effect{Verb: clock.Stop, Clock: "x"}, errs.Invalid, "clock.effect"},
	} {
		ops, err := clock.Step(rules, office(t), clocks, event(t, "extend", "2026-03-03 10:00", refused.effect))
		if ops != nil || !errs.Is(err, refused.kind) || !strings.Contains(err.Error(), refused.key) {
			t.Errorf("%+v: %v, %v", refused.effect, ops, err)
		}
		if text.Error(text.Chinese, err) == text.Error(text.Chinese, errs.E(refused.kind, "", nil)) {
			t.Errorf("%s has no sentence", refused.key)
		}
	}
}

// A pause of the case stops the clocks that may be paused; one that is named and
// may not is refused (先办后议).
func TestPause(t *testing.T) {
	rules := append(one("x", clock.Limit{N: 10, Unit: clock.Day}, clock.Working),
		clock.Rule{Code: "y", Of: "unit", Start: []string{"start"}, Stop: []string{"stop"}, Limit: clock.Limit{N: 24, Unit: clock.Hour}, Mode: clock.Natural})
	clocks := run(t, rules, event(t, "start", "2026-03-02 10:00"),
		event(t, "suspend", "2026-03-03 10:00", clock.Effect{Verb: clock.Pause, Clock: "*"}))
	x, y := round(t, clocks, "x", 1), round(t, clocks, "y", 1)
	if x.State != clock.Paused || y.State != clock.Running {
		t.Errorf("x is %s, y is %s", x.State, y.State)
	}
	if ops := clock.Fire(x, at(t, "2027-01-01 00:00")); len(ops) > 0 || clock.NextAt(x) != 0 {
		t.Errorf("a clock that stands still fires %v", ops)
	}
	if left := clock.Remaining(x, office(t), at(t, "2026-03-20 10:00")); left != int64(6+9*7)*3_600_000 {
		t.Errorf("it has %d ms left", left)
	}
	_, err := clock.Step(rules, office(t), clocks, event(t, "suspend", "2026-03-03 10:30", clock.Effect{Verb: clock.Pause, Clock: "y"}))
	if !errs.Is(err, errs.Invalid) || !text.Has(text.Chinese, "clock.never_pauses") {
		t.Errorf("y may not be paused: %v", err)
	}
}

// Paused at its last moment and resumed before the office opens, a clock still
// has that moment: it is not late for the night it stood still.
func TestPauseAtTheLastMoment(t *testing.T) {
	rules := one("x", clock.Limit{N: 1, Unit: clock.Day}, clock.Working)
	clocks := run(t, rules, event(t, "start", "2026-03-02 10:00"),
		event(t, "pause", "2026-03-03 18:00"), event(t, "resume", "2026-03-04 08:00"))
	if c := clocks[0]; say(c.DueAt) != "2026-03-04 08:00" || len(clock.Fire(c, c.DueAt)) != 0 {
		t.Errorf("due %s, fires %v", say(c.DueAt), clock.Fire(c, c.DueAt))
	}
}

// Two servers' clocks differ: an event that comes after another in the log, with
// an earlier time, happens at the same moment and takes nothing back.
func TestEarlierTimes(t *testing.T) {
	rules := one("x", clock.Limit{N: 10, Unit: clock.Minute}, clock.Natural)
	c := run(t, rules, event(t, "start", "2026-03-02 09:00"),
		event(t, "pause", "2026-03-02 09:05"), event(t, "resume", "2026-03-02 09:04"))[0]
	if say(c.DueAt) != "2026-03-02 09:10" || c.PausedTotal != 0 {
		t.Errorf("resumed before it paused: %+v", c)
	}
	c = run(t, rules, event(t, "start", "2026-03-02 09:00"), event(t, "stop", "2026-03-02 08:59"))[0]
	if c.State != clock.Met || c.StoppedAt != c.StartedAt {
		t.Errorf("stopped before it started: %+v", c)
	}
}

// A case that nobody has been given is late like any other, and so is one that
// everybody has forgotten for a year.
func TestNobodyIsNeeded(t *testing.T) {
	c := run(t, appeal(), event(t, "file", "2026-03-06 22:00"))[0]
	for i, want := range []string{"2026-03-06 23:00", "2026-03-06 23:36", "2026-03-07 00:00"} {
		next := clock.NextAt(c)
		if i == 2 {
			next-- // late is one millisecond after the last moment
		}
		if say(next) != want {
			t.Errorf("the next moment is %s, want %s", say(next), want)
		}
		ops := clock.Fire(c, clock.NextAt(c))
		if len(ops) != 1 {
			t.Fatalf("at that moment comes %v", ops)
		}
		after, err := clock.Apply([]clock.Clock{c}, ops)
		if err != nil {
			t.Fatal(err)
		}
		c = after[0]
	}
	if clock.NextAt(c) != 0 || !c.Breached || c.State != clock.Running {
		t.Errorf("after the breach it runs on, and nothing more is due: %+v", c)
	}
	if late := -clock.Remaining(c, office(t), at(t, "2026-03-07 08:30")); late != 8*3_600_000+30*60_000 {
		t.Errorf("it is %d ms late", late)
	}
}

// A timer ends when it is due and names the machine's action; it is never late.
func TestTimer(t *testing.T) {
	c := run(t, appeal(), event(t, "close", "2026-03-02 10:00"))[0]
	ops := clock.Fire(c, at(t, "2026-04-01 00:00"))
	if len(ops) != 1 || ops[0].Verb != clock.Stop || ops[0].State != clock.Met || ops[0].Then != "archive" {
		t.Errorf("%+v", ops)
	}
}

// When the next year's holidays are declared, a limit that rested on weekends
// alone is worked out again, from its own start.
func TestCorrect(t *testing.T) {
	rules := one("x", clock.Limit{N: 4, Unit: clock.Day}, clock.Working)
	c := run(t, rules, event(t, "start", "2026-12-29 10:00"))[0]
	if say(c.DueAt) != "2027-01-04 18:00" || c.Undeclared != 2027 {
		t.Fatalf("by weekends: due %s, undeclared %d", say(c.DueAt), c.Undeclared)
	}
	c2 := run(t, rules, event(t, "start", "2026-12-21 10:00"), event(t, "pause", "2026-12-22 10:00"), event(t, "resume", "2027-01-04 10:00"))[0]
	if c2.Undeclared != 2027 {
		t.Errorf("paused into an undeclared year: %+v", c2)
	}
	declared := calendarOf(t, []calendar.Day{
		{Date: calendar.On(2026, 10, 1), Kind: calendar.PublicHoliday},
		{Date: calendar.On(2027, 1, 1), Kind: calendar.PublicHoliday},
		{Date: calendar.On(2027, 10, 1), Kind: calendar.PublicHoliday},
	})
	ops := clock.Correct(declared, c, clock.Event{At: at(t, "2026-12-30 10:00"), N: 2})
	after, err := clock.Apply([]clock.Clock{c}, ops)
	if err != nil || len(ops) != 1 {
		t.Fatal(ops, err)
	}
	if got := after[0]; say(got.DueAt) != "2027-01-05 18:00" || got.Undeclared != 0 || got.StartedAt != c.StartedAt {
		t.Errorf("due %s, undeclared %d", say(got.DueAt), got.Undeclared)
	}
	if again := clock.Correct(declared, after[0], clock.Event{At: at(t, "2026-12-30 11:00")}); again != nil {
		t.Errorf("once more: %+v", again)
	}
}

// Operations survive the log: written as JSON and read back they fold alike.
func TestOpsThroughJSON(t *testing.T) {
	rules, cal := one("x", clock.Limit{N: 4, Unit: clock.Day}, clock.Working), office(t)
	var live, logged []clock.Clock
	for i, e := range []clock.Event{
		event(t, "start", "2026-02-12 10:00"), event(t, "pause", "2026-02-13 10:00"), event(t, "resume", "2026-02-14 10:00"),
		event(t, "extend", "2026-02-14 11:00", clock.Effect{Verb: clock.Extend, Clock: "x", By: clock.Limit{N: 2, Unit: clock.Day}}),
		event(t, "stop", "2026-03-09 10:00"),
	} {
		e.N = i + 1
		ops, err := clock.Step(rules, cal, live, e)
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(ops)
		if err != nil {
			t.Fatal(err)
		}
		var read []clock.Op
		if err := json.Unmarshal(b, &read); err != nil {
			t.Fatal(err)
		}
		if live, err = clock.Apply(live, ops); err != nil {
			t.Fatal(err)
		}
		if logged, err = clock.Apply(logged, read); err != nil {
			t.Fatal(err)
		}
	}
	a, _ := json.Marshal(live)
	b, _ := json.Marshal(logged)
	if string(a) != string(b) {
		t.Errorf("live %s\nlogged %s", a, b)
	}
	var back []clock.Clock
	if err := json.Unmarshal(a, &back); err != nil || !reflect.DeepEqual(back, logged) {
		t.Errorf("clocks read back as %+v, %v", back, err)
	}
}

// A log that does not fit is found, not folded.
func TestMisfit(t *testing.T) {
	c := run(t, one("x", clock.Limit{N: 4, Unit: clock.Day}, clock.Working), event(t, "start", "2026-02-12 10:00"))
	for _, op := range []clock.Op{
		{Verb: clock.Warn, Code: "y", Round: 1},
		{Verb: clock.Warn, Code: "x", Round: 2},
		{Verb: clock.Start, Code: "x", Round: 1, Terms: &c[0].Terms, Plan: &c[0].Plan},
		{Verb: clock.Start, Code: "z", Round: 1},
		{Verb: clock.Resume, Code: "x", Round: 1, Plan: &c[0].Plan},
		{Verb: clock.Extend, Code: "x", Round: 1},
		{Verb: clock.Stop, Code: "x", Round: 1},
		{Verb: "wind", Code: "x", Round: 1},
	} {
		if got, err := clock.Apply(c, []clock.Op{op}); err == nil || !errs.Is(err, errs.Internal) {
			t.Errorf("%+v gives %v, %v", op, got, err)
		}
	}
	if c[0].State != clock.Running || c[0].WarnedPct != 0 {
		t.Errorf("Apply changed what it was given: %+v", c[0])
	}
}
