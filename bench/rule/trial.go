package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gopkg.in/yaml.v3"

	"yiwang/internal/base/text"
	"yiwang/internal/core/rule"
)

// perTable is how many decisions are made by each random table.
const perTable = 400

// trial is the outcome of comparing decisions with the oracle.
type trial struct {
	decisions, wrong atomic.Int64
	states           [4]atomic.Int64
	mu               sync.Mutex
	first            string // the first decision that differed, to mend it
}

// compare makes at least n decisions by random tables, each by Decide and by Everyone,
// and compares both with the oracle.
func compare(ctx context.Context, n int, seed uint64, workers int) *trial {
	t := &trial{}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for ctx.Err() == nil && t.decisions.Load() < int64(n) {
				t.table(rand.New(rand.NewPCG(seed, uint64(next.Add(1)))))
			}
		})
	}
	wg.Wait()
	return t
}

func (t *trial) fail(format string, args ...any) {
	t.wrong.Add(1)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.first == "" {
		t.first = fmt.Sprintf(format, args...)
	}
}

// table makes a random table and decides by it.
func (t *trial) table(r *rand.Rand) {
	doc, err := yaml.Marshal(randomTable(r))
	if err != nil {
		panic(err)
	}
	var table rule.Table
	if err := yaml.Unmarshal(doc, &table); err != nil {
		panic(err)
	}
	d, faults := rule.Build(&table)
	if d == nil && faults[0].Key == "rule.cell_empty" {
		return // a test that chance made impossible is rightly refused
	}
	if d == nil {
		t.fail("%s\nnot built: %+v", doc, faults[0])
		return
	}
	o, err := newOracle(doc)
	if err != nil {
		panic(err)
	}
	day := fmt.Sprintf("20%02d-%02d-%02d", 20+r.IntN(8), 1+r.IntN(12), 1+r.IntN(28))
	on, err := time.ParseInLocation(time.DateOnly, day, text.CST)
	if err != nil {
		panic(err)
	}
	people := make([]map[string]string, perTable)
	want := make([]verdict, perTable)
	for i := range people {
		people[i] = randomFacts(r, &table)
		want[i] = o.decide(day, people[i])
		facts := rule.Facts{}
		for code, v := range people[i] {
			facts[code] = rule.Known{Value: v}
		}
		out, err := d.Decide(on, facts)
		if err != nil {
			t.fail("%s\n%v: %v", doc, people[i], err)
			continue
		}
		t.decisions.Add(1)
		t.states[slices.Index(states, string(out.State))].Add(1)
		if got := verdictOf(&table, &out); got != want[i] {
			t.fail("%s\non %s, %v:\n%+v\nand the oracle:\n%+v", doc, day, people[i], got, want[i])
		}
	}
	t.everyone(d, on, people, want)
}

var states = []string{"decided", "missing", "no_row", "conflict"}

// everyone runs the table over all at once and compares whom it grants to.
func (t *trial) everyone(d *rule.Decider, on time.Time, people []map[string]string, want []verdict) {
	c := rule.Crowd{}
	for _, f := range d.Table().Facts {
		if f.Value == "" {
			c[f.Code] = columnOf(f, people)
		}
	}
	tallies, err := rule.Everyone(c, on, []*rule.Decider{d})
	if err != nil {
		t.fail("everyone: %v", err)
		return
	}
	for i := range people {
		granted := want[i].state == "decided" && strings.Contains(want[i].said, "result=grant")
		if got := tallies[0].Has(i); got != granted || tallies[0].Lacks(i) != (want[i].state == "missing") {
			t.fail("%+v\neveryone on %s: %v gets %v, the oracle says %+v", *d.Table(), on, people[i], got, want[i])
		}
	}
}

// columnOf lays a fact of all people in a column.
func columnOf(f rule.Fact, people []map[string]string) rule.Column {
	col := rule.Column{Places: f.Places, At: make([]int32, len(people))}
	if f.Type == "choice" || f.Type == "text" {
		col.Words = []string{}
	}
	for i, p := range people {
		v, ok := p[f.Code]
		switch {
		case !ok:
			col.At[i] = rule.NoValue
		case f.Type == "yesno":
			col.At[i] = map[string]int32{"yes": 1}[v]
		case f.Type == "date":
			day, err := time.Parse(time.DateOnly, v)
			if err != nil {
				panic(err)
			}
			col.At[i] = int32(day.Unix() / 86400)
		case f.Type == "number":
			x, err := strconv.ParseFloat(v, 64)
			if err != nil {
				panic(err)
			}
			for range f.Places {
				x *= 10
			}
			col.At[i] = int32(math.Round(x))
		default:
			at := slices.Index(col.Words, v)
			if at < 0 {
				at = len(col.Words)
				col.Words = append(col.Words, v)
			}
			col.At[i] = int32(at)
		}
	}
	return col
}

