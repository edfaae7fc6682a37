package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
	"yiwang/internal/work/guide"
	"yiwang/internal/work/view"
)

func (s *server) serviceRoutes(api huma.API) {
	route(s, api, op("listServices", http.MethodGet, "/api/services", "Service items in force today"), signedIn, s.listServices)
	route(s, api, op("measureServices", http.MethodGet, "/api/services/indicators", "Figures of the catalogue, each with what it is counted from"), signedIn, s.measureServices)
	route(s, api, op("measureSpared", http.MethodGet, "/api/services/spared", "What decided applications spared the people, since the beginning"), signedIn, s.measureSpared)
	route(s, api, op("checkServices", http.MethodGet, "/api/services/findings", "Where items are incomplete or contradict each other"), signedIn, s.checkServices)
	route(s, api, op("getService", http.MethodGet, "/api/services/{code}", "All that an item declares, its form and its versions"), signedIn, s.getService)
}

// ServiceRow is a service item in a list.
type ServiceRow struct {
	Code     string `json:"code"`
	Title    string `json:"title"`
	Base     string `json:"base"`
	UnitName string `json:"unit_name"`
	Type     string `json:"type" doc:"In words, as the next four"`
	Level    string `json:"level"`
	Mode     string `json:"mode"`
	Depth    string `json:"depth"`
	Promised string `json:"promised"`
	Legal    string `json:"legal"`
	State    string `json:"state" enum:"live,automatic,guide,unwritten"`
	Visits   int    `json:"visits" doc:"-1 where it does not say"`
}

// ServiceList is a page of the items that were chosen, with what one may choose by.
type ServiceList struct {
	Items  []ServiceRow `json:"items" nullable:"false"`
	Total  int          `json:"total" doc:"How many were chosen"`
	All    int          `json:"all" doc:"How many are in force"`
	Themes []Titled     `json:"themes" nullable:"false"`
	Units  []Titled     `json:"units" nullable:"false" doc:"That have items"`
	Levels []Titled     `json:"levels" nullable:"false"`
	Modes  []Titled     `json:"modes" nullable:"false"`
	States []Titled     `json:"states" nullable:"false"`
}

// ServiceFilter chooses items.
type ServiceFilter struct {
	Q         string `query:"q" maxLength:"60" doc:"In the name, a code, or how people ask"`
	Theme     string `query:"theme" maxLength:"60"`
	Unit      string `query:"unit" maxLength:"60"`
	Level     string `query:"level" maxLength:"20"`
	Mode      string `query:"mode" maxLength:"20"`
	State     string `query:"state" maxLength:"20"`
	Indicator string `query:"indicator" maxLength:"30" doc:"Items behind a figure"`
	Part      string `query:"part" maxLength:"10" doc:"in, out or unknown: where they stand in it"`
}

func (f *ServiceFilter) filter() guide.Filter {
	return guide.Filter{Words: f.Q, Theme: f.Theme, Unit: f.Unit, Level: f.Level, Mode: f.Mode, State: f.State, Indicator: f.Indicator, Part: f.Part}
}

// perServicePage is how many items a page of the list holds.
const perServicePage = 50

func (s *server) listServices(_ context.Context, c *caller, in *struct {
	ServiceFilter
	From int `query:"from" minimum:"0"`
}) (*body[ServiceList], error) {
	chosen := s.Guides.Choose(in.filter())
	all := s.Guides.Items()
	out := ServiceList{Items: []ServiceRow{}, Total: len(chosen), All: len(all), Themes: []Titled{}, Units: []Titled{}, Levels: []Titled{}, Modes: []Titled{}, States: []Titled{}}
	for _, it := range chosen[min(in.From, len(chosen)):min(in.From+perServicePage, len(chosen))] {
		out.Items = append(out.Items, s.serviceRow(c, it))
	}
	seen := map[string]bool{}
	add := func(to *[]Titled, kind, code, title string) {
		if code != "" && !seen[kind+code] {
			seen[kind+code] = true
			*to = append(*to, Titled{code, title})
		}
	}
	for _, it := range all {
		add(&out.Units, "unit", it.Unit, s.Guides.UnitName(it.Unit))
		add(&out.Levels, "level", it.Level, text.Say(c.lang, "guide.word_level_"+it.Level, nil))
		mode := guide.ModeOf(it)
		add(&out.Modes, "mode", mode, text.Say(c.lang, "guide.word_mode_"+mode, nil))
	}
	for _, t := range s.City.Catalog.Themes() {
		add(&out.Themes, "theme", t.Code, t.Name)
	}
	for _, st := range guide.States {
		add(&out.States, "state", st, text.Say(c.lang, "guide.word_state_"+st, nil))
	}
	return answer(out), nil
}

