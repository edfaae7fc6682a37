package rehearsal

import (
	"container/heap"
	"context"
	"errors"
	"strings"
	"time"

	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
	"yiwang/internal/work/brief"
	"yiwang/internal/work/intake"
	"yiwang/internal/work/topic"
)

// errand is what somebody does every few days without a case that asks for it.
type errand struct {
	hour float64 // of the day, China Standard Time
	days int     // between two
	run  func(e *trip) error
}

var errands = []errand{
	{hour: 10, days: 1, run: (*trip).round},
	{hour: 15, days: 3, run: (*trip).theme},
	{hour: 16, days: 1, run: (*trip).mend},
	{hour: 17.5, days: 1, run: (*trip).daily},
	{hour: 11, days: 7, run: (*trip).instructed},
}

// trip is one errand on its way.
type trip struct {
	*Stage
	*cast
	ctx   context.Context
	now   time.Time
	s     *scenario // to say something
	acted int
	heard []heard
}

// heard is a message that was taken down on a round.
type heard struct {
	n     int
	filed cases.Case
}

// sendOut queues the first of every errand.
func (s *Stage) sendOut(start time.Time) {
	for i := range errands {
		e := &errands[i]
		at := shift{e.hour, e.hour + 0.1}.open(s.gen.stream(i, ofPlot), start)
		heap.Push(&s.queue, cue{move: move{at: at}, errand: e})
	}
}

// again queues the next of an errand.
func (s *Stage) again(c cue) {
	next := c.at.In(chinaTime).AddDate(0, 0, c.errand.days)
	heap.Push(&s.queue, cue{move: move{at: next}, errand: c.errand})
}

// goes runs an errand.
func (s *Stage) goes(ctx context.Context, e *errand, now time.Time) (*trip, error) {
	n := aside + int(now.Unix()/3600%1_000_000)
	t := &trip{Stage: s, cast: s.director.cast, ctx: ctx, now: now}
	t.s = &scenario{director: s.director, c: &cases.Case{Unit: s.City.Centre}, n: n, what: s.gen.happens(n), now: now, done: map[string]int{}, r: s.gen.stream(n, ofPlot)}
	err := e.run(t)
	if refused(err) {
		s.Logger.DebugContext(ctx, "a rehearsed errand was not possible", "error", err)
		err = nil
	}
	return t, err
}

// aside is where the numbers of messages begin that are taken down on rounds, away
// from those that come in by themselves; roundSize is how many one round hears.
const (
	aside     = 10_000_000
	roundSize = 3
)

// act does something and counts it.
func (t *trip) act(by org.Actor, id, action string, in input) error {
	_, err := t.Cases.Act(t.ctx, by, cases.Deed{Case: id, Action: action, Input: in})
	if err == nil {
		t.acted++
	}
	return err
}

// open returns the open cases of a family, the oldest first.
func (t *trip) open(family string, most int) ([]cases.Case, error) {
	return sqldb.Select[cases.Case](t.ctx, t.DB.Read(), `select `+cases.Columns+` from cases where family = ? and closed = 0 order by filed_at, id limit ?`, family, most)
}

// round plays the surveyor who writes down what people said, and what follows from
// the round of the day before.
func (t *trip) round() error {
	by, ok := t.one(t.s.r, t.top, "surveyor")
	if !ok {
		return nil
	}
	before, err := t.open("visit", 4)
	if err != nil {
		return err
	}
	for _, c := range before {
		wrote, ok := t.dir().Actor(strings.TrimPrefix(c.FiledBy, string(org.IsStaff)+":"))
		if !ok {
			continue
		}
		if t.s.chance(30) {
			if err := t.act(wrote, c.ID, "note", input{"text": t.s.words("survey_note")}); err != nil {
				return err
			}
		}
		if err := t.act(wrote, c.ID, "report", input{"report": t.s.words("survey_report")}); err != nil {
			return err
		}
	}
	day := t.now.In(chinaTime).Format(time.DateOnly)
	visit, err := t.Desk.File(t.ctx, intake.Message{Family: "visit", Channel: "survey", ExternalID: "rehearsal-round:" + day, Actor: by, Unit: by.Unit,
		Title: t.s.words("survey"), Fields: map[string]any{"day": day, "place": t.s.slots()["place"], "people": t.s.words("survey_people")}})
	if err != nil {
		return err
	}
	t.acted++
	first := aside + int(t.now.Unix()/86400%100_000)*roundSize
	for n := first; n < first+roundSize; n++ {
		m := t.gen.Message(n, t.now)
		m.Channel, m.Actor = "survey", by
		m.Steps = []cases.Step{{Action: "hear", By: org.Machine("rounds"), Input: input{"case": visit.Number}}}
		filed, err := t.Desk.File(t.ctx, m)
		if err != nil {
			return err
		}
		t.heard = append(t.heard, heard{n, filed.Case})
	}
	return nil
}

