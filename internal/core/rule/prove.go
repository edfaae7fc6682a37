package rule

import (
	"math"
	"slices"
	"strings"

	"yiwang/internal/base/errs"
)

// mostSteps bounds the search of one proof; what is not proved within it is said.
// mostFound is how many findings of one kind are shown.
const (
	mostSteps = 300_000
	mostFound = 10
)

// Point is facts, by code as a declaration writes them, that show what is wrong. A
// fact that is not named may be anything.
type Point map[string]string

// Proof is one thing that was found out about a table by looking at all facts there
// can be, and not at examples.
type Proof struct {
	Kind  string // gap, overlap, contradiction, unreached, else_unreached, or unproved
	Rows  []int  // rows concerned, by place in the declaration
	On    string // a day on which it is so; "" is any
	Point Point  // facts for which it is so
	Sure  bool   // it is so; else it may be, and expressions or facts that hang together leave it open
}

// The kinds of a Proof.
const (
	ProofGap           = "gap"            // no row holds and there is no else
	ProofOverlap       = "overlap"        // two rows hold where one may
	ProofContradiction = "contradiction"  // two rows hold and say different things
	ProofUnreached     = "unreached"      // rows before it always decide
	ProofElseUnreached = "else_unreached" // rows always decide
	ProofUnproved      = "unproved"       // the search was given up
)

// Prove looks for gaps, overlaps, contradictions and rows that never decide, over
// every combination of facts and every day. Every test is a set of intervals on the
// axis of its fact, so a row is a box, and the question is whether boxes meet and
// whether they fill the room: that is decided exactly. Expressions are asked at the
// witness only, and facts that follow from each other are taken as free; where that
// leaves a doubt, the Proof is not Sure.
func (d *Decider) Prove() []Proof {
	var all []Proof
	seen := map[string]bool{}
	started := false
	for i := range d.spells {
		s := &d.spells[i]
		started = started || len(s.rows) > 0
		if !started {
			continue // the table does not begin before its first row
		}
		p := &prover{d: d, s: s, free: d.free(s)}
		p.tails()
		p.gaps()
		p.meetings()
		p.reached()
		for _, f := range p.found {
			if s.from != math.MinInt64 {
				f.On = timeOf(s.from).Format("2006-01-02")
			}
			if key := f.key(); !seen[key] {
				seen[key] = true
				all = append(all, f)
			}
		}
	}
	return all
}

func (f Proof) key() string {
	var b strings.Builder
	b.WriteString(f.Kind)
	for _, r := range f.Rows {
		b.WriteString(" " + formatDecimal(int64(r), 0))
	}
	if f.Kind == ProofGap {
		for _, code := range sortedKeys(f.Point) {
			b.WriteString(" " + code + "=" + f.Point[code])
		}
	}
	return b.String()
}

// prover proves one spell.
type prover struct {
	d     *Decider
	s     *spell
	free  bool       // no fact that is tested follows from another that is
	sure  []uint64   // rows without expressions
	tail  [][]uint64 // by column: sure rows that test nothing from it on
	steps int
	found []Proof
}

// free reports whether each of the facts that a spell tests can have any value
// whatever the others have.
func (d *Decider) free(s *spell) bool {
	used := map[int]bool{}
	for _, c := range s.cols {
		for _, n := range d.roots(c.axis) {
			if used[n] {
				return false
			}
			used[n] = true
		}
	}
	return true
}