func (s *server) serviceRow(c *caller, it *matter.Service) ServiceRow {
	word := func(key, v string) string {
		if v == "" {
			return ""
		}
		return text.Say(c.lang, key+v, nil)
	}
	limit := func(t matter.Term, instant bool) string {
		l, mode, ok := t.Limit(false)
		switch {
		case ok:
			return text.Limit(c.lang, l, mode)
		case instant:
			return text.Say(c.lang, "guide.element_instant", nil)
		}
		return t.Note
	}
	r := ServiceRow{Code: it.Code, Title: it.Title, Base: it.Base, UnitName: s.Guides.UnitName(it.Unit), Type: word("portal.service_type_", it.Type),
		Level: word("guide.word_level_", it.Level), Mode: word("guide.word_mode_", guide.ModeOf(it)), Depth: word("guide.word_depth_", it.Depth),
		Promised: limit(it.Promised, it.Instant), Legal: limit(it.Legal, false), State: guide.StateOf(it), Visits: it.Visits}
	if it.Depth == "" {
		r.Visits = -1
	}
	return r
}

// Indicator is a figure of the catalogue with what it is counted from.
type Indicator struct {
	Code    string  `json:"code"`
	Title   string  `json:"title"`
	Formula string  `json:"formula"`
	Mean    bool    `json:"mean" doc:"A mean; otherwise a share"`
	Value   float64 `json:"value"`
	N       int     `json:"n" doc:"Above the line"`
	Of      int     `json:"of" doc:"Below it"`
	Items   int     `json:"items" doc:"Items of which the element is known"`
	In      int     `json:"in" doc:"Of them, those that are as the figure asks"`
	Unknown int     `json:"unknown" doc:"Items that do not say it, and count in neither"`
}

// Spared is what decided applications spared, against what their items declare.
type Spared struct {
	Since     string `json:"since" doc:"First day of the log"`
	Answered  int64  `json:"answered" doc:"Applications that were decided"`
	Documents int64  `json:"documents" doc:"Materials that are always wanted and did not have to be handed in"`
	Days      int64  `json:"days" doc:"Days of the legal limits that were left when it was decided"`
	Steps     int64  `json:"steps" doc:"Declared steps, less the application and every step that staff took"`
}

func (s *server) measureSpared(ctx context.Context, _ *caller, in *struct {
	Code string `query:"code" maxLength:"80" doc:"Of this item; without it of all"`
}) (*body[Spared], error) {
	whole, err := s.View.WholeLog(ctx)
	if err != nil {
		return nil, err
	}
	groups, err := s.View.Sums(ctx, org.Machine("services"), view.Scope{}, whole, "matter") // sums of the city are everybody's
	if err != nil {
		return nil, err
	}
	out := Spared{Since: whole.From}
	for _, g := range groups {
		if s.City.Catalog.Service(g.Key, matter.Today()) == nil || in.Code != "" && g.Key != in.Code {
			continue
		}
		out.Answered += g.Sums[view.Answered]
		out.Documents += g.Sums[view.SparedDocuments]
		out.Days += g.Sums[view.SparedDays]
		out.Steps += g.Sums[view.SparedSteps]
	}
	return answer(out), nil
}

func (s *server) measureServices(_ context.Context, c *caller, in *ServiceFilter) (*body[items[Indicator]], error) {
	f := in.filter()
	f.Indicator, f.Part = "", ""
	chosen := s.Guides.Choose(f)
	out := items[Indicator]{Items: []Indicator{}}
	for _, i := range guide.Indicators {
		n := i.Count(chosen)
		out.Items = append(out.Items, Indicator{Code: i.Code, Title: text.Say(c.lang, "guide.rate_"+i.Code, nil), Formula: text.Say(c.lang, "guide.formula_"+i.Code, nil),
			Mean: i.Mean, Value: i.Value(n), N: n.N, Of: n.Of, Items: n.Items, In: n.In, Unknown: n.Unknown})
	}
	return answer(out), nil
}

// ServiceFinding is where an item is incomplete or unlike another.
type ServiceFinding struct {
	Kind  string `json:"kind" enum:"alike,ways,missing,hidden"`
	Title string `json:"title" doc:"Of the kind"`
	Item  string `json:"item"`
	Name  string `json:"name"`
	Unit  string `json:"unit"`
	Other string `json:"other" doc:"Item that it is unlike"`
	Said  string `json:"said"`
}

// ServiceFindings are the findings of one kind, and how many there are of each.
type ServiceFindings struct {
	Items  []ServiceFinding `json:"items" nullable:"false"`
	Counts map[string]int   `json:"counts"`
}

// mostFindings bounds how many findings a page shows; the counts are of all.
const mostFindings = 200

