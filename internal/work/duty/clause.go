package duty

import (
	"context"
	"slices"
	"time"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
	"yiwang/internal/work/edition"
)

// Clause is what a ruling decided, as a clause of the duty list.
type Clause struct {
	Matter string   // code
	Unit   org.Unit // who answers for it
	Basis  string   // the ruling, and what it rests on
	Title  string   // of the draft that is begun where there is none
}

// Propose writes the clause of a ruling into the latest draft, begun from the list
// in force where there is none, and returns the draft. A unit of a street or a
// community answers for its own place, so the clause names its function there; any
// other answers wherever it happens. It holds when somebody else has published the
// draft. Errors: NotFound (the matter).
func (s *Store) Propose(ctx context.Context, by org.Actor, c Clause) (e edition.Edition, found []decl.Finding, err error) {
	defer errs.Wrap(&err, "duty.Propose(%s)", c.Matter)
	all, err := s.Editions(ctx)
	if err != nil {
		return e, nil, err
	}
	for _, x := range all {
		if x.State == edition.Draft {
			e = x
		}
	}
	if e.State != edition.Draft {
		like := all[edition.InForce(all, s.Shelf.Today())]
		from := time.UnixMilli(s.Shelf.DB.Now()).In(text.CST).AddDate(0, 0, 7).Format(time.DateOnly)
		if e, err = s.Begin(ctx, by, like.No, c.Title, from); err != nil {
			return e, nil, err
		}
	}
	list, err := s.Matters(ctx, e.No)
	if err != nil {
		return e, nil, err
	}
	at := slices.IndexFunc(list, func(m *matter.Matter) bool { return m.Code == c.Matter })
	if at < 0 {
		return e, nil, errs.E(errs.NotFound, "api.no_clause", nil)
	}
	m := *list[at]
	m.Duty = matter.Duty{By: matter.ByFunction, Unit: c.Unit.Code, Backstop: m.Duty.Backstop, Basis: c.Basis}
	if a, ok := s.City.Places.Area(c.Unit.Area); ok && c.Unit.Function != "" && a.Parent != "" {
		m.Duty.By, m.Duty.Unit, m.Duty.Function, m.Duty.Level = matter.ByBoth, "", c.Unit.Function, string(a.Level)
	}
	found, err = s.Put(ctx, by, e.No, c.Matter, &m)
	return e, found, err
}
