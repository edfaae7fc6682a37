package dispatch

import "math"

// Model judges messages. It never changes, and any number of goroutines may use it.
type Model struct {
	version string
	space   *space
	topics  *topics
	duty    []Entry
	entry   map[string]int   // place in duty by code
	guides  map[Task][]Entry // what is written about the labels, the duty list too
	tasks   map[Task]*task
	places  *tagger   // nil where no case had a place
	demands *splitter // nil where no case said how many demands it makes
}

// Version names the model: it is stored with every decision.
func (m *Model) Version() string { return m.version }

// Duty returns the duty list the model knows. The caller must not change it.
func (m *Model) Duty() []Entry { return m.duty }

// Knows reports whether the model has learnt to answer a task.
func (m *Model) Knows(t Task) bool { return m.tasks[t] != nil }

// see brings a message into all the forms that the opinions need.
func (m *Model) see(msg Message) seen {
	t := newText(msg)
	v := m.space.vector(t)
	return seen{text: t, vec: v, mid: m.topics.project(v)}.rounded()
}

// Read judges one message.
func (m *Model) Read(msg Message) Reading {
	room := rent()
	defer room.leave()
	r, _, _ := m.look(msg, room)
	return r
}

// look reads a message and returns what it saw, and how likely each matter is, nil
// where the model knows no matters: both stand in the room.
func (m *Model) look(msg Message, room *room) (Reading, seen, []float64) {
	s := m.see(msg)
	s.room = room
	var likely []float64
	if k := m.tasks[Matter]; k != nil {
		likely = k.scores(s)
	}
	r := m.read(s, likely)
	r.PlaceText = m.Places(msg)
	return r, s, likely
}

// Places returns the places that a message names, the most telling first, at
// most five.
func (m *Model) Places(msg Message) []Span {
	if m.places == nil {
		return nil
	}
	return m.places.find(msg)
}

// read judges a message; matters are its scores, nil where the model knows none, and
// become how likely each is.
func (m *Model) read(s seen, matters []float64) Reading {
	softmax(matters, 1)
	r := Reading{Demands: 1, Model: m.version, Meaning: s.mid}
	over := s.onLikely(matters).rounded()
	r.Units = m.best(Unit, s, over, 5)
	r.Category = first(m.best(Category, s, over, 1))
	r.Nature = first(m.best(Nature, s, over, 1))
	r.Urgency = first(m.best(Urgency, s, over, 1))
	r.Matters = m.best(Matter, s, over, 10)
	return r
}

// Answer returns the n likeliest answers to one task, the likeliest first.
func (m *Model) Answer(t Task, msg Message, n int) []Scored {
	s := m.see(msg)
	var matters []float64
	if k := m.tasks[Matter]; k != nil && (t == Matter || standsOn(t)) {
		matters = k.scores(s)
		softmax(matters, 1)
	}
	return m.best(t, s, s.onLikely(matters), n)
}

// best returns the likeliest answers to a task; over is the message with its likely
// matters.
func (m *Model) best(t Task, s, over seen, n int) []Scored {
	k := m.tasks[t]
	switch {
	case k == nil:
		return nil
	case t == Matter:
		return k.rank(over.matters, nil, n)
	case k.onMatters:
		s = over
	}
	z, e := k.first(s)
	k.second(z, e)
	return k.best(z, e, n)
}

// best ranks the labels by score; the scores are overwritten.
func (k *task) best(z []float64, e *testimony, n int) []Scored {
	softmax(z, 1)
	return k.rank(z, e, n)
}

// rank ranks the labels by likelihood; e is what a surety asks. The first one's
// probability is the calibrated confidence, the others share what is left.
func (k *task) rank(z []float64, e *testimony, n int) []Scored {
	order := leaders(z, max(n, 1+rivals))
	sure := z[order[0]]
	if k.surety != nil {
		sure = k.surety.of(suretySigns(sure, order[:min(1+rivals, len(order))], e))
	}
	sure = k.confidence.at(sure)
	order = order[:min(n, len(order))]
	rest := 0.0
	for l, p := range z {
		if l != order[0] {
			rest += p
		}
	}
	out := make([]Scored, 0, n)
	for i, l := range order {
		p := sure
		if i > 0 {
			p = min(sure, z[l]/max(rest, 1e-300)*(1-sure))
		}
		out = append(out, Scored{k.labels[l], p})
	}
	return out
}

// leaders returns the places of the n largest numbers, the largest first.
func leaders(z []float64, n int) []int {
	out := make([]int, 0, n)
	last := math.Inf(-1) // of those that lead, once there are n
	for i, x := range z {
		if len(out) == n {
			if x <= last {
				continue
			}
		} else {
			out = append(out, i)
		}
		at := len(out) - 1
		for ; at > 0 && x > z[out[at-1]]; at-- {
			out[at] = out[at-1]
		}
		out[at] = i
		last = z[out[len(out)-1]]
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

// Threshold returns the confidence from which an answer to a task counts as sure,
// above 1 where nothing does.
func (m *Model) Threshold(t Task) float64 {
	if k := m.tasks[t]; k != nil {
		return k.sure
	}
	return 2
}
