package clock_test

import (
	"testing"

	"yiwang/internal/core/clock"
)

// BenchmarkStep is the event that does most: a dispatch stops one clock and
// starts three, one of them over the Spring Festival.
func BenchmarkStep(b *testing.B) {
	rules, cal := appeal(), office(b)
	clocks := run(b, rules, event(b, "file", "2026-02-12 09:30"))
	e := event(b, "dispatch", "2026-02-12 09:31")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := clock.Step(rules, cal, clocks, e); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFire is what every due row of the clock table costs.
func BenchmarkFire(b *testing.B) {
	c := run(b, appeal(), event(b, "file", "2026-02-12 09:30"))[0]
	now := c.DueAt + 1
	b.ReportAllocs()
	for b.Loop() {
		if len(clock.Fire(c, now)) != 3 {
			b.Fatal("it does not fire")
		}
	}
}

// BenchmarkReplay folds a whole case of ten events.
func BenchmarkReplay(b *testing.B) {
	rules, cal := appeal(), office(b)
	var events []clock.Event
	for i, name := range []string{"file", "dispatch", "redispatch", "sign", "contact", "report", "resolve", "fail", "resolve", "pass"} {
		events = append(events, clock.Event{Name: name, At: at(b, "2026-02-12 09:30") + int64(i)*3_600_000, N: i + 1})
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := clock.Replay(rules, cal, events); err != nil {
			b.Fatal(err)
		}
	}
}
