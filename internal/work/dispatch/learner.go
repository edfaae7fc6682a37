package dispatch

import (
	"maps"
	"slices"
	"sync"
)

// Learner lays corrections over a model: a matter set right at the desk, a return
// that was upheld, a ruling. The next reading already knows it. It keeps nothing
// on disk: whoever stores the corrections replays them after a restart, in the
// same order, and has the same learner again. Its memory is bounded: beyond
// maxNudges the faintest half of what was learnt is forgotten. Safe for concurrent
// use.
type Learner struct {
	model *Model

	mu     sync.RWMutex
	labels []string // of the model, then matters it never heard of
	index  map[string]int
	delta  map[int32][]nudge // column → what corrections add to its weights
	nudges int               // in delta
	count  int
}

type nudge struct {
	class  uint16
	weight float32
}

const (
	lessonGrams = 96  // n-grams of a message that a correction touches
	lessonGap   = 3.0 // by how much the right matter must lead afterwards

	// maxNudges bounds what corrections add: 8 bytes each and as much again for
	// the room between them, so about 30 MB.
	maxNudges = 2_000_000
)

// NewLearner makes a learner over a model, without corrections.
func NewLearner(m *Model) *Learner {
	l := &Learner{model: m, index: map[string]int{}, delta: map[int32][]nudge{}}
	if k := m.tasks[Matter]; k != nil {
		l.labels = slices.Clone(k.labels)
	}
	for i, c := range l.labels {
		l.index[c] = i
	}
	return l
}

// Model returns the model underneath.
func (l *Learner) Model() *Model { return l.model }

// Count returns how many corrections it has learnt.
func (l *Learner) Count() int {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.count
}

// Correct learns that a message is of the matter with this code (passive-
// aggressive: nothing moves where the answer is clear already, and no more than
// needed where it is not).
func (l *Learner) Correct(msg Message, code string) {
	o := l.opinion(l.model.see(msg))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count++
	right, ok := l.index[code]
	if !ok {
		right = len(l.labels)
		l.labels = append(l.labels, code)
		l.index[code] = right
	}
	part := heaviest(o.vec, lessonGrams)
	size := part.square()
	if size == 0 {
		return
	}
	if l.nudges > maxNudges-20*2*lessonGrams {
		l.fade()
	}
	first := l.first(o)
	moved := map[int]float32{} // by how much of part each matter's weights move
	for range 20 {             // each round moves one rival back
		z := l.second(slices.Clone(first), o)
		rival := -1
		for i := range z {
			if i != right && (rival < 0 || z[i] > z[rival]) {
				rival = i
			}
		}
		if rival < 0 || z[right] >= z[rival]+lessonGap {
			break
		}
		step := float32(z[rival]+lessonGap-z[right]) / (2 * size) * 1.001
		moved[right] += step
		moved[rival] -= step
		first[right] += float64(step * size)
		first[rival] -= float64(step * size)
	}
	for _, class := range slices.Sorted(maps.Keys(moved)) {
		for i, c := range part.col {
			l.nudge(c, class, moved[class]*part.val[i])
		}
	}
}

func (l *Learner) nudge(c int32, class int, by float32) {
	for i, n := range l.delta[c] {
		if int(n.class) == class {
			l.delta[c][i].weight += by
			return
		}
	}
	l.delta[c] = append(l.delta[c], nudge{uint16(class), by})
	l.nudges++
}

// fade forgets the faintest half of what was learnt: one n-gram of a message says
// little, and what was meant is said by the heavier ones.
func (l *Learner) fade() {
	size := make([]float32, 0, l.nudges)
	for _, ns := range l.delta {
		for _, n := range ns {
			size = append(size, max(n.weight, -n.weight))
		}
	}
	slices.Sort(size)
	line := size[len(size)/2]
	l.nudges = 0
	for c, ns := range l.delta {
		ns = slices.DeleteFunc(ns, func(n nudge) bool { return max(n.weight, -n.weight) <= line })
		if len(ns) == 0 {
			delete(l.delta, c)
			continue
		}
		l.delta[c] = slices.Clip(ns)
		l.nudges += len(ns)
	}
}

// opinion is what the model says about the matter of a message, before the second
// look: corrections are laid over it.
type opinion struct {
	seen
	z []float64  // nil where the model knows no matters
	e *testimony // what the second look is to know
}

func (l *Learner) opinion(s seen) opinion {
	o := opinion{seen: s}
	if k := l.model.tasks[Matter]; k != nil {
		o.z, o.e = k.first(s)
	}
	return o
}

// scores returns the scores with the corrections added.
func (l *Learner) scores(o opinion) []float64 { return l.second(l.first(o), o) }

// first returns the scores before the second look. A matter that the model never
// heard of starts as likely as the others on average.
func (l *Learner) first(o opinion) []float64 {
	z := make([]float64, len(o.z), len(l.labels))
	copy(z, o.z)
	middle := 0.0
	for _, x := range z {
		middle += x / float64(len(z))
	}
	for len(z) < len(l.labels) {
		z = append(z, middle)
	}
	for i, c := range o.vec.col {
		for _, n := range l.delta[c] {
			z[n.class] += float64(n.weight * o.vec.val[i])
		}
	}
	return z
}

// second lets the model look again at what the scores lead with, and returns them.
func (l *Learner) second(z []float64, o opinion) []float64 {
	if k := l.model.tasks[Matter]; k != nil {
		k.second(z, o.e)
	}
	return z
}

// touches reports whether corrections say anything about a message.
func (l *Learner) touches(o opinion) bool {
	if len(l.labels) > len(o.z) {
		return true
	}
	for _, c := range o.vec.col {
		if len(l.delta[c]) > 0 {
			return true
		}
	}
	return false
}

// Read judges a message as the model does, with the corrections.
func (l *Learner) Read(msg Message) Reading {
	room := rent()
	defer room.leave()
	r, _, _ := l.look(msg, room)
	return r
}

// ReadParts reads a message as Read does and proposes how to split it as Parts does,
// for less than both of them.
func (l *Learner) ReadParts(msg Message) (Reading, []Part) {
	room := rent()
	defer room.leave()
	r, s, likely := l.look(msg, room)
	return r, l.model.partsOf(msg, s, likely)
}

// look is Model.look, with the corrections in the reading alone.
func (l *Learner) look(msg Message, room *room) (Reading, seen, []float64) {
	s := l.model.see(msg)
	s.room = room
	o := l.opinion(s)
	var own []float64
	if k := l.model.tasks[Matter]; k != nil {
		own = room.doubles(len(o.z))
		copy(own, o.z)
		k.second(own, o.e)
	}
	r := l.model.read(o.seen, own)
	r.PlaceText = l.model.Places(msg)
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.count == 0 || len(l.labels) == 0 || !l.touches(o) {
		return r, o.seen, own
	}
	over := task{labels: l.labels}
	if k := l.model.tasks[Matter]; k != nil {
		over.confidence = k.confidence
	}
	r.Matters = over.best(l.scores(o), nil, 10)
	return r, o.seen, own
}

// Sure reports whether a reading's matter is certain enough to send unseen.
func (l *Learner) Sure(r Reading) bool { return l.model.Sure(r) }
