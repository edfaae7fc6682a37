package api

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/text"
	"yiwang/internal/base/textzh"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/clock"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/notice"
	"yiwang/internal/work/view"
)

// Case is a case with everything that happened to it.
type Case struct {
	Row
	Fields         map[string]string `json:"fields" doc:"What was filed, masked"`
	FieldList      []Value           `json:"field_list" nullable:"false" doc:"The same in the order of the form"`
	Text           string            `json:"text"`
	OriginalMasked bool              `json:"original_masked"`
	Clocks         []Clock           `json:"clocks" nullable:"false"`
	Timeline       []Entry           `json:"timeline" nullable:"false"`
	Actions        []Choice          `json:"actions" nullable:"false"`
	Links          []Link            `json:"links" nullable:"false"`
	Attachments    []Attachment      `json:"attachments" nullable:"false"`
	Reading        *Reading          `json:"reading"`
	Notices        []Notice          `json:"notices" nullable:"false"`
	Vouchers       []Voucher         `json:"vouchers" nullable:"false"`
	Reveals        bool              `json:"reveals" doc:"Whether the caller may open personal data"`
}

// Value is something entered, as people read it.
type Value struct {
	Code     string `json:"code"`
	Title    string `json:"title"`
	Value    string `json:"value"`
	Personal bool   `json:"personal"`
}

// Clock is one round of a time limit.
type Clock struct {
	Code      string `json:"code"`
	Title     string `json:"title"`
	Of        string `json:"of"`
	Round     int    `json:"round"`
	StartedAt int64  `json:"started_at"`
	DueAt     int64  `json:"due_at"`
	StoppedAt int64  `json:"stopped_at"`
	State     string `json:"state" enum:"running,paused,met,breached,cancelled"`
	Breached  bool   `json:"breached"`
	Warned    int    `json:"warned" doc:"Highest warning behind it, percent"`
	Limit     string `json:"limit"`
	Mode      string `json:"mode"`
	ToConfirm string `json:"to_confirm,omitempty"`
	Basis     string `json:"basis,omitempty"`
}

// Entry is one action as people read it.
type Entry struct {
	N         int           `json:"n"`
	Kind      string        `json:"kind"`
	Title     string        `json:"title"`
	At        int64         `json:"at"`
	ActorKind string        `json:"actor_kind" enum:"staff,citizen,machine"`
	Actor     string        `json:"actor"`
	ActorName string        `json:"actor_name"`
	Unit      string        `json:"unit"`
	UnitName  string        `json:"unit_name"`
	From      string        `json:"from"`
	To        string        `json:"to"`
	ToTitle   string        `json:"to_title"`
	Input     []Value       `json:"input" nullable:"false"`
	Citizen   string        `json:"citizen" doc:"What the appellant reads"`
	Clocks    []ClockEffect `json:"clocks" nullable:"false"`
	Files     []string      `json:"files" nullable:"false"`
	Erased    bool          `json:"erased" doc:"The personal part was deleted"`
	Paper     string        `json:"paper" doc:"Title of the paper that went out with it; empty where there is none"`
	Seq       *int64        `json:"seq" doc:"Number in the log, where it is known"`
}

// ClockEffect is what an action did, or will do, to a clock.
type ClockEffect struct {
	Code   string `json:"code"`
	Title  string `json:"title"`
	Op     string `json:"op"`
	DueAt  int64  `json:"due_at,omitempty"`
	LateMS int64  `json:"late_ms,omitempty"`
}

// Choice is an action the caller may take now, or could but for a condition.
type Choice struct {
	Action
	Clock  []ClockEffect `json:"clock" nullable:"false"`
	Open   bool          `json:"open"`
	Refuse string        `json:"refuse,omitempty" doc:"Why not, where it is not open"`
}

// Link ties the case to another.
type Link struct {
	Kind       string `json:"kind" doc:"A trailing < means that the other one names this one"`
	ID         string `json:"id"`
	Number     string `json:"number"`
	Title      string `json:"title"`
	StateTitle string `json:"state_title"`
	Reason     string `json:"reason,omitempty"`
}

// Notice is something that was told to somebody.
type Notice struct {
	To            string `json:"to"`
	Channel       string `json:"channel"`
	TemplateTitle string `json:"template_title"`
	Text          string `json:"text"`
	State         string `json:"state"`
	At            int64  `json:"at"`
}

