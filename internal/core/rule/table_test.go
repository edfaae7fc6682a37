package rule_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/text"
	"yiwang/internal/core/rule"
)

// rent is a small table that each test changes as it needs.
func rent() *rule.Table {
	return &rule.Table{
		Code: "rent", Title: "租房补贴", Basis: "《办法》", Hit: "unique",
		Facts: []rule.Fact{
			{Code: "months", Title: "连续居住", Type: "number", Unit: "个月", Least: "0"},
			{Code: "home", Title: "住房", Type: "choice", Options: []rule.Option{{Code: "rented", Title: "租住"}, {Code: "owned", Title: "自有"}}},
		},
		Results: []rule.Result{
			{Code: "result", Title: "结果", Type: "choice", Options: []rule.Option{{Code: "grant", Title: "予以发放", Grants: true}, {Code: "refuse", Title: "不予发放"}}},
			{Code: "amount", Title: "每月", Type: "number", Unit: "元"},
		},
		Rows: []rule.Row{
			{Code: "short", When: map[string]string{"months": "..11"}, Then: map[string]string{"result": "refuse", "amount": "0"}, Clause: "第一条"},
			{Code: "long", When: map[string]string{"months": "12..", "home": "rented"}, Then: map[string]string{"result": "grant", "amount": "800"}, Clause: "第二条"},
			{Code: "owner", When: map[string]string{"months": "12..", "home": "owned"}, Then: map[string]string{"result": "refuse", "amount": "0"}, Clause: "第三条"},
		},
		Examples: []rule.Example{
			{Name: "满一年", On: "2026-11-21", Given: map[string]string{"months": "12", "home": "租住"}, Want: map[string]string{"result": "grant", "amount": "800"}},
			{Name: "不足一年", On: "2026-11-21", Given: map[string]string{"months": "11"}, Want: map[string]string{"result": "refuse"}},
			{Name: "有房", On: "2026-11-21", Given: map[string]string{"months": "24", "home": "owned"}, Want: map[string]string{"result": "refuse"}},
		},
	}
}

var today = time.Date(2026, 11, 21, 12, 0, 0, 0, text.CST)

func built(t testing.TB, table *rule.Table) *rule.Decider {
	t.Helper()
	d, faults := rule.Build(table)
	for _, f := range faults {
		t.Fatal(f.Path, text.Say(text.Chinese, f.Key, f.Args))
	}
	return d
}

