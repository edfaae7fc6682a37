package dispatch

import (
	"maps"
	"slices"
)

// learntFormat is that of Learnt's bytes.
const learntFormat = 1

// Learnt returns what a learner and a history have come to, so that the next run need
// not read every correction again. There is no text in it, but what somebody wrote can
// be guessed at from the n-grams: it is to be kept sealed.
func Learnt(l *Learner, h *History) []byte {
	var w writer
	w.int(learntFormat)
	w.string(l.model.version)
	l.encode(&w)
	h.encode(&w)
	return w.b
}

// Relearn returns the learner and the history that Learnt wrote for this very model.
// False where the bytes are of another model or format, or damaged.
func Relearn(m *Model, b []byte) (*Learner, *History, bool) {
	r := reader{b: b}
	if r.int() != learntFormat || r.string() != m.version {
		return nil, nil, false
	}
	l, h := NewLearner(m), NewHistory(m)
	if !l.decode(&r) || !h.decode(&r) || r.broken || len(r.b) > 0 {
		return nil, nil, false
	}
	return l, h, true
}

func (l *Learner) encode(w *writer) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	w.int(l.count)
	w.strings(l.labels)
	columns := slices.Sorted(maps.Keys(l.delta))
	w.int(len(columns))
	var classes []uint16
	var weights []float32
	for _, c := range columns {
		classes, weights = classes[:0], weights[:0]
		for _, n := range l.delta[c] {
			classes, weights = append(classes, n.class), append(weights, n.weight)
		}
		w.int(int(c))
		w.small(classes)
		w.exact(weights)
	}
}

// decode reads what encode wrote into a learner that has learnt nothing.
func (l *Learner) decode(r *reader) bool {
	own := len(l.labels)
	count, labels := r.int(), r.strings()
	if len(labels) < own || !slices.Equal(labels[:own], l.labels) {
		return false
	}
	l.count, l.labels = count, labels
	for i, c := range labels {
		l.index[c] = i
	}
	for range r.length(3) {
		c, classes, weights := int32(r.int()), r.small(), r.exact()
		if len(classes) != len(weights) {
			return false
		}
		ns := make([]nudge, len(classes))
		for i, class := range classes {
			if int(class) >= len(labels) {
				return false
			}
			ns[i] = nudge{class, weights[i]}
		}
		l.delta[c] = ns
		l.nudges += len(ns)
	}
	return !r.broken
}

func (h *History) encode(w *writer) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	w.int(len(h.cases))
	for _, c := range h.cases {
		w.string(c.id)
		w.string(c.matter)
		w.int(len(c.v.col))
		for _, col := range c.v.col {
			w.int(int(col))
		}
		w.exact(c.v.val)
	}
}

// decode reads what encode wrote into an empty history.
func (h *History) decode(r *reader) bool {
	n := r.length(4)
	if n > MaxHistory {
		return false
	}
	h.cases = make([]remembered, 0, n)
	for range n {
		c := remembered{id: r.string(), matter: r.string()}
		c.v.col = make([]int32, r.length(1))
		for i := range c.v.col {
			c.v.col[i] = int32(r.int())
		}
		c.v.val = r.exact()
		if r.broken || len(c.v.col) != len(c.v.val) {
			return false
		}
		h.enter(c)
	}
	return true
}

// Has reports whether a case is remembered.
func (h *History) Has(id string) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	_, ok := h.at[id]
	return ok
}
