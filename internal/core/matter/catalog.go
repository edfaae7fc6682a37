package matter

import (
	"cmp"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"yiwang/internal/core/rule"
)

// Catalog is everything that a pack declares the city to do, with the editions of
// its duty lists that were published since. It is safe for concurrent use; what it
// returns must not be changed.
type Catalog struct {
	families map[string]*Family
	lives    map[string]*Lifecycle
	services []*Service // all editions, by code and first day
	themes   []Theme
	powers   []*Power
	proofs   []*Proof
	declared []*Matter // by the pack
	matters  atomic.Pointer[register]
}

// register holds the editions of matters by family and code, the oldest first.
type register map[string]map[string][]*Matter

// NewCatalog puts the declarations together. Of families, lifecycles and editions
// that stand twice the first counts; a pack that was checked has none.
func NewCatalog(families []*Family, lives []*Lifecycle, matters []*Matter) *Catalog {
	c := &Catalog{families: map[string]*Family{}, lives: map[string]*Lifecycle{}, declared: matters}
	for _, f := range families {
		if c.families[f.Code] == nil {
			c.families[f.Code] = f
		}
	}
	for _, l := range lives {
		if c.lives[l.Code] == nil {
			c.lives[l.Code] = l
		}
	}
	c.matters.Store(registered(matters))
	return c
}

func registered(matters []*Matter) *register {
	r := register{}
	for _, m := range matters {
		if r[m.Family] == nil {
			r[m.Family] = map[string][]*Matter{}
		}
		r[m.Family][m.Code] = append(r[m.Family][m.Code], m)
	}
	for _, codes := range r {
		for _, editions := range codes {
			slices.SortStableFunc(editions, func(a, b *Matter) int { return cmp.Compare(a.From, b.From) })
		}
	}
	return &r
}

// Family returns the family with a code, nil if there is none.
func (c *Catalog) Family(code string) *Family { return c.families[code] }

// Families returns all families by code.
func (c *Catalog) Families() map[string]*Family { return maps.Clone(c.families) }

// Lifecycle returns the lifecycle with a code, nil if there is none.
func (c *Catalog) Lifecycle(code string) *Lifecycle { return c.lives[code] }

// Services returns the service items in force on a day, by code.
func (c *Catalog) Services(day string) []*Service {
	var out []*Service
	for _, s := range c.services {
		if s.InForce(day) {
			out = append(out, s)
		}
	}
	return out
}

// Service returns the edition of a service item that is in force on a day, nil if
// there is none.
func (c *Catalog) Service(code, day string) *Service {
	i, _ := slices.BinarySearchFunc(c.services, code, func(s *Service, code string) int { return cmp.Compare(s.Code, code) })
	for ; i < len(c.services) && c.services[i].Code == code; i++ {
		if c.services[i].InForce(day) {
			return c.services[i]
		}
	}
	return nil
}

// chinaTime is the zone of effective dates.
var chinaTime = time.FixedZone("CST", 8*60*60)

// Today returns the date in China, as effective dates are written.
func Today() string { return time.Now().In(chinaTime).Format(time.DateOnly) }

// Find returns today's edition of a matter; see On.
func (c *Catalog) Find(family, code string) *Matter { return c.On(family, code, Today()) }

// On returns the edition of a matter that is in force on a day ("2026-01-01").
// Where none is, it is the latest before, else the first after: a case of a
// matter that has ended still has its name. It is nil where there never was one.
func (c *Catalog) On(family, code, day string) *Matter {
	editions := (*c.matters.Load())[family][code]
	if len(editions) == 0 {
		return nil
	}
	best := editions[0]
	for _, m := range editions {
		if m.From <= day {
			best = m
		}
	}
	return best
}

// InForce returns the matters of a family that are in force on a day, by code.
func (c *Catalog) InForce(family, day string) []*Matter {
	var out []*Matter
	for _, code := range slices.Sorted(maps.Keys((*c.matters.Load())[family])) {
		if m := c.On(family, code, day); m.InForce(day) {
			out = append(out, m)
		}
	}
	return out
}

// InForce reports whether the edition is in force on a day.
func (m *Matter) InForce(day string) bool { return m.From <= day && (m.To == "" || day <= m.To) }

// State returns the state with a code, nil if there is none.
func (l *Lifecycle) State(code string) *State {
	for i := range l.States {
		if l.States[i].Code == code {
			return &l.States[i]
		}
	}
	return nil
}

// Action returns the action with a code, nil if there is none.
func (l *Lifecycle) Action(code string) *ActionDecl {
	for i := range l.Actions {
		if l.Actions[i].Code == code {
			return &l.Actions[i]
		}
	}
	return nil
}

// Asks reports whether there is something in it for somebody to do, of their own accord.
func (l *Lifecycle) Asks(who string) bool {
	return l != nil && slices.ContainsFunc(l.Actions, func(a ActionDecl) bool { return a.Code != "file" && slices.Contains(a.Who, who) })
}

// OpenIn returns the actions that a state admits, in the order of declaration.
func (l *Lifecycle) OpenIn(state string) []*ActionDecl {
	var open []*ActionDecl
	for i := range l.Actions {
		if l.Actions[i].OpenIn(l.State(state)) {
			open = append(open, &l.Actions[i])
		}
	}
	return open
}

// InputTypes returns the members that the fields of a form give to expressions.
func InputTypes(fields []Field) map[string]rule.Type {
	types := make(map[string]rule.Type, len(fields))
	for _, f := range fields {
		switch f.Type {
		case Number, Rating:
			types[f.Code] = rule.Number
		case Yes:
			types[f.Code] = rule.Bool
		case Files:
			types[f.Code] = rule.Any
		default:
			types[f.Code] = rule.Text
		}
	}
	return types
}
