package rehearsal

import (
	"slices"
	"time"

	"yiwang/internal/core/org"
)

// mergeable are the states in which a case can lead another that is merged into it.
var mergeable = []string{"received", "accepted", "dispatched", "signed", "handling", "returning", "ruling", "consultation", "suspended", "approval"}

// again plays the dispatcher who knows what somebody else told of before: it is
// merged, or linked, or has come back after it was closed.
func (s *scenario) again(by org.Actor, ok bool, wait time.Duration) (move, bool) {
	w := &s.script.Words
	if s.before != nil && over(s.before.state) && s.done["link_recurrence"] == 0 && s.chance(40) {
		return s.does(by, ok, wait, always, "link_recurrence", input{"case": s.before.number, "reason": s.words("link_recurrence")})
	}
	if s.what.n == s.n || s.done["link_repeat"]+s.done["merge"] > 0 || s.c.Repeats > 0 {
		return move{}, false
	}
	number, state := s.said(s.what.n)
	in := input{"case": number, "reason": s.say(w.Same)}
	switch {
	case number == "":
	case slices.Contains(mergeable, state) && s.chance(40):
		return s.does(by, ok, wait, always, "merge", in)
	case !over(state) && !slices.Contains([]string{"withdrawn", "rejected", "terminated"}, state) && s.chance(75):
		return s.does(by, ok, wait, always, "link_repeat", in)
	}
	return move{}, false
}

// apart plays the dispatcher who looks at two cases and finds that they only look
// the same.
func (s *scenario) apart(by org.Actor, ok bool, wait time.Duration) (move, bool) {
	number, state := s.said(s.n - 1)
	if number == "" || state == "" || s.gen.root(s.n-1) == s.what.n || s.done["not_repeat"] > 0 || !s.chance(0.6) {
		return move{}, false
	}
	return s.does(by, ok, wait, always, "not_repeat", input{"case": number})
}

func over(state string) bool { return state == "closed" || state == "archived" }

// atMerged plays a case that goes along with another: now and then somebody sees
// that it is about something else.
func (s *scenario) atMerged() (move, bool) {
	clerk, ok := s.cast.desk(s.r, "dispatcher")
	switch {
	case s.done["unmerge"] == 0 && s.chance(9):
		return s.does(clerk, ok, about(s.r, 3*time.Hour), daytime, "unmerge", input{"reason": s.words("unmerge")})
	case s.done["withdraw"] == 0 && s.chance(2):
		return s.citizen(about(s.r, 6*time.Hour), "withdraw", input{"reason": s.say(s.script.Words.Withdraw)})
	}
	return move{}, false // it is answered with the other
}

// splits plays the dispatcher who gives parts of a case to several units.
func (s *scenario) splits(by org.Actor, ok bool, wait time.Duration) (move, bool) {
	unit := s.neighbour()
	if s.c.Count("parts") == 0 {
		unit = s.right(s.what)
	}
	if unit == "" {
		return move{}, false
	}
	return s.does(by, ok, wait, always, "split", input{"unit": unit, "task": s.words("split")})
}

// atSplit plays the second part of a split; then everybody waits for the parts.
func (s *scenario) atSplit() (move, bool) {
	clerk, ok := s.cast.desk(s.r, "dispatcher")
	if s.c.Count("parts") < 2 {
		return s.splits(clerk, ok, about(s.r, 2*time.Minute))
	}
	if s.done["withdraw"] == 0 && s.chance(2) {
		return s.citizen(about(s.r, 5*time.Hour), "withdraw", input{"reason": s.say(s.script.Words.Withdraw)})
	}
	return move{}, false
}

// callsIn plays the unit that whistles for another one.
func (s *scenario) callsIn() (move, bool) {
	by, ok := s.cast.one(s.r, s.c.Unit, "handler", "clerk", "head")
	unit := s.neighbour()
	if unit == "" || s.c.Count("parts") > 0 {
		return move{}, false
	}
	return s.does(by, ok, s.scaled(10*time.Minute), s.cast.unitShift(s.c.Unit), "call_in", input{"unit": unit, "task": s.words("call_in")})
}

// neighbour returns another unit that has to do with where it happened.
func (s *scenario) neighbour() string {
	if s.what.where == nil {
		return ""
	}
	dir := s.cast.dir()
	var of []string
	for _, kind := range []org.UnitKind{org.Community, org.Office, org.Street} {
		for _, area := range s.city.Places.Chain(s.what.where.Area) {
			for _, u := range dir.Of(area, kind) {
				if u.Code != s.c.Unit && u.Code != s.right(s.what) && !s.cast.guest[u.Code] {
					of = append(of, u.Code)
				}
			}
		}
	}
	if len(of) == 0 {
		return ""
	}
	return of[s.r.IntN(len(of))]
}

// atTask plays the unit that helps with another's case.
func (s *scenario) atTask() (move, bool) {
	open := s.cast.unitShift(s.c.Unit)
	desk, atDesk := s.cast.desk(s.r, "dispatcher")
	clerk, hasClerk := s.cast.one(s.r, s.c.Unit, "clerk", "head")
	hands, hasHands := s.cast.one(s.r, s.c.Unit, "handler", "clerk", "grid", "partner", "head")
	switch {
	case s.c.Closed == 1:
		return move{}, false
	case s.c.State == "returning" && s.chance(50):
		return s.does(desk, atDesk, about(s.r, 20*time.Minute), always, "refuse_return", input{"note": s.say(s.script.Words.Refuse)})
	case s.c.State == "returning", !hasHands:
		return s.does(desk, atDesk, about(s.r, 20*time.Minute), always, "redispatch", input{"unit": s.right(s.what), "reason": s.say(s.script.Words.Redispatch)})
	case s.c.Count("returns") == 0 && s.chance(4) && hasClerk:
		return s.does(clerk, true, s.scaled(10*time.Minute), open, "return", input{"clause": s.say(s.script.Words.ReturnDuty)})
	case s.chance(1.5):
		return s.does(desk, atDesk, about(s.r, time.Hour), daytime, "cancel", input{"reason": s.words("cancel")})
	case s.c.State == "sent":
		return s.does(hands, true, s.scaled(12*time.Minute), open, "report_in", nil)
	case s.done["assign"] == 0 && s.chance(15):
		if m, ok := s.assign(); ok {
			return m, ok
		}
	case s.done["note"] == 0 && s.chance(5) && hasClerk:
		return s.does(clerk, true, s.scaled(30*time.Minute), open, "note", input{"text": s.say(s.script.Words.Note)})
	}
	by, ok := s.cast.one(s.r, s.c.Unit, "handler", "clerk", "partner", "head")
	return s.does(by, ok, s.scaled(5*time.Hour), shift{8, 19.5}, "finish", input{"report": s.words("finish")})
}
