package view

import (
	"context"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/org"
)

// Count is how many cases share something.
type Count struct {
	Key  string `db:"k"`
	N    int64  `db:"n"`
	Late int64  `db:"late"` // of them with a clock that is late
}

// countable are the columns that cases are counted by; those of open cases by
// lane, unit, area and grid are read from one index without touching a row.
var countable = map[string]bool{
	"lane": true, "state": true, "unit_path": true, "area": true, "grid": true, "urgency": true, "nature": true, "channel": true, "matter": true,
}

// Counts counts the open cases of a query by a column. Error: Invalid.
func (v *View) Counts(ctx context.Context, by org.Actor, q Query, column string) (_ []Count, err error) {
	defer errs.Wrap(&err, "view.Counts(%s)", column)
	if column == "unit" {
		column = "unit_path"
	}
	if !countable[column] {
		return nil, errs.E(errs.Invalid, "view.bad_count", nil).At("by")
	}
	q.Open = true
	w, err := v.scoped(ctx, by, &q)
	if err != nil {
		return nil, err
	}
	return sqldb.Select[Count](ctx, v.DB.Read(), `select `+column+` as k, count(*) as n,
		sum(case when late > 0 then 1 else 0 end) as late from cases where `+w.sql()+` group by `+column+` order by `+column, w.args...)
}

// Total counts the cases of a query.
func (v *View) Total(ctx context.Context, by org.Actor, q Query) (int64, error) {
	w, err := v.scoped(ctx, by, &q)
	if err != nil {
		return 0, err
	}
	return sqldb.Get[int64](ctx, v.DB.Read(), `select count(*) from cases where `+w.sql(), w.args...)
}
