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
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
	"yiwang/internal/core/place"
)

// Scope narrows figures to a unit with all below it and to an area; figures of what
// happened are kept by street, so for anything smaller they are those of its street. Nobody gets
// figures of more than the own scope.
type Scope struct{ Unit, Area string }

// within returns the condition over figure rows, and over state rows, of a scope
// that an actor may see. Error: Forbidden, where the actor sees no unit's cases.
func (v *View) within(ctx context.Context, by org.Actor, s Scope) (rows where, state []where, err error) {
	f := v.Units().ScopeOf(by)
	if !f.All && f.Subtree == "" && f.Unit == "" {
		return rows, state, errs.E(errs.Forbidden, "view.no_figures", nil)
	}
	if !f.All || s.Unit != "" {
		var units []any
		for _, u := range v.seenUnits(f, s.Unit) {
			units = append(units, u)
		}
		if len(units) == 0 {
			rows = nothing()
		} else {
			rows.add("unit in ("+places(len(units))+")", units...)
		}
	}
	if street, everywhere := v.street(s.Area); !everywhere {
		rows.add("area = ?", street)
	}
	state, err = v.scoped(ctx, by, &Query{Unit: s.Unit, Area: s.Area, Open: true})
	return rows, state, err
}

// seenUnits returns the codes of the units inside a unit that a filter shows.
func (v *View) seenUnits(f org.Filter, unit string) []string {
	dir := v.Units()
	inside := dir.Path(unit)
	var out []string
	for _, u := range dir.Units() {
		if unit != "" && !org.Covers(inside, u.Path) {
			continue
		}
		if f.All || f.Subtree != "" && org.Covers(f.Subtree, u.Path) || f.Unit == u.Code {
			out = append(out, u.Code)
		}
	}
	return out
}

// Day is what happened in a day, or in a part of it, by measure.
type Day map[string]int64

// Today is the present day beside the same weekday a week ago, up to the same hour.
type Today struct {
	AsOf     int64
	Date     string
	LastDate string
	Now      Day
	LastWeek Day       // nil where the log does not reach back that far
	Hourly   [24]int64 // received by hour of today
	LateOpen int64
	DueToday int64
	Queued   int64 // waiting at the dispatch desk
}

// Today returns today's figures for an actor.
func (v *View) Today(ctx context.Context, by org.Actor, s Scope) (t Today, err error) {
	defer errs.Wrap(&err, "view.Today")
	rows, state, err := v.within(ctx, by, s)
	if err != nil {
		return t, err
	}
	if t.AsOf, err = v.AsOf(ctx); err != nil {
		return t, err
	}
	now := time.UnixMilli(v.DB.Now()).In(text.CST)
	t.Date, t.LastDate = now.Format(time.DateOnly), now.AddDate(0, 0, -7).Format(time.DateOnly)
	if t.Now, t.Hourly, err = v.day(ctx, rows, t.Date, 24); err != nil {
		return t, err
	}
	// Whole hours are kept, so the day before is compared up to the nearest one.
	var first *string
	if err = v.DB.Read().QueryRow(ctx, `select min(day) from figure`).Scan(&first); err != nil {
		return t, err
	}
	if first == nil || *first > t.LastDate {
		t.LastWeek = nil
	} else if t.LastWeek, _, err = v.day(ctx, rows, t.LastDate, (now.Hour()*60+now.Minute()+30)/60); err != nil {
		return t, err
	}
	_, tomorrow, err := dayBounds(t.Date)
	if err != nil {
		return t, err
	}
	lanes, err := v.counts(ctx, state, "lane", span{now.UnixMilli(), tomorrow})
	if err != nil {
		return t, err
	}
	for _, l := range lanes {
		t.LateOpen += l.Late
		t.DueToday += l.Due
		if l.Key == QueueLane {
			t.Queued = l.N
		}
	}
	return t, nil
}

// day sums the measures of a day before an hour, and what was received by hour.
func (v *View) day(ctx context.Context, w where, day string, before int) (Day, [24]int64, error) {
	type sum struct {
		Measure string `db:"measure"`
		N       int64  `db:"n"`
	}
	var hourly [24]int64
	sums, err := sqldb.Select[sum](ctx, v.DB.Read(), `select measure, cast(sum(n) as bigint) as n from figure
		where day = ? and `+w.sql()+` group by measure`, append([]any{day}, w.args...)...)
	out := Day{}
	for _, s := range sums {
		measure, hour := splitHour(s.Measure)
		if hour >= before {
			continue
		}
		out[measure] += s.N
		if measure == Received && hour < 24 {
			hourly[hour] += s.N
		}
	}
	return out, hourly, err
}

func splitHour(kept string) (measure string, hour int) {
	measure, h, _ := strings.Cut(kept, hourSeparator)
	if len(h) == 2 {
		hour = int(h[0]-'0')*10 + int(h[1]-'0')
	}
	return measure, hour
}

// UnitFigure is how a unit stands: its open cases now, and those it answered in
// the last days.
type UnitFigure struct {
	Unit           string
	Open, Late     int64
	Answered       int64
	AnsweredInTime int64
	Overridden     int64 // sent in spite of a finding of the reply check
}

