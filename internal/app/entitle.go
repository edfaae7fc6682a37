package app

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/city"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
	"yiwang/internal/core/register"
	"yiwang/internal/core/rule"
	"yiwang/internal/work/entitle"
)

// openEntitlements prepares what people have without asking for it.
func (a *App) openEntitlements() {
	a.Entitle = entitle.New(entitle.Deps{
		DB: a.DB, Units: a.Staff.Directory, Cases: a.Cases, Desk: a.Desk, Book: a.City.Rules, Registers: facts{a.Registers},
		Items: a.entitlements, Now: a.Now, Logger: a.Logger,
	})
}

// entitlements are the service items in force today that need no application.
func (a *App) entitlements() (out []entitle.Item) {
	for _, s := range a.City.Catalog.Services(matter.Today()) {
		if s.Entitle == nil {
			continue
		}
		it := entitle.Item{Entitlement: s.Entitle, Service: s.Code, Family: s.Code, Title: s.Title, Unit: s.Unit, Rule: s.Rule, Fill: map[string][]string{},
			Number: a.numberItem(s.Entitle)}
		for _, f := range s.Fields {
			if item, ok := strings.CutPrefix(f.From, s.Entitle.Register+"."); ok {
				it.Fill[f.Code] = []string{item}
			}
		}
		for field, item := range s.Entitle.Fills {
			it.Fill[field] = []string{item}
		}
		if told := cmp.Or(s.Entitle.Tell, s.Entitle.Payee); told != "" {
			it.Told = []string{told}
		}
		out = append(out, it)
	}
	return append(out, a.reminders()...)
}

// reminders are what service items declare of reminding: each is an entitlement to be
// told, over the register that their certificates are entered into.
func (a *App) reminders() (out []entitle.Item) {
	for _, r := range a.City.Reminders() {
		reg := a.City.Registers.Find(r.Kind.Register)
		if a.City.Catalog.Family(remindFamily) == nil || reg == nil {
			continue
		}
		it := entitle.Item{
			Entitlement: &matter.Entitlement{Register: reg.Code, Purpose: purposeRemind, Amount: city.RemindDays, Every: "once"},
			Service:     city.RemindRule(r.Code), Family: remindFamily, Title: a.City.Rules.On(city.RemindRule(r.Code), a.Now()).Table().Title, Unit: r.Unit,
			Rule: city.RemindRule(r.Code), Told: reg.Holders(a.City.Registers),
			Fill: map[string][]string{"number": {register.PaperNumber}, "until": {register.PaperUntil}},
			Says: map[string]string{"licence": r.Kind.Title, "renewal": r.Renew.Title, "apply": r.Renew.Code},
		}
		for _, way := range it.Told {
			holder, _, _ := strings.Cut(way, ".")
			it.Fill["name"] = append(it.Fill["name"], holder+".name")
			it.Fill["phone"] = append(it.Fill["phone"], way+".phone")
		}
		out = append(out, it)
	}
	return out
}

// remindFamily is the family of the cases by which holders are reminded, purposeRemind
// what registers are read for then.
const (
	remindFamily  = "remind"
	purposeRemind = "remind"
)

// numberItem returns the item that identifies whoever an entitlement pays.
func (a *App) numberItem(e *matter.Entitlement) string {
	at := e.Register
	if e.Payee != "" {
		for item := range strings.SplitSeq(e.Payee, ".") {
			if _, it, ok := a.City.Registers.Item(at + "." + item); ok && it.Of != "" {
				at = it.Of
			}
		}
	}
	return numberItems[at]
}

// facts are the registers as entitlements read them.
type facts struct{ *register.Store }

// reviewPurpose is what staff read registers for where the machine decided.
const reviewPurpose = "review"

// reading says why the registers are read for an item.
func reading(of entitle.Item, by org.Actor) register.Reading {
	r := register.Reading{Purpose: of.Purpose, Service: of.Service, Actor: by}
	if by.Kind == org.IsStaff {
		r.Purpose = reviewPurpose
	}
	return r
}

