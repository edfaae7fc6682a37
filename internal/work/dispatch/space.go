package dispatch

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"sync"
	"unicode"

	"yiwang/internal/base/textzh"
)

// vec is a sparse vector: columns with their values, no column twice.
type vec struct {
	col []int32
	val []float32
}

// space turns messages into vectors: the n-grams of one to three characters of
// title and text together, and again of the title alone, which says in a few
// words what the text is about. N-grams are known by their hash only.
type space struct {
	keys []uint32 // hashes of the n-grams that have a column, the most frequent first: what a message touches lies close together
	idf  []float32
	slot []slot // open addressing
	free sync.Pool
}

// slot is a place for an n-gram: its hash beside its column, so that finding it
// takes one look.
type slot struct {
	key    uint32
	column int32 // + 1; 0 where the place is free
}

const (
	maxGram     = 3
	titleWeight = 0.6
	titleSalt   = 0x9e3779b9
	maxRunes    = 4000 // what stands behind is hardly ever the matter
)

// text is a message as the judge sees it: folded, digits made one, not too long.
type text struct {
	title, body []rune
}

func newText(m Message) text { return text{flatten(m.Title), flatten(m.Text)} }

func flatten(s string) []rune {
	if len(s) > maxRunes*4 {
		s = s[:maxRunes*4]
	}
	rs := textzh.Fold(s).Runes
	rs = rs[:min(len(rs), maxRunes)]
	plain(rs)
	return rs
}

// plain makes all digits one, because numbers of houses and years mean nothing
// here, but keeps those of a name such as a3区 or d小区.
func plain(rs []rune) {
	name := false
	for i, r := range rs {
		switch {
		case r > lastGap && textzh.IsHan(r) || !unicode.IsDigit(r):
			name = r >= 'a' && r <= 'z'
		case !name:
			rs[i] = '0'
		}
	}
}

// lastGap is the last rune that is white space: most of a message lies beyond, and
// need not be looked up.
const lastGap = '\u3000'

func isGap(r rune) bool { return r <= lastGap && unicode.IsSpace(r) }

// each calls fn with the hash of every n-gram of the message, and once more, under
// another hash, of the title's.
func (t text) each(fn func(hash uint32)) {
	textzh.NGrams(t.title, 1, maxGram, isGap, func(h uint64, _, _ int) { fn(uint32(h)); fn(uint32(h) ^ titleSalt) })
	textzh.NGrams(t.body, 1, maxGram, isGap, func(h uint64, _, _ int) { fn(uint32(h)) })
}

// newSpace learns which n-grams are worth a column, and how rare they are: the
// most frequent ones, no more than columns, each in at least minCount texts.
func newSpace(texts []text, minCount, columns int) *space {
	df, last := map[uint32]int32{}, map[uint32]int32{}
	for n, t := range texts {
		t.each(func(h uint32) {
			if last[h] != int32(n+1) {
				last[h] = int32(n + 1)
				df[h]++
			}
		})
	}
	keys := make([]uint32, 0, len(df))
	for h, n := range df {
		if int(n) >= minCount {
			keys = append(keys, h)
		}
	}
	slices.SortFunc(keys, func(a, b uint32) int { return cmp.Or(cmp.Compare(df[b], df[a]), cmp.Compare(a, b)) })
	keys = slices.Clip(keys[:min(len(keys), columns)])
	s := &space{keys: keys, idf: make([]float32, len(keys))}
	s.index()
	for i, h := range keys {
		s.idf[i] = float32(math.Log(float64(1+len(texts))/float64(1+df[h])) + 1)
	}
	return s
}

// index makes the columns quick to find.
func (s *space) index() {
	size := 1024
	for size < 2*len(s.keys) {
		size *= 2
	}
	s.slot = make([]slot, size)
	for c, h := range s.keys {
		i := h & uint32(size-1)
		for s.slot[i].column != 0 {
			i = (i + 1) & uint32(size-1)
		}
		s.slot[i] = slot{h, int32(c) + 1}
	}
	s.free.New = func() any { return &tally{count: make([]float32, len(s.keys))} }
}

// column returns the column of an n-gram, -1 if it has none.
func (s *space) column(h uint32) int32 {
	mask := uint32(len(s.slot) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		p := s.slot[i]
		if p.column == 0 || p.key == h {
			return p.column - 1
		}
	}
}

// tally counts columns; all its counts are zero between uses.
type tally struct {
	count   []float32
	touched []int32
	hashes  []uint64
}

// add counts the columns of n-grams.
func (n *tally) add(s *space, hashes []uint64, salt uint32) {
	for _, h := range hashes {
		c := s.column(uint32(h) ^ salt)
		if c < 0 {
			continue
		}
		if n.count[c] == 0 {
			n.touched = append(n.touched, c)
		}
		n.count[c]++
	}
}

// vector returns the text's place in the space; each field has its own length.
// Columns stand in the order of first sight.
func (s *space) vector(t text) vec {
	n := s.free.Get().(*tally)
	n.hashes = textzh.AppendNGrams(n.hashes[:0], t.title, 1, maxGram, isGap)
	title := len(n.hashes)
	n.hashes = textzh.AppendNGrams(n.hashes, t.body, 1, maxGram, isGap)
	n.add(s, n.hashes[:title], titleSalt)
	v := s.drain(n, vec{}, titleWeight, len(n.hashes))
	n.add(s, n.hashes, 0)
	v = s.drain(n, v, 1, 0)
	s.free.Put(n)
	return v
}

// drain appends what was counted to a vector as one field of a given length, with
// room for as many columns more as may follow.
func (s *space) drain(n *tally, v vec, length float64, more int) vec {
	from, sum := len(v.col), 0.0
	v.col = slices.Grow(v.col, len(n.touched)+more)
	v.val = slices.Grow(v.val, len(n.touched)+more)
	v.col = append(v.col, n.touched...)
	for _, c := range n.touched {
		x := s.idf[c]
		if k := n.count[c]; k > 1 {
			x *= float32(1 + math.Log(float64(k)))
		}
		v.val = append(v.val, x)
		sum += float64(x) * float64(x)
		n.count[c] = 0
	}
	n.touched = n.touched[:0]
	f := float32(length / math.Sqrt(sum+1e-12))
	for i := range v.val[from:] {
		v.val[from+i] *= f
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

// saidGrams is how many n-grams are kept of what citizens might say about a label.
const saidGrams = 400

// sumOf adds vectors up; columns rise.
func sumOf(vs []vec) vec {
	sum := map[int32]float32{}
	for _, v := range vs {
		for i, c := range v.col {
			sum[c] += v.val[i]
		}
	}
	var out vec
	for _, c := range slices.Sorted(maps.Keys(sum)) {
		out.col, out.val = append(out.col, c), append(out.val, sum[c])
	}
	return out
}
