package rehearsal

import (
	"strings"
	"time"
	"unicode"

	"yiwang/internal/core/org"
)

// scaled stretches a median by the pace of the case's unit.
func (s *scenario) scaled(median time.Duration) time.Duration {
	return time.Duration(float64(about(s.r, median)) * s.cast.pace(s.c.Unit) * s.cast.slowly(s.c.Unit))
}

// atSign plays the unit that has been given a case.
func (s *scenario) atSign() (move, bool) {
	w := &s.script.Words
	open := s.cast.unitShift(s.c.Unit)
	astray := s.astray()
	desk, atDesk := s.cast.desk(s.r, "dispatcher")
	switch {
	case astray && s.chance(8):
		return s.does(desk, atDesk, about(s.r, 6*time.Minute), always, "recall", input{"reason": s.say(w.Recall)})
	case s.c.Count("returns") == 0 && (astray && s.chance(85) || s.chance(2)):
		if clerk, ok := s.cast.one(s.r, s.c.Unit, "clerk", "head"); ok {
			return s.does(clerk, ok, s.scaled(5*time.Minute), open, "return", s.returning(astray))
		}
	case s.c.Late > 0 && s.done["urge"] == 0 && s.chance(20):
		return s.supervise()
	case s.knotty && s.c.Count("redispatches") < 3 && s.c.Count("returns") > 0:
		return s.does(desk, atDesk, about(s.r, time.Hour), always, "redispatch", input{"unit": s.another(), "reason": s.say(w.Redispatch)})
	}
	by, ok := s.cast.one(s.r, s.c.Unit, "clerk", "partner", "handler", "head")
	if !ok { // nobody works there: the desk gives it to somebody else
		return s.does(desk, atDesk, about(s.r, 15*time.Minute), always, "redispatch",
			input{"matter": s.what.scene.Matter, "unit": s.right(s.what), "reason": s.say(w.Redispatch)})
	}
	wait := s.scaled(90 * time.Second)
	if s.chance(3) {
		wait = s.scaled(18 * time.Minute)
	}
	return s.does(by, ok, wait, open, "sign", nil)
}

func (s *scenario) returning(astray bool) input {
	w := &s.script.Words
	in := input{"reason": "duty", "clause": s.say(w.ReturnDuty)}
	if s.what.where != nil && s.chance(25) {
		in["reason"], in["clause"] = "place", s.say(w.ReturnPlace)
	}
	if astray && s.chance(70) {
		in["suggest"] = s.right(s.what)
	}
	return in
}

func (s *scenario) supervise() (move, bool) {
	by, ok := s.cast.desk(s.r, "supervisor")
	return s.does(by, ok, about(s.r, 12*time.Minute), lateDesk, "urge", input{"note": s.say(s.script.Words.Supervise)})
}

// atContact plays the first telephone call.
func (s *scenario) atContact() (move, bool) {
	w := &s.script.Words
	open := s.cast.unitShift(s.c.Unit)
	switch {
	case s.c.Count("returns") > 0 && s.c.Count("rulings")+s.c.Count("disputes") == 0 && s.done["dispute"] == 0 && s.chance(45):
		if m, ok := s.disputes(); ok {
			return m, ok
		}
	case s.c.Holder == "" && s.done["assign"] == 0 && s.chance(22):
		if m, ok := s.assign(); ok {
			return m, ok
		}
	case s.done["contact_failed"] == 0 && s.chance(6):
		by, ok := s.cast.hands(s.r, s.c)
		return s.does(by, ok, s.scaled(6*time.Minute), open, "contact_failed", input{"note": s.say(w.Failed)})
	case s.done["withdraw"] == 0 && s.chance(0.7):
		return s.citizen(about(s.r, 30*time.Minute), "withdraw", input{"reason": s.say(w.Withdraw)})
	}
	means, note := "phone", w.Called
	switch {
	case s.what.scene.asks():
		note = w.AskCalled
	case s.chance(25):
		means, note = "visit", w.Visit
	}
	by, ok := s.cast.hands(s.r, s.c)
	wait := s.scaled(4 * time.Minute)
	if s.chance(3) {
		wait = s.scaled(45 * time.Minute)
	}
	return s.does(by, ok, wait, open, "contact", input{"means": means, "note": s.say(note)})
}

// assign gives the case to a colleague; in a guest's unit often to the guest.
func (s *scenario) assign() (move, bool) {
	by, ok := s.cast.one(s.r, s.c.Unit, "clerk", "head")
	to := withRole(s.cast.dir(), s.c.Unit, "handler")
	if s.cast.guest[s.c.Unit] && s.chance(60) {
		to = guests(s.cast.dir(), s.c.Unit, "handler")
	}
	if !ok || len(to) == 0 {
		return move{}, false
	}
	return s.does(by, ok, s.scaled(3*time.Minute), s.cast.unitShift(s.c.Unit), "assign", input{"staff": to[s.r.IntN(len(to))].ID})
}

// guests returns the demo accounts of a unit with a role.
func guests(dir *org.Directory, unit, role string) []org.Staff {
	var out []org.Staff
	for _, p := range dir.StaffOf(unit) {
		if p.Demo && p.Active && strings.Contains(" "+strings.Join(p.Roles, " ")+" ", " "+role+" ") {
			out = append(out, p)
		}
	}
	return out
}

