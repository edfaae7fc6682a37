package dispatch

import (
	"math"
	"slices"
	"strings"

	"yiwang/internal/base/textzh"
)

// phrases finds the duty list's own words in messages. Each word speaks for the
// matters that name it, the more the rarer it is among all messages.
type phrases struct {
	byStart map[[2]rune][]int32 // the first two characters → phrases
	maybe   [1 << 10]uint64     // which hashes of two characters start a phrase: most do not
	runes   [][]rune
	labels  [][]uint16
	rarity  []float32
}

// newPhrases collects the words of the duty list. rarity is filled by weigh.
func newPhrases(duty []Entry, label map[string]int) *phrases {
	p := &phrases{byStart: map[[2]rune][]int32{}}
	seen := map[string]int{}
	for _, e := range duty {
		for _, w := range append([]string{strings.TrimPrefix(e.Name, "其他")}, e.Words...) {
			rs := textzh.Fold(w).Runes
			plain(rs)
			if len(rs) < 2 {
				continue
			}
			i, ok := seen[string(rs)]
			if !ok {
				i = len(p.runes)
				seen[string(rs)] = i
				p.runes, p.labels, p.rarity = append(p.runes, rs), append(p.labels, nil), append(p.rarity, 0)
				start := [2]rune{rs[0], rs[1]}
				p.byStart[start] = append(p.byStart[start], int32(i))
				h := startHash(rs[0], rs[1])
				p.maybe[h>>6] |= 1 << (h & 63)
			}
			if l := uint16(label[e.Code]); !slices.Contains(p.labels[i], l) {
				p.labels[i] = append(p.labels[i], l)
			}
		}
	}
	return p
}

func startHash(a, b rune) uint32 { return (uint32(a)*2654435761 ^ uint32(b)*2246822519) >> 16 }

// find calls fn for every phrase at every place of a folded text.
func (p *phrases) find(rs []rune, fn func(phrase int32, i, j int)) {
	for i := 0; i+1 < len(rs); i++ {
		h := startHash(rs[i], rs[i+1])
		if p.maybe[h>>6]>>(h&63)&1 == 0 {
			continue
		}
		for _, k := range p.byStart[[2]rune{rs[i], rs[i+1]}] {
			w := p.runes[k]
			if len(w) <= len(rs)-i && slices.Equal(w, rs[i:i+len(w)]) {
				fn(k, i, i+len(w))
			}
		}
	}
}

// weigh sets how rare each phrase is among texts.
func (p *phrases) weigh(texts []text) {
	df := make([]int, len(p.runes))
	last := make([]int, len(p.runes))
	for n, t := range texts {
		count := func(k int32, _, _ int) {
			if last[k] != n+1 {
				last[k] = n + 1
				df[k]++
			}
		}
		p.find(t.title, count)
		p.find(t.body, count)
	}
	for k := range p.rarity {
		p.rarity[k] = float32(math.Max(0.5, math.Log(float64(1+len(texts))/float64(1+df[k]))) / math.Sqrt(float64(len(p.labels[k]))))
	}
}

// score adds up for each label how much the title, and the whole message, speak
// for it in its own words. A word counts once.
func (p *phrases) score(t text, labels int, r *room) (all, title []float32) {
	all, title = r.floats(labels), r.floats(labels)
	var seen, seenTitle []int32
	p.find(t.title, func(k int32, _, _ int) {
		if slices.Contains(seenTitle, k) {
			return
		}
		seenTitle, seen = append(seenTitle, k), append(seen, k)
		for _, l := range p.labels[k] {
			title[l] += p.rarity[k]
			all[l] += p.rarity[k]
		}
	})
	p.find(t.body, func(k int32, _, _ int) {
		if slices.Contains(seen, k) {
			return
		}
		seen = append(seen, k)
		for _, l := range p.labels[k] {
			all[l] += p.rarity[k]
		}
	})
	for l := range all {
		if all[l] > 0 {
			all[l] = float32(math.Log1p(float64(all[l])))
			if title[l] > 0 {
				title[l] = float32(math.Log1p(float64(title[l])))
			}
		}
	}
	return all, title
}
