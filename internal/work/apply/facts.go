package apply

import (
	"context"
	"slices"
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
	"yiwang/internal/core/register"
	"yiwang/internal/core/rule"
)

// The registers whose subjects apply.
const (
	Persons     = "person"
	Enterprises = "entity"
)

// Purposes for which this package reads registers.
const (
	purposeEntry = "sign_in" // to send a code to somebody's own telephone
	PurposeOwn   = "own"     // to show people what is known of themselves
	PurposeServe = "service" // to decide what somebody applied for
)

// Knower tells decision tables and forms what the registers know of whoever applied.
type Knower struct {
	Registers *register.Store
	Services  func() []*matter.Service // in force; nil knows of no other than the one applied for
}

// Facts is a cases.Source.
func (k *Knower) Facts(ctx context.Context, a cases.Asking) (rule.Facts, string, error) {
	sub, ok := applicant(a.Parties)
	if !ok || !a.Agreed || k.Registers == nil {
		return nil, "", nil // the table says what it misses
	}
	r := register.Reading{Purpose: PurposeServe, Service: a.Family.Code, Case: a.Case, Actor: org.Machine("decide"), Agreed: a.Agreed}
	if a.Note != nil {
		r.Notes = &register.Notes{}
		defer func() { r.Notes.Rows(a.Note) }()
	}
	facts, doubted, err := k.Registers.Facts(ctx, r, sub, a.Table, a.Day)
	switch {
	case errs.Is(err, errs.NotFound) || errs.Is(err, errs.Forbidden):
		return nil, "apply.doubt_unread", nil
	case err != nil:
		return nil, "", err
	case len(doubted) > 0:
		return facts, "apply.doubt_contradicts", nil
	}
	doubt, err := k.differs(ctx, r, a, sub)
	if doubt == "" && err == nil && len(a.Parties) > 1 {
		doubt, err = k.authority(ctx, r, a, sub)
	}
	return facts, doubt, err
}

// applicant returns whom an application is for.
func applicant(parties []cases.Party) (register.Subject, bool) {
	for _, p := range parties {
		if p.Role == cases.Applicant {
			return register.Subject{Register: p.Register, ID: p.ID}, true
		}
	}
	return register.Subject{}, false
}

// filled returns the fields of a form that a register fills in, by its items.
func filled(f *matter.Family, registerCode string) (items []string, field map[string]string) {
	field = map[string]string{}
	for i := range f.Fields {
		if name, item, ok := strings.Cut(f.Fields[i].From, "."); ok && name == registerCode {
			items = append(items, item)
			field[item] = f.Fields[i].Code
		}
	}
	return items, field
}

// reachable are the items that an application says of how to reach somebody: the
// applicant may want another telephone than the one on record.
var reachable = []string{"phone"}

// differs says whether somebody wrote into the form what the register says otherwise,
// or about what its sources contradict each other.
func (k *Knower) differs(ctx context.Context, r register.Reading, a cases.Asking, sub register.Subject) (string, error) {
	if doubt, err := k.paperDiffers(ctx, r, a, sub); doubt != "" || err != nil {
		return doubt, err
	}
	items, field := filled(a.Family, sub.Register)
	items = slices.DeleteFunc(items, func(i string) bool { return slices.Contains(reachable, i) })
	if len(items) == 0 {
		return "", nil
	}
	known, err := k.Registers.Read(ctx, r, sub, k.Registers.Today(), items...)
	if err != nil {
		return "apply.doubt_unread", nil
	}
	for item, fact := range known {
		said, typed := a.Fields[field[item]].(string)
		switch {
		case fact.Doubt:
			return "apply.doubt_contradicts", nil
		case typed && fact.Value != "" && said != fact.Value:
			return "apply.doubt_differs", nil
		}
	}
	return "", nil
}

// authority says whether whoever applied in somebody's name may, as far as the register
// knows: the guardian of a child or of an adult who needs one.
func (k *Knower) authority(ctx context.Context, r register.Reading, a cases.Asking, of register.Subject) (string, error) {
	for _, p := range a.Parties {
		if p.Role != cases.Agent {
			continue
		}
		facts, err := k.Registers.Read(ctx, r, of, k.Registers.Today(), "guardian")
		if g := facts["guardian"]; err != nil || g.Doubt || g.Value != p.ID {
			return "apply.doubt_authority", nil
		}
	}
	return "", nil
}

