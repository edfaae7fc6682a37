package rule

import (
	"math"
	"slices"
	"sort"
)

// spell is a stretch of days on which the same rows are in force, with their index.
type spell struct {
	from  int64 // first day
	rows  []int // rows in force, in the order of evaluation; a bit's number is a place here
	words int
	all   []uint64 // one bit for each row
	cols  []column
	asks  bool // some row asks an expression
}

// column is the index of one fact: its axis cut into classes that every row treats
// alike, and for each class the rows whose test it passes.
type column struct {
	axis  int
	cuts  []int64  // first value of each class
	near  []uint16 // class by value from cuts[1] on, where they lie close enough
	bits  []uint64 // rows by class
	yes   []uint64 // rows that hold where the value is absent
	maybe []uint64 // rows that may hold then
}

// nearest is how far apart the cuts of an axis may lie for a table by value.
const nearest = 1 << 13

// index builds the spells.
func (d *Decider) index() {
	firsts := []int64{math.MinInt64}
	for _, r := range d.rows {
		if r.from != math.MinInt64 {
			firsts = append(firsts, r.from)
		}
		if r.to != math.MaxInt64 {
			firsts = append(firsts, r.to+1)
		}
	}
	slices.Sort(firsts)
	for _, from := range slices.Compact(firsts) {
		d.spells = append(d.spells, d.spell(from))
	}
}

func (d *Decider) spell(from int64) spell {
	s := spell{from: from}
	for i, r := range d.rows {
		if r.from <= from && from <= r.to {
			s.rows = append(s.rows, i)
			s.asks = s.asks || len(r.asks) > 0
		}
	}
	s.words = (len(s.rows) + 63) / 64
	s.all = make([]uint64, s.words)
	for n := range s.rows {
		set(s.all, n)
	}
	for i := range d.axes {
		if slices.ContainsFunc(s.rows, func(r int) bool { return !d.rows[r].cells[i].any }) {
			s.cols = append(s.cols, d.column(&s, i))
		}
	}
	// The column that tells most rows apart goes first, so that most words are empty soon.
	sort.SliceStable(s.cols, func(i, j int) bool { return len(s.cols[i].cuts) > len(s.cols[j].cuts) })
	return s
}

func (d *Decider) column(s *spell, axis int) column {
	a := d.axes[axis]
	c := column{axis: axis, yes: make([]uint64, s.words), maybe: make([]uint64, s.words)}
	cuts := []int64{a.least}
	for _, r := range s.rows {
		if test := d.rows[r].cells[axis]; !test.any {
			for _, sp := range test.spans {
				cuts = append(cuts, sp.lo)
				if sp.hi < a.most {
					cuts = append(cuts, sp.hi+1)
				}
			}
		}
	}
	slices.Sort(cuts)
	c.cuts = slices.Compact(cuts)
	c.bits = make([]uint64, len(c.cuts)*s.words)
	for n, r := range s.rows {
		test := d.rows[r].cells[axis]
		switch test.of(absent, a.optional) {
		case yes:
			set(c.yes, n)
			set(c.maybe, n)
		case unknown:
			set(c.maybe, n)
		}
		for class := range c.classes(test) {
			set(c.bits[class*s.words:], n)
		}
	}
	c.nearby()
	return c
}

// classes yields the classes that pass a test.
func (c *column) classes(test *cell) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		spans := test.spans
		if test.any {
			spans = []span{{c.cuts[0], math.MaxInt64}}
		}
		for _, sp := range spans {
			class, _ := slices.BinarySearch(c.cuts, sp.lo)
			for ; class < len(c.cuts) && c.cuts[class] <= sp.hi; class++ {
				if !yield(class) {
					return
				}
			}
		}
	}
}

func (c *column) nearby() {
	last := len(c.cuts) - 1
	if last < 1 || last > math.MaxUint16 || c.cuts[last]-c.cuts[1] >= nearest {
		return
	}
	c.near = make([]uint16, c.cuts[last]-c.cuts[1]+1)
	for class := 1; class <= last; class++ {
		to := c.cuts[last]
		if class < last {
			to = c.cuts[class+1] - 1
		}
		for v := c.cuts[class]; v <= to; v++ {
			c.near[v-c.cuts[1]] = uint16(class)
		}
	}
}

// class returns the class of a value that the axis has.
func (c *column) class(v int64) int {
	if c.near != nil {
		if v -= c.cuts[1]; v < 0 {
			return 0
		} else if v >= int64(len(c.near)) {
			return len(c.cuts) - 1
		}
		return int(c.near[v])
	}
	lo, hi := 0, len(c.cuts)
	for hi-lo > 1 {
		if mid := int(uint(lo+hi) >> 1); c.cuts[mid] <= v {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo
}

func set(bits []uint64, n int) { bits[n>>6] |= 1 << (n & 63) }

// on returns the spell of a day.
func (d *Decider) on(day int64) *spell {
	i := len(d.spells) - 1
	for i > 0 && d.spells[i].from > day {
		i--
	}
	return &d.spells[i]
}
