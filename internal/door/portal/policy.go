package portal

import (
	"slices"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/matter"
)

// policyView is a policy (惠企政策) in the list, or on its page.
type policyView struct {
	serviceView
	Code   string
	Brief  []heading // conditions, in a line
	Ours   []ownPolicyView
	Known  bool // somebody signed in
	Nobody bool // who signed in represents no enterprise
}

// ownPolicyView is how an enterprise of whoever signed in stands to a policy.
type ownPolicyView struct {
	OwnPolicy
	Link  string
	Said  heading
	Name  heading
	Why   *Reasons // asked for
	Asked bool
	Has   bool // it qualifies
}

// offers reports whether a service item is a policy for enterprises.
func offers(s *matter.Service) bool { return s.Entitle != nil && s.Entitle.Offer }

// policies lists what enterprises may have without applying.
func (s *Site) policies(v *visit) error {
	ours, known, err := s.ownPolicies(v, "")
	if err != nil {
		return err
	}
	var all []policyView
	for _, item := range v.book.Guides.Items() {
		if offers(item) {
			all = append(all, policyView{serviceView: v.guide(item), Code: item.Code, Ours: ownOf(ours, item.Code)})
		}
	}
	return v.show(200, "policies", v.say("policies_title", nil), struct {
		Policies []policyView
		Known    bool
	}{all, known})
}

// ownPolicies returns how the enterprises of whoever signed in stand to policies.
func (s *Site) ownPolicies(v *visit, service string) ([]ownPolicyView, bool, error) {
	person, known := v.person()
	if !known {
		return nil, false, nil
	}
	all, err := s.office.Policies(v.ctx(), person, service)
	var out []ownPolicyView
	for _, p := range all {
		view := ownPolicyView{OwnPolicy: p, Said: declaredText(v.lang, p.State), Name: declaredText(v.lang, p.Title)}
		if p.CaseID != "" {
			view.Link = "/me/case/" + p.CaseID
		}
		out = append(out, view)
	}
	return out, true, err
}

// ownOf returns those of a policy that the register found to qualify once.
func ownOf(all []ownPolicyView, service string) (out []ownPolicyView) {
	for _, p := range all {
		if p.Service == service && p.CaseID != "" {
			out = append(out, p)
		}
	}
	return out
}

// policy shows one, and how the visitor's own enterprises stand to it. Asked, it says
// why: the reading of the registers for that is the visitor's and is noted.
func (s *Site) policy(v *visit) error {
	item := v.book.Guides.Item(v.r.PathValue("code"))
	if item == nil || !offers(item) {
		return errs.E(errs.NotFound, "portal.error_not_found", nil)
	}
	ours, known, err := s.ownPolicies(v, item.Code)
	if err != nil {
		return err
	}
	view := policyView{serviceView: v.guide(item), Code: item.Code, Ours: ours, Known: known, Nobody: known && len(ours) == 0}
	if v.r.Method == "POST" {
		if !known {
			return v.enterFirst(v.r.URL.Path)
		}
		if err := s.why(v, item.Code, ours); err != nil {
			return err
		}
	}
	return v.show(200, "policy", item.Title, view)
}

// why fills in the reasons for the enterprise that was asked about.
func (s *Site) why(v *visit, service string, ours []ownPolicyView) error {
	sent, err := s.readForm(v)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(ours, func(p ownPolicyView) bool { return p.Enterprise.ID == sent.Get("enterprise") })
	if i < 0 {
		return errs.E(errs.NotFound, "portal.error_not_found", nil)
	}
	if err := v.slow(s.limits.ask, s.address(v.r)); err != nil {
		return err
	}
	person, _ := v.person()
	why, has, err := s.office.WhyPolicy(v.ctx(), person, service, ours[i].Enterprise.ID)
	if err != nil {
		return err
	}
	ours[i].Why, ours[i].Asked, ours[i].Has = why(v.lang), true, has
	return nil
}
