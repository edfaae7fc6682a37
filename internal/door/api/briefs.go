package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"yiwang/internal/base/errs"
	"yiwang/internal/work/brief"
)

func (s *server) briefRoutes(api huma.API) {
	route(s, api, op("listBriefs", http.MethodGet, "/api/briefs", "Issues of the briefs, the latest first"), signedIn, s.listBriefs)
	route(s, api, op("draftBrief", http.MethodPost, "/api/briefs", "Draft an issue from the figures and cases of its days"), signedIn, s.draftBrief)
	route(s, api, op("getBrief", http.MethodGet, "/api/briefs/{id}", "An issue with its chosen cases"), signedIn, s.getBrief)
	route(s, api, op("getBriefPaper", http.MethodGet, "/api/briefs/{id}/paper/{form}", "An issue as PDF, DOCX or page"), signedIn, s.getBriefPaper)
}

// Brief is an issue as it stands in a list.
type Brief struct {
	ID          string `json:"id"`
	Kind        string `json:"kind" enum:"daily,monthly,instructed,open"`
	Title       string `json:"title"`
	Serial      int64  `json:"serial" doc:"Its number in the year, 0 until it is published"`
	State       string `json:"state"`
	StateTitle  string `json:"state_title"`
	From        string `json:"from"`
	To          string `json:"to"`
	PublishedAt int64  `json:"published_at"`
	Chosen      int    `json:"chosen"`
	Open        int    `json:"open" doc:"Of the chosen cases, those not closed"`
}

// BriefCase is a case that an issue tells of.
type BriefCase struct {
	ID         string `json:"id"`
	Number     string `json:"number"`
	Summary    string `json:"summary"`
	UnitName   string `json:"unit_name"`
	StateTitle string `json:"state_title"`
	Closed     bool   `json:"closed"`
	Late       bool   `json:"late"`
}

// BriefPage is an issue opened.
type BriefPage struct {
	Brief
	Text    string      `json:"text"`
	Version int64       `json:"version"`
	Edits   bool        `json:"edits" doc:"Whether the caller may change it now"`
	Cases   []BriefCase `json:"cases" nullable:"false"`
}

func (s *server) brief(i *brief.Issue) Brief {
	return Brief{ID: i.Case.ID, Kind: i.Kind, Title: i.Title, Serial: i.Serial, State: i.Case.State, StateTitle: s.stateTitle(brief.Family, i.Case.State),
		From: i.Period.From, To: i.Period.To, PublishedAt: i.PublishedAt, Chosen: len(i.Chosen), Open: i.Open()}
}

// readsBriefs refuses who has no desk for briefs. Error: Forbidden.
func (s *server) readsBriefs(c *caller) error {
	for _, code := range c.actor.Roles {
		if role, ok := s.Staff.Directory().Role(code); ok {
			for _, desk := range role.Desks {
				if desk == "brief" {
					return nil
				}
			}
		}
	}
	return errs.E(errs.Forbidden, "errs.forbidden", nil)
}

func (s *server) briefs() *brief.Desk {
	d := &brief.Desk{City: s.City, Units: s.Staff.Directory, Cases: s.Cases, View: s.View, Now: func() time.Time { return time.UnixMilli(s.DB.Now()) }}
	if s.Topics != nil {
		d.Topics = s.Topics.Now
	}
	return d
}

// mostBriefs bounds the list of issues.
const mostBriefs = 60

func (s *server) listBriefs(ctx context.Context, c *caller, _ *struct{}) (*body[items[Brief]], error) {
	if err := s.readsBriefs(c); err != nil {
		return nil, err
	}
	all, err := s.briefs().Issues(ctx, c.actor, mostBriefs)
	out := items[Brief]{Items: []Brief{}}
	for i := range all {
		out.Items = append(out.Items, s.brief(&all[i]))
	}
	return answer(out), err
}

type draftInput struct {
	Body struct {
		Kind string `json:"kind" enum:"daily,monthly,instructed,open"`
		Day  string `json:"day,omitempty" maxLength:"10" doc:"The day it is drafted on; empty is today"`
	}
}

func (s *server) draftBrief(ctx context.Context, c *caller, in *draftInput) (*body[Brief], error) {
	if err := s.readsBriefs(c); err != nil {
		return nil, err
	}
	if err := s.mayFile(c, brief.Family, "counter"); err != nil {
		return nil, err
	}
	day := in.Body.Day
	if day == "" {
		day = s.period(&PeriodInput{}).To
	}
	id, err := s.briefs().Draft(ctx, c.actor, in.Body.Kind, day)
	if err != nil {
		return nil, err
	}
	i, err := s.briefs().Read(ctx, c.actor, id)
	return answer(s.brief(&i)), err
}

type briefInput struct {
	ID string `path:"id" maxLength:"40"`
}

// readBrief returns an issue that the caller may read. Errors: Forbidden, NotFound.
func (s *server) readBrief(ctx context.Context, c *caller, id string) (i brief.Issue, err error) {
	if err := s.readsBriefs(c); err != nil {
		return i, err
	}
	if err := s.seeID(ctx, c, id); err != nil {
		return i, err
	}
	return s.briefs().Read(ctx, c.actor, id)
}

func (s *server) getBrief(ctx context.Context, c *caller, in *briefInput) (*body[BriefPage], error) {
	i, err := s.readBrief(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	out := BriefPage{Brief: s.brief(&i), Text: i.Text, Version: i.Case.Version, Cases: []BriefCase{}}
	for _, choice := range s.Cases.Choices(c.actor, i.Case) {
		out.Edits = out.Edits || choice.Action == "edit" && choice.Open
	}
	for _, k := range i.Chosen {
		out.Cases = append(out.Cases, BriefCase{ID: k.Case.ID, Number: k.Case.Number, Summary: k.Summary, UnitName: s.answerable(k.Case.Unit),
			StateTitle: s.stateTitle(k.Case.Family, k.Case.State), Closed: k.Case.Closed == 1, Late: k.Case.Late > 0})
	}
	return answer(out), nil
}

type briefPaperInput struct {
	ID   string `path:"id" maxLength:"40"`
	Form string `path:"form" enum:"pdf,docx,html"`
}

func (s *server) getBriefPaper(ctx context.Context, c *caller, in *briefPaperInput) (*huma.StreamResponse, error) {
	i, err := s.readBrief(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	return s.handOut(s.briefs().Document(&i), in.Form)
}
