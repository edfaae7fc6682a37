package city

import (
	"slices"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
	"yiwang/internal/core/clock"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/rule"
)

// clockTemplates are the notices that clocks themselves send.
var clockTemplates = []string{"warned", "breached"}

// clocks checks the clock rule sets: each by itself, and all those that measure
// the cases of one family together.
func (k *checker) clocks() {
	env, err := rule.NewEnv(nil)
	for _, s := range k.p.matters.ClockSets {
		if err != nil {
			k.Report(s.Doc.At(), "check.unfit", errs.Args{"why": err.Error()})
			return
		}
		if s.Decl.Item != nil {
			continue // its conditions are those of the shared set
		}
		for i, c := range s.Decl.Clocks {
			k.expression(env, c.When, rule.Bool, s.Doc.At("clocks", i, "when"))
			k.expression(env, c.At, rule.Text, s.Doc.At("clocks", i, "at"))
		}
	}
	sets := map[string]matter.Sourced[matter.ClockSet]{}
	for _, s := range k.p.matters.ClockSets {
		sets[s.Decl.Code] = s
	}
	for _, f := range k.p.matters.Families {
		if l := k.c.Catalog.Lifecycle(f.Decl.Lifecycle); l != nil {
			k.clocksOf(f.Decl, l, sets)
		}
	}
	if len(k.p.matters.ClockSets) == 0 {
		return
	}
	for _, code := range clockTemplates {
		t, ok := k.c.Templates.Find(code)
		if !ok {
			k.Report(decl.Pos{File: "notice/*.yaml"}, "check.unknown_template", errs.Args{"template": code})
			continue
		}
		k.filled(t.Title+t.Text, nil, k.p.noticeAt[code])
	}
}

// clocksOf checks the clocks of one family against its lifecycle and each other.
func (k *checker) clocksOf(f *matter.Family, l *matter.Lifecycle, sets map[string]matter.Sourced[matter.ClockSet]) {
	var rules []clock.Rule
	var at []func(field string) decl.Pos
	for _, code := range f.RuleSets {
		s, ok := sets[code]
		if !ok {
			continue // that is reported
		}
		for i := range s.Decl.Clocks {
			c := &s.Decl.Clocks[i]
			where := func(field string) decl.Pos { return s.Doc.At("clocks", i, field) }
			at = append(at, where)
			rules = append(rules, k.asRule(s.Decl, c, where))
			k.events(l, c, func(field string, j int) decl.Pos { return s.Doc.At("clocks", i, field, j) })
			k.then(l, c, where("then"))
		}
	}
	for _, p := range clock.Check(rules) {
		if p.Field == "mode" {
			continue // one of two words; its reader has reported it
		}
		k.Report(at[p.Rule](p.Field), p.Key, p.Args)
	}
}

// asRule turns a declared clock into a rule of the engine, for its check.
func (k *checker) asRule(s *matter.ClockSet, c *matter.ClockDecl, at func(string) decl.Pos) clock.Rule {
	limit, err := clock.ParseLimit(c.Limit)
	if err != nil && (c.At == "" || c.Limit != "") {
		k.Report(at("limit"), "clock.limit", errs.Args{"limit": c.Limit})
		limit = clock.Limit{N: 1, Unit: clock.Day} // reported; no second finding about it
	}
	r := clock.Rule{
		Code: c.Code, Title: c.Title, Of: c.Of, RuleSet: s.Code, Start: c.Start, Stop: c.Stop, Cancel: c.Cancel, Pause: c.Pause, Resume: c.Resume,
		Limit: limit, Mode: clock.Mode(c.Mode), WarnAt: c.Warn, Then: c.Then, Pausable: true,
	}
	if c.When != "" {
		r.When = func(clock.Event) bool { return true }
	}
	if c.At != "" {
		r.Limit, r.At = clock.Limit{N: 1, Unit: clock.Minute}, func(clock.Event) int64 { return 0 }
	}
	if ahead, err := clock.ParseLimit(c.Ahead); c.Ahead != "" && (err != nil || ahead.Unit == clock.Day || c.At == "") {
		k.Report(at("ahead"), "check.ahead", errs.Args{"ahead": c.Ahead})
	}
	return r
}

// events reports events that are no action of the lifecycle.
func (k *checker) events(l *matter.Lifecycle, c *matter.ClockDecl, at func(field string, j int) decl.Pos) {
	for _, e := range []struct {
		field string
		names []string
	}{{"start", c.Start}, {"stop", c.Stop}, {"cancel", c.Cancel}, {"pause", c.Pause}, {"resume", c.Resume}} {
		for j, name := range e.names {
			if l.Action(name) == nil {
				k.Report(at(e.field, j), "check.unknown_action", errs.Args{"action": name, "lifecycle": l.Title})
			}
		}
	}
}

// then checks the action that the machine takes when the clock is due: it must
// exist, be the machine's to take, and need nothing entered.
func (k *checker) then(l *matter.Lifecycle, c *matter.ClockDecl, at decl.Pos) {
	if c.Then == "" {
		return
	}
	a := l.Action(c.Then)
	switch {
	case a == nil:
		k.Report(at, "check.unknown_action", errs.Args{"action": c.Then, "lifecycle": l.Title})
	case !slices.Contains(a.Who, "machine"):
		k.Report(at, "check.not_machine", errs.Args{"action": a.Title})
	case slices.ContainsFunc(a.Input, func(f matter.Field) bool { return f.Required }):
		k.Report(at, "check.machine_input", errs.Args{"action": a.Title})
	}
}
