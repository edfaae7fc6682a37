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
var concepts = func() *lexicon {
	all := &lexicon{words: map[string][2]uint64{}}
	n := 0
	for line := range strings.Lines(conceptsFile) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, w := range strings.Fields(line) {
			rs := textzh.Fold(w).Runes
			key := soundKey(rs)
			all.begins.note([]rune(key))
			bit := all.words[key]
			bit[n/64] |= 1 << (n % 64)
			all.words[key] = bit
		}
		n++
	}
	return all
}()

// lexicon is a list of words with what they mean.
type lexicon struct {
	words  map[string][2]uint64
	begins begins // tells most places where no word begins
}

// begins holds, by a hash of the first two characters of words, which lengths they have:
// a bit for each.
type begins [1 << 12]uint8

func (b *begins) at(first, second rune) *uint8 {
	return &b[(uint32(first)*2654435761^uint32(second)*2246822519)>>20]
}

func (b *begins) note(word []rune) {
	if len(word) == 1 {
		*b.at(word[0], 0) |= 1 << 1
	} else {
		*b.at(word[0], word[1]) |= 1 << len(word)
	}
}

// lengths returns which lengths a word may have that stands at the head of a text; sound
// is how it sounds.
func (b *begins) lengths(text, sound []rune) (may uint8) {
	may = *b.at(text[0], 0) & (1 << 1)
	if len(text) > 1 {
		may |= *b.at(text[0], text[1])&(1<<2) | *b.at(sound[0], sound[1])&^(1<<1|1<<2)
	}
	return may
}

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
		step, may := 1, uint8(0)
		if !named[i] {
			may = concepts.begins.lengths(rs[i:], sound[i:])
		}
		for n := min(longestWord, len(rs)-i); n >= 1 && may != 0; n-- {
			if may>>n&1 == 0 {
				continue
			}
			word := string(sound[i : i+n])
			if n <= 2 {
				word = string(rs[i : i+n])
			}
			if c, ok := concepts.words[word]; ok {
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
