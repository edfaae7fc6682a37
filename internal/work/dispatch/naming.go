package dispatch

import (
	"math"

	"yiwang/internal/base/textzh"
)

// naming says of two characters that stand together how much likelier they are inside
// the name of a place than in a message: what a tagger cannot learn from a few thousand
// messages, but from many names without messages. Pairs are known by their hash.
type naming []int8

const (
	namingBuckets = 1 << 18
	namingMiddle  = 20  // grade of a pair that is as likely in either
	namingHush    = 0.3 // cases imagined of each pair, so that rare ones say little
)

// learnNaming compares names with the texts of messages; nil without names.
func learnNaming(names []string, cases []Decided) naming {
	if len(names) == 0 {
		return nil
	}
	var in, out pairs
	for _, n := range names {
		in.add(textzh.Fold(n).Runes)
	}
	for _, d := range cases {
		out.add(textzh.Fold(d.Text).Runes)
	}
	g := make(naming, namingBuckets)
	for b := range g {
		g[b] = int8(math.Floor(in.rarity(b)-out.rarity(b))) + namingMiddle
	}
	return g
}

// grade returns how much a pair looks like a name, 0 without knowledge of names.
func (g naming) grade(a, b rune) rune {
	if g == nil {
		return 0
	}
	return rune(g[pairBucket(a, b)])
}

func pairBucket(a, b rune) uint32 {
	h := uint32(a)*2654435761 ^ uint32(b)*2246822519
	h ^= h >> 15
	h *= 2246822519
	return h >> 3 % namingBuckets
}

// pairs counts the pairs of characters of texts.
type pairs struct {
	count []float64
	sum   float64
}

func (p *pairs) add(rs []rune) {
	if p.count == nil {
		p.count = make([]float64, namingBuckets)
	}
	for i := 0; i+1 < len(rs); i++ {
		p.count[pairBucket(tagClass(rs[i]), tagClass(rs[i+1]))]++
		p.sum++
	}
}

// rarity returns the logarithm of the share of a bucket.
func (p *pairs) rarity(b int) float64 {
	n := 0.0
	if p.count != nil {
		n = p.count[b]
	}
	return math.Log((n + namingHush) / (p.sum + namingHush*namingBuckets/4))
}
