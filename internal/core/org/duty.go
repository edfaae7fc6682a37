package org

import (
	"slices"
	"time"
)

// Shift is a line of the duty roster: somebody answers for a unit at these hours.
type Shift struct {
	Unit     string
	Weekday  int // 1 Monday … 7 Sunday, 0 every day
	From, To int // minutes of the day; To not after From runs into the next morning
	Staff    string
}

// chinaTime is fixed: China has no summer time, and no tz database is needed.
var chinaTime = time.FixedZone("CST", 8*60*60)

// OnDuty returns the login names of those on a unit's roster at a moment, in the
// order of the roster. People who have left are not returned.
func (d *Directory) OnDuty(unit string, t time.Time) []string {
	t = t.In(chinaTime)
	minute := t.Hour()*60 + t.Minute()
	today := (int(t.Weekday())+6)%7 + 1
	yesterday := (today+5)%7 + 1
	var on []string
	for _, s := range d.roster[unit] {
		if (s.runs(today, minute) || s.ranOver(yesterday, minute)) && d.staff[s.Staff].Active && !slices.Contains(on, s.Staff) {
			on = append(on, s.Staff)
		}
	}
	return on
}

// HasRoster reports whether a unit has any shift.
func (d *Directory) HasRoster(unit string) bool { return len(d.roster[unit]) > 0 }

func (s Shift) on(weekday int) bool { return s.Weekday == 0 || s.Weekday == weekday }

// overnight reports whether the shift ends on the next morning.
func (s Shift) overnight() bool { return s.To <= s.From }

func (s Shift) runs(weekday, minute int) bool {
	return s.on(weekday) && minute >= s.From && (minute < s.To || s.overnight())
}

// ranOver reports whether a shift that began yesterday still runs.
func (s Shift) ranOver(yesterday, minute int) bool {
	return s.on(yesterday) && s.overnight() && minute < s.To
}
