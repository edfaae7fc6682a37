package dispatch

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"gonum.org/v1/gonum/stat"

	"yiwang/internal/base/textzh"
)

// Part is a piece of a message's text that asks for something of its own.
type Part struct {
	Span
	Matters []Scored // the likeliest three
}

// splitter says whether a message makes several demands: a logistic regression
// over signs in its form and in what its pieces are about.
type splitter struct {
	weight []float64
	line   float64 // probability from which a split is proposed
	words  *linear // parts messages of several demands from those of one by their n-grams; nil in models of before
}

const (
	signs     = 16   // without that of the words
	minPiece  = 6    // characters of a piece that can be judged by itself
	maxPieces = 24   // pieces of one message that are looked at
	maxParts  = 4    // parts of a proposed split
	faint     = 1e-4 // least likelihood of a matter for a piece
	moveCost  = 2.0  // what a further part must explain, in natural logarithms

	severalCost  = 0.1   // of an error of the words; several demands are rare and loosely marked
	severalFloor = 0.002 // size of a weight below which it changes nothing
)

// Parts proposes how to split a message that makes several demands; nil where it
// makes one, or where the model has not learnt to tell.
func (m *Model) Parts(msg Message) []Part { return m.partsOf(msg, m.see(msg), nil) }

// ReadParts reads a message as Read does and proposes how to split it as Parts does,
// for less than both of them.
func (m *Model) ReadParts(msg Message) (Reading, []Part) {
	room := rent()
	defer room.leave()
	r, s, likely := m.look(msg, room)
	return r, m.partsOf(msg, s, likely)
}

// partsOf is Parts of a message that was seen; likely is how likely each matter is for
// the whole, nil where it has not been asked.
func (m *Model) partsOf(msg Message, s seen, likely []float64) []Part {
	if m.demands == nil || m.tasks[Matter] == nil {
		return nil
	}
	spans, listed := cutText(msg.Text)
	if len(spans) < 2 {
		return nil // one demand, whatever it is about
	}
	return m.split(msg, m.pieces(s, likely, m.tasks[Matter], spans, listed))
}

// split proposes how to split a message by what its pieces are about.
func (m *Model) split(msg Message, p pieces) []Part {
	x := p.signs(m, msg)
	if w := m.demands.words; w != nil {
		x = append(x, float64(w.margins(p.vec)[0]))
	}
	if m.demands.chance(x) < m.demands.line {
		return nil
	}
	best := p.cut(2)
	for n := 3; n <= min(maxParts, len(p.spans)); n++ {
		if c := p.cut(n); c.worth > best.worth+moveCost*float64(n-1) {
			best = c
		}
	}
	out := make([]Part, 0, len(best.from))
	for i, from := range best.from {
		to := len(p.spans)
		if i+1 < len(best.from) {
			to = best.from[i+1]
		}
		span := Span{From: p.spans[from].From, To: p.spans[to-1].To}
		span.Text = msg.Text[span.From:span.To]
		out = append(out, Part{span, m.Answer(Matter, Message{Text: span.Text}, 3)})
	}
	return out
}

func (s *splitter) chance(x []float64) float64 {
	z := 0.0
	for i, v := range x {
		z += s.weight[i] * v
	}
	return 1 / (1 + math.Exp(-z))
}

// pieces are the items or sentences of a message with what each is about.
type pieces struct {
	vec      vec // of the whole message
	spans    []Span
	listed   int         // items of an enumeration, 0 without one
	about    [][]float64 // piece → logarithm of each label's likelihood
	whole    []float64   // likelihood of each label for the whole message
	label    []string
	runs     [][]float64 // what one matter explains of the pieces from one to before another
	together float64     // and of all
}

