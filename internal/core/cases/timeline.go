package cases

import (
	"context"
	"maps"
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/text"
	"yiwang/internal/base/textzh"
	"yiwang/internal/core/clock"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
)

// Entry is one action as people read it.
type Entry struct {
	Header  *Header
	Seq     int64     // number in the log, -1 while it has none
	Title   string    // of the action
	Values  []Value   // what was entered
	Citizen string    // what the appellant reads, "" is not shown to them
	Files   []FileRef //
	Erased  bool      // the personal part was deleted
	answer  string    // the published answer that stands after it

	Decision *Decision // what a table said in it; nil where none was asked, or the reader may not know
}

// Value is one entered value, as people read it.
type Value struct {
	Code, Title, Text string
	Personal          bool
}

// View is a case opened for somebody to read.
type View struct {
	Case    Case
	Fields  []Value // what was filed
	Entries []Entry
	Clocks  []clock.Clock
	Answer  string // the published answer, "" while there is none
	Masked  bool
}

// Open reads a case with everything that was said. Personal values are masked
// for everybody but the appellant, unless reveal is given: the purpose, which is
// logged with the reader's name.
// Error: NotFound.
func (s *Store) Open(ctx context.Context, by org.Actor, id, reveal string) (v View, err error) {
	defer errs.Wrap(&err, "cases.Open(%s)", id)
	q := s.DB.Read()
	if v.Case, err = getCase(ctx, q, id); err != nil {
		return v, err
	}
	m := s.machines[v.Case.Family]
	if m == nil {
		return v, errs.E(errs.Invalid, "cases.unknown_family", errs.Args{"family": v.Case.Family})
	}
	if v.Clocks, err = s.clocksOf(ctx, q, id); err != nil {
		return v, err
	}
	v.Masked = reveal == "" && by.Kind != org.IsCitizen
	if reveal != "" {
		if err := s.logAccess(ctx, by, id, reveal); err != nil {
			return v, err
		}
	}
	acts, err := s.actions(ctx, q, id)
	if err != nil {
		return v, err
	}
	r := reader{s: s, m: m, masked: v.Masked}
	for i := range acts {
		v.Entries = append(v.Entries, r.entry(&acts[i]))
	}
	if len(acts) > 0 {
		filed := acts[0]
		filed.body = maps.Clone(filed.body)
		for i := range acts[1:] {
			if a := &acts[i+1]; filed.body != nil {
				s.putRight(filed.body, a.header.Kind, a.body)
			}
		}
		v.Fields = r.filed(&filed)
	}
	v.Answer = r.answer
	return v, nil
}

// messageField is the field of a filing that holds what the appellant wrote.
const messageField = "text"

// MessageFor returns what the appellant of a case wrote, as it was put right since and
// as Open shows it to by; "" where there is nothing or it was erased.
func (s *Store) MessageFor(ctx context.Context, by org.Actor, c *Case) (string, error) {
	m := s.machines[c.Family]
	if m == nil {
		return "", errs.E(errs.Invalid, "cases.unknown_family", errs.Args{"family": c.Family})
	}
	for i := range m.family.Fields {
		f := &m.family.Fields[i]
		if f.Code != messageField {
			continue
		}
		said := c.data()
		if f.Sealed() {
			var err error
			if said, err = s.filedBody(ctx, c.ID); err != nil {
				return "", err
			}
		}
		if v, ok := said[f.Code]; ok {
			r := reader{s: s, m: m, masked: by.Kind != org.IsCitizen}
			return r.show(f, v), nil
		}
	}
	return "", nil
}

// logAccess notes who opens what a case seals, and why. Of two openings by one reader in
// one moment both purposes stay.
func (s *Store) logAccess(ctx context.Context, by org.Actor, id, purpose string) error {
	return s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `insert into access_log (case_id, at, actor, purpose) values (?, ?, ?, ?)
			on conflict (case_id, at, actor) do update set purpose = access_log.purpose || '；' || excluded.purpose
				where access_log.purpose <> excluded.purpose`, id, tx.Now(), by.Ref(), purpose)
		return err
	})
}

// openAction is an action with its body opened.
type openAction struct {
	header *Header
	seq    int64
	body   body // nil where there is none or it was erased
	erased bool
}

