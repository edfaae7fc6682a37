package clock_test

import (
	"os"
	"testing"
	"time"

	"yiwang/internal/base/calendar"
	"yiwang/internal/core/clock"
)

// facts stands in for what a lifecycle knows of a case: here its nature.
type facts struct{ nature string }

func natured(nature string) func(clock.Event) bool {
	return func(e clock.Event) bool { f, ok := e.Facts.(facts); return ok && f.nature == nature }
}

// appeal are the clocks of a citizen's appeal: the rule set 10-30-24, the city's
// limits by nature, and the machine's own archive timer. The handling clock
// stands still while the answer is audited and goes on if the audit fails.
func appeal() []clock.Rule {
	handle := func(title string, l clock.Limit, m clock.Mode, when func(clock.Event) bool) clock.Rule {
		return clock.Rule{Code: "handle", Title: title, Of: "unit", RuleSet: "appeal", Version: "2026-1",
			Start: []string{"dispatch"}, Stop: []string{"pass"}, Cancel: []string{"recall", "withdraw"},
			Pause: []string{"resolve"}, Resume: []string{"fail"}, Pausable: true,
			Limit: l, Mode: m, When: when, WarnAt: []int{50, 80}}
	}
	return []clock.Rule{
		{Code: "dispatch", Title: "分拨", Of: "centre", RuleSet: "appeal", Version: "2026-1",
			Start: []string{"file", "recall"}, Stop: []string{"dispatch"}, Cancel: []string{"withdraw"}, Restart: clock.Again,
			Limit: clock.Limit{N: 2, Unit: clock.Hour}, Mode: clock.Natural, WarnAt: []int{50, 80}},
		{Code: "sign", Title: "10分钟签收", Of: "unit", RuleSet: "10-30-24", Version: "2026-1",
			Start: []string{"dispatch", "redispatch"}, Stop: []string{"sign"}, Cancel: []string{"recall", "withdraw"}, Restart: clock.Again,
			Limit: clock.Limit{N: 10, Unit: clock.Minute}, Mode: clock.Natural, WarnAt: []int{50, 80}},
		{Code: "contact", Title: "30分钟联系", Of: "unit", RuleSet: "10-30-24", Version: "2026-1",
			Start: []string{"sign"}, Stop: []string{"contact"}, Cancel: []string{"redispatch", "recall", "withdraw"}, Restart: clock.Again,
			Limit: clock.Limit{N: 30, Unit: clock.Minute}, Mode: clock.Natural, WarnAt: []int{80}},
		{Code: "feedback", Title: "24小时反馈", Of: "unit", RuleSet: "10-30-24", Version: "2026-1",
			Start: []string{"dispatch"}, Stop: []string{"report", "resolve"}, Cancel: []string{"recall", "withdraw"},
			Limit: clock.Limit{N: 24, Unit: clock.Hour}, Mode: clock.Natural, WarnAt: []int{80}},
		handle("速办", clock.Limit{N: 2, Unit: clock.Hour}, clock.Natural, natured("速办")),
		handle("咨询办理", clock.Limit{N: 2, Unit: clock.Day}, clock.Working, natured("咨询")),
		handle("求助办理", clock.Limit{N: 4, Unit: clock.Day}, clock.Working, natured("求助")),
		handle("投诉建议举报办理", clock.Limit{N: 10, Unit: clock.Day}, clock.Working, nil),
		{Code: "settle", Title: "归档", Of: clock.Nobody, RuleSet: "appeal", Version: "2026-1",
			Start: []string{"close"}, Stop: []string{"archive"}, Cancel: []string{"rework"}, Restart: clock.Again,
			Limit: clock.Limit{N: 7, Unit: clock.Day}, Mode: clock.Natural, Then: "archive"},
	}
}

// permit is the lawful clock of a decision on a permit, 行政许可法 42 and 45.
func permit() []clock.Rule {
	return []clock.Rule{{Code: "decide", Title: "二十日内决定", Of: "unit", RuleSet: "permit", Version: "2026-1",
		Start: []string{"accept"}, Stop: []string{"grant", "deny"}, Cancel: []string{"withdraw"},
		Limit: clock.Limit{N: 20, Unit: clock.Day}, Mode: clock.Working, WarnAt: []int{50, 80}, Pausable: true}}
}

// office is the demo city's calendar: seven working hours in two periods.
func office(t testing.TB) *calendar.Calendar {
	t.Helper()
	f, err := os.Open("../../../city/demo/calendar/days.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	days, problems := calendar.ReadDays(f)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return calendarOf(t, days)
}

func calendarOf(t testing.TB, days []calendar.Day) *calendar.Calendar {
	t.Helper()
	spec := calendar.Spec{Days: days}
	for wd := time.Monday; wd <= time.Friday; wd++ {
		spec.Week[wd] = []calendar.Period{{From: 9 * 60, To: 12 * 60}, {From: 14 * 60, To: 18 * 60}}
	}
	cal, err := calendar.New(spec)
	if err != nil {
		t.Fatal(err)
	}
	return cal
}

// at reads a China Standard Time such as "2026-02-13 16:00".
func at(t testing.TB, s string) int64 {
	t.Helper()
	v, err := time.ParseInLocation("2006-01-02 15:04", s, calendar.Zone)
	if err != nil {
		t.Fatal(err)
	}
	return v.UnixMilli()
}

func say(t int64) string { return time.UnixMilli(t).In(calendar.Zone).Format("2006-01-02 15:04") }
