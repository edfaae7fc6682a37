package rule

import (
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
)

// Reason is one test of a row and what it says of the facts.
type Reason struct {
	Row    string `json:"row"`
	Fact   string `json:"fact"`
	Says   string `json:"says"`             // yes, no or unknown
	Source string `json:"source,omitempty"` // of the fact
	AsOf   string `json:"as_of,omitempty"`
	Text   string `json:"text"` // for a person
}

// Explanation says a decision in words that a citizen understands.
type Explanation struct {
	Headline string   `json:"headline"`
	Basis    string   `json:"basis,omitempty"`   // the clause that decided
	Because  []Reason `json:"because,omitempty"` // why it is so
	Lacking  []Reason `json:"lacking,omitempty"` // what is not fulfilled of the row that comes nearest to what was asked for
	Missing  []string `json:"missing,omitempty"` // titles of facts that are not known
	Person   string   `json:"person"`            // that a person decides, if asked
}

// Why is a test that was made, before it is put into words: the row and the fact by
// their place in the declaration.
type Why struct {
	Row, Fact int
	Says      truth
}

// Whys returns the tests of one row, by its place among those ready to decide.
func (out *Decision) whys(r int) []Why {
	row := &out.by.rows[r]
	all := make([]Why, 0, len(row.cells))
	for i, c := range row.cells {
		if !c.any || c.ask != nil {
			all = append(all, Why{row.at, i, out.truth(i, c)})
		}
	}
	return all
}

// Reasons returns why: the tests of the row that decided, or, where what was asked
// for is refused, those of the row that comes nearest to granting it.
func (out *Decision) Reasons() []Why {
	if len(out.rows) > 0 && (out.by.rows[out.rows[0]].grants || out.State != Decided) {
		return out.whys(out.rows[0])
	}
	if r, ok := out.nearest(); ok {
		return out.whys(r)
	}
	if len(out.rows) > 0 {
		return out.whys(out.rows[0])
	}
	return nil
}

// nearest finds the row in force that grants and fails fewest tests; where no row
// grants, the one that fails fewest.
func (out *Decision) nearest() (int, bool) {
	best, fails, grants := -1, 0, false
	for _, r := range out.by.on(out.on).rows {
		row := &out.by.rows[r]
		if grants && !row.grants {
			continue
		}
		n := 0
		for i, c := range row.cells {
			if (!c.any || c.ask != nil) && out.truth(i, c) == no {
				n++
			}
		}
		if best < 0 || n < fails || row.grants && !grants {
			best, fails, grants = r, n, row.grants
		}
	}
	return best, best >= 0
}

// Truths returns what every test of every row in force says, row by row.
func (out *Decision) Truths(l text.Lang) [][]Reason {
	var all [][]Reason
	for _, r := range out.by.on(out.on).rows {
		all = append(all, out.inWords(l, out.whys(r)))
	}
	return all
}

// Saying has the texts of facts, which the registers may keep as codes, said as people
// read them; source is the fact's, as the table declares it.
func (out Decision) Saying(say func(source, value string) string) *Decision {
	out.say = say
	return &out
}

// Explain puts a decision into words.
func (out *Decision) Explain(l text.Lang) Explanation {
	d := out.by
	e := Explanation{Headline: out.headline(l), Person: d.table.Person}
	if e.Person == "" {
		e.Person = text.Say(l, "rule.person", nil)
	}
	if out.Clause != "" {
		e.Basis = text.Say(l, "rule.basis", errs.Args{"basis": d.table.Basis, "clause": out.Clause})
	}
	for _, r := range out.rows {
		e.Because = append(e.Because, out.inWords(l, out.whys(r))...)
	}
	if out.State == NoRow || out.State == Decided && d.canGrant() && !out.Grants() || out.State == Decided && len(out.rows) == 0 {
		if r, ok := out.nearest(); ok {
			for _, w := range out.inWords(l, out.whys(r)) {
				if w.Says != "yes" {
					e.Lacking = append(e.Lacking, w)
				}
			}
		}
	}
	for _, code := range out.Missing {
		e.Missing = append(e.Missing, d.axes[d.factAt[code]].title)
	}
	return e
}

func (d *Decider) canGrant() bool {
	for i := range d.rows {
		if d.rows[i].grants {
			return true
		}
	}
	return false
}

