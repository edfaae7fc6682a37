package rule

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/cel"

	"yiwang/internal/base/errs"
)

// Bounds of a table, far above what people write; the index grows with rows times
// the values that they tell apart.
const (
	mostRows  = 10_000
	mostFacts = 64
)

// Fault is one thing that is wrong with a table, and where: a path of keys and
// positions in the declaration, e.g. "rows", 3, "when", "age". Key and Key+"_mend"
// are its sentences.
type Fault struct {
	Path  []any
	Key   string
	Args  errs.Args
	Doubt bool // it can run like that, but was probably not meant, or is not proved
}

// Decider is a table made ready to decide. It never changes and is safe for
// concurrent use.
type Decider struct {
	table    *Table
	version  string
	axes     []*axis
	factAt   map[string]int
	computed []*formula // by axis; nil where the fact is given
	results  []*axis
	rows     []row // in the order of evaluation
	other    *row  // what follows where no row holds; nil if nothing does
	spells   []spell
}

// row is a row made ready.
type row struct {
	at       int // in the declaration; -1 for else
	code     string
	clause   string
	cells    []*cell // by axis
	asks     []int   // axes whose cells are expressions
	then     []int64 // by result
	outcome  map[string]any
	grants   bool
	from, to int64
}

// Table returns the declaration. It must not be changed.
func (d *Decider) Table() *Table { return d.table }

// Version names what the table says: the same declaration, the same version.
func (d *Decider) Version() string { return d.version }

