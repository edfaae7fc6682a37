package view

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/text"
	"yiwang/internal/core/org"
)

// Lived is how the machine's dispatch did as it was lived: of the cases it sent,
// how many did not come back, did not go elsewhere and kept their matter.
type Lived struct {
	AsOf     int64
	From, To string // first and last day
	Days     []LivedOf
	Matters  []LivedOf // those with most sent first
	Units    []LivedOf
	Drops    []Drop // the surest first
}

// LivedOf is that of one day, matter or unit.
type LivedOf struct {
	Key         string
	Sent, Wrong int64
}

// Drop is a matter or unit, or the whole (both empty), whose share of right ones
// fell: in the last days against the days before.
type Drop struct {
	Matter, Unit string
	Recent       LivedOf // of the last RecentDays days
	Before       LivedOf // of the days before
	From         string  // first of the recent days
	P            float64 // chance of so many wrong ones recently if nothing had changed
}

const (
	// RecentDays are compared with the BaseDays before them.
	RecentDays = 7
	BaseDays   = 28

	dropCases = 20   // sent in the recent days at least
	dropLevel = 0.01 // of the test, over all matters and units together
)

// Lived returns accuracy as lived over the last so many days, for what an actor may
// see. A drop is told of where Fisher's exact test, one-sided, finds the recent
// share of wrong ones larger at 0.01, corrected for the number of comparisons (Holm).
// What was sent lately has had less time to come back, so a drop is rather told of
// too late than without cause.
func (v *View) Lived(ctx context.Context, by org.Actor, s Scope, days int) (l Lived, err error) {
	defer errs.Wrap(&err, "view.Lived")
	rows, _, err := v.within(ctx, by, s)
	if err != nil {
		return l, err
	}
	if l.AsOf, err = v.AsOf(ctx); err != nil {
		return l, err
	}
	now := time.UnixMilli(v.DB.Now()).In(text.CST)
	day := func(back int) string { return now.AddDate(0, 0, -back).Format(time.DateOnly) }
	l.From, l.To = day(days-1), day(0)
	type sum struct {
		Day     string `db:"day"`
		Unit    string `db:"unit"`
		Matter  string `db:"matter"`
		Measure string `db:"measure"`
		N       int64  `db:"n"`
	}
	sums, err := sqldb.Select[sum](ctx, v.DB.Behind(), `select day, unit, matter, measure, cast(sum(n) as bigint) as n from figure
		where day >= ? and (measure >= ? and measure < ? or measure >= ? and measure < ?) and `+rows.sql()+`
		group by day, unit, matter, measure`,
		append([]any{min(l.From, day(RecentDays+BaseDays-1)), AutoSent + "@", AutoSent + "A", AutoWrong + "@", AutoWrong + "A"}, rows.args...)...)
	if err != nil {
		return l, err
	}
	byDay, byMatter, byUnit := tallies{}, tallies{}, tallies{}
	cmpd := comparison{from: day(RecentDays - 1), drops: map[[2]string]*Drop{}}
	for _, r := range sums {
		measure, _ := splitHour(r.Measure)
		if r.Day >= l.From {
			byDay.add(r.Day, measure, r.N)
			byMatter.add(r.Matter, measure, r.N)
			byUnit.add(r.Unit, measure, r.N)
		}
		for _, of := range [][2]string{{}, {r.Matter, ""}, {"", r.Unit}} {
			cmpd.add(of, r.Day, measure, r.N)
		}
	}
	for back := days - 1; back >= 0; back-- {
		d := byDay[day(back)]
		d.Key = day(back)
		l.Days = append(l.Days, d)
	}
	l.Matters, l.Units, l.Drops = byMatter.most(), byUnit.most(), cmpd.found()
	return l, nil
}

type tallies map[string]LivedOf

func (t tallies) add(key, measure string, n int64) {
	o := t[key]
	o.Key = key
	o.count(measure, n)
	t[key] = o
}

func (o *LivedOf) count(measure string, n int64) {
	if measure == AutoWrong {
		o.Wrong += n
	} else {
		o.Sent += n
	}
}

// most returns the tallies with most sent first.
func (t tallies) most() []LivedOf {
	out := slices.Collect(maps.Values(t))
	slices.SortFunc(out, func(a, b LivedOf) int {
		return cmp.Or(cmp.Compare(b.Sent, a.Sent), cmp.Compare(b.Wrong, a.Wrong), cmp.Compare(a.Key, b.Key))
	})
	return out
}

// comparison sets the recent days beside those before, for each matter and unit.
type comparison struct {
	from  string
	drops map[[2]string]*Drop
}

func (c *comparison) add(of [2]string, day, measure string, n int64) {
	d := c.drops[of]
	if d == nil {
		d = &Drop{Matter: of[0], Unit: of[1], From: c.from}
		c.drops[of] = d
	}
	if day >= c.from {
		d.Recent.count(measure, n)
	} else {
		d.Before.count(measure, n)
	}
}

// found returns the drops that chance does not explain.
func (c *comparison) found() []Drop {
	var tried []Drop
	for _, d := range c.drops {
		if d.Recent.Sent >= dropCases && d.Before.Sent >= dropCases {
			d.P = moreWrong(d.Recent, d.Before)
			tried = append(tried, *d)
		}
	}
	slices.SortFunc(tried, func(a, b Drop) int {
		return cmp.Or(cmp.Compare(a.P, b.P), cmp.Compare(a.Matter, b.Matter), cmp.Compare(a.Unit, b.Unit))
	})
	for i, d := range tried {
		if d.P*float64(len(tried)-i) >= dropLevel {
			return tried[:i]
		}
	}
	return tried
}

// moreWrong is Fisher's exact test: the chance that, of all wrong ones, so many or
// more fall among the recent cases if they fell anywhere alike.
func moreWrong(recent, before LivedOf) float64 {
	n, wrong := recent.Sent+before.Sent, recent.Wrong+before.Wrong
	sum := 0.0
	for k := recent.Wrong; k <= min(wrong, recent.Sent); k++ {
		if wrong-k > before.Sent {
			continue
		}
		sum += math.Exp(choose(recent.Sent, k) + choose(before.Sent, wrong-k) - choose(n, wrong))
	}
	return min(1, sum)
}

// choose returns the logarithm of n over k.
func choose(n, k int64) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}
