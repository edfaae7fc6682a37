package city

import (
	"cmp"
	"slices"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/place"
)

// matters checks the duty list: editions, clauses, and that somebody is there for
// every answer it gives.
func (k *checker) matters() {
	k.editions()
	served := map[string]bool{}
	for _, f := range k.c.Directory.Functions() {
		served[f] = true
	}
	staffed := map[string]decl.Pos{} // units that some clause names, and where
	for i, m := range k.p.matters.Matters {
		at := k.p.matters.MatterAt[i]
		k.clause(m, served, at)
		answers := k.answers(m)
		for _, a := range answers {
			if _, ok := staffed[a.Unit]; !ok {
				staffed[a.Unit] = at
			}
		}
		k.night(m, answers, at)
	}
	for code, at := range staffed {
		if !k.staffed(code) {
			u, _ := k.c.Directory.Unit(code)
			k.Report(at, "check.unit_without_staff", errs.Args{"unit": u.Name})
		}
	}
}

// night checks that units which answer for a matter at night have a roster. Where
// only the backstop has none, cases whose place is unknown wait until morning;
// a city may mean that.
func (k *checker) night(m *matter.Matter, answers []matter.Answer, at decl.Pos) {
	asleep := slices.IndexFunc(answers, func(a matter.Answer) bool { return !k.c.Directory.HasRoster(a.Unit) })
	if !m.Night || asleep < 0 {
		return
	}
	a := answers[asleep]
	args := errs.Args{"matter": m.Name, "unit": a.Args["unit"]}
	if a.Backstop {
		k.Doubt(at, "check.night_backstop", args)
		return
	}
	k.Report(at, "check.night_without_roster", args)
}

// staffed reports whether a unit, or one above it, has anybody.
func (k *checker) staffed(code string) bool {
	for code != "" {
		if len(k.c.Directory.StaffOf(code)) > 0 {
			return true
		}
		u, _ := k.c.Directory.Unit(code)
		code = u.Parent
	}
	return false
}

// clause checks one clause of the duty list by itself.
func (k *checker) clause(m *matter.Matter, served map[string]bool, at decl.Pos) {
	d := m.Duty
	args := func(extra errs.Args) errs.Args {
		if extra == nil {
			extra = errs.Args{}
		}
		extra["matter"] = m.Name
		return extra
	}
	_, unit := k.c.Directory.Unit(d.Unit)
	switch d.By {
	case matter.ByFunction:
		switch {
		case d.Unit == "" && d.Function == "":
			k.Report(at, "check.no_responsible", args(nil))
		case d.Unit != "" && !unit:
			k.Report(at, "org.unknown_unit", errs.Args{"unit": d.Unit})
		case d.Unit == "" && !served[d.Function]:
			k.Report(at, "check.unknown_function", errs.Args{"function": d.Function})
		}
	case matter.ByBoth:
		switch {
		case d.Function == "":
			k.Report(at, "check.no_responsible", args(nil))
		case !served[d.Function]:
			k.Report(at, "check.unknown_function", errs.Args{"function": d.Function})
		}
	case "":
		k.Report(at, "check.no_responsible", args(nil))
	}
	if d.By == matter.ByPlace || d.By == matter.ByBoth {
		if l := place.Level(d.Level); l != place.Street && l != place.Community {
			k.Report(at, "decl.not_one_of", errs.Args{"key": "level", "value": d.Level, "known": "street, community"})
		}
	}
	if d.Backstop == "" {
		k.Report(at, "check.no_backstop", args(nil))
	} else if _, ok := k.c.Directory.Unit(d.Backstop); !ok {
		k.Report(at, "org.unknown_unit", errs.Args{"unit": d.Backstop})
	}
}

// answers returns what the clause of a matter answers over all places, each unit
// once; the backstop comes last.
func (k *checker) answers(m *matter.Matter) []matter.Answer {
	var areas []string
	if m.Duty.By != matter.ByFunction {
		for _, a := range k.c.Places.Level(place.Level(m.Duty.Level)) {
			areas = append(areas, a.Code)
		}
	}
	seen := map[string]bool{"": true}
	var out []matter.Answer
	for _, area := range append(areas, "") {
		if a := matter.Responsible(k.c.Directory, k.c.Places, m, area); !seen[a.Unit] {
			seen[a.Unit] = true
			out = append(out, a)
		}
	}
	return out
}

// editions checks that the editions of each matter follow one another.
func (k *checker) editions() {
	byCode := map[[2]string][]int{}
	for i, m := range k.p.matters.Matters {
		if m.To != "" && m.To < m.From {
			k.Report(k.p.matters.MatterAt[i], "check.dates_reversed", errs.Args{"matter": m.Name, "from": m.From, "to": m.To})
		}
		key := [2]string{m.Family, m.Code}
		byCode[key] = append(byCode[key], i)
	}
	for _, same := range byCode {
		slices.SortStableFunc(same, func(a, b int) int {
			return cmp.Compare(k.p.matters.Matters[a].From, k.p.matters.Matters[b].From)
		})
		for n := 1; n < len(same); n++ {
			before, m := k.p.matters.Matters[same[n-1]], k.p.matters.Matters[same[n]]
			if before.To == "" || before.To >= m.From {
				k.Report(k.p.matters.MatterAt[same[n]], "check.editions_overlap", errs.Args{"code": m.Code, "other": k.p.matters.MatterAt[same[n-1]].Line})
			}
		}
	}
}
