package dispatch

import (
	"cmp"
	"math"
	"slices"

	"yiwang/internal/base/textzh"
)

// Weighed is a piece of the message that spoke for the answer.
type Weighed struct {
	Span
	Weight float64 // share of everything that spoke for it, 0 to 1
}

// Near is a decided case that resembles a message.
type Near struct {
	ID         string
	Matter     string
	Similarity float64 // 0 nothing in common, 1 the same
}

// Explanation says why a message was read as a matter.
type Explanation struct {
	Code    string
	Clause  Entry     // what the duty list says; zero where the list no longer has it
	Words   []Weighed // the heaviest first, at most eight
	Nearest []Near    // the most alike first, at most five
}

// Explain works out why a message would be read as the matter with this code
// rather than as the likeliest other one. History may be nil.
func (m *Model) Explain(msg Message, code string, history *History) Explanation {
	e := Explanation{Code: code}
	if i, ok := m.entry[code]; ok {
		e.Clause = m.duty[i]
	}
	if k := m.tasks[Matter]; k != nil {
		if class := slices.Index(k.labels, code); class >= 0 {
			e.Words = m.weigh(k, msg, class)
		}
	}
	if history != nil {
		e.Nearest = history.Nearest(msg, 5)
	}
	return e
}

// weigh shares the weight of every n-gram among its characters and returns the
// runs of characters that weighed most.
func (m *Model) weigh(k *task, msg Message, class int) []Weighed {
	v := m.space.vector(msg)
	rival, z := -1, k.scores(v)
	for i := range z {
		if i != class && (rival < 0 || z[i] > z[rival]) {
			rival = i
		}
	}
	value := make(map[int32]float64, len(v.col))
	for i, c := range v.col {
		w := float64(k.linear.weightOf(c, class))
		if rival >= 0 {
			w -= float64(k.linear.weightOf(c, rival))
		}
		value[c] = w * float64(v.val[i])
	}
	var out []Weighed
	title := m.characterWeights(msg.Title, value, 0, titleSalt)
	body := m.characterWeights(msg.Text, value, 0)
	out = append(collect(msg.Title, title, true), collect(msg.Text, body, false)...)
	slices.SortStableFunc(out, func(a, b Weighed) int { return cmp.Compare(b.Weight, a.Weight) })
	total := 0.0
	for _, w := range out {
		total += w.Weight
	}
	out = out[:min(8, len(out))]
	for i := range out {
		out[i].Weight /= total
	}
	return out
}

// characterWeights returns what each character of a text adds to the answer.
func (m *Model) characterWeights(text string, value map[int32]float64, salts ...uint32) []float64 {
	rs := textzh.Fold(text).Runes
	out := make([]float64, len(rs))
	cut := rs[:min(len(rs), maxRunes)]
	for i, r := range cut {
		cut[i] = plain(r)
	}
	for _, salt := range salts {
		count := map[uint32]float64{}
		textzh.NGrams(cut, 1, maxGram, isGap, func(h uint64, _, _ int) { count[uint32(h)^salt]++ })
		textzh.NGrams(cut, 1, maxGram, isGap, func(h uint64, i, j int) {
			key := uint32(h) ^ salt
			c, ok := m.space.cols[key]
			if !ok {
				return
			}
			for x := i; x < j; x++ {
				out[x] += value[c] / count[key] / float64(j-i)
			}
		})
	}
	return out
}

// collect joins neighbouring characters that speak for the answer to words.
func collect(text string, weight []float64, title bool) []Weighed {
	f := textzh.Fold(text)
	mean := 0.0
	for _, w := range weight {
		mean += math.Max(w, 0)
	}
	mean /= math.Max(1, float64(len(weight)))
	var out []Weighed
	for i := 0; i < len(weight); {
		if weight[i] <= mean || !textzh.IsHan(f.Runes[i]) && !letter(f.Runes[i]) {
			i++
			continue
		}
		j, sum := i, 0.0
		for j < len(weight) && weight[j] > mean && (textzh.IsHan(f.Runes[j]) || letter(f.Runes[j])) {
			sum += weight[j]
			j++
		}
		from, to := f.Span(i, j)
		out = append(out, Weighed{Span{Text: text[from:to], Title: title, From: from, To: to}, sum})
		i = j
	}
	return out
}

func letter(r rune) bool { return r >= 'a' && r <= 'z' }
