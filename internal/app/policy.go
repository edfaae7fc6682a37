package app

import (
	"context"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/register"
	"yiwang/internal/door/portal"
	"yiwang/internal/work/apply"
	"yiwang/internal/work/entitle"
)

// policies are the entitlements that enterprises have once they accept them.
func (a *App) policies() (out []entitle.Item) {
	for _, it := range a.entitlements() {
		if it.Offer && it.Register == apply.Enterprises {
			out = append(out, it)
		}
	}
	return out
}

// Policies returns how a person's enterprises stand to the policies; see portal.People.
func (o *office) Policies(ctx context.Context, person, service string) (out []portal.OwnPolicy, err error) {
	p, err := o.Person(ctx, person)
	if err != nil {
		return nil, err
	}
	for _, it := range o.policies() {
		if service != "" && service != it.Service {
			continue
		}
		for _, e := range p.Enterprises {
			one := portal.OwnPolicy{Service: it.Service, Title: it.Title, Enterprise: e}
			st, err := o.Entitle.Standing(ctx, it.Service, e.ID)
			if err != nil {
				return nil, err
			}
			if st.Case != "" {
				if one, err = o.offered(ctx, one, st); err != nil {
					return nil, err
				}
			}
			out = append(out, one)
		}
	}
	return out, nil
}

// offered fills in how the case of a policy stands.
func (o *office) offered(ctx context.Context, one portal.OwnPolicy, st entitle.Standing) (portal.OwnPolicy, error) {
	c, err := o.Cases.Get(ctx, st.Case)
	if err != nil {
		return one, err
	}
	one.CaseID = c.ID
	if st.Fen > 0 && st.State == entitle.Granted {
		one.Amount = entitle.Yuan(st.Fen)
	}
	if s := o.lifecycle(c.Family).State(c.State); s != nil {
		one.State, one.Waits = s.Citizen, c.Closed == 0 && s.Of == "appellant" && c.Result == ""
	}
	return one, nil
}

// WhyPolicy says why an enterprise has a policy or not; see portal.People.
func (o *office) WhyPolicy(ctx context.Context, person, service, enterprise string) (func(text.Lang) *portal.Reasons, bool, error) {
	for _, it := range o.policies() {
		if it.Service != service {
			continue
		}
		table := o.City.Rules.On(it.Rule, o.Now())
		if table == nil {
			break
		}
		q := register.Reading{Purpose: it.Purpose, Service: it.Service, Actor: citizen(person)}
		known, doubted, err := o.Registers.Facts(ctx, q, register.Subject{Register: it.Register, ID: enterprise}, table, o.Now())
		if err != nil {
			return nil, false, err
		}
		d, err := table.Decide(o.Now(), known)
		if err != nil {
			return nil, false, err
		}
		doubt := ""
		if len(doubted) > 0 {
			doubt = "apply.doubt_contradicts"
		}
		return func(l text.Lang) *portal.Reasons { return o.inWords(l, &d, doubt) }, d.Grants() && doubt == "", nil
	}
	return nil, false, errs.E(errs.NotFound, "entitle.no_item", errs.Args{"code": service})
}
