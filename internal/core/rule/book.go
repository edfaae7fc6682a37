package rule

import (
	"cmp"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
)

// Book holds the tables of a city: of each the editions that the pack declares,
// those published beside them, and versions kept so that old decisions can be made
// again. It is safe for concurrent use; readers see the old book or the new one.
type Book struct {
	declared []*Decider
	now      atomic.Pointer[shelf]
}

// shelf is a book at one moment; it never changes.
type shelf struct {
	editions  map[string][]*Decider // by code, by first day
	published map[string][]*Decider
	versions  map[string]*Decider
}

// NewBook returns the tables that a pack declares.
func NewBook(declared []*Decider) *Book {
	b := &Book{declared: declared}
	b.put(&shelf{published: map[string][]*Decider{}, versions: map[string]*Decider{}})
	return b
}

func (b *Book) put(s *shelf) {
	s.editions = map[string][]*Decider{}
	add := func(d *Decider) {
		s.editions[d.table.Code] = append(s.editions[d.table.Code], d)
		s.versions[d.version] = d
	}
	for _, d := range b.declared {
		add(d)
	}
	for _, code := range sortedKeys(s.published) {
		for _, d := range s.published[code] {
			add(d)
		}
	}
	for _, all := range s.editions {
		slices.SortStableFunc(all, func(x, y *Decider) int { return cmp.Compare(x.table.From, y.table.From) })
	}
	b.now.Store(s)
}

// Publish puts editions of a table beside those that the pack declares. They take the
// place of what was published of it before.
func (b *Book) Publish(code string, editions []*Decider) {
	b.change(func(s *shelf) { s.published[code] = editions })
}

// Keep keeps versions for decisions of the past.
func (b *Book) Keep(old []*Decider) {
	b.change(func(s *shelf) {
		for _, d := range old {
			s.versions[d.version] = d
		}
	})
}

func (b *Book) change(f func(*shelf)) {
	was := b.now.Load()
	s := &shelf{published: maps.Clone(was.published), versions: maps.Clone(was.versions)}
	f(s)
	b.put(s)
}

// Codes returns the codes of all tables, in order.
func (b *Book) Codes() []string { return sortedKeys(b.now.Load().editions) }

// Declared returns the tables of the pack.
func (b *Book) Declared() []*Decider { return slices.Clone(b.declared) }

// Editions returns the editions of a table by their first day.
func (b *Book) Editions(code string) []*Decider { return slices.Clone(b.now.Load().editions[code]) }

// Version returns the table of a version, nil where it is not known.
func (b *Book) Version(version string) *Decider { return b.now.Load().versions[version] }

// On returns the edition of a table in force on a day; nil where there is none.
func (b *Book) On(code string, on time.Time) *Decider {
	day := on.In(text.CST).Format(time.DateOnly)
	var found *Decider
	for _, d := range b.now.Load().editions[code] {
		if d.table.From <= day {
			found = d
		}
	}
	return found
}

// Decide decides by the edition of a table in force on a day. Errors: NotFound, and
// those of Decider.Decide.
func (b *Book) Decide(code string, on time.Time, facts Facts) (Decision, error) {
	d := b.On(code, on)
	if d == nil {
		return Decision{}, errs.E(errs.NotFound, "rule.no_table", errs.Args{"code": code})
	}
	return d.Decide(on, facts)
}

// Record is a decision as it is kept: all that is needed to make it again, and what
// came out.
type Record struct {
	Rule     string           `json:"rule"`
	Version  string           `json:"version"`
	On       string           `json:"on"` // the day, 2026-01-01
	Facts    Facts            `json:"facts"`
	State    State            `json:"state"`
	Outcome  map[string]any   `json:"outcome,omitempty"`
	Outcomes []map[string]any `json:"outcomes,omitempty"`
	Clause   string           `json:"clause,omitempty"`
	Rows     []string         `json:"rows,omitempty"`
	Missing  []string         `json:"missing,omitempty"`
}

// Record returns the decision for keeping, with the facts that it used and no others.
func (out *Decision) Record() Record {
	d := out.by
	r := Record{Rule: d.table.Code, Version: d.version, On: timeOf(out.on).Format(time.DateOnly), Facts: Facts{}, State: out.State,
		Outcome: maps.Clone(out.Outcome), Outcomes: out.Outcomes, Clause: out.Clause, Rows: out.Rows(), Missing: out.Missing}
	for i, a := range d.axes {
		if d.computed[i] != nil || out.at[i] == absent {
			continue
		}
		k := out.facts[a.code]
		if a.kind != typeText {
			k.Value = a.value(out.at[i])
		}
		r.Facts[a.code] = k
	}
	return r
}

// Replay makes a decision again by the version that made it and says whether the same
// comes out. Errors: NotFound where the version is not known, Invalid where the record
// is damaged.
func (b *Book) Replay(r Record) (again Decision, same bool, err error) {
	d := b.Version(r.Version)
	if d == nil || d.table.Code != r.Rule {
		return Decision{}, false, errs.E(errs.NotFound, "rule.no_version", errs.Args{"code": r.Rule, "version": r.Version})
	}
	on, err := time.Parse(time.DateOnly, r.On)
	if err != nil {
		return Decision{}, false, errs.E(errs.Invalid, "rule.bad_day", errs.Args{"value": clip(r.On)})
	}
	again, err = d.Decide(on, r.Facts)
	if err != nil {
		return Decision{}, false, err
	}
	return again, d.same(again.Record(), r), nil
}

// same compares two records of a table. Numbers that went through JSON have another
// type and the same value, so each result is compared on its axis.
func (d *Decider) same(a, b Record) bool {
	outcomes := func(r Record) []map[string]any {
		if r.Outcomes != nil {
			return r.Outcomes
		}
		return []map[string]any{r.Outcome}
	}
	return a.State == b.State && a.Clause == b.Clause && slices.Equal(a.Rows, b.Rows) && slices.Equal(a.Missing, b.Missing) &&
		slices.EqualFunc(outcomes(a), outcomes(b), d.sameOutcome)
}

func (d *Decider) sameOutcome(a, b map[string]any) bool {
	if len(a) != len(b) {
		return false
	}
	for _, axis := range d.results {
		if axis.kind == typeText {
			if a[axis.code] != b[axis.code] {
				return false
			}
			continue
		}
		x, errX := axis.place(a[axis.code])
		y, errY := axis.place(b[axis.code])
		if x != y || errX != nil || errY != nil {
			return false
		}
	}
	return true
}
