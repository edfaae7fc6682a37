package clock_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"yiwang/internal/base/calendar"
	"yiwang/internal/core/clock"
)

// anyRules draws rules for up to three clocks, with variants, rounds, timers,
// both modes and all units, over a small vocabulary of events.
func anyRules(t *rapid.T) (rules []clock.Rule) {
	names := []string{"a", "b", "c", "d"}
	some := func(label string, least int) []string {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(names), least, 2, rapid.ID[string]).Draw(t, label)
	}
	for i := range rapid.IntRange(1, 4).Draw(t, "rules") {
		r := clock.Rule{
			Code:     fmt.Sprint("clock", rapid.IntRange(1, 3).Draw(t, "code")),
			Of:       rapid.SampledFrom([]string{"unit", "unit", clock.Nobody}).Draw(t, "of"),
			Start:    some("start", 1),
			Stop:     some("stop", 0),
			Cancel:   some("cancel", 0),
			Pause:    some("pause", 0),
			Resume:   some("resume", 0),
			Restart:  rapid.SampledFrom([]clock.Restart{clock.Once, clock.Again}).Draw(t, "restart"),
			Limit:    anyLimit(t),
			Mode:     rapid.SampledFrom([]clock.Mode{clock.Natural, clock.Working}).Draw(t, "mode"),
			WarnAt:   rapid.SampledFrom([][]int{nil, {80}, {50, 80}, {1, 99}}).Draw(t, "warn"),
			Then:     "archive",
			Pausable: rapid.Bool().Draw(t, "pausable"),
		}
		if rapid.Bool().Draw(t, "conditional") {
			r.When = func(e clock.Event) bool { return e.N%2 == i%2 }
		}
		rules = append(rules, r)
	}
	return rules
}

func anyLimit(t *rapid.T) clock.Limit {
	unit := rapid.SampledFrom([]clock.Unit{clock.Minute, clock.Hour, clock.Day}).Draw(t, "unit")
	return clock.Limit{N: rapid.IntRange(1, map[clock.Unit]int{clock.Minute: 600, clock.Hour: 72, clock.Day: 20}[unit]).Draw(t, "n"), Unit: unit}
}

// anyEvents draws a log over the Spring Festival of 2026, often with several
// events at one moment. Extensions are left out: whether one can be had depends
// on what went before.
func anyEvents(t *rapid.T) (events []clock.Event) {
	now := calendar.On(2026, 2, 9).Start()
	for n := range rapid.IntRange(1, 12).Draw(t, "events") {
		now += rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(0, 36*3_600_000)).Draw(t, "wait")
		e := clock.Event{Name: rapid.SampledFrom([]string{"a", "b", "c", "d", "note"}).Draw(t, "name"), At: now, N: n + 1}
		if verb := rapid.SampledFrom([]clock.Verb{"", "", clock.Pause, clock.Resume, clock.Cancel}).Draw(t, "effect"); verb != "" {
			e.Effects = []clock.Effect{{Verb: verb, Clock: "*"}}
		}
		events = append(events, e)
	}
	return events
}

// live is a case as it runs: it keeps its clocks and the log of operations.
type live struct {
	t      rapid.TB
	rules  []clock.Rule
	cal    *calendar.Calendar
	clocks []clock.Clock
	log    []clock.Op
}

func (l *live) apply(ops []clock.Op, err error) {
	if err == nil {
		l.clocks, err = clock.Apply(l.clocks, ops)
	}
	if err != nil {
		l.t.Fatal(err)
	}
	l.log = append(l.log, ops...)
}

func (l *live) take(e clock.Event) { l.apply(clock.Step(l.rules, l.cal, l.clocks, e)) }

// poll asks every clock what has become due.
func (l *live) poll(now int64) {
	for _, c := range l.clocks {
		l.apply(clock.Fire(c, now), nil)
	}
}

// of returns the operations of one clock and round, in their order.
func of(log []clock.Op, c clock.Clock) []clock.Op {
	return slices.DeleteFunc(slices.Clone(log), func(op clock.Op) bool { return op.Code != c.Code || op.Round != c.Round })
}

// Replaying the events, folding the operations from the log, and living through
// it step by step give the same clocks.
func TestReplayEqualsLive(t *testing.T) {
	cal := office(t)
	rapid.Check(t, func(t *rapid.T) {
		rules, events := anyRules(t), anyEvents(t)
		l := &live{t: t, rules: rules, cal: cal}
		for _, e := range events {
			l.take(e)
		}
		replayed, err := clock.Replay(rules, cal, events)
		if err != nil || !reflect.DeepEqual(replayed, l.clocks) {
			t.Fatalf("replayed %+v, %v\nlive %+v", replayed, err, l.clocks)
		}
		b, err := json.Marshal(l.log)
		if err != nil {
			t.Fatal(err)
		}
		var logged []clock.Op
		if err := json.Unmarshal(b, &logged); err != nil {
			t.Fatal(err)
		}
		if folded, err := clock.Apply(nil, logged); err != nil || !reflect.DeepEqual(folded, l.clocks) {
			t.Fatalf("folded %+v, %v\nlive %+v", folded, err, l.clocks)
		}
	})
}

