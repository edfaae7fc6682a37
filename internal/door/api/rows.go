package api

import (
	"context"
	"strconv"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
	"yiwang/internal/work/entitle"
	"yiwang/internal/work/view"
)

// Row is a case as it stands in a list.
type Row struct {
	ID           string  `json:"id"`
	Number       string  `json:"number"`
	Family       string  `json:"family"`
	Matter       string  `json:"matter"`
	MatterName   string  `json:"matter_name"`
	State        string  `json:"state"`
	StateTitle   string  `json:"state_title"`
	Lane         string  `json:"lane"`
	Closed       bool    `json:"closed"`
	Title        string  `json:"title"`
	Channel      string  `json:"channel"`
	ChannelName  string  `json:"channel_name"`
	Nature       string  `json:"nature"`
	Urgency      string  `json:"urgency"`
	Area         string  `json:"area"`
	AreaName     string  `json:"area_name"`
	Grid         string  `json:"grid"`
	Unit         string  `json:"unit"`
	UnitName     string  `json:"unit_name"`
	Holder       string  `json:"holder"`
	HolderName   string  `json:"holder_name"`
	FiledAt      int64   `json:"filed_at"`
	UpdatedAt    int64   `json:"updated_at"`
	DueAt        int64   `json:"due_at"`
	DueClock     string  `json:"due_clock"`
	DueTitle     string  `json:"due_title"`
	DueStartedAt int64   `json:"due_started_at"`
	Late         bool    `json:"late"`
	Rating       int     `json:"rating"`
	Result       string  `json:"result"`
	Repeats      int     `json:"repeats"`
	ClaimedBy    string  `json:"claimed_by"`
	ClaimedName  string  `json:"claimed_name"`
	Lng          float64 `json:"lng"`
	Lat          float64 `json:"lat"`
	Version      int64   `json:"version"`
}

func (s *server) row(r *view.Row) Row {
	c := &r.Case
	out := Row{
		ID: c.ID, Number: c.Number, Family: c.Family, Matter: c.Matter, State: c.State, Lane: c.Lane, Closed: c.Closed == 1, Title: s.called(c.Family, c.Title),
		Channel: c.Channel, Nature: c.Nature, Urgency: c.Urgency, Area: c.Area, Grid: c.Grid, Unit: c.Unit, UnitName: s.unitName(c.Unit),
		Holder: c.Holder, HolderName: s.staffName(c.Holder), FiledAt: c.FiledAt, UpdatedAt: c.UpdatedAt, DueAt: c.DueAt,
		DueClock: c.DueClock, DueTitle: s.clockTitle(c.Family, c.DueClock), DueStartedAt: r.DueStartedAt, Late: c.Late > 0,
		Rating: c.Rating, Result: c.Result, Repeats: c.Repeats, ClaimedBy: r.ClaimedBy, ClaimedName: s.staffName(r.ClaimedBy),
		Lng: c.Lng, Lat: c.Lat, Version: c.Version,
	}
	if m := s.City.Catalog.Find(c.Family, c.Matter); m != nil {
		out.MatterName = m.Name
	}
	out.StateTitle = s.stateTitle(c.Family, c.State)
	if ch, ok := s.City.Channel(c.Channel); ok {
		out.ChannelName = ch.Name
	} else if c.Channel == entitle.Channel {
		out.ChannelName = text.Say(text.Chinese, "entitle.channel", nil)
	}
	out.AreaName = s.areaName(c.Area)
	return out
}

func (s *server) rows(all []view.Row) []Row {
	out := make([]Row, len(all))
	for i := range all {
		out[i] = s.row(&all[i])
	}
	return out
}

func (s *server) areaName(code string) string {
	a, _ := s.City.Places.Area(code)
	return a.Name
}

func (s *server) staffName(id string) string {
	p, ok := s.Staff.Directory().Staff(id)
	if !ok {
		return id
	}
	return p.Name
}

func (s *server) life(family string) *matter.Lifecycle {
	f := s.City.Catalog.Family(family)
	if f == nil {
		return nil
	}
	return s.City.Catalog.Lifecycle(f.Lifecycle)
}

// resultTitle names a result as its family declares it: the option that was
// chosen, or the action that always gives it.
func (s *server) resultTitle(family, code string) string {
	life := s.life(family)
	if code == "" || life == nil {
		return code
	}
	for i := range life.Actions {
		a := &life.Actions[i]
		for _, e := range a.Do {
			from := e.Set["result"]
			if from == "'"+code+"'" {
				return a.Title
			}
			for j := range a.Input {
				f := &a.Input[j]
				if from == "input."+f.Code && f.Show(code) != code {
					return f.Show(code)
				}
			}
		}
	}
	return code
}

// called is what a case is called in a list: its title, or where its form asks for
// no words of one's own the name of its family.
func (s *server) called(family, title string) string {
	if title != "" {
		return title
	}
	if f := s.City.Catalog.Family(family); f != nil {
		return f.Title
	}
	return ""
}

func (s *server) stateTitle(family, state string) string {
	if l := s.life(family); l != nil {
		if st := l.State(state); st != nil {
			return st.Title
		}
	}
	return state
}

