package calendar_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"yiwang/internal/base/calendar"
	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
)

// Every way a declaration can be wrong is found, with its line, and New refuses
// what is a fault.
func TestCheck(t *testing.T) {
	day := func(s string, k calendar.Kind, line int) calendar.Day {
		d, err := calendar.ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		return calendar.Day{Date: d, Kind: k, Line: line}
	}
	off, worked := calendar.PublicHoliday, calendar.MakeupWorkday
	week := officeWeek()
	monday := func(p ...calendar.Period) (w [7][]calendar.Period) { w = officeWeek(); w[time.Monday] = p; return w }
	for _, c := range []struct {
		spec calendar.Spec
		want []string
	}{
		{calendar.Spec{Week: week}, nil},
		{calendar.Spec{}, []string{"0 fault calendar.no_hours"}},
		{calendar.Spec{Week: monday(calendar.Period{From: 540, To: 720}, calendar.Period{From: 700, To: 900})},
			[]string{"0 fault calendar.period_overlap"}},
		{calendar.Spec{Week: monday(calendar.Period{From: 540, To: 720}, calendar.Period{From: 720, To: 1440})}, nil},
		{calendar.Spec{Week: monday(calendar.Period{From: 720, To: 540}, calendar.Period{From: 0, To: 1441})},
			[]string{"0 fault calendar.period_invalid", "0 fault calendar.period_invalid"}},
		{calendar.Spec{Week: week, Days: []calendar.Day{day("2026-10-01", off, 2), day("2026-10-01", off, 3)}},
			[]string{"3 fault calendar.day_twice"}},
		{calendar.Spec{Week: week, Days: []calendar.Day{day("2026-10-01", off, 2), day("2026-10-01", worked, 3)}},
			[]string{"3 fault calendar.day_both"}},
		{calendar.Spec{Week: week, Days: []calendar.Day{day("2026-10-01", off, 2), day("2026-10-09", worked, 3)}},
			[]string{"3 doubt calendar.makeup_idle"}},
		{calendar.Spec{Week: monday(), Days: []calendar.Day{day("2026-10-01", off, 2), day("2026-10-10", worked, 3)}},
			[]string{"3 fault calendar.makeup_hours"}},
		{calendar.Spec{Week: week, Days: []calendar.Day{day("2026-10-01", "holiday", 2)}},
			[]string{"2 fault calendar.kind", "2 doubt calendar.year_unfinished"}},
		{calendar.Spec{Week: week, Days: []calendar.Day{day("2027-01-01", off, 2), day("2027-02-06", off, 3)}},
			[]string{"2 doubt calendar.year_unfinished"}},
		{calendar.Spec{Week: week, Days: []calendar.Day{day("2018-12-31", off, 2)}}, nil},
	} {
		var got []string
		fault := false
		for _, p := range c.spec.Check() {
			got = append(got, fmt.Sprintf("%d %s %s", p.Line, p.Severity, p.Key))
			fault = fault || p.Severity == calendar.Fault
			saysSomething(t, p)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("Check found %q, want %q", got, c.want)
		}
		if _, err := calendar.New(c.spec); fault != errs.Is(err, errs.Invalid) {
			t.Errorf("New of a declaration with %q: %v", got, err)
		}
	}
}

// saysSomething requires that a problem has its sentence, with nothing unfilled.
func saysSomething(t *testing.T, p calendar.Problem) {
	t.Helper()
	for _, lang := range []text.Lang{text.Chinese, text.English} {
		if s := text.Say(lang, p.Key, p.Args); !text.Has(lang, p.Key) || strings.ContainsAny(s, "{}") {
			t.Errorf("%s in %s: %s", p.Key, lang, s)
		}
	}
}

