package rule

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"yiwang/internal/base/errs"
)

// span is an interval on an axis, both ends included.
type span struct{ lo, hi int64 }

// cell is one test of a row, on one fact.
type cell struct {
	text  string
	spans []span // in order, apart from one another
	none  bool   // holds where the value is absent
	any   bool   // holds whatever the value is
	atoms []atom // as written, for the words
	not   bool
	ask   *formula // an expression in place of a test
}

// atom is one of the alternatives of a test.
type atom struct {
	op   string // "=", "<", "<=", ">", ">=", "..", "none", "known"
	a, b int64
}

// parseCell reads a test:
//
//	(empty), -        whatever it is
//	80                is 80
//	80..89            from 80 to 89, both included
//	80..   ..89       80 or more, 89 or less
//	< 80   <= 80   > 80   >= 80
//	a, b, 80..89      one of these
//	not a, b          none of these (and there is a value)
//	none   known      there is no value, there is one (optional facts only)
//	? EXPRESSION      what an expression over the facts says
//
// Values are written as their type asks: 2026-01-01, yes, an option by code or title.
func parseCell(a *axis, text string) (*cell, error) {
	c := &cell{text: strings.TrimSpace(text)}
	s := strings.NewReplacer("，", ",", "、", ",", "～", "..", "≥", ">=", "≤", "<=").Replace(c.text)
	if s == "" || s == "-" {
		c.any, c.none = true, true
		return c, nil
	}
	rest, not := strings.CutPrefix(s, "not ")
	if c.not = not; not {
		s = rest
	}
	for part := range strings.SplitSeq(s, ",") {
		at, err := parseAtom(a, strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		if (at.op == "none" || at.op == "known") && (!a.optional || not) {
			return nil, errs.E(errs.Invalid, "rule.cell_none", errs.Args{"fact": a.title, "value": clip(text)})
		}
		c.atoms = append(c.atoms, at)
		c.none = c.none || at.op == "none"
		if sp, ok := at.span(a); ok {
			c.spans = append(c.spans, sp)
		}
	}
	c.spans = merge(c.spans)
	if not {
		c.spans = complement(c.spans, a)
	}
	if len(c.spans) == 0 && !c.none {
		return nil, errs.E(errs.Invalid, "rule.cell_empty", errs.Args{"fact": a.title, "value": clip(text), "least": a.plain(a.least), "most": a.plain(a.most)})
	}
	return c, nil
}

func parseAtom(a *axis, s string) (atom, error) {
	wrong := func() (atom, error) {
		return atom{}, errs.E(errs.Invalid, "rule.cell", errs.Args{"fact": a.title, "value": clip(s)})
	}
	if s == "none" || s == "known" {
		return atom{op: s}, nil
	}
	ordered := a.kind == typeNumber || a.kind == typeDate
	if from, to, ok := strings.Cut(s, ".."); ok && ordered {
		return parseRange(a, from, to, wrong)
	}
	for _, op := range []string{"<=", ">=", "<", ">"} {
		if rest, ok := strings.CutPrefix(s, op); ok && ordered {
			v, err := a.parse(rest)
			return atom{op: op, a: v}, err
		}
	}
	s = strings.TrimSpace(strings.TrimPrefix(s, "="))
	if s == "" {
		return wrong()
	}
	if a.kind == typeText {
		return atom{op: "=", a: a.learn(s)}, nil
	}
	v, err := a.parse(s)
	return atom{op: "=", a: v}, err
}

func parseRange(a *axis, from, to string, wrong func() (atom, error)) (atom, error) {
	from, to = strings.TrimSpace(from), strings.TrimSpace(to)
	switch {
	case from == "" && to == "":
		return wrong()
	case to == "":
		v, err := a.parse(from)
		return atom{op: ">=", a: v}, err
	case from == "":
		v, err := a.parse(to)
		return atom{op: "<=", a: v}, err
	}
	lo, err := a.parse(from)
	if err != nil {
		return atom{}, err
	}
	hi, err := a.parse(to)
	if err != nil {
		return atom{}, err
	}
	if lo > hi {
		return wrong()
	}
	return atom{op: "..", a: lo, b: hi}, nil
}

// span returns the values of an atom that can be; ok is false where there are none.
func (at atom) span(a *axis) (span, bool) {
	s := span{a.least, a.most}
	if a.kind == typeText {
		s.hi = math.MaxInt32
	}
	switch at.op {
	case "=":
		s = span{at.a, at.a}
	case "..":
		s = span{at.a, at.b}
	case "<":
		s.hi = at.a - 1
	case "<=":
		s.hi = at.a
	case ">":
		s.lo = at.a + 1
	case ">=":
		s.lo = at.a
	case "none":
		return s, false
	}
	if a.kind != typeText { // the texts of a table become known while it is read
		s.lo, s.hi = max(s.lo, a.least), min(s.hi, a.most)
	}
	return s, s.lo <= s.hi
}

// merge puts intervals in order and joins those that touch.
func merge(spans []span) []span {
	slices.SortFunc(spans, func(x, y span) int { return cmp.Compare(x.lo, y.lo) })
	var out []span
	for _, s := range spans {
		if n := len(out); n > 0 && s.lo <= out[n-1].hi+1 {
			out[n-1].hi = max(out[n-1].hi, s.hi)
			continue
		}
		out = append(out, s)
	}
	return out
}

// complement returns what lies between and around intervals. The texts of a table
// have no end until it is read, so theirs goes beyond all.
func complement(spans []span, a *axis) []span {
	most := a.most
	if a.kind == typeText {
		most = math.MaxInt32
	}
	var out []span
	at := a.least
	for _, s := range spans {
		if at < s.lo {
			out = append(out, span{at, s.lo - 1})
		}
		at = s.hi + 1
	}
	if at <= most {
		out = append(out, span{at, most})
	}
	return out
}

// truth is what a test says of a value.
type truth uint8

const (
	no truth = iota
	yes
	unknown // the value is not known, and it turns on it
)

// of says what a test says of the value at a place. An expression is not asked here.
func (c *cell) of(at int64, optional bool) truth {
	if c.any {
		return yes
	}
	if at == absent {
		switch {
		case c.none:
			return yes
		case optional:
			return no
		}
		return unknown
	}
	for _, s := range c.spans {
		if at < s.lo {
			return no
		}
		if at <= s.hi {
			return yes
		}
	}
	return no
}
