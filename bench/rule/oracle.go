package main

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// oracle reads a table as a person would: row by row and cell by cell, from the text
// of the file, each time anew. It shares nothing with package rule.
type oracle struct {
	hit, collect string
	facts        []map[string]any
	results      []map[string]any
	rows         []map[string]any
	other        map[string]any
}

// verdict is what a table says, written out so that two can be compared.
type verdict struct{ state, said, clause string }

func newOracle(doc []byte) (*oracle, error) {
	var t struct {
		Hit, Collect         string
		Facts, Results, Rows []map[string]any
		Else                 map[string]any
	}
	if err := yaml.Unmarshal(doc, &t); err != nil {
		return nil, err
	}
	return &oracle{t.Hit, t.Collect, t.Facts, t.Results, t.Rows, t.Else}, nil
}

func str(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	return fmt.Sprint(v)
}

func part(m map[string]any, key string) map[string]any {
	p, _ := m[key].(map[string]any)
	return p
}

// decide returns what the table says of facts on a day. A fact that is not given has
// no entry.
func (o *oracle) decide(day string, given map[string]string) verdict {
	facts := map[string]string{}
	for _, f := range o.facts {
		code := str(f["code"])
		if f["value"] == nil || str(f["value"]) == "" {
			if v, ok := given[code]; ok {
				facts[code] = v
			}
		} else if v, ok := birthdays(str(f["value"]), facts, day); ok {
			facts[code] = v
		}
	}
	var held, open []map[string]any
	rows := slices.Clone(o.rows)
	if o.hit == "priority" {
		slices.SortStableFunc(rows, func(a, b map[string]any) int { return o.rank(a) - o.rank(b) })
	}
	for _, r := range rows {
		if from := str(r["from"]); from != "" && day < from {
			continue
		}
		if to := str(r["to"]); to != "" && day > to {
			continue
		}
		switch o.row(r, facts) {
		case "yes":
			held = append(held, r)
		case "unknown":
			open = append(open, r)
		}
		if (o.hit == "first" || o.hit == "priority") && len(held)+len(open) > 0 {
			break // what stands below says nothing any more
		}
	}
	return o.verdict(held, open)
}

func (o *oracle) verdict(held, open []map[string]any) verdict {
	switch {
	case len(open) > 0:
		return verdict{state: "missing"}
	case len(held) == 0 && o.other == nil:
		return verdict{state: "no_row"}
	case len(held) == 0:
		return verdict{"decided", o.said(o.other), str(o.other["clause"])}
	case o.hit == "collect":
		return verdict{"decided", o.collected(held), str(held[0]["clause"])}
	}
	for _, r := range held[1:] {
		if o.hit == "unique" || o.said(r) != o.said(held[0]) {
			return verdict{state: "conflict"}
		}
	}
	return verdict{"decided", o.said(held[0]), str(held[0]["clause"])}
}

// rank is the place of a row's first result among the options.
func (o *oracle) rank(r map[string]any) int {
	options, _ := o.results[0]["options"].([]any)
	for i, op := range options {
		if m, _ := op.(map[string]any); str(m["code"]) == str(part(r, "then")[str(o.results[0]["code"])]) {
			return i
		}
	}
	return len(options)
}

// said writes what follows from a row.
func (o *oracle) said(r map[string]any) string {
	var b strings.Builder
	for _, res := range o.results {
		v := str(part(r, "then")[str(res["code"])])
		if str(res["type"]) == "number" {
			v = rat(v).RatString()
		}
		fmt.Fprintf(&b, "%s=%s;", res["code"], v)
	}
	return b.String()
}

func (o *oracle) collected(rows []map[string]any) string {
	var b strings.Builder
	if o.collect == "" {
		for _, r := range rows {
			b.WriteString(o.said(r) + "/")
		}
		return b.String()
	}
	for _, res := range o.results {
		code := str(res["code"])
		sum := new(big.Rat)
		least, most := rat(str(part(rows[0], "then")[code])), rat(str(part(rows[0], "then")[code]))
		for _, r := range rows {
			v := rat(str(part(r, "then")[code]))
			sum.Add(sum, v)
			if v.Cmp(least) < 0 {
				least = v
			}
			if v.Cmp(most) > 0 {
				most = v
			}
		}
		v := map[string]*big.Rat{"sum": sum, "least": least, "most": most, "count": big.NewRat(int64(len(rows)), 1)}[o.collect]
		fmt.Fprintf(&b, "%s=%s;", code, v.RatString())
	}
	return b.String()
}