// Known returns what a register knows of the fields of a form, by field.
func (k *Knower) Known(ctx context.Context, f *matter.Family, sub register.Subject, by org.Actor) (map[string]Fact, error) {
	out, err := k.papers(ctx, register.Reading{Purpose: PurposeServe, Service: f.Code, Actor: org.Machine("apply"), Agreed: true}, f, sub)
	if err != nil {
		return nil, err
	}
	items, field := filled(f, sub.Register)
	if len(items) == 0 {
		return out, nil
	}
	r := register.Reading{Purpose: PurposeServe, Service: f.Code, Actor: by, Agreed: true}
	known, err := k.Registers.Read(ctx, r, sub, k.Registers.Today(), items...)
	for item, fact := range known {
		if fact.Value != "" && !fact.Doubt {
			out[field[item]] = Fact{fact, sub.Register}
		}
	}
	return out, err
}

// Fact is what a register knows of a field of a form.
type Fact struct {
	register.Fact
	Register string
}

// papers returns what the registers of certificates know of the fields of a form: of the
// certificate in force that the service ends with, or renews, the one that ends last.
func (k *Knower) papers(ctx context.Context, q register.Reading, f *matter.Family, sub register.Subject) (map[string]Fact, error) {
	out := map[string]Fact{}
	for _, r := range k.Registers.Book().Registers() {
		items, field := filled(f, r.Code)
		owner := r.Whose(sub.Register)
		if len(items) == 0 || !r.Papers() || owner == "" || f.Service == nil {
			continue
		}
		ids, err := k.Registers.With(ctx, q, r.Code, owner, sub.ID)
		if err != nil {
			return nil, err
		}
		var best map[string]register.Fact
		for _, id := range ids {
			known, err := k.Registers.Read(ctx, q, register.Subject{Register: r.Code, ID: id}, k.Registers.Today(),
				append(slices.Clone(items), register.PaperKind, register.PaperState, register.PaperUntil)...)
			if err != nil {
				return nil, err
			}
			over := known[register.PaperState].Value != "" && known[register.PaperState].Value != register.PaperValid
			if over || !slices.Contains(k.kinds(f), known[register.PaperKind].Value) || best != nil && known[register.PaperUntil].Value <= best[register.PaperUntil].Value {
				continue
			}
			best = known
		}
		for item, code := range field {
			if fact, ok := best[item]; ok && fact.Value != "" && !fact.Doubt {
				out[code] = Fact{fact, r.Code}
			}
		}
	}
	return out, nil
}

// kinds are the kinds of certificates that a service renews: the one it ends with, and
// those of the services that name it as theirs.
func (k *Knower) kinds(f *matter.Family) []string {
	out := []string{f.Service.Result.Voucher}
	if k.Services != nil {
		for _, s := range k.Services() {
			if s.Renew == f.Code {
				out = append(out, s.Result.Voucher)
			}
		}
	}
	return out
}

// paperDiffers says whether the form names another certificate than the one that the
// register knows of the applicant, or one where it knows none.
func (k *Knower) paperDiffers(ctx context.Context, r register.Reading, a cases.Asking, sub register.Subject) (string, error) {
	known, err := k.papers(ctx, r, a.Family, sub)
	if err != nil {
		return "apply.doubt_unread", nil
	}
	for i := range a.Family.Fields {
		f := &a.Family.Fields[i]
		of, _, ok := strings.Cut(f.From, ".")
		reg := k.Registers.Book().Find(of)
		if said, typed := a.Fields[f.Code].(string); ok && typed && said != "" && reg != nil && reg.Papers() && known[f.Code].Value != said {
			return "apply.doubt_paper", nil
		}
	}
	return "", nil
}

// Asks reports whether a form asks a register for anything, or a table decides it: then
// somebody has to be known before they fill it in.
func Asks(f *matter.Family) bool {
	return f.RuleCode("") != "" || slices.ContainsFunc(f.Fields, func(x matter.Field) bool { return x.From != "" })
}
