package dispatch

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"io"
	"slices"

	"yiwang/internal/base/errs"
)

// A model file is: magic, format, SHA-256 of what follows, the packed body.
const (
	magic    = "YWDISPATCH"
	format   = 3
	maxModel = 400 << 20 // of an unpacked body
)

// Save writes the model. It holds hashes and weights, never a citizen's text; the
// duty list stands in it in full.
func (m *Model) Save(out io.Writer) (err error) {
	defer errs.Wrap(&err, "Save(%s)", m.version)
	var w writer
	m.encode(&w)
	var packed bytes.Buffer
	z, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(w.b); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	sum := sha256.Sum256(packed.Bytes())
	head := append([]byte(magic), format)
	for _, part := range [][]byte{head, sum[:], packed.Bytes()} {
		if _, err := out.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// Load reads a model that Save wrote. A file that is damaged, cut short or of a
// newer format is refused with errs.Invalid.
func Load(in io.Reader) (_ *Model, err error) {
	defer errs.Wrap(&err, "dispatch.Load")
	head := make([]byte, len(magic)+1+sha256.Size)
	if _, err := io.ReadFull(in, head); err != nil || string(head[:len(magic)]) != magic {
		return nil, errs.E(errs.Invalid, "dispatch.no_model", nil).Because(err)
	}
	if head[len(magic)] != format {
		return nil, errs.E(errs.Invalid, "dispatch.other_format", errs.Args{"format": head[len(magic)], "known": format})
	}
	sum := sha256.New()
	packed := io.TeeReader(in, sum)
	body, err := io.ReadAll(io.LimitReader(flate.NewReader(packed), maxModel+1))
	if err == nil {
		_, err = io.Copy(io.Discard, packed)
	}
	if err != nil || len(body) > maxModel || !bytes.Equal(sum.Sum(nil), head[len(magic)+1:]) {
		return nil, errs.E(errs.Invalid, "dispatch.damaged_model", nil).Because(err)
	}
	r := reader{b: body}
	m := decode(&r)
	if r.broken || len(r.b) > 0 {
		return nil, errs.E(errs.Invalid, "dispatch.damaged_model", nil)
	}
	return m, nil
}

func (m *Model) encode(w *writer) {
	w.string(m.version)
	w.entries(m.duty)
	m.space.encode(w)
	w.int(m.topics.dims)
	w.rough(m.topics.basis.floats())
	for _, t := range Tasks {
		k := m.tasks[t]
		if k == nil {
			w.int(0)
			continue
		}
		w.int(1)
		if t != Matter {
			w.entries(m.guides[t])
		}
		k.encode(w)
	}
	m.places.encode(w)
	if m.demands != nil {
		w.floats(append([]float64{m.demands.line}, m.demands.weight...))
		if m.demands.words != nil {
			m.demands.words.encode(w)
		}
	}
}

func (w *writer) entries(es []Entry) {
	w.int(len(es))
	for _, e := range es {
		w.strings([]string{e.Code, e.Name, e.Description})
		w.strings(e.Path)
		w.strings(e.Words)
		w.int(len(e.Units))
		for _, u := range e.Units {
			w.string(u.Label)
			w.float(u.P)
		}
	}
}

func (r *reader) entries() []Entry {
	es := make([]Entry, r.length(3))
	for i := range es {
		s := r.strings()
		if len(s) != 3 {
			r.fail()
			return nil
		}
		es[i] = Entry{Code: s[0], Name: s[1], Description: s[2], Path: r.strings(), Words: r.strings(), Units: make([]Scored, r.length(9))}
		for j := range es[i].Units {
			es[i].Units[j] = Scored{r.string(), r.float()}
		}
	}
	return es
}

func decode(r *reader) *Model {
	m := &Model{version: r.string(), entry: map[string]int{}, guides: map[Task][]Entry{}, tasks: map[Task]*task{}}
	m.duty = r.entries()
	for i, e := range m.duty {
		m.entry[e.Code] = i
	}
	m.guides[Matter] = m.duty
	m.space = decodeSpace(r)
	m.topics = &topics{dims: r.int()}
	basis := r.rough()
	m.topics.basis = newBytesMatrix(basis, m.topics.dims)
	if m.topics.dims < 1 || len(basis) != m.topics.dims*len(m.space.idf) {
		r.fail()
		return nil
	}
	for _, t := range Tasks {
		if r.int() == 1 {
			if t != Matter {
				m.guides[t] = r.entries()
			}
			m.tasks[t] = decodeTask(r, m, m.guides[t])
		}
	}
	m.places = decodeTagger(r)
	if !r.broken && len(r.b) > 0 { // models of before end here
		x := r.floats()
		if len(x) != 1+signs && len(x) != 2+signs {
			r.fail()
			return m
		}
		m.demands = &splitter{line: x[0], weight: x[1:]}
		if len(x) == 2+signs {
			m.demands.words = decodeLinear(r, len(m.space.idf))
		}
	}
	return m
}

// encode writes 0 for no tagger, 1 for one of before that has no picker, 2 for both, 3
// for both and what it knows of names.
func (t *tagger) encode(w *writer) {
	if t == nil {
		w.int(0)
		return
	}
	w.int(1 + one(t.pick != nil) + one(t.pick != nil && t.naming != nil))
	w.rough(t.weight)
	if t.pick == nil {
		return
	}
	w.rough(t.pick.weight)
	if t.naming != nil {
		w.grades(t.naming)
	}
}

func decodeTagger(r *reader) *tagger {
	kind := r.int()
	if kind == 0 {
		return nil
	}
	t := &tagger{weight: r.rough()}
	if kind >= 2 {
		t.pick = &picker{r.rough()}
	}
	if kind == 3 {
		t.naming = r.grades()
	}
	if kind > 3 || len(t.weight) != tagBuckets*3 || t.pick != nil && len(t.pick.weight) != pickBuckets || kind == 3 && len(t.naming) != namingBuckets {
		r.fail()
	}
	return t
}

func (s *space) encode(w *writer) {
	w.hashes(s.keys)
	w.rough(s.idf)
}

func decodeSpace(r *reader) *space {
	s := &space{keys: r.hashes(), idf: r.rough()}
	if len(s.idf) != len(s.keys) || !distinct(s.keys) {
		r.fail()
		s.keys, s.idf = nil, nil
	}
	s.index()
	return s
}

func distinct(keys []uint32) bool {
	sorted := slices.Sorted(slices.Values(keys))
	return len(slices.Compact(sorted)) == len(keys)
}

func (k *task) encode(w *writer) {
	w.strings(k.labels)
	w.float(k.sure)
	w.floats(k.confidence.x)
	w.floats(k.confidence.y)
	w.int(one(k.onMatters))
	k.topics.encode(w)
	k.encodeSecondLook(w)
	w.int(one(k.sayings != nil))
	if k.sayings != nil {
		k.sayings.encode(w)
		w.float(k.newcomer.said)
	}
	if k.onMatters {
		w.float(k.usual.worth())
	}
	w.int(len(k.levels))
	for _, l := range k.levels {
		l.linear.encode(w)
		w.small(l.group)
	}
	if k.clauses == nil {
		w.int(0)
		return
	}
	w.int(1)
	k.clauses.encode(w)
	w.floats([]float64{k.wordWeight[0], k.wordWeight[1], k.newcomer.bias, k.newcomer.mid, k.newcomer.clause})
	w.rough(k.words.rarity) // the words themselves stand in the duty list
}

func decodeTask(r *reader, m *Model, entries []Entry) *task {
	columns := len(m.space.idf)
	k := &task{labels: r.strings(), sure: r.float()}
	n := len(k.labels)
	k.confidence = monotone{r.floats(), r.floats()}
	dims := m.topics.dims
	if k.onMatters = r.int() == 1; k.onMatters {
		if m.tasks[Matter] == nil {
			r.fail()
			return k
		}
		dims += len(m.tasks[Matter].labels)
	}
	k.topics = decodeDense(r, n, dims)
	good := n > 0 && (k.sayings == nil || len(k.sayings.bias) == n) && len(k.confidence.x) == len(k.confidence.y) && slices.IsSorted(k.confidence.x)
	k.decodeSecondLook(r, dims)
	said := 0.0
	if r.int() == 1 {
		k.sayings, said = decodeLinear(r, columns), r.float()
	}
	if k.onMatters {
		weight := r.float()
		if k.usual = newUsual(m.duty, m.tasks[Matter].labels, k.labels); k.usual != nil {
			k.usual.weight = weight
		}
	}
	k.levels = make([]level, r.length(1))
	for i := range k.levels {
		l := decodeLinear(r, columns)
		k.levels[i] = level{l, r.small()}
		good = good && len(k.levels[i].group) == n
		for _, g := range k.levels[i].group {
			good = good && int(g) < len(l.bias)
		}
	}
	if r.int() == 1 {
		k.clauses = decodeLinear(r, columns)
		weights := r.floats()
		index := map[string]int{}
		for i, l := range k.labels {
			index[l] = i
		}
		for _, e := range entries {
			if _, ok := index[e.Code]; !ok {
				good = false
			}
		}
		k.words = newPhrases(entries, index)
		k.words.rarity = r.rough()
		good = good && len(k.words.rarity) == len(k.words.runes) && len(k.clauses.bias) == n && len(weights) == 5
		if good {
			k.wordWeight, k.newcomer = [2]float64(weights), newcomer{weights[2], weights[3], weights[4], said}
		}
	}
	good = good && !r.broken && len(k.levels) > 0 && (k.closer == nil && k.surety == nil || k.fitsSecondLook())
	if good {
		k.ready()
	} else {
		r.fail()
	}
	return k
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (d dense) encode(w *writer) {
	w.rough(d.rows)
	w.exact(d.bias)
}

func decodeDense(r *reader, labels, dims int) dense {
	d := dense{r.rough(), r.exact(), dims}
	if len(d.bias) != labels || len(d.rows) != labels*dims {
		r.fail()
	}
	return d
}

func (l *linear) encode(w *writer) {
	w.rising(l.start)
	w.small(l.class)
	w.rough(l.weight)
	w.exact(l.bias)
}

func decodeLinear(r *reader, columns int) *linear {
	l := &linear{start: r.rising(), class: r.small(), weight: r.rough(), bias: r.exact()}
	good := len(l.start) == columns+1 && len(l.class) == len(l.weight) &&
		l.start[0] == 0 && int(l.start[columns]) == len(l.class)
	for _, c := range l.class {
		good = good && int(c) < len(l.bias)
	}
	if !good {
		r.fail()
	}
	return l
}