// actions reads the whole log of a case in order.
func (s *Store) actions(ctx context.Context, q sqldb.Querier, id string) ([]openAction, error) {
	type row struct {
		Header string `db:"header"`
		Seq    *int64 `db:"seq"`
		Salt   []byte `db:"salt"`
		Sealed []byte `db:"sealed"`
	}
	rows, err := sqldb.Select[row](ctx, q, `select a.header, b.salt, b.sealed, cast(null as `+bigintType(q)+`) as seq from action a
		left join body b on b.case_id = a.case_id and b.n = a.n
		where a.case_id = ? order by a.n`, id)
	if err != nil {
		return nil, err
	}
	key, err := s.KeyOf(ctx, q, id)
	erased := errs.Is(err, errs.NotFound)
	if err != nil && !erased {
		return nil, err
	}
	out := make([]openAction, len(rows))
	for i, r := range rows {
		h, err := parseHeader([]byte(r.Header))
		if err != nil {
			return nil, err
		}
		out[i] = openAction{header: h, seq: -1}
		if r.Seq != nil {
			out[i].seq = *r.Seq
		}
		if h.Body == "" {
			continue
		}
		if out[i].body, err = openOrErased(key, h, r.Salt, r.Sealed, erased); err != nil {
			return nil, err
		}
		out[i].erased = out[i].body == nil
	}
	return out, nil
}

func bigintType(q sqldb.Querier) string {
	if q.Engine() == sqldb.Postgres {
		return "bigint"
	}
	return "integer"
}

func openOrErased(key gm.Key, h *Header, salt, sealed []byte, erased bool) (body, error) {
	if erased || len(sealed) == 0 {
		return nil, nil
	}
	return openBody(key, h.Case, h.N, salt, sealed, h.Body)
}

// reader turns actions into what people read; it goes through them in order.
type reader struct {
	s      *Store
	m      *machine
	masked bool
	unit   string // responsible unit after the actions read so far
	answer string // latest published answer so far
}

func (r *reader) entry(a *openAction) Entry {
	h := a.header
	e := Entry{Header: h, Seq: a.seq, Title: h.Kind, Files: h.Files, Erased: a.erased}
	if unit, ok := h.Set["unit"].(string); ok {
		r.unit = unit
	}
	if p := a.body.text(Published); p != "" {
		r.answer = p
	}
	e.answer = r.answer
	if !r.masked {
		e.Decision = a.body.decision()
	}
	decl := r.m.actions[h.Kind]
	if decl == nil {
		return e
	}
	e.Title = decl.decl.Title
	args := errs.Args{"unit": r.s.unitName(r.unit), "answer": r.answer, "number": ""}
	for i := range decl.decl.Input {
		f := &decl.decl.Input[i]
		v, ok := h.Input[f.Code]
		if !ok {
			v, ok = a.body[f.Code]
		}
		if !ok {
			args[f.Code] = ""
			continue
		}
		shown := r.show(f, v)
		args[f.Code] = shown
		e.Values = append(e.Values, Value{Code: f.Code, Title: f.Title, Text: shown, Personal: f.Personal})
	}
	if decl.decl.Citizen != "" {
		e.Citizen = text.Fill(decl.decl.Citizen, args) + revival(h)
	}
	return e
}

// filed returns what the appellant entered, in the order of the family's form.
func (r *reader) filed(a *openAction) []Value {
	var out []Value
	for i := range r.m.family.Fields {
		f := &r.m.family.Fields[i]
		v, ok := a.body[f.Code]
		if !ok {
			v, ok = a.header.Set["data."+f.Code]
		}
		if ok && f.Type != matter.Files {
			out = append(out, Value{Code: f.Code, Title: f.Title, Text: r.show(f, v), Personal: f.Personal})
		}
	}
	return out
}

func (r *reader) show(f *matter.Field, v any) string {
	switch f.Type {
	case matter.UnitRef:
		return r.s.unitName(f.Show(v))
	case matter.MatterRef:
		if m := r.s.City.Catalog.Find(r.m.family.Code, f.Show(v)); m != nil {
			return m.Name
		}
	case matter.StaffRef:
		if st, ok := r.s.Units().Staff(f.Show(v)); ok {
			return st.Name
		}
	}
	shown := f.Show(v)
	if !r.masked {
		return shown
	}
	switch f.Code {
	case "name":
		return textzh.MaskName(shown)
	case "phone":
		return textzh.MaskPhone(shown)
	}
	if f.Sealed() {
		return textzh.Mask(shown)
	}
	return shown
}

func (s *Store) unitName(code string) string {
	if u, ok := s.Units().Unit(code); ok {
		return u.Name
	}
	return code
}

// ForCitizen returns the entries an appellant reads: those with words for them.
func (v *View) ForCitizen() []Entry {
	var out []Entry
	for _, e := range v.Entries {
		if strings.TrimSpace(e.Citizen) != "" {
			out = append(out, e)
		}
	}
	return out
}

// Clock returns the declaration of a family's clock by its name (or its code: then
// the first variant), for its title and for who is answerable; nil if there is none.
func (s *Store) Clock(family, name string) *matter.ClockDecl {
	if m := s.machines[family]; m != nil {
		return m.titles[name]
	}
	return nil
}
