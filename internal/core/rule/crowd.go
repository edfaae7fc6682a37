package rule

import (
	"math"
	"math/bits"
	"runtime"
	"sync"
	"time"
)

// NoValue is the place in a Column of a value that is not known or not there.
const NoValue = math.MinInt32

// Column is one fact of everyone, in the order of the people: whole numbers in units
// of the last decimal place, days since 1970 of a date, 0 and 1 of a yes/no, and of a
// choice or text the place in Words.
type Column struct {
	Places int // decimal places of a number
	Words  []string
	At     []int32
}

// Crowd is what is known of everyone, by the code of the fact. All columns are equally
// long.
type Crowd map[string]Column

// Len is the number of people.
func (c Crowd) Len() int {
	for _, col := range c {
		return len(col.At)
	}
	return 0
}

// Facts returns what is known of one person, for Decide: the same that Everyone saw.
func (c Crowd) Facts(person int) Facts {
	f := Facts{}
	for code, col := range c {
		at := col.At[person]
		switch {
		case at == NoValue:
		case col.Words != nil:
			f[code] = Known{Value: col.Words[at]}
		default:
			f[code] = Known{Value: placed{int64(at), col.Places}}
		}
	}
	return f
}

// placed is a value that a column holds: its type is that of the fact which asks.
type placed struct {
	at     int64
	places int
}

// on returns where the value lies on an axis.
func (p placed) on(a *axis) (int64, error) {
	at := p.at
	if a.kind == typeNumber {
		for range a.places - p.places {
			at *= 10
		}
		for range p.places - a.places {
			if at%10 != 0 {
				return absent, a.misfit(formatDecimal(p.at, p.places))
			}
			at /= 10
		}
	}
	return at, nil
}

// Tally is what one rule says of everyone.
type Tally struct {
	Rule    *Decider
	Granted int // decisions that grant
	Refused int // decisions that do not
	Missing int // it turns on facts that are not known
	Open    int // no row, or rows that contradict each other
	Rows    []int
	granted []uint64
	missing []uint64
	seen    []uint64 // people of whom a row says something; only where else grants
}

// Has reports whether the rule grants to a person.
func (t *Tally) Has(person int) bool { return t.granted[person>>6]>>(person&63)&1 == 1 }

// Lacks reports whether the rule turns on facts of a person that are not known.
func (t *Tally) Lacks(person int) bool { return t.missing[person>>6]>>(person&63)&1 == 1 }

// All yields the people the rule grants to, in order.
func (t *Tally) All(yield func(person int) bool) {
	for w, b := range t.granted {
		for ; b != 0; b &= b - 1 {
			if !yield(w<<6 + bits.TrailingZeros64(b)) {
				return
			}
		}
	}
}

// Everyone runs rules over everyone on a day. It puts the rows of all rules into one
// index, so that a person costs one bitmap for each fact and not one decision for each
// rule; why a person is refused is asked of Decide with Crowd.Facts, and is the same.
// Errors: Invalid where a column lacks or holds a value that the fact cannot have.
func Everyone(c Crowd, on time.Time, rules []*Decider) ([]Tally, error) {
	m, err := newMuster(c, on, rules)
	if err != nil {
		return nil, err
	}
	n := c.Len()
	words := (n + 63) / 64
	out := make([]Tally, len(rules))
	for i, d := range rules {
		out[i] = Tally{Rule: d, granted: make([]uint64, words), missing: make([]uint64, words)}
		if d.other != nil && d.other.grants {
			out[i].seen = make([]uint64, words)
		}
	}
	workers := runtime.GOMAXPROCS(0)
	chunk := (words + workers - 1) / workers * 64
	counts := make([]*tallies, workers)
	var wg sync.WaitGroup
	for k := range workers {
		from, to := min(k*chunk, n), min((k+1)*chunk, n)
		counts[k] = newTallies(m, out)
		wg.Go(func() { m.march(from, to, counts[k]) })
	}
	wg.Wait()
	for i, d := range rules {
		t := &out[i]
		t.Rows = make([]int, len(d.rows))
		for _, k := range counts {
			t.Granted, t.Missing, t.Open = t.Granted+k.granted[i], t.Missing+k.missing[i], t.Open+k.open[i]
			t.Refused += k.refused[i]
			for r := range d.rows {
				t.Rows[d.rows[r].at] += k.rows[m.first[i]+r]
			}
		}
		rest := n - t.Granted - t.Missing - t.Open - t.Refused
		switch {
		case d.other == nil:
			t.Open += rest
		case t.seen == nil:
			t.Refused += rest
		default:
			t.grantRest(n)
		}
	}
	return out, nil
}

// grantRest grants to all of whom no row says anything.
func (t *Tally) grantRest(n int) {
	for person := range n {
		if t.seen[person>>6]>>(person&63)&1 == 0 {
			t.Granted++
			t.granted[person>>6] |= 1 << (person & 63)
		}
	}
}
