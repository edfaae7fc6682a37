package text

import (
	"strconv"
	"strings"
	"time"

	"yiwang/internal/base/errs"
)

// CST is China Standard Time, the zone of every time that people read.
var CST = time.FixedZone("CST", 8*3600)

// When says a moment as people do: 今天 15:20, 昨天 15:20, 11月3日 15:20.
func When(l Lang, t, now time.Time) string { return when(l, moment(l, t), t, now) }

// Until says a limit as people do. A limit at midnight ends the day before it:
// 11月30日 24:00, where 12月1日 00:00 would be read as a day more.
func Until(l Lang, t, now time.Time) string {
	day, args := limit(l, t)
	return when(l, args, day, now)
}

// UntilExact says a limit in full, for hovering, for letters and for print.
func UntilExact(l Lang, t time.Time) string {
	_, args := limit(l, t)
	return Say(l, "times.other_year", args)
}

// limit returns the day that a limit belongs to, and how it is said.
func limit(l Lang, t time.Time) (day time.Time, args errs.Args) {
	t = t.In(CST)
	if t.Hour() != 0 || t.Minute() != 0 {
		return t, moment(l, t)
	}
	day = t.Add(-time.Minute)
	args = moment(l, day)
	args["time"] = "24:00"
	return day, args
}

func when(l Lang, args errs.Args, t, now time.Time) string {
	t, now = t.In(CST), now.In(CST)
	switch days := dayNumber(t) - dayNumber(now); {
	case days == 0:
		return Say(l, "times.today", args)
	case days == 1:
		return Say(l, "times.tomorrow", args)
	case days == -1:
		return Say(l, "times.yesterday", args)
	case t.Year() == now.Year():
		return Say(l, "times.this_year", args)
	}
	return Say(l, "times.other_year", args)
}

// Day says a day of these weeks: 11月3日 周二.
func Day(l Lang, t time.Time) string {
	args := moment(l, t)
	args["weekday"] = Say(l, "times.weekday_"+strconv.Itoa(int(t.In(CST).Weekday())), nil)
	return Say(l, "times.day_of_week", args)
}

// Exact says a moment in full, for hovering and for print.
func Exact(l Lang, t time.Time) string {
	t = t.In(CST)
	return Say(l, "times.other_year", moment(l, t))
}

// moment is what the sentences about a moment are filled with.
func moment(l Lang, t time.Time) errs.Args {
	t = t.In(CST)
	return errs.Args{
		"time":  t.Format("15:04"),
		"day":   t.Day(),
		"month": Say(l, "times.month_"+strconv.Itoa(int(t.Month())), nil),
		"year":  t.Year(),
	}
}

// Ago says how long ago a moment was, and its day and time once that is easier
// to grasp: 刚刚, 5 分钟前, 3 小时前, 昨天 15:20.
func Ago(l Lang, t, now time.Time) string {
	d := now.Sub(t)
	switch {
	case d < 0:
		return When(l, t, now)
	case d < time.Minute:
		return Say(l, "times.just_now", nil)
	case d < 6*time.Hour && dayNumber(t.In(CST)) == dayNumber(now.In(CST)):
		return Say(l, "times.ago", errs.Args{"span": Span(l, d)})
	}
	return When(l, t, now)
}

// Left says what remains until a moment, or by how much it is past: 还剩 26 分钟,
// 已超过 2 小时.
func Left(l Lang, due, now time.Time) string {
	if d := due.Sub(now); d >= 0 {
		return Say(l, "times.left", errs.Args{"span": Span(l, d)})
	}
	return Say(l, "times.over", errs.Args{"span": Span(l, now.Sub(due))})
}

// LeftMinutes is what Left says of some minutes, with # for their number, for a
// countdown that a page runs by itself.
func LeftMinutes(l Lang) string {
	return Say(l, "times.left", errs.Args{"span": Say(l, "times.minutes", errs.Args{"n": "#"})})
}

// Span says a length of time by its largest unit, with the next smaller one
// where that still matters: 26 分钟, 3 小时 10 分钟, 2 天 4 小时, 12 天.
func Span(l Lang, d time.Duration) string {
	minutes := int(d / time.Minute)
	switch {
	case minutes < 1:
		return Say(l, "times.under_minute", nil)
	case minutes < 60:
		return count(l, "minute", minutes)
	case minutes < 24*60:
		return two(l, "hour", minutes/60, "minute", minutes%60)
	case minutes < 3*24*60:
		return two(l, "day", minutes/(24*60), "hour", minutes/60%24)
	}
	return count(l, "day", minutes/(24*60))
}

// Limit says a declared time limit, such as "10m", "2h" or "4d"; working says
// that its days are working days. What is not a limit is returned as it is.
func Limit(l Lang, limit, mode string) string {
	units := map[string]string{"m": "minute", "h": "hour", "d": "day"}
	for suffix, unit := range units {
		n, err := strconv.Atoi(strings.TrimSuffix(limit, suffix))
		if err != nil || !strings.HasSuffix(limit, suffix) {
			continue
		}
		if mode == "working" {
			unit = "working_" + unit
		}
		return count(l, unit, n)
	}
	return limit
}

func two(l Lang, big string, n int, small string, m int) string {
	if m == 0 {
		return count(l, big, n)
	}
	return count(l, big, n) + " " + count(l, small, m)
}

func count(l Lang, unit string, n int) string {
	key := "times." + unit + "s"
	if n == 1 {
		key = "times." + unit
	}
	return Say(l, key, errs.Args{"n": n})
}

// dayNumber counts days, so that two moments can be compared by their dates.
func dayNumber(t time.Time) int64 {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400
}
