package matter_test

import (
	"fmt"
	"testing"

	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
	"yiwang/internal/core/place"
)

func TestEditions(t *testing.T) {
	c := matter.NewCatalog(nil, nil, []*matter.Matter{
		{Family: "appeal", Code: "01", Name: "新版", From: "2026-01-01"},
		{Family: "appeal", Code: "01", Name: "旧版", From: "2024-01-01", To: "2025-12-31"},
		{Family: "appeal", Code: "02", Name: "停用", From: "2024-01-01", To: "2024-12-31"},
		{Family: "permit", Code: "01", Name: "许可"},
	})
	for _, c2 := range []struct{ family, code, day, want string }{
		{"appeal", "01", "2025-12-31", "旧版"},
		{"appeal", "01", "2026-01-01", "新版"},
		{"appeal", "01", "2030-01-01", "新版"},
		{"appeal", "01", "2020-01-01", "旧版"}, // before the first: the first, so that an old case has its name
		{"appeal", "02", "2026-01-01", "停用"}, // after the last: the last
		{"permit", "01", "2026-01-01", "许可"}, // no dates: always
		{"appeal", "99", "2026-01-01", ""},
	} {
		name := ""
		if m := c.On(c2.family, c2.code, c2.day); m != nil {
			name = m.Name
		}
		if name != c2.want {
			t.Errorf("%s %s on %s is %q, want %q", c2.family, c2.code, c2.day, name, c2.want)
		}
	}
	if got := c.InForce("appeal", "2026-06-01"); len(got) != 1 || got[0].Name != "新版" {
		t.Errorf("in force: %v", got)
	}
}

func TestOpenIn(t *testing.T) {
	l := &matter.Lifecycle{
		States: []matter.State{{Code: "new"}, {Code: "done", Closed: true}},
		Actions: []matter.ActionDecl{
			{Code: "file", To: "new"}, {Code: "resolve", From: []string{"new"}},
			{Code: "note", From: []string{"*"}}, {Code: "rate", From: []string{"done"}},
		},
	}
	for state, want := range map[string]string{"new": "resolve note", "done": "rate", "lost": ""} {
		got := ""
		for _, a := range l.OpenIn(state) {
			if got != "" {
				got += " "
			}
			got += a.Code
		}
		if got != want {
			t.Errorf("open in %s: %q, want %q", state, got, want)
		}
	}
}

// Who answers: by function, by place, by both; what they cannot place goes to the
// backstop.
func TestResponsible(t *testing.T) {
	dir, places := ground(t)
	for _, c := range []struct {
		name string
		duty matter.Duty
		area string
		want string // unit and how
	}{
		{"by function, the unit named", matter.Duty{By: matter.ByFunction, Unit: "water", Backstop: "centre"}, "C1", "water duty.function"},
		{"by function, wherever it is", matter.Duty{By: matter.ByFunction, Unit: "water", Backstop: "centre"}, "", "water duty.function"},
		{"by function, the district's unit", matter.Duty{By: matter.ByFunction, Function: "um", Backstop: "centre"}, "C1", "um duty.function"},
		{"by function, a unit that is closed", matter.Duty{By: matter.ByFunction, Unit: "closed", Backstop: "centre"}, "C1", "centre duty.backstop_nobody"},
		{"by place, the street of a grid", matter.Duty{By: matter.ByPlace, Level: "street", Backstop: "centre"}, "C1001", "s1 duty.place"},
		{"by place, the community", matter.Duty{By: matter.ByPlace, Level: "community", Backstop: "centre"}, "C1", "c1 duty.place"},
		{"by place, the community has no station", matter.Duty{By: matter.ByPlace, Level: "community", Backstop: "centre"}, "C2", "centre duty.backstop_nobody"},
		{"by place, only the street is known", matter.Duty{By: matter.ByPlace, Level: "community", Backstop: "centre"}, "S1", "centre duty.backstop_place"},
		{"by both, the street's own office", matter.Duty{By: matter.ByBoth, Function: "um", Level: "street", Backstop: "centre"}, "C1001", "s1-um duty.both"},
		{"by both, the street has none, the district does", matter.Duty{By: matter.ByBoth, Function: "um", Level: "street", Backstop: "centre"}, "S2", "um duty.both"},
		{"by both, the place is unknown", matter.Duty{By: matter.ByBoth, Function: "um", Level: "street", Backstop: "um"}, "", "um duty.backstop_place"},
		{"by both, the place is another town's", matter.Duty{By: matter.ByBoth, Function: "um", Level: "street", Backstop: "um"}, "X9", "um duty.backstop_place"},
		{"nobody at all", matter.Duty{By: matter.ByBoth, Function: "fishing", Level: "street"}, "C1", " duty.nobody"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.duty.Basis = "第1项"
			a := matter.Responsible(dir, places, &matter.Matter{Duty: c.duty}, c.area)
			if got := a.Unit + " " + a.How; got != c.want || a.Clause != "第1项" {
				t.Errorf("got %q %v, want %q", got, a, c.want)
			}
			if a.Backstop != (a.How != "duty.function" && a.How != "duty.place" && a.How != "duty.both") {
				t.Errorf("backstop %v with %s", a.Backstop, a.How)
			}
		})
	}
}

func ground(t testing.TB) (*org.Directory, *place.Map) {
	t.Helper()
	dir, err := org.NewDirectory([]org.Unit{
		{Code: "centre", Active: true}, {Code: "water", Function: "water", Active: true}, {Code: "um", Function: "um", Active: true},
		{Code: "s1", Kind: org.Street, Area: "S1", Active: true}, {Code: "s1-um", Parent: "s1", Kind: org.Office, Area: "S1", Function: "um", Active: true},
		{Code: "s2", Kind: org.Street, Area: "S2", Active: true}, {Code: "c1", Kind: org.Community, Area: "C1", Active: true}, {Code: "closed"},
	}, nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	areas := []place.Area{{Code: "D", Level: place.District}}
	for i := 1; i <= 2; i++ {
		areas = append(areas, place.Area{Code: fmt.Sprint("S", i), Level: place.Street, Parent: "D"},
			place.Area{Code: fmt.Sprint("C", i), Level: place.Community, Parent: fmt.Sprint("S", i)})
	}
	areas = append(areas, place.Area{Code: "C1001", Level: place.Grid, Parent: "C1", Ring: [][2]float64{{0, 0}, {1, 0}, {1, 1}}})
	places, err := place.NewMap(areas, nil)
	if err != nil {
		t.Fatal(err)
	}
	return dir, places
}
