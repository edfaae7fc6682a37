package app

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/base/textzh"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
	"yiwang/internal/core/register"
	"yiwang/internal/core/rule"
	"yiwang/internal/core/voucher"
	"yiwang/internal/door/portal"
	"yiwang/internal/work/apply"
)

// ownMost is how many cases or certificates the page of a person lists.
const ownMost = 200

// citizen is the actor of somebody who signed in.
func citizen(person string) org.Actor { return org.Actor{Kind: org.IsCitizen, ID: person} }

// Knock sends a code to sign in by.
func (o *office) Knock(ctx context.Context, name, number string) (id, shown string, err error) {
	k, err := o.Door.Knock(ctx, name, number)
	return k.ID, k.Code, err
}

// Enter returns who a code lets in.
func (o *office) Enter(ctx context.Context, id, code string) (string, error) {
	sub, err := o.Door.Enter(ctx, id, code)
	return sub.ID, err
}

// ownReading is the reading of a person's own facts, for that person's own eyes.
func ownReading(person string) register.Reading {
	return register.Reading{Purpose: apply.PurposeOwn, Actor: citizen(person), Agreed: true}
}

func (o *office) own(ctx context.Context, person string, of register.Subject, items ...string) (map[string]register.Fact, error) {
	return o.Registers.Read(ctx, ownReading(person), of, o.Registers.Today(), items...)
}

// Person returns somebody who signed in.
func (o *office) Person(ctx context.Context, person string) (portal.Person, error) {
	p := portal.Person{ID: person}
	facts, err := o.own(ctx, person, register.Subject{Register: apply.Persons, ID: person}, "name", "idnumber", "phone")
	if err != nil {
		return p, err
	}
	p.Name, p.Number, p.Phone = facts["name"].Value, textzh.Mask(facts["idnumber"].Value), textzh.MaskPhone(facts["phone"].Value)
	for _, id := range o.represented(ctx, person) {
		sub := register.Subject{Register: apply.Enterprises, ID: id}
		named, err := o.own(ctx, person, sub, "name")
		if err != nil {
			return p, err
		}
		p.Enterprises = append(p.Enterprises, portal.Enterprise{ID: id, Name: named["name"].Value})
	}
	return p, nil
}

// represented returns the enterprises whose legal representative a person is.
func (o *office) represented(ctx context.Context, person string) []string {
	ids, err := o.Registers.With(ctx, ownReading(person), apply.Enterprises, "representative", person)
	if err != nil {
		o.Logger.WarnContext(ctx, "the enterprises of a person could not be read", "error", err)
	}
	return ids
}

// CasesOf returns what a person, or an enterprise of theirs, applied for.
func (o *office) CasesOf(ctx context.Context, person string) (out []portal.OwnCase, err error) {
	ids, err := o.Cases.CasesOf(ctx, apply.Persons, person, ownMost)
	if err != nil {
		return nil, err
	}
	for _, e := range o.represented(ctx, person) {
		more, err := o.Cases.CasesOf(ctx, apply.Enterprises, e, ownMost)
		if err != nil {
			return nil, err
		}
		ids = append(ids, more...)
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		c, err := o.Cases.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		one := portal.OwnCase{ID: c.ID, Number: c.Number, Family: c.Family, At: time.UnixMilli(c.FiledAt), Closed: c.Closed == 1}
		one.Title = o.City.Catalog.Family(c.Family).Title
		if st := o.lifecycle(c.Family).State(c.State); st != nil {
			one.State = st.Citizen
		}
		if f := o.City.Catalog.Family(c.Family); f.Internal && !o.lifecycle(c.Family).Asks("appellant") {
			continue // work among offices, in which they have no say
		}
		out = append(out, one)
	}
	slices.SortStableFunc(out, func(a, b portal.OwnCase) int { return b.At.Compare(a.At) })
	return out[:min(len(out), ownMost)], nil
}

// OwnCase reports whether a case is a person's own.
func (o *office) OwnCase(ctx context.Context, person, caseID string) (bool, error) {
	own, err := o.Cases.IsParty(ctx, caseID, apply.Persons, person)
	if own || err != nil {
		return own, err
	}
	for _, e := range o.represented(ctx, person) {
		if own, err = o.Cases.IsParty(ctx, caseID, apply.Enterprises, e); own || err != nil {
			return own, err
		}
	}
	return false, nil
}

