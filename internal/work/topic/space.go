package topic

import (
	"cmp"
	"context"
	"maps"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unicode"

	"yiwang/internal/base/pace"
	"yiwang/internal/base/textzh"
)

// Bounds of what of a message is compared.
const (
	// textRunes is how much of a text counts: people say early what it is about.
	textRunes = 100
	// titleWeight is how much more a phrase counts that stands in the title.
	titleWeight = 3
	// features is how many phrases of a message are kept, the weightiest.
	features = 80
	// rarest is the number of messages below which a phrase weighs no more for
	// being rarer: what two messages share by accident must not decide.
	rarest = 6
	// language is the number of messages below which a phrase is weighed as if
	// there were so many: few messages do not tell what is common.
	language = 2000
	// crowded is the number of messages above which a phrase finds no neighbours;
	// it still weighs where others found them.
	crowded = 400
)

// vec is a sparse vector of unit length, ordered by column.
type vec struct {
	col []int32
	val []float32
}

// space is the messages as vectors of the phrases (n-grams of two and three
// characters) that at least two of them use.
type space struct {
	rows    []vec
	columns int
	used    []int32 // messages that use a column
	matter  []vec   // what each row may be about
	places  []vec   // places each row names
}

// newSpace reads messages into a space.
func newSpace(ctx context.Context, messages []Message) *space {
	n := len(messages)
	type gram struct {
		hash uint64
		tf   float32
	}
	grams := make([][]gram, n)
	parallel(ctx, n, func(from, to int, rest func()) {
		count := map[uint64]float32{}
		for i := from; i < to; i++ {
			clear(count)
			read := func(s string, weight float32, limit int) {
				rs := textzh.Fold(s).Runes
				textzh.NGrams(rs[:min(limit, len(rs))], 2, 3, separates, func(h uint64, _, _ int) { count[h] += weight })
			}
			read(messages[i].Title, titleWeight, textRunes)
			read(messages[i].Text, 1, textRunes)
			grams[i] = make([]gram, 0, len(count))
			for h, tf := range count {
				grams[i] = append(grams[i], gram{h, tf})
			}
			rest()
		}
	})
	df := map[uint64]int32{}
	for _, gs := range grams {
		for _, g := range gs {
			df[g.hash]++
		}
	}
	s := &space{rows: make([]vec, n)}
	column := make(map[uint64]int32, len(df)/4)
	for h, k := range df {
		if k >= 2 && int(k) <= max(n, language)/4 {
			column[h] = 0
		}
	}
	// Columns in the order of hashes, so that the same messages make the same space.
	order := make([]uint64, 0, len(column))
	for h := range column {
		order = append(order, h)
	}
	slices.Sort(order)
	s.used = make([]int32, len(order))
	for c, h := range order {
		column[h] = int32(c)
		s.used[c] = df[h]
	}
	s.columns = len(order)
	parallel(ctx, n, func(from, to int, rest func()) {
		type term struct {
			col int32
			w   float64
		}
		var terms []term
		for i := from; i < to; i++ {
			terms = terms[:0]
			for _, g := range grams[i] {
				c, ok := column[g.hash]
				if !ok {
					continue
				}
				idf := math.Log(float64(max(n, language)) / float64(max(s.used[c], rarest)))
				terms = append(terms, term{c, (1 + math.Log(float64(g.tf))) * idf})
			}
			slices.SortFunc(terms, func(a, b term) int {
				return cmp.Or(cmp.Compare(b.w, a.w), cmp.Compare(a.col, b.col))
			})
			terms = terms[:min(features, len(terms))]
			slices.SortFunc(terms, func(a, b term) int { return cmp.Compare(a.col, b.col) })
			norm := 0.0
			for _, t := range terms {
				norm += t.w * t.w
			}
			norm = math.Sqrt(norm)
			v := vec{make([]int32, len(terms)), make([]float32, len(terms))}
			for k, t := range terms {
				v.col[k], v.val[k] = t.col, float32(t.w/norm)
			}
			s.rows[i] = v
			rest()
		}
	})
	codes, names := numbers(), numbers()
	for _, m := range messages {
		s.matter = append(s.matter, matterVec(m.Reading, codes))
		s.places = append(s.places, placeVec(m.Reading, names))
	}
	return s
}

