package view

import (
	"context"
	"strconv"
	"strings"

	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/org"
)

// mostSplit is up to how many units an inbox is put together from their lanes. For
// more of them it is sooner to sort what is open.
const mostSplit = 4

// byLane returns the ways of an inbox with those to whole units taken lane by lane:
// each of these an index holds by due date, so that the first of a list cost the same
// however many cases are open there.
func (v *View) byLane(ctx context.Context, scope org.Filter, q *Query, ways []way) ([]way, error) {
	split := v.ways(scope, q.Unit, true)
	units := 0
	for _, w := range split {
		if w.unit() {
			units++
		}
	}
	if units == 0 || units > mostSplit {
		return ways, nil
	}
	for i, w := range split {
		if !w.unit() {
			continue
		}
		lanes, err := v.openLanes(ctx, w)
		if err != nil {
			return nil, err
		}
		for _, lane := range lanes {
			split[i].ranges = append(split[i].ranges, where{terms: []string{"lane = ?"}, args: []any{lane}})
		}
		if len(lanes) == 0 {
			split[i] = nothing()
		}
	}
	return split, nil
}

// unit reports whether a way is to the cases of one unit.
func (w where) unit() bool { return len(w.terms) == 1 && w.terms[0] == "unit_path = ?" }

// openLanes returns the lanes in which a unit has open cases, by one look into the index
// for each.
func (v *View) openLanes(ctx context.Context, unit where) ([]string, error) {
	// Not the least lane: where statistics say that there are few, PostgreSQL finds that by
	// looking at all.
	return sqldb.Select[string](ctx, v.DB.Read(), `with recursive held (lane) as (
		select (select lane from cases where closed = 0 and unit_path = ? order by lane limit 1)
		union all select (select lane from cases where closed = 0 and unit_path = ? and lane > held.lane order by lane limit 1) from held where held.lane is not null
		) select lane from held where lane is not null`, unit.args[0], unit.args[0])
}

// merged returns the rest of a statement that reads the first cases of all ranges.
func (w where) merged(o order, limit int) (rest string, args []any) {
	var firsts []string
	for i, r := range w.ranges {
		one := where{terms: w.terms, args: w.args}.and(r)
		firsts = append(firsts, `select * from (select id, due_at, filed_at from cases where `+one.sql()+
			` order by `+o.by+` limit `+strconv.Itoa(limit)+`) as f`+strconv.Itoa(i))
		args = append(args, one.args...)
	}
	return ` where id in (select id from (` + strings.Join(firsts, ` union all `) + `) as firsts order by ` + o.by +
		` limit ` + strconv.Itoa(limit) + `) order by ` + o.few, args
}
