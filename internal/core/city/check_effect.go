package city

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/register"
	"yiwang/internal/core/rule"
	"yiwang/internal/core/voucher"
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
	for i, code := range e.Amend {
		if !slices.ContainsFunc(a.Input, func(f matter.Field) bool { return f.Code == code && f.Personal }) {
			k.Report(at("amend", i), "check.amend", errs.Args{"field": code})
		}
	}
	if e.Serial != "" && !fieldCode.MatchString(e.Serial) {
		k.Report(at("serial"), "check.field_code", errs.Args{"code": e.Serial})
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
		for i, code := range e.Link.In {
			if l.State(code) == nil {
				k.Report(at("link", "in", i), "check.unknown_state", errs.Args{"state": code})
			}
		}
	}
	if e.Issue != "" {
		k.issue(l, a, e.Issue, at("issue"))
	}
	if e.Decide != nil {
		k.decide(l, e.Decide, at)
	}
	if e.Reserve != nil {
		k.expression(env, e.Reserve.Of, rule.Text, at("reserve", "of"))
		k.expression(env, e.Reserve.Most, rule.Number, at("reserve", "most"))
	}
	k.expression(env, e.Release, rule.Text, at("release"))
	if e.Status != nil && e.Status.Voucher != matter.ResultWord && k.c.Vouchers.Find(e.Status.Voucher) == nil {
		k.Report(at("status", "voucher"), "check.unknown_voucher", errs.Args{"voucher": e.Status.Voucher})
	}
	if e.Record != nil {
		k.record(e.Record, at)
	}
	if e.Open != nil {
		k.open(e.Open, env, at)
	}
	if e.Relay != nil {
		k.relay(e.Relay, env, at)
	}
}

// record checks an effect that counts something in a register.
func (k *checker) record(d *matter.Record, at func(...any) decl.Pos) {
	r, it, ok := k.c.Registers.Item(d.Item)
	if !ok || it.Type != "number" || !it.Most || len(r.Holders(nil)) == 0 {
		k.Report(at("record", "item"), "check.record_item", errs.Args{"item": d.Item})
		return
	}
	if !slices.ContainsFunc(r.Sources, func(s register.Source) bool { return s.Code == d.Source }) {
		k.Report(at("record", "source"), "check.record_source", errs.Args{"register": r.Title, "source": d.Source})
	}
	if _, span := voucher.ParseSpan(d.For); d.For != "" && (!span || d.Undo != "") {
		k.Report(at("record", "for"), "check.record_for", errs.Args{"for": d.For})
	}
}

// decide checks an effect that asks a decision table: the table, and that the machine
// can take what follows without being told anything.
func (k *checker) decide(l *matter.Lifecycle, d *matter.Decide, at func(...any) decl.Pos) {
	if d.Rule != "" && len(k.c.Rules.Editions(d.Rule)) == 0 {
		k.Report(at("decide", "rule"), "check.unknown_rule", errs.Args{"rule": d.Rule, "known": strings.Join(k.c.Rules.Codes(), ", ")})
	}
	follow := [][2]string{{"grant", d.Grant}, {"refuse", d.Refuse}, {"else", d.Else}}
	for _, value := range slices.Sorted(maps.Keys(d.By)) {
		follow = append(follow, [2]string{"by", d.By[value]})
	}
	for _, next := range follow {
		member, code := next[0], next[1]
		if code == "" {
			continue
		}
		a := l.Action(code)
		asks := func(f matter.Field) bool { return f.Required }
		if a == nil || !slices.Contains(a.Who, "machine") || slices.ContainsFunc(a.Input, asks) {
			k.Report(at("decide", member), "check.decide_action", errs.Args{"action": code})
		}
	}
}

// open checks an effect that files another case.
func (k *checker) open(o *matter.Open, env *rule.Env, at func(...any) decl.Pos) {
	k.expression(env, o.Unit, rule.Text, at("open", "unit"))
	var family *matter.Family
	known := map[string]bool{}
	for _, f := range k.p.matters.Families {
		known[f.Decl.Code] = true
		if f.Decl.Code == o.Family {
			family = f.Decl
		}
	}
	if o.Family == matter.PartsWord {
		return // each item's parts are checked where they are declared
	}
	if family == nil {
		k.Report(at("open", "family"), "check.unknown_family", errs.Args{"family": o.Family, "known": list(known)})
		return
	}
	fields := map[string]bool{}
	for _, f := range family.Fields {
		fields[f.Code] = true
	}
	for _, name := range slices.Sorted(maps.Keys(o.Fields)) {
		if !fields[name] {
			k.Report(at("open", "fields", name), "check.not_asked", errs.Args{"name": name, "known": list(fields)})
		}
		k.expression(env, o.Fields[name], rule.Any, at("open", "fields", name))
	}
}

// ties are the kinds a relay may follow, both ways.
var ties = map[string]bool{"repeats": true, "repeats<": true, "merged_into": true, "merged_into<": true, "part_of": true, "part_of<": true,
	"gathered_in": true, "gathered_in<": true, "follows": true, "follows<": true}

// relay checks an effect that passes an action on.
func (k *checker) relay(r *matter.Relay, env *rule.Env, at func(...any) decl.Pos) {
	k.expression(env, r.Case, rule.Text, at("relay", "case"))
	if (r.To == "") == (r.Case == "") || r.To != "" && !ties[r.To] {
		k.Report(at("relay"), "check.relay_to", errs.Args{"known": list(ties)})
	}
	var takers []*matter.ActionDecl
	for _, l := range k.p.matters.Lifecycles {
		if a := l.Decl.Action(r.Action); a != nil && slices.Contains(a.Who, "machine") {
			takers = append(takers, a)
		}
	}
	if len(takers) == 0 {
		k.Report(at("relay", "action"), "check.relay_action", errs.Args{"action": r.Action})
		return
	}
	for _, name := range slices.Sorted(maps.Keys(r.Input)) {
		asked := slices.ContainsFunc(takers, func(a *matter.ActionDecl) bool {
			return slices.ContainsFunc(a.Input, func(f matter.Field) bool { return f.Code == name })
		})
		if !asked {
			k.Report(at("relay", "input", name), "check.not_asked", errs.Args{"name": name, "known": r.Action})
		}
		k.expression(env, r.Input[name], rule.Any, at("relay", "input", name))
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
	fills := a.Input
	if a.Code == "file" && n.To == "appellant" {
		fills = append(slices.Clone(fills), matter.Field{Code: "code"}) // the query code, which only the filing knows
	}
	k.filled(t.Title+t.Text, fills, k.p.noticeAt[t.Code])
}

// notices checks that what a template is sent instead of is there.
func (k *checker) notices() {
	for _, code := range k.c.Templates.Codes() {
		t, _ := k.c.Templates.Find(code)
		for _, less := range t.InsteadOf {
			if _, ok := k.c.Templates.Find(less); !ok {
				k.Report(k.p.noticeAt[code], "check.unknown_template", errs.Args{"template": less})
			}
		}
	}
}
