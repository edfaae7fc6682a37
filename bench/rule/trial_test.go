package main

import (
	"testing"

	"yiwang/internal/core/rule"
)

// Random tables of every kind decide as the oracle reads them. The full trial of ten
// million is go run ./bench/rule.
func TestDecisionsAgreeWithTheOracle(t *testing.T) {
	n := 200_000
	if testing.Short() {
		n = 20_000
	}
	got := compare(t.Context(), n, 7, 2)
	if got.wrong.Load() > 0 || got.decisions.Load() < int64(n) {
		t.Fatalf("%d of %d decisions differ; the first:\n%s", got.wrong.Load(), got.decisions.Load(), got.first)
	}
	for i, s := range states {
		if got.states[i].Load() == 0 {
			t.Errorf("no decision was %s: the tables try too little", s)
		}
	}
}

// An oracle that never differs proves nothing: a decision that was altered is found.
func TestTheOracleDiffers(t *testing.T) {
	o, err := newOracle([]byte("hit: first\nfacts: [{code: x, type: number}]\nresults: [{code: y, type: number}]\nrows: [{when: {x: '3..'}, then: {y: '1'}, clause: 一}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	if a, b := o.decide("2026-01-01", map[string]string{"x": "3"}), o.decide("2026-01-01", map[string]string{"x": "2"}); a == b || a.said != "y=1;" {
		t.Errorf("%+v %+v", a, b)
	}
}

func BenchmarkEveryone(b *testing.B) {
	c := population(100_000, 1)
	var rules []*rule.Decider
	for _, t := range entitlements(273) {
		d, err := build(t)
		if err != nil {
			b.Fatal(err)
		}
		rules = append(rules, d)
	}
	for b.Loop() {
		if _, err := rule.Everyone(c, day, rules); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkThreeThousandRows(b *testing.B) {
	d, err := build(lookup(3000))
	if err != nil {
		b.Fatal(err)
	}
	facts := rule.Values(map[string]any{"kind": "k3", "street": "s4", "living": true, "age": 5, "income": 3000})
	for b.Loop() {
		if _, err := d.Decide(day, facts); err != nil {
			b.Fatal(err)
		}
	}
}
