package knowledge

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"yiwang/internal/base/textzh"
)

// Hit is an entry that may answer a question.
type Hit struct {
	Entry *Entry
	Score float64
}

// Found is what a question led to: the likeliest entries, and whether the first is
// sure enough to be given as the answer.
type Found struct {
	Hits []Hit
	Sure bool
}

// Index finds entries. It never changes, so any number may read it.
type Index struct {
	entries  []*Entry
	postings map[string][]posting
	weight   map[string]float64 // how telling a word is
	means    func(text string) map[string]float64
}

// posting is how strongly an entry is about a word.
type posting struct {
	at       int
	strength float64
}

// How much a word weighs by where it stands in the entry, and how fast saying it
// again adds less.
const (
	inQuestion  = 3.0
	inAnswer    = 1.0
	inMatter    = 0.6 // words of the duty list for its matter
	ofOne       = 0.35
	saturation  = 1.6
	lengthening = 0.4
)

// A question is answered where the best entry scores this much and leads the
// second by this share of its score. TestThresholds fits both on the odd lines of
// testdata/asked.tsv.
const (
	enough = 5.5
	lead   = 0.04
)

// NewIndex makes an index. words returns what the duty list says of a matter; means,
// where it is not nil, names what a text means beside its words, each with how often: the
// entries of whoever means the same come nearer, and fewer questions are sure.
func NewIndex(entries []Entry, words func(matter string) []string, means func(text string) map[string]float64) *Index {
	x := &Index{postings: map[string][]posting{}, weight: map[string]float64{}, means: means}
	strengths := make([]map[string]float64, len(entries))
	for i := range entries {
		e := &entries[i]
		x.entries = append(x.entries, e)
		s := map[string]float64{}
		say := func(weight float64, texts ...string) {
			all := x.tokens(strings.Join(texts, "\n"))
			for t, n := range all {
				s[t] += weight * n / (1 + lengthening*math.Log1p(float64(len(all))/60))
			}
		}
		say(inQuestion, append([]string{e.Question, e.English}, e.Asks...)...)
		say(inAnswer, e.Answer)
		if e.Matter != "" {
			say(inMatter, words(e.Matter)...)
		}
		strengths[i] = s
	}
	for i, s := range strengths {
		for t, v := range s {
			x.postings[t] = append(x.postings[t], posting{i, v})
		}
	}
	for t, p := range x.postings {
		x.weight[t] = math.Log(1 + (float64(len(entries))-float64(len(p))+0.5)/(float64(len(p))+0.5))
	}
	return x
}

// tokens counts the words of a text: pairs of characters, single ones for less,
// words of letters, and what it means.
func (x *Index) tokens(text string) map[string]float64 {
	out := map[string]float64{}
	for _, w := range strings.Fields(textzh.Tokens(text)) {
		if n := len([]rune(w)); n > 1 {
			out[w]++
		}
	}
	for _, r := range textzh.Normalise(text) {
		if textzh.IsHan(r) {
			out[string(r)] += ofOne
		}
	}
	if x.means != nil {
		for what, n := range x.means(text) {
			out["="+what] += n
		}
	}
	return out
}

// Find returns the entries that fit a question best, at most n.
func (x *Index) Find(question string, n int) Found {
	scores := make([]float64, len(x.entries))
	for t := range x.tokens(question) {
		w := x.weight[t]
		if len([]rune(t)) == 1 {
			w *= ofOne
		}
		for _, p := range x.postings[t] {
			scores[p.at] += w * p.strength / (p.strength + saturation)
		}
	}
	order := make([]int, 0, len(scores))
	for i, s := range scores {
		if s > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	var f Found
	for _, i := range order[:min(n, len(order))] {
		f.Hits = append(f.Hits, Hit{x.entries[i], scores[i]})
	}
	f.Sure = sure(f.Hits, enough, lead)
	return f
}

// sure reports whether the first of the hits may be given as the answer.
func sure(hits []Hit, enough, lead float64) bool {
	if len(hits) == 0 || hits[0].Score < enough {
		return false
	}
	return len(hits) == 1 || hits[0].Score-hits[1].Score >= lead*hits[0].Score
}
