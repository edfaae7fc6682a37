package api

import (
	"context"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"

	"yiwang/internal/core/place"
	"yiwang/internal/work/view"
)

func (s *server) figureRoutes(api huma.API) {
	route(s, api, op("figuresToday", http.MethodGet, "/api/figures/today", "Today beside the same weekday"), signedIn, s.figuresToday)
	route(s, api, op("figuresUnits", http.MethodGet, "/api/figures/units", "How units stand"), signedIn, s.figuresUnits)
	route(s, api, op("figuresDispatch", http.MethodGet, "/api/figures/dispatch", "How the machine's dispatch did as it was lived"), signedIn, s.figuresDispatch)
	route(s, api, op("figuresGrids", http.MethodGet, "/api/figures/grids", "Open cases by area"), signedIn, s.figuresGrids)
	route(s, api, op("figuresLive", http.MethodGet, "/api/figures/live", "Recent and late cases as points"), signedIn, s.figuresLive)
	route(s, api, op("figuresRates", http.MethodGet, "/api/figures/rates", "The rates of a period, by unit, matter, street or channel, each with its formula"), signedIn, s.figuresRates)
	route(s, api, op("ledger", http.MethodGet, "/api/ledger", "Who waits and whose time ran out in a period, reconciled with the log"), signedIn, s.ledger)
	route(s, api, op("figuresTopics", http.MethodGet, "/api/figures/topics", "What today's cases are about"), signedIn, s.figuresTopics)
}

// DayCounts are the figures of a day. What only stands in the present (late_open,
// due_today) is null for a day that is past.
type DayCounts struct {
	Received       int64  `json:"received"`
	AutoDispatched int64  `json:"auto_dispatched"`
	Dispatched     int64  `json:"dispatched"`
	Answered       int64  `json:"answered"`
	Closed         int64  `json:"closed"`
	LateOpen       *int64 `json:"late_open"`
	DueToday       *int64 `json:"due_today"`
	Queued         *int64 `json:"queued"`
	Returned       int64  `json:"returned"`
	Reworked       int64  `json:"reworked"`
	Satisfied      int64  `json:"satisfied"`
	Rated          int64  `json:"rated"`
}

// TodayFigures is today beside the same weekday of last week, up to the same hour.
type TodayFigures struct {
	AsOf            int64             `json:"as_of"`
	Today           DayCounts         `json:"today"`
	SameDayLastWeek *DayCounts        `json:"same_day_last_week" doc:"Null where the log does not reach back that far"`
	Filters         map[string]string `json:"filters" doc:"For each figure of today, the list that opens its cases"`
	Hourly          []int64           `json:"hourly" nullable:"false" doc:"Received today, by hour"`
}

// ScopeInput narrows figures.
type ScopeInput struct {
	Area string `query:"area" maxLength:"60"`
	Unit string `query:"unit" maxLength:"60"`
}

func (s *server) figuresToday(ctx context.Context, c *caller, in *ScopeInput) (*body[TodayFigures], error) {
	t, err := s.View.Today(ctx, c.actor, view.Scope{Unit: in.Unit, Area: in.Area})
	if err != nil {
		return nil, err
	}
	out := TodayFigures{AsOf: t.AsOf, Today: dayCounts(t.Now), Hourly: t.Hourly[:], Filters: map[string]string{}}
	if t.LastWeek != nil {
		last := dayCounts(t.LastWeek)
		out.SameDayLastWeek = &last
	}
	out.Today.LateOpen, out.Today.DueToday, out.Today.Queued = &t.LateOpen, &t.DueToday, &t.Queued
	for _, measure := range []string{view.Received, view.AutoSent, view.Dispatched, view.Answered, view.Closed, view.Returned,
		view.Reworked, view.Satisfied, view.Rated} {
		out.Filters[measure] = in.filter(url.Values{"did": {measure}, "day": {t.Date}})
	}
	out.Filters["late_open"] = in.filter(url.Values{"late": {"1"}})
	out.Filters["due_today"] = in.filter(url.Values{"due_to": {t.Date}, "sort": {"due"}})
	out.Filters["queued"] = in.filter(url.Values{"lane": {view.QueueLane}})
	return answer(out), nil
}

// filter returns the address of a list inside the scope of the figures.
func (in *ScopeInput) filter(q url.Values) string {
	if in.Unit != "" {
		q.Set("unit", in.Unit)
	}
	if in.Area != "" {
		q.Set("area", in.Area)
	}
	return q.Encode()
}

func dayCounts(d view.Day) DayCounts {
	return DayCounts{Received: d[view.Received], AutoDispatched: d[view.AutoSent], Dispatched: d[view.Dispatched], Answered: d[view.Answered],
		Closed: d[view.Closed], Returned: d[view.Returned], Reworked: d[view.Reworked], Satisfied: d[view.Satisfied], Rated: d[view.Rated]}
}

