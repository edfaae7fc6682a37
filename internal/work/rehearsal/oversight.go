package rehearsal

import (
	"slices"
	"time"
)

// overseen plays everybody who looks at a case from above while it is handled,
// and the unit that answers them; ok is false where nobody does now.
func (s *scenario) overseen() (m move, ok bool) {
	if s.c.Family != "appeal" {
		return m, false
	}
	if m, ok = s.answersAbove(); ok {
		return m, ok
	}
	if !slices.Contains([]string{"dispatched", "signed", "handling", "returning", "ruling", "consultation", "split", "suspended"}, s.c.State) {
		return m, false
	}
	supervisor, present := s.cast.desk(s.r, "supervisor")
	switch {
	case s.c.Count("hard") > s.c.Count("meetings"):
		return s.does(supervisor, present, about(s.r, 5*time.Hour), office, "coordinate", input{"units": s.present(), "note": s.words("coordinate")})
	case s.c.Late > 0 && s.done["supervise"] < 2 && s.chance(14):
		means := weighed(s.r, map[string]int{"group": 5, "phone": 4, "letter": 3, "meeting": 1}, nil)
		grade := []string{"usual", "key", "listed"}[min(int(s.c.Count("supervisions")), 2)]
		return s.does(supervisor, present, about(s.r, 40*time.Minute), office, "supervise", input{"means": means, "grade": grade, "demand": s.words("supervise")})
	case s.done["instruct"] == 0 && s.chance(0.35):
		leader, present := s.cast.one(s.r, s.cast.top, "leader")
		return s.does(leader, present, about(s.r, 3*time.Hour), office, "instruct", input{"text": s.words("instruct")})
	case s.c.State != "returning" && s.done["terminate"] == 0 && s.chance(0.12):
		code, why := named(s.words("terminate"))
		return s.does(supervisor, present, about(s.r, 9*time.Hour), office, "terminate", input{"reason": code, "explain": why})
	case s.done["correct"] == 0 && s.chance(0.6):
		clerk, present := s.cast.desk(s.r, "dispatcher")
		return s.does(clerk, present, about(s.r, time.Hour), daytime, "correct", input{"nature": s.nature(), "urgency": s.urgency()})
	}
	return m, false
}

// answersAbove plays the unit that reports what came of a letter of supervision or
// of a leader's instruction.
func (s *scenario) answersAbove() (m move, ok bool) {
	by, present := s.cast.one(s.r, s.c.Unit, "clerk", "head")
	if !present {
		return m, false
	}
	switch {
	case s.c.Count("instructions") > s.c.Count("instructions_done") && s.c.Closed == 1:
		return s.does(by, true, s.scaled(2*time.Hour), office, "carry_out", input{"done": s.words("carry_out")})
	case s.c.Count("instructions") > s.c.Count("instructions_done") && s.done["carry_out"] == 0 && s.chance(35):
		return s.does(by, true, s.scaled(9*time.Hour), office, "carry_out", input{"done": s.words("carry_out")})
	case s.c.Count("supervisions") > s.c.Count("supervision_answers") && s.c.Closed == 0 && s.c.State != "merged" && s.chance(85):
		return s.does(by, true, s.scaled(90*time.Minute), office, "answer_supervision", input{"done": s.words("answer_supervision")})
	}
	return m, false
}

// present names who comes to a meeting.
func (s *scenario) present() string {
	dir := s.cast.dir()
	names := ""
	for _, code := range []string{s.c.Unit, s.right(s.what), s.cast.centre} {
		if u, ok := dir.Unit(code); ok {
			if names != "" {
				names += "、"
			}
			names += u.Name
		}
	}
	return names
}

// suspends plays the head who has to wait for something outside.
func (s *scenario) suspends() (move, bool) {
	head, ok := s.cast.one(s.r, s.c.Unit, "head")
	reason, why := named(s.words("suspend"))
	until := s.now.In(chinaTime).AddDate(0, 0, 3+s.r.IntN(12)).Format(time.DateOnly)
	return s.does(head, ok, s.scaled(time.Hour), office, "suspend", input{"reason": reason, "until": until, "note": why})
}

// atSuspended plays the unit that takes a case up again, mostly before its time.
func (s *scenario) atSuspended() (move, bool) {
	if s.chance(6) {
		return move{}, false // forgotten: the clock resumes it
	}
	by, ok := s.cast.one(s.r, s.c.Unit, "clerk", "head")
	return s.does(by, ok, about(s.r, 4*24*time.Hour), office, "resume", nil)
}

// disputes plays the unit that does not let a refused return rest.
func (s *scenario) disputes() (move, bool) {
	clerk, ok := s.cast.one(s.r, s.c.Unit, "clerk", "head")
	suggest := s.right(s.what)
	if suggest == s.c.Unit {
		if suggest = s.neighbour(); suggest == "" {
			return move{}, false
		}
	}
	return s.does(clerk, ok, s.scaled(20*time.Minute), s.cast.unitShift(s.c.Unit), "dispute",
		input{"clause": s.say(s.script.Words.ReturnDuty), "suggest": suggest, "note": s.words("dispute")})
}

// atRuling plays the arbiter, and the unit that goes on with the work meanwhile.
func (s *scenario) atRuling() (move, bool) {
	arbiter, ok := s.cast.desk(s.r, "arbiter")
	consulted := s.c.State == "consultation"
	switch {
	case s.done["report"] == 0 && s.c.Unit != s.cast.centre && s.chance(20):
		by, present := s.cast.hands(s.r, s.c)
		return s.does(by, present, s.scaled(time.Hour), s.cast.unitShift(s.c.Unit), "report", input{"progress": s.say(s.asked(s.script.Words.AskReport, s.script.Words.Report))})
	case !consulted && s.done["consult"] == 0 && s.chance(25):
		return s.does(arbiter, ok, about(s.r, 2*time.Hour), office, "consult", input{"units": s.present(), "note": s.words("consult")})
	case s.c.Count("ruling_levels") == 0 && s.chance(12):
		return s.does(arbiter, ok, about(s.r, 3*time.Hour), office, "escalate_ruling", input{"note": s.words("escalate_ruling")})
	}
	return s.does(arbiter, ok, about(s.r, 5*time.Hour), office, "rule",
		input{"unit": s.right(s.what), "matter": s.what.scene.Matter, "clause": s.words("clause"), "note": s.words("rule")})
}