// pieces tells what each span of a message is about; likely is as partsOf takes it.
func (m *Model) pieces(s seen, likely []float64, k *task, spans []Span, listed int) pieces {
	p := pieces{label: k.labels, spans: spans, listed: listed, vec: s.vec, whole: likely}
	if likely == nil {
		p.whole = k.scores(s)
		softmax(p.whole, 1)
	}
	for _, s := range p.spans {
		room := rent()
		piece := m.see(Message{Text: s.Text})
		piece.room = room
		z := slices.Clone(k.scores(piece))
		room.leave()
		softmax(z, 1)
		for i, x := range z {
			z[i] = math.Log(x + faint)
		}
		p.about = append(p.about, z)
	}
	p.measure()
	return p
}

// measure fills in what one matter explains of each run of pieces.
func (p *pieces) measure() {
	count := len(p.about)
	p.runs = make([][]float64, count)
	sum := make([]float64, len(p.whole))
	for i := range p.runs {
		p.runs[i] = make([]float64, count+1)
		clear(sum)
		for j := i; j < count; j++ {
			top := math.Inf(-1)
			for l, x := range p.about[j] {
				x += sum[l]
				sum[l] = x
				if x > top {
					top = x
				}
			}
			p.runs[i][j+1] = top
		}
	}
	p.together = p.runs[0][count]
}

// division is a way to cut pieces into runs, each about one matter.
type division struct {
	from  []int
	worth float64
}

// cut finds the best way to cut the pieces into n runs.
func (p pieces) cut(n int) division {
	count := len(p.about)
	if count < n || n < 1 {
		return division{worth: math.Inf(-1)}
	}
	best := make([][]float64, n+1)
	back := make([][]int, n+1)
	for r := range best {
		best[r], back[r] = make([]float64, count+1), make([]int, count+1)
		for j := range best[r] {
			best[r][j] = math.Inf(-1)
		}
	}
	best[0][0] = 0
	for r := 1; r <= n; r++ {
		for j := r; j <= count; j++ {
			for i := r - 1; i < j; i++ {
				if x := best[r-1][i] + p.runs[i][j]; x > best[r][j] {
					best[r][j], back[r][j] = x, i
				}
			}
		}
	}
	d := division{make([]int, n), best[n][count]}
	for r, j := n, count; r > 0; r-- {
		j = back[r][j]
		d.from[r-1] = j
	}
	return d
}

// signs returns what speaks for several demands.
func (p pieces) signs(m *Model, msg Message) []float64 {
	x := make([]float64, 0, signs+1)
	flag := func(b bool) { x = append(x, float64(one(b))) }
	x = append(x, 1)
	flag(p.listed >= 2)
	flag(p.listed >= 3)
	flag(slices.ContainsFunc(p.spans, func(s Span) bool { return startsAnew(s.Text) }))
	flag(strings.Contains(msg.Title, "等") && strings.Contains(msg.Title, "问题"))
	flag(strings.ContainsAny(msg.Title, "及和与、"))
	x = append(x, math.Log1p(float64(utf8.RuneCountInString(msg.Text)))-5, math.Log1p(float64(len(p.spans)))-1.5)
	two, three := math.Max(0, p.cut(2).worth-p.together), math.Max(0, p.cut(3).worth-p.together)
	x = append(x, math.Log1p(two), math.Log1p(three))
	top := leaders(p.whole, 1)[0]
	entropy, outside, beside := 0.0, 0.0, m.beside(p.label[top])
	for l, q := range p.whole {
		if q > 0 {
			entropy -= q * math.Log(q)
		}
		if !slices.Contains(beside, p.label[l]) {
			outside += q
		}
	}
	x = append(x, p.whole[top], entropy, outside)
	kinds := map[string]bool{}
	for _, z := range p.about {
		l := leaders(z, 1)[0]
		if z[l] > math.Log(0.3) {
			kinds[m.above(p.label[l])] = true
		}
	}
	x = append(x, math.Log1p(float64(len(kinds))))
	flag(p.listed >= 2 && len(kinds) >= 2)
	x = append(x, math.Log1p(float64(strings.Count(msg.Text, "？")+strings.Count(msg.Text, "?"))))
	return x
}

