package rule

import (
	"strings"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
)

// Read reads the decision tables of a pack, rules/*.yaml, one edition of a table
// each, and checks each with its proofs and examples. A pack may have none.
func Read(d *decl.Dir) []*Decider {
	var all []*Decider
	first := map[string]string{}
	for _, name := range d.Glob("rules/*.yaml") {
		t := new(Table)
		doc, ok := d.YAML(name, t)
		if !ok || t.Code == "" {
			continue // that is reported
		}
		edition := t.Code + " " + t.From
		if other, twice := first[edition]; twice {
			d.Report(doc.At("code"), "check.declared_twice", errs.Args{"code": strings.TrimSpace(edition), "other": other})
			continue
		}
		first[edition] = name
		made, _, faults := Check(t)
		for _, f := range faults {
			if f.Doubt {
				d.Doubt(doc.At(f.Path...), f.Key, f.Args)
			} else {
				d.Report(doc.At(f.Path...), f.Key, f.Args)
			}
		}
		if made != nil {
			all = append(all, made)
		}
	}
	return all
}
