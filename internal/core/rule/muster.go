package rule

import (
	"math"
	"slices"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
)

// muster is the index of all rules over all facts.
type muster struct {
	crowd Crowd
	on    time.Time
	rules []*Decider
	rows  []mustered // by bit
	first []int      // number of the first row of each rule among all rows
	words int
	all   []uint64
	cols  []rank
	packs []pack
}

// mostPacked bounds the classes that a pack puts together.
const mostPacked = 512

// pack is some columns put together into one: a class for each combination of theirs.
type pack struct {
	cols    []int
	strides []int
	hold    []uint64 // rows by combination
}

// mustered is a row among the rows of all rules.
type mustered struct {
	rule   int
	row    int // among all rows
	grants bool
	asks   bool
	ends   bool // its rule is settled by the first row that holds
}

// rank is a fact of everyone with its index; the class after the last is for those of
// whom it is not known.
type rank struct {
	at    []int32
	cuts  []int64
	near  []uint16 // class by value from base on, where the values lie close
	base  int64
	hold  []uint64 // rows by class
	may   []uint64
	loose bool // some may differs from its hold
}

// need is one fact as one rule asks for it.
type need struct{ rule, axis int }

func newMuster(c Crowd, on time.Time, rules []*Decider) (*muster, error) {
	m := &muster{crowd: c, on: on, rules: rules}
	day := dayOf(on.In(text.CST))
	bit := map[[2]int]int{} // bit by rule and row
	total := 0
	for i, d := range rules {
		m.first = append(m.first, total)
		total += len(d.rows)
		for _, r := range d.on(day).rows {
			bit[[2]int{i, r}] = len(m.rows)
			ends := (d.table.Hit == hitFirst || d.table.Hit == hitPriority) && len(d.rows[r].asks) == 0
			m.rows = append(m.rows, mustered{i, m.first[i] + r, d.rows[r].grants, len(d.rows[r].asks) > 0, ends})
		}
	}
	m.words = (len(m.rows) + 63) / 64
	m.all = make([]uint64, m.words)
	for b := range m.rows {
		set(m.all, b)
	}
	groups, order, err := m.columns(day)
	if err != nil {
		return nil, err
	}
	for _, key := range order {
		m.cols = append(m.cols, m.rank(groups[key], bit, day))
	}
	m.pack()
	return m, nil
}

// pack puts columns of few classes together, so that one step stands for several.
func (m *muster) pack() {
	order := make([]int, len(m.cols))
	for k := range order {
		order[k] = k
	}
	size := func(k int) int { return len(m.cols[k].cuts) + 1 }
	slices.SortFunc(order, func(a, b int) int { return size(a) - size(b) })
	for i := 0; i < len(order); {
		p := pack{}
		n := 1
		for ; i < len(order) && (n == 1 || n*size(order[i]) <= mostPacked); i++ {
			p.cols, p.strides = append(p.cols, order[i]), append(p.strides, n*m.words)
			n *= size(order[i])
		}
		p.hold = make([]uint64, n*m.words)
		for at := range n {
			here := p.hold[at*m.words : (at+1)*m.words]
			copy(here, m.all)
			for j, k := range p.cols {
				class := at * m.words / p.strides[j] % size(k)
				for w := range here {
					here[w] &= m.cols[k].hold[class*m.words+w]
				}
			}
		}
		m.packs = append(m.packs, p)
	}
}

// group is a column of values and the facts of rules that read it.
type group struct {
	at    []int32
	axis  *axis // whose places the values are
	needs []need
}

// columns gathers the facts that rules test, each kind of values once.
func (m *muster) columns(day int64) (map[string]*group, []string, error) {
	groups := map[string]*group{}
	var order []string
	for i, d := range m.rules {
		for _, col := range d.on(day).cols {
			a := d.axes[col.axis]
			key := a.key(d.computed[col.axis])
			g := groups[key]
			if g == nil {
				at, err := m.values(d, col.axis, day)
				if err != nil {
					return nil, nil, err
				}
				g = &group{at: at, axis: a}
				groups[key], order = g, append(order, key)
			}
			g.needs = append(g.needs, need{i, col.axis})
		}
	}
	return groups, order, nil
}

// key names a kind of values: facts with one key have the same value at the same place.
func (a *axis) key(f *formula) string {
	key := a.code + "|" + a.kind + "|" + formatDecimal(int64(a.places), 0) + "|" + formatDecimal(a.least, 0) + "|" + formatDecimal(a.most, 0)
	for _, o := range a.options {
		key += "|" + o.Code
	}
	for _, s := range a.texts {
		key += "|" + s
	}
	if f != nil {
		key += "|" + f.text
	}
	if a.optional {
		key += "|optional"
	}
	return key
}

