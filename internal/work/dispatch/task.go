package dispatch

import (
	"math"
	"slices"
)

// seen is one message in all the forms the opinions need.
type seen struct {
	text text
	vec  vec
	mid  []float32 // among the topics; for a task that stands on the matters, these too

	round   shorts    // mid, for those who read quickly; empty where nobody has asked yet
	room    *room     // in which it is thought about; nil where nobody lent one
	matters []float64 // how likely each is; only for a task that stands on them
}

// rounded returns the message ready to be read quickly.
func (s seen) rounded() seen {
	if s.round.z == nil {
		s.round = newShorts(s.mid)
	}
	return s
}

// task answers one question. What it learnt as several opinions is folded into
// as few sums as possible, because every message goes through here.
type task struct {
	labels     []string
	onMatters  bool        // the likely matters are looked at too
	topics     dense       // all opinions that look at the topics, and the prior
	quick      bytesMatrix // its rows, for reading quickly
	levels     []level     // separators over the n-grams, for groups of labels
	clauses    *linear     // likeness to the duty list's text; nil without one
	words      *phrases
	grams      *packed    // the levels, sayings and clauses side by side, for reading quickly
	sayings    *linear    // likeness to what citizens might say; nil where nobody wrote it
	wordWeight [2]float64 // of words anywhere, and once more of those in the title
	newcomer   newcomer
	usual      *usual      // nil where the duty list does not say who usually handles what
	closer     *closer     // nil: there is no second look
	surety     *surety     // nil: the likelihood says how sure the task is
	beside     bytesMatrix // the topics' opinions of parts, each label's together
	parts      *parts      // what a second look or a surety asks one by one; without the levels, the clauses and the words
	weight     []float64
	confidence monotone
	sure       float64 // confidence from which an answer is sent unseen
}

// newcomer says how to judge a matter that has no history.
type newcomer struct {
	bias   float64 // in place of what history would say
	mid    float64 // weight of likeness among the topics
	clause float64 // weight of likeness to the text
	said   float64 // and to what citizens might say
}

// level is a separator for groups of labels: a class of the duty list's tree, or
// each label for itself.
type level struct {
	linear *linear
	group  []uint16 // of each label
}

// dense is a matrix with a row for each label.
type dense struct {
	rows []float32
	bias []float32
	dims int
}

func newDense(labels, dims int) dense {
	return dense{make([]float32, labels*dims), make([]float32, labels), dims}
}

func (d dense) row(l int) []float32 { return d.rows[l*d.dims : (l+1)*d.dims] }

func (d dense) times(z []float32) []float32 {
	out := slices.Clone(d.bias)
	for l := range out {
		out[l] += engine.Sdot(d.dims, d.row(l), 1, z, 1)
	}
	return out
}

// add adds another matrix, weighed.
func (d dense) add(o dense, weight float64) {
	engine.Saxpy(len(d.rows), float32(weight), o.rows, 1, d.rows, 1)
	engine.Saxpy(len(d.bias), float32(weight), o.bias, 1, d.bias, 1)
}

// scores returns the logarithms of the labels' probabilities, up to a constant.
func (k *task) scores(s seen) []float64 {
	z, e := k.first(s)
	k.second(z, e)
	return z
}

// second corrects the scores of the mix by the second look, where there is one; they
// may go on with matters that the task does not know.
func (k *task) second(z []float64, e *testimony) {
	if k.closer != nil {
		k.closer.again(z, len(k.labels), e)
	}
}

