package rule

import (
	"math/bits"
	"slices"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
)

// Known is one fact of a subject and where it comes from.
type Known struct {
	Value  any    `json:"value"`            // see Decide; nil where it is not known, or there is none
	Source string `json:"source,omitempty"` // who says so: a register, a form, a certificate
	AsOf   string `json:"as_of,omitempty"`  // since when it was so, or when it was read
}

// Facts are what is known of a subject, by the code of the fact. What a table does
// not ask for is passed over.
type Facts map[string]Known

// Values returns facts without sources.
func Values(v map[string]any) Facts {
	f := make(Facts, len(v))
	for code, x := range v {
		f[code] = Known{Value: x}
	}
	return f
}

// Decision is what a table says of one subject on a day.
type Decision struct {
	State    State
	Outcome  map[string]any   // by result; nil unless decided, shared and not to be changed
	Outcomes []map[string]any // of all rows that hold, where the table collects a list
	Clause   string           // of the row that decided
	Missing  []string         // codes of the facts it turns on, where they are not known
	rows     []int            // that hold (or contradict each other), by place in Decider.rows
	by       *Decider
	facts    Facts
	at       []int64
	on       int64
	say      func(source, value string) string
}

// Decide decides on a day (the date in China Standard Time). Values are a string as
// a declaration writes it, an int or int64, a float64 of a number, a bool of a yes/no,
// a time.Time of a date; a value that the fact cannot have is refused (Invalid): what
// is wrong is never taken for what is not there.
func (d *Decider) Decide(on time.Time, facts Facts) (Decision, error) {
	out := Decision{by: d, facts: facts, on: dayOf(on.In(text.CST)), at: make([]int64, len(d.axes))}
	for i, a := range d.axes {
		if d.computed[i] != nil {
			out.at[i] = d.computed[i].place(scene{d, out.at[:i], out.on}, a)
			continue
		}
		known, ok := facts[a.code]
		if !ok {
			out.at[i] = absent
			continue
		}
		at, err := a.place(known.Value)
		if err != nil {
			return Decision{}, errs.E(errs.Invalid, "rule.bad_fact", errs.Args{"fact": a.title, "value": known.Value}).At(a.code).Because(err)
		}
		out.at[i] = at
	}
	out.settle()
	return out, nil
}

// settle finds the rows that hold and applies the hit policy.
func (out *Decision) settle() {
	d := out.by
	s := d.on(out.on)
	if out.State = NoRow; !s.asks && d.table.Hit != hitCollect && d.table.Hit != hitAny {
		out.first(s)
	} else {
		out.every(s)
	}
	if out.State == NoRow && d.other != nil {
		out.State, out.Outcome, out.Clause = Decided, d.other.outcome, d.other.clause
	}
}

// word returns 64 rows of a spell: those that hold and those that may.
func (s *spell) word(w int, classes []int) (hold, may uint64) {
	hold, may = s.all[w], s.all[w]
	for i := range s.cols {
		c := &s.cols[i]
		if class := classes[i]; class >= 0 {
			b := c.bits[class*s.words+w]
			hold, may = hold&b, may&b
		} else {
			hold, may = hold&c.yes[w], may&c.maybe[w]
		}
		if may == 0 {
			return 0, 0
		}
	}
	return hold, may
}

// classify finds the class of each fact, -1 where it is absent.
func (s *spell) classify(at []int64, into []int) []int {
	for i := range s.cols {
		v := at[s.cols[i].axis]
		if v == absent {
			into = append(into, -1)
		} else {
			into = append(into, s.cols[i].class(v))
		}
	}
	return into
}

// first settles the policies under which one row decides and no row asks an expression.
func (out *Decision) first(s *spell) {
	d := out.by
	var room [mostFacts]int
	classes := s.classify(out.at, room[:0])
	single := d.table.Hit == hitUnique
	for w := range s.words {
		hold, may := s.word(w, classes)
		for ; may != 0; may &= may - 1 {
			r := s.rows[w<<6+bits.TrailingZeros64(may)]
			if hold&(may&-may) == 0 {
				out.lacks(r)
				continue
			}
			out.rows = append(out.rows, r)
			if !single {
				out.decideBy(r)
				return
			}
		}
	}
	switch {
	case len(out.Missing) > 0:
		out.State, out.rows = Missing, nil
	case len(out.rows) > 1:
		out.State = Conflict
	case len(out.rows) == 1:
		out.decideBy(out.rows[0])
	}
}

func (out *Decision) decideBy(r int) {
	if len(out.Missing) > 0 {
		out.State, out.rows = Missing, nil
		return
	}
	row := &out.by.rows[r]
	out.State, out.Outcome, out.Clause = Decided, row.outcome, row.clause
}

