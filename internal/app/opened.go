package app

import (
	"context"
	"fmt"
	"sync"
	"time"

	"yiwang/internal/base/text"
	"yiwang/internal/core/org"
	"yiwang/internal/door/portal"
	"yiwang/internal/work/brief"
	"yiwang/internal/work/view"
)

// openedMonths is how many months the public page shows, and openedFor how long it
// stands before it is put together again.
const (
	openedMonths = 12
	openedFor    = 5 * time.Minute
)

// opened keeps what everybody is shown.
type opened struct {
	mu   sync.Mutex
	made time.Time
	is   portal.Opened
}

// Opened returns what the city shows to everybody; see portal.Office.
func (o *office) Opened(ctx context.Context) (portal.Opened, error) {
	o.opened.mu.Lock()
	defer o.opened.mu.Unlock()
	now := o.Now()
	if since := now.Sub(o.opened.made); since >= 0 && since < openedFor {
		return o.opened.is, nil
	}
	out := portal.Opened{AsOf: now}
	whole, err := o.View.WholeLog(ctx)
	if err != nil {
		return out, err
	}
	month := time.Date(now.In(text.CST).Year(), now.In(text.CST).Month(), 1, 0, 0, 0, 0, text.CST)
	for range openedMonths {
		p := view.MonthOf(month)
		if p.To < whole.From {
			break
		}
		m, err := o.openedMonth(ctx, p)
		if err != nil {
			return out, err
		}
		out.Months = append(out.Months, m)
		month = month.AddDate(0, -1, 0)
	}
	desk := brief.Desk{City: o.City, Units: o.Staff.Directory, Cases: o.Cases, View: o.View, Now: o.Now}
	chosen, err := desk.Public(ctx)
	if err != nil {
		return out, err
	}
	for _, c := range chosen {
		out.Cases = append(out.Cases, o.example(&c))
	}
	o.opened.made, o.opened.is = now, out
	return out, nil
}

func (o *office) openedMonth(ctx context.Context, p view.Period) (portal.Month, error) {
	m := portal.Month{Month: p.From[:7]}
	groups, err := o.View.Sums(ctx, org.Machine("open"), view.Scope{}, p, "")
	if err != nil || len(groups) == 0 {
		return m, err
	}
	sums := groups[0].Sums
	m.Received, m.Ended = sums[view.Received], sums[view.Ended]
	for _, r := range view.RatesIn(o.City) {
		over, under, known := r.Of(sums)
		to := map[string]*string{"on_time": &m.OnTime, "resolution": &m.Resolution, "satisfaction": &m.Satisfaction}[r.Code]
		if to != nil && known {
			*to = fmt.Sprintf("%.1f%%", 100*float64(over)/float64(under))
		}
	}
	return m, nil
}

// example is a chosen case in the words written for everybody, with its matter and
// its street, nothing narrower.
func (o *office) example(c *brief.Chosen) portal.Example {
	e := portal.Example{Summary: c.Summary}
	if m := o.City.Catalog.Find(c.Case.Family, c.Case.Matter); m != nil {
		e.About = m.Name
	}
	if street, ok := o.City.Places.Up(c.Case.Area, "street"); ok {
		e.Where = street.Name
	}
	if u, ok := o.Staff.Directory().Unit(c.Case.Unit); ok {
		e.Unit = u.Name
	}
	return e
}
