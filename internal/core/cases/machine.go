package cases

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"yiwang/internal/core/city"
	"yiwang/internal/core/clock"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/rule"
)

// machine is a family's lifecycle, ready to run: expressions compiled, names
// resolved. It never changes.
type machine struct {
	family  *matter.Family
	life    *matter.Lifecycle
	states  map[string]*matter.State
	actions map[string]*compiledAction
	order   []*compiledAction
	clocks  []clock.Rule
	titles  map[string]*matter.ClockDecl // by name, and the first of each code
	last    string                       // the state a decided case of the past is loaded into
}

type compiledAction struct {
	decl     *matter.ActionDecl
	guard    *rule.Program
	branches []compiledBranch
	effects  []compiledEffect
}

type compiledBranch struct {
	when *rule.Program
	to   string
}

type compiledEffect struct {
	decl  *matter.Effect
	when  *rule.Program
	value *rule.Program
	set   map[string]*rule.Program
	clock string // of extend
}

// compiler makes the machines of a city. Thousands of service items share a few
// lifecycles, so each of these is compiled once.
type compiler struct {
	city  *city.City
	lives map[string]*machine // by lifecycle, without a family
	whens map[string]*rule.Program
}

func newCompiler(c *city.City) *compiler {
	return &compiler{city: c, lives: map[string]*machine{}, whens: map[string]*rule.Program{}}
}

// machine makes the machine of a family. An action that issues, or changes the state
// of, a certificate which the family does not have is not there for its cases.
func (c *compiler) machine(f *matter.Family) (*machine, error) {
	shared, err := c.life(f)
	if err != nil {
		return nil, err
	}
	m := *shared
	m.family, m.titles = f, map[string]*matter.ClockDecl{}
	if lacks := func(a *compiledAction) bool { return !c.city.Certifies(f, a.decl) }; slices.ContainsFunc(m.order, lacks) {
		m.order = slices.DeleteFunc(slices.Clone(m.order), lacks)
		m.actions = map[string]*compiledAction{}
		for _, a := range m.order {
			m.actions[a.decl.Code] = a
		}
	}
	return &m, c.clocks(&m)
}

// life compiles the lifecycle of a family, or returns what was compiled before.
func (c *compiler) life(f *matter.Family) (*machine, error) {
	life := c.city.Catalog.Lifecycle(f.Lifecycle)
	if life == nil {
		return nil, fmt.Errorf("cases: family %s names no lifecycle that exists: %q", f.Code, f.Lifecycle)
	}
	if m := c.lives[life.Code]; m != nil {
		return m, nil
	}
	m := &machine{life: life, states: map[string]*matter.State{}, actions: map[string]*compiledAction{}}
	for i := range life.States {
		st := &life.States[i]
		m.states[st.Code] = st
		if st.Closed && st.Reserved == "" && (m.last == "" || st.Code == "archived") {
			m.last = st.Code
		}
	}
	for i := range life.Actions {
		a, err := compileAction(&life.Actions[i])
		if err != nil {
			return nil, fmt.Errorf("cases: lifecycle %s, action %s: %w", life.Code, life.Actions[i].Code, err)
		}
		m.actions[a.decl.Code] = a
		m.order = append(m.order, a)
	}
	c.lives[life.Code] = m
	return m, nil
}

func compileAction(d *matter.ActionDecl) (*compiledAction, error) {
	a := &compiledAction{decl: d}
	env, err := rule.NewEnv(matter.InputTypes(d.Input))
	if err != nil {
		return nil, err
	}
	if d.When != "" {
		if a.guard, err = rule.Compile(env, d.When, rule.Bool); err != nil {
			return nil, err
		}
	}
	for _, b := range d.Branch {
		when, err := rule.Compile(env, b.When, rule.Bool)
		if err != nil {
			return nil, err
		}
		a.branches = append(a.branches, compiledBranch{when, b.To})
	}
	for i := range d.Do {
		e, err := compileEffect(env, &d.Do[i])
		if err != nil {
			return nil, err
		}
		a.effects = append(a.effects, *e)
	}
	return a, nil
}

