package api

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/work/topic"
)

func (s *server) topicRoutes(api huma.API) {
	route(s, api, op("topics", http.MethodGet, "/api/topics", "What the city is talking about, and what rises"), signedIn, s.topics)
	route(s, api, op("topicCases", http.MethodGet, "/api/topics/{id}", "A topic with its cases"), signedIn, s.topicCases)
	route(s, api, op("openTheme", http.MethodPost, "/api/topics/{id}/theme", "Open a theme case for a topic"), signedIn, s.openTheme)
}

// HotTopic is an issue that several cases are about, with why it is hot.
type HotTopic struct {
	ID         string   `json:"id" doc:"Of its first case; stays while the topic grows"`
	Rank       int      `json:"rank"`
	Title      string   `json:"title"`
	Place      string   `json:"place"`
	Matter     string   `json:"matter"`
	MatterName string   `json:"matter_name"`
	Area       string   `json:"area" doc:"Street that at least half of its cases are in"`
	From       int64    `json:"from"`
	To         int64    `json:"to"`
	Heat       float64  `json:"heat"`
	Cases      int      `json:"cases"`
	Open       int      `json:"open"`
	People     int      `json:"people"`
	Channels   int      `json:"channels"`
	Voices     float64  `json:"voices" doc:"√(people × (people + supporters))"`
	Spread     float64  `json:"spread" doc:"Factor of the heat: through how many channels"`
	Growth     float64  `json:"growth" doc:"Factor of the heat: more of late than before, or less"`
	Freshness  float64  `json:"freshness" doc:"Factor of the heat: how long ago the last case came"`
	Trend      []int    `json:"trend" nullable:"false" doc:"Cases by twelfths of the sixty days, the latest last"`
	Week       int      `json:"week" doc:"Cases of the last seven days"`
	LastWeek   *int     `json:"last_week" doc:"Of the seven days before; null where the log does not reach"`
	LastYear   *int     `json:"last_year" doc:"Of its matter and street in the same seven days a year ago; null where the log does not reach"`
	Theme      *CaseRef `json:"theme" doc:"The theme case that gathers it"`
}

// CaseRef names a case.
type CaseRef struct {
	ID     string `json:"id"`
	Number string `json:"number"`
}

// Rise is more of a matter at a place than chance and season explain.
type Rise struct {
	Matter     string  `json:"matter"`
	MatterName string  `json:"matter_name"`
	Area       string  `json:"area"`
	AreaName   string  `json:"area_name"`
	Count      int     `json:"count" doc:"Cases of the last seven days"`
	Expected   float64 `json:"expected" doc:"As many were to be expected"`
	Chance     float64 `json:"chance" doc:"Of so many or more"`
	Filter     string  `json:"filter" doc:"The list that opens its cases"`
}

// Topics is what the city is talking about.
type Topics struct {
	AsOf  int64      `json:"as_of" doc:"0 before the first grouping"`
	Items []HotTopic `json:"items" nullable:"false"`
	Rises []Rise     `json:"rises" nullable:"false"`
	Theme bool       `json:"theme" doc:"Whether the caller may make theme cases"`
}

func (s *server) topics(_ context.Context, c *caller, in *topicsInput) (*body[Topics], error) {
	out := Topics{Items: []HotTopic{}, Rises: []Rise{}}
	if s.Topics == nil {
		return answer(out), nil
	}
	out.Theme = s.mayFile(c, topic.ThemeFamily, topic.ThemeChannel) == nil
	now := s.Topics.Now()
	out.AsOf = now.AsOf
	seen := s.Topics.Seen(c.actor)
	for _, l := range seen[:min(in.Limit, len(seen))] {
		out.Items = append(out.Items, s.hotTopic(&l))
	}
	if s.Staff.Directory().ScopeOf(c.actor).All {
		for _, w := range now.Warnings {
			out.Rises = append(out.Rises, Rise{Matter: w.Matter, MatterName: s.matterName(w.Matter), Area: w.Area, AreaName: s.areaName(w.Area),
				Count: w.Count, Expected: w.Expected, Chance: w.P, Filter: riseFilter(w, now.AsOf)})
		}
	}
	return answer(out), nil
}

func riseFilter(w topic.Warning, asOf int64) string {
	q := url.Values{"matter": {w.Matter}, "from": {strconv.FormatInt(asOf-7*24*3600*1000, 10)}}
	if w.Area != "" {
		q.Set("area", w.Area)
	}
	return q.Encode()
}

func (s *server) matterName(code string) string {
	if m := s.City.Catalog.Find("appeal", code); m != nil {
		return m.Name
	}
	return code
}

func (s *server) hotTopic(l *topic.Live) HotTopic {
	h := l.Heat
	t := HotTopic{ID: l.ID, Rank: l.Rank, Title: l.Title, Place: l.Place, Matter: l.Matter, MatterName: s.matterName(l.Matter), Area: l.Area,
		From: l.From, To: l.To, Heat: h.Value, Cases: h.Messages, Open: l.Open, People: h.People, Channels: h.Channels, Voices: h.Voices,
		Spread: h.Spread, Growth: h.Growth, Freshness: h.Freshness, Trend: h.Trend, Week: l.Week, LastWeek: l.LastWeek, LastYear: l.LastYear}
	if l.Theme != nil {
		t.Theme = &CaseRef{l.Theme.ID, l.Theme.Number}
	}
	return t
}

// TopicCase is a case of a topic.
type TopicCase struct {
	ID      string `json:"id"`
	Number  string `json:"number"`
	Title   string `json:"title"`
	Unit    string `json:"unit"`
	FiledAt int64  `json:"filed_at"`
	Closed  bool   `json:"closed"`
}

// TopicDetail is a topic with its cases, the latest first.
type TopicDetail struct {
	HotTopic
	Members []TopicCase `json:"members" nullable:"false"`
}

type topicInput struct {
	ID string `path:"id" maxLength:"40"`
}

func (s *server) findTopic(c *caller, id string) (*topic.Live, error) {
	if s.Topics != nil {
		for _, l := range s.Topics.Seen(c.actor) {
			if l.ID == id {
				return &l, nil
			}
		}
	}
	return nil, errs.E(errs.NotFound, "topic.gone", nil)
}

func (s *server) topicCases(_ context.Context, c *caller, in *topicInput) (*body[TopicDetail], error) {
	l, err := s.findTopic(c, in.ID)
	if err != nil {
		return nil, err
	}
	out := TopicDetail{HotTopic: s.hotTopic(l), Members: []TopicCase{}}
	for _, m := range slices.Backward(l.Members) {
		out.Members = append(out.Members, TopicCase{ID: m.ID, Number: m.Number, Title: s.called("appeal", m.Title), Unit: s.unitName(m.Unit), FiledAt: m.FiledAt, Closed: m.Closed == 1})
	}
	return answer(out), nil
}

func (s *server) openTheme(ctx context.Context, c *caller, in *topicInput) (*body[CaseRef], error) {
	l, err := s.findTopic(c, in.ID)
	if err != nil {
		return nil, err
	}
	if err := s.mayFile(c, topic.ThemeFamily, topic.ThemeChannel); err != nil {
		return nil, err
	}
	task := text.Say(text.Chinese, "topic.task", errs.Args{"title": l.Title, "count": l.Heat.Messages, "people": l.Heat.People, "open": l.Open})
	ref, err := s.Topics.Theme(ctx, c.actor, in.ID, task)
	if err != nil {
		return nil, err
	}
	return answer(CaseRef{ref.ID, ref.Number}), nil
}
