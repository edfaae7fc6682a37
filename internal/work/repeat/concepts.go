package repeat

import (
	_ "embed"
	"math/bits"
	"strings"

	"yiwang/internal/base/textzh"
)

//go:embed concepts.txt
var conceptsFile string

// concepts tells which things a word speaks of. Words of one and two characters
// count as they are written; longer ones by their sound, so that a mistyped one
// counts too.
var concepts = func() map[string][2]uint64 {
	m := map[string][2]uint64{}
	n := 0
	for line := range strings.Lines(conceptsFile) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, w := range strings.Fields(line) {
			key := soundKey(textzh.Fold(w).Runes)
			bit := m[key]
			bit[n/64] |= 1 << (n % 64)
			m[key] = bit
		}
		n++
	}
	return m
}()

// longestWord is the longest word of the list that is looked for, in characters.
const longestWord = 6

func soundKey(rs []rune) string {
	if len(rs) <= 2 {
		return string(rs)
	}
	out := make([]rune, len(rs))
	for i, r := range rs {
		out[i] = textzh.Sound(r)
	}
	return string(out)
}

// conceptsIn returns the things that a text speaks of, leaving out the names in
// it, where named says so: a landmark is not what is wrong.
func conceptsIn(rs []rune, named []bool) (out [2]uint64) {
	sound := make([]rune, len(rs))
	for i, r := range rs {
		sound[i] = textzh.Sound(r)
	}
	for i := 0; i < len(rs); {
		step := 1
		for n := min(longestWord, len(rs)-i); n >= 1 && !named[i]; n-- {
			word := string(sound[i : i+n])
			if n <= 2 {
				word = string(rs[i : i+n])
			}
			if c, ok := concepts[word]; ok {
				out[0], out[1] = out[0]|c[0], out[1]|c[1]
				step = max(1, n-1) // words may lean on each other
				break
			}
		}
		i += step
	}
	return out
}

// sameConcepts compares what two messages speak of: the weight of what they have
// in common against the lesser and against all; other is 1 where they speak of
// nothing in common.
func (c *Scales) sameConcepts(a, b [2]uint64) (part, whole, other float64) {
	var both, one, two float64
	for i := range a {
		for m := a[i] | b[i]; m != 0; m &= m - 1 {
			bit := bits.TrailingZeros64(m)
			w := 1.0
			if n := 64*i + bit; n < len(c.Concepts) {
				w = c.Concepts[n]
			}
			inA, inB := a[i]>>bit&1 == 1, b[i]>>bit&1 == 1
			if inA {
				one += w
			}
			if inB {
				two += w
			}
			if inA && inB {
				both += w
			}
		}
	}
	if one == 0 || two == 0 {
		return 0, 0, 0
	}
	if both == 0 {
		other = 1
	}
	return both / min(one, two), both / (one + two - both), other
}
