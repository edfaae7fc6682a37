package city

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
	"yiwang/internal/core/matter"
)

// catalogue checks what service items say about each other, about the powers of the
// units and about the proofs that were abolished.
func (k *checker) catalogue() {
	k.serviceEditions()
	k.alike()
	k.powers()
	k.abolished()
}

// serviceEditions checks that the editions of an item follow one another and that no
// two items of a day have the same number.
func (k *checker) serviceEditions() {
	all := k.p.matters.Services
	number := map[string]matter.Sourced[matter.Service]{}
	for n, s := range all {
		d := s.Decl
		if d.To != "" && d.To < d.From {
			k.Report(s.Doc.At("to"), "check.dates_reversed", errs.Args{"matter": d.Title, "from": d.From, "to": d.To})
		}
		if n > 0 && all[n-1].Decl.Code == d.Code && (all[n-1].Decl.To == "" || all[n-1].Decl.To >= d.From) {
			k.Report(s.Doc.At("from"), "check.service_editions", errs.Args{"item": d.Title, "other": all[n-1].Doc.At().File})
		}
		if other, twice := number[d.Number]; twice && d.Number != "" && other.Decl.Code != d.Code {
			k.Report(s.Doc.At("number"), "check.service_number_twice", errs.Args{"item": d.Title, "number": d.Number, "other": other.Decl.Title})
		}
		number[d.Number] = s
	}
}

// alike doubts items of one base code whose common elements differ: whoever asks in
// another county, or at the window, must be told the same.
func (k *checker) alike() {
	groups := map[string][]matter.Sourced[matter.Service]{}
	for _, s := range k.p.matters.Services {
		if s.Decl.Base != "" && s.Decl.InForce(matter.Today()) {
			groups[s.Decl.Base] = append(groups[s.Decl.Base], s)
		}
	}
	for _, base := range slices.Sorted(maps.Keys(groups)) {
		first := groups[base][0].Decl
		for _, s := range groups[base][1:] {
			if differs := first.Differs(s.Decl); len(differs) > 0 {
				k.Doubt(s.Doc.At(differs[0]), "check.service_alike", errs.Args{"item": s.Decl.Title, "base": base, "other": first.Code, "elements": strings.Join(differs, ", ")})
			}
		}
	}
}

// powers checks the powers-and-duties list and that whoever offers an item may.
func (k *checker) powers() {
	list := k.p.matters.Powers
	for i, p := range list {
		at := k.p.matters.PowerAt[i]
		for _, u := range []string{p.Unit, p.Of} {
			if _, ok := k.p.org.UnitAt[u]; u != "" && !ok {
				k.Report(at, "org.unknown_unit", errs.Args{"unit": u})
			}
		}
		if (p.How == "own") != (p.Of == "") {
			k.Report(at, "check.power_of", errs.Args{"power": p.Title})
		}
	}
	k.powersMeet()
	if len(list) == 0 {
		return
	}
	today := matter.Today()
	for _, s := range k.p.matters.Services {
		if !s.Decl.InForce(today) || s.Decl.Type == "public" || !s.Decl.Live() {
			continue // a public service is no power; of what is not offered here nobody's power is used
		}
		has := func(p *matter.Power) bool {
			return p.Base == s.Decl.Base && p.InForce(today) && (p.Unit == s.Decl.Unit || p.Of == s.Decl.Unit)
		}
		if _, known := k.p.org.UnitAt[s.Decl.Unit]; known && !slices.ContainsFunc(list, has) {
			k.Report(s.Doc.At("unit"), "check.service_power", errs.Args{"item": s.Decl.Title, "unit": k.unitName(s.Decl.Unit), "base": s.Decl.Base})
		}
	}
}

func (k *checker) unitName(code string) string {
	for _, u := range k.p.org.Units {
		if u.Code == code {
			return u.Name
		}
	}
	return code
}

// powersMeet reports a unit that has the same power twice at the same time.
func (k *checker) powersMeet() {
	order := make([]int, len(k.p.matters.Powers))
	for i := range order {
		order[i] = i
	}
	of := func(i int) *matter.Power { return k.p.matters.Powers[i] }
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(of(a).Base, of(b).Base), cmp.Compare(of(a).Unit, of(b).Unit), cmp.Compare(of(a).From, of(b).From))
	})
	for n := 1; n < len(order); n++ {
		before, p := of(order[n-1]), of(order[n])
		if before.Base == p.Base && before.Unit == p.Unit && (before.To == "" || before.To >= p.From) {
			k.Report(k.p.matters.PowerAt[order[n]], "check.power_twice", errs.Args{"power": p.Title, "other": k.p.matters.PowerAt[order[n-1]].Line})
		}
	}
}

// abolished reports every form and every guide that asks for a proof which nobody may
// be asked for any more.
func (k *checker) abolished() {
	today := matter.Today()
	ask := func(title string, at decl.Pos) {
		for _, p := range k.p.matters.Proofs {
			if p.Since <= today && p.AskedBy(title) {
				k.Report(at, "check.service_abolished", errs.Args{"title": title, "proof": p.Name, "since": p.Since, "basis": p.Basis, "instead": p.Instead})
			}
		}
	}
	if len(k.p.matters.Proofs) == 0 {
		return
	}
	for _, s := range k.p.matters.Services {
		if s.Decl.To != "" && s.Decl.To < today {
			continue
		}
		for n, m := range s.Decl.Materials {
			ask(m.Title, s.Doc.At("materials", n))
		}
		for n, f := range s.Decl.Fields {
			ask(f.Title, s.Doc.At("fields", n))
		}
	}
	for _, f := range k.p.matters.Families {
		for n, x := range f.Decl.Fields {
			if f.Decl.Service == nil {
				ask(x.Title, f.Doc.At("fields", n))
			}
		}
	}
	for _, l := range k.p.matters.Lifecycles {
		for _, a := range l.Decl.Actions {
			for j, x := range a.Input {
				ask(x.Title, a.At("input", j))
			}
		}
	}
}
