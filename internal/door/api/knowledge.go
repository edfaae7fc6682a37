package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"yiwang/internal/base/text"
	"yiwang/internal/base/textzh"
	"yiwang/internal/core/org"
	"yiwang/internal/work/knowledge"
)

// knowledgeDesk is the desk that writes and reviews entries.
const knowledgeDesk = "knowledge"

func (s *server) knowledgeRoutes(api huma.API) {
	route(s, api, op("listKnowledge", http.MethodGet, "/api/knowledge", "Entries of the knowledge base with their use"), signedIn, s.listKnowledge)
	route(s, api, op("writeKnowledge", http.MethodPost, "/api/knowledge", "Write a draft of an entry"), signedIn, s.writeKnowledge)
	route(s, api, op("reviewKnowledge", http.MethodPost, "/api/knowledge/{code}/review", "Show somebody's draft, or throw it away"), signedIn, s.reviewKnowledge)
	route(s, api, op("withdrawKnowledge", http.MethodPost, "/api/knowledge/{code}/withdraw", "Show an entry no longer"), signedIn, s.withdrawKnowledge)
	route(s, api, op("draftKnowledge", http.MethodGet, "/api/cases/{id}/knowledge", "The beginning of an entry, from an answered case"), signedIn, s.draftKnowledge)
}

// KnowledgeEntry is a question with its answer.
type KnowledgeEntry struct {
	Code     string   `json:"code,omitempty" maxLength:"60" doc:"Empty makes a new entry"`
	Question string   `json:"question" maxLength:"300"`
	English  string   `json:"english,omitempty" maxLength:"300"`
	Asks     []string `json:"asks,omitempty" maxItems:"60" nullable:"false"`
	Answer   string   `json:"answer" maxLength:"6000"`
	Basis    string   `json:"basis" maxLength:"500"`
	Link     string   `json:"link,omitempty" maxLength:"500" pattern:"^(https?://.*)?$"`
	Unit     string   `json:"unit" maxLength:"60"`
	UnitName string   `json:"unit_name,omitempty"`
	Matter   string   `json:"matter,omitempty" maxLength:"60"`
	Reviewed string   `json:"reviewed,omitempty" maxLength:"10"`
	Expires  string   `json:"expires" maxLength:"10" doc:"Last day, 2027-12-31"`
	Local    bool     `json:"local,omitempty"`
}

// KnowledgeUse is how often something was asked and what became of it.
type KnowledgeUse struct {
	Asked    int64 `json:"asked"`
	Answered int64 `json:"answered" doc:"With a sure answer"`
	Good     int64 `json:"good"`
	Bad      int64 `json:"bad"`
	Cases    int64 `json:"cases" doc:"Became a case"`
}

// KnowledgeRow is an entry as the desk sees it.
type KnowledgeRow struct {
	Code         string          `json:"code"`
	Live         *KnowledgeEntry `json:"live" doc:"What is shown; null for nothing"`
	Draft        *KnowledgeEntry `json:"draft" doc:"What waits for review; null for nothing"`
	EditedBy     string          `json:"edited_by"`
	EditedName   string          `json:"edited_name"`
	EditedAt     int64           `json:"edited_at"`
	ReviewedName string          `json:"reviewed_name"`
	Expired      bool            `json:"expired"`
	Use          KnowledgeUse    `json:"use" doc:"Since the beginning, where it came first"`
}

// Knowledge is the whole knowledge base.
type Knowledge struct {
	Items      []KnowledgeRow `json:"items" nullable:"false"`
	Use        KnowledgeUse   `json:"use"`
	Unanswered []Unanswered   `json:"unanswered" nullable:"false" doc:"The latest questions without a sure answer"`
}

// Unanswered is a question without a sure answer, masked.
type Unanswered struct {
	At       int64  `json:"at"`
	Question string `json:"question"`
	Case     bool   `json:"case"`
}

func (s *server) entryOut(e *knowledge.Entry) *KnowledgeEntry {
	if e == nil {
		return nil
	}
	return &KnowledgeEntry{Code: e.Code, Question: e.Question, English: e.English, Asks: list(e.Asks), Answer: e.Answer, Basis: e.Basis, Link: e.Link, Unit: e.Unit,
		UnitName: s.unitName(e.Unit), Matter: e.Matter, Reviewed: e.Reviewed, Expires: e.Expires, Local: e.Local}
}