func TestParsePeriod(t *testing.T) {
	for s, want := range map[string]calendar.Period{
		"09:00-12:00": {From: 540, To: 720},
		"14:00–17:30": {From: 840, To: 1050},
		"18:00-24:00": {From: 1080, To: 1440},
	} {
		if got, err := calendar.ParsePeriod(s); err != nil || got != want {
			t.Errorf("ParsePeriod(%q) = %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "9:00-12:00", "09:00", "12:00-09:00", "09:00-09:00", "09:00-24:01", "09:70-12:00", "09:00-12:00x", "-1:00-12:00"} {
		if got, err := calendar.ParsePeriod(s); err == nil {
			t.Errorf("ParsePeriod(%q) = %v", s, got)
		}
	}
}

func TestReadDays(t *testing.T) {
	file := strings.Join([]string{
		"\ufeffdate,name,type",
		"2026-02-14,春节调休上班,makeup_workday",
		"2026-02-30,春节,public_holiday",
		"",
		"2026-02-15,春节,holiday",
		`2026-10-01,"国庆节,中秋节",public_holiday`,
		"2026-10-02,国庆节",
		`2026-10-03,国"庆"节,public_holiday`,
		" 2026-10-04 , 国庆节 ,public_holiday ",
	}, "\r\n")
	days, problems := calendar.ReadDays(strings.NewReader(file))
	var got []string
	for _, d := range days {
		got = append(got, fmt.Sprintf("%d %s %s %s", d.Line, d.Date, d.Name, d.Kind))
	}
	want := []string{
		"2 2026-02-14 春节调休上班 makeup_workday",
		"6 2026-10-01 国庆节,中秋节 public_holiday",
		"9 2026-10-04 国庆节 public_holiday",
	}
	if !slices.Equal(got, want) {
		t.Errorf("days %q, want %q", got, want)
	}
	var lines []string
	for _, p := range problems {
		lines = append(lines, fmt.Sprintf("%d %s", p.Line, p.Key))
		saysSomething(t, p)
	}
	if want := []string{"3 calendar.date", "5 calendar.kind", "7 calendar.row", "8 calendar.row"}; !slices.Equal(lines, want) {
		t.Errorf("problems %q, want %q", lines, want)
	}
	for _, s := range []string{"", "日期,名称,类型\n2026-10-01,国庆节,public_holiday"} {
		if days, problems := calendar.ReadDays(strings.NewReader(s)); len(days) != 0 || len(problems) != 1 || problems[0].Key != "calendar.header" {
			t.Errorf("without a header: %v, %v", days, problems)
		}
	}
}

// Whatever the file holds, reading ends, every line number is real, and days
// that Check has no fault with make a calendar.
func FuzzReadDays(f *testing.F) {
	if b, err := os.ReadFile("../../../city/demo/calendar/days.csv"); err == nil {
		f.Add(string(b))
	}
	f.Add("date,name,type\n2026-10-01,国庆节,public_holiday\n")
	f.Add("date,name,type\n\"2026-10-01,x\n,,")
	f.Fuzz(func(t *testing.T, s string) {
		days, problems := calendar.ReadDays(strings.NewReader(s))
		last := strings.Count(s, "\n") + 1
		for _, d := range days {
			if d.Line < 2 || d.Line > last {
				t.Fatalf("%v in line %d of %d", d.Date, d.Line, last)
			}
			if again, err := calendar.ParseDate(d.Date.String()); err != nil || again != d.Date {
				t.Fatalf("%v reads back as %v, %v", d.Date, again, err)
			}
		}
		for _, p := range problems {
			if p.Line < 1 || p.Line > last {
				t.Fatalf("%s in line %d of %d", p.Key, p.Line, last)
			}
		}
		spec := calendar.Spec{Week: officeWeek(), Days: days}
		faults := slices.ContainsFunc(spec.Check(), func(p calendar.Problem) bool { return p.Severity == calendar.Fault })
		if _, err := calendar.New(spec); faults != (err != nil) {
			t.Fatalf("faults %v, New: %v", faults, err)
		}
	})
}
