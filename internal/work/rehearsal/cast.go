package rehearsal

import (
	"cmp"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"yiwang/internal/core/cases"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
)

// cast knows the people who play, when they are at work and how quick they are.
type cast struct {
	script *Script
	dir    func() *org.Directory
	centre string
	top    string          // the unit above all others, where leaders are
	guest  map[string]bool // units whose appeals accounts of the demo sign for
}

func newCast(s *Script, dir func() *org.Directory, centre string, guests bool) *cast {
	c := &cast{script: s, dir: dir, centre: centre, guest: map[string]bool{}}
	if u, ok := dir().Unit(centre); ok {
		c.top = cmp.Or(u.Parent, centre)
	}
	if !guests {
		return c
	}
	for _, p := range dir().AllStaff() {
		if p.Demo && p.Unit != centre && slices.ContainsFunc(p.Roles, signs) {
			c.guest[p.Unit] = true
		}
	}
	return c
}

// signs reports whether a role takes a unit's appeals in. Where no visitor of the demo
// has one, as in a department whose accounts are there for its service items, the unit's
// own people do all that comes.
func signs(role string) bool { return role == "clerk" || role == "grid" || role == "partner" }

// one returns somebody of a unit with one of the roles, the first role first.
// People whose accounts a visitor uses do not act by themselves.
func (c *cast) one(r *rand.Rand, unit string, roles ...string) (org.Actor, bool) {
	for _, role := range roles {
		if of := withRole(c.dir(), unit, role); len(of) > 0 {
			return c.dir().Actor(of[r.IntN(len(of))].ID)
		}
	}
	return org.Actor{}, false
}

// desk returns somebody of the dispatch centre with a role.
func (c *cast) desk(r *rand.Rand, role string) (org.Actor, bool) { return c.one(r, c.centre, role) }

// hands returns who works on a case: who holds it, else a handler of its unit.
// Who holds it may be a guest's colleague only: guests act for themselves.
func (c *cast) hands(r *rand.Rand, k *cases.Case, roles ...string) (org.Actor, bool) {
	if s, ok := c.dir().Staff(k.Holder); ok && s.Active && !s.Demo {
		return c.dir().Actor(s.ID)
	}
	return c.one(r, k.Unit, append(roles, "handler", "partner", "clerk", "head")...)
}

// shift is when an office is open on every day, in hours of the day.
type shift struct{ from, to float64 }

var (
	always   = shift{0, 24}
	daytime  = shift{8, 21}     // duty hours of units without a night roster
	office   = shift{8.75, 18}  //
	evening  = shift{9, 20.5}   // when people may be telephoned
	lateDesk = shift{7.5, 22.5} // of the audit
)

// station returns a social partner with a function, one in which a guest works
// before others; "" where there is none.
func (c *cast) station(function string) (code string) {
	for _, u := range c.dir().Units() {
		if u.Kind == org.Partner && u.Function == function && (code == "" || c.guest[u.Code] && !c.guest[code]) {
			code = u.Code
		}
	}
	return code
}

// unitShift returns when a unit takes cases.
func (c *cast) unitShift(unit string) shift {
	if u, ok := c.dir().Unit(unit); ok && (u.Night || u.Kind == org.Utility) {
		return always
	}
	return daytime
}

// open returns the first moment at or after t at which the shift works; whoever
// finds a heap in the morning needs up to half an hour to come to it.
func (s shift) open(r *rand.Rand, t time.Time) time.Time {
	local := t.In(chinaTime)
	hour := float64(local.Hour()) + float64(local.Minute())/60
	if hour >= s.from && hour < s.to {
		return t
	}
	start := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, chinaTime).Add(time.Duration(s.from * float64(time.Hour)))
	if !start.After(t) {
		start = start.AddDate(0, 0, 1)
	}
	return start.Add(time.Duration(r.Float64() * r.Float64() * float64(30*time.Minute)))
}

// about draws a time around a median; one in thirty is over three times as long.
func about(r *rand.Rand, median time.Duration) time.Duration {
	return time.Duration(float64(median) * math.Exp(r.NormFloat64()*0.6))
}

// pace is how slow a unit is: 1 is ordinary. Each has its own, and the pack
// names some that are slow.
func (c *cast) pace(unit string) float64 {
	if slices.Contains(c.script.Rhythm.Sick, unit) {
		return 2.6
	}
	h := fnv.New32a()
	h.Write([]byte(unit))
	return 0.7 + float64(h.Sum32()%70)/100
}

// slowly stretches a time in units where a guest works, so that there is always
// something for them to do.
func (c *cast) slowly(unit string) float64 {
	if c.guest[unit] {
		return 6
	}
	return 1
}

// right returns the unit that the duty list gives for what happened.
func (d *director) right(h *happening) string {
	m := d.city.Catalog.Find("appeal", h.scene.Matter)
	if m == nil {
		return d.city.Centre
	}
	return matter.Responsible(d.cast.dir(), d.city.Places, m, h.area()).Unit
}

// area returns the code of where it happened, "" where it has no place.
func (h *happening) area() string {
	if h.where == nil {
		return ""
	}
	return h.where.Area
}
