package view

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/text"
	"yiwang/internal/core/city"
	"yiwang/internal/core/org"
)

// Rate declares a figure that is one measure over others. What stands over and
// under the line are sums of measures; a "-" before a name takes it away.
type Rate struct {
	Code        string // key of its title and formula: view.rate_…, view.formula_…
	Over, Under []string
	Behind      string // the measure whose cases one wants to see: those that went wrong, where there are any
	Formula     string // key of its formula, "" is Code
	Mean        bool   // minutes a case instead of a share
}

// Rates are the figures by which units are measured, in the order they are shown.
// Of those on time, what is overdue and still open counts against: leaving a case
// alone never makes a unit look better.
var Rates = []Rate{
	{Code: "response", Over: []string{Responded}, Under: []string{Responded, RespondedNot}, Behind: RespondedNot},
	{Code: "completion", Over: []string{Ended}, Under: []string{Ended, Pending}, Behind: Pending},
	{Code: "on_time", Over: []string{Answered, "-" + AnsweredLate}, Under: []string{Answered, Overdue}, Behind: Overdue},
	{Code: "resolution", Over: []string{Solved}, Under: []string{Asked}, Behind: Asked},
	{Code: "satisfaction", Over: []string{Satisfied}, Under: []string{Rated}, Behind: Rated},
	{Code: "auto", Over: []string{AutoSent}, Under: []string{Dispatched}, Behind: AutoSent},
	{Code: "accuracy", Over: []string{Dispatched, "-" + Missent}, Under: []string{Dispatched}, Behind: Missent},
	{Code: "returns", Over: []string{Returned}, Under: []string{Dispatched}, Behind: Returned},
	{Code: "reworks", Over: []string{Reworked}, Under: []string{Answered}, Behind: Reworked},
	{Code: "handling", Over: []string{HandledIn}, Under: []string{Answered}, Behind: Answered, Mean: true},
}

// RatesIn returns the rates as a city reckons them: who was answered and says
// nothing counts as satisfied only where its pack says so.
func RatesIn(c *city.City) []Rate {
	if c.Silence != city.SilencePraise {
		return Rates
	}
	out := slices.Clone(Rates)
	for i := range out {
		if r := &out[i]; r.Code == "satisfaction" {
			r.Over, r.Under, r.Formula = []string{Satisfied, Silent}, []string{Rated, Silent}, "satisfaction_silent"
		}
	}
	return out
}

// FormulaKey is the key of how a rate is reckoned, in words.
func (r Rate) FormulaKey() string { return "view.formula_" + cmp.Or(r.Formula, r.Code) }

// Of works a rate out of sums; known is false where nothing stands under the line.
func (r Rate) Of(d Day) (over, under int64, known bool) {
	over, under = sum(d, r.Over), sum(d, r.Under)
	return over, under, under > 0
}

func sum(d Day, names []string) (n int64) {
	for _, name := range names {
		if taken, ok := strings.CutPrefix(name, "-"); ok {
			n -= d[taken]
		} else {
			n += d[name]
		}
	}
	return n
}

// Period is a span of days, both ends in it, as "2026-11-01".
type Period struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// MonthOf returns the month that a day is in.
func MonthOf(day time.Time) Period {
	day = day.In(text.CST)
	first := time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, text.CST)
	return Period{first.Format(time.DateOnly), first.AddDate(0, 1, -1).Format(time.DateOnly)}
}

// Before returns the period of the same length right before, a month before a month.
func (p Period) Before() (Period, error) {
	from, _, err := dayBounds(p.From)
	if err != nil {
		return p, err
	}
	_, to, err := dayBounds(p.To)
	if err != nil {
		return p, err
	}
	start := time.UnixMilli(from).In(text.CST)
	if MonthOf(start) == p {
		return MonthOf(start.AddDate(0, 0, -1)), nil
	}
	days := int((to - from) / (24 * time.Hour).Milliseconds())
	return Period{start.AddDate(0, 0, -days).Format(time.DateOnly), start.AddDate(0, 0, -1).Format(time.DateOnly)}, nil
}

// Group is the sums of a period under one key of a dimension.
type Group struct {
	Key  string
	Sums Day
}

// groupable are the dimensions by which sums are told apart; "" is all together.
var groupable = map[string]string{"": "''", "unit": "unit", "matter": "matter", "street": "area", "channel": "channel"}

// Sums adds up the measures of a period under each key of a dimension, those with
// most cases first. Stocks are what there was at the end of the period. Errors:
// Invalid, Forbidden.
func (v *View) Sums(ctx context.Context, by org.Actor, s Scope, p Period, dimension string) (_ []Group, err error) {
	defer errs.Wrap(&err, "view.Sums(%s)", dimension)
	column, ok := groupable[dimension]
	if !ok {
		return nil, errs.E(errs.Invalid, "view.bad_count", nil).At("by")
	}
	for _, day := range []string{p.From, p.To} {
		if _, _, err := dayBounds(day); err != nil {
			return nil, err
		}
	}
	rows, _, err := v.within(ctx, by, s)
	if err != nil {
		return nil, err
	}
	byKey := map[string]*Group{}
	type line struct {
		Key     string `db:"k"`
		Measure string `db:"measure"`
		N       int64  `db:"n"`
	}
	take := func(stock bool, condition string, args ...any) error {
		lines, err := sqldb.Select[line](ctx, v.DB.Behind(), `select `+column+` as k, measure, cast(sum(n) as bigint) as n from figure
			where `+condition+` and `+rows.sql()+` group by k, measure`, append(args, rows.args...)...)
		for _, l := range lines {
			measure, _ := splitHour(l.Measure)
			if Stock(measure) != stock {
				continue
			}
			if byKey[l.Key] == nil {
				byKey[l.Key] = &Group{Key: l.Key, Sums: Day{}}
			}
			byKey[l.Key].Sums[measure] += l.N
		}
		return err
	}
	if err := take(false, "day >= ? and day <= ?", p.From, p.To); err != nil {
		return nil, err
	}
	if err := take(true, "day <= ? and (measure like 'pending@%' or measure like 'overdue@%')", p.To); err != nil {
		return nil, err
	}
	out := make([]Group, 0, len(byKey))
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		g := byKey[key]
		maps.DeleteFunc(g.Sums, func(_ string, n int64) bool { return n == 0 })
		if len(g.Sums) > 0 {
			out = append(out, *g)
		}
	}
	slices.SortStableFunc(out, func(a, b Group) int {
		return cmp.Compare(b.Sums[Received]+b.Sums[Dispatched]+b.Sums[Answered], a.Sums[Received]+a.Sums[Dispatched]+a.Sums[Answered])
	})
	return out, nil
}
