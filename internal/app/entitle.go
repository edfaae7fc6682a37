package app

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
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
		it := entitle.Item{Entitlement: s.Entitle, Service: s.Code, Title: s.Title, Unit: s.Unit, Rule: s.Rule, Fill: map[string]string{}}
		for _, f := range s.Fields {
			if item, ok := strings.CutPrefix(f.From, s.Entitle.Register+"."); ok {
				it.Fill[f.Code] = item
			}
		}
		maps.Copy(it.Fill, s.Entitle.Fills)
		out = append(out, it)
	}
	return out
}

// facts are the registers as entitlements read them.
type facts struct{ *register.Store }

// reading says why the registers are read for an item.
func reading(of entitle.Item, by org.Actor) register.Reading {
	return register.Reading{Purpose: of.Purpose, Service: of.Service, Actor: by}
}

// settler is who reads when the machine decides.
var settler = org.Machine("entitle")

// All reads a whole register; see entitle.Registers.
func (f facts) All(ctx context.Context, of entitle.Item, day time.Time, table *rule.Decider) ([]string, rule.Crowd, error) {
	return f.Everyone(ctx, reading(of, settler), of.Register, day, table)
}

// Of reads one subject; see entitle.Registers.
func (f facts) Of(ctx context.Context, of entitle.Item, id string, day time.Time, table *rule.Decider) (rule.Facts, []string, error) {
	return f.Facts(ctx, reading(of, settler), register.Subject{Register: of.Register, ID: id}, table, day)
}

// Read reads items of a subject as they are today; see entitle.Registers.
func (f facts) Read(ctx context.Context, of entitle.Item, id, caseID string, day time.Time, items []string) (map[string]string, error) {
	r := reading(of, settler)
	r.Case = caseID
	var own []string
	whose := map[string][]string{} // items of whom an item names
	for _, name := range items {
		if of, item, other := strings.Cut(name, "."); other {
			whose[of] = append(whose[of], item)
			own = append(own, of)
		} else {
			own = append(own, name)
		}
	}
	slices.Sort(own)
	on := day.In(text.CST).Format(time.DateOnly)
	out := map[string]string{}
	read := func(sub register.Subject, prefix string, items []string) error {
		known, err := f.Store.Read(ctx, r, sub, on, items...)
		for item, fact := range known {
			if !fact.Doubt {
				out[prefix+item] = fact.Value
			}
		}
		return err
	}
	if err := read(register.Subject{Register: of.Register, ID: id}, "", slices.Compact(own)); err != nil {
		return nil, err
	}
	for item, wanted := range whose {
		_, it, ok := f.Book().Item(of.Register + "." + item)
		if !ok || it.Of == "" || out[item] == "" {
			continue
		}
		if err := read(register.Subject{Register: it.Of, ID: out[item]}, item+".", wanted); err != nil {
			return nil, err
		}
	}
	return out, nil
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