// labour is how long the work itself takes, by matter and nature.
func (s *scenario) labour() time.Duration {
	if s.c.Count("reworks") > 0 {
		return s.scaled(3 * time.Hour)
	}
	if m := s.city.Catalog.Find("appeal", s.c.Matter); m != nil && m.Fast {
		if s.chance(2.5) {
			return s.scaled(130 * time.Minute)
		}
		return s.scaled(18 * time.Minute)
	}
	if s.c.Nature == "咨询" {
		return s.scaled(2 * time.Hour)
	}
	return s.scaled(7 * time.Hour)
}

// atWork plays the work: a word in between where it takes long, an extension, a
// citizen who asks again, the answer at the end.
func (s *scenario) atWork() (move, bool) {
	w := &s.script.Words
	m := s.city.Catalog.Find("appeal", s.c.Matter)
	fast := m != nil && m.Fast
	by, ok := s.cast.hands(s.r, s.c)
	open := s.cast.unitShift(s.c.Unit)
	switch {
	case s.done["call_in"] == 0 && !s.what.scene.asks() && s.chance(1.4):
		if m, ok := s.callsIn(); ok {
			return m, ok
		}
	case !fast && s.c.Late == 0 && s.done["suspend"] == 0 && s.chance(1.2):
		if m, ok := s.suspends(); ok {
			return m, ok
		}
	case s.done["report"] == 0 && (s.chance(9) || !fast && s.chance(30)):
		return s.does(by, ok, s.labour()/3, open, "report", input{"progress": s.say(s.asked(w.AskReport, w.Report))})
	case !fast && s.c.Late == 0 && s.c.Count("extensions") == 0 && s.chance(3):
		if head, ok := s.cast.one(s.r, s.c.Unit, "head"); ok {
			return s.does(head, ok, s.labour()/2, office, "extend", input{"days": 1 + s.r.IntN(5), "reason": s.say(w.Extend)})
		}
	case s.done["add"] == 0 && s.chance(4):
		return s.citizen(s.labour()/3, "add", input{"text": s.say(s.asked(w.AskAdd, w.Add))})
	case s.done["urge"] == 0 && (s.chance(2) || s.c.Late > 0 && s.chance(15)):
		return s.citizen(s.labour()/2, "urge", input{"note": s.say(w.Urge)})
	case s.done["urge"] == 0 && s.c.Late > 0 && s.chance(25):
		return s.supervise()
	case s.done["note"] == 0 && s.chance(5):
		return s.does(by, ok && !by.Has("partner"), s.labour()/3, open, "note", input{"text": s.say(w.Note)})
	case s.done["withdraw"] == 0 && s.chance(0.5):
		return s.citizen(s.labour(), "withdraw", input{"reason": s.say(w.Withdraw)})
	}
	if s.c.Count("parts_done") < s.c.Count("parts") {
		return move{}, false // others are still at it
	}
	result, words := s.outcome()
	if !fast {
		open = shift{8, 19.5}
	}
	mv, ok := s.does(by, ok, s.labour(), open, "resolve", nil)
	s.now = mv.at // the answer names the day on which it is written
	mv.deed.Input = input{"result": result, "answer": s.answer(words)}
	return mv, ok
}

// asked returns the first words for enquiries, the others for everything else.
func (s *scenario) asked(enquiry, other Lines) Lines {
	if s.what.scene.asks() {
		return enquiry
	}
	return other
}

// outcome draws how it ended and in what words. Words that speak of the same
// things as the message go before others; where none do, plain ones will.
func (s *scenario) outcome() (result, words string) {
	sc := s.what.scene
	said := s.gen.ways(s.n, s.what)[0]
	roll := s.r.IntN(100)
	best := -1.0
	consider := func(as string, lines Lines, drawn bool) {
		for _, line := range lines.All() {
			score := float64(shared(said, line)) + s.r.Float64()
			if drawn {
				score += 1.5
			}
			if score > best {
				best, result, words = score, as, line
			}
		}
	}
	consider("solved", sc.Solved, roll < 62)
	consider("partly", sc.Partly, roll >= 62 && roll < 78)
	consider("explained", sc.Explained, roll >= 78)
	if words == "" {
		consider("explained", sc.Answer, true)
	}
	if !sc.asks() && best < 3 {
		return "solved", pick(s.r, s.script.Words.Plain)
	}
	return result, words
}

// shared counts the pairs of characters that two texts have in common; slots and
// punctuation do not count.
func shared(a, b string) (n int) {
	seen := pairs(a)
	for p := range pairs(b) {
		if seen[p] {
			n++
		}
	}
	return n
}

func pairs(s string) map[[2]rune]bool {
	out := map[[2]rune]bool{}
	var last rune
	for _, r := range s {
		if !unicode.Is(unicode.Han, r) {
			last = 0
			continue
		}
		if last != 0 {
			out[[2]rune{last, r}] = true
		}
		last = r
	}
	return out
}

// answer writes an official answer around what was done.
func (s *scenario) answer(words string) string {
	w := &s.script.Words
	if s.c.Count("reworks") > 0 {
		words = pick(s.r, s.asked("", w.Again)) + words
	}
	return fill(pick(s.r, w.Greet)+words+pick(s.r, w.Bye), s.slots())
}

// atApproval plays the head who reads the answer first.
func (s *scenario) atApproval() (move, bool) {
	head, ok := s.cast.one(s.r, s.c.Unit, "head")
	wait := time.Duration(float64(about(s.r, 10*time.Minute)) * s.cast.slowly(s.c.Unit))
	open := s.cast.unitShift(s.c.Unit)
	if s.done["send_back"] == 0 && s.chance(6) {
		return s.does(head, ok, wait, open, "send_back", input{"note": s.say(s.asked(s.script.Words.AskDoubt, s.script.Words.SendBack))})
	}
	return s.does(head, ok, wait, open, "approve", nil)
}
