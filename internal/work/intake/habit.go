package intake

import "sync"

// Habits remembers which unit people decided on for a matter at a place where the
// duty list says another: a redispatch after a return that was upheld, a ruling, a
// dispatcher's choice. The latest decision counts. Safe for concurrent use; it
// grows with the matters and communities of the city, not with its cases.
type Habits struct {
	mu sync.RWMutex
	of map[[2]string]habit
}

type habit struct {
	unit  string
	times int // decided so in a row
}

// habitTimes is how often in a row people must have decided alike before a case is
// sent by their habit without asking them.
const habitTimes = 2

// NewHabits returns empty habits.
func NewHabits() *Habits { return &Habits{of: map[[2]string]habit{}} }

// Learn takes in that a person gave a matter at a place to a unit. listed is the
// unit that the duty list gives there; a decision for it ends a habit.
func (h *Habits) Learn(matter, area, unit, listed string) {
	if unit == "" {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	key := [2]string{matter, area}
	was := h.of[key]
	switch {
	case unit == listed:
		delete(h.of, key)
	case unit == was.unit:
		h.of[key] = habit{unit, was.times + 1}
	default:
		h.of[key] = habit{unit, 1}
	}
}

// Habit is what people decided about a matter at a place, so often in a row.
type Habit struct {
	Matter, Area, Unit string
	Times              int
}

// All returns the habits, in no order.
func (h *Habits) All() []Habit {
	h.mu.RLock()
	defer h.mu.RUnlock()
	out := make([]Habit, 0, len(h.of))
	for k, it := range h.of {
		out = append(out, Habit{k[0], k[1], it.unit, it.times})
	}
	return out
}

// Set takes habits over instead of all that it knew.
func (h *Habits) Set(all []Habit) {
	h.mu.Lock()
	defer h.mu.Unlock()
	clear(h.of)
	for _, x := range all {
		h.of[[2]string{x.Matter, x.Area}] = habit{x.Unit, x.Times}
	}
}

// Of returns the unit that people decided on, "" where they follow the duty list,
// and whether they did so often enough to send a case there unseen.
func (h *Habits) Of(matter, area string) (unit string, settled bool) {
	if h == nil {
		return "", false
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	it := h.of[[2]string{matter, area}]
	return it.unit, it.times >= habitTimes
}
