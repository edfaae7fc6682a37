package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/clock"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/notice"
	"yiwang/internal/core/org"
	"yiwang/internal/core/place"
	"yiwang/internal/core/rule"
)

// Published is the body member that holds the public answer of an action.
const Published = "published"

// effects carries out what an action declares beyond moving the case.
func (w *writing) effects(e *event) error {
	if len(e.decl.effects) == 0 {
		return nil
	}
	facts := e.facts // as the case was before it: effects change the event alone
	if facts.Case == nil {
		facts = w.s.facts(&w.c, e.by, e.input)
	}
	for i := range e.decl.effects {
		f := &e.decl.effects[i]
		if f.when != nil {
			ok, err := f.when.Bool(facts)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
		}
		if err := w.effect(e, f, facts); err != nil {
			return err
		}
	}
	return nil
}

func (w *writing) effect(e *event, f *compiledEffect, facts rule.Vars) error {
	switch d := f.decl; {
	case d.Set != nil:
		for name, prog := range f.set {
			v, err := prog.Value(facts)
			if err != nil {
				return err
			}
			if name == "matter" && w.s.City.Catalog.Find(w.c.Family, fmt.Sprint(v)) == nil {
				return errs.E(errs.Invalid, "cases.unknown_matter", errs.Args{"matter": v}).At("matter")
			}
			e.set[name] = v
		}
	case d.Assign != "":
		return w.assign(e, f, facts)
	case d.Hold != "":
		return w.hold(e, f, facts)
	case d.Place != "":
		return w.place(e, f, facts)
	case d.Count != "":
		e.set["counts."+d.Count] = w.c.Count(d.Count) + 1
	case d.Rate != "":
		v, err := f.value.Value(facts)
		if err != nil {
			return err
		}
		e.set["rating"] = v
	case d.Publish != "":
		v, err := f.value.Value(facts)
		if err != nil {
			return err
		}
		if e.body == nil {
			e.body = body{}
		}
		e.body[Published] = v
	case d.Link != nil:
		return w.link(e, f, facts)
	case d.Open != nil:
		return w.opens(e, f, facts)
	case d.Relay != nil:
		return w.relays(e, f, facts)
	case d.Amend != nil:
		return w.amend(e, d.Amend)
	case d.Serial != "":
		return w.serial(e, d.Serial)
	case d.Decide != nil:
		return w.decides(e, d.Decide)
	case d.Reserve != nil:
		return w.reserve(e, f, facts)
	case d.Release != "":
		return w.release(f, facts)
	case d.Record != nil:
		return w.record(e, d.Record)
	case d.Notify != nil:
		w.notify(e, d.Notify)
	case d.Issue != "":
		return w.issue(e, d.Issue)
	case d.Status != nil:
		return w.status(e, d.Status)
	case d.Extend != "":
		return w.extend(e, f, facts)
	case d.Pause != "":
		e.asks = append(e.asks, clock.Effect{Verb: clock.Pause, Clock: d.Pause})
	case d.Resume != "":
		e.asks = append(e.asks, clock.Effect{Verb: clock.Resume, Clock: d.Resume})
	}
	return nil
}

// amend puts right what was filed: from here on the case is found, and its appellant
// reached, by what is entered now. What was filed stays in the log.
func (w *writing) amend(e *event, fields []string) error {
	was, err := w.s.filedBodyIn(w.ctx, w.tx.Aside(), w.c.ID)
	if err != nil {
		return err
	}
	now := maps.Clone(was)
	if now == nil {
		return errs.E(errs.Conflict, "cases.erased", nil)
	}
	for _, code := range fields {
		if v, ok := e.body[code]; ok {
			now[code] = v
		}
	}
	for _, digest := range w.s.reach(was) {
		w.later(`delete from contact where digest = ? and case_id = ?`, digest, w.c.ID)
	}
	for _, digest := range w.s.reach(now) {
		w.later(`insert into contact (digest, case_id) values (?, ?) on conflict (digest, case_id) do nothing`, digest, w.c.ID)
	}
	if now.text("email") != "" {
		e.set["data."+byMail] = true
	}
	return nil
}

// assign gives the case to a unit and lets go of the person who held it.
func (w *writing) assign(e *event, f *compiledEffect, facts rule.Vars) error {
	v, err := f.value.Value(facts)
	if err != nil {
		return err
	}
	code := fmt.Sprint(v)
	if code != "" {
		u, ok := w.s.Units().Unit(code)
		if !ok || !u.Active {
			return errs.E(errs.Invalid, "cases.unknown_unit", errs.Args{"unit": code}).At("unit")
		}
	}
	e.set["unit"], e.set["holder"] = code, ""
	return nil
}

func (w *writing) hold(e *event, f *compiledEffect, facts rule.Vars) error {
	v, err := f.value.Value(facts)
	if err != nil {
		return err
	}
	id, _ := v.(string)
	if id != "" {
		st, ok := w.s.Units().Staff(id)
		if !ok || !st.Active || !org.Covers(w.s.Units().Path(w.c.Unit), w.s.Units().Path(st.Unit)) {
			return errs.E(errs.Invalid, "cases.unknown_staff", nil).At("staff")
		}
	}
	e.set["holder"] = id
	return nil
}

func (w *writing) place(e *event, f *compiledEffect, facts rule.Vars) error {
	v, err := f.value.Value(facts)
	if err != nil {
		return err
	}
	code := fmt.Sprint(v)
	area, ok := w.s.City.Places.Area(code)
	if !ok {
		return errs.E(errs.Invalid, "cases.unknown_area", errs.Args{"area": code}).At("area")
	}
	e.set["area"], e.set["grid"] = area.Code, ""
	if area.Level == place.Grid {
		e.set["area"], e.set["grid"] = area.Parent, area.Code
	}
	return nil
}