// Voucher is a signed statement about the case, or a certificate that it issued.
type Voucher struct {
	ID         string          `json:"id"`
	Kind       string          `json:"kind"`
	Title      string          `json:"title" doc:"Of a certificate; empty for others"`
	IssuedAt   int64           `json:"issued_at"`
	ValidUntil int64           `json:"valid_until" doc:"Of a certificate: its end, 0 for none"`
	State      string          `json:"state" enum:",valid,suspended,rescinded,cancelled,lapsed,moved,revoked" doc:"Of a certificate"`
	Doc        json.RawMessage `json:"doc,omitempty" doc:"The signed document; a certificate is its holder's and is not given here"`
}

func (s *server) getCase(ctx context.Context, c *caller, in *idInput) (*body[Case], error) {
	out, err := s.casePage(ctx, c, in.ID)
	return answer(out), err
}

// casePage puts together what a caller reads of a case. Error: NotFound.
func (s *server) casePage(ctx context.Context, c *caller, id string) (out Case, err error) {
	if err := s.seeID(ctx, c, id); err != nil {
		return out, err
	}
	v, err := s.Cases.Open(ctx, c.actor, id, "")
	if err != nil {
		return out, err
	}
	rows, err := s.View.Rows(ctx, c.actor, []string{id})
	if err != nil {
		return out, err
	}
	if len(rows) == 0 {
		return out, errs.E(errs.NotFound, "cases.not_found", nil) // it went elsewhere in this moment
	}
	out = Case{Row: s.row(&rows[0]), OriginalMasked: v.Masked, Reveals: c.reveals, Clocks: s.clocks(&v)}
	out.Fields, out.FieldList, out.Text = filed(&v)
	if out.Timeline, err = s.timeline(ctx, c, &v); err != nil {
		return out, err
	}
	out.Actions = s.choices(c, &v)
	if out.Links, err = s.links(ctx, c, id); err != nil {
		return out, err
	}
	files, err := s.Cases.Attachments(ctx, id)
	if err != nil {
		return out, err
	}
	closed, err := s.closedFiles(ctx, c, &v.Case)
	if err != nil {
		return out, err
	}
	out.Attachments = []Attachment{}
	for _, f := range files {
		a := Attachment{ID: f.ID, Name: f.Name, Type: f.Type, Size: f.Size, N: f.N, Closed: closed[f.N]}
		if a.Closed {
			a.Name = "" // people call them by their names
		}
		out.Attachments = append(out.Attachments, a)
	}
	if out.Notices, err = s.notices(ctx, c, &v); err != nil {
		return out, err
	}
	if out.Vouchers, err = s.vouchers(ctx, id); err != nil {
		return out, err
	}
	out.Reading, err = s.reading(ctx, c, &v.Case)
	return out, err
}

// seeID refuses a case that is not there, or not for the caller, in the same words.
func (s *server) seeID(ctx context.Context, c *caller, id string) error {
	k, err := s.Cases.Get(ctx, id)
	if err != nil {
		return err
	}
	return s.see(c, &k)
}

func filed(v *cases.View) (byCode map[string]string, inOrder []Value, whole string) {
	byCode, inOrder = map[string]string{}, []Value{}
	for _, f := range v.Fields {
		byCode[f.Code] = f.Text
		inOrder = append(inOrder, Value{Code: f.Code, Title: f.Title, Value: f.Text, Personal: f.Personal})
		if f.Code == "text" {
			whole = f.Text
		}
	}
	return byCode, inOrder, whole
}

func (s *server) clocks(v *cases.View) []Clock {
	out := []Clock{}
	for _, k := range v.Clocks {
		o := Clock{Code: k.Code, Title: k.Code, Of: k.Of, Round: k.Round, StartedAt: k.StartedAt, DueAt: k.DueAt, StoppedAt: k.StoppedAt,
			State: string(k.State), Breached: k.Breached, Warned: k.WarnedPct, Limit: k.Limit.String(), Mode: string(k.Mode)}
		if d := s.Cases.Clock(v.Case.Family, k.Name()); d != nil {
			o.Title, o.Basis = d.Title, d.Basis
		}
		if set := s.City.ClockSets[k.RuleSet]; set != nil {
			o.ToConfirm = set.ToConfirm
		}
		out = append(out, o)
	}
	return out
}

func (s *server) timeline(ctx context.Context, c *caller, v *cases.View) ([]Entry, error) {
	keys, err := s.keyNames(ctx, v)
	if err != nil {
		return nil, err
	}
	names := map[clockRound]string{}
	for _, k := range v.Clocks {
		names[clockRound{k.Code, k.Round}] = k.Name()
	}
	out := []Entry{}
	for i := range v.Entries {
		out = append(out, s.entry(c.lang, v.Case.Family, &v.Entries[i], keys, names))
	}
	return out, nil
}

