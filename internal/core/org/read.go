package org

import (
	"fmt"
	"strings"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
)

// Declared is what a pack says of units and people, and where it says it.
type Declared struct {
	Units  []Unit
	Staff  []Staff
	Roles  []Role
	Roster []Shift
	UnitAt map[string]decl.Pos // where each unit is declared, by code
	RoleAt map[string]decl.Pos
}

// Read reads a pack's org directory. What is wrong with a line is reported, and
// the line left out, so that the rest always makes a Directory.
func Read(d *decl.Dir) Declared {
	p := Declared{UnitAt: map[string]decl.Pos{}, RoleAt: map[string]decl.Pos{}}
	p.readRoles(d)
	p.readUnits(d)
	if !d.Lost() { // else staff would be said to belong to units that merely could not be read
		p.readStaff(d)
	}
	if !d.Lost() && d.Has("org/duty.csv") {
		p.readRoster(d)
	}
	return p
}

func (p *Declared) readRoles(d *decl.Dir) {
	const file = "org/roles.yaml"
	var f RolesFile
	doc, ok := d.YAML(file, &f)
	if !ok {
		return
	}
	for i, r := range f.Roles {
		at := doc.At("roles", i)
		first, twice := p.RoleAt[r.Code]
		if twice {
			d.Report(at, "org.code_twice", errs.Args{"code": r.Code, "first": first.Line})
		}
		if twice || r.Code == "" {
			continue
		}
		p.RoleAt[r.Code] = at
		p.Roles = append(p.Roles, r)
	}
}

// RolesFile is the form of org/roles.yaml.
type RolesFile struct {
	Roles []Role `yaml:"roles" need:"yes"`
}

func (p *Declared) readUnits(d *decl.Dir) {
	kinds := []string{string(Centre), string(Department), string(Street), string(Office), string(Community), string(Utility), string(Partner)}
	var rows []decl.Row
	for _, r := range d.CSV("org/units.csv", "code", "name", "short", "kind", "parent", "area", "function", "night", "approval", "phone") {
		code := r.Need("code")
		if first, twice := p.UnitAt[code]; twice {
			r.Report("org.code_twice", errs.Args{"code": code, "first": first.Line})
			continue
		}
		if code == "" || strings.ContainsAny(code, "/ ") {
			if code != "" {
				r.Report("org.bad_code", errs.Args{"code": code})
			}
			continue
		}
		u := Unit{
			Code: code, Name: r.Need("name"), Short: r.Text("short"), Kind: UnitKind(r.OneOf("kind", kinds...)), Parent: r.Text("parent"),
			Area: r.Text("area"), Function: r.Text("function"), Night: r.Yes("night"), Approval: r.Yes("approval"), Phone: r.Text("phone"), Active: true,
		}
		if u.Short == "" {
			u.Short = u.Name
		}
		p.UnitAt[code] = r.Pos
		p.Units = append(p.Units, u)
		rows = append(rows, r)
	}
	p.checkTree(rows)
}

// checkTree reports parents that are unknown or stand below their own child, and
// makes such units roots, so that the tree is one.
func (p *Declared) checkTree(rows []decl.Row) {
	parent := map[string]string{}
	for _, u := range p.Units {
		parent[u.Code] = u.Parent
	}
	for i := range p.Units {
		u := &p.Units[i]
		if u.Parent == "" {
			continue
		}
		if _, ok := p.UnitAt[u.Parent]; !ok {
			rows[i].Report("org.unknown_parent", errs.Args{"unit": u.Code, "parent": u.Parent})
			u.Parent, parent[u.Code] = "", ""
			continue
		}
		for steps, above := 0, u.Parent; above != ""; steps, above = steps+1, parent[above] {
			if above == u.Code || steps > len(parent) {
				rows[i].Report("org.circle", errs.Args{"unit": u.Code})
				u.Parent, parent[u.Code] = "", ""
				break
			}
		}
	}
}

func (p *Declared) readStaff(d *decl.Dir) {
	first := map[string]int{}
	for _, r := range d.CSV("org/staff.csv", "id", "name", "unit", "roles", "demo") {
		s := Staff{ID: r.Need("id"), Name: r.Need("name"), Unit: r.Need("unit"), Demo: r.Yes("demo"), Active: true}
		line, twice := first[s.ID]
		_, unit := p.UnitAt[s.Unit]
		switch {
		case s.ID == "" || s.Unit == "":
			continue
		case twice:
			r.Report("org.code_twice", errs.Args{"code": s.ID, "first": line})
			continue
		case !unit:
			r.Report("org.unknown_unit", errs.Args{"unit": s.Unit})
			continue
		}
		first[s.ID] = r.Line
		for _, role := range r.List("roles") {
			if _, ok := p.RoleAt[role]; !ok {
				r.Report("org.unknown_role", errs.Args{"role": role})
				continue
			}
			s.Roles = append(s.Roles, role)
		}
		if len(s.Roles) == 0 {
			r.Report("org.no_role", errs.Args{"staff": s.ID})
		}
		p.Staff = append(p.Staff, s)
	}
}

func (p *Declared) readRoster(d *decl.Dir) {
	known := map[string]bool{}
	for _, s := range p.Staff {
		known[s.ID] = true
	}
	for _, r := range d.CSV("org/duty.csv", "unit", "weekday", "from", "to", "staff") {
		s := Shift{Unit: r.Need("unit"), Staff: r.Need("staff")}
		ok := s.Unit != "" && s.Staff != ""
		if _, unit := p.UnitAt[s.Unit]; s.Unit != "" && !unit {
			r.Report("org.unknown_unit", errs.Args{"unit": s.Unit})
			ok = false
		}
		if s.Staff != "" && !known[s.Staff] {
			r.Report("org.unknown_staff", errs.Args{"staff": s.Staff})
			ok = false
		}
		if day := r.OneOf("weekday", "1", "2", "3", "4", "5", "6", "7", "*"); day == "" {
			ok = false
		} else if day != "*" {
			s.Weekday = int(day[0] - '0')
		}
		var fromOK, toOK bool
		s.From, fromOK = minuteOfDay(r, "from")
		s.To, toOK = minuteOfDay(r, "to")
		if ok && fromOK && toOK {
			p.Roster = append(p.Roster, s)
		}
	}
}

// minuteOfDay reads a cell that is written HH:MM.
func minuteOfDay(r decl.Row, column string) (int, bool) {
	var h, m int
	s := r.Text(column)
	if n, err := fmt.Sscanf(s, "%d:%d", &h, &m); err != nil || n != 2 || s != fmt.Sprintf("%02d:%02d", h, m) || h > 24 || m > 59 || h*60+m > 24*60 {
		r.Report("org.bad_hour", errs.Args{"column": column, "value": s})
		return 0, false
	}
	return h*60 + m, true
}
