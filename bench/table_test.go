package main

import (
	"strings"
	"testing"

	"yiwang/bench/beside"
)

// A run replaces the section of its engines, and no other.
func TestPageKeepsOtherSections(t *testing.T) {
	measured := func(engine string, rate float64) *table {
		t := &table{engines: []string{engine}, costs: map[string]cost{}}
		t.put(engine, cell{what: "filed", value: rate, unit: "/s"})
		return t
	}
	page := measured(sqlite, 1001).page("", "")
	page = measured(postgreSQL, 1002).page(page, " --stored 10")
	page = beside.Replace(page, servicesTitle, "decided 1003 /s")
	page = measured(sqlite, 1004).page(page, "")
	page = measured(postgreSQL, 1005).page(page, "")
	for text, times := range map[string]int{
		"# Benchmarks\n": 1, "\n## " + sqlite + "\n": 1, "\n## " + postgreSQL + "\n": 1, "\n## " + servicesTitle + "\n": 1,
		"1001": 0, "1002": 0, "1003": 1, "1004": 1, "1005": 1,
	} {
		if n := strings.Count("\n"+page, text); n != times {
			t.Errorf("%q is there %d times, wanted %d:\n%s", text, n, times, page)
		}
	}
}
