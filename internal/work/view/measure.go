package view

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/clock"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
	"yiwang/internal/core/place"
)

// The measures: what an action of a case counts as. They speak of what changed in
// the case, not of the names of actions, so that they hold for every lifecycle.
const (
	Received      = "received"         // a case was filed
	Dispatched    = "dispatched"       // a case that had no unit got one
	AutoSent      = "auto_dispatched"  // of them, by the machine
	Returned      = "returned"         // a unit asked to be rid of it
	AutoReturned  = "auto_returned"    // of them, of cases that the machine had sent
	AutoWrong     = "auto_wrong"       // of those sent by the machine, came back, went elsewhere or got another matter; of the day it was sent
	Redispatched  = "redispatched"     // it went from one unit to another
	Answered      = "answered"         // a result stands for the first time: the unit is done (办结)
	AnsweredLate  = "answered_late"    // of them, after a clock of the unit was late
	Overridden    = "answered_despite" // sent in spite of a finding of the reply check
	Closed        = "closed"           // nobody has to act any more
	ClosedLate    = "closed_late"      // of them, after a clock of the unit was late
	Reworked      = "reworked"         // it went back to the unit because the answer did not satisfy
	Urged         = "urged"            // somebody urged the unit
	Rated         = "rated"            // rated_1 … rated_5 are its parts
	Satisfied     = "satisfied"        // rated satisfied or very satisfied
	Responded     = "responded"        // the appellant was contacted within the clock for it
	RespondedNot  = "respond_late"     // that clock ran out, contacted afterwards or not
	Missent       = "missent"          // the first unit was the wrong one: it went to another or back; counts once a case, for that unit
	Asked         = "asked"            // the appellant was asked whether it is solved
	Solved        = "solved"           // of them, it is
	Silent        = "silent"           // answered, and put away without a word of the appellant
	Ended         = "ended"            // answered, or closed without: nobody waits for the unit any more
	HandledIn     = "handled_minutes"  // minutes from filing to the answer, added up
	Pending       = "pending"          // stock: filed and not ended
	Overdue       = "overdue"          // stock: of them, with a clock of the unit that was late
	hourSeparator = "@"
)

// Stock reports whether a measure is a stock: its rows are what came and what
// went, so that their sum up to a day is what there was at its end.
func Stock(measure string) bool { return measure == Pending || measure == Overdue }

// Measures lists all measures.
func Measures() []string {
	return []string{Received, Dispatched, AutoSent, Returned, AutoReturned, AutoWrong, Redispatched, Answered, AnsweredLate, Overridden, Closed,
		ClosedLate, Reworked, Urged, Rated, "rated_1", "rated_2", "rated_3", "rated_4", "rated_5", Satisfied,
		Responded, RespondedNot, Missent, Asked, Solved, Silent, Ended, HandledIn, SparedDocuments, SparedDays, SparedSteps, Pending, Overdue}
}

// satisfiedUpTo is the worst rating that counts as satisfied (GB/T 39046 A.8: 1
// very satisfied, 2 satisfied, 3 neutral).
const satisfiedUpTo = 2

// history is the kind of action by which a case decided long ago is loaded; it
// counts as nothing that happened here.
const history = "history"

// told is what an action counts as.
type told struct {
	measure string
	n       int64
	before  bool // under what the case was before the action
}

// teller goes through a case's actions in order and tells what each counts as.
type teller struct {
	catalog   *matter.Catalog
	only      string // family that counts although it is work among offices
	history   bool
	byMachine bool // who last gave it to a unit
	answered  bool
	sent      *sending
	ended     bool
	missent   bool
	stock     map[string]bool     // which stocks the case stands in
	responses map[clockRound]bool // rounds of the contact clock that were counted
	spared    sparing
}

// sending is how the machine gave a case to a unit.
type sending struct {
	at    int64
	as    cases.Case // as it was sent
	wrong bool       // it did not stay so
}

// undone reports whether a case is no longer as the machine sent it.
func (s *sending) undone(m *cases.Moment) bool {
	return m.After.Count("returns") > m.Before.Count("returns") || m.After.Unit != s.as.Unit || m.After.Matter != s.as.Matter
}

// clockRound is one round of a clock.
type clockRound struct {
	code  string
	round int
}

// waiting are the lanes of cases whose appellant may say what they think of the answer.
var waiting = []string{"callback", "later", "rate"}

// contactClock is the clock within which the appellant is to be contacted.
const contactClock = "contact"

func (v *View) teller() teller {
	return teller{catalog: v.City.Catalog, stock: map[string]bool{}, responses: map[clockRound]bool{}, spared: sparing{calendar: v.City.Calendar}}
}

// internal reports whether a family is work among offices, which counts as nothing.
func (t *teller) internal(family string) bool {
	f := t.catalog.Family(family)
	return f != nil && !f.Asked() && family != t.only
}