// lacks notes the facts that a row turns on and that are not known.
func (out *Decision) lacks(r int) {
	for i, c := range out.by.rows[r].cells {
		if out.truth(i, c) == unknown {
			out.note(i)
			if c.ask != nil {
				for _, n := range c.ask.needs {
					out.note(n)
				}
			}
		}
	}
}

// note adds a fact that is missing; of a computed one, those it follows from.
func (out *Decision) note(i int) {
	if out.at[i] != absent {
		return
	}
	d := out.by
	if f := d.computed[i]; f != nil {
		before := len(out.Missing)
		for _, n := range f.needs {
			out.note(n)
		}
		if len(out.Missing) > before || slices.ContainsFunc(f.needs, func(n int) bool { return out.at[n] == absent }) {
			return
		}
	}
	if code := d.axes[i].code; !slices.Contains(out.Missing, code) {
		out.Missing = append(out.Missing, code)
	}
}

// truth says what a cell says of the facts.
func (out *Decision) truth(axis int, c *cell) truth {
	if c.ask != nil {
		return c.ask.holds(scene{out.by, out.at, out.on})
	}
	return c.of(out.at[axis], out.by.axes[axis].optional)
}

// asked says what the expressions of a row say.
func (out *Decision) asked(r int) truth {
	all := yes
	row := &out.by.rows[r]
	for _, i := range row.asks {
		switch out.truth(i, row.cells[i]) {
		case no:
			return no
		case unknown:
			all = unknown
		}
	}
	return all
}

// every settles all policies, by looking at every row that may hold.
func (out *Decision) every(s *spell) {
	d := out.by
	var room [mostFacts]int
	classes := s.classify(out.at, room[:0])
	for w := range s.words {
		hold, may := s.word(w, classes)
		for ; may != 0; may &= may - 1 {
			r := s.rows[w<<6+bits.TrailingZeros64(may)]
			said := out.asked(r)
			if said == no {
				continue
			}
			if said == unknown || hold&(may&-may) == 0 {
				out.lacks(r)
				continue
			}
			out.rows = append(out.rows, r)
			if h := d.table.Hit; h == hitFirst || h == hitPriority {
				out.decideBy(r)
				return
			}
		}
	}
	switch {
	case len(out.Missing) > 0:
		out.State, out.rows = Missing, nil
	case len(out.rows) == 0:
	case d.table.Hit == hitCollect:
		out.collect()
	case len(out.rows) == 1 || d.table.Hit == hitAny && d.agree(out.rows):
		out.decideBy(out.rows[0])
	default:
		out.State = Conflict
	}
}

// agree reports whether rows say the same.
func (d *Decider) agree(rows []int) bool {
	return !slices.ContainsFunc(rows, func(r int) bool { return !slices.Equal(d.rows[r].then, d.rows[rows[0]].then) })
}

// collect puts together what all rows that hold say.
func (out *Decision) collect() {
	d := out.by
	out.State, out.Clause = Decided, d.rows[out.rows[0]].clause
	if d.table.Collect == "" {
		for _, r := range out.rows {
			out.Outcomes = append(out.Outcomes, d.rows[r].outcome)
		}
		out.Outcome = out.Outcomes[0]
		return
	}
	out.Outcome = make(map[string]any, len(d.results))
	for i, a := range d.results {
		var sum int64
		least, most := d.rows[out.rows[0]].then[i], d.rows[out.rows[0]].then[i]
		for _, r := range out.rows {
			v := d.rows[r].then[i]
			sum, least, most = sum+v, min(least, v), max(most, v)
		}
		switch d.table.Collect {
		case "sum":
			out.Outcome[a.code] = a.value(sum)
		case "least":
			out.Outcome[a.code] = a.value(least)
		case "most":
			out.Outcome[a.code] = a.value(most)
		case "count":
			out.Outcome[a.code] = int64(len(out.rows))
		}
	}
}

// Rows returns the codes of the rows that hold, or that contradict each other.
func (out *Decision) Rows() []string {
	codes := make([]string, len(out.rows))
	for i, r := range out.rows {
		codes[i] = out.by.rows[r].code
	}
	return codes
}

// Table returns the table that decided.
func (out *Decision) Table() *Table { return out.by.table }

// Grants reports whether it says what was asked for: a result with an option that
// grants, of any row where the table collects. Only a decided decision does.
func (out *Decision) Grants() bool {
	if out.State != Decided {
		return false
	}
	if len(out.rows) == 0 {
		return out.by.other.grants
	}
	return slices.ContainsFunc(out.rows, func(r int) bool { return out.by.rows[r].grants })
}

// Amount returns a number that was decided, 0 where there is none of that code.
func (out *Decision) Amount(code string) float64 {
	switch v := out.Outcome[code].(type) {
	case int64:
		return float64(v)
	case float64:
		return v
	}
	return 0
}
