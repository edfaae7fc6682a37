package app

import (
	"sync"
	"sync/atomic"

	"yiwang/internal/core/cases"
	"yiwang/internal/core/city"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
	"yiwang/internal/work/dispatch"
	"yiwang/internal/work/dispatch/province"
	"yiwang/internal/work/intake"
)

// judge is the machine that reads messages, with what it has learnt from the
// corrections stored in this city's database. Another model may take its seat
// while it works.
type judge struct {
	seat   atomic.Pointer[seat]
	habits *intake.Habits
	units  func() *org.Directory
	city   *city.City

	learning sync.Mutex // what follows, while it learns
	next     int64      // number of the first action it has not looked at
	afresh   int64      // when all that it learnt was last read from the database, UTC milliseconds
	erased   bool       // of a case that it learnt from: what it learnt is not kept
}

// seat is a model at work, with the corrections made since it was trained and the
// decided cases as it sees them.
type seat struct {
	*dispatch.Learner
	history *dispatch.History
	rest    *dispatch.Model // answers what the model has not learnt: a city's decisions tell of matters only
}

// newJudge seats a model, which knows no corrections yet.
func (a *App) newJudge(m, rest *dispatch.Model) *judge {
	j := &judge{habits: intake.NewHabits(), units: a.Staff.Directory, city: a.City, next: a.Cases.Size()}
	j.seat.Store(newSeat(m, rest))
	return j
}

func newSeat(m, rest *dispatch.Model) *seat {
	return &seat{dispatch.NewLearner(m), dispatch.NewHistory(m), rest}
}

func (s *seat) learn(l cases.Lesson, since int64) {
	msg := dispatch.Message{Title: l.Title, Text: l.Text}
	if l.At > since {
		s.Correct(msg, l.Matter)
	}
	s.history.Add(l.Case, l.Matter, msg)
}

// learn takes in what a person just decided.
func (j *judge) learn(l cases.Lesson) {
	j.seat.Load().learn(l, 0)
	j.habit(l)
}

// habit takes in who answers for a matter at a place. What waits at the centre is
// nobody's yet.
func (j *judge) habit(l cases.Lesson) {
	m := j.city.Catalog.Find("appeal", l.Matter)
	u, ok := j.units().Unit(l.Unit)
	if m == nil || !ok || u.Kind == org.Centre {
		return
	}
	listed := matter.Responsible(j.units(), j.city.Places, m, l.Area)
	if listed.Backstop {
		listed.Unit = "" // the list does not say
	}
	j.habits.Learn(l.Matter, l.Area, l.Unit, listed.Unit)
}

// Read judges a message.
func (j *judge) Read(m dispatch.Message) dispatch.Reading {
	s := j.seat.Load()
	r := s.Read(m)
	if s.rest == nil {
		return r
	}
	return s.complete(r, s.rest.Read(m))
}

// ReadParts judges a message and proposes how to split one that makes several demands.
func (j *judge) ReadParts(m dispatch.Message) (dispatch.Reading, []dispatch.Part) {
	s := j.seat.Load()
	if s.rest == nil {
		return s.Learner.ReadParts(m)
	}
	o, parts := s.rest.ReadParts(m)
	return s.complete(s.Read(m), o), parts
}

// complete takes from another reading what the model has not learnt.
func (s *seat) complete(r, o dispatch.Reading) dispatch.Reading {
	for task, take := range map[dispatch.Task]func(){
		dispatch.Nature:   func() { r.Nature = o.Nature },
		dispatch.Urgency:  func() { r.Urgency = o.Urgency },
		dispatch.Category: func() { r.Category = o.Category },
		dispatch.Unit:     func() { r.Units = o.Units },
	} {
		if !s.Model().Knows(task) {
			take()
		}
	}
	if len(r.PlaceText) == 0 {
		r.PlaceText = o.PlaceText
	}
	return r
}

// Sure reports whether a reading's matter is certain enough to send unseen.
func (j *judge) Sure(r dispatch.Reading) bool { return j.seat.Load().Sure(r) }

// Explain says why a message is read as a matter, with the nearest decided cases.
func (j *judge) Explain(m dispatch.Message, code string) dispatch.Explanation {
	s := j.seat.Load()
	return s.Explain(m, code, s.history)
}

// Threshold is the confidence from which a matter is sent unseen.
func (j *judge) Threshold() float64 { return j.seat.Load().Model().Threshold(dispatch.Matter) }

// baseModel is the one that ships with the program, fitted to the duty list.
func baseModel(c *city.City) (*dispatch.Model, error) {
	return dispatch.Base(province.Enrich(Duty(c)))
}

// Duty returns the appeal matters in force as the machine judge knows them.
func Duty(c *city.City) []dispatch.Entry {
	var out []dispatch.Entry
	for _, m := range c.Catalog.InForce("appeal", matter.Today()) {
		out = append(out, dispatch.Entry{Code: m.Code, Name: m.Name, Path: m.Levels, Description: m.Description, Words: m.Keywords})
	}
	return out
}
