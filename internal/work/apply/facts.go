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

// Knower tells decision tables what the registers know of whoever applied.
type Knower struct{ Registers *register.Store }

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
func (k *Knower) Known(ctx context.Context, f *matter.Family, sub register.Subject, by org.Actor) (map[string]register.Fact, error) {
	items, field := filled(f, sub.Register)
	if len(items) == 0 {
		return nil, nil
	}
	r := register.Reading{Purpose: PurposeServe, Service: f.Code, Actor: by, Agreed: true}
	known, err := k.Registers.Read(ctx, r, sub, k.Registers.Today(), items...)
	out := map[string]register.Fact{}
	for item, fact := range known {
		if fact.Value != "" && !fact.Doubt {
			out[field[item]] = fact
		}
	}
	return out, err
}

// Asks reports whether a form asks a register for anything, or a table decides it: then
// somebody has to be known before they fill it in.
func Asks(f *matter.Family) bool {
	return f.RuleCode("") != "" || slices.ContainsFunc(f.Fields, func(x matter.Field) bool { return x.From != "" })
}
