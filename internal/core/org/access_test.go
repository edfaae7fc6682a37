package org_test

import (
	"fmt"
	"strings"
	"testing"

	"yiwang/internal/core/org"
)

// A small district: the centre and the street beside each other, below the street
// its law-enforcement office and a community.
//
//	district ── centre
//	         └─ street ── street-um
//	                   └─ community
func directory(t testing.TB) *org.Directory {
	t.Helper()
	units := []org.Unit{
		{Code: "district", Kind: org.Department, Active: true},
		{Code: "centre", Kind: org.Centre, Parent: "district", Function: "dispatch", Active: true},
		{Code: "police", Kind: org.Department, Parent: "district", Function: "police", Active: true},
		{Code: "city-um", Kind: org.Department, Parent: "district", Function: "urban_management", Active: true},
		{Code: "street", Kind: org.Street, Parent: "district", Area: "S1", Active: true},
		{Code: "street-um", Kind: org.Office, Parent: "street", Area: "S1", Function: "urban_management", Active: true},
		{Code: "cleaner", Kind: org.Partner, Parent: "street", Area: "C1", Function: "urban_management", Active: true},
		{Code: "community", Kind: org.Community, Parent: "street", Area: "C1", Active: true},
		{Code: "closed", Kind: org.Office, Parent: "street", Area: "C2", Function: "urban_management"},
	}
	roles := []org.Role{
		{Code: "dispatcher", Sees: org.SeesAll}, {Code: "leader", Sees: org.SeesSubtree},
		{Code: "clerk", Sees: org.SeesSubtree}, {Code: "head", Sees: org.SeesSubtree},
		{Code: "handler", Sees: org.SeesUnit}, {Code: "grid", Sees: org.SeesUnit}, {Code: "admin", Sees: org.SeesOwn},
	}
	staff := []org.Staff{
		{ID: "dina", Unit: "centre", Roles: []string{"dispatcher"}, Active: true},
		{ID: "lily", Unit: "district", Roles: []string{"leader"}, Active: true},
		{ID: "carl", Unit: "street", Roles: []string{"clerk"}, Active: true},
		{ID: "chen", Unit: "street-um", Roles: []string{"clerk"}, Active: true},
		{ID: "hugo", Unit: "street-um", Roles: []string{"handler"}, Active: true},
		{ID: "hana", Unit: "street", Roles: []string{"handler"}, Active: true},
		{ID: "gina", Unit: "community", Roles: []string{"grid"}, Active: true},
		{ID: "poli", Unit: "police", Roles: []string{"head"}, Active: true},
		{ID: "adam", Unit: "centre", Roles: []string{"admin"}, Active: true},
		{ID: "nobo", Unit: "street-um", Roles: nil, Active: true},
		{ID: "gone", Unit: "street-um", Roles: []string{"clerk"}},
	}
	roster := []org.Shift{
		{Unit: "street-um", Weekday: 5, From: 18 * 60, To: 9 * 60, Staff: "hugo"},
		{Unit: "street-um", Weekday: 6, From: 9 * 60, To: 18 * 60, Staff: "chen"},
		{Unit: "street-um", Weekday: 0, From: 12 * 60, To: 13 * 60, Staff: "gone"},
	}
	d, err := org.NewDirectory(units, staff, roles, roster)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func actor(t testing.TB, d *org.Directory, name string) org.Actor {
	t.Helper()
	switch name {
	case "appellant":
		return org.Appellant()
	case "machine":
		return org.Machine("clock")
	case "stranger":
		return org.Actor{Kind: org.IsStaff, ID: "stranger", Unit: "street-um", Path: "district/street/street-um", Roles: []string{"king"}}
	}
	a, ok := d.Actor(name)
	if !ok {
		t.Fatalf("no actor %s", name)
	}
	return a
}

// Who may: the whole of access, as a table. A case is named by its responsible
// unit; "-" is a case nobody has been given yet.
func TestMay(t *testing.T) {
	d := directory(t)
	for _, c := range []struct {
		who, unit string
		may       string // everybody who may; all others may not
	}{
		{"dispatcher", "-", "dina"},
		{"dispatcher", "street-um", "dina"},
		{"clerk", "street-um", "carl chen"}, // a plain role: wherever the role sees
		{"clerk", "community", "carl"},
		{"clerk", "-", ""},
		{"clerk@unit", "street-um", "carl chen"}, // the unit's own clerk, and the street's above it
		{"clerk@unit", "street", "carl"},         // the office below the street may not
		{"clerk@unit", "police", ""},
		{"clerk@unit", "-", ""},
		{"handler@unit", "street-um", "hugo"}, // in that very unit only
		{"handler@unit", "street", "hana"},
		{"grid@unit", "community", "gina"},
		{"grid@unit", "street", ""},
		{"head@unit", "police", "poli"},
		{"leader@unit", "community", "lily"},
		{"clerk@unit handler@unit", "street-um", "carl chen hugo"},
		{"appellant", "street-um", "appellant"},
		{"appellant dispatcher", "-", "appellant dina"},
		{"machine", "-", "machine"},
		{"machine dispatcher", "police", "machine dina"},
		{"", "street-um", ""},
		{"king", "street-um", ""}, // a role that nobody declared
		{"king@unit", "street-um", ""},
	} {
		t.Run(c.who+" on "+c.unit, func(t *testing.T) {
			ref := org.CaseRef{}
			if c.unit != "-" {
				ref = org.CaseRef{Unit: c.unit, UnitPath: d.Path(c.unit)}
			}
			var may []string
			for _, name := range strings.Fields("appellant machine dina lily carl chen hugo hana gina poli adam nobo stranger") {
				if d.May(actor(t, d, name), strings.Fields(c.who), ref) {
					may = append(may, name)
				}
			}
			same(t, strings.Join(may, " "), c.may)
		})
	}
}

// Who sees: the same cases in lists and on pages, because both ask the Filter.
func TestSees(t *testing.T) {
	d := directory(t)
	cases := map[string]org.CaseRef{
		"new":       {FiledBy: "citizen:appellant"},
		"street":    {Unit: "street", UnitPath: d.Path("street")},
		"um":        {Unit: "street-um", UnitPath: d.Path("street-um")},
		"community": {Unit: "community", UnitPath: d.Path("community"), FiledBy: "staff:gina"},
		"police":    {Unit: "police", UnitPath: d.Path("police"), FiledBy: "staff:gina", Holder: "nobo"},
	}
	for _, c := range []struct{ who, sees string }{
		{"machine", "new street um community police"},
		{"dina", "new street um community police"},
		{"lily", "new street um community police"}, // at the root: also what nobody has been given yet
		{"carl", "street um community"},
		{"chen", "um"},
		{"hugo", "um"},
		{"hana", "street"},
		{"gina", "community police"}, // her own unit's, and the one she filed that went to the police
		{"poli", "police"},
		{"adam", ""},
		{"nobo", ""}, // holds the police's case, but has no role any more
		{"stranger", ""},
		{"appellant", ""}, // sees the own case by its query code, not by this door
	} {
		a := actor(t, d, c.who)
		var sees []string
		for _, name := range strings.Fields("new street um community police") {
			if d.Sees(a, cases[name]) {
				sees = append(sees, name)
			}
			if d.Sees(a, cases[name]) != d.ScopeOf(a).Admits(cases[name]) {
				t.Errorf("%s: page and list differ on %s", c.who, name)
			}
		}
		t.Run(c.who, func(t *testing.T) { same(t, strings.Join(sees, " "), c.sees) })
	}
}

// A path is compared step by step: unit "street" is not above "street-um2".
func TestSubtreeIsNotAPrefix(t *testing.T) {
	a := org.Actor{Kind: org.IsStaff, ID: "carl", Unit: "street", Path: "district/street", Roles: []string{"clerk"}}
	if directory(t).Sees(a, org.CaseRef{Unit: "street-um2", UnitPath: "district/street-um2"}) {
		t.Error("street sees a case of street-um2")
	}
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
