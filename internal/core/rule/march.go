package rule

import (
	"math/bits"
)

// tallies are the counts of one worker, by rule and by row.
type tallies struct {
	out                             []Tally
	granted, refused, missing, open []int
	rows                            []int
}

func newTallies(m *muster, out []Tally) *tallies {
	n := len(out)
	total := 0
	for _, d := range m.rules {
		total += len(d.rows)
	}
	return &tallies{out, make([]int, n), make([]int, n), make([]int, n), make([]int, n), make([]int, total)}
}

// march decides for the people from one to another.
func (m *muster) march(from, to int, t *tallies) {
	classes := make([]int, len(m.cols))
	hold, may := make([]uint64, m.words), make([]uint64, m.words)
	for i := from; i < to; i++ {
		loose := false
		for k := range m.cols {
			c := &m.cols[k]
			class := c.class(c.at[i])
			loose = loose || c.loose && class == len(c.cuts)
			classes[k] = class
		}
		copy(hold, m.all)
		for k := range m.packs {
			p := &m.packs[k]
			at := 0
			for j, col := range p.cols {
				at += classes[col] * p.strides[j]
			}
			here := p.hold[at : at+len(hold)]
			for w := range hold {
				hold[w] &= here[w]
			}
		}
		if loose {
			m.loosen(classes, may)
			m.settle(i, hold, may, t)
		} else {
			m.settle(i, hold, hold, t)
		}
	}
}

// loosen finds the rows that may hold where facts are not known.
func (m *muster) loosen(classes []int, may []uint64) {
	copy(may, m.all)
	for k, class := range classes {
		c := &m.cols[k]
		here := c.may
		if class < len(c.cuts) {
			here = c.hold[class*m.words : (class+1)*m.words]
		}
		for w := range may {
			may[w] &= here[w]
		}
	}
}

// settle applies the hit policies to the rows that hold, rule by rule.
func (m *muster) settle(person int, hold, may []uint64, t *tallies) {
	rule, row, state := -1, -1, Missing
	grants, done := false, false
	for w := range may {
		for b := may[w]; b != 0; b &= b - 1 {
			r := &m.rows[w<<6+bits.TrailingZeros64(b)]
			if r.rule == rule && done {
				continue
			}
			held := hold[w]&(b&-b) != 0
			if r.rule != rule {
				t.note(person, rule, row, state, grants)
				rule, row, state, grants, done = r.rule, -1, NoRow, false, false
				if held && r.ends {
					t.settled(person, r)
					done = true
					continue
				}
			}
			d := m.rules[rule]
			switch hit := d.table.Hit; {
			case r.asks:
				out, err := d.Decide(m.on, m.crowd.Facts(person))
				state, grants, row, done = out.State, out.Grants(), -1, true
				if err != nil {
					state = Conflict
				}
				if state == Decided && len(out.rows) > 0 {
					row = m.first[rule] + out.rows[0]
				}
			case !held:
				state, row, done = Missing, -1, true
			case row < 0:
				state, row, grants = Decided, r.row, r.grants
				done = hit == hitFirst || hit == hitPriority
			case hit == hitCollect:
				grants = grants || r.grants
			case hit == hitUnique || !d.agree([]int{row - m.first[rule], r.row - m.first[rule]}):
				state = Conflict
			}
		}
	}
	t.note(person, rule, row, state, grants)
}

// settled counts a rule that its first row settles.
func (t *tallies) settled(person int, r *mustered) {
	t.rows[r.row]++
	out := &t.out[r.rule]
	if r.grants {
		t.granted[r.rule]++
		out.granted[person>>6] |= 1 << (person & 63)
	} else {
		t.refused[r.rule]++
	}
	if out.seen != nil {
		out.seen[person>>6] |= 1 << (person & 63)
	}
}

// note counts what a rule says of a person. Where no row holds nothing is noted: that
// is what is left.
func (t *tallies) note(person, rule, row int, state State, grants bool) {
	if rule < 0 || state == NoRow {
		return
	}
	if row >= 0 && state == Decided {
		t.rows[row]++
	}
	if seen := t.out[rule].seen; seen != nil {
		seen[person>>6] |= 1 << (person & 63)
	}
	switch {
	case state == Decided && grants:
		t.granted[rule]++
		t.out[rule].granted[person>>6] |= 1 << (person & 63)
	case state == Decided:
		t.refused[rule]++
	case state == Missing:
		t.missing[rule]++
		t.out[rule].missing[person>>6] |= 1 << (person & 63)
	case state == Conflict:
		t.open[rule]++
	}
}
