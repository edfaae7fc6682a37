package portal_test

import (
	"testing"

	"yiwang/internal/core/org"
	"yiwang/internal/work/view"
)

// A residence certificate at once spares the identity card, which the register knows,
// all five days of the law, and two of the three steps.
func TestSpared(t *testing.T) {
	b := open(t)
	was := spared(t, b)
	b.signIn("演示居民", "900000198802140531")
	b.post(residence+"/clear", form()) // of what another test left
	b.post(residence, form("of", "person/PA5", "agreed", "yes", "_go", "next"))
	b.post(residence+"/form", form("use", "school", "_go", "next"))
	b.post(residence+"/materials", form("_go", "next"))
	b.post(residence+"/send", form()).at(residence + "/sent").sees("已办结")
	is := spared(t, b)
	if d, n, s := is[view.SparedDocuments]-was[view.SparedDocuments], is[view.SparedDays]-was[view.SparedDays], is[view.SparedSteps]-was[view.SparedSteps]; d != 1 || n != 5 || s != 2 {
		t.Errorf("spared %d documents, %d days, %d steps; want 1, 5, 2", d, n, s)
	}
}

// spared returns the sums of the residence certificates so far.
func spared(t *testing.T, b *browser) view.Day {
	t.Helper()
	if err := b.house.View.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	whole, err := b.house.View.WholeLog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	groups, err := b.house.View.Sums(t.Context(), org.Machine("test"), view.Scope{}, whole, "matter")
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range groups {
		if g.Key == "residence" {
			return g.Sums
		}
	}
	return view.Day{}
}
