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
	texts   []text // all of them, for telling rare words from common ones
	group   []int  // of corpus.Decided: copies of each other share a number

	entries map[Task][]seen // what is written about the labels
	sayings map[Task][]said // what citizens might say about them
	judges  []*task         // of the matters; the n-th never saw the cases of groups n modulo their number
}

// said is one made-up message about a label.
type said struct {
	code string
	seen seen
}

// entries returns what is written about the labels of a task.
func (c Corpus) entries(t Task) []Entry {
	if t == Matter {
		return c.Duty
	}
	return c.Guides[t]
}

// lookAt reads all texts once: it learns the space and the topics.
func (m *Model) lookAt(c Corpus, o Options) *lesson {
	l := &lesson{model: m, corpus: c, options: o, group: groupCopies(c.Decided)}
	var decided, all []text
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
	at := map[Task]int{}
	for _, t := range Tasks {
		at[t] = len(all)
		for _, e := range c.entries(t) {
			all = append(all, newText(e.message()))
		}
	}
	saidFrom := len(all)
	for _, t := range Tasks {
		for _, e := range c.entries(t) {
			for _, x := range e.Examples {
				all = append(all, newText(x))
			}
		}
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
				out[i] = seen{text: ts[i], vec: vs[i], mid: m.topics.project(vs[i])}
			}
		})
		return out
	}
	l.cases = see(decided, rows[:len(decided)])
	l.entries = map[Task][]seen{}
	for _, t := range Tasks {
		n := len(c.entries(t))
		l.entries[t] = see(all[at[t]:at[t]+n], rows[at[t]:at[t]+n])
	}
	l.sayings = map[Task][]said{}
	examples := see(all[saidFrom:], rows[saidFrom:])
	for _, t := range Tasks {
		for _, e := range c.entries(t) {
			for range e.Examples {
				l.sayings[t] = append(l.sayings[t], said{e.Code, examples[0]})
				examples = examples[1:]
			}
		}
	}
	return l
}

// standsOn reports whether a task looks at the likely matters too: who handles a
// message mostly follows from its matter. (Categories were tried and gain nothing.)
func standsOn(t Task) bool { return t == Unit }

// learn trains one task; nil where the corpus has no labels for it. The matters
// must have been learnt before the tasks that stand on them.
func (l *lesson) learn(t Task) (*task, TaskReport) {
	k := &parts{onMatters: standsOn(t) && l.model.tasks[Matter] != nil}
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
	l.addClauses(t, k, index)
	l.addSayings(t, k, index)
	if k.onMatters {
		k.usual = newUsual(l.corpus.Duty, l.model.tasks[Matter].labels, k.labels)
	}
	report := TaskReport{Cases: len(cases), Labels: len(k.labels)}
	y := lectures{task: t, groups: l.groups(t, k.labels), cases: cases, truth: truth, seen: l.look(k, cases)}
	rows, held, judges := l.heldBack(k, y)
	l.learnParts(k, y)
	if len(rows) < 20 {
		return k.fold(k.blindMix(len(k.levels))), report
	}
	m := fitMix(rows, y.truths(held), 1e-3+1/float64(len(rows)))
	out := k.fold(m)
	slots := k.slots(len(m.weight))
	v := l.secondLook(m, slots, rows, held, y)
	out.lookAgain(v.closer)
	l.calibrate(out, v.scores, func(i int) evidence { return heldBackEvidence{said: rows[i], weight: m.weight, slots: slots} }, held, y, &report)
	if t == Matter {
		for i, p := range judges {
			judge := p.fold(m)
			judge.lookAgain(v.apart[i])
			l.judges = append(l.judges, judge)
		}
	}
	return out, report
}

// lectures is what one task is taught from.
type lectures struct {
	task         Task
	groups       [][]uint16 // level by level, the group of each label
	cases, truth []int      // places in corpus.Decided, and their labels
	seen         []seen     // the cases
}

// look returns the cases as the task sees them; where it stands on the matters,
// with those as a judge sees them that did not learn from the case itself.
func (l *lesson) look(k *parts, cases []int) []seen {
	out := make([]seen, len(cases))
	parallel(len(cases), func(from, to int) {
		for i := from; i < to; i++ {
			out[i] = l.cases[cases[i]]
			if k.onMatters {
				judge := l.model.tasks[Matter]
				if len(l.judges) > 0 {
					judge = l.judges[l.group[cases[i]]%len(l.judges)]
				}
				out[i] = out[i].onMatters(judge.scores(out[i]))
			}
		}
	})
	return out
}