// first returns the scores of the mix, and what a second look is to know.
func (k *task) first(s seen) ([]float64, *testimony) {
	s = s.rounded()
	e := &testimony{task: k, seen: s, mid: s.round}
	sum := s.room.floats(len(k.topics.bias))
	copy(sum, k.topics.bias)
	k.quick.addTo(sum, e.mid)
	margins := k.grams.margins(s.vec, s.room)
	next := func(n int) []float32 {
		m := margins[:n]
		margins = margins[n:]
		return m
	}
	e.margins = make([][]float32, 0, len(k.levels))
	for _, l := range k.levels {
		m := next(len(l.linear.bias))
		e.margins = append(e.margins, m)
		for i, g := range l.group {
			sum[i] += m[g]
		}
	}
	out := s.room.doubles(len(sum))
	if k.sayings != nil {
		e.sayings = next(len(sum))
		for i, x := range e.sayings {
			sum[i] += x
		}
	}
	if k.clauses != nil {
		e.like = next(len(sum))
		e.all, e.title = k.words.score(s.text, len(k.labels), s.room)
		for i := range out {
			out[i] = float64(e.like[i]) + k.wordWeight[0]*float64(e.all[i]) + k.wordWeight[1]*float64(e.title[i])
		}
	}
	if k.usual != nil {
		e.usual = k.usual.opinion(s.matters)
		for i, x := range e.usual {
			out[i] += k.usual.weight * float64(x)
		}
	}
	for i, x := range sum {
		out[i] += float64(x)
	}
	return out, e
}

// ready prepares for reading quickly: it lays everything that looks at the n-grams side
// by side, and rounds what looks at the topics.
func (k *task) ready() {
	k.quick = newBytesMatrix(k.topics.rows, k.topics.dims)
	k.layBeside()
	var all []*linear
	for _, l := range k.levels {
		all = append(all, l.linear)
	}
	for _, l := range []*linear{k.sayings, k.clauses} {
		if l != nil {
			all = append(all, l)
		}
	}
	k.grams = join(all)
}

// lookAgain gives the task a second look, or none.
func (k *task) lookAgain(c *closer) {
	k.closer = c
	k.layBeside()
}

// trust has the task ask a surety how sure it is, or none.
func (k *task) trust(s *surety) {
	k.surety = s
	k.layBeside()
}

// layBeside lays out what is asked opinion by opinion.
func (k *task) layBeside() {
	if k.closer == nil && k.surety == nil {
		return
	}
	var rows []float32
	for l := range k.labels {
		for _, d := range k.asides() {
			if d.dims > 0 {
				rows = append(rows, d.row(l)...)
			} else {
				rows = append(rows, make([]float32, k.topics.dims)...)
			}
		}
	}
	k.beside = newBytesMatrix(rows, k.topics.dims)
}

// parts are the opinions about every label while their weights are being learnt.
type parts struct {
	labels    []string
	onMatters bool
	dense     dense // separators among the topics
	center    dense // the middle of each label's cases among the topics
	prior     []float32
	levels    []level
	clauses   *linear // likeness to the duty list's text; nil without one
	clauseMid dense   // the same among the topics
	words     *phrases
	sayings   dense   // separators among the topics, learnt from what citizens might say about each label alone
	sayingsIn *linear // likeness to that; nil where nobody wrote it
	usual     *usual  // nil where the duty list does not say who usually handles what
}

// The places of the first opinions; the levels and the duty list's follow.
const (
	opinionDense = iota
	opinionCenter
	opinionPrior
	firstLevel
)

// slots returns where each of n opinions stands once they are folded: separators for
// the same groups are read as one.
func (p *parts) slots(n int) []int {
	out, next := make([]int, n), -1
	for o := range out {
		if i := o - firstLevel; i < 1 || i >= len(p.levels) || !slices.Equal(p.levels[i-1].group, p.levels[i].group) {
			next++
		}
		out[o] = next
	}
	return out
}

// slotWeights returns the weight of what stands in each slot by itself.
func slotWeights(weight []float64, slots []int) []float64 {
	out := make([]float64, slots[len(slots)-1]+1)
	for o, s := range slots {
		out[s] = weight[o]
	}
	return out
}