func (s *server) listKnowledge(ctx context.Context, c *caller, _ *struct{}) (*body[Knowledge], error) {
	if err := c.needs(knowledgeDesk); err != nil {
		return nil, err
	}
	all, err := s.Answers.All(ctx)
	if err != nil {
		return nil, err
	}
	total, by, err := s.Answers.Use(ctx, 0)
	if err != nil {
		return nil, err
	}
	open, err := s.Answers.Unanswered(ctx, 50)
	if err != nil {
		return nil, err
	}
	out := Knowledge{Items: []KnowledgeRow{}, Use: KnowledgeUse(total), Unanswered: []Unanswered{}}
	today := time.UnixMilli(s.DB.Now()).In(text.CST).Format(time.DateOnly)
	for _, k := range all {
		out.Items = append(out.Items, KnowledgeRow{Code: k.Code, Live: s.entryOut(k.Live), Draft: s.entryOut(k.Draft), EditedBy: k.EditedBy, EditedName: s.staffName(k.EditedBy),
			EditedAt: k.EditedAt, ReviewedName: s.staffName(k.ReviewedBy), Expired: k.Live != nil && k.Live.Expires < today, Use: KnowledgeUse(by[k.Code])})
	}
	for _, u := range open {
		out.Unanswered = append(out.Unanswered, Unanswered{u.At, u.Question, u.Mark == knowledge.Case})
	}
	return answer(out), nil
}

func (s *server) writeKnowledge(ctx context.Context, c *caller, in *struct{ Body KnowledgeEntry }) (*body[KnowledgeRow], error) {
	if err := c.needs(knowledgeDesk); err != nil {
		return nil, err
	}
	b := &in.Body
	k, err := s.Answers.Write(ctx, c.actor, knowledge.Entry{Code: b.Code, Question: b.Question, English: b.English, Asks: b.Asks, Answer: b.Answer, Basis: b.Basis,
		Link: b.Link, Unit: b.Unit, Matter: b.Matter, Expires: b.Expires, Local: b.Local})
	if err != nil {
		return nil, err
	}
	return answer(KnowledgeRow{Code: k.Code, Live: s.entryOut(k.Live), Draft: s.entryOut(k.Draft), EditedBy: k.EditedBy, EditedAt: k.EditedAt}), nil
}

// KnowledgeInput names an entry.
type KnowledgeInput struct {
	Code string `path:"code" maxLength:"60"`
}

func (s *server) reviewKnowledge(ctx context.Context, c *caller, in *struct {
	KnowledgeInput
	Body struct {
		Pass bool `json:"pass" doc:"Whether it is shown from now on"`
	}
}) (*struct{}, error) {
	if err := c.needs(knowledgeDesk); err != nil {
		return nil, err
	}
	if err := s.Answers.Review(ctx, c.actor, in.Code, in.Body.Pass); err != nil {
		return nil, err
	}
	return nil, s.Staff.Note(ctx, c.actor, "knowledge_reviewed", in.Code, map[string]any{"pass": in.Body.Pass})
}

func (s *server) withdrawKnowledge(ctx context.Context, c *caller, in *KnowledgeInput) (*struct{}, error) {
	if err := c.needs(knowledgeDesk); err != nil {
		return nil, err
	}
	if err := s.Answers.Withdraw(ctx, c.actor, in.Code); err != nil {
		return nil, err
	}
	return nil, s.Staff.Note(ctx, c.actor, "knowledge_withdrawn", in.Code, nil)
}

// draftKnowledge offers an answered case as an entry: masked, still to be made
// general by whoever writes and whoever reviews it.
func (s *server) draftKnowledge(ctx context.Context, c *caller, in *idInput) (*body[KnowledgeEntry], error) {
	if err := c.needs(knowledgeDesk); err != nil {
		return nil, err
	}
	k, err := s.seen(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	v, err := s.Cases.Open(ctx, org.Appellant(), k.ID, "") // the answer as the appellant reads it
	if err != nil {
		return nil, err
	}
	return answer(KnowledgeEntry{Question: k.Title, Answer: textzh.Mask(v.Answer), Basis: k.Number, Unit: k.Unit, UnitName: s.unitName(k.Unit), Matter: k.Matter, Asks: []string{}}), nil
}
