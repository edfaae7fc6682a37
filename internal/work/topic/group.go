package topic

import (
	"cmp"
	"context"
	"math"
	"slices"

	"yiwang/internal/base/pace"
)

// How alike messages must be to be one issue.
const (
	// nearby is how many neighbours of a message are looked at.
	nearby = 60
	// candidate is the least likeness of neighbours.
	candidate = 0.10
	// joined is the least bond of two groups that become one.
	joined = 0.22
	// agreed is what a bond gains where matter and place are read as the same.
	agreed = 0.10
	// average is the least mean likeness between the messages of two groups that
	// become one. Centres of large groups are alike by what everybody says.
	average = 0.08
	// otherMatter and otherPlace are what part of a bond is lost where two groups
	// are read as wholly different matters, or name wholly different places.
	otherMatter, otherPlace = 0.6, 0.4
)

// side is one way of looking at a group: the sum of its messages' vectors.
type side struct {
	vec
	norm float64
}

func newSide(v vec) side {
	s := side{vec: v}
	s.measure()
	return s
}

func (s *side) measure() {
	x := 0.0
	for _, v := range s.val {
		x += float64(v) * float64(v)
	}
	s.norm = math.Sqrt(x)
}

func (s *side) add(o side) {
	sum := vec{make([]int32, 0, len(s.col)+len(o.col)), make([]float32, 0, len(s.col)+len(o.col))}
	put := func(c int32, v float32) { sum.col, sum.val = append(sum.col, c), append(sum.val, v) }
	i, j := 0, 0
	for i < len(s.col) && j < len(o.col) {
		switch a, b := s.col[i], o.col[j]; {
		case a < b:
			put(a, s.val[i])
			i++
		case a > b:
			put(b, o.val[j])
			j++
		default:
			put(a, s.val[i]+o.val[j])
			i, j = i+1, j+1
		}
	}
	sum.col = append(append(sum.col, s.col[i:]...), o.col[j:]...)
	sum.val = append(append(sum.val, s.val[i:]...), o.val[j:]...)
	s.vec = sum
	s.measure()
}

// group is messages taken for one issue, while groups grow.
type group struct {
	rows                  []int32
	words, matter, places side
	to                    []int32 // groups that may be joined with this one; of several that were joined, each
	into                  int32   // the group that this one was joined into, itself while it stands
}

func (g *group) gone() bool { return g.rows == nil }

// spread is a side laid out by column, so that many others are held against it at the
// cost of their own length.
type spread struct {
	at   []float32 // zero but for the columns of side
	side side
}

// newSpread makes room for the sides of these vectors.
func newSpread(rows []vec) spread {
	columns := 0
	for _, v := range rows {
		if n := len(v.col); n > 0 {
			columns = max(columns, int(v.col[n-1])+1)
		}
	}
	return spread{at: make([]float32, columns)}
}

func (p *spread) lay(s side) {
	for _, c := range p.side.col {
		p.at[c] = 0
	}
	p.side = s
	for i, c := range s.col {
		p.at[c] = s.val[i]
	}
}

// cos is the likeness of two centres, 0 to 1; ok is false where one says nothing.
func (p *spread) cos(o *side) (x float64, ok bool) {
	if p.side.norm == 0 || o.norm == 0 {
		return 0, false
	}
	for i, c := range o.col {
		x += float64(o.val[i]) * float64(p.at[c])
	}
	return x / (p.side.norm * o.norm), true
}

// pair is two groups that may be joined, as they were when it was weighed.
type pair struct {
	a, b   int32
	na, nb int32
	bond   float64
}

// before reports whether a pair is joined before another.
func (p *pair) before(o *pair) bool {
	switch {
	case p.bond != o.bond:
		return p.bond > o.bond
	case p.a != o.a:
		return p.a < o.a
	}
	return p.b < o.b
}

// pairs is a heap, what is joined first on top.
type pairs []pair

func (h *pairs) push(p pair) {
	*h = append(*h, p)
	q := *h
	at := len(q) - 1
	for at > 0 {
		up := (at - 1) / 2
		if !p.before(&q[up]) {
			break
		}
		q[at], at = q[up], up
	}
	q[at] = p
}

func (h *pairs) pop() pair {
	q := *h
	top, last := q[0], q[len(q)-1]
	q = q[:len(q)-1]
	*h = q
	at := 0
	for 2*at+1 < len(q) {
		down := 2*at + 1
		if down+1 < len(q) && q[down+1].before(&q[down]) {
			down++
		}
		if !q[down].before(&last) {
			break
		}
		q[at], at = q[down], down
	}
	if len(q) > 0 {
		q[at] = last
	}
	return top
}

// forest is groups that grow by joining.
type forest struct {
	groups []*group
	queue  pairs
	round  []int32 // by group: when it was met last
	rounds int32

	held                  int // the group that others are held against
	words, matter, places spread
}

