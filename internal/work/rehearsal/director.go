package rehearsal

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"yiwang/internal/core/cases"
	"yiwang/internal/core/city"
	"yiwang/internal/core/org"
	"yiwang/internal/core/place"
)

// move is what somebody is going to do with a case, and when.
type move struct {
	at   time.Time
	by   org.Actor
	deed cases.Deed
}

// director decides what happens next to a case. It sees the case as it is and
// what it is really about, and nothing else; the dice of each step follow from
// the case's version.
type director struct {
	script *Script
	city   *city.City
	gen    *Generator
	cast   *cast
}

// scenario is one case in the director's hands.
type scenario struct {
	*director
	c    *cases.Case
	n    int
	what *happening
	r    *rand.Rand
	now  time.Time
	done map[string]int // how often each action was played on it
	said saying
	trait
	before *role
}

// saying tells which case a message became and how it stands: the number is ""
// where that is not known any more, the state where it is not open.
type saying func(n int) (number, state string)

type input = map[string]any

// next returns the next move on a case; ok is false where nobody will do
// anything by themselves any more.
func (d *director) next(c *cases.Case, role *role, now time.Time) (m move, ok bool) {
	s := &scenario{
		director: d, c: c, n: role.n, what: d.gen.happens(role.n), now: now, done: role.done, said: role.said, before: role.before,
		r: d.gen.stream(role.n, ofPlot+uint64(c.Version)*16),
	}
	s.trait = d.gen.trait(role.n)
	if m, ok = s.overseen(); !ok {
		m, ok = s.inTurn()
	}
	m.deed.Case = c.ID
	return m, ok
}

// inTurn returns the move of whoever's turn it is.
func (s *scenario) inTurn() (m move, ok bool) {
	if s.c.Family == "task" {
		return s.atTask()
	}
	switch s.c.State {
	case "received", "accepted":
		m, ok = s.atDispatch()
	case "dispatched":
		m, ok = s.atSign()
	case "signed":
		m, ok = s.atContact()
	case "handling":
		m, ok = s.atWork()
	case "returning":
		m, ok = s.atReturn()
	case "approval":
		m, ok = s.atApproval()
	case "audit":
		m, ok = s.atAudit()
	case "callback":
		m, ok = s.atCallback()
	case "later":
		m, ok = s.atLater()
	case "rating":
		m, ok = s.atRating()
	case "closed":
		m, ok = s.atArchive()
	case "answered":
		m, ok = s.atAnswered()
	case "merged":
		m, ok = s.atMerged()
	case "split":
		m, ok = s.atSplit()
	case "suspended":
		m, ok = s.atSuspended()
	case "ruling", "consultation":
		m, ok = s.atRuling()
	}
	return m, ok
}

func (s *scenario) chance(percent float64) bool { return s.r.Float64()*100 < percent }

// does makes a move by a person, if there is such a person.
func (s *scenario) does(by org.Actor, ok bool, after time.Duration, open shift, action string, in input) (move, bool) {
	at := open.open(s.r, s.now.Add(after))
	return move{at: at, by: by, deed: cases.Deed{Action: action, Input: in}}, ok
}

// citizen makes a move of the person who filed the case.
func (s *scenario) citizen(after time.Duration, action string, in input) (move, bool) {
	return s.does(org.Appellant(), true, after, shift{6.5, 23.7}, action, in)
}

// words are what an official writes with an action.
func (s *scenario) words(action string) string { return s.say(s.script.Words.Deeds[action]) }

func (s *scenario) say(l Lines) string { return fill(pick(s.r, l), s.slots()) }

// slots are the fillings as officials use them: they know where it was, who they
// are and what day it is.
func (s *scenario) slots() map[string]string {
	m := s.what.slots("")
	vague := &s.script.Words.Vague
	if s.what.where == nil {
		m["place"] = vague.Place
	}
	u, _ := s.cast.dir().Unit(s.c.Unit)
	m["unit"], m["phone"] = u.Name, u.Phone
	at := s.now.In(chinaTime)
	m["date"] = at.Format(vague.Date)
	m["part"] = vague.Parts[at.Hour()*len(vague.Parts)/24]
	m["staff"] = pick(s.r, s.script.Words.Surname)
	m["since"], m["time"] = vague.Since, m["part"]
	return m
}

// named splits "code=words".
func named(s string) (code, words string) {
	code, words, _ = strings.Cut(s, "=")
	return code, words
}