// Asking at any times, or never, gives every clock the same operations: each
// warning once, the breach once, with the moment they were due.
func TestFireIsOnceWheneverAsked(t *testing.T) {
	cal := office(t)
	rapid.Check(t, func(t *rapid.T) {
		rules, events := anyRules(t), anyEvents(t)
		asked, never := &live{t: t, rules: rules, cal: cal}, &live{t: t, rules: rules, cal: cal}
		end := events[len(events)-1].At + 60*86_400_000
		for i, e := range events {
			asked.take(e)
			never.take(e)
			next := end
			if i+1 < len(events) {
				next = events[i+1].At
			}
			for range rapid.IntRange(0, 3).Draw(t, "polls") {
				asked.poll(rapid.Int64Range(e.At, next).Draw(t, "poll"))
			}
		}
		asked.poll(end)
		never.poll(end)
		if !reflect.DeepEqual(asked.clocks, never.clocks) {
			t.Fatalf("asked %+v\nnever %+v", asked.clocks, never.clocks)
		}
		for _, c := range asked.clocks {
			ops := of(asked.log, c)
			if !reflect.DeepEqual(ops, of(never.log, c)) {
				t.Fatalf("asked %+v\nnever %+v", ops, of(never.log, c))
			}
			once := map[string]bool{}
			for i, op := range ops {
				key := fmt.Sprint(op.Verb, op.Pct)
				if (op.Verb == clock.Warn || op.Verb == clock.Breach) && once[key] {
					t.Fatalf("%s comes twice in %+v", key, ops)
				}
				once[key] = true
				if i > 0 && op.At < ops[i-1].At {
					t.Fatalf("time runs backwards in %+v", ops)
				}
			}
			if again := clock.Fire(c, end); again != nil {
				t.Fatalf("once more: %+v", again)
			}
		}
	})
}

// NextAt is exactly when Fire has something to say.
func TestNextAtIsWhenFireSpeaks(t *testing.T) {
	cal := office(t)
	rapid.Check(t, func(t *rapid.T) {
		clocks, err := clock.Replay(anyRules(t), cal, anyEvents(t))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range clocks {
			next := clock.NextAt(c)
			if next == 0 {
				if ops := clock.Fire(c, 1<<60); ops != nil {
					t.Fatalf("never due, but fires %+v", ops)
				}
				continue
			}
			if early, now := clock.Fire(c, next-1), clock.Fire(c, next); early != nil || now == nil {
				t.Fatalf("due at %d: before it %+v, at it %+v", next, early, now)
			}
		}
	})
}

// Notes, edits and corrections between the events, however many and whenever,
// change nothing about any clock.
func TestCommentsMoveNothing(t *testing.T) {
	cal := office(t)
	rapid.Check(t, func(t *rapid.T) {
		rules, events := anyRules(t), anyEvents(t)
		events = append(events, clock.Event{Name: "note", At: events[len(events)-1].At + 40*86_400_000, N: 99})
		var talked []clock.Event
		for i, e := range events {
			talked = append(talked, e)
			if i+1 < len(events) && rapid.Bool().Draw(t, "comment") {
				when := rapid.Int64Range(e.At, events[i+1].At).Draw(t, "when")
				talked = append(talked, clock.Event{Name: "comment", At: when, N: 100 + i})
			}
		}
		quiet, err := clock.Replay(rules, cal, events)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := clock.Replay(rules, cal, talked); err != nil || !reflect.DeepEqual(got, quiet) {
			t.Fatalf("with comments %+v, %v\nwithout %+v", got, err, quiet)
		}
	})
}

// pausing draws a clock of any limit that stands still up to three times before
// it is due, and returns it with the time it stood still, in its own time.
func pausing(t *rapid.T, cal *calendar.Calendar, rules []clock.Rule, start int64) (c clock.Clock, stood int64) {
	l := &live{t: t, rules: rules, cal: cal}
	l.take(clock.Event{Name: "start", At: start, N: 1})
	for range rapid.IntRange(0, 3).Draw(t, "pauses") {
		c := l.clocks[0]
		p := rapid.Int64Range(max(start, l.log[len(l.log)-1].At), max(c.DueAt, start)).Draw(t, "pause")
		r := p + rapid.Int64Range(0, 20*86_400_000).Draw(t, "length")
		l.take(clock.Event{Name: "pause", At: p, N: 2})
		l.take(clock.Event{Name: "resume", At: r, N: 3})
		stood += own(cal, c.Mode, p, r)
	}
	return l.clocks[0], stood
}

