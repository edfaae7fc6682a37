package calendar

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"yiwang/internal/base/errs"
)

// Kind says what a declared day is.
type Kind string

// The kinds of declared days, as they stand in the file of days.
const (
	PublicHoliday Kind = "public_holiday" // nobody works, whatever the weekday
	MakeupWorkday Kind = "makeup_workday" // a weekend day worked in exchange (调休)
)

// Day is one declared exception to the weekly rhythm.
type Day struct {
	Date Date
	Name string // e.g. 春节
	Kind Kind
	Line int // where it was declared, for problems; 0 if not from a file
}

// Period is a stretch of working time within a day, in minutes after midnight:
// From is the first minute of work, To (at most 1440) the first minute after it.
// Work over midnight is two periods, one on each day.
type Period struct{ From, To int }

// ParsePeriod reads a period written 09:00-12:00; an en dash will do, and 24:00
// is the end of the day.
func ParsePeriod(s string) (Period, error) {
	var h1, m1, h2, m2 int
	plain := strings.ReplaceAll(s, "–", "-")
	n, err := fmt.Sscanf(plain, "%d:%d-%d:%d", &h1, &m1, &h2, &m2)
	p := Period{h1*60 + m1, h2*60 + m2}
	if err != nil || n != 4 || p.String() != plain || !p.valid() {
		return Period{}, errs.E(errs.Invalid, "calendar.period_invalid", errs.Args{"day": "", "period": s})
	}
	return p, nil
}

// String writes the period as 09:00-12:00.
func (p Period) String() string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", p.From/60, p.From%60, p.To/60, p.To%60)
}

func (p Period) valid() bool { return 0 <= p.From && p.From < p.To && p.To <= 24*60 }

// Spec is the declaration a Calendar is built from.
type Spec struct {
	Week   [7][]Period // the working periods of each weekday, by time.Weekday
	Makeup []Period    // those of a make-up workday; none means Monday's
	Days   []Day       // public holidays and make-up workdays, in any order
}

// Severity says whether a Problem keeps a Calendar from being built.
type Severity string

// The severities.
const (
	Fault Severity = "fault" // New refuses
	Doubt Severity = "doubt" // lawful, but probably not meant
)

// Problem is something wrong in a declaration, with a text in the catalogue
// that names the mend.
type Problem struct {
	Line     int // line in the file of days; 0 if it is not about a line
	Severity Severity
	Key      string
	Args     errs.Args
}

// Check returns everything that is wrong with the declaration, in the order of
// the week and then of the lines.
func (s Spec) Check() []Problem {
	var out []Problem
	for wd, periods := range s.Week {
		out = append(out, checkPeriods(weekdays[wd], periods)...)
	}
	out = append(out, checkPeriods("makeup", s.Makeup)...)
	if !slices.ContainsFunc(s.Week[:], func(p []Period) bool { return len(p) > 0 }) {
		out = append(out, Problem{Severity: Fault, Key: "calendar.no_hours"})
	}
	return append(out, s.checkDays()...)
}

// weekdays are the days' numbers as a pack writes them, by time.Weekday.
var weekdays = [7]string{"7", "1", "2", "3", "4", "5", "6"}

func checkPeriods(day string, periods []Period) (out []Problem) {
	sorted := sortPeriods(periods)
	for i, p := range sorted {
		if !p.valid() {
			out = append(out, Problem{Severity: Fault, Key: "calendar.period_invalid",
				Args: errs.Args{"day": day, "period": p}})
		} else if i > 0 && p.From < sorted[i-1].To {
			out = append(out, Problem{Severity: Fault, Key: "calendar.period_overlap",
				Args: errs.Args{"day": day, "period": p, "other": sorted[i-1]}})
		}
	}
	return out
}

func sortPeriods(periods []Period) []Period {
	return slices.SortedFunc(slices.Values(periods), func(a, b Period) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
}

func (s Spec) checkDays() (out []Problem) {
	first := map[Date]Day{}
	for _, d := range s.Days {
		add := func(sev Severity, key string, other Day) {
			out = append(out, Problem{Line: d.Line, Severity: sev, Key: key, Args: errs.Args{
				"date": d.Date, "kind": d.Kind, "other": other.Line}})
		}
		prior, seen := first[d.Date]
		switch {
		case d.Kind != PublicHoliday && d.Kind != MakeupWorkday:
			add(Fault, "calendar.kind", Day{})
		case seen && prior.Kind != d.Kind:
			add(Fault, "calendar.day_both", prior)
		case seen:
			add(Fault, "calendar.day_twice", prior)
		case d.Kind == MakeupWorkday && len(s.Week[d.Date.Weekday()]) > 0:
			add(Doubt, "calendar.makeup_idle", Day{})
		case d.Kind == MakeupWorkday && len(s.makeup()) == 0:
			add(Fault, "calendar.makeup_hours", Day{})
		}
		if !seen {
			first[d.Date] = d
		}
	}
	return append(out, s.unfinishedYears()...)
}

// unfinishedYears finds years that somebody began to declare and did not finish.
// December alone is no beginning: its last days may stand in the next year's
// notice.
func (s Spec) unfinishedYears() (out []Problem) {
	declared := s.declaredYears()
	doubted := map[int]bool{}
	for _, d := range s.Days {
		y := d.Date.Year()
		if !declared[y] && !doubted[y] && d.Date < On(y, time.December, 1) {
			doubted[y] = true
			out = append(out, Problem{Line: d.Line, Severity: Doubt, Key: "calendar.year_unfinished",
				Args: errs.Args{"year": y}})
		}
	}
	return out
}

// declaredYears are the years whose National Day is declared. It is fixed by law
// and late in the year, so a year that lacks it has not been declared in full.
func (s Spec) declaredYears() map[int]bool {
	years := map[int]bool{}
	for _, d := range s.Days {
		if y := d.Date.Year(); d.Kind == PublicHoliday && d.Date == On(y, time.October, 1) {
			years[y] = true
		}
	}
	return years
}

// makeup returns the hours of a make-up workday.
func (s Spec) makeup() []Period {
	if len(s.Makeup) > 0 {
		return s.Makeup
	}
	return s.Week[time.Monday]
}