// CertificatesFor returns the certificates that a person's cases issued.
func (o *office) CertificatesFor(ctx context.Context, person string) (out []portal.OwnCertificate, err error) {
	list, err := o.CasesOf(ctx, person)
	for _, c := range list {
		held, err := o.Cases.Certificates.ByCase(ctx, o.DB.Read(), c.ID)
		if err != nil {
			return nil, err
		}
		for _, h := range held {
			out = append(out, portal.OwnCertificate{Held: h, CaseID: c.ID})
		}
	}
	slices.SortStableFunc(out, func(a, b portal.OwnCertificate) int { return cmp.Compare(b.IssuedAt, a.IssuedAt) })
	return out, err
}

// knower tells what the registers know of whoever applies.
func (a *App) knower() *apply.Knower {
	return &apply.Knower{Registers: a.Registers, Services: func() []*matter.Service { return a.City.Catalog.Services(matter.Today()) }}
}

// Known returns what the register knows of the fields of a form.
func (o *office) Known(ctx context.Context, person string, of portal.Subject, f matter.Family) (map[string]portal.Known, error) {
	k := o.knower()
	facts, err := k.Known(ctx, &f, register.Subject(of), citizen(person))
	out := map[string]portal.Known{}
	for code, fact := range facts {
		out[code] = portal.Known{Value: fact.Value, Source: o.Registers.Book().Find(fact.Register).SourceTitle(fact.Source)}
	}
	return out, err
}

// ownSubject is a subject that is a person's own to know of, and whose name stands with
// it where it is not they themselves.
type ownSubject struct {
	register.Subject
	in   *register.Register
	name string
}

// title names the register, and whom the subject is of.
func (s *ownSubject) title() string {
	if s.name == "" {
		return s.in.Title
	}
	return s.in.Title + "·" + s.name
}

// ownSubjects returns a person, the enterprises that they represent, and what other
// registers, such as those of credit and of certificates, keep of either.
func (o *office) ownSubjects(ctx context.Context, person string) ([]ownSubject, error) {
	book := o.Registers.Book()
	out := []ownSubject{{register.Subject{Register: apply.Persons, ID: person}, book.Find(apply.Persons), ""}}
	for _, id := range o.represented(ctx, person) {
		sub := register.Subject{Register: apply.Enterprises, ID: id}
		named, err := o.own(ctx, person, sub, "name")
		if err != nil {
			return nil, err
		}
		out = append(out, ownSubject{sub, book.Find(apply.Enterprises), named["name"].Value})
	}
	for _, of := range out[:len(out):len(out)] {
		for _, r := range book.Registers() {
			owner := r.Whose(of.Register)
			if owner == "" || r.Code == apply.Persons || r.Code == apply.Enterprises {
				continue
			}
			ids, err := o.Registers.With(ctx, ownReading(person), r.Code, owner, of.ID)
			if errs.Is(err, errs.Forbidden) || errs.Is(err, errs.Invalid) {
				continue // nothing in it is for people themselves to read, or to be found by
			}
			if err != nil {
				return nil, err
			}
			for _, id := range ids {
				out = append(out, ownSubject{register.Subject{Register: r.Code, ID: id}, r, of.name})
			}
		}
	}
	return out, nil
}

// FactsOf returns what the registers know of a person and of their enterprises.
func (o *office) FactsOf(ctx context.Context, person string) (out []portal.OwnFact, err error) {
	subjects, err := o.ownSubjects(ctx, person)
	if err != nil {
		return nil, err
	}
	for i := range subjects {
		s := &subjects[i]
		var items []string
		for n := range s.in.Items {
			if s.in.Items[n].Share != register.ShareNone {
				items = append(items, s.in.Items[n].Code)
			}
		}
		facts, err := o.own(ctx, person, s.Subject, items...)
		if err != nil {
			return nil, err
		}
		for n := range s.in.Items {
			it := &s.in.Items[n]
			f, ok := facts[it.Code]
			if !ok || f.Value == "" || it.Type == "subject" {
				continue // a number of somebody else's tells a person nothing
			}
			out = append(out, portal.OwnFact{Register: s.title(), Title: it.Title, Value: said(it, f), Source: s.in.SourceTitle(f.Source), From: f.From})
		}
	}
	return out, nil
}

// said is a fact as people read it.
func said(it *register.Item, f register.Fact) string {
	v := it.Say(f.Value)
	if it.Type == "yesno" {
		v = text.Say(text.Chinese, "rule.value_"+f.Value, nil)
	}
	if it.Unit != "" {
		v += it.Unit
	}
	if f.Doubt {
		v += text.Say(text.Chinese, "apply.in_doubt", nil)
	}
	return v
}

