package view

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/org"
)

// Count is how many cases share something.
type Count struct {
	Key  string `db:"k"`
	N    int64  `db:"n"`
	Late int64  `db:"late"` // of them with a clock that is late
	Due  int64  `db:"due"`  // of them that fall due in the span asked for
}

// span is a time from a moment on and before another, UTC milliseconds.
type span struct{ from, to int64 }

// countable are the columns that cases are counted by; those of open cases by
// lane, unit, area, grid and due date are read from one index without touching a row.
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
	return v.counts(ctx, parts, column, span{})
}

// counts counts the cases of parts by a column, in the order of its values.
func (v *View) counts(ctx context.Context, parts []where, column string, due span) ([]Count, error) {
	// By unit and lane together an index has them in order, and nothing is sorted;
	// what is asked for is added up here.
	group := column
	if column == "lane" {
		group = "unit_path, lane"
	}
	byKey := map[string]*Count{}
	for _, w := range parts {
		rows, err := v.recent.count(fmt.Sprint(column, " ", due.to, " ", w.key()), func() ([]Count, error) {
			return sqldb.Select[Count](ctx, v.DB.Read(), `select `+column+` as k, count(*) as n,
				sum(case when late > 0 then 1 else 0 end) as late, sum(case when due_at >= ? and due_at < ? then 1 else 0 end) as due
				from cases where `+w.sql()+` group by `+group, append([]any{due.from, due.to}, w.args...)...)
		})
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if byKey[r.Key] == nil {
				byKey[r.Key] = &Count{Key: r.Key}
			}
			byKey[r.Key].N += r.N
			byKey[r.Key].Late += r.Late
			byKey[r.Key].Due += r.Due
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

// total counts the cases of parts, to the last case.
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

// Counts over very many cases are remembered for a moment, so that a city with a hundred
// thousand open ones counts them once a second and not for each who looks.
const (
	veryMany   = 10_000
	fresh      = 900 * time.Millisecond // with the time that counting takes about a second
	mostRecent = 256                    // different counts
)

// recent remembers counts over very many cases. The zero value remembers nothing.
type recent struct {
	mu sync.Mutex
	of map[string]*counted
}

// counted is one count: whoever finds it too old counts, and the others wait for that.
type counted struct {
	mu   sync.Mutex
	at   time.Time
	rows []Count // none where they count few
}

// count returns what do counts, or did a moment ago. The rows are not to be changed.
func (r *recent) count(key string, do func() ([]Count, error)) ([]Count, error) {
	r.mu.Lock()
	if r.of == nil || len(r.of) >= mostRecent && r.of[key] == nil {
		r.of = map[string]*counted{}
	}
	c := r.of[key]
	if c == nil {
		c = &counted{}
		r.of[key] = c
	}
	r.mu.Unlock()
	c.mu.Lock()
	if c.rows == nil { // few, which need not wait for each other
		c.mu.Unlock()
		return c.again(do)
	}
	defer c.mu.Unlock()
	if time.Since(c.at) < fresh {
		return c.rows, nil
	}
	rows, err := do()
	c.keep(rows, err, time.Now())
	return rows, err
}

func (c *counted) again(do func() ([]Count, error)) ([]Count, error) {
	at := time.Now()
	rows, err := do()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keep(rows, err, at)
	return rows, err
}

func (c *counted) keep(rows []Count, err error, at time.Time) {
	c.rows, c.at = nil, at
	n := int64(0)
	for _, r := range rows {
		n += r.N
	}
	if err == nil && n >= veryMany {
		c.rows = rows
	}
}
