package dispatch

import (
	"slices"
	"strings"
)

// lesson is everything that the tasks learn from together.
type lesson struct {
	model   *Model
	corpus  Corpus
	options Options
	cases   []seen // of corpus.Decided
	clauses []seen // of corpus.Duty
	texts   []text // all of them, for telling rare words from common ones
	group   []int  // of corpus.Decided: copies of each other share a number
}

// lookAt reads all texts once: it learns the space and the topics.
func (m *Model) lookAt(c Corpus, o Options) *lesson {
	l := &lesson{model: m, corpus: c, options: o, group: groupCopies(c.Decided)}
	var decided, duty, all []text
	known := map[string]bool{}
	for _, d := range c.Decided {
		t := newText(d.Message)
		decided = append(decided, t)
		known[string(t.body)+string(t.title)] = true
	}
	all = slices.Clone(decided)
	for _, x := range c.Texts {
		t := newText(x)
		if k := string(t.body) + string(t.title); !known[k] {
			known[k] = true
			all = append(all, t)
		}
	}
	l.texts = slices.Clone(all)
	for _, e := range c.Duty {
		t := newText(e.message())
		duty = append(duty, t)
		all = append(all, t)
	}
	minCount := 2
	if len(all) < 100 {
		minCount = 1
	}
	m.space = newSpace(all, minCount, o.Columns)
	rows := make([]vec, len(all))
	parallel(len(all), func(from, to int) {
		for i := from; i < to; i++ {
			rows[i] = m.space.vector(all[i])
		}
	})
	m.topics = learnTopics(rows, len(m.space.idf), o.Topics, 2, 1)
	see := func(ts []text, vs []vec) []seen {
		out := make([]seen, len(ts))
		parallel(len(ts), func(from, to int) {
			for i := from; i < to; i++ {
				out[i] = seen{ts[i], vs[i], m.topics.project(vs[i])}
			}
		})
		return out
	}
	l.cases = see(decided, rows[:len(decided)])
	l.clauses = see(duty, rows[len(rows)-len(duty):])
	return l
}

// learn trains one task; nil where the corpus has no labels for it.
func (l *lesson) learn(t Task) (*task, TaskReport) {
	k := &parts{}
	index := map[string]int{}
	label := func(s string) int {
		i, ok := index[s]
		if !ok {
			i = len(k.labels)
			index[s] = i
			k.labels = append(k.labels, s)
		}
		return i
	}
	if t == Matter {
		for _, e := range l.corpus.Duty {
			label(e.Code)
		}
	}
	var cases []int // into corpus.Decided
	var truth []int
	for i := range l.corpus.Decided {
		if s := l.corpus.Decided[i].Label(t); s != "" {
			cases, truth = append(cases, i), append(truth, label(s))
		}
	}
	if len(k.labels) < 2 {
		return nil, TaskReport{}
	}
	if t == Matter && len(l.corpus.Duty) > 0 {
		l.addClauses(k, index)
	}
	report := TaskReport{Cases: len(cases), Labels: len(k.labels)}
	groups := l.groups(t, k.labels)
	rows, held := l.heldBack(k, groups, cases, truth)
	l.learnParts(k, groups, cases, truth)
	if len(rows) < 20 {
		return k.fold(blindMix(k, len(groups))), report
	}
	m := fitMix(rows, held, 1e-3+1/float64(len(rows)))
	out := k.fold(m)
	l.calibrate(out, m, rows, held, &report)
	return out, report
}

// addClauses lets the duty list's text speak.
func (l *lesson) addClauses(k *parts, index map[string]int) {
	dims := l.model.topics.dims
	vecs := make([]vec, len(k.labels))
	k.clauseMid = newDense(len(k.labels), dims)
	for i, e := range l.corpus.Duty {
		n := index[e.Code]
		vecs[n] = l.clauses[i].vec
		copy(k.clauseMid.row(n), l.clauses[i].mid)
	}
	k.clauses = clauseMatrix(vecs, len(l.model.space.idf))
	k.words = newPhrases(l.corpus.Duty, index)
	k.words.weigh(l.texts)
}