// verdictOf writes a decision as the oracle does.
func verdictOf(t *rule.Table, out *rule.Decision) verdict {
	v := verdict{state: string(out.State)}
	if out.State != rule.Decided {
		return v
	}
	v.clause = out.Clause
	write := func(m map[string]any) string {
		var b strings.Builder
		for _, res := range t.Results {
			said := fmt.Sprint(m[res.Code])
			if res.Type == "number" {
				said = rat(said).RatString()
			}
			fmt.Fprintf(&b, "%s=%s;", res.Code, said)
		}
		return b.String()
	}
	if out.Outcomes == nil {
		v.said = write(out.Outcome)
		return v
	}
	for _, m := range out.Outcomes {
		v.said += write(m) + "/"
	}
	return v
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

var towns = []string{"东街", "西街", "南街", "北街", "桥头"}

// randomTable makes a table of any kind that can be declared.
func randomTable(r *rand.Rand) *rule.Table {
	t := &rule.Table{Code: "trial", Title: "试验", Basis: "《办法》", Hit: pick(r, "unique", "first", "any", "priority", "collect")}
	t.Facts = []rule.Fact{
		{Code: "months", Title: "月数", Type: "number", Least: "0", Most: "60"},
		{Code: "income", Title: "收入", Type: "number", Places: 2, Least: "0"},
		{Code: "kind", Title: "种类", Type: "choice", Options: []rule.Option{{Code: "a", Title: "甲"}, {Code: "b", Title: "乙"}, {Code: "c", Title: "丙"}}},
		{Code: "living", Title: "健在", Type: "yesno"},
		{Code: "birth", Title: "出生日期", Type: "date"},
		{Code: "town", Title: "街道", Type: "text"},
		{Code: "debt", Title: "欠款", Type: "number", Optional: true},
		{Code: "age", Title: "年龄", Type: "number", Value: "age(birth, today)", Least: "0"},
	}
	t.Results = []rule.Result{
		{Code: "result", Title: "结果", Type: "choice", Options: []rule.Option{{Code: "grant", Title: "给", Grants: true}, {Code: "refuse", Title: "不给"}, {Code: "person", Title: "人工"}}},
		{Code: "amount", Title: "金额", Type: "number", Places: 1},
	}
	if t.Hit == "collect" {
		if t.Collect = pick(r, "", "sum", "least", "most", "count"); t.Collect != "" {
			t.Results = t.Results[1:]
		}
	}
	for i := range 1 + r.IntN(12) {
		row := rule.Row{Code: fmt.Sprint("r", i), When: map[string]string{}, Then: randomThen(r, t), Clause: fmt.Sprint("第", i, "条")}
		for _, f := range t.Facts {
			if r.IntN(3) == 0 {
				row.When[f.Code] = randomCell(r, f)
			}
		}
		if r.IntN(5) == 0 {
			row.From = fmt.Sprintf("20%02d-01-01", 20+r.IntN(8))
		}
		if r.IntN(5) == 0 && row.From == "" {
			row.To = fmt.Sprintf("20%02d-12-31", 20+r.IntN(8))
		}
		t.Rows = append(t.Rows, row)
	}
	if r.IntN(2) == 0 {
		t.Else = &rule.Else{Then: randomThen(r, t), Clause: "末条"}
	}
	return t
}

func randomThen(r *rand.Rand, t *rule.Table) map[string]string {
	then := map[string]string{"amount": pick(r, "0", "100", "12.5", "300")}
	if t.Collect == "" {
		then["result"] = pick(r, "grant", "refuse", "person")
	}
	return then
}

func randomCell(r *rand.Rand, f rule.Fact) string {
	switch f.Type {
	case "yesno":
		return pick(r, "yes", "no", "not yes")
	case "choice":
		return pick(r, "a", "b", "a, c", "not b", "not a, b", "-")
	case "text":
		return pick(r, towns[0], "not "+towns[1], towns[2]+", "+towns[3])
	}
	if f.Optional && r.IntN(3) == 0 {
		return pick(r, "none", "known", "none, "+randomValue(r, f))
	}
	if f.Code == "months" && r.IntN(4) == 0 {
		return pick(r, "? months < age", "? age >= months", "? months < 30", "? debt >= months")
	}
	a, b := randomValue(r, f), randomValue(r, f)
	if rank(f, a) > rank(f, b) {
		a, b = b, a
	}
	return pick(r, a, a+".."+b, a+"..", ".."+b, ">= "+a, "<= "+b, "not "+a+", "+b, "not "+a+".."+b, a+", "+b+"..")
}

func rank(f rule.Fact, v string) float64 {
	if f.Type == "date" {
		v = strings.ReplaceAll(v, "-", "")
	}
	x, err := strconv.ParseFloat(v, 64)
	if err != nil {
		panic(err)
	}
	return x
}

func randomValue(r *rand.Rand, f rule.Fact) string {
	switch f.Code {
	case "income":
		return pick(r, "0", "0.01", "2360", "2360.5", "999.99", "5000", "5000.01")
	case "birth":
		return pick(r, "1940-02-29", "1946-11-21", "1946-11-22", "1970-01-01", "2000-12-31", "2012-02-29", "2019-09-01")
	case "age":
		return strconv.Itoa(r.IntN(90))
	case "debt":
		return strconv.Itoa(r.IntN(9) - 4)
	}
	return strconv.Itoa(r.IntN(61))
}

// randomFacts makes a subject; each fact may be unknown.
func randomFacts(r *rand.Rand, t *rule.Table) map[string]string {
	out := map[string]string{}
	for _, f := range t.Facts {
		if f.Value != "" || r.IntN(12) == 0 {
			continue
		}
		switch f.Type {
		case "yesno":
			out[f.Code] = pick(r, "yes", "no")
		case "choice":
			out[f.Code] = pick(r, "a", "b", "c")
		case "text":
			out[f.Code] = pick(r, towns...)
		default:
			out[f.Code] = randomValue(r, f)
		}
	}
	return out
}