func (w *writing) link(e *event, f *compiledEffect, facts rule.Vars) error {
	v, err := f.value.Value(facts)
	if err != nil {
		return err
	}
	other, err := w.numbered(fmt.Sprint(v))
	if err != nil {
		return err
	}
	if other == w.c.ID {
		return errs.E(errs.Invalid, "cases.link_self", nil).At("case")
	}
	if in := f.decl.Link.In; len(in) > 0 {
		o, err := w.join(other)
		if err != nil {
			return err
		}
		if !slices.Contains(in, o.c.State) {
			return errs.E(errs.Conflict, "cases.link_state", errs.Args{"number": o.c.Number, "state": o.m.stateTitle(o.c.State)}).At("case")
		}
	}
	if slices.Contains([]string{Repeats, Recurs, Differs}, f.decl.Link.Kind) {
		tied, err := w.tied(f.decl.Link.Kind)
		if err != nil {
			return err
		}
		if slices.Contains(tied, other) {
			return errs.E(errs.Exists, "cases.linked", nil)
		}
	}
	reason, _ := e.input["reason"].(string)
	delete(e.body, "reason")
	e.links = append(e.links, LinkRef{Kind: f.decl.Link.Kind, Case: other, Reason: reason})
	return nil
}

// extend lengthens a running clock: "handle by input.days".
func (w *writing) extend(e *event, f *compiledEffect, facts rule.Vars) error {
	v, err := f.value.Value(facts)
	if err != nil {
		return err
	}
	by := clock.Limit{N: int(toInt(v)), Unit: clock.Day}
	e.asks = append(e.asks, clock.Effect{Verb: clock.Extend, Clock: f.clock, By: by})
	return nil
}

// audience returns who a notice goes to, "" where nobody is there to be told.
func (w *writing) audience(e *event, to string) string {
	unit, _ := e.set["unit"].(string)
	if unit == "" {
		unit = w.c.Unit
	}
	holder, ok := e.set["holder"].(string)
	if !ok {
		holder = w.c.Holder
	}
	switch to {
	case "appellant":
		return "appellant"
	case "unit":
		if unit != "" {
			return "unit:" + unit
		}
	case "holder":
		if holder != "" {
			return "staff:" + holder
		}
	case "centre":
		return "unit:" + w.s.City.Centre
	}
	return ""
}

func (w *writing) notify(e *event, n *matter.Notify) {
	if w.mute {
		return
	}
	if to := w.audience(e, n.To); to != "" {
		e.notes = append(e.notes, noticeRow{template: n.Template, audience: to, due: n.Due})
	}
}

// noticeRow is a notice to be sent when the transaction is durable.
type noticeRow struct {
	template, audience string
	about              string // what tells two notices of one action apart
	due                string // code of the clock that {due} speaks of
	args               map[string]any
}

func (w *writing) laterNotice(h *Header, n noticeRow) {
	t, ok := w.s.City.Templates.Find(n.template)
	if !ok {
		return // yiwang check refuses such a pack
	}
	args := map[string]any{"number": w.c.Number, "unit": w.c.Unit, "state": w.c.State}
	if due := w.due(n.due); due > 0 {
		args["due"] = due
	}
	for k, v := range n.args {
		args[k] = v
	}
	if w.code != "" && n.audience == "appellant" && slices.Contains(notice.Placeholders(t.Text), "code") {
		args["code"] = w.code // to the address that the case was filed from; forgotten when it has left
	}
	doc, err := json.Marshal(args)
	if err != nil {
		return // plain strings and numbers always encode
	}
	queue := func(audience, channel string) {
		// The id is made of what the notice is, so that no path can send it twice.
		id := strings.Join([]string{h.Case, fmt.Sprint(h.N), n.template, n.about, audience, channel}, "/")
		l := notice.Letter{ID: id, CaseID: h.Case, N: h.N, Template: n.template, Audience: audience, Channel: channel, Args: string(doc), At: h.At}
		w.notes = slices.DeleteFunc(w.notes, func(less notice.Letter) bool {
			return less.Audience == audience && less.Channel == channel && slices.Contains(t.InsteadOf, less.Template)
		})
		w.notes = append(w.notes, l)
	}
	for _, channel := range t.Channel {
		if channel == notice.Mail && w.c.data()[byMail] != true {
			continue
		}
		queue(n.audience, channel)
	}
	// At night nobody sits at the unit's desk: what is worth a text message reaches
	// those on its roster themselves.
	unit, ok := strings.CutPrefix(n.audience, "unit:")
	if !ok || !slices.Contains(t.Channel, notice.SMS) {
		return
	}
	for _, id := range w.s.Units().OnDuty(unit, time.UnixMilli(h.At)) {
		for _, channel := range t.Channel {
			if channel == notice.SMS || channel == notice.IM {
				queue("staff:"+id, channel)
			}
		}
	}
}

// due returns when the clock with a code is due, the one due next where none is
// named or that one does not run; 0 if nothing runs.
func (w *writing) due(code string) int64 {
	for i := range w.clocks {
		if k := &w.clocks[i]; k.Code == code && k.State == clock.Running {
			return k.DueAt
		}
	}
	return w.c.DueAt
}

// Reading returns what the machine read in a case's message. Error: NotFound.
func (s *Store) Reading(ctx context.Context, id string) (Reading, error) {
	var r Reading
	var doc string
	err := s.DB.Read().QueryRow(ctx, `select model, doc from reading where case_id = ?`, id).Scan(&r.Model, &doc)
	r.Doc = json.RawMessage(doc)
	return r, notFound(err)
}
