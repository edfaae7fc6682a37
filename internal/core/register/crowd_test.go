package register_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/org"
	"yiwang/internal/core/register"
	"yiwang/internal/core/rule"
)

// compiled is a table that asks for facts and decides nothing by them.
func (r *room) compiled(t rule.Table) *rule.Decider {
	r.Helper()
	t.Hit, t.Basis = "unique", "x"
	t.Results = []rule.Result{{Code: "r", Title: "r", Type: "yesno"}}
	t.Rows = []rule.Row{{Code: "a", When: map[string]string{t.Facts[0].Code: "-"}, Then: map[string]string{"r": "yes"}, Clause: "x"}}
	d, faults := rule.Build(&t)
	if d == nil {
		r.Fatalf("%v", faults)
	}
	return d
}

// What is known of everyone is what is known of each: by the register itself, through
// links, and where sources contradict each other.
func TestEveryoneSeesWhatFactsSees(t *testing.T) {
	run(t, func(r *room) {
		ctx := r.Context()
		r.must(r.Put(ctx, "social", elder, register.Fact{Item: "birth", Value: "1945-03-18"}))
		r.must(r.Put(ctx, "social", child, register.Fact{Item: "sex", Value: "f"}))
		r.must(r.Put(ctx, "decided", child, register.Fact{Item: "sex", Value: "m"}))
		r.must(r.Put(ctx, "police", register.Subject{Register: "person", ID: "PA2"}, register.Fact{Item: "household", Value: "other", From: "2026-11-23"}))
		r.must(r.Put(ctx, "centre", register.Subject{Register: "credit", ID: "CA9"}, register.Fact{Item: "entity", Value: "EA2"}, register.Fact{Item: "level", Value: "D"}))
		q := register.Reading{Purpose: "entitle", Actor: org.Machine("entitle"), Agreed: true}
		for _, c := range []struct {
			register string
			table    *rule.Decider
		}{
			{"person", r.compiled(rule.Table{Code: "p", Title: "p", Facts: []rule.Fact{
				{Code: "birth", Title: "birth", Type: "date", Source: "person.birth"}, {Code: "sex", Title: "sex", Type: "text", Source: "person.sex"},
				{Code: "household", Title: "h", Type: "text", Source: "person.household"}, {Code: "months", Title: "m", Type: "number", Source: "person.insured_months"},
				{Code: "living", Title: "l", Type: "yesno", Source: "person.living"}, {Code: "size", Title: "s", Type: "number", Places: 2, Source: "home.size"}}})},
			{"entity", r.compiled(rule.Table{Code: "e", Title: "e", Facts: []rule.Fact{
				{Code: "industry", Title: "i", Type: "text", Source: "entity.industry"}, {Code: "level", Title: "l", Type: "text", Source: "credit.level"}}})},
		} {
			ids, crowd, err := r.Everyone(ctx, q, c.register, *r.now, c.table)
			r.must(err)
			if len(ids) == 0 || len(crowd) != len(c.table.Table().Facts) {
				t.Fatalf("%d of %s, %d columns", len(ids), c.register, len(crowd))
			}
			for i, id := range ids {
				one, _, err := r.Facts(ctx, q, register.Subject{Register: c.register, ID: id}, c.table, *r.now)
				r.must(err)
				for _, f := range c.table.Table().Facts {
					want := "-"
					if k, ok := one[f.Code]; ok {
						want = k.Value.(string)
					}
					if got := shown(f, crowd[f.Code], crowd[f.Code].At[i]); got != want {
						t.Errorf("%s of %s: one by one %s, all at once %s", f.Code, id, want, got)
					}
				}
			}
			if !slices.IsSorted(ids) {
				t.Error("ids are out of order")
			}
		}
		if _, _, err := r.Everyone(ctx, register.Reading{Purpose: "own", Actor: org.Machine("x")}, "person", *r.now, r.table("elder-allowance")); !errs.Is(err, errs.Forbidden) {
			t.Errorf("without a grant: %v", err)
		}
		seen, err := r.Readings(ctx, elder)
		r.must(err)
		if !slices.ContainsFunc(seen, func(n register.Noted) bool { return n.ID == "" && n.Purpose == "entitle" }) {
			t.Error("a reading of everybody is not seen by each")
		}
	})
}

// shown is a value of a column as the register writes it, "-" where it is not known.
func shown(f rule.Fact, c rule.Column, at int32) string {
	switch {
	case at == rule.NoValue:
		return "-"
	case c.Words != nil:
		return c.Words[at]
	case f.Type == "date":
		return time.Unix(int64(at)*86400, 0).UTC().Format(time.DateOnly)
	case f.Type == "yesno":
		return map[int32]string{0: "no", 1: "yes"}[at]
	case c.Places > 0:
		return fmt.Sprintf("%.*f", c.Places, float64(at)/math.Pow10(c.Places))
	}
	return fmt.Sprint(at)
}
