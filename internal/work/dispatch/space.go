package dispatch

import (
	"cmp"
	"math"
	"slices"
	"unicode"

	"yiwang/internal/base/textzh"
)

// vec is a sparse vector: columns in rising order with their values.
type vec struct {
	col []int32
	val []float32
}

// space turns messages into vectors: the n-grams of one to three characters of
// title and text together, and again of the title alone, which says in a few
// words what the text is about. N-grams are known by their hash only.
type space struct {
	cols map[uint32]int32
	idf  []float32
}

const (
	maxGram     = 3
	titleWeight = 0.6
	titleSalt   = 0x9e3779b9
	maxRunes    = 4000 // what stands behind is hardly ever the matter
)

// grams counts the n-grams of a text by hash, in the order of first sight.
func grams(text string, salt uint32, into map[uint32]float32) {
	rs := textzh.Fold(text).Runes
	if len(rs) > maxRunes {
		rs = rs[:maxRunes]
	}
	for i, r := range rs {
		rs[i] = plain(r)
	}
	textzh.NGrams(rs, 1, maxGram, isGap, func(h uint64, _, _ int) { into[uint32(h)^salt]++ })
}

// plain makes all digits one: numbers of houses and years mean nothing here.
func plain(r rune) rune {
	if unicode.IsDigit(r) {
		return '0'
	}
	return r
}

func isGap(r rune) bool { return unicode.IsSpace(r) }

// fields returns the two counts of a message: all of it, and the title alone.
func fields(m Message) (all, title map[uint32]float32) {
	all, title = make(map[uint32]float32, 512), make(map[uint32]float32, 64)
	grams(m.Title+"\n"+m.Text, 0, all)
	grams(m.Title, titleSalt, title)
	return all, title
}

// newSpace learns which n-grams are worth a column, and how rare they are.
func newSpace(msgs []Message, minCount int) *space {
	df := map[uint32]int32{}
	for _, m := range msgs {
		all, title := fields(m)
		for h := range all {
			df[h]++
		}
		for h := range title {
			df[h]++
		}
	}
	keys := make([]uint32, 0, len(df))
	for h, n := range df {
		if int(n) >= minCount {
			keys = append(keys, h)
		}
	}
	slices.Sort(keys)
	s := &space{cols: make(map[uint32]int32, len(keys)), idf: make([]float32, len(keys))}
	for i, h := range keys {
		s.cols[h] = int32(i)
		s.idf[i] = float32(math.Log(float64(1+len(msgs))/float64(1+df[h])) + 1)
	}
	return s
}

// vector returns the message's place in the space; each field has its own length.
func (s *space) vector(m Message) vec {
	all, title := fields(m)
	type cell struct {
		col int32
		val float32
	}
	cells := make([]cell, 0, len(all)+len(title))
	add := func(counts map[uint32]float32, weight float64) {
		from, sum := len(cells), 0.0
		for h, n := range counts {
			if c, ok := s.cols[h]; ok {
				cells = append(cells, cell{c, float32(1+math.Log(float64(n))) * s.idf[c]})
			}
		}
		part := cells[from:]
		slices.SortFunc(part, func(a, b cell) int { return cmp.Compare(a.col, b.col) })
		for _, c := range part { // in order, so that the sum is the same every time
			sum += float64(c.val) * float64(c.val)
		}
		for i := range part {
			part[i].val *= float32(weight / math.Sqrt(sum))
		}
	}
	add(all, 1)
	add(title, titleWeight)
	slices.SortFunc(cells, func(a, b cell) int { return cmp.Compare(a.col, b.col) })
	v := vec{make([]int32, len(cells)), make([]float32, len(cells))}
	for i, c := range cells {
		v.col[i], v.val[i] = c.col, c.val
	}
	return v
}

func (v vec) dot(w []float32) float32 {
	var s float32
	for i, c := range v.col {
		s += v.val[i] * w[c]
	}
	return s
}

func (v vec) square() float32 {
	var s float32
	for _, x := range v.val {
		s += x * x
	}
	return s
}

// cosine returns how alike two vectors are, 0 to 1.
func (v vec) cosine(o vec) float64 {
	var s float32
	for i, j := 0, 0; i < len(v.col) && j < len(o.col); {
		switch {
		case v.col[i] < o.col[j]:
			i++
		case v.col[i] > o.col[j]:
			j++
		default:
			s += v.val[i] * o.val[j]
			i++
			j++
		}
	}
	if n := float64(v.square()) * float64(o.square()); n > 0 {
		return float64(s) / math.Sqrt(n)
	}
	return 0
}
