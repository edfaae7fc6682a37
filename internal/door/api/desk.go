package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/work/intake"
	"yiwang/internal/work/view"
)

// dispatchDesk is the room of those who decide who handles what.
const dispatchDesk = "dispatch"

func (s *server) deskRoutes(api huma.API) {
	route(s, api, op("getQueue", http.MethodGet, "/api/desk/queue", "The dispatch desk's queue"), signedIn, s.getQueue)
	route(s, api, op("claim", http.MethodPost, "/api/desk/queue/{id}/claim", "Take an item into hand, or keep it there"), signedIn, s.claim)
	route(s, api, op("release", http.MethodDelete, "/api/desk/queue/{id}/claim", "Let go of an item"), signedIn, s.release)
}

// Queue is the dispatch desk's queue.
type Queue struct {
	Items []QueueRow `json:"items" nullable:"false"`
	Total int64      `json:"total"`
	AsOf  int64      `json:"as_of"`
	Today QueueToday `json:"today"`
}

// QueueRow is an item with what the machine suggests.
type QueueRow struct {
	Row
	Suggestion Suggestions `json:"suggestion"`
}

// Suggestions are the matters the machine suggests, the likeliest first.
type Suggestions struct {
	Matters []Suggestion `json:"matters" nullable:"false"`
	WhyNot  string       `json:"why_not" doc:"Why the machine did not send it itself"`
}

// Suggestion is a matter with the unit that would answer for it.
type Suggestion struct {
	Code        string  `json:"code"`
	Name        string  `json:"name"`
	Probability float64 `json:"probability"`
	Unit        string  `json:"unit"`
	UnitName    string  `json:"unit_name"`
}

// QueueToday is the desk's day so far.
type QueueToday struct {
	Received     int64 `json:"received"`
	Auto         int64 `json:"auto" doc:"Sent by the machine"`
	AutoReturned int64 `json:"auto_returned" doc:"Of cases the machine had sent, came back"`
	Queued       int64 `json:"queued"`
}

type queueInput struct {
	Limit int `query:"limit" minimum:"1" maximum:"200" default:"100"`
}

func (s *server) getQueue(ctx context.Context, c *caller, in *queueInput) (*body[Queue], error) {
	if err := c.needs(dispatchDesk); err != nil {
		return nil, err
	}
	queued, total, err := s.View.Queue(ctx, c.actor, in.Limit)
	if err != nil {
		return nil, err
	}
	today, err := s.View.Today(ctx, c.actor, view.Scope{})
	if err != nil {
		return nil, err
	}
	out := Queue{Items: []QueueRow{}, Total: total, AsOf: s.DB.Now(), Today: QueueToday{
		Received: today.Now[view.Received], Auto: today.Now[view.AutoSent], AutoReturned: today.Now[view.AutoReturned], Queued: total,
	}}
	for i := range queued {
		q := QueueRow{Row: s.row(&queued[i].Row), Suggestion: Suggestions{Matters: []Suggestion{}}}
		if queued[i].Reading != nil {
			var r intake.Reading
			if err := json.Unmarshal(queued[i].Reading, &r); err != nil {
				return nil, err
			}
			q.Suggestion = s.suggestions(c.lang, queued[i].Family, &r)
		}
		out.Items = append(out.Items, q)
	}
	return answer(out), nil
}

func (s *server) suggestions(lang text.Lang, family string, r *intake.Reading) Suggestions {
	out := Suggestions{Matters: []Suggestion{}}
	if r.Why != "" {
		out.WhyNot = text.Say(lang, r.Why, nil)
	}
	for _, sg := range r.Matters {
		m := Suggestion{Code: sg.Matter, Name: sg.Matter, Probability: sg.P, Unit: sg.Unit, UnitName: s.unitName(sg.Unit)}
		if decl := s.City.Catalog.Find(family, sg.Matter); decl != nil {
			m.Name = decl.Name
		}
		out.Matters = append(out.Matters, m)
	}
	return out
}

// Claimed says until when an item is in one's hand.
type Claimed struct {
	Until int64 `json:"until"`
}

func (s *server) claim(ctx context.Context, c *caller, in *idInput) (*body[Claimed], error) {
	if err := c.needs(dispatchDesk); err != nil {
		return nil, err
	}
	if err := s.seeID(ctx, c, in.ID); err != nil {
		return nil, err
	}
	holder, until, err := s.View.Claim(ctx, c.actor, in.ID)
	if err != nil {
		return nil, err
	}
	if holder != c.actor.ID {
		return nil, s.claimed(ctx, c, holder, until)
	}
	return answer(Claimed{until}), nil
}

// claimed is the refusal of an item that somebody else has in hand.
func (s *server) claimed(ctx context.Context, c *caller, holder string, until int64) error {
	name := s.staffName(holder)
	p := s.problem(ctx, errs.E(errs.Conflict, "api.claimed", errs.Args{
		"name": name, "left": text.Left(c.lang, time.UnixMilli(until), time.UnixMilli(s.DB.Now())),
	}))
	p.ClaimedName = name
	return p
}

func (s *server) release(ctx context.Context, c *caller, in *idInput) (*struct{}, error) {
	if err := c.needs(dispatchDesk); err != nil {
		return nil, err
	}
	return nil, s.View.Release(ctx, c.actor, in.ID)
}