func (out *Decision) headline(l text.Lang) string {
	d := out.by
	args := errs.Args{"title": d.table.Title, "rows": strings.Join(out.Rows(), ", ")}
	if out.State != Decided {
		return text.Say(l, "rule.state_"+string(out.State), args)
	}
	all := out.Outcomes
	if all == nil {
		all = append(all, out.Outcome)
	}
	var said []string
	for _, o := range all {
		var parts []string
		for _, a := range d.results {
			at, err := a.place(o[a.code])
			switch {
			case err != nil || at == absent:
			case a.kind == typeNumber && at == 0 && d.canGrant() && !out.Grants(): // nothing of it, where it is refused
			case a.kind == typeChoice:
				parts = append(parts, a.shown(l, at))
			case a.kind == typeText:
				if s, ok := o[a.code].(string); ok && s != "" {
					parts = append(parts, s)
				}
			default:
				parts = append(parts, text.Say(l, "rule.result", errs.Args{"title": a.title, "value": a.shown(l, at)}))
			}
		}
		said = append(said, strings.Join(parts, text.Say(l, "rule.comma", nil)))
	}
	args["outcome"] = strings.Join(said, text.Say(l, "rule.semicolon", nil))
	return text.Say(l, "rule.state_decided", args)
}

// inWords puts tests into words.
func (out *Decision) inWords(l text.Lang, whys []Why) []Reason {
	d := out.by
	all := make([]Reason, 0, len(whys))
	for _, w := range whys {
		a, row := d.axes[w.Fact], &d.table.Rows[w.Row]
		known := out.facts[a.code]
		r := Reason{Row: row.Code, Fact: a.code, Says: [...]string{"no", "yes", "unknown"}[w.Says], Source: known.Source, AsOf: known.AsOf}
		test, value := d.wordsOf(l, w), a.shown(l, out.at[w.Fact])
		if s, ok := known.Value.(string); ok && a.kind == typeText && s != "" {
			if out.say != nil {
				s = out.say(d.table.Facts[w.Fact].Source, s)
			}
			value = clip(s)
		}
		key := "rule.reason_" + r.Says
		if d.cellOf(w).ask != nil {
			key = "rule.asked_" + r.Says
		}
		r.Text = text.Say(l, key, errs.Args{"fact": a.title, "value": value, "test": test})
		if known.Source != "" {
			r.Text += text.Say(l, "rule.source", errs.Args{"source": known.Source})
		}
		all = append(all, r)
	}
	return all
}

func (d *Decider) cellOf(w Why) *cell {
	for i := range d.rows {
		if d.rows[i].at == w.Row {
			return d.rows[i].cells[w.Fact]
		}
	}
	return &cell{any: true, none: true}
}

func (d *Decider) wordsOf(l text.Lang, w Why) string { return d.cellOf(w).words(l, d.axes[w.Fact]) }

// words says a test.
func (c *cell) words(l text.Lang, a *axis) string {
	if c.ask != nil {
		return c.ask.text
	}
	if c.any {
		return text.Say(l, "rule.test_any", nil)
	}
	parts := make([]string, len(c.atoms))
	for i, at := range c.atoms {
		parts[i] = at.words(l, a)
	}
	s := strings.Join(parts, text.Say(l, "rule.or", nil))
	if c.not {
		s = text.Say(l, "rule.test_not", errs.Args{"test": s})
	}
	return s
}

func (at atom) words(l text.Lang, a *axis) string {
	key := map[string]string{"=": "is", "<": "less", "<=": "most", ">": "more", ">=": "least", "..": "between", "none": "none", "known": "known"}[at.op]
	if a.kind == typeDate && key != "is" && key != "none" && key != "known" {
		key = "day_" + key
	}
	args := errs.Args{"a": a.shown(l, at.a), "b": a.shown(l, at.b)}
	if key == "between" { // the unit stands once
		args["a"] = a.plain(at.a)
	}
	return text.Say(l, "rule.test_"+key, args)
}

// shown writes what lies at a place for a person.
func (a *axis) shown(l text.Lang, at int64) string {
	switch {
	case at == absent && a.optional:
		return text.Say(l, "rule.value_none", nil)
	case at == absent:
		return text.Say(l, "rule.value_unknown", nil)
	case a.kind == typeYesNo:
		return text.Say(l, "rule.value_"+a.plain(at), nil)
	case a.kind == typeChoice:
		return a.options[at].Title
	case a.kind == typeDate:
		return day(l, timeOf(at))
	case a.kind == typeNumber && a.unit != "":
		return text.Say(l, "rule.value_unit", errs.Args{"value": a.plain(at), "unit": a.unit})
	case a.kind == typeText && at == otherText:
		return text.Say(l, "rule.value_other", nil)
	}
	return a.plain(at)
}

func day(l text.Lang, t time.Time) string {
	return text.Say(l, "rule.value_day", errs.Args{"y": t.Year(), "m": int(t.Month()), "d": t.Day()})
}

// String writes an explanation as plain lines.
func (e Explanation) String() string {
	lines := []string{e.Headline}
	if e.Basis != "" {
		lines = append(lines, e.Basis)
	}
	for _, r := range append(append([]Reason(nil), e.Because...), e.Lacking...) {
		lines = append(lines, "· "+r.Text)
	}
	return strings.Join(append(lines, e.Person), "\n")
}