func compileEffect(env *rule.Env, d *matter.Effect) (e *compiledEffect, err error) {
	e = &compiledEffect{decl: d}
	if d.When != "" {
		if e.when, err = rule.Compile(env, d.When, rule.Bool); err != nil {
			return nil, err
		}
	}
	value := ""
	switch {
	case d.Assign != "":
		value = d.Assign
	case d.Hold != "":
		value = d.Hold
	case d.Place != "":
		value = d.Place
	case d.Rate != "":
		value = d.Rate
	case d.Publish != "":
		value = d.Publish
	case d.Link != nil:
		value = d.Link.Case
	case d.Open != nil:
		value = d.Open.Unit
	case d.Relay != nil:
		value = d.Relay.Case
	case d.Release != "":
		value = d.Release
	case d.Extend != "":
		name, by, ok := strings.Cut(d.Extend, " by ")
		if !ok {
			return nil, fmt.Errorf("extend wants %q, has %q", "CLOCK by EXPRESSION", d.Extend)
		}
		e.clock, value = strings.TrimSpace(name), by
	}
	if value != "" {
		if e.value, err = rule.Compile(env, value, rule.Any); err != nil {
			return nil, err
		}
	}
	if named := d.Named(); named != nil {
		e.set = map[string]*rule.Program{}
		for name, text := range named {
			if e.set[name], err = rule.Compile(env, text, rule.Any); err != nil {
				return nil, err
			}
		}
	}
	return e, nil
}

// when compiles the condition of a clock, "" as nil.
func (c *compiler) when(text string) (*rule.Program, error) {
	if p, ok := c.whens[text]; ok || text == "" {
		return p, nil
	}
	env, err := rule.NewEnv(nil)
	if err != nil {
		return nil, err
	}
	c.whens[text], err = rule.Compile(env, text, rule.Bool)
	return c.whens[text], err
}

// moment returns what tells when a clock is due, nil where its limit does.
func (c *compiler) moment(d *matter.ClockDecl) (func(clock.Event) int64, error) {
	if d.At == "" {
		return nil, nil
	}
	env, err := rule.NewEnv(nil)
	if err != nil {
		return nil, err
	}
	at, err := rule.Compile(env, d.At, rule.Text)
	if err != nil {
		return nil, err
	}
	var ahead time.Duration
	if d.Ahead != "" {
		if ahead, err = time.ParseDuration(d.Ahead); err != nil {
			return nil, err
		}
	}
	return func(e clock.Event) int64 { return e.Facts.(*conditions).moment(at) - ahead.Milliseconds() }, nil
}

func (c *compiler) clocks(m *machine) error {
	for _, code := range m.family.RuleSets {
		set := c.city.ClockSets[code]
		if set == nil {
			return fmt.Errorf("cases: family %s names no rule set that exists: %q", m.family.Code, code)
		}
		for i := range set.Clocks {
			d := &set.Clocks[i]
			r, err := clockRule(c.city.Version, set, d)
			if err != nil {
				return err
			}
			when, err := c.when(d.When)
			if err != nil {
				return err
			}
			if when != nil {
				r.When = func(e clock.Event) bool { return e.Facts.(*conditions).holds(when) }
			}
			if r.At, err = c.moment(d); err != nil {
				return err
			}
			m.clocks = append(m.clocks, r)
			// The variant without a name is known by the code alone, which until then
			// stands for the first.
			if was := m.titles[d.Name()]; was == nil || was.Name() != d.Name() {
				m.titles[d.Name()] = d
			}
			if m.titles[d.Code] == nil {
				m.titles[d.Code] = d
			}
		}
	}
	return nil
}

// clockRule turns a declared clock into a rule of the engine.
func clockRule(version string, set *matter.ClockSet, d *matter.ClockDecl) (clock.Rule, error) {
	limit, err := clock.ParseLimit(d.Limit)
	if err != nil && d.At == "" {
		return clock.Rule{}, err
	}
	r := clock.Rule{
		Code: d.Code, Variant: d.Variant, Title: d.Title, Of: d.Of, RuleSet: set.Code, Version: version, Start: d.Start, Stop: d.Stop, Cancel: d.Cancel,
		Pause: d.Pause, Resume: d.Resume, Restart: clock.Once, Limit: limit, Mode: clock.Mode(d.Mode), WarnAt: d.Warn,
		Then: d.Then, Pausable: true,
	}
	if d.Again {
		r.Restart = clock.Again
	}
	return r, nil
}

func (m *machine) stateTitle(code string) string {
	if st := m.states[code]; st != nil {
		return st.Title
	}
	return code
}

func (a *compiledAction) openIn(state string, m *machine) bool { return a.decl.OpenIn(m.states[state]) }

// blank returns the input as expressions see it before anything is entered.
func (a *compiledAction) blank() map[string]any {
	in := make(map[string]any, len(a.decl.Input))
	for i := range a.decl.Input {
		in[a.decl.Input[i].Code] = a.decl.Input[i].Zero()
	}
	return in
}
