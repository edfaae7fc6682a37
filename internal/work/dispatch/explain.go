package dispatch

import (
	"cmp"
	"math"
	"slices"
	"strings"

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
	return m.explain(msg, code, history, nil)
}

// Explain explains as the model does, with what corrections have taught.
func (l *Learner) Explain(msg Message, code string, history *History) Explanation {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.model.explain(msg, code, history, l.delta)
}

func (m *Model) explain(msg Message, code string, history *History, learnt map[int32][]nudge) Explanation {
	e := Explanation{Code: code}
	if i, ok := m.entry[code]; ok {
		e.Clause = m.duty[i]
	}
	if k := m.tasks[Matter]; k != nil {
		if class := slices.Index(k.labels, code); class >= 0 {
			e.Words = m.weigh(k, msg, class, learnt)
		}
	}
	if history != nil {
		e.Nearest = history.Nearest(msg, 5)
	}
	return e
}

// weigh shares the weight of every n-gram and of every word of the duty list
// among its characters, and returns the runs of characters that weighed most.
func (m *Model) weigh(k *task, msg Message, class int, learnt map[int32][]nudge) []Weighed {
	s := m.see(msg)
	rival, z := -1, k.scores(s)
	for i := range z {
		if i != class && (rival < 0 || z[i] > z[rival]) {
			rival = i
		}
	}
	value := m.influence(k, s, class, rival)
	for i, c := range s.vec.col {
		for _, n := range learnt[c] {
			switch int(n.class) {
			case class:
				value[c] += float64(n.weight * s.vec.val[i])
			case rival:
				value[c] -= float64(n.weight * s.vec.val[i])
			}
		}
	}
	title := m.characterWeights(s.text.title, value, 0, titleSalt)
	body := m.characterWeights(s.text.body, value, 0)
	k.phraseWeights(s.text.title, title, class)
	k.phraseWeights(s.text.body, body, class)
	out := append(collect(msg.Title, title, true), collect(msg.Text, body, false)...)
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

// influence returns what each column of a message adds to the lead of a class
// over its rival: every opinion but the words' is linear in the columns.
func (m *Model) influence(k *task, s seen, class, rival int) map[int32]float64 {
	dims := m.topics.dims
	side := slices.Clone(k.topics.row(class)) // the direction among the topics that leads to class
	engine.Saxpy(dims, -1, k.topics.row(rival), 1, side, 1)
	long, way := m.topics.length(s.vec), newShorts(side)
	value := make(map[int32]float64, len(s.vec.col))
	for i, c := range s.vec.col {
		x := float64(m.topics.basis.at(int(c), way)) / long
		for _, l := range k.levels {
			x += float64(l.linear.weightOf(c, int(l.group[class])) - l.linear.weightOf(c, int(l.group[rival])))
		}
		if k.sayings != nil {
			x += float64(k.sayings.weightOf(c, class) - k.sayings.weightOf(c, rival))
		}
		if k.clauses != nil {
			x += float64(k.clauses.weightOf(c, class) - k.clauses.weightOf(c, rival))
		}
		value[c] = x * float64(s.vec.val[i])
	}
	return value
}

// phraseWeights adds the words of the duty list that name the class.
func (k *task) phraseWeights(rs []rune, weight []float64, class int) {
	if k.words == nil {
		return
	}
	w := k.wordWeight[0]
	k.words.find(rs, func(p int32, i, j int) {
		if slices.Contains(k.words.labels[p], uint16(class)) {
			for x := i; x < j; x++ {
				weight[x] += w * math.Log1p(float64(k.words.rarity[p])) / float64(j-i)
			}
		}
	})
}

// characterWeights returns what each character of a text adds to the answer.
func (m *Model) characterWeights(rs []rune, value map[int32]float64, salts ...uint32) []float64 {
	out := make([]float64, len(rs))
	for _, salt := range salts {
		count := map[uint32]float64{}
		textzh.NGrams(rs, 1, maxGram, isGap, func(h uint64, _, _ int) { count[uint32(h)^salt]++ })
		textzh.NGrams(rs, 1, maxGram, isGap, func(h uint64, i, j int) {
			key := uint32(h) ^ salt
			c := m.space.column(key)
			if c < 0 {
				return
			}
			for x := i; x < j; x++ {
				out[x] += value[c] / count[key] / float64(j-i)
			}
		})
	}
	return out
}

// collect joins neighbouring characters that speak for the answer to words. A
// character that stands alone takes the neighbour that speaks most, because it
// means little by itself; particles at the ends of a word are left out.
func collect(text string, weight []float64, title bool) []Weighed {
	f := textzh.Fold(text)
	mean := 0.0
	for _, w := range weight {
		mean += math.Max(w, 0)
	}
	mean /= math.Max(1, float64(len(weight)))
	in := make([]bool, len(weight))
	for i, w := range weight {
		in[i] = w > mean && readable(f.Runes[i])
	}
	var out []Weighed
	for i := 0; i < len(in); i++ {
		if !in[i] {
			continue
		}
		j := i + 1
		for j < len(in) && in[j] {
			j++
		}
		from, to := wholeWord(f.Runes, weight, i, j)
		i = j
		if from >= to {
			continue
		}
		sum := 0.0
		for _, w := range weight[from:to] {
			sum += math.Max(w, 0)
		}
		if n := len(out); n > 0 && overlap(out[n-1], f, from) { // both took the character between them
			last := &out[n-1]
			_, last.To = f.Span(from, to)
			last.Text, last.Weight = text[last.From:last.To], last.Weight+sum
			continue
		}
		a, b := f.Span(from, to)
		out = append(out, Weighed{Span{Text: text[a:b], Title: title, From: a, To: b}, sum})
	}
	return out
}

func overlap(last Weighed, f textzh.Folded, from int) bool {
	at, _ := f.Span(from, from+1)
	return at < last.To
}

// wholeWord trims particles from a run of characters and widens one that is left
// alone; nothing is left of a run without meaning.
func wholeWord(rs []rune, weight []float64, i, j int) (from, to int) {
	for i < j && particle(rs[i]) {
		i++
	}
	for i < j && particle(rs[j-1]) {
		j--
	}
	if j-i != 1 {
		return i, j
	}
	left := i > 0 && readable(rs[i-1]) && !particle(rs[i-1])
	right := j < len(rs) && readable(rs[j]) && !particle(rs[j])
	switch {
	case left && (!right || weight[i-1] > weight[j]):
		return i - 1, j
	case right:
		return i, j + 1
	}
	return i, i
}

func readable(r rune) bool { return textzh.IsHan(r) || letter(r) }

// particle reports whether a character says nothing of a matter at the end of a word.
func particle(r rune) bool {
	return strings.ContainsRune("的了是在和与及我你他她它们这那有也就都还而但被把让给对从向到为个一吗呢吧啊呀之其此该请您于以等要会能很更最", r)
}

func letter(r rune) bool { return r >= 'a' && r <= 'z' }
