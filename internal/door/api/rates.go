package api

import (
	"context"
	"net/url"
	"time"

	"yiwang/internal/base/text"
	"yiwang/internal/work/view"
)

// RateDecl names a rate and says how it is worked out.
type RateDecl struct {
	Code    string `json:"code"`
	Title   string `json:"title"`
	Formula string `json:"formula"`
	Mean    bool   `json:"mean" doc:"Hours a case instead of a share"`
	Good    string `json:"good" enum:"high,low" doc:"Which way is better"`
}

// RateValue is a rate worked out.
type RateValue struct {
	Over   int64    `json:"over"`
	Under  int64    `json:"under"`
	Value  *float64 `json:"value" doc:"A share, or hours; null where nothing stands under the line"`
	Before *float64 `json:"before" doc:"The same in the period before"`
	Filter string   `json:"filter" doc:"The list that opens the cases behind it; empty where none can be asked for"`
}

// RateRow is the rates of one unit, matter, street or channel.
type RateRow struct {
	Key      string               `json:"key"`
	Name     string               `json:"name"`
	Received int64                `json:"received"`
	Ended    int64                `json:"ended"`
	Pending  int64                `json:"pending" doc:"Waiting at the end of the period"`
	Overdue  int64                `json:"overdue" doc:"Of them, overdue"`
	Rates    map[string]RateValue `json:"rates"`
	Filters  map[string]string    `json:"filters" doc:"For each count, the list that opens its cases"`
}

// RateTable is the rates of a period.
type RateTable struct {
	AsOf       int64      `json:"as_of"`
	From       string     `json:"from"`
	To         string     `json:"to"`
	BeforeFrom string     `json:"before_from"`
	BeforeTo   string     `json:"before_to"`
	Decls      []RateDecl `json:"decls" nullable:"false"`
	Total      RateRow    `json:"total"`
	Items      []RateRow  `json:"items" nullable:"false"`
	Baseline   *Baseline  `json:"baseline" doc:"Null where the pack states none"`
}

// Baseline is what the mean handling time is compared with.
type Baseline struct {
	Hours   int      `json:"hours"`
	Of      string   `json:"of"`
	Shorter *float64 `json:"shorter" doc:"Share by which the mean of the period is shorter"`
}

// PeriodInput is the days that figures are of.
type PeriodInput struct {
	From string `query:"from" maxLength:"10" doc:"First day, e.g. 2026-11-01; empty is the first of this month"`
	To   string `query:"to" maxLength:"10" doc:"Last day; empty is today"`
}

// period returns the days asked for; without any, this month up to today.
func (s *server) period(in *PeriodInput) view.Period {
	p := view.Period{From: in.From, To: in.To}
	today := time.UnixMilli(s.DB.Now()).In(text.CST).Format(time.DateOnly)
	if p.To == "" {
		p.To = today
	}
	if p.From == "" && len(p.To) == len("2026-11-01") {
		p.From = p.To[:8] + "01"
	}
	return p
}

type ratesInput struct {
	ScopeInput
	PeriodInput
	By string `query:"by" enum:"unit,matter,street,channel" default:"unit"`
}

