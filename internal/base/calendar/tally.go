package calendar

import "sort"

// tally sums an amount that every day has: working milliseconds, or workdays. A
// weekly rhythm gives the amount of ordinary days in closed form, so there is no
// first or last day; prefix sums over the few exceptional days do the rest.
type tally struct {
	week  [8]int64 // amount of a week's days before each weekday; [7] is the whole week
	days  []Date   // the exceptional days, ascending
	extra []int64  // extra[i]: what the first i exceptional days add to the rhythm
	start []int64  // start[i]: the amount before days[i]
}

// newTally takes the amount of each weekday and the exceptional days, ascending,
// with the amount each of them really has.
func newTally(weekday [7]int64, days []Date, amount []int64) tally {
	t := tally{days: days, extra: make([]int64, len(days)+1), start: make([]int64, len(days))}
	for i, n := range weekday {
		t.week[i+1] = t.week[i] + n
	}
	for i, d := range days {
		t.start[i] = t.rhythm(d) + t.extra[i]
		t.extra[i+1] = t.extra[i] + amount[i] - weekday[d.Weekday()]
	}
	return t
}

// rhythm returns the amount of the weekly rhythm before day d, counted from the
// Sunday before 1970.
func (t *tally) rhythm(d Date) int64 {
	w, wd := d.week()
	return w*t.week[7] + t.week[wd]
}

// before returns the amount of all days before d, and how many exceptional days
// those are: where d itself is exceptional, it is days[i].
func (t *tally) before(d Date) (amount int64, i int) {
	i = sort.Search(len(t.days), func(i int) bool { return t.days[i] >= d })
	return t.rhythm(d) + t.extra[i], i
}

// reach returns the day on which the running amount reaches n: the first day
// whose end has at least n. The week must have some amount.
func (t *tally) reach(n int64) Date {
	// days[i] and all after it begin with n or more, so the day lies before.
	i := sort.Search(len(t.days), func(i int) bool { return t.start[i] >= n })
	if i > 0 {
		if d := t.days[i-1]; n <= t.rhythm(d+1)+t.extra[i] {
			return d
		}
	}
	n -= t.extra[i]
	week := floorDiv(n-1, t.week[7])
	n -= week * t.week[7] // 1 … the whole week
	wd := 0
	for t.week[wd+1] < n {
		wd++
	}
	return Date(week*7 + int64(wd) - 4) // the inverse of Date.week
}
