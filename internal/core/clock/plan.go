package clock

import "yiwang/internal/base/calendar"

const (
	minuteMs = int64(60_000)
	hourMs   = 60 * minuteMs
)

// plan works out when a clock is due that started at start and stood still for
// paused milliseconds of its own time, and when it warns beyond the percentage
// warned. It always reckons from the start: neither an extension nor a pause can
// make it forget time used up.
func plan(cal *calendar.Calendar, t Terms, start, paused int64, warned int) Plan {
	base, u1 := limitEnd(cal, t, start)
	span, _ := between(cal, t.Mode, start, base)
	due, u2 := shift(cal, t.Mode, base, paused)
	p := Plan{DueAt: due, Undeclared: u1}
	if u1 == 0 {
		p.Undeclared = u2
	}
	for _, pct := range t.WarnAt {
		if pct > warned {
			at, _ := shift(cal, t.Mode, start, span*int64(pct)/100+paused)
			p.Marks = append(p.Marks, Mark{pct, at})
		}
	}
	return p
}

// beyond returns the marks above a percentage.
func beyond(marks []Mark, pct int) []Mark {
	for i, m := range marks {
		if m.Pct > pct {
			return marks[i:]
		}
	}
	return nil
}

// limitEnd returns where the limit ends if the clock never stands still.
func limitEnd(cal *calendar.Calendar, t Terms, start int64) (int64, calendar.Undeclared) {
	switch {
	case t.Limit.Unit == Minute:
		return shift(cal, t.Mode, start, int64(t.Limit.N)*minuteMs)
	case t.Limit.Unit == Hour:
		return shift(cal, t.Mode, start, int64(t.Limit.N)*hourMs)
	case t.Mode == Working:
		return cal.AddWorkdays(start, t.Limit.N)
	}
	return cal.AddNaturalDays(start, t.Limit.N)
}

// shift returns the instant ms milliseconds of a mode's time after t.
func shift(cal *calendar.Calendar, m Mode, t, ms int64) (int64, calendar.Undeclared) {
	if m == Working {
		return cal.AddWorkingMs(t, ms)
	}
	return t + ms, 0
}

// between returns the milliseconds of a mode's time from a to b.
func between(cal *calendar.Calendar, m Mode, a, b int64) (int64, calendar.Undeclared) {
	if m == Working {
		return cal.WorkingBetween(a, b)
	}
	return b - a, 0
}