// settler is who reads when the machine decides.
var settler = org.Machine("entitle")

// All reads a whole register; see entitle.Registers.
func (f facts) All(ctx context.Context, of entitle.Item, day time.Time, table *rule.Decider) ([]string, rule.Crowd, error) {
	return f.Everyone(ctx, reading(of, settler), of.Register, day, table)
}

// Of reads one subject; see entitle.Registers.
func (f facts) Of(ctx context.Context, of entitle.Item, by org.Actor, id string, day time.Time, table *rule.Decider) (rule.Facts, []string, error) {
	return f.Facts(ctx, reading(of, by), register.Subject{Register: of.Register, ID: id}, table, day)
}

// Read reads items of a subject as they are today; see entitle.Registers.
func (f facts) Read(ctx context.Context, of entitle.Item, id, caseID string, day time.Time, items []string) (map[string]string, error) {
	r := reading(of, settler)
	r.Case = caseID
	out := map[string]string{}
	return out, f.walk(ctx, r, register.Subject{Register: of.Register, ID: id}, day.In(text.CST).Format(time.DateOnly), "", items, out)
}

// walk reads items of a subject and of whom its items name, under the path that led there.
func (f facts) walk(ctx context.Context, r register.Reading, sub register.Subject, on, path string, items []string, into map[string]string) error {
	var own []string
	further := map[string][]string{}
	for _, name := range items {
		item, rest, more := strings.Cut(name, ".")
		if more {
			further[item] = append(further[item], rest)
		}
		if !slices.Contains(own, item) {
			own = append(own, item)
		}
	}
	known, err := f.Store.Read(ctx, r, sub, on, own...)
	if err != nil {
		return err
	}
	for item, fact := range known {
		if !fact.Doubt {
			into[path+item] = fact.Value
		}
	}
	for item, rest := range further {
		_, it, ok := f.Book().Item(sub.Register + "." + item)
		next := into[path+item]
		if !ok || it.Of == "" || next == "" {
			continue
		}
		if err := f.walk(ctx, r, register.Subject{Register: it.Of, ID: next}, on, path+item+".", rest, into); err != nil {
			return err
		}
	}
	return nil
}

// Whose returns whose a case is: the subject, and who is told and paid in its stead.
func (f facts) Whose(ctx context.Context, of entitle.Item, id string, day time.Time) ([]cases.Party, error) {
	out := []cases.Party{{Role: cases.Applicant, Register: of.Register, ID: id}}
	if len(of.Told) == 0 {
		return out, nil
	}
	known, err := f.Read(ctx, of, id, "", day, of.Told)
	if err != nil {
		return out, err
	}
	i := slices.IndexFunc(of.Told, func(way string) bool { return known[way] != "" })
	if i < 0 {
		return out, nil
	}
	at := of.Register
	for item := range strings.SplitSeq(of.Told[i], ".") {
		_, it, ok := f.Book().Item(at + "." + item)
		if !ok || it.Of == "" {
			return out, nil
		}
		at = it.Of
	}
	return append(out, cases.Party{Role: cases.Agent, Register: at, ID: known[of.Told[i]]}), nil
}

// numberItems are what a subject of each register is found by.
var numberItems = map[string]string{"person": "idnumber", "entity": "credit_code"}

// Find finds a subject by its number. Errors: NotFound, Forbidden.
func (f facts) Find(ctx context.Context, of entitle.Item, by org.Actor, number string) (string, error) {
	item := numberItems[of.Register]
	if item == "" {
		return "", errs.E(errs.NotFound, "register.no_subject", nil)
	}
	sub, err := f.Store.Find(ctx, reading(of, by), of.Register, item, number)
	return sub.ID, err
}

// Changes tells whose facts changed; see entitle.Registers.
func (f facts) Changes(ctx context.Context, after int64, limit int) (out []entitle.Changed, next int64, err error) {
	all, err := f.Store.Changes(ctx, after, limit)
	next = after
	for _, c := range all {
		out = append(out, entitle.Changed{Register: c.Register, ID: c.ID})
		next = c.N
	}
	return out, next, err
}
