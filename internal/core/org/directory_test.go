package org_test

import (
	"testing"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/org"
)

func TestTree(t *testing.T) {
	d := directory(t)
	same(t, d.Path("street-um"), "district/street/street-um")
	same(t, codes(d.Children("street")), "[cleaner closed community street-um]")
	same(t, codes(d.Subtree("street")), "[street cleaner closed community street-um]")
	same(t, codes(d.Subtree("nobody")), "[]")
}

func TestResponsible(t *testing.T) {
	d := directory(t)
	for _, c := range []struct {
		function string
		chain    []string
		want     string
	}{
		{"urban_management", []string{"C1", "S1"}, "street-um"}, // the community's cleaner is only a partner
		{"urban_management", []string{"C2", "S1"}, "street-um"}, // the community's office is closed
		{"urban_management", []string{"S2"}, "city-um"},         // no such office on that street
		{"urban_management", nil, "city-um"},
		{"police", []string{"C1", "S1"}, "police"},
		{"fishing", []string{"C1"}, ""},
		{"", []string{"C1"}, ""},
	} {
		u, ok := d.Responsible(c.function, c.chain)
		same(t, u.Code, c.want)
		same(t, ok, c.want != "")
	}
	same(t, codes(d.Of("C1", org.Community)), "[community]")
}

func TestOnDuty(t *testing.T) {
	d := directory(t)
	for _, c := range []struct{ at, want string }{
		{"Fri 2026-03-06 17:59", "[]"},
		{"Fri 2026-03-06 18:00", "[hugo]"},
		{"Sat 2026-03-07 08:59", "[hugo]"}, // past midnight, still Friday's shift
		{"Sat 2026-03-07 09:00", "[chen]"},
		{"Sun 2026-03-08 02:00", "[]"},
		{"Wed 2026-03-04 12:30", "[]"}, // the roster names somebody who has left
	} {
		at, err := time.ParseInLocation("Mon 2006-01-02 15:04", c.at, time.FixedZone("CST", 8*3600))
		if err != nil {
			t.Fatal(err)
		}
		same(t, d.OnDuty("street-um", at.UTC()), c.want)
	}
}

func TestEditsMakeANewDirectory(t *testing.T) {
	d := directory(t)
	u, _ := d.Unit("street-um")
	u.Parent = "district"
	edited, err := d.WithUnits(u)
	if err != nil {
		t.Fatal(err)
	}
	same(t, edited.Path("street-um"), "district/street-um")
	same(t, d.Path("street-um"), "district/street/street-um")
	same(t, len(edited.AllStaff()), len(d.AllStaff()))

	s, _ := d.Staff("hugo")
	s.Active = false
	edited, err = d.WithStaff(s)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := edited.Actor("hugo"); ok {
		t.Error("a leaver still acts")
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		units []org.Unit
		staff []org.Staff
		key   string
	}{
		"twice":          {[]org.Unit{{Code: "a"}, {Code: "a"}}, nil, "org.unit_twice"},
		"unknown parent": {[]org.Unit{{Code: "a", Parent: "b"}}, nil, "org.unit_parent"},
		"circle":         {[]org.Unit{{Code: "a", Parent: "b"}, {Code: "b", Parent: "a"}}, nil, "org.unit_parent"},
		"staff":          {[]org.Unit{{Code: "a"}}, []org.Staff{{ID: "x", Unit: "b"}}, "org.staff_without_unit"},
	} {
		_, err := org.NewDirectory(c.units, c.staff, nil, nil)
		if e, ok := err.(*errs.Error); !ok || e.Key != c.key || !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: %v, want %s", name, err, c.key)
		}
	}
}

func codes(units []org.Unit) (out []string) {
	out = []string{}
	for _, u := range units {
		out = append(out, u.Code)
	}
	return out
}
