package rule

import (
	"maps"
	"slices"
	"strings"
	"time"

	"yiwang/internal/base/errs"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// Check builds a table, proves it and runs its examples. The Decider is nil where it
// could not be built; a fault that is no Doubt means it may not be published.
func Check(t *Table) (*Decider, []Proof, []Fault) {
	d, faults := Build(t)
	if d == nil {
		return nil, nil, faults
	}
	proofs := d.Prove()
	for _, p := range proofs {
		faults = append(faults, d.fault(p))
	}
	return d, proofs, append(faults, d.examples()...)
}

// examples runs the examples of a table and sees that each row has one.
func (d *Decider) examples() []Fault {
	var faults []Fault
	add := func(key string, args errs.Args, path ...any) {
		faults = append(faults, Fault{Path: path, Key: key, Args: args})
	}
	shown := map[int]bool{}
	for i, e := range d.table.Examples {
		dec, err := d.Example(e)
		if err != nil {
			c := &compiler{}
			c.err(err, "examples", i)
			faults = append(faults, c.faults...)
			continue
		}
		for _, r := range dec.rows {
			shown[r] = true
		}
		switch {
		case len(e.Want) == 0 && e.State == "":
			add("rule.example_empty", errs.Args{"example": e.Name}, "examples", i)
		case e.State != "" && dec.State != e.State, len(e.Want) > 0 && dec.State != Decided:
			add("rule.example_state", errs.Args{"example": e.Name, "state": string(dec.State), "missing": strings.Join(dec.Missing, ", "), "rows": strings.Join(dec.Rows(), ", ")}, "examples", i)
		default:
			for _, code := range sortedKeys(e.Want) {
				if got, want, ok := d.wanted(&dec, code, e.Want[code]); !ok {
					add("rule.example_differs", errs.Args{"example": e.Name, "result": code, "got": got, "want": want, "rows": strings.Join(dec.Rows(), ", ")}, "examples", i)
				}
			}
		}
	}
	if len(d.table.Examples) == 0 {
		add("rule.no_examples", nil, "examples")
		return faults
	}
	var without []string
	for i := range d.rows {
		if !shown[i] {
			without = append(without, d.rows[i].code)
		}
	}
	if n := len(without); n > 0 {
		slices.Sort(without)
		faults = append(faults, Fault{Path: []any{"examples"}, Key: "rule.rows_without_example", Doubt: true,
			Args: errs.Args{"n": n, "rows": strings.Join(without[:min(n, 5)], ", ")}})
	}
	return faults
}

// Example decides an example of the table.
func (d *Decider) Example(e Example) (Decision, error) {
	on, err := time.Parse(time.DateOnly, e.On)
	if err != nil {
		return Decision{}, errs.E(errs.Invalid, "rule.bad_day", errs.Args{"value": clip(e.On)})
	}
	facts := Facts{}
	for code, v := range e.Given {
		if i, ok := d.factAt[code]; !ok || d.computed[i] != nil {
			return Decision{}, errs.E(errs.Invalid, "rule.unknown_fact", errs.Args{"code": code, "known": axisCodes(d.axes)})
		}
		facts[code] = Known{Value: v}
	}
	return d.Decide(on, facts)
}

// wanted compares a result with what an example wants.
func (d *Decider) wanted(dec *Decision, code, text string) (got, want string, ok bool) {
	i := slices.IndexFunc(d.results, func(a *axis) bool { return a.code == code })
	if i < 0 {
		return "", text, false
	}
	a := d.results[i]
	has, err := a.place(dec.Outcome[code])
	if a.kind == typeText {
		return a.plain(has), text, err == nil && a.plain(has) == text
	}
	at, wrong := a.place(text)
	return a.plain(has), text, err == nil && wrong == nil && at == has
}

// Faulty reports whether any of the faults is more than a doubt.
func Faulty(all []Fault) bool {
	return slices.ContainsFunc(all, func(f Fault) bool { return !f.Doubt })
}
