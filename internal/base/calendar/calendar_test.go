package calendar_test

import (
	"os"
	"testing"
	"time"

	"yiwang/internal/base/calendar"
)

// office is the demo city's calendar: Monday to Friday 09:00–12:00 and
// 14:00–18:00, seven hours a day, with the holidays of 2024 to 2026.
func office(t testing.TB) *calendar.Calendar {
	t.Helper()
	f, err := os.Open("../../../city/demo/calendar/days.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	days, problems := calendar.ReadDays(f)
	spec := calendar.Spec{Week: officeWeek(), Days: days}
	if problems = append(problems, spec.Check()...); len(problems) > 0 {
		t.Fatalf("the demo city's days have problems: %v", problems)
	}
	cal, err := calendar.New(spec)
	if err != nil {
		t.Fatal(err)
	}
	return cal
}

func officeWeek() (week [7][]calendar.Period) {
	for wd := time.Monday; wd <= time.Friday; wd++ {
		week[wd] = []calendar.Period{{From: 9 * 60, To: 12 * 60}, {From: 14 * 60, To: 18 * 60}}
	}
	return week
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

// Legal limits in working days, counted by hand on the State Council's notices.
func TestAddWorkdays(t *testing.T) {
	cal := office(t)
	for _, c := range []struct {
		why   string
		start string
		n     int
		want  string
	}{
		{"the start day does not count, though it is a morning", "2026-03-02 09:00", 1, "2026-03-03 18:00"},
		{"nor does it after office hours", "2026-03-02 22:00", 1, "2026-03-03 18:00"},
		{"a start on Saturday: Monday is the first day", "2026-03-07 10:00", 1, "2026-03-09 18:00"},
		{"over a plain weekend", "2026-03-05 10:00", 4, "2026-03-11 18:00"},

		// Spring Festival 2024: off 10–17 February; Sundays 4 and 18 worked.
		{"2024: Friday 2 is day 1", "2024-02-01 10:00", 1, "2024-02-02 18:00"},
		{"2024: make-up Sunday 4 is day 2", "2024-02-01 10:00", 2, "2024-02-04 18:00"},
		{"2024: New Year's Eve is worked, day 7", "2024-02-01 10:00", 7, "2024-02-09 18:00"},
		{"2024: make-up Sunday 18 is day 8", "2024-02-01 10:00", 8, "2024-02-18 18:00"},
		{"2024: ten days", "2024-02-01 10:00", 10, "2024-02-20 18:00"},

		// Spring Festival 2025: off 28 January–4 February; Sunday 26 January and
		// Saturday 8 February worked.
		{"2025: make-up Sunday 26 is day 1", "2025-01-24 17:59", 1, "2025-01-26 18:00"},
		{"2025: Monday 27 is day 2", "2025-01-24 17:59", 2, "2025-01-27 18:00"},
		{"2025: the first day back is day 3", "2025-01-24 17:59", 3, "2025-02-05 18:00"},
		{"2025: make-up Saturday 8 is day 6", "2025-01-24 17:59", 6, "2025-02-08 18:00"},
		{"2025: ten days", "2025-01-24 17:59", 10, "2025-02-13 18:00"},

		// Spring Festival 2026: off 15–23 February; Saturdays 14 and 28 worked.
		{"2026: make-up Saturday 14 is day 2", "2026-02-12 10:00", 2, "2026-02-14 18:00"},
		{"2026: the first day back is day 3", "2026-02-12 10:00", 3, "2026-02-24 18:00"},
		{"2026: make-up Saturday 28 is day 7", "2026-02-12 10:00", 7, "2026-02-28 18:00"},
		{"2026: ten days", "2026-02-12 10:00", 10, "2026-03-04 18:00"},
		{"2026: a start in the holiday itself", "2026-02-18 10:00", 1, "2026-02-24 18:00"},

		{"year end 2024: New Year's Day is off", "2024-12-31 10:00", 1, "2025-01-02 18:00"},
		{"year end 2025: 1–3 January off, Sunday 4 worked", "2025-12-30 10:00", 2, "2026-01-04 18:00"},
		{"year end 2025: and then Monday", "2025-12-30 10:00", 3, "2026-01-05 18:00"},

		{"none: the close of the same day", "2026-03-02 09:00", 0, "2026-03-02 18:00"},
		{"none, after the close: the next workday's", "2026-03-06 19:00", 0, "2026-03-09 18:00"},
		{"none, on a holiday", "2026-02-18 10:00", 0, "2026-02-24 18:00"},
	} {
		got, undeclared := cal.AddWorkdays(at(t, c.start), c.n)
		if say(got) != c.want || undeclared != 0 {
			t.Errorf("%s: %s + %d workdays = %s (undeclared %d), want %s", c.why, c.start, c.n, say(got), undeclared, c.want)
		}
	}
}

// Limits in working minutes: seven hours a day in two periods.
func TestAddWorking(t *testing.T) {
	cal := office(t)
	for _, c := range []struct {
		why     string
		start   string
		minutes int
		want    string
	}{
		{"within a morning", "2026-03-02 09:00", 60, "2026-03-02 10:00"},
		{"over the noon break", "2026-03-02 11:30", 60, "2026-03-02 14:30"},
		{"a limit that fills the morning ends with it", "2026-03-02 09:00", 180, "2026-03-02 12:00"},
		{"one more minute is in the afternoon", "2026-03-02 09:00", 181, "2026-03-02 14:01"},
		{"from the noon break", "2026-03-02 12:30", 10, "2026-03-02 14:10"},
		{"after office hours it begins the next morning", "2026-03-02 20:00", 10, "2026-03-03 09:10"},
		{"before office hours", "2026-03-03 06:00", 10, "2026-03-03 09:10"},
		{"Friday night begins on Monday", "2026-03-06 20:00", 10, "2026-03-09 09:10"},
		{"a whole day", "2026-03-02 10:00", 420, "2026-03-03 10:00"},
		{"no time at all, at night", "2026-03-02 20:00", 0, "2026-03-02 20:00"},
		{"2024: Friday into the make-up Sunday", "2024-02-02 17:00", 120, "2024-02-04 10:00"},
		{"2024: over the holiday into the make-up Sunday", "2024-02-09 17:00", 120, "2024-02-18 10:00"},
		{"2025: over the holiday, and the make-up Sunday before it", "2025-01-24 17:00", 60 + 420 + 420 + 60, "2025-02-05 10:00"},
		{"2026: Friday into the make-up Saturday", "2026-02-13 16:00", 240, "2026-02-14 11:00"},
		{"2026: a limit that fills the make-up Saturday ends with it", "2026-02-13 16:00", 540, "2026-02-14 18:00"},
		{"2026: over the holiday", "2026-02-13 16:00", 600, "2026-02-24 10:00"},
		{"2026: from within the holiday", "2026-02-17 00:00", 30, "2026-02-24 09:30"},
		{"year end", "2025-12-31 17:30", 60, "2026-01-04 09:30"},
		{"backwards over the noon break", "2026-03-02 14:30", -60, "2026-03-02 11:30"},
		{"backwards to the beginning of a day", "2026-03-02 10:00", -60, "2026-03-02 09:00"},
		{"backwards over a weekend", "2026-03-09 09:30", -60, "2026-03-06 17:30"},
	} {
		start := at(t, c.start)
		got, undeclared := cal.AddWorking(start, c.minutes)
		if say(got) != c.want || undeclared != 0 {
			t.Errorf("%s: %s + %d min = %s (undeclared %d), want %s", c.why, c.start, c.minutes, say(got), undeclared, c.want)
		}
		if ms, _ := cal.WorkingBetween(start, got); ms != int64(c.minutes)*60_000 {
			t.Errorf("%s: %d ms lie between, want %d min", c.why, ms, c.minutes)
		}
	}
}

// Calendar days: the start day does not count, the last one must be a workday,
// and it ends at midnight.
func TestAddNaturalDays(t *testing.T) {
	cal := office(t)
	for _, c := range []struct {
		why   string
		start string
		n     int
		want  string
	}{
		{"a week", "2026-03-02 10:00", 7, "2026-03-10 00:00"},
		{"ending on Saturday: Monday 24:00", "2026-03-02 10:00", 5, "2026-03-10 00:00"},
		{"ending on the make-up Saturday 14: that day 24:00", "2026-02-12 10:00", 2, "2026-02-15 00:00"},
		{"ending in the holiday: Tuesday 24, 24:00", "2026-02-12 10:00", 7, "2026-02-25 00:00"},
	} {
		if got, u := cal.AddNaturalDays(at(t, c.start), c.n); say(got) != c.want || u != 0 {
			t.Errorf("%s: %s + %d days = %s (undeclared %d), want %s", c.why, c.start, c.n, say(got), u, c.want)
		}
	}
}

// The law gives 11 public holidays a year, 13 from 2025; make-up days move work
// but add none. So a year's workdays are its weekdays less the holidays.
func TestWorkdaysOfTheYears(t *testing.T) {
	cal := office(t)
	for year, want := range map[int]int{2024: 262 - 11, 2025: 261 - 13, 2026: 261 - 13} {
		got := 0
		for d := calendar.On(year, time.January, 1); d < calendar.On(year+1, time.January, 1); d++ {
			if cal.IsWorkday(d) {
				got++
			}
		}
		if got != want {
			t.Errorf("%d has %d workdays, want %d", year, got, want)
		}
	}
}

// A year that nobody declared goes by weekends, and every result that rests on
// it says so.
func TestUndeclaredYears(t *testing.T) {
	cal := office(t)
	for year, want := range map[int]bool{2023: false, 2024: true, 2026: true, 2027: false} {
		if cal.Covered(year) != want {
			t.Errorf("Covered(%d) = %v", year, !want)
		}
	}
	end, u := cal.AddWorkdays(at(t, "2026-12-30 10:00"), 2)
	if say(end) != "2027-01-01 18:00" || u != 2027 {
		t.Errorf("into 2027: %s, undeclared %d", say(end), u)
	}
	if _, u := cal.AddWorking(at(t, "2026-12-31 17:00"), 60); u != 0 {
		t.Errorf("to the last working minute of 2026: undeclared %d", u)
	}
	if _, u := cal.AddWorking(at(t, "2026-12-31 17:00"), 61); u != 2027 {
		t.Errorf("to the first working minute of 2027: undeclared %d", u)
	}
	if _, u := cal.WorkingBetween(at(t, "2026-01-01 00:00"), at(t, "2023-12-31 23:59")); u != 2023 {
		t.Errorf("back into 2023: undeclared %d", u)
	}
	if _, u := cal.AddNaturalDays(at(t, "2026-12-30 10:00"), 1); u != 0 {
		t.Errorf("to the midnight that ends 2026: undeclared %d", u)
	}
	partly := calendar.Spec{Week: officeWeek(), Days: []calendar.Day{
		{Date: calendar.On(2027, time.January, 1), Name: "元旦", Kind: calendar.PublicHoliday, Line: 2}}}
	half, err := calendar.New(partly)
	if err != nil {
		t.Fatal(err)
	}
	if half.Covered(2027) {
		t.Error("a year with nothing but New Year's Day counts as declared")
	}
}

func TestDate(t *testing.T) {
	d, err := calendar.ParseDate("2026-02-14")
	if err != nil {
		t.Fatal(err)
	}
	if d.String() != "2026-02-14" || d.Year() != 2026 || d.Weekday() != time.Saturday || say(d.Start()) != "2026-02-14 00:00" {
		t.Errorf("%s %d %s %s", d, d.Year(), d.Weekday(), say(d.Start()))
	}
	if calendar.DateOf(d.Start()) != d || calendar.DateOf(d.Start()-1) != d-1 || calendar.On(2026, time.February, 14) != d {
		t.Error("the day does not begin at its Start")
	}
	if old := calendar.On(1911, time.October, 10); old.Weekday() != time.Tuesday || old.String() != "1911-10-10" {
		t.Errorf("before 1970: %s, %s", old, old.Weekday())
	}
}