// addClauses lets what is written about the labels speak.
func (l *lesson) addClauses(t Task, k *parts, index map[string]int) {
	var entries []Entry
	var vecs = make([]vec, len(k.labels))
	for i, e := range l.corpus.entries(t) {
		n, ok := index[e.Code]
		if !ok {
			continue
		}
		s := l.entries[t][i]
		if k.onMatters {
			s = s.onMatters(l.model.tasks[Matter].scores(s))
		}
		if len(entries) == 0 {
			k.clauseMid = newDense(len(k.labels), len(s.mid))
		}
		vecs[n] = s.vec
		copy(k.clauseMid.row(n), s.mid)
		entries = append(entries, e)
	}
	if len(entries) == 0 {
		return
	}
	k.clauses = clauseMatrix(vecs, len(l.model.space.idf))
	k.words = newPhrases(entries, index)
	k.words.weigh(l.texts)
	l.model.guides[t] = entries
}

// addSayings lets what citizens might say about the labels speak. It is an opinion
// of its own, so that what made-up messages are worth is learnt from real ones.
func (l *lesson) addSayings(t Task, k *parts, index map[string]int) {
	var mids [][]float32
	var labels []int
	texts := make([][]vec, len(k.labels))
	for _, x := range l.sayings[t] {
		if n, ok := index[x.code]; ok {
			mids, labels = append(mids, x.seen.mid), append(labels, n)
			texts[n] = append(texts[n], x.seen.vec)
		}
	}
	sums := make([]vec, len(k.labels))
	for n, vs := range texts {
		sums[n] = heaviest(sumOf(vs), saidGrams)
	}
	if len(mids) > 0 && !k.onMatters {
		k.sayings = learnDense(mids, labels, len(k.labels), l.model.topics.dims, 1)
		k.sayingsIn = clauseMatrix(sums, len(l.model.space.idf))
	}
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
func (l *lesson) learnParts(k *parts, y lectures) {
	dims := l.model.topics.dims
	if k.onMatters {
		dims += len(l.model.tasks[Matter].labels)
	}
	var mids [][]float32
	var rows []vec
	for _, s := range y.seen {
		mids, rows = append(mids, s.mid), append(rows, s.vec)
	}
	k.dense = learnDense(mids, y.truth, len(k.labels), dims, 4)
	k.center = learnCenters(mids, y.truth, len(k.labels), dims)
	k.prior = learnPrior(y.truth, len(k.labels))
	all := slices.Clone(y.truth)
	if k.clauses != nil {
		for i, e := range l.corpus.entries(y.task) {
			if n := slices.Index(k.labels, e.Code); n >= 0 {
				rows, all = append(rows, l.entries[y.task][i].vec), append(all, n)
			}
		}
	}
	k.levels = nil
	for _, group := range y.groups {
		classes := int(slices.Max(group)) + 1
		of := make([]int, len(all))
		for i, label := range all {
			of[i] = int(group[label])
		}
		for _, o := range separators(y.task) {
			g := newGather(classes)
			if y.task == Matter {
				g.floor = classWeightFloor
			}
			trainSVM(rows, of, classes, len(l.model.space.idf), o, g.put)
			k.levels = append(k.levels, level{g.linear(len(l.model.space.idf)), group})
		}
	}
}

// separators returns how the n-grams are learnt to part the labels of a task. Two
// ways that err differently are better than one where each of a few labels has many
// cases; for matters and units the second gave nothing.
func separators(t Task) []svmOptions {
	if t == Matter || standsOn(t) {
		return []svmOptions{{cost: 1, epochs: 20}}
	}
	return []svmOptions{{cost: 3, epochs: 20}, {cost: 3, epochs: 20, telling: true}}
}

// heldBack returns the opinions about each case from parts that never saw it, the
// places of these cases in y, and those parts. A case whose label is unknown to its parts teaches nothing about
// their worth.
func (l *lesson) heldBack(k *parts, y lectures) (rows []opinions, held []int, judges []*parts) {
	if len(y.cases) < 20 {
		return nil, nil, nil
	}
	for fold := range l.options.Folds {
		part := lectures{task: y.task, groups: y.groups}
		var out []int
		known := map[int]bool{}
		for i, c := range y.cases {
			if l.group[c]%l.options.Folds == fold {
				out = append(out, i)
				continue
			}
			part.cases, part.truth = append(part.cases, c), append(part.truth, y.truth[i])
			part.seen = append(part.seen, y.seen[i])
			known[y.truth[i]] = true
		}
		if len(part.cases) == 0 {
			return nil, nil, nil // all cases are copies of one
		}
		p := &parts{labels: k.labels, onMatters: k.onMatters, clauses: k.clauses, clauseMid: k.clauseMid, words: k.words, sayings: k.sayings, sayingsIn: k.sayingsIn, usual: k.usual}
		l.learnParts(p, part)
		for _, i := range out {
			if known[y.truth[i]] || y.task == Matter && k.clauses != nil {
				rows, held = append(rows, p.opinions(y.seen[i])), append(held, i)
			}
		}
		judges = append(judges, p)
	}
	return rows, held, judges
}

// blindMix is used where there is too little history to learn weights from: all
// weight on the duty list's words, or on the separators without a duty list.
func (k *parts) blindMix(levels int) mix {
	w := make([]float64, firstLevel+levels)
	if k.clauses == nil {
		w[opinionDense], w[firstLevel] = 2, 2
	} else {
		w = append(w, 8, 3, 1, 0.5)
	}
	if k.sayingsIn != nil {
		w = append(w, 1, 4)
	}
	if k.usual != nil {
		w = append(w, 1)
	}
	return mix{w}
}

// truths returns the labels of some cases.
func (y lectures) truths(cases []int) []int {
	out := make([]int, len(cases))
	for i, c := range cases {
		out[i] = y.truth[c]
	}
	return out
}

// correct reports whether an answer is right about a case: its label, or for
// matters one that another reader would have given.
func (l *lesson) correct(y lectures, i int, answer string) bool {
	d := &l.corpus.Decided[y.cases[i]]
	return answer == d.Label(y.task) || y.task == Matter && slices.Contains(d.Also, answer)
}

// calibrate learns what a confidence is worth, and from where on to trust it, from
// the scores of cases that were not learnt from and what the opinions say of them.
// Titles alone are read less well than messages; where there are enough of these, only
// they teach it.
func (l *lesson) calibrate(k *task, scores [][]float64, about func(int) evidence, held []int, y lectures, report *TaskReport) {
	conf, right, signs := make([]float64, len(scores)), make([]bool, len(scores)), make([][]float64, len(scores))
	hits, whole := 0, []int{}
	for i, z := range scores {
		softmax(z, 1)
		top := leaders(z, 1+rivals)
		conf[i], right[i] = z[top[0]], l.correct(y, held[i], k.labels[top[0]])
		hits += one(right[i])
		if !takesSecondLook(y.task) {
			signs[i] = suretySigns(conf[i], top, about(i))
		}
		if l.corpus.Decided[y.cases[held[i]]].Text != "" {
			whole = append(whole, i)
		}
	}
	report.Accuracy = float64(hits) / float64(len(scores))
	if len(whole) >= suretyCases {
		conf, right, signs, held = pick(conf, whole), pick(right, whole), pick(signs, whole), pick(held, whole)
	}
	if !takesSecondLook(y.task) { // which has seen what each opinion says
		k.trust(l.sureties(signs, right, conf, held, y))
	}
	if t := l.trustIn(conf, right, held, y); t != nil {
		k.confidence = t.curve()
		for i := range conf {
			conf[i] = k.confidence.at(conf[i])
		}
		k.sure, report.AutoShare = expectedThreshold(conf, l.options.Precision+safety)
	} else {
		k.confidence = fitMonotone(conf, right)
		for i := range conf {
			conf[i] = k.confidence.at(conf[i])
		}
		k.sure, report.AutoShare = threshold(conf, right, l.options.Precision)
	}
	report.Threshold = k.sure
}

// pick returns what stands at some places.
func pick[T any](from []T, at []int) []T {
	out := make([]T, len(at))
	for i, a := range at {
		out[i] = from[a]
	}
	return out
}

// sureties learns a surety from the signs of cases, and puts in the place of their
// likelihood what one that never saw them says; nil where there are too few.
func (l *lesson) sureties(signs [][]float64, right []bool, conf []float64, held []int, y lectures) *surety {
	out := make([]bool, len(signs))
	s := learnSurety(signs, right, out)
	if s == nil {
		return nil
	}
	said := make([]float64, len(signs))
	for f := range l.options.Folds {
		for i := range out {
			out[i] = l.group[y.cases[held[i]]]%l.options.Folds == f
		}
		apart := learnSurety(signs, right, out)
		if apart == nil {
			return nil
		}
		for i := range out {
			if out[i] {
				said[i] = apart.of(signs[i])
			}
		}
	}
	copy(conf, said)
	return s
}

// trustIn learns how right a confidence is; nil where the cases alone tell it. For
// matters it learns that for checked labels, where there are enough of them to tell
// the judge's errors from the labels' own. Among few cases it is a smooth curve: the
// steps that fit them best were .92 right where .95 was wanted.
func (l *lesson) trustIn(conf []float64, right []bool, held []int, y lectures) *trust {
	checked, n := make([]bool, len(conf)), 0
	for i := range conf {
		if checked[i] = l.corpus.Decided[y.cases[held[i]]].Checked; checked[i] {
			n++
		}
	}
	switch {
	case y.task == Matter && n >= enoughChecked && len(conf)-n >= enoughChecked:
		return fitTrust(conf, right, checked)
	case y.task != Matter && len(conf) >= enoughChecked && len(conf) < manyCases:
		return fitTrust(conf, right, slices.Repeat([]bool{true}, len(conf)))
	}
	return nil
}