// ReadingsOf returns who read them. Their own looks are left out: they would drown
// those of others.
func (o *office) ReadingsOf(ctx context.Context, person string) (out []portal.OwnReading, err error) {
	subjects, err := o.ownSubjects(ctx, person)
	if err != nil {
		return nil, err
	}
	for i := range subjects {
		s := &subjects[i]
		all, err := o.Registers.Readings(ctx, s.Subject)
		if err != nil {
			return nil, err
		}
		for _, n := range all {
			if n.Purpose != apply.PurposeOwn {
				out = append(out, o.readingOf(ctx, s, n))
			}
		}
	}
	slices.SortStableFunc(out, func(a, b portal.OwnReading) int { return b.At.Compare(a.At) })
	return out, nil
}

// readingOf says who read what, and what for.
func (o *office) readingOf(ctx context.Context, s *ownSubject, n register.Noted) portal.OwnReading {
	kind, id, _ := strings.Cut(n.Actor, ":")
	g := portal.OwnReading{At: time.UnixMilli(n.At), Purpose: n.Purpose, Who: text.Say(text.Chinese, "apply.by_machine", nil)}
	switch org.ActorKind(kind) {
	case org.IsStaff:
		g.Who, _ = o.lookerOf(ctx, id)
	case org.IsCitizen:
		g.Who = text.Say(text.Chinese, "apply.by_self", nil)
	}
	if p, ok := o.Registers.Book().Purpose(n.Purpose); ok {
		g.Purpose = p.Title
	}
	if f := o.City.Catalog.Family(n.Service); f != nil {
		g.Purpose = f.Title
	}
	var titles []string
	for _, code := range n.Items {
		if it, ok := s.in.Item(code); ok {
			titles = append(titles, it.Title)
		}
	}
	g.Items = strings.Join(titles, "、")
	if s.name != "" {
		g.Items = s.title() + "：" + g.Items
	}
	return g
}

// Stands returns the certificates of a person that stand in for materials.
func (o *office) Stands(ctx context.Context, person string, f matter.Family) (map[string]portal.Standing, error) {
	out := map[string]portal.Standing{}
	if f.Service == nil || !slices.ContainsFunc(f.Service.Materials, func(m matter.Material) bool { return m.Replaces != "" }) {
		return out, nil
	}
	all, err := o.CertificatesFor(ctx, person)
	if err != nil {
		return nil, err
	}
	held := make([]voucher.Held, len(all))
	for i := range all {
		held[i] = all[i].Held
	}
	for i := range f.Service.Materials {
		if h, ok := apply.Replacing(&f.Service.Materials[i], held, o.DB.Now()); ok {
			out[f.Service.Materials[i].Code] = portal.Standing{Number: h.ID, Title: h.Title}
		}
	}
	return out, nil
}

// suspectFamily is the family of the cases by which unfit certificates are looked into.
const suspectFamily = "suspect"

// Inspect checks a certificate that was handed in as a file. One that does not pass
// becomes a case, so that somebody looks into a forgery, and the applicant is told why.
func (o *office) Inspect(ctx context.Context, f matter.Family, material string, file []byte) (portal.Standing, error) {
	var wanted *matter.Material
	for i := range f.Service.Materials {
		if f.Service.Materials[i].Code == material {
			wanted = &f.Service.Materials[i]
		}
	}
	if wanted == nil || wanted.Replaces == "" {
		return portal.Standing{}, errs.E(errs.Invalid, "apply.certificate_kind", nil).At(material)
	}
	verdict, fault, err := o.judged(ctx, file)
	if err != nil {
		return portal.Standing{}, err
	}
	why := ""
	switch {
	case fault != nil:
		why = text.Error(text.Chinese, fault)
	case !verdict.Good():
		why = text.Say(text.Chinese, "voucher.stale", nil)
	case verdict.Kind != wanted.Replaces:
		return portal.Standing{}, errs.E(errs.Invalid, "apply.certificate_kind", nil).At(material)
	default:
		return portal.Standing{Number: verdict.ID, Title: verdict.Title}, nil
	}
	if _, err := o.suspect(ctx, f.Title, wanted.Title, file, verdict, why, ""); err != nil {
		return portal.Standing{}, err
	}
	return portal.Standing{}, errs.E(errs.Invalid, "apply.certificate_unfit", errs.Args{"why": why}).At(material)
}