// clocksOf returns the clocks that a family declares.
func (s *server) clocksOf(family string) (all []*matter.ClockDecl, sets []*matter.ClockSet) {
	f := s.City.Catalog.Family(family)
	if f == nil {
		return nil, nil
	}
	for _, code := range f.RuleSets {
		set := s.City.ClockSets[code]
		if set == nil {
			continue
		}
		for i := range set.Clocks {
			all = append(all, &set.Clocks[i])
			sets = append(sets, set)
		}
	}
	return all, sets
}

func (s *server) clockTitle(family, name string) string {
	if d := s.Cases.Clock(family, name); d != nil {
		return d.Title
	}
	return name
}

// actorName is how the timeline names who acted: staff by name, machines and
// systems by theirs, never a citizen.
func (s *server) actorName(lang text.Lang, ref string, keys map[string]string) (kind, id, name string) {
	kind, id, _ = strings.Cut(ref, ":")
	switch {
	case kind == string(org.IsStaff) && strings.HasPrefix(id, org.KeyActor):
		name = keys[strings.TrimPrefix(id, org.KeyActor)]
		if name == "" {
			name = text.Say(lang, "api.other_system", nil)
		}
		return string(org.IsMachine), id, name
	case kind == string(org.IsStaff):
		return kind, id, s.staffName(id)
	case kind == string(org.IsMachine):
		return kind, id, named(lang, "api.machine_", id)
	}
	return kind, "", text.Say(lang, "api.appellant", nil)
}

// Filter is the part of a list's address that narrows it.
type Filter struct {
	Family  string `query:"family" maxLength:"60"`
	Lane    string `query:"lane" maxLength:"60"`
	State   string `query:"state" maxLength:"60"`
	Unit    string `query:"unit" maxLength:"60" doc:"With all units below it"`
	Area    string `query:"area" maxLength:"60" doc:"With everything inside it"`
	Matter  string `query:"matter" maxLength:"60"`
	Channel string `query:"channel" maxLength:"60"`
	Nature  string `query:"nature" maxLength:"60"`
	Urgency string `query:"urgency" maxLength:"60"`
	Open    string `query:"open" enum:"0,1"`
	Late    string `query:"late" enum:"0,1,true,false"`
	Holder  string `query:"holder" maxLength:"60" doc:"A login name, or me"`
	Q       string `query:"q" maxLength:"300" doc:"A number or its beginning, or words"`
	From    string `query:"from" maxLength:"20" doc:"Filed from: UTC milliseconds or 2026-01-31"`
	To      string `query:"to" maxLength:"20" doc:"Filed before: UTC milliseconds; or until the end of 2026-01-31"`
	DueTo   string `query:"due_to" maxLength:"20" doc:"Due from now on and before: UTC milliseconds; or until the end of a day"`
	Did     string `query:"did" maxLength:"30" doc:"A measure: only cases that had it on day"`
	Day     string `query:"day" maxLength:"10"`
	DayTo   string `query:"day_to" maxLength:"10" doc:"The last of several days; of a stock, what there was at its end"`
	Sort    string `query:"sort" enum:"due,filed,updated"`
}

func (f *Filter) query(c *caller) (view.Query, error) {
	q := view.Query{
		Family: f.Family, Lane: f.Lane, State: f.State, Unit: f.Unit, Area: f.Area, Matter: f.Matter, Channel: f.Channel, Nature: f.Nature,
		Urgency: f.Urgency, Open: f.Open == "1", Late: f.Late == "1" || f.Late == "true", Holder: f.Holder, Words: f.Q,
		Did: f.Did, Day: f.Day, DayTo: f.DayTo, Sort: view.Sort(f.Sort),
	}
	if q.Holder == "me" {
		q.Holder = c.actor.ID
	}
	var err error
	if q.From, err = moment("from", f.From, startOfDay); err != nil {
		return q, err
	}
	if q.To, err = moment("to", f.To, endOfDay); err != nil {
		return q, err
	}
	q.DueTo, err = moment("due_to", f.DueTo, endOfDay)
	return q, err
}

// dayEdge says which end of a day is meant by its date.
type dayEdge int

const (
	startOfDay dayEdge = iota
	endOfDay
)

// moment reads a time of an address. Error: Invalid.
func moment(name, s string, edge dayEdge) (int64, error) {
	if s == "" {
		return 0, nil
	}
	if ms, err := strconv.ParseInt(s, 10, 64); err == nil && ms >= 0 {
		return ms, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, s, text.CST)
	if err != nil {
		return 0, errs.E(errs.Invalid, "view.bad_day", nil).At(name)
	}
	return t.AddDate(0, 0, int(edge)).UnixMilli(), nil
}

// see refuses a case that the caller may not see. Error: NotFound, also where it is
// there for others.
func (s *server) see(c *caller, k *cases.Case) error {
	if !s.Staff.Directory().Sees(c.actor, view.Ref(k)) {
		return errs.E(errs.NotFound, "cases.not_found", nil)
	}
	return nil
}

// seen returns a case that the caller may see. Error: NotFound, also where it is
// there for others.
func (s *server) seen(ctx context.Context, c *caller, id string) (cases.Case, error) {
	k, err := s.Cases.Get(ctx, id)
	if err != nil {
		return cases.Case{}, err
	}
	return k, s.see(c, &k)
}
