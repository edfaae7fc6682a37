package calendar

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"yiwang/internal/base/errs"
)

// Undeclared is a warning that comes with every result: the first year, among
// those the result rests on, whose public holidays nobody has declared, so that
// only weekends were left out of it. It is 0 where all are declared.
type Undeclared int

// Calendar knows when the office works. It is safe for concurrent use.
type Calendar struct {
	week    [7]hours
	odd     []hours // hours of the exceptional days, as in work.days
	work    tally   // working milliseconds
	days    tally   // workdays
	covered []run   // the declared years, consecutive ones joined, ascending
}

// run is a stretch of declared years, to exclusive, in milliseconds.
type run struct{ from, to int64 }

// New builds the calendar of a declaration. It refuses one in which Check finds
// a Fault, with the first fault as an Invalid error.
func New(s Spec) (*Calendar, error) {
	for _, p := range s.Check() {
		if p.Severity == Fault {
			return nil, errs.E(errs.Invalid, p.Key, p.Args)
		}
	}
	c := &Calendar{}
	var weekMs, weekDays [7]int64
	for wd, periods := range s.Week {
		c.week[wd] = newHours(periods)
		weekMs[wd], weekDays[wd] = c.week[wd].total, c.week[wd].workday()
	}
	makeup := newHours(s.makeup())
	odd := slices.SortedFunc(slices.Values(s.Days), func(a, b Day) int { return cmp.Compare(a.Date, b.Date) })
	var dates []Date
	var oddMs, oddDays []int64
	for _, d := range odd {
		h := hours{}
		if d.Kind == MakeupWorkday {
			h = makeup
			if w := c.week[d.Date.Weekday()]; w.total > 0 {
				h = w
			}
		}
		c.odd = append(c.odd, h)
		dates = append(dates, d.Date)
		oddMs = append(oddMs, h.total)
		oddDays = append(oddDays, h.workday())
	}
	c.work = newTally(weekMs, dates, oddMs)
	c.days = newTally(weekDays, dates, oddDays)
	c.covered = runs(s.declaredYears())
	return c, nil
}

func runs(years map[int]bool) (out []run) {
	for _, y := range slices.Sorted(maps.Keys(years)) {
		r := run{On(y, time.January, 1).Start(), On(y+1, time.January, 1).Start()}
		if n := len(out); n > 0 && out[n-1].to == r.from {
			out[n-1].to = r.to
		} else {
			out = append(out, r)
		}
	}
	return out
}

// Covered reports whether the public holidays of a year are declared. Where they
// are not, only weekends are left out, and results say so (see Undeclared). A
// year counts as declared once its National Day is.
func (c *Calendar) Covered(year int) bool {
	t := On(year, time.January, 1).Start()
	return slices.ContainsFunc(c.covered, func(r run) bool { return r.from <= t && t < r.to })
}

// undeclared returns the first year between a and b without declared holidays.
func (c *Calendar) undeclared(a, b int64) Undeclared {
	a, b = min(a, b), max(a, b)
	for _, r := range c.covered {
		if r.from <= a && a < r.to {
			if b < r.to {
				return 0
			}
			a = r.to
		}
	}
	return Undeclared(DateOf(a).Year())
}

// IsWorkday reports whether the office works on a day. Ask Covered about its
// year to know whether holidays went into the answer.
func (c *Calendar) IsWorkday(d Date) bool {
	_, i := c.work.before(d)
	return c.hoursOf(d, i).total > 0
}

// AddWorking returns the instant at which the office has worked so many minutes
// since t (UTC milliseconds). Where they end with a period, that is the period's
// end and not the next one's beginning: four hours from Friday 14:00 end on
// Friday at 18:00. A negative number counts back, to the latest such instant.
func (c *Calendar) AddWorking(t int64, minutes int) (int64, Undeclared) {
	return c.AddWorkingMs(t, int64(minutes)*minuteMs)
}

