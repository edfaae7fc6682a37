package rehearsal

import "time"

// atAudit plays the auditor who reads every answer.
func (s *scenario) atAudit() (move, bool) {
	by, ok := s.cast.desk(s.r, "auditor")
	wait := about(s.r, 35*time.Minute)
	if s.done["fail"] == 0 && s.chance(5) {
		return s.does(by, ok, wait, lateDesk, "fail", input{"note": s.say(s.asked(s.script.Words.AskDoubt, s.script.Words.AuditFail))})
	}
	return s.does(by, ok, wait, lateDesk, "pass", nil)
}

// atCallback plays the citizen who rates, the caller who asks, and those who let
// it pass.
func (s *scenario) atCallback() (move, bool) {
	w := &s.script.Words
	by, ok := s.cast.desk(s.r, "caller")
	switch {
	case s.chance(36):
		return s.rates()
	case s.done["call_failed"] < mostTries && (s.done["call_failed"] == 0 && s.chance(14) || s.done["call_failed"] > 0 && s.chance(45)):
		outcome := []string{"no_answer", "no_answer", "busy", "off", "later"}[s.r.IntN(5)]
		return s.does(by, ok, about(s.r, 2*time.Hour), evening, "call_failed", input{"outcome": outcome, "note": s.say(w.CallFailed)})
	case s.done["rework"] == 0 && s.chance(0.3):
		auditor, ok := s.cast.desk(s.r, "auditor")
		return s.does(auditor, ok, about(s.r, 2*time.Hour), office, "rework", input{"reason": s.words("rework")})
	case s.chance(88):
		level, words := s.rating()
		solved := []string{"yes", "yes", "partly", "no", "no"}[level-1]
		return s.does(by, ok, about(s.r, 3*time.Hour), evening, "call_back", input{"solved": solved, "level": level, "note": s.say(words)})
	}
	return move{}, false // the archive takes it after seven days
}

// mostTries is how often somebody is called who does not answer.
const mostTries = 3

// atLater plays the caller who tries at another hour, where the clock has not
// brought the case back by then.
func (s *scenario) atLater() (move, bool) {
	by, ok := s.cast.desk(s.r, "caller")
	return s.does(by, ok, about(s.r, 5*time.Hour), evening, "call_again", nil)
}

// atRating plays the citizen who was not drawn for a call: some rate by the link,
// the others let it pass.
func (s *scenario) atRating() (move, bool) {
	if s.chance(45) {
		return s.rates()
	}
	return move{}, false
}

// rates plays the citizen who rates.
func (s *scenario) rates() (move, bool) {
	level, words := s.rating()
	in := input{"level": level}
	if s.chance(60) {
		in["comment"] = s.say(words)
	}
	if s.chance(40) {
		in["speed"], in["service"] = near(s, level), near(s, level)
	}
	return s.citizen(about(s.r, 100*time.Minute), "rate", in)
}

// rating draws how satisfied somebody is: 1 very satisfied … 5 very dissatisfied.
// An explanation satisfies less than a deed; a second answer satisfies more.
func (s *scenario) rating() (level int, words Lines) {
	w := &s.script.Words
	roll := s.r.Float64() * 100
	if s.c.Result == "explained" || s.c.Result == "partly" {
		roll += 5
	}
	if s.c.Count("reworks") > 0 {
		roll -= 6
	}
	if s.stubborn && s.c.Count("reworks") < 3 {
		roll = 95 + roll/20
	}
	switch {
	case roll < 52:
		return 1, s.asked(w.AskGood, w.Good)
	case roll < 84:
		return 2, s.asked(w.AskGood, w.Good)
	case roll < 93:
		return 3, s.asked(w.AskGood, w.Fair)
	case roll < 98:
		return 4, s.asked(w.AskBad, w.Bad)
	}
	return 5, s.asked(w.AskBad, w.Bad)
}

// near returns a level close to another, for the finer questions of a rating.
func near(s *scenario, level int) int { return max(1, min(5, level+s.r.IntN(3)-1)) }

// atArchive plays the auditor who puts closed cases away, and who finds now and
// then that one was closed wrongly.
func (s *scenario) atArchive() (move, bool) {
	by, ok := s.cast.desk(s.r, "auditor")
	if s.done["rework"] == 0 && s.chance(0.5) {
		return s.does(by, ok, about(s.r, 4*time.Hour), office, "rework", input{"reason": s.words("rework")})
	}
	return s.does(by, ok, about(s.r, 5*time.Hour), office, "archive", nil)
}

// atAnswered plays the supervisor who finds that an answer given at once was not
// one; nearly all of them stand.
func (s *scenario) atAnswered() (move, bool) {
	by, ok := s.cast.desk(s.r, "supervisor")
	if s.done["rework"] > 0 || !s.chance(0.8) {
		return move{}, false
	}
	return s.does(by, ok, about(s.r, 5*time.Hour), office, "rework", input{"reason": s.words("rework")})
}