func (s *server) checkServices(_ context.Context, c *caller, in *struct {
	Kind string `query:"kind" maxLength:"20"`
	Item string `query:"item" maxLength:"80"`
}) (*body[ServiceFindings], error) {
	out := ServiceFindings{Items: []ServiceFinding{}, Counts: map[string]int{}}
	for _, f := range guide.Findings(s.Guides.Items()) {
		if in.Item != "" && f.Item.Code != in.Item && (f.Other == nil || f.Other.Code != in.Item) {
			continue
		}
		out.Counts[f.Kind]++
		if in.Kind != "" && f.Kind != in.Kind || len(out.Items) >= mostFindings {
			continue
		}
		out.Items = append(out.Items, s.serviceFinding(c, f))
	}
	return answer(out), nil
}

func (s *server) serviceFinding(c *caller, f guide.Finding) ServiceFinding {
	titles := make([]string, len(f.Elements))
	for i, e := range f.Elements {
		titles[i] = text.Say(c.lang, "guide.element_"+e, nil)
	}
	args := errs.Args{"elements": strings.Join(titles, text.Say(c.lang, "guide.and", nil))}
	key := "guide.said_" + f.Kind
	if f.Kind == guide.FindWays {
		key = "guide.ways_" + f.Why
	}
	out := ServiceFinding{Kind: f.Kind, Title: text.Say(c.lang, "guide.find_"+f.Kind, nil), Item: f.Item.Code, Name: f.Item.Title, Unit: s.Guides.UnitName(f.Item.Unit)}
	if f.Other != nil {
		out.Other = f.Other.Code
		args["other"], args["unit"] = f.Other.Title, s.Guides.UnitName(f.Other.Unit)
	}
	out.Said = text.Say(c.lang, key, args)
	return out
}

// ServicePage is all that an item declares.
type ServicePage struct {
	ServiceRow
	Elements []ServiceElement `json:"elements" nullable:"false"`
	Rule     string           `json:"rule" doc:"Code of its decision table"`
	Form     bool             `json:"form" doc:"It can be applied for here"`
	Versions []ServiceVersion `json:"versions" nullable:"false" doc:"The latest first"`
}

// ServiceElement is an element of an item in words.
type ServiceElement struct {
	Key   string   `json:"key"`
	Part  string   `json:"part" enum:"what,take,runs"`
	Title string   `json:"title"`
	Lines []string `json:"lines" nullable:"false"`
}

// ServiceVersion is the item as it was loaded once, and what changed in it.
type ServiceVersion struct {
	No      int             `json:"no"`
	From    string          `json:"from" doc:"First day of the edition; empty ever since"`
	SeenAt  int64           `json:"seen_at" doc:"When it was loaded first"`
	Ended   bool            `json:"ended" doc:"The item was no longer declared"`
	Changes []ServiceChange `json:"changes" nullable:"false"`
}

// ServiceChange is an element that was changed: lines that went and lines that came.
type ServiceChange struct {
	Title string   `json:"title"`
	Gone  []string `json:"gone" nullable:"false"`
	Came  []string `json:"came" nullable:"false"`
}

func (s *server) getService(ctx context.Context, c *caller, in *struct {
	Code string `path:"code" maxLength:"80"`
}) (*body[ServicePage], error) {
	it := s.Guides.Item(in.Code)
	if it == nil {
		return nil, errs.E(errs.NotFound, "guide.no_item", nil)
	}
	p := ServicePage{ServiceRow: s.serviceRow(c, it), Elements: []ServiceElement{}, Rule: it.Rule, Form: it.Live() && it.Mode != "automatic", Versions: []ServiceVersion{}}
	for _, e := range s.Guides.Elements(c.lang, guide.Declared(it)) {
		p.Elements = append(p.Elements, ServiceElement{e.Key, e.Part, e.Title, list(e.Lines)})
	}
	all, err := s.Annals.Of(ctx, it.Code)
	if err != nil {
		return nil, err
	}
	for i := len(all) - 1; i >= 0; i-- {
		p.Versions = append(p.Versions, s.serviceVersion(c, all, i))
	}
	return answer(p), nil
}

func (s *server) serviceVersion(c *caller, all []guide.Version, i int) ServiceVersion {
	v := ServiceVersion{No: all[i].No, From: all[i].From, SeenAt: all[i].SeenAt, Ended: all[i].Declared == nil, Changes: []ServiceChange{}}
	before := guide.Before(all, i)
	if before < 0 || v.Ended {
		return v
	}
	for _, ch := range s.Guides.Changes(c.lang, all[before].Declared, all[i].Declared) {
		v.Changes = append(v.Changes, ServiceChange{ch.Title, list(ch.Gone), list(ch.Came)})
	}
	return v
}
