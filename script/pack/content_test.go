package pack

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

const demo = "../../city/demo"

// table reads one of the pack's CSV files into maps from column to value.
func table(t *testing.T, path string) []map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join(demo, path))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comment = '#'
	lines, err := r.ReadAll()
	if err != nil {
		t.Fatal(path, err)
	}
	var out []map[string]string
	for _, l := range lines[1:] {
		m := map[string]string{}
		for i, name := range lines[0] {
			m[name] = l[i]
		}
		out = append(out, m)
	}
	return out
}

// by sorts lines under the value of a column.
func by(lines []map[string]string, column string) map[string][]map[string]string {
	out := map[string][]map[string]string{}
	for _, l := range lines {
		out[l[column]] = append(out[l[column]], l)
	}
	return out
}

func TestDutyList(t *testing.T) {
	matters := table(t, "matter/appeals.csv")
	if len(matters) != 515 || len(by(matters, "code")) != 515 || len(by(matters, "level1")) != 14 || len(by(matters, "level2")) != 99 {
		t.Errorf("%d matters, %d codes, %d and %d classes; want 515, 515, 14 and 99",
			len(matters), len(by(matters, "code")), len(by(matters, "level1")), len(by(matters, "level2")))
	}
	if fast, night := len(by(matters, "fast")["yes"]), len(by(matters, "night")["yes"]); fast != 194 || night != 164 {
		t.Errorf("%d fast-track and %d night matters, want 194 and 164", fast, night)
	}
	descriptions := by(matters, "description")
	for _, m := range matters {
		if m["night"] == "yes" && m["fast"] != "yes" {
			t.Errorf("%s is a night matter but not fast-track", m["code"])
		}
		words := strings.Split(m["keywords"], ";")
		if len(words) < 4 || len(words) > 12 || slices.Contains(words, "") {
			t.Errorf("%s has keywords %v, want 4 to 12", m["code"], words)
		}
		if len(descriptions[m["description"]]) > 1 {
			t.Errorf("%s is described as another matter is", m["code"])
		}
		if !strings.HasPrefix(m["code"], m["level1"]) {
			t.Errorf("%s stands in class %s", m["code"], m["level1"])
		}
	}
}

// Whoever answers for a matter must be there, and at night too where it says so.
func TestEveryMatterHasItsUnit(t *testing.T) {
	units := table(t, "org/units.csv")
	code, function, kind := by(units, "code"), by(units, "function"), by(units, "kind")
	roster := by(table(t, "org/duty.csv"), "unit")
	for _, m := range table(t, "matter/appeals.csv") {
		if len(code[m["backstop"]]) != 1 {
			t.Errorf("%s has no backstop %q", m["code"], m["backstop"])
		}
		var answer []map[string]string
		switch m["by"] {
		case "function":
			answer = code[m["unit"]]
		case "both":
			answer = function[m["function"]]
		case "place":
			answer = kind[m["level"]]
		}
		least := map[string]int{"function": 1, "both": 10, "place": 10}[m["by"]]
		if len(answer) < least || m["unit"] == m["backstop"] {
			t.Errorf("%s %s: %d units answer for it, want %d and another as backstop", m["code"], m["name"], len(answer), least)
		}
		if m["by"] != "function" { // a message that names no place goes to the backstop, at night too
			answer = append(slices.Clone(answer), code[m["backstop"]]...)
		}
		for _, u := range answer {
			if m["night"] == "yes" && len(roster[u["code"]]) == 0 {
				t.Errorf("%s is a night matter and %s has no roster", m["code"], u["code"])
			}
		}
	}
}