// keyNames returns the names of machine keys, if any of them acted.
func (s *server) keyNames(ctx context.Context, v *cases.View) (map[string]string, error) {
	names := map[string]string{}
	for _, e := range v.Entries {
		if !strings.HasPrefix(e.Header.By, "staff:key.") {
			continue
		}
		keys, err := s.Staff.Keys(ctx)
		for _, k := range keys {
			names[k.ID] = k.Name
		}
		return names, err
	}
	return names, nil
}

// clockRound is one round of a clock, as operations name it.
type clockRound struct {
	code  string
	round int
}

func (s *server) entry(lang text.Lang, family string, e *cases.Entry, keys map[string]string, names map[clockRound]string) Entry {
	h := e.Header
	out := Entry{N: h.N, Kind: h.Kind, Title: e.Title, At: h.At, Unit: h.Unit, UnitName: s.unitName(h.Unit), From: h.From, To: h.To,
		Citizen: e.Citizen, Erased: e.Erased, Paper: s.Cases.PaperTitle(family, h), Input: []Value{}, Clocks: []ClockEffect{}, Files: []string{}}
	out.ActorKind, out.Actor, out.ActorName = s.actorName(lang, h.By, keys)
	if e.Title == h.Kind { // an action of the house itself, that no lifecycle declares
		out.Title = named(lang, "api.kind_", h.Kind)
	}
	if h.To != "" {
		out.ToTitle = s.stateTitle(family, h.To)
	}
	for _, x := range e.Values {
		out.Input = append(out.Input, Value{Code: x.Code, Title: x.Title, Value: s.valueSaid(lang, family, h.Kind, x), Personal: x.Personal})
	}
	for _, o := range h.Clocks {
		if o.Verb == clock.Recount {
			continue
		}
		k := ClockEffect{Code: o.Code, Title: s.clockTitle(family, names[clockRound{o.Code, o.Round}]), Op: string(o.Verb), LateMS: o.Late}
		if o.Plan != nil {
			k.DueAt = o.Plan.DueAt
		}
		out.Clocks = append(out.Clocks, k)
	}
	for _, f := range h.Files {
		out.Files = append(out.Files, f.ID)
	}
	if e.Seq >= 0 {
		out.Seq = &e.Seq
	}
	return out
}

// valueSaid says what was entered as people read it: levels of satisfaction in
// words, and the facts every case has, which are declared as plain text, by name.
func (s *server) valueSaid(lang text.Lang, family, action string, x cases.Value) string {
	if life := s.life(family); life != nil {
		if a := life.Action(action); a != nil && slices.ContainsFunc(a.Input, func(f matter.Field) bool {
			return f.Code == x.Code && f.Type == matter.Rating
		}) {
			return named(lang, "api.rating_", x.Text)
		}
	}
	switch x.Code {
	case "area":
		if name := s.areaName(x.Text); name != "" {
			return name
		}
	case "urgency":
		return named(lang, "api.urgency_", x.Text)
	}
	return x.Text
}

// choices lists what the caller may do, each with what it will do to the clocks.
func (s *server) choices(c *caller, v *cases.View) []Choice {
	out := []Choice{}
	life := s.life(v.Case.Family)
	if life == nil {
		return out
	}
	for _, ch := range s.Cases.Choices(c.actor, v.Case) {
		if a := life.Action(ch.Action); a != nil {
			act := actionOf(a)
			act.Main = ch.Main
			out = append(out, Choice{Action: act, Open: ch.Open, Refuse: ch.Refuse, Clock: s.foretell(v, a)})
		}
	}
	return out
}

// foretell says what an action will do to the clocks, as far as that is certain
// before it is taken: it leaves out clocks that start on a condition.
func (s *server) foretell(v *cases.View, a *matter.ActionDecl) []ClockEffect {
	live := map[string]bool{}
	for _, k := range v.Clocks {
		live[k.Name()] = live[k.Name()] || k.Live()
	}
	out := []ClockEffect{}
	seen := map[string]bool{}
	add := func(d *matter.ClockDecl, op clock.Verb) {
		if key := d.Name() + string(op); !seen[key] {
			seen[key] = true
			out = append(out, ClockEffect{Code: d.Code, Title: d.Title, Op: string(op)})
		}
	}
	decls, _ := s.clocksOf(v.Case.Family)
	has := func(list []string) bool {
		for _, code := range list {
			if code == a.Code {
				return true
			}
		}
		return false
	}
	for _, d := range decls {
		if live[d.Name()] && has(d.Stop) {
			add(d, clock.Stop)
		}
	}
	for _, d := range decls {
		switch {
		case has(d.Start) && d.When == "" && (d.Again || !live[d.Name()]):
			add(d, clock.Start)
		case live[d.Name()] && has(d.Pause):
			add(d, clock.Pause)
		case live[d.Name()] && has(d.Resume):
			add(d, clock.Resume)
		}
	}
	for _, e := range a.Do {
		for _, d := range decls {
			code, _, _ := strings.Cut(e.Extend, " by ")
			switch {
			case e.Extend != "" && d.Code == code && live[d.Name()]:
				add(d, clock.Extend)
			case (e.Pause == d.Code || e.Pause == "*") && live[d.Name()]:
				add(d, clock.Pause)
			case (e.Resume == d.Code || e.Resume == "*") && live[d.Name()]:
				add(d, clock.Resume)
			}
		}
	}
	return out
}