func decided(t testing.TB, d *rule.Decider, facts map[string]any) rule.Decision {
	t.Helper()
	out, err := d.Decide(today, rule.Values(facts))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestASoundTableHasNoFaults(t *testing.T) {
	_, proofs, faults := rule.Check(rent())
	if len(proofs)+len(faults) > 0 {
		t.Errorf("%v %v", proofs, faults)
	}
}

// What is not known is neither yes nor no, and only matters where it turns on it.
func TestWhatIsNotKnown(t *testing.T) {
	d := built(t, rent())
	if out := decided(t, d, map[string]any{"months": 24}); out.State != rule.Missing || !slices.Equal(out.Missing, []string{"home"}) || out.Grants() {
		t.Errorf("%+v", out)
	}
	if out := decided(t, d, map[string]any{"months": 3}); out.State != rule.Decided || out.Outcome["result"] != "refuse" || out.Clause != "第一条" {
		t.Errorf("%+v", out)
	}
	for _, wrong := range []map[string]any{{"months": -1}, {"months": "x"}, {"months": 1.5}, {"home": "castle"}, {"home": true}} {
		if _, err := d.Decide(today, rule.Values(wrong)); err == nil {
			t.Errorf("%v was taken", wrong)
		}
	}
}

// The five policies, on rows that overlap.
func TestHitPolicies(t *testing.T) {
	for _, c := range []struct {
		hit, collect string
		second       string // result of the row that overlaps
		state        rule.State
		amount       any
	}{
		{"unique", "", "grant", rule.Conflict, nil},
		{"first", "", "refuse", rule.Decided, int64(800)},
		{"any", "", "refuse", rule.Conflict, nil},
		{"priority", "", "grant", rule.Decided, int64(800)},
		{"collect", "sum", "grant", rule.Decided, int64(1100)},
		{"collect", "least", "grant", rule.Decided, int64(300)},
		{"collect", "most", "grant", rule.Decided, int64(800)},
		{"collect", "count", "grant", rule.Decided, int64(2)},
	} {
		table := rent()
		table.Hit, table.Collect = c.hit, c.collect
		more := rule.Row{Code: "more", When: map[string]string{"months": "36.."}, Then: map[string]string{"result": c.second, "amount": "300"}, Clause: "第四条"}
		if c.hit == "priority" { // the row that ranks lower comes first in the file
			more.Then["result"] = "refuse"
			table.Rows = append([]rule.Row{more}, table.Rows...)
		} else {
			table.Rows = append(table.Rows, more)
		}
		if c.collect != "" {
			table.Results = table.Results[1:]
			for _, r := range table.Rows {
				delete(r.Then, "result")
			}
		}
		out := decided(t, built(t, table), map[string]any{"months": 40, "home": "rented"})
		if out.State != c.state || out.Outcome["amount"] != c.amount {
			t.Errorf("%s %s: %s %v", c.hit, c.collect, out.State, out.Outcome)
		}
	}
}

// Each thing that may be wrong between rows is found, with facts that show it.
func TestProofs(t *testing.T) {
	grant := map[string]string{"result": "grant", "amount": "1"}
	refuse := map[string]string{"result": "refuse", "amount": "0"}
	row := func(code string, when map[string]string, then map[string]string) rule.Row {
		return rule.Row{Code: code, When: when, Then: then, Clause: "x"}
	}
	for _, c := range []struct {
		name   string
		change func(*rule.Table)
		want   rule.Proof
	}{
		{"a gap", func(x *rule.Table) { x.Rows = x.Rows[:2] },
			rule.Proof{Kind: rule.ProofGap, Point: rule.Point{"months": "12", "home": "owned"}, Sure: true}},
		{"a gap of one number", func(x *rule.Table) { x.Rows[0].When["months"] = "..10" },
			rule.Proof{Kind: rule.ProofGap, Point: rule.Point{"months": "11", "home": "rented"}, Sure: true}},
		{"an overlap", func(x *rule.Table) { x.Rows[0].When["months"] = "..12"; x.Rows[0].Then = x.Rows[2].Then },
			rule.Proof{Kind: rule.ProofOverlap, Rows: []int{0, 2}, Point: rule.Point{"months": "12", "home": "owned"}, Sure: true}},
		{"a contradiction", func(x *rule.Table) { x.Rows[1].When["home"] = "-"; x.Hit = "any" },
			rule.Proof{Kind: rule.ProofContradiction, Rows: []int{1, 2}, Point: rule.Point{"months": "12", "home": "owned"}, Sure: true}},
		{"a row never reached", func(x *rule.Table) {
			x.Hit = "first"
			x.Rows = append(x.Rows, row("late", map[string]string{"months": "6..18"}, grant))
		},
			rule.Proof{Kind: rule.ProofUnreached, Rows: []int{3}, Sure: true}},
		{"an idle else", func(x *rule.Table) { x.Else = &rule.Else{Then: refuse, Clause: "x"} },
			rule.Proof{Kind: rule.ProofElseUnreached, Sure: true}},
		{"a gap that opens on a day", func(x *rule.Table) { x.Rows[0].To = "2026-12-31" },
			rule.Proof{Kind: rule.ProofGap, On: "2027-01-01", Point: rule.Point{"months": "0", "home": "rented"}, Sure: true}},
		{"an expression in the way", func(x *rule.Table) { x.Rows[2].When["home"] = "? home == 'owned'" },
			rule.Proof{Kind: rule.ProofContradiction, Rows: []int{1, 2}, Point: rule.Point{"months": "12", "home": "rented"}}},
	} {
		table := rent()
		c.change(table)
		_, proofs, faults := rule.Check(table)
		if !slices.ContainsFunc(proofs, func(p rule.Proof) bool {
			return p.Kind == c.want.Kind && slices.Equal(p.Rows, c.want.Rows) && p.On == c.want.On && maps.Equal(p.Point, c.want.Point) && p.Sure == c.want.Sure
		}) {
			t.Errorf("%s: %+v", c.name, proofs)
		}
		for _, f := range faults {
			for _, l := range []text.Lang{text.Chinese, text.English} {
				if s := text.Say(l, f.Key, f.Args) + text.Say(l, f.Key+"_mend", f.Args); strings.Contains(s, f.Key) || strings.Contains(s, "{") {
					t.Errorf("%s: bare sentence %s", c.name, s)
				}
			}
		}
	}
}

// A decision is said in words: what, by which clause, why, and what is not fulfilled.
func TestExplain(t *testing.T) {
	d := built(t, rent())
	out, err := d.Decide(today, rule.Facts{"months": {Value: 8, Source: "居住登记"}, "home": {Value: "rented"}})
	if err != nil {
		t.Fatal(err)
	}
	e := out.Explain(text.Chinese)
	if e.Headline != "租房补贴：不予发放" || e.Basis != "依据：《办法》第一条" || e.Person == "" {
		t.Errorf("%+v", e)
	}
	if len(e.Lacking) != 1 || e.Lacking[0].Text != "连续居住：8 个月，不符合“不低于 12 个月”（来自居住登记）" {
		t.Errorf("lacking %+v", e.Lacking)
	}
	for _, l := range []text.Lang{text.Chinese, text.English} {
		if s := out.Explain(l).String(); strings.Contains(s, "rule.") || strings.Contains(s, "{") {
			t.Errorf("bare sentence: %s", s)
		}
	}
	if rows := out.Truths(text.Chinese); len(rows) != 3 || rows[1][0].Says != "no" || rows[1][1].Says != "yes" {
		t.Errorf("truths %+v", rows)
	}
}

// Facts that follow from others, on days and with the day of the decision.
func TestComputedFacts(t *testing.T) {
	table := rent()
	table.Facts = append([]rule.Fact{{Code: "since", Title: "入住日期", Type: "date"}}, table.Facts...)
	table.Facts[1].Value = "months(since, today)"
	table.Examples = nil
	d := built(t, table)
	for since, want := range map[string]any{"2025-11-21": "grant", "2025-11-22": "refuse", "": nil} {
		if out := decided(t, d, map[string]any{"since": since, "home": "rented"}); out.Outcome["result"] != want {
			t.Errorf("%q: %+v", since, out)
		}
	}
	if out := decided(t, d, map[string]any{"home": "rented"}); !slices.Equal(out.Missing, []string{"since"}) {
		t.Errorf("missing %v", out.Missing)
	}
}

// An old decision comes out the same after the table has changed, through JSON, and a
// record that was altered does not.
func TestReplay(t *testing.T) {
	old := built(t, rent())
	changed := rent()
	changed.Rows[1].Then["amount"] = "900"
	changed.From = "2026-11-21"
	book := rule.NewBook([]*rule.Decider{built(t, changed)})
	book.Keep([]*rule.Decider{old})
	out := decided(t, old, map[string]any{"months": 12, "home": "rented"})
	b, err := json.Marshal(out.Record())
	if err != nil {
		t.Fatal(err)
	}
	var r rule.Record
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	if again, same, err := book.Replay(r); err != nil || !same || again.Outcome["amount"] != int64(800) {
		t.Errorf("%v %v %v", again.Outcome, same, err)
	}
	r.Outcome["amount"] = 850.0
	if _, same, err := book.Replay(r); err != nil || same {
		t.Errorf("an altered record is the same (%v)", err)
	}
	r.Version = "0000"
	if _, _, err := book.Replay(r); err == nil {
		t.Error("a version that is not known was replayed")
	}
	if now, err := book.Decide("rent", today, rule.Values(map[string]any{"months": 12, "home": "rented"})); err != nil || now.Outcome["amount"] != int64(900) {
		t.Errorf("%v %v", now.Outcome, err)
	}
	if _, err := book.Decide("rent", today.AddDate(0, 0, -1), nil); err == nil {
		t.Error("an edition decides before its first day")
	}
}

// Whatever somebody writes into a cell is read or refused, and never crashes.
func FuzzCell(f *testing.F) {
	for _, s := range []string{"80..89", "not 3, 4", "? months > 3", "none", "< 80", "..", "，", "-", "9999999999999999999", "2026-02-30"} {
		f.Add(s, "12")
	}
	f.Fuzz(func(t *testing.T, test, value string) {
		for i := range 2 {
			table := rent()
			table.Rows[1].When[table.Facts[i].Code] = test
			d, _, _ := rule.Check(table)
			if d == nil {
				continue
			}
			if out, err := d.Decide(today, rule.Values(map[string]any{"months": value, "home": "owned"})); err == nil {
				out.Explain(text.Chinese)
			}
		}
	})
}

// Faults of a file are found where they stand.
func TestRead(t *testing.T) {
	const file = `code: x
title: 某项
basis: 《办法》
hit: first
facts:
  - {code: age, title: 年龄, type: number, least: "0"}
results:
  - {code: ok, title: 结果, type: yesno}
rows:
  - {code: a, when: {age: 10..20}, then: {ok: "yes"}, clause: 一}
  - code: b
    when: {agee: 5}
    then: {ok: "yes"}
    clause: 二
examples:
  - {name: 例, on: "2026-01-01", given: {age: "12"}, want: {ok: "no"}}
`
	lines := func(s string) []int {
		d := decl.Open(fstest.MapFS{"rules/x.yaml": {Data: []byte(s)}})
		rule.Read(d)
		var at []int
		for _, f := range d.Findings() {
			at = append(at, f.Line)
		}
		return at
	}
	if got := lines(file); !slices.Equal(got, []int{12}) {
		t.Errorf("lines %v", got)
	}
	if got := lines(strings.Replace(file, "agee", "age", 1)); !slices.Contains(got, 16) || !slices.Contains(got, 10) {
		t.Errorf("lines %v", got)
	}
}