// VersionOf names what a declaration says: a digest of all of it.
func VersionOf(t *Table) string {
	b, err := json.Marshal(t)
	if err != nil {
		panic(err) // texts, numbers and maps of texts
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// compiler gathers what is wrong with a table.
type compiler struct {
	t      *Table
	d      *Decider
	env    *cel.Env
	faults []Fault
}

func (c *compiler) fault(key string, args errs.Args, path ...any) {
	c.faults = append(c.faults, Fault{Path: path, Key: key, Args: args})
}

// err reports an error of a part: one of errs, or a Problem of an expression.
func (c *compiler) err(err error, path ...any) {
	if p, ok := errors.AsType[*Problem](err); ok {
		args := errs.Args{"column": p.Column}
		for k, v := range p.Args {
			args[k] = v
		}
		c.fault(p.Key, args, path...)
	} else if e, ok := errors.AsType[*errs.Error](err); ok {
		c.fault(e.Key, e.Args, path...)
	} else {
		c.fault("rule.syntax", errs.Args{"column": 0, "why": err.Error()}, path...)
	}
}

// Build makes a table ready. The Decider is nil where there are faults; what it
// leaves to Check are proofs and examples.
func Build(t *Table) (*Decider, []Fault) {
	c := &compiler{t: t, d: &Decider{table: t, version: VersionOf(t), factAt: map[string]int{}}}
	c.policy()
	c.facts()
	c.results()
	if len(c.faults) == 0 {
		c.rows()
	}
	if len(c.faults) > 0 {
		return nil, c.faults
	}
	c.order()
	c.d.index()
	return c.d, nil
}

func (c *compiler) policy() {
	t := c.t
	if t.Collect != "" && t.Hit != hitCollect {
		c.fault("rule.collect_policy", errs.Args{"hit": t.Hit}, "collect")
	}
	if t.Collect != "" && slices.ContainsFunc(t.Results, func(r Result) bool { return r.Type != typeNumber }) {
		c.fault("rule.collect_number", errs.Args{"collect": t.Collect}, "collect")
	}
	if t.Hit == hitPriority && len(t.Results) > 0 && t.Results[0].Type != typeChoice {
		c.fault("rule.priority_choice", errs.Args{"result": t.Results[0].Title}, "results", 0, "type")
	}
	if len(t.Rows) > mostRows {
		c.fault("rule.many_rows", errs.Args{"most": mostRows}, "rows")
	}
	if len(t.Facts) > mostFacts {
		c.fault("rule.many_facts", errs.Args{"most": mostFacts}, "facts")
	}
	if t.From != "" {
		c.day(t.From, "from")
	}
}

var factCode = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func (c *compiler) name(seen map[string]bool, code string, path ...any) {
	if !factCode.MatchString(code) || code == todayName {
		c.fault("rule.bad_code", errs.Args{"code": code}, path...)
	} else if seen[code] {
		c.fault("rule.code_twice", errs.Args{"code": code}, path...)
	}
	seen[code] = true
}

func (c *compiler) facts() {
	seen := map[string]bool{}
	for i, f := range c.t.Facts {
		c.name(seen, f.Code, "facts", i, "code")
		a := newAxis(f.Code, f.Title, f.Type, f.Unit, f.Places, f.Options)
		a.optional = f.Optional
		c.shape(a, "facts", i)
		c.ends(a, f, i)
		var run *formula
		if f.Value != "" {
			run = c.computed(a, f, i)
		}
		c.d.axes, c.d.computed = append(c.d.axes, a), append(c.d.computed, run)
		c.d.factAt[f.Code] = i
	}
	env, err := factEnv(c.d.axes)
	if err != nil && len(c.faults) == 0 {
		c.err(err, "facts")
	}
	c.env = env
}

// computed makes the expression of a fact that follows from those above it.
func (c *compiler) computed(a *axis, f Fact, i int) *formula {
	if f.Optional {
		c.fault("rule.computed_optional", errs.Args{"fact": f.Title}, "facts", i, "optional")
	}
	env, err := factEnv(c.d.axes)
	if err != nil {
		c.err(err, "facts", i, "value")
		return nil
	}
	run, err := newFormula(env, c.d.axes, f.Value, a.celType())
	if err != nil {
		c.err(err, "facts", i, "value")
	}
	return run
}

// shape checks what a type asks of a fact or a result.
func (c *compiler) shape(a *axis, list string, i int) {
	if (a.kind == typeChoice) != (len(a.options) > 0) {
		c.fault("rule.options", errs.Args{"name": a.title}, list, i)
	}
	seen := map[string]bool{}
	for j, o := range a.options {
		if seen[o.Code] || strings.ContainsAny(o.Code, ", ") || o.Code == "" {
			c.fault("rule.code_twice", errs.Args{"code": o.Code}, list, i, "options", j)
		}
		seen[o.Code] = true
	}
	if a.places < 0 || a.places > 6 || a.places > 0 && a.kind != typeNumber {
		c.fault("rule.places", errs.Args{"name": a.title}, list, i, "places")
		a.places = 0
	}
}

func (c *compiler) ends(a *axis, f Fact, i int) {
	for _, end := range []struct {
		key, text string
		into      *int64
	}{{"least", f.Least, &a.least}, {"most", f.Most, &a.most}} {
		if end.text == "" {
			continue
		}
		if a.kind != typeNumber && a.kind != typeDate {
			c.fault("rule.no_ends", errs.Args{"fact": f.Title}, "facts", i, end.key)
			continue
		}
		v, err := a.parse(end.text)
		if err != nil {
			c.err(err, "facts", i, end.key)
			continue
		}
		*end.into = v
	}
	if a.least > a.most {
		c.fault("rule.ends_reversed", errs.Args{"fact": f.Title, "least": f.Least, "most": f.Most}, "facts", i, "least")
	}
}

func (c *compiler) results() {
	seen := map[string]bool{}
	for i, r := range c.t.Results {
		c.name(seen, r.Code, "results", i, "code")
		a := newAxis(r.Code, r.Title, r.Type, r.Unit, r.Places, r.Options)
		c.shape(a, "results", i)
		c.d.results = append(c.d.results, a)
	}
}

func (c *compiler) rows() {
	seen := map[string]bool{}
	for i, r := range c.t.Rows {
		if seen[r.Code] || r.Code == "" {
			c.fault("rule.code_twice", errs.Args{"code": r.Code}, "rows", i, "code")
		}
		seen[r.Code] = true
		made := row{at: i, code: r.Code, clause: r.Clause, from: math.MinInt64, to: math.MaxInt64}
		if r.From != "" {
			made.from = c.day(r.From, "rows", i, "from")
		}
		if r.To != "" {
			made.to = c.day(r.To, "rows", i, "to")
		}
		if made.from > made.to {
			c.fault("rule.dates_reversed", errs.Args{"row": r.Code, "from": r.From, "to": r.To}, "rows", i, "from")
		}
		made.cells = c.cells(&made, r.When, i)
		c.then(&made, r.Then, "rows", i, "then")
		c.d.rows = append(c.d.rows, made)
	}
	if e := c.t.Else; e != nil {
		made := row{at: -1, clause: e.Clause}
		c.then(&made, e.Then, "else", "then")
		c.d.other = &made
	}
}

func (c *compiler) day(s string, path ...any) int64 {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		c.fault("rule.bad_day", errs.Args{"value": clip(s)}, path...)
	}
	return dayOf(t)
}

// cells reads the tests of a row.
func (c *compiler) cells(made *row, when map[string]string, i int) []*cell {
	for code := range when {
		if _, ok := c.d.factAt[code]; !ok {
			c.fault("rule.unknown_fact", errs.Args{"code": code, "known": axisCodes(c.d.axes)}, "rows", i, "when", code)
		}
	}
	out := make([]*cell, len(c.d.axes))
	for n, a := range c.d.axes {
		text := when[a.code]
		if expr, ok := strings.CutPrefix(strings.TrimSpace(text), "?"); ok {
			f, err := newFormula(c.env, c.d.axes, expr, cel.BoolType)
			if err != nil {
				c.err(err, "rows", i, "when", a.code)
				continue
			}
			out[n] = &cell{text: strings.TrimSpace(text), any: true, none: true, ask: f}
			made.asks = append(made.asks, n)
			continue
		}
		made, err := parseCell(a, text)
		if err != nil {
			c.err(err, "rows", i, "when", a.code)
			continue
		}
		out[n] = made
	}
	return out
}

// then reads what follows from a row: every result has a value.
func (c *compiler) then(made *row, then map[string]string, path ...any) {
	made.outcome = map[string]any{}
	for code := range then {
		if !slices.ContainsFunc(c.d.results, func(a *axis) bool { return a.code == code }) {
			c.fault("rule.unknown_result", errs.Args{"code": code, "known": axisCodes(c.d.results)}, append(path, code)...)
		}
	}
	for _, a := range c.d.results {
		text, ok := then[a.code]
		if !ok {
			c.fault("rule.no_result", errs.Args{"result": a.title}, path...)
			continue
		}
		if a.kind == typeText {
			a.learn(text)
		}
		at, err := a.parse(text)
		if err != nil {
			c.err(err, append(path, a.code)...)
			continue
		}
		made.then = append(made.then, at)
		made.outcome[a.code] = a.value(at)
		made.grants = made.grants || a.kind == typeChoice && a.options[at].Grants
	}
}

func axisCodes(axes []*axis) string {
	codes := make([]string, len(axes))
	for i, a := range axes {
		codes[i] = a.code
	}
	return strings.Join(codes, ", ")
}

// order puts the rows in the order in which the first that holds decides.
func (c *compiler) order() {
	if c.t.Hit == hitPriority {
		slices.SortStableFunc(c.d.rows, func(a, b row) int { return cmp.Compare(a.then[0], b.then[0]) })
	}
}