// roots are the given facts that a fact follows from.
func (d *Decider) roots(axis int) []int {
	f := d.computed[axis]
	if f == nil {
		return []int{axis}
	}
	var out []int
	for _, n := range f.needs {
		for _, r := range d.roots(n) {
			if !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	return out
}

func (p *prover) tails() {
	p.sure = make([]uint64, p.s.words)
	for n, r := range p.s.rows {
		if len(p.d.rows[r].asks) == 0 {
			set(p.sure, n)
		}
	}
	p.tail = make([][]uint64, len(p.s.cols)+1)
	p.tail[len(p.s.cols)] = p.sure
	for k := len(p.s.cols) - 1; k >= 0; k-- {
		p.tail[k] = slices.Clone(p.tail[k+1])
		for n, r := range p.s.rows {
			if !p.d.rows[r].cells[p.s.cols[k].axis].any {
				p.tail[k][n>>6] &^= 1 << (n & 63)
			}
		}
	}
}

// search walks the classes of the columns, one after the other, with the rows that
// are left; it stops where a row fills all that is below, and where it has been
// with the same rows.
type search struct {
	p      *prover
	within func(col, class int) bool // classes to look at; -1 is absent
	most   int
	been   map[string]bool
	at     []int // class by column so far
	holes  [][]int
	doubts [][]int // where only rows with expressions are left
	given  bool    // up
}

func (p *prover) search(rows []uint64, most int, within func(col, class int) bool) *search {
	q := &search{p: p, within: within, most: most, been: map[string]bool{}}
	q.walk(0, rows)
	return q
}

func (q *search) walk(k int, rows []uint64) {
	if q.given || len(q.holes) >= q.most {
		return
	}
	if q.p.steps++; q.p.steps > mostSteps {
		q.given = true
		return
	}
	if meet(rows, q.p.tail[k]) {
		return
	}
	if empty(rows) || k == len(q.p.s.cols) {
		hole := slices.Clone(q.at)
		for len(hole) < len(q.p.s.cols) {
			hole = append(hole, q.somewhere(len(hole)))
		}
		if empty(rows) {
			q.holes = append(q.holes, hole)
		} else if len(q.doubts) < q.most {
			q.doubts = append(q.doubts, hole)
		}
		return
	}
	key := string(rune(k)) + keyOf(rows)
	if q.been[key] {
		return
	}
	q.been[key] = true
	c := &q.p.s.cols[k]
	first := 0
	if q.p.d.axes[c.axis].optional {
		first = -1
	}
	left := make([]uint64, len(rows))
	for class := first; class < len(c.cuts); class++ {
		if !q.within(k, class) {
			continue
		}
		pass := c.yes
		if class >= 0 {
			pass = c.bits[class*q.p.s.words : (class+1)*q.p.s.words]
		}
		for w := range left {
			left[w] = rows[w] & pass[w]
		}
		q.at = append(q.at, class)
		q.walk(k+1, left)
		q.at = q.at[:len(q.at)-1]
	}
}

// somewhere is a class of a column that may be looked at.
func (q *search) somewhere(k int) int {
	for class := range q.p.s.cols[k].cuts {
		if q.within(k, class) {
			return class
		}
	}
	return -1
}

func meet(a, b []uint64) bool {
	for i := range a {
		if a[i]&b[i] != 0 {
			return true
		}
	}
	return false
}

func empty(a []uint64) bool {
	for _, w := range a {
		if w != 0 {
			return false
		}
	}
	return true
}

func keyOf(rows []uint64) string {
	b := make([]byte, 0, len(rows)*8)
	for _, w := range rows {
		for range 8 {
			b = append(b, byte(w))
			w >>= 8
		}
	}
	return string(b)
}

func anyClass(int, int) bool { return true }

// gaps looks for facts for which no row holds, or shows that there are none and an
// else is idle.
func (p *prover) gaps() {
	if p.d.table.Hit == hitCollect {
		return // that nothing is collected is an answer
	}
	most := mostFound
	if p.d.other != nil {
		most = 1
	}
	q := p.search(p.s.all, most, anyClass)
	switch {
	case p.d.other != nil:
		if !q.given && len(q.holes)+len(q.doubts) == 0 {
			p.add(Proof{Kind: ProofElseUnreached, Sure: true})
		}
		return
	case q.given:
		p.add(Proof{Kind: ProofUnproved})
	}
	for _, h := range q.holes {
		p.add(Proof{Kind: ProofGap, Point: p.point(h), Sure: p.free})
	}
	if len(q.holes) == 0 {
		for _, h := range q.doubts {
			p.add(Proof{Kind: ProofGap, Point: p.point(h)})
		}
	}
}

func (p *prover) add(f Proof) { p.found = append(p.found, f) }

// point names a value of each class.
func (p *prover) point(classes []int) Point {
	out := Point{}
	for k, class := range classes {
		c := &p.s.cols[k]
		a := p.d.axes[c.axis]
		if class < 0 {
			out[a.code] = "none"
			continue
		}
		lo, hi := c.cuts[class], a.most
		if class+1 < len(c.cuts) {
			hi = c.cuts[class+1] - 1
		}
		out[a.code] = a.plain(typical(a, lo, hi))
	}
	return out
}

// typical picks a value of an interval that says something to a person: an end that
// the table names, and not the end of all numbers.
func typical(a *axis, lo, hi int64) int64 {
	switch {
	case lo > -farthest:
		return lo
	case hi < farthest:
		return hi
	}
	return 0
}

// meetings looks for rows that hold together where they may not.
func (p *prover) meetings() {
	hit := p.d.table.Hit
	if hit == hitFirst || hit == hitCollect {
		return
	}
	n := 0
	for i, ri := range p.s.rows {
		for _, rj := range p.s.rows[i+1:] {
			if n >= mostFound {
				return
			}
			a, b := &p.d.rows[ri], &p.d.rows[rj]
			differ := !slices.Equal(a.then, b.then)
			if hit == hitAny && !differ || hit == hitPriority && (!differ || a.then[0] != b.then[0]) {
				continue
			}
			if point, ok := p.meeting(a, b); ok {
				f := Proof{Kind: ProofOverlap, Rows: []int{a.at, b.at}, Point: point, Sure: p.free && p.bothHold(a, b, point)}
				if differ {
					f.Kind = ProofContradiction
				}
				slices.Sort(f.Rows)
				p.add(f)
				n++
			}
		}
	}
}

// meeting returns facts for which the tests of two rows hold.
func (p *prover) meeting(a, b *row) (Point, bool) {
	var where [mostFacts]int64
	for k := range p.s.cols {
		axis := p.d.axes[p.s.cols[k].axis]
		v, ok := common(axis, a.cells[p.s.cols[k].axis], b.cells[p.s.cols[k].axis])
		if !ok {
			return nil, false
		}
		where[k] = v
	}
	out := Point{}
	for k := range p.s.cols {
		axis := p.d.axes[p.s.cols[k].axis]
		if out[axis.code] = axis.plain(where[k]); where[k] == absent {
			out[axis.code] = "none"
		}
	}
	return out, true
}

// common returns a value that passes two tests.
func common(a *axis, x, y *cell) (int64, bool) {
	whole := []span{{a.least, a.most}}
	xs, ys := x.spans, y.spans
	if x.any {
		xs = whole
	}
	if y.any {
		ys = whole
	}
	for i, j := 0, 0; i < len(xs) && j < len(ys); {
		lo, hi := max(xs[i].lo, ys[j].lo), min(xs[i].hi, ys[j].hi, a.most)
		if lo <= hi {
			return typical(a, lo, hi), true
		}
		if xs[i].hi < ys[j].hi {
			i++
		} else {
			j++
		}
	}
	return absent, a.optional && x.none && y.none
}

// bothHold asks the expressions of two rows at a point.
func (p *prover) bothHold(a, b *row, point Point) bool {
	if len(a.asks)+len(b.asks) == 0 {
		return true
	}
	at := make([]int64, len(p.d.axes))
	for i, axis := range p.d.axes {
		text, ok := point[axis.code]
		if at[i] = typical(axis, axis.least, axis.most); ok {
			at[i] = absent
			if text != "none" {
				v, err := axis.parse(text)
				if err != nil {
					return false
				}
				at[i] = v
			}
		}
	}
	on := int64(0)
	if p.s.from != math.MinInt64 {
		on = p.s.from
	}
	for _, r := range []*row{a, b} {
		for _, i := range r.asks {
			if r.cells[i].ask.holds(scene{p.d, at, on}) != yes {
				return false
			}
		}
	}
	return true
}

// reached looks for rows that never decide because those before them always do.
func (p *prover) reached() {
	if h := p.d.table.Hit; h != hitFirst && h != hitPriority {
		return
	}
	before := make([]uint64, p.s.words)
	n := 0
	for i, r := range p.s.rows {
		row := &p.d.rows[r]
		if i > 0 && n < mostFound {
			q := p.search(before, 1, func(k, class int) bool { return p.passes(row, k, class) })
			switch {
			case q.given:
				p.add(Proof{Kind: ProofUnproved})
				return
			case len(q.holes)+len(q.doubts) == 0:
				p.add(Proof{Kind: ProofUnreached, Rows: []int{row.at}, Sure: true})
				n++
			}
		}
		set(before, i)
	}
}

// passes reports whether a row holds in a class of a column.
func (p *prover) passes(r *row, k, class int) bool {
	c := &p.s.cols[k]
	if class < 0 {
		return r.cells[c.axis].none
	}
	return r.cells[c.axis].of(c.cuts[class], true) == yes
}

// proofKeys are the sentences of what a proof found.
var proofKeys = map[string]string{
	ProofGap: "rule.gap", ProofOverlap: "rule.overlap", ProofContradiction: "rule.contradiction",
	ProofUnreached: "rule.unreached", ProofElseUnreached: "rule.else_unreached", ProofUnproved: "rule.unproved",
}

// Fault brings a proof into a sentence and a place.
func (d *Decider) fault(p Proof) Fault {
	f := Fault{Path: []any{"rows"}, Key: proofKeys[p.Kind], Doubt: !p.Sure, Args: errs.Args{"on": p.On}}
	if !p.Sure && p.Kind != ProofUnproved {
		f.Key += "_maybe"
	}
	if len(p.Rows) > 0 {
		f.Path = append(f.Path, p.Rows[len(p.Rows)-1])
		f.Args["row"] = d.table.Rows[p.Rows[len(p.Rows)-1]].Code
		f.Args["other"] = d.table.Rows[p.Rows[0]].Code
	}
	if p.Kind == ProofElseUnreached {
		f.Path, f.Doubt = []any{"else"}, true
	}
	f.Args["facts"] = d.shown(p.Point)
	return f
}

// shown writes a point with the titles of facts and options.
func (d *Decider) shown(p Point) string {
	var parts []string
	for _, a := range d.axes {
		text, ok := p[a.code]
		if !ok {
			continue
		}
		if at, err := a.parse(text); err == nil && text != "none" {
			text = a.plain(at)
			switch {
			case a.kind == typeChoice:
				text = a.options[at].Title
			case a.kind == typeText && at == otherText:
				text = "*"
			}
		}
		parts = append(parts, a.title+" = "+text)
	}
	return strings.Join(parts, "; ")
}