// atDispatch plays the dispatch desk.
func (s *scenario) atDispatch() (move, bool) {
	w := &s.script.Words
	clerk, ok := s.cast.desk(s.r, "dispatcher")
	wait := about(s.r, 6*time.Minute)
	if s.chance(9) { // hard ones are put aside
		wait = about(s.r, 65*time.Minute)
	}
	switch {
	case s.chance(0.8):
		return s.citizen(about(s.r, 20*time.Minute), "withdraw", input{"reason": s.say(w.Withdraw)})
	case s.chance(1.5):
		code, why := named(s.say(w.Reject))
		return s.does(clerk, ok, wait, always, "reject", input{"reason": code, "explain": why})
	case s.answerable():
		return s.does(clerk, ok, wait, always, "answer", input{"answer": s.answer(s.told(s.what.scene.Answer))})
	}
	if m, ok := s.again(clerk, ok, wait); ok {
		return m, ok
	}
	if m, ok := s.apart(clerk, ok, wait); ok {
		return m, ok
	}
	switch {
	case s.c.State == "received" && s.chance(3):
		return s.does(clerk, ok, wait/2, always, "accept", nil)
	case s.c.State == "accepted" && s.done["consult"] == 0 && s.chance(3):
		return s.does(clerk, ok, wait, office, "consult", input{"units": s.present(), "note": s.words("consult")})
	case s.what.where != nil && !s.what.scene.asks() && s.chance(1.2):
		if m, ok := s.splits(clerk, ok, wait); ok {
			return m, ok
		}
	}
	return s.does(clerk, ok, wait, always, "dispatch", s.clause())
}

// told returns the words that fit best to what was said.
func (s *scenario) told(lines Lines) (best string) {
	said, most := s.gen.ways(s.n, s.what)[0], -1
	for _, line := range lines.All() {
		if n := shared(said, line); n > most {
			best, most = line, n
		}
	}
	return best
}

// answerable reports whether the desk can answer by itself: an enquiry of which
// the pack knows the answer, or what nobody but the centre would take.
func (s *scenario) answerable() bool {
	if s.what.scene.Answer == "" {
		return false
	}
	return s.chance(60) || s.right(s.what) == s.city.Centre
}

// clause is the input of a dispatch: mostly what the duty list says, now and then
// the street office that was nearer at hand.
func (s *scenario) clause() input {
	in := input{"matter": s.what.scene.Matter, "unit": s.unit(), "nature": s.nature(), "urgency": s.urgency()}
	if s.c.Area == "" && s.what.where != nil {
		in["area"] = s.what.where.Area
	}
	return in
}

func (s *scenario) nature() string { return weighed(s.r, s.what.scene.Nature, nil) }

func (s *scenario) urgency() string {
	if u := s.what.scene.Urgency; u != "" {
		return u
	}
	return "none"
}

// unit draws the unit a dispatcher sends the case to.
func (s *scenario) unit() string {
	right := s.right(s.what)
	if s.what.where == nil {
		return right
	}
	if s.knotty {
		if u := s.neighbour(); u != "" {
			return u
		}
	}
	if code := s.partner(); code != "" {
		return code
	}
	if s.chance(4) {
		for _, u := range s.cast.dir().Of(s.what.where.Area, org.Community) {
			return u.Code
		}
	}
	return right
}

// partner returns the social partner at the place that what happened is given to,
// "" for none: the manager of the estate, the station of the power company.
func (s *scenario) partner() string {
	areas := []string{s.what.where.Area}
	if street, ok := s.city.Places.Up(s.what.where.Area, place.Street); ok {
		areas = append(areas, street.Code)
	}
	for _, h := range s.script.Rhythm.Partners {
		helps := slices.ContainsFunc(h.Matters, func(m string) bool { return strings.HasPrefix(s.what.scene.Matter, m) })
		if !helps || !s.chance(h.Percent) {
			continue
		}
		for _, area := range areas {
			for _, u := range s.cast.dir().Of(area, org.Partner) {
				if u.Function == h.Function {
					return u.Code
				}
			}
		}
		if code := s.cast.station(h.Function); h.Far && code != "" {
			return code
		}
	}
	return ""
}

// astray reports whether the case lies with a unit that has nothing to do with it.
func (s *scenario) astray() bool {
	if s.c.Unit == s.right(s.what) {
		return false
	}
	u, ok := s.cast.dir().Unit(s.c.Unit)
	return !ok || u.Kind != org.Partner
}

// atReturn plays the dispatcher who decides on a return.
func (s *scenario) atReturn() (move, bool) {
	clerk, ok := s.cast.desk(s.r, "dispatcher")
	wait := about(s.r, 20*time.Minute)
	if s.astray() && !s.chance(12) {
		return s.does(clerk, ok, wait, always, "redispatch",
			input{"matter": s.what.scene.Matter, "unit": s.another(), "reason": s.say(s.script.Words.Redispatch)})
	}
	return s.does(clerk, ok, wait, always, "refuse_return", input{"note": s.say(s.script.Words.Refuse)})
}

// another returns the unit that a case is given to after it lay with a wrong one.
// What nobody wants goes on to a third and a fourth before somebody decides.
func (s *scenario) another() string {
	if s.knotty && s.c.Count("redispatches") < 2 {
		if u := s.neighbour(); u != "" {
			return u
		}
	}
	return s.right(s.what)
}

// trait is what makes few cases hard from the beginning.
type trait struct {
	knotty   bool // no unit thinks that it is theirs
	stubborn bool // whoever told of it is not content with two answers
}

func (g *Generator) trait(n int) trait {
	roll := g.stream(n, ofTrait).IntN(1000)
	return trait{knotty: roll < 6, stubborn: roll >= 6 && roll < 12}
}