// links returns the tied cases that the caller may see.
func (s *server) links(ctx context.Context, c *caller, id string) ([]Link, error) {
	type row struct {
		Kind   string `db:"kind"`
		Other  string `db:"other"`
		Reason string `db:"reason"`
	}
	rows, err := sqldb.Select[row](ctx, s.DB.Read(), `select kind, other, reason from link where case_id = ? and kind not in ('differs', 'differs<') order by at, other limit 200`, id)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.Other
	}
	others, err := s.View.Rows(ctx, c.actor, ids)
	if err != nil {
		return nil, err
	}
	byID := map[string]*view.Row{}
	for i := range others {
		byID[others[i].ID] = &others[i]
	}
	out := []Link{}
	for _, r := range rows {
		o := byID[r.Other]
		if o == nil {
			continue
		}
		reason := r.Reason
		if text.Has(c.lang, reason) {
			reason = text.Say(c.lang, reason, nil)
		}
		out = append(out, Link{Kind: r.Kind, ID: o.ID, Number: o.Number, Title: s.called(o.Family, o.Title), StateTitle: s.stateTitle(o.Family, o.State), Reason: textzh.Mask(reason)})
	}
	return out, nil
}

// mostNotices bounds what a case page shows of the kind.
const mostNotices = 300

// notices returns what was told to whom. A query code that was sent stays unseen.
func (s *server) notices(ctx context.Context, c *caller, v *cases.View) ([]Notice, error) {
	letters, err := notice.OfCase(ctx, s.DB, v.Case.ID, mostNotices)
	if err != nil {
		return nil, err
	}
	out := []Notice{}
	for _, r := range letters {
		args := errs.Args{}
		if err := json.Unmarshal([]byte(r.Args), &args); err != nil {
			return nil, err
		}
		args = s.Cases.Told(v, r.N, args)
		delete(args, "code")
		args["link"], args["rate"] = "…", "…" // where the letter had the address of the citizens' pages
		n := Notice{To: s.audience(c.lang, r.Audience), Channel: r.Channel, TemplateTitle: named(c.lang, "api.template_", r.Template), State: string(r.State), At: r.At}
		if t, body, err := s.City.Templates.Render(r.Template, args); err == nil {
			n.TemplateTitle, n.Text = t, textzh.Mask(body)
		}
		out = append(out, n)
	}
	return out, nil
}

func (s *server) audience(lang text.Lang, ref string) string {
	kind, id, _ := strings.Cut(ref, ":")
	switch kind {
	case "unit":
		return s.unitName(id)
	case "staff":
		return s.staffName(id)
	}
	return text.Say(lang, "api.appellant", nil)
}

func (s *server) vouchers(ctx context.Context, id string) ([]Voucher, error) {
	type row struct {
		ID   string `db:"id"`
		Kind string `db:"kind"`
		At   int64  `db:"at"`
		Doc  string `db:"doc"`
	}
	rows, err := sqldb.Select[row](ctx, s.DB.Read(), `select id, kind, at, doc from voucher where case_id = ? order by n, id`, id)
	out := []Voucher{}
	for _, r := range rows {
		out = append(out, Voucher{ID: r.ID, Kind: r.Kind, IssuedAt: r.At, Doc: json.RawMessage(r.Doc)})
	}
	if err != nil {
		return nil, err
	}
	held, err := s.Cases.Certificates.ByCase(ctx, s.DB.Read(), id)
	for _, h := range held {
		out = append(out, Voucher{ID: h.ID, Kind: h.Kind, Title: h.Title, IssuedAt: h.IssuedAt, ValidUntil: h.ValidUntil, State: h.State.Word()})
	}
	return out, err
}
