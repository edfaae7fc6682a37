package view

import (
	"context"
	"maps"
	"slices"

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
	parts, err := v.scoped(ctx, by, &q)
	if err != nil {
		return nil, err
	}
	return v.counts(ctx, parts, column)
}

// counts counts the cases of parts by a column, in the order of its values.
func (v *View) counts(ctx context.Context, parts []where, column string) ([]Count, error) {
	// By unit and lane together an index has them in order, and nothing is sorted;
	// what is asked for is added up here.
	group := column
	if column == "lane" {
		group = "unit_path, lane"
	}
	byKey := map[string]*Count{}
	for _, w := range parts {
		rows, err := sqldb.Select[Count](ctx, v.DB.Read(), `select `+column+` as k, count(*) as n,
			sum(case when late > 0 then 1 else 0 end) as late from cases where `+w.sql()+` group by `+group, w.args...)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if byKey[r.Key] == nil {
				byKey[r.Key] = &Count{Key: r.Key}
			}
			byKey[r.Key].N += r.N
			byKey[r.Key].Late += r.Late
		}
	}
	out := make([]Count, 0, len(byKey))
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		out = append(out, *byKey[key])
	}
	return out, nil
}

// Total counts the cases of a query.
func (v *View) Total(ctx context.Context, by org.Actor, q Query) (int64, error) {
	parts, err := v.scoped(ctx, by, &q)
	if err != nil {
		return 0, err
	}
	return v.total(ctx, parts)
}

func (v *View) total(ctx context.Context, parts []where) (total int64, err error) {
	for _, w := range parts {
		n, err := sqldb.Get[int64](ctx, v.DB.Read(), `select count(*) from cases where `+w.sql(), w.args...)
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}
