package org

import (
	"cmp"
	"maps"
	"slices"

	"yiwang/internal/base/errs"
)

// Directory is who works for the city at one moment: units in their tree, staff,
// roles and the duty roster. It never changes and is safe for concurrent use; an
// edit makes a new one.
type Directory struct {
	units    map[string]Unit
	order    []string // unit codes by path: each unit right before those below it
	children map[string][]string
	serving  map[service][]string // unit codes by what they do and where
	staff    map[string]Staff
	staffOf  map[string][]string // staff ids by unit
	roles    []Role
	byRole   map[string]Role
	roster   map[string][]Shift
}

// service is a function or a kind of unit, in an area.
type service struct{ what, area string }

// NewDirectory puts a directory together; the paths of units are computed from
// their parents. It refuses a unit that stands twice, has an unknown parent or
// stands above itself, and staff of unknown units, as Invalid.
func NewDirectory(units []Unit, staff []Staff, roles []Role, roster []Shift) (*Directory, error) {
	d := &Directory{
		units: make(map[string]Unit, len(units)), children: map[string][]string{}, serving: map[service][]string{},
		staff: make(map[string]Staff, len(staff)), staffOf: map[string][]string{},
		roles: slices.Clone(roles), byRole: map[string]Role{}, roster: map[string][]Shift{},
	}
	for _, u := range units {
		if _, twice := d.units[u.Code]; twice || u.Code == "" {
			return nil, errs.E(errs.Invalid, "org.unit_twice", errs.Args{"unit": u.Code})
		}
		d.units[u.Code] = u
	}
	for code := range d.units {
		path, err := d.path(code)
		if err != nil {
			return nil, err
		}
		u := d.units[code]
		u.Path = path
		d.units[code] = u
	}
	d.index()
	for _, s := range staff {
		if _, ok := d.units[s.Unit]; !ok {
			return nil, errs.E(errs.Invalid, "org.staff_without_unit", errs.Args{"staff": s.ID, "unit": s.Unit})
		}
		d.staff[s.ID] = s
	}
	for _, id := range slices.Sorted(maps.Keys(d.staff)) {
		u := d.staff[id].Unit
		d.staffOf[u] = append(d.staffOf[u], id)
	}
	for _, r := range roles {
		d.byRole[r.Code] = r
	}
	for _, s := range roster {
		d.roster[s.Unit] = append(d.roster[s.Unit], s)
	}
	return d, nil
}

// path joins the codes from the root to a unit.
func (d *Directory) path(code string) (string, error) {
	path := code
	for seen, u := 0, d.units[code]; u.Parent != ""; seen++ {
		above, ok := d.units[u.Parent]
		if !ok || seen > len(d.units) {
			return "", errs.E(errs.Invalid, "org.unit_parent", errs.Args{"unit": u.Code, "parent": u.Parent})
		}
		path = above.Code + "/" + path
		u = above
	}
	return path, nil
}

// index orders the units and finds them by what they do. Within an area the
// bodies of government come before social partners, then by code.
func (d *Directory) index() {
	d.order = slices.SortedFunc(maps.Keys(d.units), func(a, b string) int { return cmp.Compare(d.units[a].Path, d.units[b].Path) })
	for _, code := range d.order {
		u := d.units[code]
		if u.Parent != "" {
			d.children[u.Parent] = append(d.children[u.Parent], code)
		}
		if !u.Active {
			continue
		}
		for _, what := range []string{"function " + u.Function, "kind " + string(u.Kind)} {
			s := service{what, u.Area}
			d.serving[s] = append(d.serving[s], code)
		}
	}
	for _, codes := range d.serving {
		slices.SortStableFunc(codes, func(a, b string) int {
			pa, pb := d.units[a].Kind == Partner, d.units[b].Kind == Partner
			switch {
			case pa == pb:
				return cmp.Compare(a, b)
			case pa:
				return 1
			}
			return -1
		})
	}
}

// Unit returns the unit with a code.
func (d *Directory) Unit(code string) (Unit, bool) { u, ok := d.units[code]; return u, ok }