// UnitFigure is how a unit stands. Closed are the cases it answered (办结); the
// call-back after that is the centre's.
type UnitFigure struct {
	Unit         string   `json:"unit"`
	Name         string   `json:"name"`
	Open         int64    `json:"open"`
	Late         int64    `json:"late"`
	ClosedInTime int64    `json:"closed_in_time"`
	Closed       int64    `json:"closed"`
	OnTimeRate   *float64 `json:"on_time_rate" doc:"Null where nothing was closed"`
	Despite      int64    `json:"despite" doc:"Replies sent in spite of a finding of the reply check"`
	DespiteRate  *float64 `json:"despite_rate" doc:"Of those closed; null where nothing was closed"`
}

// UnitFigures is how units stand.
type UnitFigures struct {
	AsOf  int64        `json:"as_of"`
	Days  int          `json:"days"`
	Items []UnitFigure `json:"items" nullable:"false"`
}

type unitFiguresInput struct {
	ScopeInput
	Limit int `query:"limit" minimum:"1" maximum:"500" default:"10"`
	Days  int `query:"days" minimum:"1" maximum:"366" default:"30"`
}

func (s *server) figuresUnits(ctx context.Context, c *caller, in *unitFiguresInput) (*body[UnitFigures], error) {
	all, err := s.View.UnitFigures(ctx, c.actor, view.Scope{Unit: in.Unit, Area: in.Area}, in.Days)
	if err != nil {
		return nil, err
	}
	asOf, err := s.View.AsOf(ctx)
	out := UnitFigures{AsOf: asOf, Days: in.Days, Items: []UnitFigure{}}
	for _, u := range all[:min(in.Limit, len(all))] {
		f := UnitFigure{Unit: u.Unit, Name: s.unitName(u.Unit), Open: u.Open, Late: u.Late, ClosedInTime: u.AnsweredInTime, Closed: u.Answered, Despite: u.Overridden}
		if u.Answered > 0 {
			rate := float64(u.AnsweredInTime) / float64(u.Answered)
			despite := float64(u.Overridden) / float64(u.Answered)
			f.OnTimeRate, f.DespiteRate = &rate, &despite
		}
		out.Items = append(out.Items, f)
	}
	return answer(out), err
}

// AreaFigure is how an area stands now.
type AreaFigure struct {
	Code        string  `json:"code"`
	Name        string  `json:"name"`
	Open        int64   `json:"open"`
	Late        int64   `json:"late"`
	Residents   int     `json:"residents"`
	PerThousand float64 `json:"per_thousand" doc:"Open cases per thousand residents"`
}

// AreaFigures is how areas stand.
type AreaFigures struct {
	AsOf  int64        `json:"as_of"`
	Items []AreaFigure `json:"items" nullable:"false"`
}

type gridFiguresInput struct {
	Level string `query:"level" enum:"grid,community,street,district" default:"grid"`
}

func (s *server) figuresGrids(ctx context.Context, c *caller, in *gridFiguresInput) (*body[AreaFigures], error) {
	all, err := s.View.AreaFigures(ctx, c.actor, place.Level(in.Level))
	out := AreaFigures{AsOf: s.DB.Now(), Items: []AreaFigure{}}
	for _, f := range all {
		a, _ := s.City.Places.Area(f.Area)
		o := AreaFigure{Code: f.Area, Name: a.Name, Open: f.Open, Late: f.Late, Residents: a.Residents}
		if a.Residents > 0 {
			o.PerThousand = float64(f.Open) * 1000 / float64(a.Residents)
		}
		out.Items = append(out.Items, o)
	}
	return answer(out), err
}

// LivePoint is a case on the map.
type LivePoint struct {
	ID      string  `json:"id"`
	Number  string  `json:"number"`
	Title   string  `json:"title"`
	Lng     float64 `json:"lng"`
	Lat     float64 `json:"lat"`
	State   string  `json:"state"`
	Late    bool    `json:"late"`
	FiledAt int64   `json:"filed_at"`
}

func (s *server) figuresLive(ctx context.Context, c *caller, _ *struct{}) (*body[items[LivePoint]], error) {
	all, err := s.View.Points(ctx, c.actor)
	out := items[LivePoint]{Items: []LivePoint{}}
	for _, k := range all {
		out.Items = append(out.Items, LivePoint{ID: k.ID, Number: k.Number, Title: s.called(k.Family, k.Title), Lng: k.Lng, Lat: k.Lat, State: k.State, Late: k.Late > 0, FiledAt: k.FiledAt})
	}
	return answer(out), err
}

// Topic is something many cases are about.
type Topic struct {
	Title    string `json:"title"`
	Matter   string `json:"matter"`
	Count    int64  `json:"count"`
	Area     string `json:"area"`
	AreaName string `json:"area_name"`
}

type topicsInput struct {
	Limit int `query:"limit" minimum:"1" maximum:"100" default:"10"`
}

func (s *server) figuresTopics(ctx context.Context, c *caller, in *topicsInput) (*body[items[Topic]], error) {
	all, err := s.View.Topics(ctx, c.actor, in.Limit)
	out := items[Topic]{Items: []Topic{}}
	for _, t := range all {
		o := Topic{Title: t.Matter, Matter: t.Matter, Count: t.N, Area: t.Area, AreaName: s.areaName(t.Area)}
		if m := s.City.Catalog.Find("appeal", t.Matter); m != nil {
			o.Title = m.Name
		}
		out.Items = append(out.Items, o)
	}
	return answer(out), err
}