func (s *server) figuresRates(ctx context.Context, c *caller, in *ratesInput) (*body[RateTable], error) {
	p := s.period(&in.PeriodInput)
	before, err := p.Before()
	if err != nil {
		return nil, err
	}
	scope := view.Scope{Unit: in.Unit, Area: in.Area}
	out := RateTable{From: p.From, To: p.To, BeforeFrom: before.From, BeforeTo: before.To, Items: []RateRow{}}
	if out.AsOf, err = s.View.AsOf(ctx); err != nil {
		return nil, err
	}
	for _, r := range view.RatesIn(s.City) {
		d := RateDecl{Code: r.Code, Title: text.Say(c.lang, "view.rate_"+r.Code, nil), Formula: text.Say(c.lang, r.FormulaKey(), nil), Mean: r.Mean, Good: "high"}
		if r.Mean || r.Code == "returns" || r.Code == "reworks" {
			d.Good = "low"
		}
		out.Decls = append(out.Decls, d)
	}
	for _, by := range []string{"", in.By} {
		now, err := s.View.Sums(ctx, c.actor, scope, p, by)
		if err != nil {
			return nil, err
		}
		was, err := s.View.Sums(ctx, c.actor, scope, before, by)
		if err != nil {
			return nil, err
		}
		past := map[string]view.Day{}
		for _, g := range was {
			past[g.Key] = g.Sums
		}
		if by == "" {
			sums := view.Day{}
			if len(now) > 0 {
				sums = now[0].Sums
			}
			out.Total = s.rateRow(in, p, "", view.Group{Sums: sums}, past[""])
			out.Baseline = s.baseline(out.Total.Rates["handling"].Value)
			continue
		}
		for _, g := range now {
			if g.Key == "" && g.Sums[view.Ended]+g.Sums[view.Pending] == 0 {
				continue
			}
			out.Items = append(out.Items, s.rateRow(in, p, by, g, past[g.Key]))
		}
	}
	return answer(out), nil
}

func (s *server) baseline(mean *float64) *Baseline {
	b := s.City.Baseline
	if b.Hours <= 0 {
		return nil
	}
	out := &Baseline{Hours: b.Hours, Of: b.Of}
	if mean != nil {
		shorter := 1 - *mean/float64(b.Hours)
		out.Shorter = &shorter
	}
	return out
}

// rateRow works out the rates of a group beside those of the period before.
func (s *server) rateRow(in *ratesInput, p view.Period, by string, g view.Group, past view.Day) RateRow {
	row := RateRow{Key: g.Key, Name: s.groupName(by, g.Key), Received: g.Sums[view.Received], Ended: g.Sums[view.Ended], Pending: g.Sums[view.Pending],
		Overdue: g.Sums[view.Overdue], Rates: map[string]RateValue{}, Filters: map[string]string{}}
	if by == "unit" || by == "matter" {
		// A case has neither when it is filed: what counts is what it was given to.
		row.Received = g.Sums[view.Dispatched]
	}
	behind := func(measure string) string {
		if by != "" && g.Key == "" {
			return "" // no list asks for what is not known
		}
		if measure == view.Received && (by == "unit" || by == "matter") {
			measure = view.Dispatched
		}
		q := url.Values{"did": {measure}, "day": {p.From}, "day_to": {p.To}}
		scope := in.ScopeInput
		switch {
		case g.Key == "":
		case by == "unit":
			scope.Unit = g.Key
		case by == "street":
			scope.Area = g.Key
		default:
			q.Set(by, g.Key)
		}
		return scope.filter(q)
	}
	for _, measure := range []string{view.Received, view.Ended, view.Pending, view.Overdue} {
		if f := behind(measure); f != "" {
			row.Filters[measure] = f
		}
	}
	for _, r := range view.RatesIn(s.City) {
		v := RateValue{Filter: behind(r.Behind), Value: rateOf(r, g.Sums), Before: rateOf(r, past)}
		v.Over, v.Under, _ = r.Of(g.Sums)
		row.Rates[r.Code] = v
	}
	return row
}

func rateOf(r view.Rate, d view.Day) *float64 {
	over, under, known := r.Of(d)
	if !known {
		return nil
	}
	v := float64(over) / float64(under)
	if r.Mean {
		v /= 60
	}
	return &v
}

// groupName names what figures were grouped by; nothing, where they belong to none.
func (s *server) groupName(by, key string) string {
	switch by {
	case "unit":
		return s.unitName(key)
	case "street":
		return s.areaName(key)
	case "channel":
		ch, _ := s.City.Channel(key)
		return ch.Name
	case "matter":
		for code := range s.City.Catalog.Families() {
			if m := s.City.Catalog.Find(code, key); m != nil && key != "" {
				return m.Name
			}
		}
	}
	return ""
}