func (t *teller) tell(m cases.Moment) []told {
	h, was, is := m.Header, &m.Before, &m.After
	if h.N == 1 {
		t.history = h.Kind == history
	}
	if t.history || t.internal(is.Family) {
		return nil
	}
	t.spared.follow(h)
	var out []told
	add := func(when bool, measure string) {
		if when {
			out = append(out, told{measure: measure, n: 1})
		}
	}
	raised := func(counter string) bool { return is.Count(counter) > was.Count(counter) }
	add(h.N == 1, Received)
	if h.N > 1 && is.Unit != "" && is.Unit != was.Unit {
		t.byMachine = strings.HasPrefix(h.By, string(org.IsMachine)+":")
		add(was.Unit == "", Dispatched)
		add(was.Unit == "" && t.byMachine, AutoSent)
		add(was.Unit != "", Redispatched)
	}
	if t.sent != nil && !t.sent.wrong && t.sent.undone(&m) {
		t.sent.wrong = true
		add(true, AutoWrong)
	}
	if was.Unit == "" && is.Unit != "" && h.N > 1 && t.byMachine && t.sent == nil {
		t.sent = &sending{at: h.At, as: *is}
	}
	if was.Unit != "" && is.Unit != was.Unit && !t.missent {
		t.missent = true
		out = append(out, told{Missent, 1, true})
	}
	add(raised("returns"), Returned)
	add(raised("returns") && t.byMachine, AutoReturned)
	add(raised("reworks"), Reworked)
	add(raised("urges"), Urged)
	add(raised("overrides"), Overridden)
	late := slices.ContainsFunc(m.Clocks, func(c clock.Clock) bool { return c.Of == "unit" && c.Breached })
	ends := !t.ended && (is.Result != "" || is.Closed == 1)
	if !t.answered && is.Result != "" {
		t.answered = true
		add(true, Answered)
		add(late, AnsweredLate)
		out = append(out, t.spared.answered(t.catalog.Family(is.Family), is, h.At)...)
		out = append(out, told{measure: HandledIn, n: (h.At - is.FiledAt) / time.Minute.Milliseconds()})
	}
	add(is.Closed == 1 && was.Closed == 0 && is.Rating == 0 && slices.Contains(waiting, was.Lane), Silent)
	add(ends, Ended)
	t.ended = t.ended || ends
	if is.Closed == 1 && was.Closed == 0 {
		add(true, Closed)
		add(late, ClosedLate)
	}
	out = append(out, t.response(h)...)
	if said, ok := h.Input["solved"].(string); ok {
		add(true, Asked)
		add(said == "yes", Solved)
	}
	if rating, ok := h.Set["rating"]; ok && is.Rating > 0 && rating != nil {
		add(true, Rated)
		add(true, fmt.Sprintf("rated_%d", is.Rating))
		add(is.Rating <= satisfiedUpTo, Satisfied)
	}
	moved := h.N > 1 && (is.Unit != was.Unit || is.Area != was.Area || is.Matter != was.Matter)
	out = t.stands(out, Pending, !t.ended, moved)
	return t.stands(out, Overdue, !t.ended && late, moved)
}

// response tells how a round of the contact clock went, once: in time when it is
// stopped, late as soon as it runs out.
func (t *teller) response(h *cases.Header) (out []told) {
	for _, op := range h.Clocks {
		round := clockRound{op.Code, op.Round}
		late := op.Verb == clock.Breach || op.Verb == clock.Stop && op.State == clock.Breached
		if op.Code != contactClock || t.responses[round] || op.Verb != clock.Stop && !late {
			continue
		}
		t.responses[round] = true
		measure := Responded
		if late {
			measure = RespondedNot
		}
		out = append(out, told{measure: measure, n: 1})
	}
	return out
}

// stands adds what a case coming into a stock, leaving it or moving within it
// counts as.
func (t *teller) stands(out []told, stock string, in, moved bool) []told {
	if t.stock[stock] && (!in || moved) {
		out = append(out, told{stock, -1, true})
	}
	if in && (!t.stock[stock] || moved) {
		out = append(out, told{stock, 1, false})
	}
	t.stock[stock] = in
	return out
}

// dims is what a measure is counted under.
type dims struct{ day, unit, area, matter, channel, measure string }

// dimsOf returns what a measure of a moment is counted under. A return belongs
// to the unit that asked for it, a mistake of the machine to the hour, unit and
// matter of its sending.
func (v *View) dimsOf(t *teller, m cases.Moment, one told) dims {
	c, when, measure := &m.After, m.Header.At, one.measure
	if one.before {
		c = &m.Before
	}
	if measure == AutoWrong {
		c, when = &t.sent.as, t.sent.at
	}
	area, _ := v.street(c.Area)
	if area == "" {
		area = c.Area // the city as a whole, or nowhere
	}
	at := time.UnixMilli(when).In(text.CST)
	d := dims{day: at.Format(time.DateOnly), unit: c.Unit, area: area, matter: c.Matter, channel: c.Channel,
		measure: measure + hourSeparator + at.Format("15")}
	if measure == Returned && m.Before.Unit != "" {
		d.unit = m.Before.Unit
	}
	return d
}