// theme plays the supervisor who sees one cause behind many cases.
func (t *trip) theme() error {
	by, ok := t.desk(t.s.r, "supervisor")
	since := t.now.AddDate(0, 0, -4).UnixMilli()
	many, err := sqldb.Select[cases.Case](t.ctx, t.DB.Read(), `select `+cases.Columns+` from cases where family = 'appeal' and filed_at >= ? and unit <> '' and matter = (
		select matter from cases where family = 'appeal' and filed_at >= ? and unit <> '' and matter not in (
			select c.matter from link l join cases c on c.id = l.case_id where l.kind = 'gathered_in')
		group by matter order by count(*) desc, matter limit 1) order by filed_at, id limit 12`, since, since)
	if err != nil || !ok || len(many) < 3 {
		return err
	}
	title := t.s.words("theme")
	filed, err := t.Cases.File(t.ctx, cases.Filing{Family: topic.ThemeFamily, Channel: topic.ThemeChannel, ExternalID: "rehearsal-theme:" + t.now.Format(time.DateOnly),
		Content: title, Actor: by, Matter: topic.ThemeFamily, Nature: "主题", Unit: by.Unit, Fields: map[string]any{"title": title, "text": t.s.words("theme_text")}})
	if err != nil {
		return err
	}
	t.acted++
	for _, c := range many {
		if err := t.act(by, c.ID, "gather", input{"case": filed.Number}); err != nil && !refused(err) {
			return err
		}
	}
	return t.act(by, filed.ID, "assign_cause", input{"unit": many[0].Unit, "cause": t.s.words("cause"), "task": t.s.words("assign_cause")})
}

// mend plays the units that remove causes, and the supervisor who looks.
func (t *trip) mend() error {
	themes, err := t.open(topic.ThemeFamily, 20)
	if err != nil {
		return err
	}
	supervisor, _ := t.desk(t.s.r, "supervisor")
	for _, c := range themes {
		by, ok := t.one(t.s.r, c.Unit, "clerk", "head")
		age := t.now.Sub(time.UnixMilli(c.FiledAt))
		switch {
		case c.State == "checking":
			err = t.act(supervisor, c.ID, "close", input{"note": t.s.words("close")})
		case c.State == "mending" && ok && age > 8*24*time.Hour:
			err = t.act(by, c.ID, "finish", input{"report": t.s.words("mended")})
		case c.State == "mending" && ok && c.Version%2 == 0:
			err = t.act(by, c.ID, "report", input{"progress": t.s.words("mending")})
		case c.State == "mending":
			err = t.act(supervisor, c.ID, "note", input{"text": t.s.say(t.s.script.Words.Note)})
		}
		if err != nil && !refused(err) {
			return err
		}
	}
	return nil
}

// daily plays the auditor who edits and hands out the daily brief.
func (t *trip) daily() error { return t.issue(brief.Daily) }

// instructed plays the same for the list of cases with a leader's instruction.
func (t *trip) instructed() error { return t.issue(brief.Instructed) }

func (t *trip) issue(kind string) error {
	by, ok := t.desk(t.s.r, "auditor")
	if t.View == nil || !ok {
		return nil
	}
	if _, err := t.Cases.Sequence(t.ctx, "rehearsal"); err != nil {
		return err
	}
	if err := t.View.CatchUp(t.ctx); err != nil {
		return err
	}
	desk := brief.Desk{City: t.City, Units: t.Units, Cases: t.Cases, View: t.View, Now: func() time.Time { return t.now }}
	id, err := desk.Draft(t.ctx, by, kind, t.now.In(chinaTime).Format(time.DateOnly))
	if err != nil {
		return err
	}
	i, err := desk.Read(t.ctx, by, id)
	if err != nil {
		return err
	}
	t.acted++
	var steps []error
	if len(i.Chosen) > 2 && t.s.chance(40) {
		last := i.Chosen[len(i.Chosen)-1].Case.Number
		steps = append(steps, t.act(by, id, "leave_out", input{"case": last}), t.act(by, id, "choose", input{"case": i.Chosen[0].Case.Number, "summary": i.Chosen[0].Summary}))
	}
	steps = append(steps, t.act(by, id, "edit", input{"title": i.Title, "text": i.Text + "\n" + t.s.words("brief")}))
	if t.s.chance(8) {
		steps = append(steps, t.act(by, id, "drop", input{"reason": t.s.words("drop")}))
	} else {
		steps = append(steps, t.act(by, id, "publish", nil), t.act(by, id, "note", input{"text": t.s.words("brief_note")}))
	}
	return errors.Join(append(steps, desk.Settle(t.ctx))...)
}
