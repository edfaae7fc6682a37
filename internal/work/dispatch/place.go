package dispatch

import (
	"cmp"
	"math"
	"slices"

	"yiwang/internal/base/textzh"
)

// tagger finds the places that a message names: an averaged perceptron that says
// of each character whether a name begins there, goes on, or neither.
type tagger struct {
	weight []float32 // tagBuckets × 3
	naming naming    // nil where no names of places were given
	pick   *picker   // nil in models of before
}

const (
	tagOut = iota
	tagBegin
	tagIn
	tagBuckets = 1 << 18
	tagEpochs  = 12
	tagRunes   = 120 // of each part of a message; places are named early
)

// tagClasses makes all digits one and all letters one, with room at both ends.
func tagClasses(rs []rune) []rune {
	out := make([]rune, len(rs)+8)
	for i, r := range rs {
		out[i+4] = tagClass(r)
	}
	return out
}

func tagClass(r rune) rune {
	switch {
	case r >= '0' && r <= '9':
		return '0'
	case r >= 'a' && r <= 'z':
		return 'a'
	}
	return r
}

// tagFeatures is how many features a character has at most.
const tagFeatures = 24

// features returns the bucket of every feature of character i: the characters about
// it, alone and in pairs and threes, and how much the pairs look like names.
func (t *tagger) features(classes []rune, i int, all *[tagFeatures]uint32) []uint32 {
	w := (*[9]rune)(classes[i:])
	n := 0
	put := func(kind uint32, a, b, c rune) {
		h := kind*2654435761 ^ uint32(a)*2246822519 ^ uint32(b)*3266489917 ^ uint32(c)*668265263
		h ^= h >> 15
		h *= 2246822519
		all[n] = h >> 3 % tagBuckets
		n++
	}
	for k := 1; k < 8; k++ {
		put(uint32(k), w[k], 0, 0)
	}
	for k := 1; k < 7; k++ {
		put(uint32(10+k), w[k], w[k+1], 0)
	}
	for k := 1; k < 6; k++ {
		put(uint32(20+k), w[k], w[k+1], w[k+2])
	}
	put(30, w[4], w[8], w[7])
	if t.naming == nil {
		return all[:n]
	}
	a, b, c := t.naming.grade(w[3], w[4]), t.naming.grade(w[4], w[5]), t.naming.grade(w[5], w[6])
	put(31, a, 0, 0)
	put(32, b, 0, 0)
	put(33, a, b, 0)
	put(34, b, c, w[4])
	put(35, a, b, c)
	return all[:n]
}

// score returns what the features of character i say for each tag.
func (t *tagger) score(classes []rune, i int) (s [3]float32) {
	var all [tagFeatures]uint32
	for _, b := range t.features(classes, i, &all) {
		w := (*[3]float32)(t.weight[b*3:])
		s[0] += w[0]
		s[1] += w[1]
		s[2] += w[2]
	}
	return s
}

// tags returns the best sequence of tags: a name goes on only where one began.
func (t *tagger) tags(rs []rune) []int8 {
	n := len(rs)
	if n == 0 {
		return nil
	}
	classes := tagClasses(rs)
	score := make([][3]float32, n)
	back := make([][3]int8, n)
	for i := range rs {
		s := t.score(classes, i)
		for tag := range 3 {
			if i == 0 {
				score[0][tag] = s[tag]
				if tag == tagIn {
					score[0][tag] = -math.MaxFloat32 / 4
				}
				continue
			}
			best, from := float32(-math.MaxFloat32), int8(0)
			for prev := range 3 {
				if tag == tagIn && prev == tagOut {
					continue
				}
				if x := score[i-1][prev]; x > best {
					best, from = x, int8(prev)
				}
			}
			score[i][tag], back[i][tag] = best+s[tag], from
		}
	}
	out := make([]int8, n)
	top := int8(0)
	for tag := range 3 {
		if score[n-1][tag] > score[n-1][top] {
			top = int8(tag)
		}
	}
	for i := n - 1; i >= 0; i-- {
		out[i] = top
		top = back[i][top]
	}
	return out
}

