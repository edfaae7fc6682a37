package intake

import (
	"context"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/city"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
	"yiwang/internal/core/place"
	"yiwang/internal/work/dispatch"
	"yiwang/internal/work/repeat"
)

// Judge is the machine that reads messages, as it is now: it learns while it works.
type Judge interface {
	Read(dispatch.Message) dispatch.Reading
	Sure(dispatch.Reading) bool
	ReadParts(dispatch.Message) (dispatch.Reading, []dispatch.Part)
}

// Desk reads messages and files them. It is safe for concurrent use.
type Desk struct {
	City    *city.City
	Units   func() *org.Directory
	Cases   *cases.Store
	Judge   Judge
	Repeats *repeat.Index // nil proposes no likely repeats
	Habits  *Habits       // nil follows the duty list alone
	Heard   func(Heard)   // hears each message that was judged and filed; nil where nobody listens
	Now     func() time.Time
}

// Heard is a message that was filed, for those who would otherwise open its case and
// have it judged once more.
type Heard struct {
	Case, Title, Text string
	Reading           dispatch.Reading
}

// Reading is what the desk made of a message; it is kept with the case and shown
// to whoever decides.
type Reading struct {
	Model   string       `json:"model"`
	Matters []Suggestion `json:"matters"` // the best three, likeliest first
	Nature  string       `json:"nature"`
	Urgency string       `json:"urgency"`
	Place   Place        `json:"place"`
	Repeats []repeat.Hit `json:"repeats,omitempty"`
	Sure    bool         `json:"sure"`              // the machine sent it by itself
	Why     string       `json:"why,omitempty"`     // catalogue key of why it did not
	Demands int          `json:"demands,omitempty"` // separate demands in the message
	Parts   []Part       `json:"parts,omitempty"`   // how the message may be split, where it makes several
}

// Suggestion is a matter with the unit that the duty list gives for it here.
type Suggestion struct {
	Matter   string    `json:"matter"`
	P        float64   `json:"p"`    // calibrated probability
	Unit     string    `json:"unit"` // "" where nobody could be found
	How      string    `json:"how"`  // catalogue key of how the unit was found
	Args     errs.Args `json:"args,omitempty"`
	Clause   string    `json:"clause"`             // of the duty list
	Backstop bool      `json:"backstop,omitempty"` // duty list and place did not settle it
	New      bool      `json:"new,omitempty"`      // people decided so, too seldom to send it unseen
}

// Part is a piece of a message that asks for something of its own.
type Part struct {
	From int `json:"from"` // bytes of the text
	To   int `json:"to"`
	Suggestion
}

// Place is where the message says it happened.
type Place struct {
	Area  string  `json:"area,omitempty"`
	Grid  string  `json:"grid,omitempty"`
	Words string  `json:"words,omitempty"`
	Score float64 `json:"score,omitempty"`
}

// suggestions is how many matters are kept with a reading.
const suggestions = 3

// File reads one message and files it.
func (d *Desk) File(ctx context.Context, m Message) (cases.Filed, error) {
	r, err := d.prepare(m)
	if err != nil {
		return cases.Filed{}, err
	}
	d.meet(r)
	filed, err := d.Cases.File(ctx, r.filing)
	d.met(r, filed, err)
	return filed, err
}

// Prepare reads a message as File does, without looking what it repeats. Errors:
// Invalid and TooLarge, where the message cannot be taken.
func (d *Desk) Prepare(m Message) (cases.Filing, error) {
	r, err := d.prepare(m)
	if err != nil {
		return cases.Filing{}, err
	}
	r.keep()
	return r.filing, nil
}

// ready is a message that has been read.
type ready struct {
	filing  cases.Filing
	reading *Reading      // nil where the machine did not judge it
	entry   *repeat.Entry // nil where it cannot repeat anything
	heard   *Heard        // nil where the machine did not judge it
}

// prepare reads a message: everything slow, before any transaction. Errors:
// Invalid and TooLarge, where the message cannot be taken.
func (d *Desk) prepare(m Message) (*ready, error) {
	if err := m.Check(d.Now()); err != nil {
		return nil, err
	}
	if m.Family == "" {
		m.Family = "appeal"
	}
	family := d.City.Catalog.Family(m.Family)
	if family != nil && family.Dispatch && strings.TrimSpace(m.Text) == "" {
		return nil, errs.E(errs.Invalid, "intake.no_text", nil).At("text")
	}
	r := &ready{filing: cases.Filing{
		ID: d.Cases.NewID(), Family: m.Family, Channel: m.Channel, ExternalID: m.ExternalID, Content: m.content(), Actor: m.Actor,
		Fields: m.fields(), WrittenAt: m.WrittenAt, Matter: m.Matter, Nature: m.Nature, Urgency: m.Urgency,
		Lng: m.Lng, Lat: m.Lat, Unit: m.Unit, Files: m.Files, History: m.History, Steps: m.Steps, Parties: m.Parties, Agreed: m.Agreed,
	}}
	where := d.locate(&m, nil)
	r.filing.Area, r.filing.Grid = where.Area, where.Grid
	switch {
	case family == nil:
	case !family.Dispatch:
		d.place(&r.filing, family)
	case m.History:
		d.likeness(r, &m, dispatch.Reading{})
	default:
		d.read(&m, r)
	}
	return r, nil
}

// Look reads a message as File would, and files nothing: for whoever types it and
// wants to see who would answer for it.
func (d *Desk) Look(m Message) (Reading, error) {
	r, err := d.prepare(m)
	if err != nil || r.reading == nil {
		return Reading{}, err
	}
	if d.Repeats != nil && r.entry != nil {
		r.reading.Repeats = d.Repeats.Find(*r.entry)
	}
	return *r.reading, nil
}

