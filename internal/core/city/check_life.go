package city

import (
	"slices"
	"strings"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/rule"
)

// filing is the action by which a case comes to be.
const filing = "file"

// lifecycle checks the states and actions of one lifecycle.
func (k *checker) lifecycle(s matter.Sourced[matter.Lifecycle]) {
	l := s.Decl
	seen := map[string]bool{}
	for i, st := range l.States {
		if seen[st.Code] && st.Code != "" {
			k.Report(s.Doc.At("states", i), "check.state_twice", errs.Args{"state": st.Code})
		}
		seen[st.Code] = true
	}
	if l.Start != "" && l.State(l.Start) == nil {
		k.Report(s.Doc.At("start"), "check.unknown_state", errs.Args{"state": l.Start})
	}
	actions := map[string]bool{}
	for i := range l.Actions {
		a := &l.Actions[i]
		if a.Code != "" && (actions[a.Code] || !fieldCode.MatchString(a.Code)) {
			k.Report(a.At(), "check.action_twice", errs.Args{"action": a.Code})
		}
		actions[a.Code] = true
		k.action(s, a, a.At)
	}
	k.start(s)
	k.ways(s)
	k.keys(s)
}

// start checks the filing: one action that comes from nowhere and leads to the start.
func (k *checker) start(s matter.Sourced[matter.Lifecycle]) {
	a := s.Decl.Action(filing)
	if a == nil {
		k.Report(s.Doc.At("actions"), "check.no_filing", nil)
		return
	}
	if len(a.From) > 0 || a.To != s.Decl.Start || len(a.Branch) > 0 {
		k.Report(a.At(), "check.filing_form", errs.Args{"start": s.Decl.Start})
	}
}

// action checks one action by itself.
func (k *checker) action(s matter.Sourced[matter.Lifecycle], a *matter.ActionDecl, at func(...any) decl.Pos) {
	state := func(code string, path ...any) {
		if code != "" && s.Decl.State(code) == nil {
			k.Report(at(path...), "check.unknown_state", errs.Args{"state": code})
		}
	}
	for j, from := range a.From {
		if from != matter.AnyOpen && from != matter.AnyState {
			state(from, "from", j)
		}
	}
	state(a.To, "to")
	if len(a.From) == 0 && a.Code != filing {
		k.Report(at(), "check.never_open", errs.Args{"action": a.Title})
	}
	if len(a.Who) == 0 {
		k.Report(at(), "check.nobody_may", errs.Args{"action": a.Title})
	}
	for j, who := range a.Who {
		role := strings.TrimSuffix(who, "@unit")
		if _, ok := k.p.org.RoleAt[role]; !ok && who != "appellant" && who != "machine" {
			k.Report(at("who", j), "check.unknown_who", errs.Args{"who": who})
		}
	}
	k.fields(a.Input, func(path ...any) decl.Pos { return at(append([]any{"input"}, path...)...) })
	k.filled(a.Citizen, a.Input, at("citizen"))
	k.paper(a, at)
	env, err := rule.NewEnv(matter.InputTypes(a.Input))
	if err != nil {
		k.Report(at(), "check.unfit", errs.Args{"why": err.Error()})
	}
	k.expression(env, a.When, rule.Bool, at("when"))
	if a.When != "" && a.Refuse == "" {
		k.Report(at("when"), "check.no_refusal", errs.Args{"action": a.Title})
	}
	for j, b := range a.Branch {
		state(b.To, "branch", j, "to")
		k.expression(env, b.When, rule.Bool, at("branch", j, "when"))
	}
	for j := range a.Do {
		k.effect(s.Decl, a, &a.Do[j], env, func(path ...any) decl.Pos { return at(append([]any{"do", j}, path...)...) })
	}
}

// paper checks what goes out on paper with an action.
func (k *checker) paper(a *matter.ActionDecl, at func(...any) decl.Pos) {
	if a.Paper == nil {
		return
	}
	words := slices.Clone(a.Input)
	for _, w := range matter.PaperWords {
		words = append(words, matter.Field{Code: w})
	}
	for member, text := range map[string]string{"title": a.Paper.Title, "head": a.Paper.Head, "number": a.Paper.Number, "text": a.Paper.Text, "sign": a.Paper.Sign} {
		k.filled(text, words, at("paper", member))
	}
	takes := func(e matter.Effect) bool { return e.Serial == a.Paper.Serial }
	if a.Paper.Serial != "" && !slices.ContainsFunc(a.Do, takes) {
		k.Report(at("paper", "serial"), "check.paper_serial", errs.Args{"series": a.Paper.Serial, "action": a.Title})
	}
}

// ways checks that every state in use can be reached from the start, and that from
// every one there is a way to an end.
func (k *checker) ways(s matter.Sourced[matter.Lifecycle]) {
	l := s.Decl
	leads := map[string][]string{}
	for _, st := range l.States {
		for _, a := range l.OpenIn(st.Code) {
			leads[st.Code] = append(leads[st.Code], targets(a)...)
		}
	}
	reached := reach(l.Start, leads)
	for i, st := range l.States {
		at := s.Doc.At("states", i)
		switch {
		case st.Reserved != "":
		case !reached[st.Code]:
			k.Report(at, "check.unreachable", errs.Args{"state": st.Title})
		case st.Closed:
		case !slices.ContainsFunc(leads[st.Code], func(to string) bool { return to != st.Code }):
			k.Report(at, "check.dead_end", errs.Args{"state": st.Title})
		case !slices.ContainsFunc(l.States, func(end matter.State) bool { return end.Closed && reach(st.Code, leads)[end.Code] }):
			k.Report(at, "check.no_end", errs.Args{"state": st.Title})
		}
	}
}

// targets are the states an action may lead to.
func targets(a *matter.ActionDecl) []string {
	var to []string
	if a.To != "" {
		to = append(to, a.To)
	}
	for _, b := range a.Branch {
		to = append(to, b.To)
	}
	return to
}

// reach returns the states that can be reached from one, itself included.
func reach(start string, leads map[string][]string) map[string]bool {
	seen := map[string]bool{start: true}
	for queue := []string{start}; len(queue) > 0; queue = queue[1:] {
		for _, to := range leads[queue[0]] {
			if !seen[to] {
				seen[to] = true
				queue = append(queue, to)
			}
		}
	}
	return seen
}

// keys checks that no key of the desk means two things in one state.
func (k *checker) keys(s matter.Sourced[matter.Lifecycle]) {
	for _, st := range s.Decl.States {
		taken := map[string]string{}
		for _, a := range s.Decl.OpenIn(st.Code) {
			other, twice := taken[a.Key]
			if a.Key != "" && twice {
				k.Report(a.At("key"), "check.key_twice", errs.Args{"key": a.Key, "state": st.Title, "action": a.Title, "other": other})
			}
			taken[a.Key] = a.Title
		}
	}
}