// tagLesson is a text with the tags it should get.
type tagLesson struct {
	rs   []rune
	tags []int8
}

// learnTagger trains on the cases that have places; nil if there are none. What
// the picker learns from was tagged by taggers that had not seen it.
func learnTagger(cases []Decided, names []string) *tagger {
	var with []Decided
	for _, d := range cases {
		if len(d.Places) > 0 {
			with = append(with, d)
		}
	}
	if len(with) == 0 {
		return nil
	}
	naming := learnNaming(names, cases)
	var lessons []pickLesson
	for fold := range pickFolds {
		var rest, held []Decided
		for i, d := range with {
			if i%pickFolds == fold {
				held = append(held, d)
			} else {
				rest = append(rest, d)
			}
		}
		t := learnTags(rest, naming)
		for _, d := range held {
			if l, ok := t.lesson(d); ok {
				lessons = append(lessons, l)
			}
		}
	}
	t := learnTags(with, naming)
	t.pick = learnPicker(lessons)
	return t
}

// learnTags trains the tagger alone.
func learnTags(cases []Decided, naming naming) *tagger {
	var lessons []tagLesson
	for _, d := range cases {
		for _, part := range []string{d.Title, d.Text} {
			rs := tagRunesOf(part)
			l := tagLesson{rs, make([]int8, len(rs))}
			for _, p := range d.Places {
				mark(l, textzh.Fold(p).Runes)
			}
			lessons = append(lessons, l)
		}
	}
	t := &tagger{weight: make([]float32, tagBuckets*3), naming: naming}
	sum := make([]float32, tagBuckets*3)
	step := float32(1)
	for range tagEpochs {
		for _, l := range lessons {
			guess := t.tags(l.rs)
			if slices.Equal(guess, l.tags) {
				step++
				continue
			}
			classes := tagClasses(l.rs)
			for i := range l.rs {
				if guess[i] == l.tags[i] {
					continue
				}
				var all [tagFeatures]uint32
				for _, b := range t.features(classes, i, &all) {
					t.weight[b*3+uint32(l.tags[i])]++
					t.weight[b*3+uint32(guess[i])]--
					sum[b*3+uint32(l.tags[i])] += step
					sum[b*3+uint32(guess[i])] -= step
				}
			}
			step++
		}
	}
	for i := range t.weight {
		t.weight[i] -= sum[i] / step
	}
	return t
}

func tagRunesOf(s string) []rune { return foldHead(s).Runes }

// foldHead folds the beginning of a text, where places are named.
func foldHead(s string) textzh.Folded {
	n := 0
	for at := range s {
		if n++; n > tagRunes+tagRunes/4 { // folding leaves some out
			s = s[:at]
			break
		}
	}
	f := textzh.Fold(s)
	if len(f.Runes) > tagRunes {
		f.Runes, f.Offsets = f.Runes[:tagRunes], f.Offsets[:tagRunes+1]
	}
	return f
}

// mark tags every place where the name stands in the text.
func mark(l tagLesson, name []rune) {
	if len(name) == 0 {
		return
	}
	for i := 0; i+len(name) <= len(l.rs); i++ {
		if !slices.Equal(l.rs[i:i+len(name)], name) {
			continue
		}
		l.tags[i] = tagBegin
		for k := 1; k < len(name); k++ {
			l.tags[i+k] = tagIn
		}
	}
}

// find returns the names of places in a message, the likeliest first.
func (t *tagger) find(msg Message) []Span {
	all := t.stretches(msg)
	if t.pick == nil {
		all = slices.DeleteFunc(all, func(s stretch) bool { return s.odds <= 0 })
		return spansOf(all[:min(1, len(all))])
	}
	t.pick.judge(all)
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(all[b].score, all[a].score) })
	var out []Span
	for n, i := range order {
		if n == 5 || n > 0 && all[i].score < pickAlso {
			break
		}
		out = append(out, all[i].Span)
	}
	return out
}

func spansOf(all []stretch) (out []Span) {
	for _, s := range all {
		out = append(out, s.Span)
	}
	return out
}
