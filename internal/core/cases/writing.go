package cases

import (
	"context"
	"fmt"
	"maps"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/clock"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/notice"
	"yiwang/internal/core/org"
	"yiwang/internal/core/rule"
)

// writing is one case inside one transaction: the row and clocks as they become,
// and the rows that are to be written for it.
type writing struct {
	s      *Store
	ctx    context.Context
	tx     *sqldb.Tx
	m      *machine
	key    gm.Key
	c      Case
	clocks []clock.Clock
	fresh  bool // the case is being opened by this transaction
	mute   bool // history: no clocks, no notices
	rows   []statement
	notes  []notice.Letter // notices, until it is known which are sent
	leaves []waitingLeaf   // of the actions, on SQLite
	was    Case            // the row before this transaction
	moved  []clock.Op      // what its actions do to the clocks
	circle *circle         // the cases written together with it; nil while it is alone
	code   string          // query code of a case that is being opened, in clear
	filed  map[string]any  // what a case that is being opened is filed with

	rulings map[string]Decision // what tables say, by code: worked out before the transaction
}

// statement is a row to be written when everything has been decided.
type statement struct {
	sql  string
	args []any
}

func (w *writing) later(sql string, args ...any) {
	w.rows = append(w.rows, statement{sql, args})
}

// open writes the first action of a case: the filing.
func (w *writing) open(p *prepared) error { return w.openAs(p, nil) }

// openAs files a case that is tied to others from the start.
func (w *writing) openAs(p *prepared, links []LinkRef) error {
	decl := w.m.actions["file"]
	if decl == nil {
		return fmt.Errorf("cases: lifecycle %s declares no filing", w.m.life.Code)
	}
	state := w.m.life.Start
	kind := "file"
	if p.History {
		state, kind = w.m.last, HistoryKind
	}
	set := map[string]any{
		"number": p.number, "family": p.Family, "channel": p.Channel, "filed_by": p.Actor.Ref(),
	}
	optional := map[string]string{
		"matter": p.Matter, "nature": p.Nature, "urgency": p.Urgency, "area": p.Area, "grid": p.Grid, "unit": p.Unit,
	}
	for name, v := range optional {
		if v != "" {
			set[name] = v
		}
	}
	for name, v := range p.public {
		set["data."+name] = v
	}
	if p.body.text("email") != "" {
		set["data."+byMail] = true
	}
	w.code, w.filed, w.rulings = p.code, maps.Clone(p.public), p.rulings
	maps.Copy(w.filed, p.body)
	e := &event{kind: kind, by: p.Actor, to: state, set: set, body: p.body, decl: decl, input: map[string]any{}, files: p.Files, links: links}
	if p.History {
		e.decl = nil
	}
	// What the conditions of the filing can speak of; the fold begins anew.
	w.c = Case{ID: p.id, Number: p.number, Family: p.Family, Unit: p.Unit, Channel: p.Channel, Matter: p.Matter, Nature: p.Nature, Urgency: p.Urgency, Area: p.Area, Grid: p.Grid, Data: encodeMap(p.public)}
	if p.ExternalID != "" {
		// First, so that nothing is written of what is there already.
		w.later(`insert into intake_key (channel, external_id, case_id, content) values (?, ?, ?, ?)`,
			p.Channel, p.ExternalID, p.id, p.Content)
	}
	w.later(`insert into case_key (case_id, wrapped, code) values (?, ?, ?)`, p.id, p.wrapped, w.s.digest("code", p.id, p.code))
	w.later(`insert into case_number (number, case_id) values (?, ?)`, p.number, p.id)
	for _, digest := range p.reach {
		w.later(`insert into contact (digest, case_id) values (?, ?)`, digest, p.id)
	}
	if p.Reading != nil {
		w.later(`insert into reading (case_id, model, doc) values (?, ?, ?)`, p.id, p.Reading.Model, string(p.Reading.Doc))
	}
	if err := w.append(e); err != nil {
		return err
	}
	w.laterWords(p.tokens)
	return nil
}

// byMail is the member of a case's data that says its appellant left an e-mail
// address; the address itself is sealed.
const byMail = "by_mail"

// HistoryKind is the kind of the action that loads a case decided long ago.
const HistoryKind = "history"

// event is an action on its way into the log.
type event struct {
	kind   string
	by     org.Actor
	to     string // new state, "" stays
	set    map[string]any
	input  map[string]any // all of it, as expressions see it
	facts  rule.Vars      // what expressions speak of, where that is known already
	public map[string]any // the part that stands in the header
	body   body
	decl   *compiledAction // nil for what no lifecycle declares (clock, history)
	ops    []clock.Op      // of clocks, decided before (clock events)
	asks   []clock.Effect  // what effects ask of clocks
	links  []LinkRef
	files  []File
	proof  []string
	notes  []noticeRow
	opens  []opening  // cases it opens
	relays []relaying // actions it passes on
	next   []string   // actions that the machine takes right after, as a table decided

	restated int // certificates whose state it changes
}