// Path returns the path of a unit, "" if it is unknown.
func (d *Directory) Path(code string) string { return d.units[code].Path }

// Units returns all units, each right before those below it.
func (d *Directory) Units() []Unit { return d.pick(d.order) }

// Children returns the units directly below a unit.
func (d *Directory) Children(code string) []Unit { return d.pick(d.children[code]) }

// Subtree returns a unit and all below it.
func (d *Directory) Subtree(code string) []Unit {
	above := d.Path(code)
	return d.pick(slices.DeleteFunc(slices.Clone(d.order), func(c string) bool { return !Covers(above, d.units[c].Path) }))
}

func (d *Directory) pick(codes []string) []Unit {
	out := make([]Unit, 0, len(codes))
	for _, c := range codes {
		out = append(out, d.units[c])
	}
	return out
}

// Responsible returns the active unit that has a function for a place: the one
// that serves the narrowest area of the chain (narrow to wide), last the one that
// serves the whole district. Social partners only count where nobody else has
// the function.
func (d *Directory) Responsible(function string, areaChain []string) (Unit, bool) {
	var partner Unit
	if function == "" {
		return Unit{}, false
	}
	for _, area := range append(slices.Clip(areaChain), "") {
		for _, code := range d.serving[service{"function " + function, area}] {
			u := d.units[code]
			if u.Kind != Partner {
				return u, true
			}
			if partner.Code == "" {
				partner = u
			}
		}
	}
	return partner, partner.Code != ""
}

// Of returns the active units of a kind that serve exactly an area.
func (d *Directory) Of(area string, kind UnitKind) []Unit {
	return d.pick(d.serving[service{"kind " + string(kind), area}])
}

// Functions returns every function that some unit has, in order.
func (d *Directory) Functions() []string {
	seen := map[string]bool{}
	for _, u := range d.units {
		if u.Function != "" {
			seen[u.Function] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// Staff returns the person with a login name.
func (d *Directory) Staff(id string) (Staff, bool) { s, ok := d.staff[id]; return s, ok }

// StaffOf returns the staff of a unit, by login name.
func (d *Directory) StaffOf(unit string) []Staff {
	out := make([]Staff, 0, len(d.staffOf[unit]))
	for _, id := range d.staffOf[unit] {
		out = append(out, d.staff[id])
	}
	return out
}

// AllStaff returns all staff, by login name.
func (d *Directory) AllStaff() []Staff {
	out := make([]Staff, 0, len(d.staff))
	for _, id := range slices.Sorted(maps.Keys(d.staff)) {
		out = append(out, d.staff[id])
	}
	return out
}

// Role returns a role.
func (d *Directory) Role(code string) (Role, bool) { r, ok := d.byRole[code]; return r, ok }

// Roles returns all roles in the order of their declaration.
func (d *Directory) Roles() []Role { return slices.Clone(d.roles) }

// Actor returns the actor that an active person is.
func (d *Directory) Actor(staff string) (Actor, bool) {
	s, ok := d.staff[staff]
	if !ok || !s.Active {
		return Actor{}, false
	}
	return Actor{Kind: IsStaff, ID: s.ID, Name: s.Name, Unit: s.Unit, Path: d.Path(s.Unit), Roles: s.Roles}, true
}

// WithUnits returns a directory in which these units replace those of the same
// code or are added.
func (d *Directory) WithUnits(units ...Unit) (*Directory, error) {
	all := maps.Clone(d.units)
	for _, u := range units {
		all[u.Code] = u
	}
	return NewDirectory(slices.Collect(maps.Values(all)), d.AllStaff(), d.roles, d.shifts())
}

// WithStaff returns a directory in which these people replace those of the same
// login name or are added.
func (d *Directory) WithStaff(staff ...Staff) (*Directory, error) {
	return NewDirectory(d.Units(), append(d.AllStaff(), staff...), d.roles, d.shifts())
}

func (d *Directory) shifts() []Shift {
	var all []Shift
	for _, unit := range slices.Sorted(maps.Keys(d.roster)) {
		all = append(all, d.roster[unit]...)
	}
	return all
}
