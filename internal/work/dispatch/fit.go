package dispatch

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math"
	"slices"
)

// Fit returns the model with another duty list. Matters with known codes keep
// what was learnt about them, new ones are judged by their text alone, and codes
// that are gone are never answered. What it says of units stands on the matters
// that both lists know.
func (m *Model) Fit(duty []Entry) *Model {
	old := m.tasks[Matter]
	if old == nil || len(duty) == 0 {
		return m
	}
	duty = m.whoUsually(duty)
	out := &Model{space: m.space, topics: m.topics, duty: duty, entry: map[string]int{}, guides: maps.Clone(m.guides), tasks: maps.Clone(m.tasks), places: m.places, demands: m.demands}
	out.guides[Matter] = duty
	h := sha256.New()
	fmt.Fprintf(h, "%s %#v", m.version, duty)
	out.version = m.version + "-" + hex.EncodeToString(h.Sum(nil))[:8]
	k := &task{confidence: old.confidence, sure: old.sure, wordWeight: old.wordWeight, newcomer: old.newcomer, closer: old.closer, weight: old.weight}
	from := []int{} // place of each label among the old ones, -1 for a new one
	index := map[string]int{}
	for i, e := range duty {
		out.entry[e.Code] = i
		if _, ok := index[e.Code]; !ok {
			index[e.Code] = len(k.labels)
			k.labels = append(k.labels, e.Code)
			from = append(from, slices.Index(old.labels, e.Code))
		}
	}
	out.fitRows(k, old, from, index)
	k.words = newPhrases(duty, index)
	k.words.inherit(old.words)
	out.tasks[Matter] = k
	for t, u := range m.tasks {
		if u != nil && u.onMatters {
			out.tasks[t] = u.onOtherMatters(m.topics.dims, from, newUsual(duty, k.labels, u.labels))
		}
	}
	return out
}

// fitRows fills what is learnt for each label, from the old task or the text.
func (m *Model) fitRows(k, old *task, from []int, index map[string]int) {
	n, dims := len(k.labels), m.topics.dims
	k.topics, k.parts = newDense(n, dims), old.parts.blank(n)
	sayings := make([]vec, n)
	clauses, groups := make([]vec, n), make([][]uint16, len(old.levels))
	kin := make([]int, n)
	for _, e := range m.duty {
		l := index[e.Code]
		s := m.see(e.message())
		mid, said := m.meaning(e, s)
		sayings[l] = said
		clauses[l], kin[l] = s.vec, from[l]
		if from[l] >= 0 {
			copy(k.topics.row(l), old.topics.row(from[l]))
			k.topics.bias[l] = old.topics.bias[from[l]]
			k.parts.takeOver(l, old.parts, from[l])
			continue
		}
		k.parts.welcome(l, mid)
		engine.Saxpy(dims, float32(k.newcomer.mid), mid, 1, k.topics.row(l), 1)
		k.topics.bias[l] = float32(k.newcomer.bias)
		kin[l] = leaders(old.scores(s), 1)[0] // it lies in the tree where its text would
	}
	for d := range groups {
		groups[d] = make([]uint16, n)
		for l := range n {
			groups[d][l] = old.levels[d].group[kin[l]]
		}
		k.levels = append(k.levels, level{old.levels[d].linear, groups[d]})
	}
	k.clauses = clauseMatrix(clauses, len(m.space.idf))
	k.clauses.scale(k.newcomer.clause)
	if old.sayings != nil {
		k.sayings = clauseMatrix(sayings, len(m.space.idf))
		k.sayings.scale(k.newcomer.said)
	}
	k.ready()
}

// meaning returns where a matter lies among the topics, by its text and by what
// citizens might say about it, and the n-grams of the latter.
func (m *Model) meaning(e Entry, s seen) (mid []float32, said vec) {
	mid = slices.Clone(s.mid)
	var vs []vec
	for _, x := range e.Examples {
		s := m.see(x)
		engine.Saxpy(len(mid), 1/float32(len(e.Examples)), s.mid, 1, mid, 1)
		vs = append(vs, s.vec)
	}
	if len(vs) == 0 {
		vs = []vec{s.vec} // nobody has made up messages about it: its text stands for them
	}
	unit(mid)
	return mid, heaviest(sumOf(vs), saidGrams)
}

// blank returns parts of the same kinds for n labels.
func (p *parts) blank(n int) *parts {
	if p == nil {
		return nil
	}
	return &parts{
		prior: make([]float32, n), dense: newDense(n, p.dense.dims), center: newDense(n, p.center.dims),
		clauseMid: newDense(n, p.clauseMid.dims), sayings: newDense(n, p.sayings.dims),
	}
}

// takeOver copies what other parts know of one of their labels.
func (p *parts) takeOver(l int, other *parts, from int) {
	if p == nil || len(other.prior) == 0 {
		return
	}
	p.prior[l] = other.prior[from]
	for _, d := range [][2]dense{{p.dense, other.dense}, {p.center, other.center}, {p.clauseMid, other.clauseMid}, {p.sayings, other.sayings}} {
		if d[1].dims > 0 {
			copy(d[0].row(l), d[1].row(from))
			d[0].bias[l] = d[1].bias[from]
		}
	}
}

// welcome makes room for a label without history.
func (p *parts) welcome(l int, mid []float32) {
	if p == nil {
		return
	}
	p.dense.bias[l] = neverSeen
	if p.sayings.dims > 0 {
		p.sayings.bias[l] = neverSeen
	}
	if p.clauseMid.dims > 0 {
		copy(p.clauseMid.row(l), mid)
	}
}

// inherit takes over how rare the words are that both lists know; a word that
// was never counted is taken for a rare one.
func (p *phrases) inherit(old *phrases) {
	known, sum := map[string]float32{}, 0.0
	if old != nil {
		for i, w := range old.runes {
			plainRarity := old.rarity[i] * float32(math.Sqrt(float64(len(old.labels[i]))))
			known[string(w)] = plainRarity
			sum += float64(plainRarity)
		}
	}
	typical := float32(sum / math.Max(1, float64(len(known))))
	for i, w := range p.runes {
		r, ok := known[string(w)]
		if !ok {
			r = typical
		}
		p.rarity[i] = r / float32(math.Sqrt(float64(len(p.labels[i]))))
	}
}

// onOtherMatters rearranges what the task learnt about each old matter.
func (k *task) onOtherMatters(dims int, from []int, usual *usual) *task {
	c := *k
	c.topics = k.topics.onOtherMatters(dims, from)
	if k.surety != nil {
		p := *k.parts
		c.parts = &p
		for _, d := range c.asides() {
			*d = d.onOtherMatters(dims, from)
		}
		c.layBeside()
	}
	c.quick = newBytesMatrix(c.topics.rows, c.topics.dims)
	if c.usual = usual; usual != nil && k.usual != nil {
		usual.weight = k.usual.weight
	}
	return &c
}

func (d dense) onOtherMatters(dims int, from []int) dense {
	if d.dims == 0 {
		return d
	}
	out := newDense(len(d.bias), dims+len(from))
	copy(out.bias, d.bias)
	for l := range d.bias {
		row := out.row(l)
		copy(row, d.row(l)[:dims])
		for i, f := range from {
			if f >= 0 {
				row[dims+i] = d.row(l)[dims+f]
			}
		}
	}
	return out
}
