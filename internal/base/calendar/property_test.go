package calendar_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"yiwang/internal/base/calendar"
)

const minute = int64(60_000)

// anySpec draws a declaration without faults: any periods on any weekdays, and
// holidays and make-up workdays in some weeks around the turn of a year.
func anySpec(t *rapid.T) calendar.Spec {
	var s calendar.Spec
	periods := func(label string) (out []calendar.Period) {
		from := 0
		for range rapid.IntRange(1, 3).Draw(t, label) {
			from += rapid.IntRange(0, 300).Draw(t, "gap")
			to := from + rapid.IntRange(1, 180).Draw(t, "length")
			out = append(out, calendar.Period{From: from, To: to})
			from = to
		}
		return out
	}
	for wd := range s.Week {
		if wd == int(time.Monday) || rapid.Bool().Draw(t, "works") {
			s.Week[wd] = periods("periods")
		}
	}
	if rapid.Bool().Draw(t, "makeup hours") {
		s.Makeup = periods("makeup periods")
	}
	first := calendar.On(2025, time.December, 1)
	for i := range 90 {
		switch rapid.IntRange(0, 9).Draw(t, "day") {
		case 0:
			s.Days = append(s.Days, calendar.Day{Date: first + calendar.Date(i), Kind: calendar.PublicHoliday})
		case 1:
			s.Days = append(s.Days, calendar.Day{Date: first + calendar.Date(i), Kind: calendar.MakeupWorkday})
		}
	}
	return s
}

// slow is the oracle: it looks at one minute after another.
type slow struct {
	spec  calendar.Spec
	kinds map[string]calendar.Kind
}

func oracle(spec calendar.Spec) slow {
	o := slow{spec, map[string]calendar.Kind{}}
	for _, d := range spec.Days {
		o.kinds[d.Date.String()] = d.Kind
	}
	return o
}

func (o slow) periods(day time.Time) []calendar.Period {
	week := o.spec.Week[day.Weekday()]
	switch kind := o.kinds[day.Format(time.DateOnly)]; {
	case kind == calendar.PublicHoliday:
		return nil
	case kind == "" || len(week) > 0:
		return week
	case len(o.spec.Makeup) > 0:
		return o.spec.Makeup
	}
	return o.spec.Week[time.Monday]
}

func (o slow) works(t int64) bool {
	local := time.UnixMilli(t).In(calendar.Zone)
	m := local.Hour()*60 + local.Minute()
	for _, p := range o.periods(local) {
		if p.From <= m && m < p.To {
			return true
		}
	}
	return false
}

func (o slow) addWorking(t int64, minutes int) int64 {
	for minutes > 0 {
		if o.works(t) {
			minutes--
		}
		t += minute
	}
	for minutes < 0 {
		t -= minute
		if o.works(t) {
			minutes++
		}
	}
	return t
}

func (o slow) between(a, b int64) (ms int64) {
	for ; a < b; a += minute {
		if o.works(a) {
			ms += minute
		}
	}
	return ms
}

func (o slow) addWorkdays(t int64, n int) int64 {
	day := time.UnixMilli(t).In(calendar.Zone)
	day = time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, calendar.Zone)
	for {
		day = day.AddDate(0, 0, 1)
		if p := o.periods(day); len(p) > 0 {
			if n--; n == 0 {
				return day.UnixMilli() + int64(p[len(p)-1].To)*minute
			}
		}
	}
}

func aTime(t *rapid.T, label string) int64 {
	start := calendar.On(2025, time.November, 20).Start()
	return start + rapid.Int64Range(0, 110*24*60).Draw(t, label)*minute
}

// The calendar agrees with the oracle on any declaration.
func TestAgreesWithTheOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := anySpec(t)
		cal, err := calendar.New(spec)
		if err != nil {
			t.Fatal(err)
		}
		oracle := oracle(spec)
		a, n := aTime(t, "a"), rapid.IntRange(-1000, 1000).Draw(t, "minutes")
		if got, _ := cal.AddWorking(a, n); got != oracle.addWorking(a, n) {
			t.Fatalf("%s + %d min = %s, the oracle says %s", say(a), n, say(got), say(oracle.addWorking(a, n)))
		}
		b := a + rapid.Int64Range(0, 6*24*60).Draw(t, "apart")*minute
		if got, _ := cal.WorkingBetween(a, b); got != oracle.between(a, b) {
			t.Fatalf("%d ms between %s and %s, the oracle says %d", got, say(a), say(b), oracle.between(a, b))
		}
		days := rapid.IntRange(1, 30).Draw(t, "days")
		if got, _ := cal.AddWorkdays(a, days); got != oracle.addWorkdays(a, days) {
			t.Fatalf("%s + %d workdays = %s, the oracle says %s", say(a), days, say(got), say(oracle.addWorkdays(a, days)))
		}
		if d := calendar.DateOf(a); cal.IsWorkday(d) != (len(oracle.periods(time.UnixMilli(a).In(calendar.Zone))) > 0) {
			t.Fatalf("IsWorkday(%s) = %v", d, cal.IsWorkday(d))
		}
	})
}

// Adding working time and measuring it are inverse, to the millisecond, forwards
// and backwards, however far from the declared years.
func TestAddingAndMeasuringAreInverse(t *testing.T) {
	cal := office(t)
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Int64Range(-4e12, 4e12).Draw(t, "a")
		ms := rapid.Int64Range(-1e10, 1e10).Draw(t, "ms")
		end, u := cal.AddWorkingMs(a, ms)
		if got, v := cal.WorkingBetween(a, end); got != ms || u != v {
			t.Fatalf("%d ms from %d end at %d, which is %d ms later (undeclared %d, %d)", ms, a, end, got, u, v)
		}
		// In two steps or in one: the same end.
		first := rapid.Int64Range(0, 1e10).Draw(t, "first")
		second := rapid.Int64Range(0, 1e10).Draw(t, "second")
		mid, _ := cal.AddWorkingMs(a, first)
		two, _ := cal.AddWorkingMs(mid, second)
		if one, _ := cal.AddWorkingMs(a, first+second); one != two {
			t.Fatalf("%d and %d ms from %d end at %d, together at %d", first, second, a, two, one)
		}
	})
}

// More working time never ends earlier, nor does a later start.
func TestMonotone(t *testing.T) {
	cal := office(t)
	rapid.Check(t, func(t *rapid.T) {
		a := aTime(t, "a")
		b := a + rapid.Int64Range(0, 1e9).Draw(t, "later")
		n := rapid.IntRange(0, 10_000).Draw(t, "minutes")
		more := n + rapid.IntRange(0, 1000).Draw(t, "more")
		endA, _ := cal.AddWorking(a, n)
		endB, _ := cal.AddWorking(b, n)
		endMore, _ := cal.AddWorking(a, more)
		if endA < a || endB < endA || endMore < endA {
			t.Fatalf("%s + %d = %s; from %s: %s; + %d: %s", say(a), n, say(endA), say(b), say(endB), more, say(endMore))
		}
		days := rapid.IntRange(0, 60).Draw(t, "days")
		dayA, _ := cal.AddWorkdays(a, days)
		dayB, _ := cal.AddWorkdays(b, days)
		dayMore, _ := cal.AddWorkdays(a, days+1)
		if dayA < a || dayB < dayA || dayMore < dayA || days > 0 && dayMore == dayA {
			t.Fatalf("%s + %d days = %s; from %s: %s; one more: %s", say(a), days, say(dayA), say(b), say(dayB), say(dayMore))
		}
	})
}