// opinions asks everyone about a message.
func (p *parts) opinions(s seen) opinions {
	o := opinions{p.dense.times(s.mid), p.center.times(s.mid), p.prior}
	for _, l := range p.levels {
		m := l.linear.margins(s.vec)
		row := make([]float32, len(p.labels))
		for i, g := range l.group {
			row[i] = m[g]
		}
		o = append(o, row)
	}
	if p.clauses != nil {
		all, title := p.words.score(s.text, len(p.labels), nil)
		o = append(o, p.clauses.margins(s.vec), p.clauseMid.times(s.mid), all, title)
	}
	if p.sayingsIn != nil {
		o = append(o, p.sayings.times(s.mid), p.sayingsIn.margins(s.vec))
	}
	if p.usual != nil {
		o = append(o, p.usual.opinion(s.matters))
	}
	return o
}

// fold makes one task of the opinions and their weights.
func (p *parts) fold(m mix) *task {
	k := &task{labels: p.labels, onMatters: p.onMatters, topics: newDense(len(p.labels), p.dense.dims), sure: 2}
	w := m.weight
	k.topics.add(p.dense, w[opinionDense])
	k.topics.add(p.center, w[opinionCenter])
	for l, x := range p.prior {
		k.topics.bias[l] += float32(w[opinionPrior]) * x
	}
	for i, l := range p.levels {
		l.linear.scale(w[firstLevel+i])
		if n := len(k.levels); n > 0 && slices.Equal(k.levels[n-1].group, l.group) {
			k.levels[n-1].linear = k.levels[n-1].linear.plus(l.linear) // read once, not twice
			continue
		}
		k.levels = append(k.levels, l)
	}
	if p.clauses != nil {
		rest := w[firstLevel+len(p.levels):]
		clauses := p.clauses.clone()
		clauses.scale(rest[0])
		k.clauses, k.words = clauses, p.words
		k.topics.add(p.clauseMid, rest[1])
		k.wordWeight = [2]float64{rest[2], rest[3]}
		k.newcomer = newcomer{bias: w[opinionDense] * neverSeen, mid: rest[1], clause: rest[0]}
	}
	rest := w
	if p.usual != nil { // the last opinion
		k.usual = &usual{p.usual.share, w[len(w)-1]}
		rest = w[:len(w)-1]
	}
	if p.sayingsIn != nil {
		said := rest[len(rest)-2:]
		k.topics.add(p.sayings, said[0])
		k.newcomer.bias += said[0] * neverSeen
		k.sayings = p.sayingsIn.clone()
		k.sayings.scale(said[1])
		k.newcomer.said = said[1]
	}
	k.parts, k.weight = p, slotWeights(w, p.slots(len(w)))
	k.ready()
	return k
}

// learnCenters returns the mean direction of the rows of each label.
func learnCenters(mids [][]float32, labels []int, classes, dims int) dense {
	d := newDense(classes, dims)
	for i, z := range mids {
		engine.Saxpy(dims, 1, z, 1, d.row(labels[i]), 1)
	}
	for l := range classes {
		unit(d.row(l))
	}
	return d
}

// neverSeen is the margin of a label without any case.
const neverSeen = -1.3

// learnDense trains separators among the topics.
func learnDense(mids [][]float32, labels []int, classes, dims int, cost float32) dense {
	rows := make([]vec, len(mids))
	for i, z := range mids {
		rows[i] = vec{val: z}
	}
	d := newDense(classes, dims)
	trainSVM(rows, labels, classes, dims, svmOptions{cost: cost, epochs: 30}, func(c int, w []float32, bias float32) {
		copy(d.row(c), w)
		d.bias[c] = bias
	})
	return d
}

func learnPrior(labels []int, classes int) []float32 {
	p := make([]float32, classes)
	for _, l := range labels {
		p[l]++
	}
	for l := range p {
		p[l] = float32(math.Log1p(float64(p[l])))
	}
	return p
}

// clauseMatrix lays the clauses out column by column, each of length one, so
// that its margins are cosines (up to the length of the message).
func clauseMatrix(clauses []vec, columns int) *linear {
	g := newGather(len(clauses))
	for l, v := range clauses {
		n := float32(math.Sqrt(float64(v.square()))) + 1e-9
		for i, c := range v.col {
			g.cols[l], g.vals[l] = append(g.cols[l], c), append(g.vals[l], v.val[i]/n)
		}
	}
	return g.linear(columns)
}
