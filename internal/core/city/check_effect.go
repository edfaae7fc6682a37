package city

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/rule"
)

// settable are the fields of a case that an action may set itself; all others
// have an effect of their own.
var settable = map[string]rule.Type{"matter": rule.Text, "nature": rule.Text, "urgency": rule.Text, "result": rule.Text}

// audiences are whom a notice may go to, and whom its template then speaks to.
var audiences = map[string]string{"appellant": "appellant", "unit": "staff", "holder": "staff", "centre": "staff"}

// effect checks one effect of an action: one member, its words, its expressions.
func (k *checker) effect(l *matter.Lifecycle, a *matter.ActionDecl, e *matter.Effect, env *rule.Env, at func(...any) decl.Pos) {
	k.expression(env, e.When, rule.Bool, at("when"))
	if set := members(e); len(set) != 1 {
		k.Report(at(), "check.effect_members", errs.Args{"n": len(set), "have": strings.Join(set, ", "), "known": strings.Join(effectNames(), ", ")})
		return
	}
	text := func(expr, member string, want rule.Type) { k.expression(env, expr, want, at(member)) }
	text(e.Assign, "assign", rule.Text)
	text(e.Hold, "hold", rule.Text)
	text(e.Place, "place", rule.Text)
	text(e.Publish, "publish", rule.Text)
	text(e.Rate, "rate", rule.Number)
	for _, name := range slices.Sorted(maps.Keys(e.Set)) {
		want, ok := settable[name]
		if !ok {
			k.Report(at("set", name), "check.not_settable", errs.Args{"field": name, "known": list(settable)})
		}
		k.expression(env, e.Set[name], want, at("set", name))
	}
	if e.Count != "" && !fieldCode.MatchString(e.Count) {
		k.Report(at("count"), "check.field_code", errs.Args{"code": e.Count})
	}
	if e.Extend != "" {
		clock, by, ok := strings.Cut(e.Extend, " by ")
		if !ok {
			k.Report(at("extend"), "check.extend_form", nil)
		} else {
			k.clockOf(l, strings.TrimSpace(clock), at("extend"))
			k.expression(env, by, rule.Any, at("extend"))
		}
	}
	for member, clock := range map[string]string{"pause": e.Pause, "resume": e.Resume} {
		if clock != "" && clock != "*" {
			k.clockOf(l, clock, at(member))
		}
	}
	if e.Notify != nil {
		if e.Notify.Due != "" {
			k.clockOf(l, e.Notify.Due, at("notify", "due"))
		}
		k.notify(a, e.Notify, at)
	}
	if e.Link != nil {
		k.expression(env, e.Link.Case, rule.Text, at("link", "case"))
	}
}

// members returns the names of the members of an effect that are set, besides When.
func members(e *matter.Effect) []string {
	var set []string
	v := reflect.ValueOf(*e)
	for _, f := range decl.Fields(v.Type()) {
		if f.Name != "when" && !v.FieldByIndex(f.Index).IsZero() {
			set = append(set, f.Name)
		}
	}
	return set
}

func effectNames() []string {
	var all []string
	for _, f := range decl.Fields(reflect.TypeFor[matter.Effect]()) {
		if f.Name != "when" {
			all = append(all, f.Name)
		}
	}
	return all
}

// clockOf reports a clock that does not measure the lifecycle's cases.
func (k *checker) clockOf(l *matter.Lifecycle, code string, at decl.Pos) {
	known := map[string]bool{}
	for _, f := range k.p.matters.Families {
		if f.Decl.Lifecycle != l.Code {
			continue
		}
		for _, set := range f.Decl.RuleSets {
			s := k.c.ClockSets[set]
			if s == nil {
				return // the unknown rule set is reported; it may have the clock
			}
			for _, c := range s.Clocks {
				known[c.Code] = true
			}
		}
	}
	if !known[code] {
		k.Report(at, "check.unknown_clock", errs.Args{"clock": code, "known": list(known)})
	}
}

// notify checks that a notice has a template for its audience which the action
// can fill.
func (k *checker) notify(a *matter.ActionDecl, n *matter.Notify, at func(...any) decl.Pos) {
	speaksTo, ok := audiences[n.To]
	t, found := k.c.Templates.Find(n.Template)
	if !found {
		k.Report(at("notify", "template"), "check.unknown_template", errs.Args{"template": n.Template})
		return
	}
	if ok && t.To != speaksTo {
		k.Report(at("notify"), "check.wrong_audience", errs.Args{"template": n.Template, "to": n.To})
	}
	k.filled(t.Title+t.Text, a.Input, k.p.noticeAt[t.Code])
}