// values returns the places of everyone on the axis of a fact.
func (m *muster) values(d *Decider, axis int, day int64) ([]int32, error) {
	a := d.axes[axis]
	if f := d.computed[axis]; f != nil {
		return m.computed(d, axis, f, day)
	}
	col, ok := m.crowd[a.code]
	if !ok {
		return nil, errs.E(errs.Invalid, "rule.no_column", errs.Args{"fact": a.title})
	}
	words, err := placesOf(a, col.Words)
	if err != nil {
		return nil, err
	}
	if col.Words == nil && (a.kind != typeNumber || a.places == col.Places) && a.within(col.At) {
		return col.At, nil
	}
	out := make([]int32, len(col.At))
	for i, v := range col.At {
		at := int64(v)
		switch {
		case v == NoValue:
			out[i] = NoValue
			continue
		case words != nil:
			at = words[v]
		default:
			at, err = placed{at, col.Places}.on(a)
		}
		if err != nil || at < a.least || at > a.most || at > math.MaxInt32 || at <= NoValue {
			return nil, errs.E(errs.Invalid, "rule.bad_fact", errs.Args{"fact": a.title, "value": a.plain(at)})
		}
		out[i] = int32(at)
	}
	return out, nil
}

func (a *axis) within(at []int32) bool {
	return !slices.ContainsFunc(at, func(v int32) bool { return v != NoValue && (int64(v) < a.least || int64(v) > a.most) })
}

// placesOf brings the words of a column to the places of an axis.
func placesOf(a *axis, words []string) ([]int64, error) {
	if words == nil {
		return nil, nil
	}
	out := make([]int64, len(words))
	for i, w := range words {
		at, err := a.place(w)
		if err != nil {
			return nil, errs.E(errs.Invalid, "rule.bad_fact", errs.Args{"fact": a.title, "value": clip(w)}).Because(err)
		}
		out[i] = at
	}
	return out, nil
}

// computed returns a computed fact of everyone. Where it follows from one fact only,
// it is computed once for each value of that.
func (m *muster) computed(d *Decider, axis int, f *formula, day int64) ([]int32, error) {
	from := make([][]int32, len(f.needs))
	for k, n := range f.needs {
		at, err := m.values(d, n, day)
		if err != nil {
			return nil, err
		}
		from[k] = at
	}
	out := make([]int32, m.crowd.Len())
	at := slices.Repeat([]int64{absent}, len(d.axes))
	known, base := remembered(from)
	for i := range out {
		if known != nil && from[0][i] != NoValue {
			if v := known[int(from[0][i])-base]; v != notYet {
				out[i] = v
				continue
			}
		}
		for k, n := range f.needs {
			if at[n] = int64(from[k][i]); from[k][i] == NoValue {
				at[n] = absent
			}
		}
		v := f.place(scene{d, at[:axis], day}, d.axes[axis])
		if out[i] = int32(v); v == absent || v > math.MaxInt32 || v <= notYet {
			out[i] = NoValue
		}
		if known != nil && from[0][i] != NoValue {
			known[int(from[0][i])-base] = out[i]
		}
	}
	return out, nil
}

// notYet is a value that was not computed so far.
const notYet = NoValue + 1

// remembered makes room for what follows from each value of a single column; nil where
// there are several, or its values lie too far apart.
func remembered(from [][]int32) (known []int32, base int) {
	if len(from) != 1 {
		return nil, 0
	}
	least, most := math.MaxInt32, math.MinInt32
	for _, v := range from[0] {
		if v != NoValue {
			least, most = min(least, int(v)), max(most, int(v))
		}
	}
	if most < least || most-least > 1<<22 {
		return nil, 0
	}
	return slices.Repeat([]int32{notYet}, most-least+1), least
}

// rank indexes a column over all rows that test it.
func (m *muster) rank(g *group, bit map[[2]int]int, day int64) rank {
	c := column{cuts: []int64{g.axis.least}}
	for _, n := range g.needs {
		for i := range m.rules[n.rule].on(day).cols {
			if col := &m.rules[n.rule].on(day).cols[i]; col.axis == n.axis {
				c.cuts = append(c.cuts, col.cuts...)
			}
		}
	}
	slices.Sort(c.cuts)
	c.cuts = slices.Compact(c.cuts)
	r := rank{at: g.at, cuts: c.cuts, hold: make([]uint64, (len(c.cuts)+1)*m.words)}
	for class := range len(c.cuts) + 1 {
		copy(r.hold[class*m.words:], m.all)
	}
	r.may = slices.Clone(r.hold[len(c.cuts)*m.words:])
	last := r.hold[len(c.cuts)*m.words:]
	for _, n := range g.needs {
		d := m.rules[n.rule]
		for _, row := range d.on(day).rows {
			test := d.rows[row].cells[n.axis]
			if test.any {
				continue
			}
			b := bit[[2]int{n.rule, row}]
			for class := range c.cuts {
				r.hold[class*m.words+b>>6] &^= 1 << (b & 63)
			}
			for class := range c.classes(test) {
				set(r.hold[class*m.words:], b)
			}
			switch test.of(absent, g.axis.optional) {
			case no:
				last[b>>6] &^= 1 << (b & 63)
				r.may[b>>6] &^= 1 << (b & 63)
			case unknown:
				last[b>>6] &^= 1 << (b & 63)
				r.loose = true
			}
		}
	}
	c.nearby()
	if r.near = c.near; r.near != nil {
		r.base = c.cuts[1]
	}
	return r
}

// class returns the class of a value.
func (r *rank) class(v int32) int {
	if v == NoValue {
		return len(r.cuts)
	}
	if r.near == nil {
		c := column{cuts: r.cuts}
		return c.class(int64(v))
	}
	at := int64(v) - r.base
	switch {
	case at < 0:
		return 0
	case at >= int64(len(r.near)):
		return len(r.cuts) - 1
	}
	return int(r.near[at])
}