// AddWorkingMs is AddWorking in milliseconds.
func (c *Calendar) AddWorkingMs(t, ms int64) (int64, Undeclared) {
	end := t
	switch worked := c.worked(t) + ms; {
	case ms > 0:
		end = c.reached(worked)
	case ms < 0: // one millisecond before the next one begins to count
		end = c.reached(worked+1) - 1
	}
	return end, c.undeclared(t, end)
}

// WorkingBetween returns the working time from a to b in milliseconds; it is
// negative where b is the earlier.
func (c *Calendar) WorkingBetween(a, b int64) (int64, Undeclared) {
	return c.worked(b) - c.worked(a), c.undeclared(a, b)
}

// AddWorkdays returns the end of a legal limit of n working days that begins at
// t. The day of t is not counted, at whatever hour and whether or not it is a
// workday (民法典 201); holidays and weekends are not counted, make-up workdays
// are (行政许可法 82); the limit ends at the close of business of the n-th workday
// (民法典 203). With n of 0 or less it ends at the first close of business at or
// after t.
func (c *Calendar) AddWorkdays(t int64, n int) (int64, Undeclared) {
	start := DateOf(t)
	upTo, _ := c.days.before(start + 1)
	if n <= 0 {
		n = 0
		if !c.IsWorkday(start) || c.closing(start) < t {
			n = 1
		}
	}
	end := c.closing(c.days.reach(upTo + int64(n)))
	return end, c.undeclared(t, end)
}

// AddNaturalDays returns the end of a legal limit of n calendar days that begins
// at t. The day of t is not counted (民法典 201); a limit whose last day is no
// workday ends with the next workday; it ends at 24:00, since time that runs on
// without office hours has no close of business (民法典 203). An n below 0 is 0.
func (c *Calendar) AddNaturalDays(t int64, n int) (int64, Undeclared) {
	last := DateOf(t) + Date(max(n, 0))
	if !c.IsWorkday(last) {
		upTo, _ := c.days.before(last)
		last = c.days.reach(upTo + 1)
	}
	end := (last + 1).Start()
	return end, c.undeclared(t, last.Start())
}

// worked returns the working milliseconds before t since a fixed beginning.
func (c *Calendar) worked(t int64) int64 {
	d := DateOf(t)
	ms, i := c.work.before(d)
	return ms + c.hoursOf(d, i).before(t-d.Start())
}

// reached returns the first instant before which worked milliseconds lie.
func (c *Calendar) reached(worked int64) int64 {
	d := c.work.reach(worked)
	ms, i := c.work.before(d)
	return d.Start() + c.hoursOf(d, i).reach(worked-ms)
}

// closing returns the close of business of a workday.
func (c *Calendar) closing(d Date) int64 {
	_, i := c.work.before(d)
	h := c.hoursOf(d, i)
	return d.Start() + h.reach(h.total)
}

// hoursOf returns the hours of day d, before which lie i exceptional days.
func (c *Calendar) hoursOf(d Date, i int) *hours {
	if i < len(c.odd) && c.work.days[i] == d {
		return &c.odd[i]
	}
	return &c.week[d.Weekday()]
}

// hours are the working periods of a day, in milliseconds after midnight.
type hours struct {
	periods []Period
	total   int64
}

func newHours(periods []Period) hours {
	h := hours{periods: sortPeriods(periods)}
	for i, p := range h.periods {
		p = Period{p.From * int(minuteMs), p.To * int(minuteMs)}
		h.periods[i] = p
		h.total += int64(p.To - p.From)
	}
	return h
}

// workday is 1 for a day with working hours and 0 for one without.
func (h *hours) workday() int64 { return min(h.total, 1) }

// before returns the working time before an offset into the day.
func (h *hours) before(offset int64) (ms int64) {
	for _, p := range h.periods {
		ms += max(0, min(offset, int64(p.To))-int64(p.From))
	}
	return ms
}

// reach returns the first offset with so much working time before it, which is
// more than none and no more than the day has.
func (h *hours) reach(ms int64) int64 {
	for _, p := range h.periods {
		length := int64(p.To - p.From)
		if ms <= length {
			return int64(p.From) + ms
		}
		ms -= length
	}
	return dayMs
}