// above names the class that a matter lies in.
func (m *Model) above(code string) string {
	if i, ok := m.entry[code]; ok {
		return strings.Join(m.duty[i].Path, "/")
	}
	return code
}

// beside returns the matters of the class that a matter lies in.
func (m *Model) beside(code string) []string {
	i, ok := m.entry[code]
	if !ok {
		return []string{code}
	}
	var out []string
	for _, e := range m.duty {
		if slices.Equal(e.Path, m.duty[i].Path) {
			out = append(out, e.Code)
		}
	}
	return out
}

// anew are words by which a writer turns to something else.
var anew = []string{"另外", "此外", "还有", "再就是", "再有", "其次", "同时", "并且", "另，", "第二"}

func startsAnew(s string) bool {
	s = strings.TrimLeft(s, " \t\r\n　")
	return slices.ContainsFunc(anew, func(w string) bool { return strings.HasPrefix(s, w) })
}

// cutText cuts a text at the marks of its enumeration, or where it has none into
// sentences, and says how many items it enumerates.
func cutText(text string) (spans []Span, listed int) {
	marks := enumeration(text)
	var ends []int
	for i, r := range text {
		if strings.ContainsRune("。！？；!?;\n", r) {
			ends = append(ends, i+utf8.RuneLen(r))
		}
	}
	if len(marks) >= 2 {
		listed = len(marks)
		ends = marks // what stands before the first mark is no item
	}
	from := 0
	for _, to := range append(ends, len(text)) {
		if listed > 0 && to == marks[0] {
			from = to
			continue
		}
		if piece := text[from:to]; utf8.RuneCountInString(piece) >= minPiece && len(spans) < maxPieces {
			spans = append(spans, Span{Text: piece, From: from, To: to})
			from = to
		} else if listed > 0 {
			from = to
		}
	}
	return spans, listed
}

// enumerations are the ways to count; %s stands for the number.
var enumerations = func() [][]string {
	var out [][]string
	for _, form := range []string{"N、", "N.", "N．", "N：", "N:", "N，", "N,", "（N）", "(N)", "N）", "N)", "第N", "N是", "N "} {
		for _, digits := range []string{"123456789", "一二三四五六七八九"} {
			var marks []string
			for _, d := range digits {
				marks = append(marks, strings.Replace(form, "N", string(d), 1))
			}
			out = append(out, marks)
		}
	}
	return append(out, strings.Split("①②③④⑤⑥⑦⑧⑨", ""))
}()

// enumeration returns where the items of the longest enumeration begin.
func enumeration(text string) []int {
	var best []int
	for _, marks := range enumerations {
		var at []int
		from := 0
		for _, mark := range marks {
			i := strings.Index(text[from:], mark)
			if i < 0 {
				break
			}
			at = append(at, from+i)
			from += i + len(mark)
		}
		if len(at) > 0 && inNumber(text, at) {
			continue
		}
		if len(at) > len(best) {
			best = at
		}
	}
	return best
}

// inNumber reports whether a mark stands inside a longer number.
func inNumber(text string, at []int) bool {
	for _, i := range at {
		r, _ := utf8.DecodeLastRuneInString(text[:i])
		if textzh.IsHan(r) && strings.ContainsRune("一二三四五六七八九十", r) || r >= '0' && r <= '9' || r == '.' {
			return true
		}
	}
	return false
}

