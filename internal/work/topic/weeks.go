package topic

import (
	"context"
	"time"

	"yiwang/internal/base/pace"
	"yiwang/internal/base/sqldb"
)

const (
	week = 7 * 24 * 3600 * 1000
	// pastWeeks is how many weeks before the last a warning compares it with.
	pastWeeks = 8
	// pastFor is for how long the weeks before the last are not counted again.
	pastFor = time.Hour
)

type cellKey struct{ matter, area string }

// past is what the latest days are compared with. It is of an hour ago at most.
type past struct {
	at     int64             // UTC milliseconds
	before int               // weeks before the last that are compared with, 0 where the log is too young
	weeks  map[cellKey][]int // their cases, the latest last
	year   map[cellKey]int   // the same seven days a year ago; nil where the log does not reach back that far
	season func(matter string) float64
}

// lookBack counts what is compared with, if that is not known already.
func (b *Board) lookBack(ctx context.Context, first, now int64) error {
	if b.past != nil && now >= b.past.at && now-b.past.at < pastFor.Milliseconds() && b.past.before > 0 {
		return nil
	}
	p := &past{at: now}
	b.past = nil
	if first == 0 {
		b.past = p
		return nil
	}
	var err error
	if n := int(min((now-first)/week, pastWeeks+1)); n >= 3 {
		p.before = n - 1
		if p.weeks, err = b.weekly(ctx, now-week, p.before); err != nil {
			return err
		}
	}
	ago := time.UnixMilli(now).AddDate(-1, 0, 0).UnixMilli()
	if first <= ago-week {
		last, err := b.weekly(ctx, ago, 1)
		if err != nil {
			return err
		}
		p.year = map[cellKey]int{}
		for k, n := range last {
			p.year[k] = n[0]
		}
	}
	if first <= ago-(pastWeeks+1)*week {
		if p.season, err = b.season(ctx, ago); err != nil {
			return err
		}
	}
	b.past = p
	return nil
}

// lastYear counts the cases of a topic's matter and street in the same days a year
// ago, nil where the log does not reach back that far.
func (p *past) lastYear(l *Live) *int {
	if p.year == nil || l.Matter == "" {
		return nil
	}
	n := 0
	for k, there := range p.year {
		if k.matter == l.Matter && (l.Area == "" || k.area == l.Area) {
			n += there
		}
	}
	return &n
}

// warnings looks for rises of one matter in one street.
func (b *Board) warnings(ctx context.Context, now int64) ([]Warning, error) {
	if b.past.before == 0 {
		return []Warning{}, nil // nothing to compare with
	}
	count, err := b.weekly(ctx, now, 1)
	if err != nil {
		return nil, err
	}
	before := b.past.before
	var cells []Cell
	for k, last := range count {
		weeks := make([]int, before, before+1)
		copy(weeks, b.past.weeks[k])
		cells = append(cells, Cell{Matter: k.matter, Area: k.area, Weeks: append(weeks, last[0])})
	}
	for k, weeks := range b.past.weeks {
		if _, ok := count[k]; !ok {
			cells = append(cells, Cell{Matter: k.matter, Area: k.area, Weeks: append(weeks[:before:before], 0)})
		}
	}
	return Warn(cells, b.past.season), nil
}

// weekly counts cases by matter and street in the weeks before a time, the latest
// last.
func (b *Board) weekly(ctx context.Context, end int64, weeks int) (map[cellKey][]int, error) {
	type row struct {
		Matter string `db:"matter"`
		Area   string `db:"area"`
		N      int    `db:"n"`
	}
	out, work := map[cellKey][]int{}, pace.Start(ctx)
	for i := range weeks {
		from := end - int64(weeks-i)*week
		rows, err := sqldb.Select[row](ctx, b.DB.Behind(), `select matter, area, count(*) as n from cases
			where family = 'appeal' and matter <> '' and filed_at >= ? and filed_at < ? group by matter, area`, from, from+week)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			k := cellKey{r.Matter, b.street(r.Area)}
			if out[k] == nil {
				out[k] = make([]int, weeks)
			}
			out[k][i] += r.N
		}
		work.Rest()
	}
	return out, nil
}

// season returns by what factor the week of a matter was higher a year ago than the
// weeks before it.
func (b *Board) season(ctx context.Context, ago int64) (func(string) float64, error) {
	count, err := b.weekly(ctx, ago, pastWeeks+1)
	if err != nil {
		return nil, err
	}
	last, before := map[string]float64{}, map[string]float64{}
	for k, n := range count {
		last[k.matter] += float64(n[pastWeeks])
		for _, x := range n[:pastWeeks] {
			before[k.matter] += float64(x) / pastWeeks
		}
	}
	return func(matter string) float64 {
		return min(max((last[matter]+3)/(before[matter]+3), 0.5), 4) // few cases say little
	}, nil
}
