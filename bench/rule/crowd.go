package main

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"yiwang/bench/beside"
	"yiwang/internal/base/text"
	"yiwang/internal/core/rule"
)

// spread is a fact of the made-up people: its options, or its range, and a number
// below which it lies for most.
type spread struct {
	code    string
	kind    string
	options int
	most    int
}

// spreads are forty facts, as many as entitlements of a district ask for.
func spreads() []spread {
	all := []spread{{code: "birth", kind: "date"}, {code: "income", kind: "number", most: 60000}, {code: "months", kind: "number", most: 600}, {code: "street", kind: "choice", options: 10}, {code: "kind", kind: "choice", options: 12}}
	for i := range 12 {
		all = append(all, spread{code: fmt.Sprintf("n%02d", i), kind: "number", most: 1000})
	}
	for i := range 10 {
		all = append(all, spread{code: fmt.Sprintf("c%02d", i), kind: "choice", options: 5})
	}
	for i := range 13 {
		all = append(all, spread{code: fmt.Sprintf("y%02d", i), kind: "yesno"})
	}
	return all
}

// population makes people; one value in two hundred is not known.
func population(n int, seed uint64) rule.Crowd {
	c := rule.Crowd{}
	for k, s := range spreads() {
		r := rand.New(rand.NewPCG(seed, uint64(k)))
		at := make([]int32, n)
		col := rule.Column{At: at}
		for j := range s.options {
			col.Words = append(col.Words, fmt.Sprint("o", j))
		}
		for i := range at {
			switch {
			case r.IntN(200) == 0:
				at[i] = rule.NoValue
			case s.kind == "date":
				at[i] = int32(r.IntN(35000) - 14600)
			case s.kind == "yesno":
				at[i] = int32(r.IntN(2))
			case s.options > 0:
				at[i] = int32(r.IntN(s.options))
			default:
				at[i] = int32(r.IntN(s.most + 1))
			}
		}
		c[s.code] = col
	}
	return c
}

// entitlements makes rules with one to four rows of three to six tests, half of them
// on the age, which follows from the day of birth.
func entitlements(n int) []*rule.Table {
	r := rand.New(rand.NewPCG(273, 1))
	all := spreads()
	var out []*rule.Table
	for i := range n {
		t := &rule.Table{Code: fmt.Sprintf("rule%03d", i), Title: fmt.Sprint("规则", i), Basis: "《办法》", Hit: "first",
			Results: []rule.Result{{Code: "result", Title: "结果", Type: "choice", Options: yesNoOptions}, {Code: "amount", Title: "每月", Type: "number"}},
			Else:    &rule.Else{Then: map[string]string{"result": "refuse", "amount": "0"}, Clause: "末条"}}
		chosen := r.Perm(len(all) - 1)[:3+r.IntN(4)]
		t.Facts = append(t.Facts, rule.Fact{Code: "birth", Title: "出生日期", Type: "date"},
			rule.Fact{Code: "age", Title: "年龄", Type: "number", Unit: "周岁", Least: "0", Value: "age(birth, today)"})
		for _, k := range chosen {
			s := all[k+1]
			f := rule.Fact{Code: s.code, Title: s.code, Type: s.kind}
			if s.kind == "number" {
				f.Least = "0"
			}
			f.Options = options("o", s.options)
			t.Facts = append(t.Facts, f)
		}
		for j := range 1 + r.IntN(4) {
			row := rule.Row{Code: fmt.Sprint("r", j), Clause: fmt.Sprint("第", j+1, "条"), When: map[string]string{}, Then: map[string]string{"result": "grant", "amount": fmt.Sprint(100 * (j + 1))}}
			if r.IntN(2) == 0 {
				row.When["age"] = fmt.Sprintf("%d..%d", 10*j, 10*j+20+r.IntN(40))
			}
			for _, k := range chosen {
				row.When[all[k+1].code] = test(r, all[k+1])
			}
			t.Rows = append(t.Rows, row)
		}
		out = append(out, t)
	}
	return out
}

func test(r *rand.Rand, s spread) string {
	switch {
	case s.kind == "yesno":
		return pick(r, "yes", "no")
	case s.options > 0:
		return fmt.Sprintf("o%d, o%d", r.IntN(s.options), r.IntN(s.options))
	}
	at := r.IntN(s.most)
	return pick(r, fmt.Sprintf("%d..", at), fmt.Sprintf("..%d", at))
}

// deciders are the 273 rules, ready to run.
func deciders() (rules []*rule.Decider, err error) {
	for _, t := range entitlements(273) {
		d, err := build(t)
		if err != nil {
			return nil, err
		}
		rules = append(rules, d)
	}
	return rules, nil
}

// whatEveryone is what engines of other makes are measured to do, too.
func whatEveryone(people, granted int) string {
	return fmt.Sprintf("273 entitlement rules over %d people (%d granted)", people, granted)
}

// everyone runs 273 rules over all people and asks a sample of them why.
func everyone(c rule.Crowd) ([]beside.Line, error) {
	rules, err := deciders()
	if err != nil {
		return nil, err
	}
	var took, used []time.Duration
	var tallies []rule.Tally
	for range 3 {
		tallies = nil
		runtime.GC()
		from, before := time.Now(), burnt()
		got, err := rule.Everyone(c, day, rules)
		if err != nil {
			return nil, err
		}
		took, used, tallies = append(took, time.Since(from)), append(used, burnt()-before), got
	}
	granted := 0
	for i := range tallies {
		granted += tallies[i].Granted
	}
	asked, checked, explain, err := askWhy(c, tallies)
	if err != nil {
		return nil, err
	}
	least := slices.Min(took).Seconds()
	return []beside.Line{
		{What: whatEveryone(c.Len(), granted), Engine: "Yiwang, with who is granted what, best of 3", Figure: fmt.Sprintf("%.2f s (%.2f s of processor)", least, slices.Min(used).Seconds()),
			Wanted: "≤ 1.5 s", Near: beside.AtMost(1.5, least)},
		line("the reason of one of these refusals, on demand, in Chinese", "Yiwang", explain, 0),
		{What: "people asked one by one for whom the answer differs from that of the run", Engine: "Yiwang", Figure: fmt.Sprintf("%d of %d", asked-checked, asked), Wanted: "0"},
	}, nil
}

// askWhy decides a sample of people one by one, with the reasons of a refusal.
func askWhy(c rule.Crowd, tallies []rule.Tally) (asked, agreed int, each time.Duration, err error) {
	r := rand.New(rand.NewPCG(5, 5))
	refusals := 0
	for range 200 {
		person := r.IntN(c.Len())
		facts := c.Facts(person)
		for i := range tallies {
			from := time.Now()
			out, err := tallies[i].Rule.Decide(day, facts)
			if err != nil {
				return 0, 0, 0, err
			}
			if out.State == rule.Decided && !out.Grants() {
				if e := out.Explain(text.Chinese); len(e.Lacking) == 0 {
					return 0, 0, 0, fmt.Errorf("%s refuses without a reason", tallies[i].Rule.Table().Code)
				}
				each += time.Since(from)
				refusals++
			}
			asked++
			if out.Grants() == tallies[i].Has(person) && (out.State == rule.Missing) == tallies[i].Lacks(person) {
				agreed++
			}
		}
	}
	return asked, agreed, each / time.Duration(max(refusals, 1)), nil
}