// append puts an event at the end of the case's log: state, clocks, effects.
func (w *writing) append(e *event) error {
	at := w.tx.Now()
	if at < w.c.UpdatedAt {
		at = w.c.UpdatedAt // a clock of the system that went back does not turn the log around
	}
	from := w.c.State
	if e.set == nil {
		e.set = map[string]any{}
	}
	if e.to != "" && e.to != from {
		st := w.m.states[e.to]
		if st == nil {
			return fmt.Errorf("cases: lifecycle %s has no state %q", w.m.life.Code, e.to)
		}
		e.set["state"], e.set["lane"] = st.Code, st.Lane
		if closed := toInt(st.Closed); closed != int64(w.c.Closed) {
			e.set["closed"] = closed
		}
	}
	if e.decl != nil {
		if err := w.effects(e); err != nil {
			return err
		}
	}
	n := int(w.c.Version) + 1
	if !w.mute && e.ops == nil {
		if err := w.clockOps(e, at, n); err != nil {
			return err
		}
	}
	h := &Header{
		V: headerVersion, Case: w.c.ID, N: n, Kind: e.kind, At: at, By: e.by.Ref(), Unit: e.by.Unit,
		From: from, To: e.to, Set: e.set, Input: e.public, Clocks: e.ops, Links: e.links, Proof: e.proof,
		Pack: w.s.City.Version,
	}
	if err := w.store(e, h); err != nil {
		return err
	}
	return w.onward(e)
}

// store seals the body, folds the action into the row and queues its rows.
func (w *writing) store(e *event, h *Header) error {
	for _, f := range e.files {
		h.Files = append(h.Files, FileRef{ID: f.ID, Digest: f.Digest})
		name, err := sealName(w.key, f.ID, f.Name)
		if err != nil {
			return err
		}
		w.later(`insert into attachment (id, case_id, n, name, type, size, digest, at) values (?, ?, ?, ?, ?, ?, ?, ?)`,
			f.ID, h.Case, h.N, name, f.Type, f.Size, f.Digest, h.At)
	}
	if len(e.body) > 0 {
		sealed, err := sealBody(w.key, h.Case, h.N, e.body)
		if err != nil {
			return err
		}
		h.Body = sealed.digest
		w.later(`insert into body (case_id, n, salt, sealed) values (?, ?, ?, ?)`, h.Case, h.N, sealed.salt, sealed.data)
	}
	raw, err := h.bytes()
	if err != nil {
		return err
	}
	// What is folded is what will be read back: numbers have gone through JSON.
	folded, err := h.reread()
	if err != nil {
		return err
	}
	clocks, err := fold(&w.c, w.clocks, folded, reread(e.body))
	if err != nil {
		return err
	}
	w.clocks, w.moved = clocks, append(w.moved, folded.Clocks...)
	w.c.UnitPath = w.s.Units().Path(w.c.Unit)
	w.later(`insert into action (case_id, n, kind, at, actor, header) values (?, ?, ?, ?, ?, ?)`,
		h.Case, h.N, h.Kind, h.At, h.By, string(raw))
	leaf := leafHash(raw)
	w.await(folded, leaf)
	w.lesson(h)
	for _, v := range JudgedIn(h) {
		w.later(`insert into judged (case_id, other, same, at) values (?, ?, ?, ?)
			on conflict (case_id, other) do nothing`, v.Case, v.Other, v.Same, v.At)
	}
	for _, l := range h.Links {
		w.later(`insert into link (case_id, kind, other, reason, at) values (?, ?, ?, ?, ?)
			on conflict (case_id, kind, other) do nothing`, h.Case, l.Kind, l.Case, l.Reason, h.At)
		w.later(`insert into link (case_id, kind, other, reason, at) values (?, ?, ?, ?, ?)
			on conflict (case_id, kind, other) do nothing`, l.Case, l.Kind+"<", h.Case, l.Reason, h.At)
		w.ring().ties = append(w.ring().ties, tie{h.Case, l.Kind, l.Case})
	}
	for _, note := range e.notes {
		w.laterNotice(h, note)
	}
	return nil
}

// reread returns a body as it will come out of its seal.
func reread(b body) body {
	out, err := rereadMap(b)
	if err != nil || out == nil {
		return body{}
	}
	return out
}

// flush writes the queued rows and the state rows of the case and of all written
// together with it.
func (w *writing) flush() error { return w.each((*writing).flushOne) }

