package clock

import (
	"fmt"
	"slices"
	"strconv"

	"yiwang/internal/base/errs"
)

// Mode is the time a clock runs in.
type Mode string

// The modes.
const (
	Natural Mode = "natural" // day and night
	Working Mode = "working" // only while the calendar's office works
)

// Unit is what a limit is counted in.
type Unit string

// The units. Minutes and hours run from the moment of the start; days are legal
// days, which do not count the day of the start (see calendar.AddWorkdays).
const (
	Minute Unit = "m"
	Hour   Unit = "h"
	Day    Unit = "d"
)

// Limit is how long a clock may run, written 10m, 24h or 4d.
type Limit struct {
	N    int
	Unit Unit
}

// longest bounds a limit, in its unit, so that no sum of times overflows.
const longest = 1_000_000

// ParseLimit reads a limit written 10m, 24h or 4d.
func ParseLimit(s string) (Limit, error) {
	var l Limit
	if s != "" {
		n, err := strconv.Atoi(s[:len(s)-1])
		if l = (Limit{n, Unit(s[len(s)-1:])}); err == nil && l.valid() && l.String() == s {
			return l, nil
		}
	}
	return Limit{}, errs.E(errs.Invalid, "clock.limit", errs.Args{"limit": s})
}

// String writes the limit as ParseLimit reads it.
func (l Limit) String() string { return strconv.Itoa(l.N) + string(l.Unit) }

// MarshalText writes the limit for JSON and YAML.
func (l Limit) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (l *Limit) UnmarshalText(b []byte) (err error) {
	*l, err = ParseLimit(string(b))
	return err
}

func (l Limit) valid() bool {
	return 0 < l.N && l.N <= longest && (l.Unit == Minute || l.Unit == Hour || l.Unit == Day)
}

// Restart says what a start event means for a clock that has run before.
type Restart string

// The ways. A round that was cancelled does not count as run.
const (
	Once  Restart = "once"  // nothing: the first round is the only one
	Again Restart = "again" // a new round; one that still runs is cancelled
)

// Nobody is the Of of a timer: a clock for which nobody is answerable. It is met
// when it is due, and never late.
const Nobody = "nobody"

// Rule declares one clock. Rules that share a Code are variants of one clock: at
// a start event the first whose When holds gives the terms, and the clock heeds
// the events of all of them.
type Rule struct {
	Code     string
	Variant  string // tells the rules of one code apart for whoever reads; "" where there is one
	Title    string
	Of       string            // who is answerable: centre, unit, appellant, or Nobody
	RuleSet  string            // the named set it belongs to, e.g. "10-30-24"
	Version  string            // of the declarations; stamped on the clocks it starts
	Start    []string          // names of the events that start it
	Stop     []string          // … that stop it, in time or late
	Cancel   []string          // … after which it counts for nothing
	Pause    []string          // … that make it stand still
	Resume   []string          // … that let it go on
	Restart  Restart           // "" is Once
	Limit    Limit             // how long it may run; of no meaning where At is set
	At       func(Event) int64 // the moment at which it is due, UTC milliseconds; one that is past, or 0, starts no clock
	Mode     Mode              // in which time
	When     func(Event) bool  // whether a start event starts it; nil is always
	WarnAt   []int             // percentages of the limit at which it warns, 1 to 99
	Then     string            // action the machine takes when it is due; "" none
	Pausable bool              // whether a pause of the case makes it stand still
}

// Problem is something wrong with a declared rule, with a text in the catalogue
// that names the mend.
type Problem struct {
	Rule  int    // index of the rule
	Field string // which of its fields
	Key   string
	Args  errs.Args
}

// Check returns everything that is wrong with the rules that measure one case.
func Check(rules []Rule) (out []Problem) {
	taken := map[string][]string{} // start events that a rule of the code takes always
	set := map[string]string{}     // rule set of each code
	for i, r := range rules {
		add := func(wrong bool, field, key string, value any) {
			if wrong {
				out = append(out, Problem{i, field, key, errs.Args{"code": r.Code, "value": value}})
			}
		}
		other, known := set[r.Code]
		set[r.Code] = r.RuleSet
		add(r.Code == "" || r.Code == every, "code", "clock.code", r.Code)
		add(known && other != r.RuleSet, "code", "clock.code_taken", other)
		add(len(r.Start) > 0 && within(r.Start, taken[r.Code]), "when", "clock.never_reached", "")
		add(len(r.Start) == 0, "start", "clock.no_start", "")
		add(!r.Limit.valid(), "limit", "clock.limit_wrong", r.Limit)
		add(r.At != nil && r.Mode == Working, "at", "clock.at_working", "")
		add(r.Mode != Natural && r.Mode != Working, "mode", "clock.mode", r.Mode)
		add(r.Restart != "" && r.Restart != Once && r.Restart != Again, "restart", "clock.restart", r.Restart)
		add(r.Of == Nobody && r.Then == "", "then", "clock.idle_timer", "")
		add(r.Of != Nobody && len(r.Stop) == 0, "stop", "clock.no_stop", "")
		add(!r.Pausable && len(r.Pause) > 0, "pause", "clock.not_pausable", "")
		add(len(r.Pause) > 0 && len(r.Resume) == 0, "resume", "clock.no_resume", "")
		add(!ascending(r.WarnAt), "warn", "clock.warn", fmt.Sprint(r.WarnAt))
		if r.When == nil && r.At == nil {
			taken[r.Code] = append(taken[r.Code], r.Start...)
		}
	}
	return out
}

func within(names, all []string) bool {
	return !slices.ContainsFunc(names, func(n string) bool { return !slices.Contains(all, n) })
}

func ascending(pcts []int) bool {
	for i, p := range pcts {
		if p < 1 || p > 99 || i > 0 && p <= pcts[i-1] {
			return false
		}
	}
	return true
}

// names reports whether a rule of the code lists the event's name in the field
// that pick gives.
func names(rules []Rule, code, event string, pick func(*Rule) []string) bool {
	for i := range rules {
		if rules[i].Code == code && slices.Contains(pick(&rules[i]), event) {
			return true
		}
	}
	return false
}