// dayBounds returns a day's first moment and that of the next. Error: Invalid.
func dayBounds(day string) (from, to int64, err error) {
	t, err := time.ParseInLocation(time.DateOnly, day, text.CST)
	if err != nil {
		return 0, 0, errs.E(errs.Invalid, "view.bad_day", nil).At("day")
	}
	return t.UnixMilli(), t.AddDate(0, 0, 1).UnixMilli(), nil
}

// didSlack is how much around a day is looked at in the log, since actions are
// numbered only nearly in the order of their times.
const didSlack = 10 * time.Minute

// mostDid bounds how many cases stand behind one figure.
const mostDid = 5000

// did narrows to the cases behind a figure: it goes through the day's part of the
// log and tells again what was counted.
func (v *View) did(ctx context.Context, w *where, q *Query) error {
	if !slices.Contains(Measures(), q.Did) {
		return errs.E(errs.Invalid, "view.bad_measure", nil).At("did")
	}
	from, to, err := dayBounds(q.Day)
	if err == nil && q.DayTo != "" {
		_, to, err = dayBounds(q.DayTo)
	}
	if err != nil {
		return err
	}
	if Stock(q.Did) {
		ids, err := v.stock(ctx, q, to)
		if err == nil {
			w.among(ids)
		}
		return err
	}
	seq, err := v.Cases.SeqAt(ctx, from-didSlack.Milliseconds())
	if err != nil {
		return err
	}
	last, err := v.Cases.SeqAt(ctx, to+didSlack.Milliseconds())
	if err != nil {
		return err
	}
	var ids []string
	seen := map[string]bool{}
	for seq < last {
		batch, err := v.Cases.Since(ctx, seq, foldBatch)
		if err != nil {
			return err
		}
		if len(batch) == 0 {
			break
		}
		for _, a := range batch {
			seq = a.Seq + 1
			id := a.Header.Case
			if seen[id] || a.Header.At < from || a.Header.At >= to || !mayTell(a.Header, q) {
				continue
			}
			seen[id] = true
			if hit, err := v.hadOn(ctx, id, q); err != nil {
				return err
			} else if hit && len(ids) < mostDid {
				ids = append(ids, id)
			}
		}
	}
	w.among(ids)
	return nil
}

// among narrows to cases by their ids.
func (w *where) among(ids []string) {
	if len(ids) == 0 {
		w.add("1 = 0")
		return
	}
	w.add("id in ("+places(len(ids))+")", anys(ids)...)
}

// mayTell sorts out, without folding the case, most actions that cannot count as
// a measure.
func mayTell(h *cases.Header, q *Query) bool {
	switch q.Did {
	case AutoSent, AutoWrong: // behind both stands the sending
		unit, _ := h.Set["unit"].(string)
		matter, _ := h.Set["matter"].(string)
		return unit != "" && strings.HasPrefix(h.By, string(org.IsMachine)+":") && (q.Matter == "" || matter == "" || matter == q.Matter)
	case Received:
		return h.N == 1
	case Responded, RespondedNot:
		return slices.ContainsFunc(h.Clocks, func(op clock.Op) bool { return op.Code == contactClock })
	case Asked, Solved:
		return h.Input["solved"] != nil
	case Returned, AutoReturned, Reworked, Urged, Overridden:
		for name := range h.Set {
			if strings.HasPrefix(name, "counts.") {
				return true
			}
		}
		return false
	}
	return len(h.Set) > 0
}

// hadOn reports whether a case had the measure of a query in its days, in
// the unit and area asked for as they were then: a case that went elsewhere since
// still stands behind the figure of the unit that had it.
func (v *View) hadOn(ctx context.Context, id string, q *Query) (hit bool, err error) {
	last := max(q.Day, q.DayTo)
	t := v.teller()
	dir := v.Units()
	street, everywhere := v.street(q.Area)
	err = v.Cases.Replay(ctx, id, func(m cases.Moment) error {
		for _, one := range t.tell(m) {
			if one.measure != q.Did {
				continue
			}
			d := v.dimsOf(&t, m, one)
			if d.day < q.Day || d.day > last || q.Matter != "" && d.matter != q.Matter {
				continue
			}
			hit = hit || (q.Unit == "" || org.Covers(dir.Path(q.Unit), dir.Path(d.unit))) && (everywhere || d.area == street)
		}
		return nil
	})
	return hit, err
}

// street returns the area under which figures of an area are kept; everywhere says
// that no area was asked for, or the whole city.
func (v *View) street(area string) (code string, everywhere bool) {
	a, ok := v.City.Places.Area(area)
	if area == "" || ok && a.Parent == "" {
		return "", true
	}
	if s, found := v.City.Places.Up(area, place.Street); found {
		return s.Code, false
	}
	return area, false
}