// learnDemands trains the splitter on the cases of which the number of demands is
// known, each read by a judge that never saw it; nil where there are too few.
func (l *lesson) learnDemands() *splitter {
	k := l.model.tasks[Matter]
	var xs [][]float64
	var ys []bool
	several := 0
	var known []int // places in corpus.Decided
	for i, d := range l.corpus.Decided {
		if d.Demands > 0 && d.Text != "" {
			known = append(known, i)
		}
	}
	if k == nil || len(known) < 50 {
		return nil
	}
	rows := make([][]float64, len(known))
	parallel(len(known), func(from, to int) {
		for n := from; n < to; n++ {
			d := &l.corpus.Decided[known[n]]
			judge := k
			if len(l.judges) > 0 {
				judge = l.judges[l.group[known[n]]%len(l.judges)]
			}
			if spans, listed := cutText(d.Text); len(spans) >= 2 {
				rows[n] = l.model.pieces(l.model.see(d.Message), nil, judge, spans, listed).signs(l.model, d.Message)
			}
		}
	})
	words, margins := l.severalWords(known)
	for n, x := range rows {
		if x == nil {
			continue
		}
		y := l.corpus.Decided[known[n]].Demands > 1
		several += one(y)
		xs, ys = append(xs, append(x, margins[n])), append(ys, y)
	}
	if several < 10 {
		return nil
	}
	s := &splitter{weight: fitLogistic(xs, ys, 1), words: words}
	s.line = s.bestLine(xs, ys)
	return s
}

// severalWords learns how the n-grams part messages of several demands from those of
// one, and returns what each case's would be said to be by separators that never saw it.
func (l *lesson) severalWords(cases []int) (all *linear, margins []float64) {
	learn := func(without int) *linear {
		var rows []vec
		var several []int
		for _, c := range cases {
			if l.group[c]%l.options.Folds != without {
				rows, several = append(rows, l.cases[c].vec), append(several, one(l.corpus.Decided[c].Demands > 1))
			}
		}
		g := newGather(1)
		g.floor = severalFloor
		columns := len(l.model.space.idf)
		trainSVM(rows, several, 2, columns, svmOptions{cost: severalCost, epochs: 20}, func(class int, w []float32, bias float32) {
			if class == 1 {
				g.put(0, w, bias)
			}
		})
		return g.linear(columns)
	}
	margins = make([]float64, len(cases))
	for f := range l.options.Folds {
		apart := learn(f)
		for i, c := range cases {
			if l.group[c]%l.options.Folds == f {
				margins[i] = float64(apart.margins(l.cases[c].vec)[0])
			}
		}
	}
	all = learn(-1)
	mean, spread := stat.PopMeanStdDev(margins, nil)
	if spread == 0 {
		return all, margins
	}
	for i := range margins { // as wide as the other signs, which share a penalty
		margins[i] = (margins[i] - mean) / spread
	}
	all.bias[0] -= float32(mean)
	all.scale(1 / spread)
	return all, margins
}

// fitLogistic fits a logistic regression with a quadratic penalty by gradient
// descent with momentum; the first column is the constant and goes unpenalised.
func fitLogistic(xs [][]float64, ys []bool, penalty float64) []float64 {
	w := make([]float64, len(xs[0]))
	speed := make([]float64, len(w))
	s := splitter{weight: w}
	for range 3000 {
		grad := make([]float64, len(w))
		for i, x := range xs {
			miss := float64(one(ys[i])) - s.chance(x)
			for j, v := range x {
				grad[j] += miss * v
			}
		}
		for j := range w {
			if j > 0 {
				grad[j] -= penalty * w[j]
			}
			speed[j] = 0.9*speed[j] + 0.02*grad[j]/float64(len(xs))*10
			w[j] += speed[j]
		}
	}
	return w
}

// bestLine returns the probability from which on proposals have the best F0.5: to look
// at a split for nothing annoys more than to make one oneself.
func (s *splitter) bestLine(xs [][]float64, ys []bool) float64 {
	type mark struct {
		p float64
		y bool
	}
	var ms []mark
	wanted := 0
	for i, x := range xs {
		ms = append(ms, mark{s.chance(x), ys[i]})
		wanted += one(ys[i])
	}
	slices.SortFunc(ms, func(a, b mark) int {
		switch {
		case a.p > b.p:
			return -1
		case a.p < b.p:
			return 1
		}
		return 0
	})
	line, best, hits := 2.0, 0.0, 0
	for i, k := range ms {
		hits += one(k.y)
		if f := 1.25 * float64(hits) / (float64(i+1) + 0.25*float64(wanted)); f > best {
			line, best = k.p, f
		}
	}
	return line
}
