package cases

import (
	"fmt"
	"slices"
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
	"yiwang/internal/core/rule"
)

// circle is the cases that one transaction writes together: the one that was acted
// on, those it opened, those it passed something on to. Each is there once, so
// that what goes out and comes back meets the case as it has become.
type circle struct {
	all   []*writing
	ties  []tie // made in this transaction, not in the table yet
	depth int

	numbers map[string]string // ids of other cases whose numbers are known already
}

// knows takes down the id of the case with a number.
func (r *circle) knows(number, id string) {
	if r.numbers == nil {
		r.numbers = map[string]string{}
	}
	r.numbers[number] = id
}

type tie struct{ from, kind, to string }

// mostRelays bounds how far one action is passed on from case to case.
const mostRelays = 8

// ring returns the circle that a case is written in.
func (w *writing) ring() *circle {
	if w.circle == nil {
		w.circle = &circle{all: []*writing{w}}
	}
	return w.circle
}

// join takes a case into the circle, as it stands there or from the database.
func (w *writing) join(id string) (*writing, error) {
	r := w.ring()
	for _, one := range r.all {
		if one.c.ID == id {
			return one, nil
		}
	}
	one, err := w.s.load(w.ctx, w.tx, id)
	if err != nil {
		return nil, err
	}
	one.circle = r
	r.all = append(r.all, one)
	return one, nil
}

// opening is another case that an action opens.
type opening struct {
	family string
	link   string
	unit   string
	fields map[string]any
}

// relaying is an action that is passed on to other cases.
type relaying struct {
	kind   string // of tie, "" where id says the case
	id     string
	action string
	input  map[string]any
}

// opens notes the case that an effect opens; it is filed when the action itself
// stands in the log.
func (w *writing) opens(e *event, f *compiledEffect, facts rule.Vars) error {
	d := f.decl.Open
	o := opening{link: d.Link, fields: map[string]any{}}
	for name, prog := range f.set {
		v, err := prog.Value(facts)
		if err != nil {
			return err
		}
		o.fields[name] = v
	}
	if f.value != nil {
		v, err := f.value.Value(facts)
		if err != nil {
			return err
		}
		o.unit = fmt.Sprint(v)
		if u, ok := w.s.Units().Unit(o.unit); !ok || !u.Active {
			return errs.E(errs.Invalid, "cases.unknown_unit", errs.Args{"unit": o.unit}).At("unit")
		}
	}
	codes := w.m.family.PartCodes(d.Family)
	for _, family := range codes {
		o.family = family
		e.opens = append(e.opens, o)
	}
	if d.Family == matter.PartsWord {
		e.set["counts.parts"] = w.c.Count("parts") + int64(len(codes))
	}
	return nil
}

// relays notes what an effect passes on.
func (w *writing) relays(e *event, f *compiledEffect, facts rule.Vars) error {
	d := f.decl.Relay
	r := relaying{kind: d.To, action: d.Action, input: map[string]any{}}
	for name, prog := range f.set {
		v, err := prog.Value(facts)
		if err != nil {
			return err
		}
		r.input[name] = v
	}
	if f.value != nil {
		v, err := f.value.Value(facts)
		if err != nil {
			return err
		}
		if r.id, err = w.numbered(fmt.Sprint(v)); err != nil {
			return err
		}
	}
	e.relays = append(e.relays, r)
	return nil
}

// numbered returns the id of the case with a number. Errors: Invalid, NotFound.
func (w *writing) numbered(typed string) (id string, err error) {
	number, err := ParseNumber(typed)
	if err != nil {
		return "", err
	}
	if id, ok := w.ring().numbers[number]; ok {
		return id, nil
	}
	err = w.tx.Aside().QueryRow(w.ctx, `select case_id from case_number where number = ?`, number).Scan(&id)
	return id, notFound(err)
}

// onward opens the cases and passes on the actions that an action declared.
func (w *writing) onward(e *event) error {
	for _, o := range e.opens {
		if err := w.openOther(e, o); err != nil {
			return err
		}
	}
	for _, r := range e.relays {
		if err := w.passOn(r); err != nil {
			return err
		}
	}
	for _, name := range e.next {
		if err := w.act(org.Machine("rule"), name, nil, nil); err != nil {
			return err
		}
	}
	return nil
}

