package view

import (
	"context"

	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
)

// stock returns the cases that stood in a stock at a moment, told again from the
// log, in the unit, area and matter they had then.
func (v *View) stock(ctx context.Context, q *Query, at int64) (ids []string, err error) {
	// What was closed before it, and not taken up again since, cannot stand in it.
	found, err := sqldb.Select[string](ctx, v.DB.Read(),
		`select id from cases where filed_at < ? and (closed = 0 or closed_at >= ?) order by filed_at desc, id desc`, at, at)
	if err != nil {
		return nil, err
	}
	dir := v.Units()
	street, everywhere := v.street(q.Area)
	for _, id := range found {
		s, err := v.standing(ctx, id, at)
		if err != nil {
			return nil, err
		}
		in := s.pending && (q.Did == Pending || s.overdue)
		area, _ := v.street(s.area)
		if in && (q.Unit == "" || org.Covers(dir.Path(q.Unit), dir.Path(s.unit))) && (everywhere || area == street || s.area == street) &&
			(q.Matter == "" || q.Matter == s.matter) && len(ids) < mostDid {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// standing is how a case stood at a moment.
type standing struct {
	pending, overdue   bool
	unit, area, matter string
}

func (v *View) standing(ctx context.Context, id string, at int64) (s standing, err error) {
	t := v.teller()
	err = v.Cases.Replay(ctx, id, func(m cases.Moment) error {
		if m.Header.At < at {
			t.tell(m)
			s = standing{t.stock[Pending], t.stock[Overdue], m.After.Unit, m.After.Area, m.After.Matter}
		}
		return nil
	})
	return s, err
}
