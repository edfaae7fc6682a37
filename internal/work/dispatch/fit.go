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
	out := &Model{space: m.space, topics: m.topics, duty: duty, entry: map[string]int{}, guides: maps.Clone(m.guides), tasks: maps.Clone(m.tasks), places: m.places}
	out.guides[Matter] = duty
	h := sha256.New()
	fmt.Fprintf(h, "%s %q", m.version, duty)
	out.version = m.version + "-" + hex.EncodeToString(h.Sum(nil))[:8]
	k := &task{confidence: old.confidence, sure: old.sure, wordWeight: old.wordWeight, newcomer: old.newcomer}
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
			out.tasks[t] = u.onOtherMatters(m.topics.dims, from)
		}
	}
	return out
}

// fitRows fills what is learnt for each label, from the old task or the text.
func (m *Model) fitRows(k, old *task, from []int, index map[string]int) {
	n, dims := len(k.labels), m.topics.dims
	k.topics = newDense(n, dims)
	clauses, groups := make([]vec, n), make([][]uint16, len(old.levels))
	kin := make([]int, n)
	for _, e := range m.duty {
		l := index[e.Code]
		s := m.see(e.message())
		clauses[l], kin[l] = s.vec, from[l]
		if from[l] >= 0 {
			copy(k.topics.row(l), old.topics.row(from[l]))
			k.topics.bias[l] = old.topics.bias[from[l]]
			continue
		}
		engine.Saxpy(dims, float32(k.newcomer.mid), s.mid, 1, k.topics.row(l), 1)
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
func (k *task) onOtherMatters(dims int, from []int) *task {
	c := *k
	c.topics = newDense(len(k.labels), dims+len(from))
	copy(c.topics.bias, k.topics.bias)
	for l := range k.labels {
		row := c.topics.row(l)
		copy(row, k.topics.row(l)[:dims])
		for i, f := range from {
			if f >= 0 {
				row[dims+i] = k.topics.row(l)[dims+f]
			}
		}
	}
	return &c
}