// hold lays a group out to hold others against it.
func (f *forest) hold(i int) {
	f.held = i
	f.words.lay(f.groups[i].words)
	f.matter.lay(f.groups[i].matter)
	f.places.lay(f.groups[i].places)
}

// bond is how strongly a group and the one that is held belong together, 0 to 1:
// alike in words, and the less the surer they are different matters or different
// places.
func (f *forest) bond(b *group) float64 {
	a := f.groups[f.held]
	x, _ := f.words.cos(&b.words)
	if x < joined-agreed || x*a.words.norm*b.words.norm < average*float64(len(a.rows)*len(b.rows)) {
		return 0
	}
	matter, ok := f.matter.cos(&b.matter)
	if ok {
		x *= 1 - otherMatter*(1-matter)
	}
	place, ok := f.places.cos(&b.places)
	if ok {
		x *= 1 - otherPlace*(1-place)
	}
	return x + agreed*matter*place
}

// cluster groups the rows of a space, the strongest bond first, until no two
// groups are alike enough. Each row is in exactly one group; the largest comes
// first.
func cluster(ctx context.Context, s *space) [][]int32 {
	f := &forest{groups: make([]*group, len(s.rows)), round: make([]int32, len(s.rows)), words: newSpread(s.rows), matter: newSpread(s.matter), places: newSpread(s.places)}
	for i, v := range s.rows {
		f.groups[i] = &group{rows: []int32{int32(i)}, words: newSide(v), matter: newSide(s.matter[i]), places: newSide(s.places[i]), into: int32(i)}
	}
	near, work := s.neighbours(ctx, nearby, candidate), pace.Start(ctx)
	for i, list := range near {
		f.hold(i)
		f.rounds++
		for _, o := range f.groups[i].to { // those that it is a neighbour of
			f.round[o] = f.rounds
		}
		for _, o := range list {
			if j := o.row; f.meet(j) {
				f.groups[i].to, f.groups[j].to = append(f.groups[i].to, j), append(f.groups[j].to, int32(i))
				f.weigh(int(j))
			}
		}
		work.Rest()
	}
	for len(f.queue) > 0 {
		if p := f.queue.pop(); f.stands(&p) {
			f.join(int(p.a), int(p.b))
		}
		work.Rest()
	}
	var out [][]int32
	for _, g := range f.groups {
		if !g.gone() {
			slices.Sort(g.rows)
			out = append(out, g.rows)
		}
	}
	slices.SortFunc(out, func(a, b []int32) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a[0], b[0]))
	})
	return out
}

// weigh puts a group and the one that is held into the queue if they may be joined.
func (f *forest) weigh(j int) {
	w := f.bond(f.groups[j])
	if w >= joined {
		i, j := min(f.held, j), max(f.held, j)
		if len(f.queue) == cap(f.queue) {
			f.prune()
		}
		f.queue.push(pair{int32(i), int32(j), int32(len(f.groups[i].rows)), int32(len(f.groups[j].rows)), w})
	}
}

// stands reports whether the groups of a pair are as they were when it was weighed.
func (f *forest) stands(p *pair) bool {
	a, b := f.groups[p.a], f.groups[p.b]
	return !a.gone() && !b.gone() && len(a.rows) == int(p.na) && len(b.rows) == int(p.nb)
}

// prune takes the pairs out of a full queue that do not stand any more, and makes room
// for as many again where most of them do.
func (f *forest) prune() {
	all := f.queue
	f.queue = all[:0]
	for i := range all {
		if f.stands(&all[i]) {
			f.queue.push(all[i]) // into a place that was looked at
		}
	}
	if len(f.queue) >= cap(all)/2 {
		f.queue = slices.Grow(f.queue, max(1<<10, cap(all)))
	}
}

// join makes one group of two and weighs it against those that either might have
// been joined with.
func (f *forest) join(i, j int) {
	if len(f.groups[i].rows) < len(f.groups[j].rows) {
		i, j = j, i
	}
	a, b := f.groups[i], f.groups[j]
	a.rows = append(a.rows, b.rows...)
	a.words.add(b.words)
	a.matter.add(b.matter)
	a.places.add(b.places)
	all := append(a.to, b.to...)
	*b = group{into: int32(i)}
	f.hold(i)
	f.rounds++
	f.meet(int32(i))
	a.to = all[:0]
	for _, o := range all {
		if o = f.standing(o); f.meet(o) {
			a.to = append(a.to, o)
			f.weigh(int(o))
		}
	}
}

// meet reports whether a group is met for the first time in this round.
func (f *forest) meet(i int32) bool {
	met := f.round[i] == f.rounds
	f.round[i] = f.rounds
	return !met
}

// standing returns the group that stands for one that may have been joined.
func (f *forest) standing(i int32) int32 {
	for f.groups[i].into != i {
		next := f.groups[i].into
		f.groups[i].into = f.groups[next].into // a shorter way for whoever comes next
		i = next
	}
	return i
}
