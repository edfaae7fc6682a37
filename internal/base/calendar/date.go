package calendar

import "time"

// Zone is China Standard Time. It is fixed: the summer time of 1986–1991 is
// older than any case here.
var Zone = time.FixedZone("CST", 8*60*60)

const (
	zoneMs   = 8 * 60 * minuteMs
	minuteMs = int64(60_000)
	dayMs    = 24 * 60 * minuteMs
)

// Date is a day in China Standard Time, counted from 1970-01-01.
type Date int32

// DateOf returns the day on which the instant t (UTC milliseconds) falls.
func DateOf(t int64) Date { return Date(floorDiv(t+zoneMs, dayMs)) }

// On returns the Date of a year, month and day of the month.
func On(year int, month time.Month, day int) Date {
	return Date(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86_400)
}

// ParseDate reads a day written 2026-02-14.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, err
	}
	return Date(t.Unix() / 86_400), nil
}

// String writes the day as 2026-02-14.
func (d Date) String() string { return d.utc().Format(time.DateOnly) }

// Year returns the calendar year of the day.
func (d Date) Year() int { return d.utc().Year() }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { _, wd := d.week(); return time.Weekday(wd) }

// Start returns the instant, in UTC milliseconds, of the day's 00:00. The day's
// 24:00 is the Start of the next.
func (d Date) Start() int64 { return int64(d)*dayMs - zoneMs }

// week returns the number of the week, which begins on Sunday, and the weekday.
// The first of January 1970 was a Thursday.
func (d Date) week() (week, weekday int64) {
	n := int64(d) + int64(time.Thursday)
	week = floorDiv(n, 7)
	return week, n - 7*week
}

// utc is the day's midnight as if in UTC: good for naming it, not for its start.
func (d Date) utc() time.Time { return time.Unix(int64(d)*86_400, 0).UTC() }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