// suspect has somebody look into a certificate that did not pass: one case for each
// content, however often it is handed in. It returns the number of the case, "" in a city
// that has no such cases.
func (o *office) suspect(ctx context.Context, title, material string, file []byte, verdict voucher.Verdict, why, note string) (string, error) {
	f := o.City.Catalog.Family(suspectFamily)
	if f == nil {
		return "", nil
	}
	sum := sha256.Sum256(file)
	filed, err := o.Cases.File(ctx, cases.Filing{
		Family: suspectFamily, Matter: suspectFamily, Channel: webChannel, Actor: org.Machine("apply"), Unit: o.City.Centre, Nature: f.Natures[0],
		ExternalID: "suspect/" + title + "/" + hex.EncodeToString(sum[:]),
		Fields:     map[string]any{"title": title, "material": material, "number": cmp.Or(verdict.ID, "—"), "why": why, "note": note},
	})
	return filed.Number, err
}

// ReportVoucher has somebody look into a voucher that was shown to a stranger and does not
// pass. Error: Invalid "voucher.good_one" where it does, or is none at all.
func (o *office) ReportVoucher(ctx context.Context, raw []byte, note string) (number string, err error) {
	verdict, fault, err := o.judged(ctx, raw)
	if err != nil {
		return "", err
	}
	if fault == nil || verdict.Fault == voucher.Malformed {
		return "", errs.E(errs.Invalid, "voucher.good_one", nil)
	}
	return o.suspect(ctx, text.Say(text.Chinese, "portal.verify_title", nil), cmp.Or(verdict.Title, "—"), raw, verdict, text.Error(text.Chinese, fault), note)
}

// judged checks what somebody sent as a voucher; fault is what is wrong with it.
func (o *office) judged(ctx context.Context, raw []byte) (verdict voucher.Verdict, fault, err error) {
	parsed, err := voucher.ParseFile(raw)
	if err != nil {
		parsed = voucher.File{Voucher: raw}
	}
	verdict, fault = o.CheckVoucher(ctx, parsed)
	if fault != nil && verdict.Fault == voucher.NoFault {
		return verdict, nil, fault // not of the voucher: the house failed
	}
	return verdict, fault, nil
}

// Other finds somebody in whose name a person applies. Whether the person may read for
// them is for the register to say: it lets a guardian.
func (o *office) Other(ctx context.Context, person, name, number string) (portal.Subject, bool, error) {
	sub, err := o.Door.Other(ctx, strings.TrimSpace(name), number)
	if err != nil {
		return portal.Subject{}, false, err
	}
	_, err = o.own(ctx, person, sub, "name")
	if err != nil && !errs.Is(err, errs.Forbidden) {
		return portal.Subject{}, false, err
	}
	return portal.Subject(sub), err == nil, nil
}

// parties says whose a filing is.
func parties(f portal.Filing) []cases.Party {
	if f.Person == "" {
		return nil
	}
	out := []cases.Party{{Role: cases.Applicant, Register: f.Of.Register, ID: f.Of.ID}}
	if f.Of.Register == apply.Persons && f.Of.ID != f.Person {
		out = append(out, cases.Party{Role: cases.Agent, Register: apply.Persons, ID: f.Person})
	}
	return out
}

// reasons puts what a table said last of a case into the words of a language.
func (o *office) reasons(v *cases.View) func(text.Lang) *portal.Reasons {
	var last *cases.Decision
	for _, e := range v.Entries {
		if e.Decision != nil {
			last = e.Decision
		}
	}
	if last == nil || last.Record.Version == "" {
		return nil
	}
	made, _, err := o.City.Rules.Replay(last.Record)
	if err != nil {
		return nil // its version is not kept any more; the record itself still is
	}
	return func(l text.Lang) *portal.Reasons { return o.inWords(l, &made, last.Doubt) }
}

// inWords says a decision, and why a person decides whatever it says.
func (a *App) inWords(l text.Lang, d *rule.Decision, doubt string) *portal.Reasons {
	said := d.Saying(a.Registers.Book().Say).Explain(l)
	out := &portal.Reasons{Headline: said.Headline, Basis: said.Basis, Missing: said.Missing, Person: said.Person}
	for _, r := range said.Because {
		out.Because = append(out.Because, r.Text)
	}
	for _, r := range said.Lacking {
		out.Lacking = append(out.Lacking, r.Text)
	}
	if doubt != "" {
		out.Doubt = text.Say(l, doubt, nil)
	}
	return out
}