func TestPeople(t *testing.T) {
	units, staff := table(t, "org/units.csv"), table(t, "org/staff.csv")
	if len(units) < 89 {
		t.Errorf("%d units, want at least 89", len(units))
	}
	if n := len(by(units, "kind")["community"]); n != 92 {
		t.Errorf("%d community work stations, want 92", n)
	}
	if !slices.ContainsFunc(units, func(u map[string]string) bool { return utf8.RuneCountInString(u["name"]) == 40 }) {
		t.Error("no unit has a name of 40 characters to try the layout with")
	}
	at := by(staff, "unit")
	for _, u := range units {
		var roles []string
		for _, s := range at[u["code"]] {
			roles = append(roles, strings.Split(s["roles"], ";")...)
		}
		want := []string{"clerk", "handler", "head"}
		switch u["kind"] {
		case "partner":
			want = []string{"partner"}
		case "centre":
			want = []string{"dispatcher", "counter", "auditor", "caller", "supervisor", "admin"}
		case "community":
			want = append(want, "grid")
		}
		for _, role := range want {
			if !slices.Contains(roles, role) {
				t.Errorf("unit %s has no %s", u["code"], role)
			}
		}
	}
	demos := by(by(staff, "demo")["yes"], "roles")
	for _, role := range []string{"dispatcher", "counter", "auditor", "caller", "supervisor", "leader", "clerk", "head", "handler", "grid", "admin"} {
		if len(demos[role]) == 0 {
			t.Errorf("no demo account for %s", role)
		}
		for unit, all := range by(demos[role], "unit") {
			if len(all) != 1 {
				t.Errorf("%d demo accounts for %s of %s, want one", len(all), role, unit)
			}
		}
	}
	kinds := map[string]bool{}
	for _, s := range demos["partner"] {
		kinds[s["unit"]] = true
	}
	if len(kinds) != 6 || len(demos["partner"]) != 6 {
		t.Errorf("%d demo accounts of %d partners, want one of each of the six kinds", len(demos["partner"]), len(kinds))
	}
	person := by(staff, "id")
	for _, d := range table(t, "org/duty.csv") {
		if p := person[d["staff"]]; len(p) != 1 || p[0]["unit"] != d["unit"] {
			t.Errorf("%s is on duty at %s and does not work there", d["staff"], d["unit"])
		}
	}
}

func TestChannels(t *testing.T) {
	channels := by(table(t, "channel/channels.csv"), "code")
	if len(channels) != 33 {
		t.Errorf("%d channels, want 33", len(channels))
	}
	for _, code := range []string{"wenzheng", "web", "counter", "hotline"} {
		if len(channels[code]) != 1 {
			t.Errorf("no channel %s", code)
		}
	}
}

func TestNames(t *testing.T) {
	areas := by(table(t, "place/areas.csv"), "code")
	seen := map[string]bool{}
	for _, n := range table(t, "place/names.csv") {
		if a := areas[n["area"]]; len(a) != 1 || a[0]["level"] != "community" {
			t.Errorf("%s lies in no community", n["name"])
		}
		if seen[n["name"]+n["area"]] {
			t.Errorf("%s is named twice in %s", n["name"], n["area"])
		}
		seen[n["name"]+n["area"]] = true
	}
	if len(seen) < 400 {
		t.Errorf("%d names, want 400", len(seen))
	}
}

// The taxonomy's codes and names are facts; its sentences are not ours to take.
func TestDescriptionsAreOurOwn(t *testing.T) {
	f, err := os.Open("../../../shared/data/taxonomy/db44t2479-2024-appendix-a.csv")
	if err != nil {
		t.Skip("the taxonomy is not here to compare with")
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	const run = 12
	remark := slices.Index(lines[0], "remark")
	theirs := map[string]bool{}
	for _, l := range lines[1:] {
		for r := []rune(l[remark]); len(r) >= run; r = r[1:] {
			theirs[string(r[:run])] = true
		}
	}
	for _, m := range table(t, "matter/appeals.csv") {
		for r := []rune(m["description"]); len(r) >= run; r = r[1:] {
			if theirs[string(r[:run])] {
				t.Errorf("%s takes %q from the standard", m["code"], string(r[:run]))
			}
		}
	}
}