// openOther files a case that belongs to this one. What it declares and this one
// was filed with is taken over: text, place, how to reach the person.
func (w *writing) openOther(e *event, o opening) error {
	m := w.s.machines[o.family]
	if m == nil {
		return errs.E(errs.Invalid, "cases.unknown_family", errs.Args{"family": o.family})
	}
	mine, err := w.filedFields()
	if err != nil {
		return err
	}
	fields := map[string]any{}
	for _, f := range m.family.Fields {
		if v, ok := mine[f.Code]; ok && f.Type != matter.Files {
			fields[f.Code] = v
		}
		if v, ok := o.fields[f.Code]; ok {
			fields[f.Code] = v
		}
	}
	number, err := w.s.numbers.ready(w.s.City.NumberPrefix)
	if err != nil {
		return err
	}
	f := Filing{
		Family: o.family, Channel: w.c.Channel, Actor: e.by, Fields: fields, Unit: o.unit, Area: w.c.Area, Grid: w.c.Grid,
		Urgency: w.c.Urgency, Lng: w.c.Lng, Lat: w.c.Lat, Nature: m.family.Natures[0],
	}
	if one := w.s.City.Catalog.Find(o.family, o.family); one != nil {
		f.Matter = o.family
		if f.Unit == "" {
			f.Unit = w.s.City.Responsible(w.s.Units(), one, f.Area).Unit
		}
	}
	f.Parties, f.Agreed = w.parties()
	p, err := w.s.prepareAs(w.ctx, f, number)
	if err != nil {
		return err
	}
	p.rulings = w.rulings
	r := w.ring()
	other := &writing{s: w.s, ctx: w.ctx, tx: w.tx, m: m, key: p.key, fresh: true, circle: r}
	r.all = append(r.all, other)
	return other.openAs(p, []LinkRef{{Kind: o.link, Case: w.c.ID}})
}

// parties returns whose this case is, and whether they agreed to be looked up.
func (w *writing) parties() ([]Party, bool) {
	filed, err := w.filedFields()
	if err != nil {
		return nil, false
	}
	return body(filed).parties(), filed[agreedMember] == true
}

// filedFields returns what this case was filed with.
func (w *writing) filedFields() (map[string]any, error) {
	if w.fresh {
		return w.filed, nil
	}
	out := w.c.data()
	b, err := w.s.filedBodyIn(w.ctx, w.tx.Aside(), w.c.ID)
	for name, v := range b {
		out[name] = v
	}
	return out, err
}

// passOn takes an action on the tied cases where it is open; a case that is past
// it is left alone.
func (w *writing) passOn(r relaying) error {
	ids := []string{r.id}
	if r.kind != "" {
		var err error
		if ids, err = w.tied(r.kind); err != nil {
			return err
		}
	}
	ring := w.ring()
	if ring.depth++; ring.depth > mostRelays {
		return fmt.Errorf("cases: %s is passed on in a circle", r.action)
	}
	defer func() { ring.depth-- }()
	for _, id := range ids {
		other, err := w.join(id)
		if err != nil {
			return err
		}
		a := other.m.actions[r.action]
		if a == nil || !a.openIn(other.c.State, other.m) {
			continue
		}
		if err := other.act(org.Machine("relay"), r.action, r.input, nil); err != nil {
			return err
		}
	}
	return nil
}

// tied returns the cases that a kind of tie leads to, in their order.
func (w *writing) tied(kind string) ([]string, error) {
	var ids []string
	if !w.fresh { // what is tied to one that is only being opened is in the ring
		var err error
		ids, err = sqldb.Select[string](w.ctx, w.tx.Aside(), `select other from link where case_id = ? and kind = ? order by other`, w.c.ID, kind)
		if err != nil {
			return nil, err
		}
	}
	back, reversed := strings.CutSuffix(kind, "<")
	for _, t := range w.ring().ties {
		switch {
		case !reversed && t.from == w.c.ID && t.kind == kind && !slices.Contains(ids, t.to):
			ids = append(ids, t.to)
		case reversed && t.to == w.c.ID && t.kind == back && !slices.Contains(ids, t.from):
			ids = append(ids, t.from)
		}
	}
	return ids, nil
}
