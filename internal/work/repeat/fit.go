package repeat

import (
	"math"
	"math/bits"
	"slices"
)

// Lesson is a pair of cases of which it is known whether they tell of the same
// event.
type Lesson struct {
	f    features
	same bool
	both [2]uint64
}

// Study returns the pairs that a look for e would judge, with the truth about each.
func (x *Index) Study(e Entry, same func(id string) bool) (out []Lesson) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	x.candidates(&e, func(q *asking, s *stored) {
		out = append(out, Lesson{x.features(q, s), same(s.id.String()), [2]uint64{q.concepts[0] & s.concepts[0], q.concepts[1] & s.concepts[1]}})
	})
	return out
}

// Fit learns the scales from pairs: trees that each mend what those before them
// left wrong (gradient boosting of the logistic loss). The thresholds are set on
// pairs that were not learnt from: likely where more would be wrong than missed,
// sure where at most one in two hundred is wrong.
func Fit(concepts []float64, learn, check []Lesson) Scales {
	s := Scales{Concepts: concepts}
	g := newGrower(learn)
	for range trees {
		s.Trees = append(s.Trees, g.grow())
	}
	s.Likely, s.Sure = s.thresholds(check)
	return s
}

// How the trees are grown.
const (
	trees = 150
	rate  = 0.15
	bins  = 48 // steps in which a feature is split
	light = 3  // least weight of a leaf
	ridge = 2
)

type grower struct {
	lessons []Lesson
	edges   [count][]float32 // a split at edge e parts v < e from the others
	bin     []([count]uint8)
	z       []float32 // so far
	grad    []float32
	hess    []float32
	node    []uint8
}

func newGrower(lessons []Lesson) *grower {
	n := len(lessons)
	g := &grower{lessons: lessons, bin: make([][count]uint8, n), z: make([]float32, n),
		grad: make([]float32, n), hess: make([]float32, n), node: make([]uint8, n)}
	for f := range count {
		var values []float32
		for i := 0; i < n; i += 1 + n/50_000 {
			values = append(values, float32(lessons[i].f[f]))
		}
		slices.Sort(values)
		values = slices.Compact(values)
		for k := 1; k < bins; k++ {
			if e := values[k*len(values)/bins]; k*len(values)/bins > 0 && (len(g.edges[f]) == 0 || e > g.edges[f][len(g.edges[f])-1]) {
				g.edges[f] = append(g.edges[f], float32(math.Round(float64(e)*1e4)/1e4))
			}
		}
		g.edges[f] = slices.Compact(g.edges[f])
		for i := range lessons {
			at, ok := slices.BinarySearch(g.edges[f], float32(lessons[i].f[f]))
			if ok {
				at++
			}
			g.bin[i][f] = uint8(at)
		}
	}
	return g
}

// grow adds one tree.
func (g *grower) grow() tree {
	for i := range g.lessons {
		p := float32(1 / (1 + math.Exp(-float64(g.z[i]))))
		y := float32(0)
		if g.lessons[i].same {
			y = 1
		}
		g.grad[i], g.hess[i], g.node[i] = y-p, p*(1-p), 0
	}
	var t tree
	for level := range depth {
		first := 1<<level - 1
		for at := first; at < 2*first+1; at++ {
			t.Feature[at], t.Edge[at] = 0, float32(math.MaxFloat32)
		}
		g.split(&t, level)
	}
	g.leaves(&t)
	return t
}

type sums struct{ grad, hess float32 }

// split chooses the best split of each node of a level.
func (g *grower) split(t *tree, level int) {
	width := 1 << level
	table := make([][count][bins + 1]sums, width)
	for i := range g.lessons {
		row := &table[g.node[i]]
		for f, b := range g.bin[i] {
			c := &row[f][b]
			c.grad += g.grad[i]
			c.hess += g.hess[i]
		}
	}
	for n := range width {
		best, at := float32(1e-3), width-1+n
		var whole sums
		for _, c := range table[n][0] {
			whole.grad, whole.hess = whole.grad+c.grad, whole.hess+c.hess
		}
		worth := func(s sums) float32 { return s.grad * s.grad / (s.hess + ridge) }
		for f := range count {
			var left sums
			for b, e := range g.edges[f] {
				c := table[n][f][b]
				left.grad, left.hess = left.grad+c.grad, left.hess+c.hess
				right := sums{whole.grad - left.grad, whole.hess - left.hess}
				if left.hess < light || right.hess < light {
					continue
				}
				if gain := worth(left) + worth(right) - worth(whole); gain > best {
					best, t.Feature[at], t.Edge[at] = gain, uint8(f), e
				}
			}
		}
	}
	for i := range g.lessons {
		at := width - 1 + int(g.node[i])
		g.node[i] *= 2
		if float32(g.lessons[i].f[t.Feature[at]]) >= t.Edge[at] {
			g.node[i]++
		}
	}
}

func (g *grower) leaves(t *tree) {
	var sum [1 << depth]sums
	for i, n := range g.node {
		sum[n].grad += g.grad[i]
		sum[n].hess += g.hess[i]
	}
	for n, s := range sum {
		t.Leaf[n] = float32(math.Round(float64(rate*s.grad/(s.hess+ridge))*1e4) / 1e4)
	}
	for i, n := range g.node {
		g.z[i] += t.Leaf[n]
	}
}

func (c *Scales) thresholds(check []Lesson) (likely, sure float64) {
	type judged struct {
		p    float64
		same bool
	}
	all := make([]judged, len(check))
	total := 0
	for i := range check {
		all[i] = judged{c.p(c.z(&check[i].f)), check[i].same}
		if check[i].same {
			total++
		}
	}
	slices.SortFunc(all, func(a, b judged) int {
		if a.p > b.p {
			return -1
		}
		return 1
	})
	sure, likely = 1, 0.5
	right, best := 0, 0.0
	for i, j := range all {
		if j.same {
			right++
		}
		precision, recall := float64(right)/float64(i+1), float64(right)/float64(max(1, total))
		if i > 50 && precision >= 0.995 {
			sure = j.p
		}
		if low := min(precision, recall); low > best {
			best, likely = low, j.p
		}
	}
	return math.Round(likely*1000) / 1000, math.Round(sure*1000) / 1000
}

// Weigh learns how telling each thing is that two messages have in common: by how
// much oftener pairs that tell of the same event have it in common than others do.
func Weigh(lessons []Lesson) []float64 {
	var same, other [128]float64
	var all [2]float64
	for i := range lessons {
		l := &lessons[i]
		into := &other
		if l.same {
			into = &same
			all[1]++
		} else {
			all[0]++
		}
		for k, m := range l.both {
			for ; m != 0; m &= m - 1 {
				into[64*k+bits.TrailingZeros64(m)]++
			}
		}
	}
	out := make([]float64, len(same))
	for i := range out {
		ratio := (same[i] + 1) / (all[1] + 20) / ((other[i] + 1) / (all[0] + 20))
		if out[i] = 1; same[i] >= 20 { // fewer say nothing
			out[i] = math.Round(100*max(0.2, min(3, math.Log(1+ratio)))) / 100
		}
	}
	return out
}