// groups returns, level by level, the group of each label: the classes above the
// matters in the duty list's tree; for other tasks the labels themselves.
func (l *lesson) groups(t Task, labels []string) [][]uint16 {
	depth := 0
	for _, e := range l.corpus.Duty {
		depth = max(depth, len(e.Path))
	}
	if t != Matter || depth == 0 {
		own := make([]uint16, len(labels))
		for i := range own {
			own[i] = uint16(i)
		}
		return [][]uint16{own}
	}
	var out [][]uint16
	for d := 1; d <= depth; d++ {
		number, of := map[string]int{}, make([]uint16, len(labels))
		for i, code := range labels {
			name := "?" + code
			if at, ok := l.model.entry[code]; ok {
				name = strings.Join(l.corpus.Duty[at].Path[:min(d, len(l.corpus.Duty[at].Path))], "/")
			}
			if _, ok := number[name]; !ok {
				number[name] = len(number)
			}
			of[i] = uint16(number[name])
		}
		out = append(out, of)
	}
	return out
}

// learnParts trains the opinions that are learnt from cases.
func (l *lesson) learnParts(k *parts, groups [][]uint16, cases, truth []int) {
	mids := make([][]float32, len(cases))
	var rows []vec
	for i, c := range cases {
		mids[i] = l.cases[c].mid
		rows = append(rows, l.cases[c].vec)
	}
	dims := l.model.topics.dims
	k.dense = learnDense(mids, truth, len(k.labels), dims, 4)
	k.center = learnCenters(mids, truth, len(k.labels), dims)
	k.prior = learnPrior(truth, len(k.labels))
	all := slices.Clone(truth)
	if k.clauses != nil {
		for i, e := range l.corpus.Duty {
			rows = append(rows, l.clauses[i].vec)
			all = append(all, slices.Index(k.labels, e.Code))
		}
	}
	k.levels = nil
	for _, group := range groups {
		classes := int(slices.Max(group)) + 1
		of := make([]int, len(all))
		for i, label := range all {
			of[i] = int(group[label])
		}
		g := newGather(classes)
		trainSVM(rows, of, classes, len(l.model.space.idf), svmOptions{cost: 1, epochs: 20}, g.put)
		k.levels = append(k.levels, level{g.linear(len(l.model.space.idf)), group})
	}
}

// heldBack returns the opinions about each case from parts that never saw it. A
// case whose label is unknown to its parts teaches nothing about their worth.
func (l *lesson) heldBack(k *parts, groups [][]uint16, cases, truth []int) ([]opinions, []int) {
	if len(cases) < 20 {
		return nil, nil
	}
	var rows []opinions
	var held []int
	for fold := range l.options.Folds {
		var part, partTruth, out []int
		known := map[int]bool{}
		for i, c := range cases {
			if l.group[c]%l.options.Folds == fold {
				out = append(out, i)
				continue
			}
			part, partTruth = append(part, c), append(partTruth, truth[i])
			known[truth[i]] = true
		}
		p := &parts{labels: k.labels, clauses: k.clauses, clauseMid: k.clauseMid, words: k.words}
		l.learnParts(p, groups, part, partTruth)
		for _, i := range out {
			if known[truth[i]] || k.clauses != nil {
				rows = append(rows, p.opinions(l.cases[cases[i]]))
				held = append(held, truth[i])
			}
		}
	}
	return rows, held
}

// blindMix is used where there is too little history to learn weights from: all
// weight on the duty list's words, or on the separators without a duty list.
func blindMix(k *parts, levels int) mix {
	w := make([]float64, firstLevel+levels)
	if k.clauses == nil {
		w[opinionDense], w[firstLevel] = 2, 2
		return mix{w}
	}
	return mix{append(w, 8, 3, 1, 0.5)}
}

// calibrate learns what a confidence is worth, and from where on to trust it.
func (l *lesson) calibrate(k *task, m mix, rows []opinions, truth []int, report *TaskReport) {
	conf, right := make([]float64, len(rows)), make([]bool, len(rows))
	hits := 0
	for i, o := range rows {
		z := m.score(o)
		softmax(z, 1)
		top := 0
		for j := range z {
			if z[j] > z[top] {
				top = j
			}
		}
		conf[i], right[i] = z[top], top == truth[i]
		if right[i] {
			hits++
		}
	}
	k.confidence = fitMonotone(conf, right)
	for i := range conf {
		conf[i] = k.confidence.at(conf[i])
	}
	k.sure, report.AutoShare = threshold(conf, right, l.options.Precision)
	report.Accuracy, report.Threshold = float64(hits)/float64(len(rows)), k.sure
}
