package org

import (
	"slices"
	"strings"
)

// CaseRef is what decides who may see and move a case.
type CaseRef struct {
	Unit     string // code of the responsible unit, "" while there is none
	UnitPath string // its path
	Holder   string // login name of the person who works on it
	FiledBy  string // actor who filed it (Actor.Ref), e.g. "staff:li.na"
	Area     string // area or grid code, "" where unknown
}

// May reports whether an actor may take an action whose declaration says who.
// Each word of who opens the door for some; none opens it for nobody:
//
//	appellant   the person who filed the case and proved it
//	machine     the program itself
//	ROLE        staff with the role, on every case the role sees
//	ROLE@unit   staff with the role in the case's responsible unit; a role that
//	            sees its subtree (a clerk, a head) also in a unit above it, a role
//	            that sees one unit (a handler, a grid worker) in that very unit
//
// A case that nobody is responsible for is closed to every ROLE@unit.
func (d *Directory) May(a Actor, who []string, c CaseRef) bool {
	return slices.ContainsFunc(who, func(word string) bool { return d.admits(a, word, c) })
}

func (d *Directory) admits(a Actor, word string, c CaseRef) bool {
	switch a.Kind {
	case IsCitizen:
		return word == "appellant"
	case IsMachine:
		return word == "machine"
	}
	code, atUnit := strings.CutSuffix(word, "@unit")
	role, known := d.byRole[code]
	if !known || a.Kind != IsStaff || !a.Has(code) {
		return false
	}
	if !atUnit {
		return filter(a, role.Sees).Admits(c)
	}
	if c.Unit == "" {
		return false
	}
	if c.Unit == a.Unit {
		return true
	}
	return (role.Sees == SeesSubtree || role.Sees == SeesAll) && Covers(a.Path, c.UnitPath)
}

// Filter says which cases an actor sees, in a form that a query can use: a case
// is seen where any of its parts holds. The zero Filter shows nothing.
type Filter struct {
	All     bool   // every case
	Subtree string // path of a unit: its cases and those of all units below it
	Unit    string // code of a unit: its cases
	Staff   string // login name: cases held by the person, or filed by them
}

// ScopeOf returns which cases an actor sees: the widest of what the actor's roles
// see, and one's own cases always. The machine sees all. A citizen sees nothing by
// this door; the one who filed a case is shown that case by its query code.
func (d *Directory) ScopeOf(a Actor) Filter {
	if a.Kind == IsMachine {
		return Filter{All: true}
	}
	var f Filter
	if a.Kind != IsStaff {
		return f
	}
	for _, code := range a.Roles {
		if role, ok := d.byRole[code]; ok {
			g := filter(a, role.Sees)
			f.All = f.All || g.All
			f.Subtree = max(f.Subtree, g.Subtree)
			f.Unit = max(f.Unit, g.Unit)
			f.Staff = max(f.Staff, g.Staff)
		}
	}
	return f
}

// Sees reports whether an actor may look at a case.
func (d *Directory) Sees(a Actor, c CaseRef) bool { return d.ScopeOf(a).Admits(c) }

// Admits reports whether the filter shows a case. It is the meaning of the filter;
// a query that uses it must show the same.
func (f Filter) Admits(c CaseRef) bool {
	return f.All ||
		f.Subtree != "" && Covers(f.Subtree, c.UnitPath) ||
		f.Unit != "" && f.Unit == c.Unit ||
		f.Staff != "" && (f.Staff == c.Holder || c.FiledBy == string(IsStaff)+":"+f.Staff)
}

// filter is what one scope shows an actor.
func filter(a Actor, s Scope) Filter {
	f := Filter{Staff: a.ID}
	switch s {
	case SeesAll:
		f.All = true
	case SeesSubtree:
		f.Subtree = a.Path
		// Below the root is everything, also what nobody has been given yet.
		f.All = a.Path != "" && !strings.Contains(a.Path, "/")
	case SeesUnit:
		f.Unit = a.Unit
	case SeesOwn:
	default:
		return Filter{}
	}
	return f
}
