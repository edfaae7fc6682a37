package topic

import (
	"cmp"
	"container/heap"
	"math"
	"slices"
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
	sum  map[int32]float32
	norm float64
}

func newSide(v vec) side {
	s := side{sum: make(map[int32]float32, len(v.col))}
	for k, c := range v.col {
		s.sum[c] = v.val[k]
	}
	s.measure()
	return s
}

func (s *side) measure() {
	x := 0.0
	for _, v := range s.sum {
		x += float64(v) * float64(v)
	}
	s.norm = math.Sqrt(x)
}

func (s *side) add(o side) {
	for c, v := range o.sum {
		s.sum[c] += v
	}
	s.measure()
}

// cos is the likeness of two centres, 0 to 1; ok is false where one says nothing.
func (s *side) cos(o *side) (x float64, ok bool) {
	if s.norm == 0 || o.norm == 0 {
		return 0, false
	}
	a, b := s.sum, o.sum
	if len(a) > len(b) {
		a, b = b, a
	}
	for c, v := range a {
		x += float64(v) * float64(b[c])
	}
	return x / (s.norm * o.norm), true
}

// group is messages taken for one issue, while groups grow.
type group struct {
	rows                  []int32
	words, matter, places side
	to                    map[int]bool // groups that may be joined with this one
	gone                  bool
}

// bond is how strongly two groups belong together, 0 to 1: alike in words, and the
// less the surer they are different matters or different places.
func bond(a, b *group) float64 {
	x, _ := a.words.cos(&b.words)
	if x < joined-agreed || x*a.words.norm*b.words.norm < average*float64(len(a.rows)*len(b.rows)) {
		return 0
	}
	matter, ok := a.matter.cos(&b.matter)
	if ok {
		x *= 1 - otherMatter*(1-matter)
	}
	place, ok := a.places.cos(&b.places)
	if ok {
		x *= 1 - otherPlace*(1-place)
	}
	return x + agreed*matter*place
}

// pair is two groups that may be joined, as they were when it was weighed.
type pair struct {
	a, b   int
	na, nb int
	bond   float64
}

type pairs []pair

func (p pairs) Len() int { return len(p) }
func (p pairs) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(p[j].bond, p[i].bond), cmp.Compare(p[i].a, p[j].a), cmp.Compare(p[i].b, p[j].b)) < 0
}
func (p pairs) Swap(i, j int) { p[i], p[j] = p[j], p[i] }
func (p *pairs) Push(x any)   { *p = append(*p, x.(pair)) }
func (p *pairs) Pop() any {
	old := *p
	x := old[len(old)-1]
	*p = old[:len(old)-1]
	return x
}

// forest is groups that grow by joining.
type forest struct {
	groups []*group
	queue  pairs
}

// cluster groups the rows of a space, the strongest bond first, until no two
// groups are alike enough. Each row is in exactly one group; the largest comes
// first.
func cluster(s *space) [][]int32 {
	f := &forest{groups: make([]*group, len(s.rows))}
	for i, v := range s.rows {
		f.groups[i] = &group{rows: []int32{int32(i)}, words: newSide(v), matter: newSide(s.matter[i]), places: newSide(s.places[i]), to: map[int]bool{}}
	}
	for r, list := range s.neighbours(nearby, candidate) {
		for _, o := range list {
			if i, j := r, int(o.row); !f.groups[i].to[j] {
				f.groups[i].to[j], f.groups[j].to[i] = true, true
				f.weigh(i, j)
			}
		}
	}
	for f.queue.Len() > 0 {
		p := heap.Pop(&f.queue).(pair)
		a, b := f.groups[p.a], f.groups[p.b]
		if !a.gone && !b.gone && len(a.rows) == p.na && len(b.rows) == p.nb {
			f.join(p.a, p.b)
		}
	}
	var out [][]int32
	for _, g := range f.groups {
		if !g.gone {
			slices.Sort(g.rows)
			out = append(out, g.rows)
		}
	}
	slices.SortFunc(out, func(a, b []int32) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a[0], b[0]))
	})
	return out
}

// weigh puts a pair into the queue if it may be joined.
func (f *forest) weigh(i, j int) {
	i, j = min(i, j), max(i, j)
	a, b := f.groups[i], f.groups[j]
	if w := bond(a, b); w >= joined {
		heap.Push(&f.queue, pair{i, j, len(a.rows), len(b.rows), w})
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
	b.gone = true
	delete(a.to, j)
	for o := range b.to {
		if o != i {
			delete(f.groups[o].to, j)
			f.groups[o].to[i] = true
			a.to[o] = true
		}
	}
	b.to, b.words, b.matter, b.places = nil, side{}, side{}, side{}
	for o := range a.to {
		f.weigh(i, o)
	}
}