func own(cal *calendar.Calendar, m clock.Mode, a, b int64) int64 {
	if m == clock.Natural {
		return b - a
	}
	ms, _ := cal.WorkingBetween(a, b)
	return ms
}

func aStart(t *rapid.T) int64 {
	return calendar.On(2026, 1, 26).Start() + rapid.Int64Range(0, 40*86_400_000).Draw(t, "start")
}

// Pauses add exactly their length to the due moment, in the clock's own time, to
// the millisecond, and take nothing from what is left.
func TestPauseAddsItsLength(t *testing.T) {
	cal := office(t)
	rapid.Check(t, func(t *rapid.T) {
		rules := one("x", anyLimit(t), rapid.SampledFrom([]clock.Mode{clock.Natural, clock.Working}).Draw(t, "mode"))
		start := aStart(t)
		straight, err := clock.Replay(rules, cal, []clock.Event{{Name: "start", At: start, N: 1}})
		if err != nil {
			t.Fatal(err)
		}
		c, stood := pausing(t, cal, rules, start)
		if moved := own(cal, c.Mode, straight[0].DueAt, c.DueAt); c.Breached || moved != stood || c.PausedTotal != stood {
			t.Fatalf("stood still for %d ms; due from %s to %s, moved by %d ms (total %d)", stood, say(straight[0].DueAt), say(c.DueAt), moved, c.PausedTotal)
		}
	})
}

// An extension gives the due moment that the longer limit would have given from
// the start, with the pauses there were; a shorter limit never ends later.
func TestExtensionCountsFromTheStart(t *testing.T) {
	cal := office(t)
	rapid.Check(t, func(t *rapid.T) {
		limit := anyLimit(t)
		mode := rapid.SampledFrom([]clock.Mode{clock.Natural, clock.Working}).Draw(t, "mode")
		more := clock.Limit{N: rapid.IntRange(1, 20).Draw(t, "more"), Unit: limit.Unit}
		c, stood := pausing(t, cal, one("x", limit, mode), aStart(t))
		l := &live{t: t, rules: one("x", limit, mode), cal: cal, clocks: []clock.Clock{c}}
		now := rapid.Int64Range(c.StartedAt, c.DueAt).Draw(t, "when")
		l.take(clock.Event{Name: "extend", At: now, N: 9, Effects: []clock.Effect{{Verb: clock.Extend, Clock: "x", By: more}}})
		long, err := clock.Replay(one("x", clock.Limit{N: limit.N + more.N, Unit: limit.Unit}, mode), cal, []clock.Event{{Name: "start", At: c.StartedAt, N: 1}})
		if err != nil {
			t.Fatal(err)
		}
		got := l.clocks[0]
		if own(cal, mode, long[0].DueAt, got.DueAt) != stood || got.DueAt < c.DueAt || got.StartedAt != c.StartedAt {
			t.Fatalf("%s extended by %s, stood %d ms: due %s; %s from the start: due %s", limit, more, stood, say(got.DueAt), got.Limit, say(long[0].DueAt))
		}
	})
}

// A later start is never due earlier, nor does it warn earlier.
func TestMonotone(t *testing.T) {
	cal := office(t)
	rapid.Check(t, func(t *rapid.T) {
		rules := one("x", anyLimit(t), rapid.SampledFrom([]clock.Mode{clock.Natural, clock.Working}).Draw(t, "mode"))
		a := aStart(t)
		b := a + rapid.Int64Range(0, 10*86_400_000).Draw(t, "later")
		first, err := clock.Replay(rules, cal, []clock.Event{{Name: "start", At: a}})
		if err != nil {
			t.Fatal(err)
		}
		second, err := clock.Replay(rules, cal, []clock.Event{{Name: "start", At: b}})
		if err != nil {
			t.Fatal(err)
		}
		x, y := first[0], second[0]
		if y.DueAt < x.DueAt || x.DueAt < a {
			t.Fatalf("from %s due %s, from %s due %s", say(a), say(x.DueAt), say(b), say(y.DueAt))
		}
		for i, m := range x.Marks {
			if y.Marks[i].At < m.At || m.At > x.DueAt {
				t.Fatalf("from %s it warns at %s, from %s at %s", say(a), say(m.At), say(b), say(y.Marks[i].At))
			}
		}
	})
}