// UnitFigures returns the figures of the units that an actor may see and that
// have any, over the last so many days, those with most open cases first.
func (v *View) UnitFigures(ctx context.Context, by org.Actor, s Scope, days int) (_ []UnitFigure, err error) {
	defer errs.Wrap(&err, "view.UnitFigures")
	rows, state, err := v.within(ctx, by, s)
	if err != nil {
		return nil, err
	}
	byUnit := map[string]*UnitFigure{}
	of := func(code string) *UnitFigure {
		if byUnit[code] == nil {
			byUnit[code] = &UnitFigure{Unit: code}
		}
		return byUnit[code]
	}
	open, err := v.counts(ctx, state, "unit_path", span{})
	if err != nil {
		return nil, err
	}
	for _, c := range open {
		if c.Key == "" {
			continue // nobody's yet
		}
		u := of(c.Key[strings.LastIndexByte(c.Key, '/')+1:])
		u.Open, u.Late = u.Open+c.N, u.Late+c.Late
	}
	since := time.UnixMilli(v.DB.Now()).In(text.CST).AddDate(0, 0, 1-days).Format(time.DateOnly)
	type sum struct {
		Unit    string `db:"unit"`
		Measure string `db:"measure"`
		N       int64  `db:"n"`
	}
	sums, err := sqldb.Select[sum](ctx, v.DB.Behind(), `select unit, measure, cast(sum(n) as bigint) as n from figure
		where day >= ? and measure >= 'answered' and measure < 'answeree' and unit <> '' and `+rows.sql()+` group by unit, measure`,
		append([]any{since}, rows.args...)...)
	if err != nil {
		return nil, err
	}
	for _, s := range sums {
		switch measure, _ := splitHour(s.Measure); measure {
		case Answered:
			of(s.Unit).Answered += s.N
			of(s.Unit).AnsweredInTime += s.N
		case AnsweredLate:
			of(s.Unit).AnsweredInTime -= s.N
		case Overridden:
			of(s.Unit).Overridden += s.N
		}
	}
	out := make([]UnitFigure, 0, len(byUnit))
	for _, u := range byUnit {
		out = append(out, *u)
	}
	slices.SortFunc(out, func(a, b UnitFigure) int {
		return cmp.Or(cmp.Compare(b.Open+b.Answered, a.Open+a.Answered), cmp.Compare(a.Unit, b.Unit))
	})
	return out, nil
}

// AreaFigure is how an area stands now.
type AreaFigure struct {
	Area       string
	Open, Late int64
}

// AreaFigures counts the open cases that an actor may see by the areas of a level.
func (v *View) AreaFigures(ctx context.Context, by org.Actor, level place.Level) (_ []AreaFigure, err error) {
	defer errs.Wrap(&err, "view.AreaFigures(%s)", level)
	parts, err := v.scoped(ctx, by, &Query{Open: true})
	if err != nil {
		return nil, err
	}
	// Two columns as one key: both stand in the index of open cases.
	counts, err := v.counts(ctx, parts, "area || ' ' || grid", span{})
	if err != nil {
		return nil, err
	}
	byArea := map[string]*AreaFigure{}
	for _, c := range counts {
		code, grid, _ := strings.Cut(c.Key, " ")
		if grid != "" {
			code = grid
		}
		a, ok := v.City.Places.Up(code, level)
		if !ok {
			continue
		}
		if byArea[a.Code] == nil {
			byArea[a.Code] = &AreaFigure{Area: a.Code}
		}
		byArea[a.Code].Open += c.N
		byArea[a.Code].Late += c.Late
	}
	out := make([]AreaFigure, 0, len(byArea))
	for _, code := range slices.Sorted(maps.Keys(byArea)) {
		out = append(out, *byArea[code])
	}
	return out, nil
}

// Topic is something that is spoken of today.
type Topic struct {
	Matter string `db:"matter"`
	Area   string `db:"area"` // street
	N      int64  `db:"n"`
}

// Topics returns what most cases sent to units today are about, and where.
func (v *View) Topics(ctx context.Context, by org.Actor, limit int) (_ []Topic, err error) {
	defer errs.Wrap(&err, "view.Topics")
	rows, _, err := v.within(ctx, by, Scope{})
	if err != nil {
		return nil, err
	}
	day := time.UnixMilli(v.DB.Now()).In(text.CST).Format(time.DateOnly)
	return sqldb.Select[Topic](ctx, v.DB.Read(), `select matter, area, cast(sum(n) as bigint) as n from figure
		where day = ? and measure >= 'dispatched' and measure < 'dispatchee' and matter <> '' and `+rows.sql()+`
		group by matter, area order by sum(n) desc, matter, area limit ?`, append(append([]any{day}, rows.args...), limit)...)
}

// livePoints bounds the points of each kind on the map.
const livePoints = 400

// Points returns the open cases with a known point that were filed in the last
// day or are late, the latest first.
func (v *View) Points(ctx context.Context, by org.Actor) (_ []cases.Case, err error) {
	defer errs.Wrap(&err, "view.Points")
	parts, err := v.scoped(ctx, by, &Query{Open: true})
	if err != nil {
		return nil, err
	}
	var out []cases.Case
	for _, kind := range []where{
		{terms: []string{"lng <> 0", "filed_at >= ?"}, args: []any{v.DB.Now() - (24 * time.Hour).Milliseconds()}},
		{terms: []string{"lng <> 0", "late > 0"}},
	} {
		for _, w := range parts {
			w = w.and(kind)
			rows, err := sqldb.Select[cases.Case](ctx, v.DB.Read(), `select `+cases.Columns+` from cases where `+w.sql()+
				` order by filed_at desc, id desc limit ?`, append(w.args, livePoints)...)
			if err != nil {
				return nil, err
			}
			out = append(out, rows...)
		}
	}
	slices.SortFunc(out, func(a, b cases.Case) int { return cmp.Or(cmp.Compare(b.FiledAt, a.FiledAt), cmp.Compare(b.ID, a.ID)) })
	return slices.CompactFunc(out, func(a, b cases.Case) bool { return a.ID == b.ID }), nil
}
