package dispatch

import (
	"cmp"
	"slices"
)

// Model judges messages. It never changes, and any number of goroutines may use it.
type Model struct {
	version string
	space   *space
	duty    []Entry
	entry   map[string]int // place in duty by code
	tasks   map[Task]*task
}

// task answers one question.
type task struct {
	labels      []string
	linear      *linear
	temperature float64
	confidence  monotone
	sure        float64 // confidence from which an answer is sent unseen
}

// Version names the model: it is stored with every decision.
func (m *Model) Version() string { return m.version }

// Duty returns the duty list the model knows. The caller must not change it.
func (m *Model) Duty() []Entry { return m.duty }

// Knows reports whether the model has learnt to answer a task.
func (m *Model) Knows(t Task) bool { return m.tasks[t] != nil }

// Read judges one message.
func (m *Model) Read(msg Message) Reading {
	v := m.space.vector(msg)
	r := Reading{Demands: 1, Model: m.version}
	r.Matters = m.best(Matter, v, 10)
	r.Units = m.best(Unit, v, 5)
	r.Category = first(m.best(Category, v, 1))
	r.Nature = first(m.best(Nature, v, 1))
	r.Urgency = first(m.best(Urgency, v, 1))
	return r
}

// Answer returns the n likeliest answers to one task, the likeliest first.
func (m *Model) Answer(t Task, msg Message, n int) []Scored {
	return m.best(t, m.space.vector(msg), n)
}

func (m *Model) best(t Task, v vec, n int) []Scored {
	k := m.tasks[t]
	if k == nil {
		return nil
	}
	return k.best(k.scores(v), n)
}

func (k *task) scores(v vec) []float64 {
	margins := k.linear.margins(v)
	z := make([]float64, len(margins))
	for i, x := range margins {
		z[i] = float64(x)
	}
	return z
}

// best ranks the labels by score; the first one's probability is the
// calibrated confidence, the others share what is left.
func (k *task) best(z []float64, n int) []Scored {
	softmax(z, k.temperature)
	order := make([]int, len(z))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(z[b], z[a]), cmp.Compare(a, b)) })
	top := z[order[0]]
	sure := k.confidence.at(top)
	rest := 1.0
	if top < 1 {
		rest = (1 - sure) / (1 - top)
	}
	out := make([]Scored, 0, n)
	for i, l := range order[:min(n, len(order))] {
		p := z[l] * rest
		if i == 0 {
			p = sure
		}
		out = append(out, Scored{k.labels[l], p})
	}
	return out
}

// Sure reports whether the matter of a reading is certain enough to send the
// case without a person looking at it.
func (m *Model) Sure(r Reading) bool {
	k := m.tasks[Matter]
	return k != nil && len(r.Matters) > 0 && r.Matters[0].P >= k.sure
}

// SureOf reports whether an answer to a task is certain enough to act on unseen.
func (m *Model) SureOf(t Task, answer Scored) bool {
	k := m.tasks[t]
	return k != nil && answer.P >= k.sure
}

func first(s []Scored) Scored {
	if len(s) == 0 {
		return Scored{}
	}
	return s[0]
}