// matterVec is what a message may be about, by its code and the levels above.
func matterVec(r Reading, number func(string) int32) vec {
	w := map[int32]float32{}
	for _, m := range r.Matters {
		for _, n := range []int{2, 4, 6} {
			if len(m.Code) >= n {
				w[number(m.Code[:n])] += float32(m.P)
			}
		}
	}
	return unit(w)
}

// placeVec is the places that a message names, by pairs of characters.
func placeVec(r Reading, number func(string) int32) vec {
	w := map[int32]float32{}
	for _, p := range r.Places {
		rs := []rune(bare(textzh.Fold(p).String()))
		if n := len(rs); n < 2 || n < 5 && strings.ContainsRune("省市区县", rs[n-1]) {
			continue // a whole district is no place to tell issues apart by
		}
		for i := 0; i+1 < len(rs); i++ {
			w[number(string(rs[i:i+2]))] = 1
		}
	}
	return unit(w)
}

// unit returns weights as a vector of unit length; of none, none.
func unit(w map[int32]float32) vec {
	v := vec{col: slices.Sorted(maps.Keys(w))}
	norm := 0.0
	for _, c := range v.col {
		norm += float64(w[c]) * float64(w[c])
	}
	for _, c := range v.col {
		v.val = append(v.val, w[c]/float32(math.Sqrt(norm)))
	}
	return v
}

// numbers gives each string a number, in the order they come.
func numbers() func(string) int32 {
	known := map[string]int32{}
	return func(s string) int32 {
		n, ok := known[s]
		if !ok {
			n = int32(len(known))
			known[s] = n
		}
		return n
	}
}

// separates reports whether no phrase goes across r.
func separates(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// parallel calls fn for parts of [0, n), one a processor. fn says after each of them
// that it could rest.
func parallel(ctx context.Context, n int, fn func(from, to int, rest func())) {
	var g sync.WaitGroup
	parts := runtime.GOMAXPROCS(0)
	for p := range parts {
		g.Go(func() { fn(p*n/parts, (p+1)*n/parts, pace.Start(ctx).Rest) })
	}
	g.Wait()
}

// near is another message and how alike it is.
type near struct {
	row int32
	sim float32
}

// nearest puts one more among the k most alike, the most alike first.
func nearest(found []near, n near, k int) []near {
	before := func(a, b near) int { return cmp.Or(cmp.Compare(b.sim, a.sim), cmp.Compare(a.row, b.row)) }
	if len(found) == k && before(n, found[k-1]) > 0 {
		return found
	}
	at, _ := slices.BinarySearchFunc(found, n, before)
	found = slices.Insert(found, at, n)
	return found[:min(k, len(found))]
}

// neighbours returns for each message the most alike others, at most k, at least
// as alike as least.
func (s *space) neighbours(ctx context.Context, k int, least float32) [][]near {
	// Rows of each column, for the columns that find neighbours.
	start := make([]int32, s.columns+1)
	for c, u := range s.used {
		start[c+1] = start[c]
		if u <= crowded {
			start[c+1] += u
		}
	}
	rows := make([]near, start[s.columns])
	fill := slices.Clone(start[:s.columns])
	for i, v := range s.rows {
		for j, c := range v.col {
			if s.used[c] <= crowded {
				rows[fill[c]] = near{int32(i), v.val[j]}
				fill[c]++
			}
		}
	}
	out := make([][]near, len(s.rows))
	parallel(ctx, len(s.rows), func(from, to int, rest func()) {
		sum := make([]float32, len(s.rows))
		var touched []int32
		found := make([]near, 0, k+1)
		for i := from; i < to; i++ {
			v := s.rows[i]
			touched = touched[:0]
			for j, c := range v.col {
				if s.used[c] > crowded {
					continue
				}
				w := v.val[j]
				for _, r := range rows[start[c]:fill[c]] {
					if sum[r.row] == 0 {
						touched = append(touched, r.row)
					}
					sum[r.row] += w * r.sim
				}
			}
			found = found[:0]
			for _, r := range touched {
				if x := sum[r]; x >= least && int(r) != i {
					found = nearest(found, near{r, x}, k)
				}
				sum[r] = 0
			}
			out[i] = slices.Clone(found)
			rest()
		}
	})
	return out
}
