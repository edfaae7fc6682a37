package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/cases"
	"yiwang/internal/work/duty"
)

func (s *server) clauseRoutes(api huma.API) {
	route(s, api, op("proposeClause", http.MethodPost, "/api/cases/{id}/clause", "Write a ruling into a draft of the duty list"), signedIn, s.proposeClause)
}

// ProposedClause is where the clause of a ruling stands now.
type ProposedClause struct {
	Edition  int64     `json:"edition" doc:"Number of the draft"`
	Matter   string    `json:"matter"`
	Taken    bool      `json:"taken"`
	Findings []Finding `json:"findings" nullable:"false"`
}

// rulingAction is the action that decides who answers for a case.
const rulingAction = "rule"

func (s *server) proposeClause(ctx context.Context, c *caller, in *idInput) (*body[ProposedClause], error) {
	if err := c.needs(dutyDesk); err != nil {
		return nil, err
	}
	k, err := s.seen(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	v, err := s.Cases.Open(ctx, c.actor, k.ID, "")
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(v.Entries, func(e cases.Entry) bool { return e.Header.Kind == rulingAction })
	if at < 0 {
		return nil, errs.E(errs.NotFound, "api.no_clause", nil)
	}
	ruling := v.Entries[at]
	unit, ok := s.Staff.Directory().Unit(fmt.Sprint(ruling.Header.Input["unit"]))
	if !ok {
		return nil, errs.E(errs.NotFound, "api.no_clause", nil)
	}
	clause := ""
	for _, x := range ruling.Values {
		if x.Code == "clause" {
			clause = x.Text
		}
	}
	day := time.UnixMilli(ruling.Header.At).In(text.CST)
	args := errs.Args{"year": day.Format("2006"), "serial": ruling.Header.Set["data.ruling"], "clause": clause}
	e, found, err := s.Duty.Propose(ctx, c.actor, duty.Clause{Matter: k.Matter, Unit: unit, Basis: text.Say(text.Chinese, "api.clause_basis", args),
		Title: text.Say(text.Chinese, "api.clause_draft", args)})
	if err != nil {
		return nil, err
	}
	t := taken(c, found).Body
	return answer(ProposedClause{Edition: e.No, Matter: k.Matter, Taken: t.Taken, Findings: t.Findings}), nil
}