// row says whether all tests of a row hold: a no outweighs what is not known.
func (o *oracle) row(r map[string]any, facts map[string]string) string {
	all := "yes"
	when := part(r, "when")
	for _, f := range o.facts {
		switch o.cell(f, str(when[str(f["code"])]), facts) {
		case "no":
			return "no"
		case "unknown":
			all = "unknown"
		}
	}
	return all
}

func (o *oracle) cell(f map[string]any, test string, facts map[string]string) string {
	test = strings.TrimSpace(test)
	if test == "" || test == "-" {
		return "yes"
	}
	if expr, ok := strings.CutPrefix(test, "?"); ok {
		return comparison(strings.Fields(expr), facts)
	}
	v, ok := facts[str(f["code"])]
	optional := f["optional"] == true
	if !ok && !optional {
		return "unknown"
	}
	rest, not := strings.CutPrefix(test, "not ")
	found := false
	for _, part := range strings.Split(rest, ",") {
		part = strings.TrimSpace(part)
		switch {
		case part == "none":
			found = found || !ok
		case part == "known":
			found = found || ok
		case ok && one(str(f["type"]), part, v):
			found = true
		}
	}
	if found != not && (ok || !not) {
		return "yes"
	}
	return "no"
}

// one says whether a value passes one alternative of a test.
func one(kind, test, v string) bool {
	compare := func(a, b string) int { return strings.Compare(a, b) }
	if kind == "number" {
		compare = func(a, b string) int { return rat(a).Cmp(rat(b)) }
	}
	if kind == "number" || kind == "date" {
		if from, to, ok := strings.Cut(test, ".."); ok {
			return (from == "" || compare(v, strings.TrimSpace(from)) >= 0) && (to == "" || compare(v, strings.TrimSpace(to)) <= 0)
		}
		switch {
		case strings.HasPrefix(test, "<="):
			return compare(v, strings.TrimSpace(test[2:])) <= 0
		case strings.HasPrefix(test, ">="):
			return compare(v, strings.TrimSpace(test[2:])) >= 0
		case strings.HasPrefix(test, "<"):
			return compare(v, strings.TrimSpace(test[1:])) < 0
		case strings.HasPrefix(test, ">"):
			return compare(v, strings.TrimSpace(test[1:])) > 0
		}
	}
	return compare(v, test) == 0
}

// comparison says what "NAME OP NAME-OR-NUMBER" says, the only expressions that the
// tables of the trial have.
func comparison(words []string, facts map[string]string) string {
	a, okA := facts[words[0]]
	b := words[2]
	okB := true
	if b[0] < '0' || b[0] > '9' {
		b, okB = facts[words[2]]
	}
	if !okA || !okB {
		return "unknown"
	}
	c := rat(a).Cmp(rat(b))
	if words[1] == "<" && c < 0 || words[1] == ">=" && c >= 0 {
		return "yes"
	}
	return "no"
}

func rat(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(strings.TrimSpace(s))
	if !ok {
		panic("not a number: " + s)
	}
	return r
}

// birthdays counts the birthdays up to a day: the value of age(NAME, today).
func birthdays(expr string, facts map[string]string, day string) (string, bool) {
	name := strings.TrimSuffix(strings.TrimPrefix(expr, "age("), ", today)")
	birth, ok := facts[name]
	if !ok {
		return "", false
	}
	b, err := time.Parse(time.DateOnly, birth)
	if err != nil {
		panic(err)
	}
	n := -1
	for y := b.Year(); ; y++ {
		month, d := b.Month(), b.Day()
		if month == time.February && d == 29 && !leap(y) {
			month, d = time.March, 1
		}
		if fmt.Sprintf("%04d-%02d-%02d", y, month, d) > day {
			break
		}
		n++
	}
	return strconv.Itoa(n), n >= 0
}

func leap(y int) bool { return y%4 == 0 && (y%100 != 0 || y%400 == 0) }