func (m *Message) fields() map[string]any {
	fields := map[string]any{}
	for name, v := range m.Fields {
		fields[name] = v
	}
	for name, v := range map[string]string{"title": m.Title, "text": m.Text, "address": m.Address, "name": m.Name, "phone": m.Phone} {
		if v != "" {
			fields[name] = v
		}
	}
	return fields
}

// place gives a case of a family that needs no dispatch to the unit that the
// family's duty clause names.
func (d *Desk) place(f *cases.Filing, family *matter.Family) {
	m := d.City.Catalog.Find(family.Code, family.Code)
	if m == nil {
		return
	}
	f.Matter = m.Code
	if f.Nature == "" && len(family.Natures) > 0 {
		f.Nature = family.Natures[0]
	}
	if f.Unit == "" {
		f.Unit = matter.Responsible(d.Units(), d.City.Places, m, f.Area).Unit
	}
}

// read lets the machine judge the message and decides whether it may send it.
func (d *Desk) read(m *Message, to *ready) {
	f := &to.filing
	msg := dispatch.Message{Title: m.Title, Text: m.Text, Channel: m.Channel}
	judged, parts := d.Judge.ReadParts(msg)
	where := d.locate(m, judged.PlaceText)
	f.Area, f.Grid = where.Area, where.Grid
	if f.Nature == "" {
		f.Nature = judged.Nature.Label
	}
	if f.Urgency == "" {
		f.Urgency = judged.Urgency.Label
	}
	r := &Reading{Model: judged.Model, Nature: f.Nature, Urgency: f.Urgency, Place: where, Demands: judged.Demands}
	for _, s := range judged.Matters {
		if len(r.Matters) == suggestions {
			break
		}
		if sg, ok := d.suggest(f.Family, s, where.Area); ok {
			r.Matters = append(r.Matters, sg)
		}
	}
	for _, p := range parts {
		if sg, ok := d.suggest(f.Family, p.Matters[0], where.Area); ok {
			r.Parts = append(r.Parts, Part{p.From, p.To, sg})
		}
	}
	r.Demands = max(1, len(r.Parts))
	d.likeness(to, m, judged)
	to.heard = &Heard{Case: f.ID, Title: m.Title, Text: m.Text, Reading: judged}
	r.Why = d.doubt(judged, r)
	if r.Sure = r.Why == "" && !m.Hold; r.Sure {
		// The matter stands in the machine's own step: in the filing it would be the
		// word of whoever filed, from whom the machine learns.
		best := r.Matters[0]
		f.Steps = append(f.Steps, cases.Step{Action: "dispatch", By: org.Machine("dispatch"),
			Input: map[string]any{"matter": best.Matter, "unit": best.Unit}})
	}
	to.reading = r
}

func (d *Desk) suggest(family string, s dispatch.Scored, area string) (Suggestion, bool) {
	m := d.City.Catalog.Find(family, s.Label)
	if m == nil || !m.InForce(matter.Today()) {
		return Suggestion{}, false // a matter of the model that this city does not have, or not today
	}
	a := matter.Responsible(d.Units(), d.City.Places, m, area)
	if unit, settled := d.Habits.Of(m.Code, area); unit != "" && unit != a.Unit {
		if u, ok := d.Units().Unit(unit); ok && u.Active {
			return Suggestion{Matter: m.Code, P: s.P, Unit: unit, How: "duty.habit", Args: errs.Args{"unit": u.Name}, Clause: a.Clause, New: !settled}, true
		}
	}
	return Suggestion{Matter: m.Code, P: s.P, Unit: a.Unit, How: a.How, Args: a.Args, Clause: a.Clause, Backstop: a.Backstop}, true
}

// doubt says why a person has to look, "" where the machine may send it.
func (d *Desk) doubt(judged dispatch.Reading, r *Reading) string {
	switch {
	case len(r.Matters) == 0:
		return "intake.doubt_nothing"
	case !d.Judge.Sure(judged) || judged.Matters[0].Label != r.Matters[0].Matter:
		return "intake.doubt_matter"
	case r.Matters[0].Unit == "" || r.Matters[0].Backstop:
		return "intake.doubt_unit"
	case r.Matters[0].New:
		return "intake.doubt_new"
	}
	return ""
}

// locate finds the area a message speaks of: the point, the area chosen, or
// names in address, title and text.
func (d *Desk) locate(m *Message, spans []dispatch.Span) Place {
	places := d.City.Places
	if m.Lng != 0 || m.Lat != 0 {
		if f, ok := places.At(place.Point{Lng: m.Lng, Lat: m.Lat}); ok {
			return Place{Area: f.Area, Grid: f.Grid, Score: 1}
		}
	}
	if m.Area != "" {
		if a, ok := places.Area(m.Area); ok {
			if a.Level == place.Grid {
				return Place{Area: a.Parent, Grid: a.Code, Score: 1}
			}
			return Place{Area: a.Code, Score: 1}
		}
	}
	texts := []string{m.Address}
	for _, s := range spans {
		texts = append(texts, s.Text)
	}
	for _, t := range append(texts, m.Title, m.Text) {
		if t == "" {
			continue
		}
		if found := places.Named(t); len(found) > 0 && found[0].Score >= minPlaceScore {
			f := found[0]
			return Place{Area: f.Area, Grid: f.Grid, Words: f.Words, Score: f.Score}
		}
	}
	return Place{}
}

// minPlaceScore is below what a name alone, that several places share, scores.
const minPlaceScore = 0.6