// flushLast has them written at the end of the transaction, in which nobody reads them.
func (w *writing) flushLast() error { return w.each((*writing).leave) }

// each flushes the case and all written together with it.
func (w *writing) each(flush func(*writing) error) error {
	if w.circle == nil {
		return flush(w)
	}
	for _, one := range w.circle.all {
		if len(one.rows) == 0 {
			continue // it was only looked at
		}
		if err := flush(one); err != nil {
			return err
		}
	}
	return nil
}

// flushWith leaves the rows of a case that was opened alone to those that are
// filed together, and writes any other by itself.
func (w *writing) flushWith(t *together) error {
	if t == nil {
		return w.flushLast()
	}
	if w.circle != nil && len(w.circle.all) > 1 {
		if err := t.write(w.ctx, w.tx); err != nil {
			return err
		}
		return w.flush()
	}
	if err := w.finish(); err != nil {
		return err
	}
	t.add(w.c.ID, w.rows)
	return nil
}

func (w *writing) flushOne() error {
	if err := w.finish(); err != nil {
		return err
	}
	var batch sqldb.Batch
	for _, r := range joinInserts(w.rows) {
		batch.Add(r.sql, r.args...)
	}
	changed, err := w.tx.Pipeline(w.ctx, &batch)
	if err != nil {
		return err
	}
	if !w.fresh && changed[len(changed)-1] != 1 {
		return errs.E(errs.Conflict, "cases.changed", nil)
	}
	return nil
}

func (w *writing) leave() error {
	if err := w.finish(); err != nil {
		return err
	}
	rows := joinInserts(w.rows)
	for i, r := range rows {
		if i == len(rows)-1 && !w.fresh {
			w.tx.FinallyOne(r.sql, r.args...)
		} else {
			w.tx.Finally(r.sql, r.args...)
		}
	}
	return nil
}

// finish queues the last rows: the clocks and the state row.
func (w *writing) finish() error {
	w.tx.After(w.s.writers.wake)
	for _, l := range w.leaves {
		w.tx.Carry(l)
	}
	for _, l := range notice.Join(w.notes) {
		sql, args := l.Insert()
		w.later(sql, args...)
	}
	if err := w.keepClocks(); err != nil {
		return err
	}
	if w.fresh {
		w.later(insertCase, w.c.values()...)
		return nil
	}
	sql, args := updateCase(&w.was, &w.c)
	w.later(sql, args...)
	return nil
}

// act takes a declared action on the case in this transaction.
func (w *writing) act(by org.Actor, name string, input map[string]any, files []File) error {
	a := w.m.actions[name]
	if a == nil {
		return errs.E(errs.Invalid, "cases.unknown_action", errs.Args{"action": name})
	}
	clean, err := matter.CheckInput(a.decl.Input, input)
	if err != nil {
		return err
	}
	full := maps.Clone(clean)
	for i := range a.decl.Input {
		f := &a.decl.Input[i]
		if _, ok := full[f.Code]; !ok {
			full[f.Code] = f.Zero()
		}
	}
	if err := w.allowed(a, by); err != nil {
		return err
	}
	facts := w.s.facts(&w.c, by, full)
	if a.guard != nil {
		ok, err := a.guard.Bool(facts)
		if err != nil {
			return err
		}
		if !ok {
			return errs.E(errs.Conflict, "cases.guard", errs.Args{"why": a.decl.Refuse})
		}
	}
	e := &event{kind: name, by: by, to: a.decl.To, decl: a, input: full, facts: facts, public: map[string]any{}, body: body{}, files: files}
	for i := range a.decl.Input {
		f := &a.decl.Input[i]
		v, ok := clean[f.Code]
		switch {
		case !ok || f.Type == matter.Files:
		case f.Sealed():
			e.body[f.Code] = v
		default:
			e.public[f.Code] = v
		}
	}
	for _, b := range a.branches {
		ok, err := b.when.Bool(facts)
		if err != nil {
			return err
		}
		if ok {
			e.to = b.to
			break
		}
	}
	return w.append(e)
}

// allowed says whether the action is open to the actor now, whatever is entered. Errors:
// Conflict "cases.not_open" (the state), Forbidden "cases.not_yours".
func (w *writing) allowed(a *compiledAction, by org.Actor) error {
	if !a.openIn(w.c.State, w.m) {
		return errs.E(errs.Conflict, "cases.not_open", errs.Args{"action": a.decl.Title, "state": w.m.stateTitle(w.c.State)})
	}
	if !w.s.Units().May(by, a.decl.Who, w.s.ref(&w.c)) {
		return errs.E(errs.Forbidden, "cases.not_yours", errs.Args{"action": a.decl.Title})
	}
	return nil
}
