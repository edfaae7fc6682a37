package api

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/org"
	"yiwang/internal/core/rule"
	"yiwang/internal/work/entitle"
)

func (s *server) entitleRoutes(api huma.API) {
	route(s, api, op("listEntitlements", http.MethodGet, "/api/entitlements", "Services that need no application, with how each stands"), signedIn, s.listEntitlements)
	route(s, api, op("getEntitlement", http.MethodGet, "/api/entitlements/{service}", "One of them: runs, who is new, stopped or in doubt, batches, ledger"), signedIn, s.getEntitlement)
	route(s, api, op("runEntitlement", http.MethodPost, "/api/entitlements/{service}/runs", "Run its table over everyone now"), signedIn, s.runEntitlement)
	route(s, api, op("whyEntitlement", http.MethodPost, "/api/entitlements/{service}/why", "Why somebody has it or does not"), signedIn, s.whyEntitlement)
	route(s, api, op("makePayout", http.MethodPost, "/api/entitlements/{service}/payouts", "Put everybody who is due into a batch"), signedIn, s.makePayout)
	route(s, api, op("releasePayout", http.MethodPost, "/api/payouts/{id}/release", "Let a batch go to the bank; whoever made it cannot"), signedIn, s.releasePayout)
	route(s, api, op("discardPayout", http.MethodDelete, "/api/payouts/{id}", "Take back a batch that was not released"), signedIn, s.discardPayout)
	route(s, api, op("getPayoutFile", http.MethodGet, "/api/payouts/{id}/file", "A released batch as the bank takes it"), signedIn, s.getPayoutFile)
	route(s, api, op("answerPayout", http.MethodPost, "/api/payouts/{id}/answer", "Take in the bank's answer: who was paid, what came back"), signedIn, s.answerPayout)
}

// Entitlement is a service that needs no application, as it stands.
type Entitlement struct {
	Service  string         `json:"service"`
	Title    string         `json:"title"`
	Unit     string         `json:"unit"`
	UnitName string         `json:"unit_name"`
	Rule     string         `json:"rule" doc:"Code of its decision table"`
	Every    string         `json:"every" enum:"once,month,year"`
	Offer    bool           `json:"offer" doc:"Who qualifies has it once they accept it"`
	Pays     bool           `json:"pays" doc:"Money is paid out, in batches"`
	Of       string         `json:"of" doc:"Register of those whom it is for: person, entity"`
	Counts   map[string]int `json:"counts" doc:"Of standings by state, and of cases in told, paying, objected, doubted"`
	LastRun  *entitle.Run   `json:"last_run,omitempty"`
}

// EntitlementPage is one of them opened.
type EntitlementPage struct {
	Entitlement
	Period  string            `json:"period" doc:"What a batch made now is for"`
	Due     int               `json:"due" doc:"Who would be in it"`
	Runs    []entitle.Run     `json:"runs" nullable:"false"`
	People  []EntitledPerson  `json:"people" nullable:"false" doc:"The latest to begin, end or be in doubt"`
	Payouts []Payout          `json:"payouts" nullable:"false"`
	Ledger  []entitle.Account `json:"ledger" nullable:"false"`
}

// EntitledPerson is how somebody stands to it, without saying who.
type EntitledPerson struct {
	Subject    string `json:"subject"`
	State      string `json:"state" enum:"granted,ended,unsure"`
	CaseID     string `json:"case_id"`
	Number     string `json:"number"`
	StateTitle string `json:"state_title" doc:"Of the case"`
	Yuan       string `json:"yuan"`
	Why        string `json:"why" doc:"The clauses that hold, the clause that ended it, or the facts that are missing"`
	ChangedAt  int64  `json:"changed_at"`
}

// Payout is a batch and how it stands.
type Payout struct {
	entitle.Payout
	Sums         entitle.Sums `json:"sums"`
	MadeName     string       `json:"made_name"`
	ReleasedName string       `json:"released_name"`
	Mine         bool         `json:"mine" doc:"The caller made it, and cannot release it"`
}

// benefitsDesk is the room of those who run entitlements.
const benefitsDesk = "benefits"

// paysFor refuses who has no desk for entitlements or belongs to another unit. Errors:
// NotFound, Forbidden.
func (s *server) paysFor(c *caller, service string) (entitle.Item, error) {
	it, err := s.Entitle.Item(service)
	if err != nil {
		return it, err
	}
	return it, unless(s.entersDesk(c, benefitsDesk) && s.ofUnit(c, it.Unit))
}

func (s *server) entersDesk(c *caller, desk string) bool {
	for _, code := range c.actor.Roles {
		if role, ok := s.Staff.Directory().Role(code); ok && strings.Contains(" "+strings.Join(role.Desks, " ")+" ", " "+desk+" ") {
			return true
		}
	}
	return false
}

// ofUnit reports whether the caller works in a unit or one above it.
func (s *server) ofUnit(c *caller, unit string) bool {
	return org.Covers(s.Staff.Directory().Path(c.actor.Unit), s.Staff.Directory().Path(unit))
}

func (s *server) entitlement(ctx context.Context, it entitle.Item) (e Entitlement, err error) {
	e = Entitlement{Service: it.Service, Title: it.Title, Unit: it.Unit, UnitName: s.unitName(it.Unit), Rule: it.Rule, Every: it.Every, Offer: it.Offer, Pays: it.Amount != "", Of: it.Register}
	if e.Every == "" {
		e.Every = "once"
	}
	if e.Counts, err = s.Entitle.Counts(ctx, it.Service); err != nil {
		return e, err
	}
	last, err := s.Entitle.Runs(ctx, it.Service, 1)
	if len(last) > 0 {
		e.LastRun = &last[0]
	}
	return e, err
}

func (s *server) listEntitlements(ctx context.Context, c *caller, _ *struct{}) (*body[items[Entitlement]], error) {
	if err := unless(s.entersDesk(c, benefitsDesk)); err != nil {
		return nil, err
	}
	out := items[Entitlement]{Items: []Entitlement{}}
	for _, it := range s.Entitle.Items() {
		if !s.ofUnit(c, it.Unit) {
			continue
		}
		e, err := s.entitlement(ctx, it)
		if err != nil {
			return nil, err
		}
		out.Items = append(out.Items, e)
	}
	return answer(out), nil
}

type entitlementInput struct {
	Service string `path:"service" maxLength:"60"`
}

// Of a page of an entitlement, the most of each list.
const (
	mostRuns     = 30
	mostEntitled = 100
	mostPayouts  = 60
)

func (s *server) getEntitlement(ctx context.Context, c *caller, in *entitlementInput) (*body[EntitlementPage], error) {
	it, err := s.paysFor(c, in.Service)
	if err != nil {
		return nil, err
	}
	p := EntitlementPage{Period: s.Entitle.Period(it), People: []EntitledPerson{}, Payouts: []Payout{}}
	if p.Entitlement, err = s.entitlement(ctx, it); err != nil {
		return nil, err
	}
	if p.Due, err = s.Entitle.Due(ctx, it); err != nil {
		return nil, err
	}
	if p.Runs, err = s.Entitle.Runs(ctx, it.Service, mostRuns); err != nil {
		return nil, err
	}
	if p.Ledger, err = s.Entitle.Ledger(ctx, it.Service); err != nil {
		return nil, err
	}
	p.Runs, p.Ledger = list(p.Runs), list(p.Ledger)
	for _, state := range []string{entitle.Unsure, entitle.Granted, entitle.Ended} {
		some, err := s.entitled(ctx, it, state)
		if err != nil {
			return nil, err
		}
		p.People = append(p.People, some...)
	}
	all, err := s.Entitle.Payouts(ctx, it.Service, mostPayouts)
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		_, sums, err := s.Entitle.Payout(ctx, one.ID)
		if err != nil {
			return nil, err
		}
		p.Payouts = append(p.Payouts, s.payout(c, one, sums))
	}
	return answer(p), nil
}

func (s *server) payout(c *caller, p entitle.Payout, sums entitle.Sums) Payout {
	return Payout{Payout: p, Sums: sums, MadeName: s.staffName(p.MadeBy), ReleasedName: s.staffName(p.ReleasedBy), Mine: p.MadeBy == c.actor.ID}
}

func (s *server) entitled(ctx context.Context, it entitle.Item, state string) ([]EntitledPerson, error) {
	all, err := s.Entitle.Standings(ctx, it.Service, state, mostEntitled)
	if err != nil {
		return nil, err
	}
	out := make([]EntitledPerson, 0, len(all))
	for _, st := range all {
		e := EntitledPerson{Subject: st.Subject, State: st.State, CaseID: st.Case, Yuan: entitle.Yuan(st.Fen), Why: s.whyWords(st), ChangedAt: st.ChangedAt}
		if st.Case != "" {
			k, err := s.Cases.Get(ctx, st.Case)
			if err != nil && !errs.Is(err, errs.NotFound) {
				return nil, err
			}
			e.Number, e.StateTitle = k.Number, s.stateTitle(k.Family, k.State)
		}
		out = append(out, e)
	}
	return out, nil
}

// whyWords says why in words: the clauses of the rows that hold, the titles of the facts
// that are missing.
func (s *server) whyWords(st entitle.Standing) string {
	d := s.City.Rules.Version(st.Version)
	if st.State == entitle.Ended || d == nil {
		return st.Why
	}
	var words []string
	for code := range strings.FieldsSeq(st.Why) {
		said := code
		for _, f := range d.Table().Facts {
			if f.Code == code {
				said = f.Title
			}
		}
		for _, r := range d.Table().Rows {
			if r.Code == code {
				said = r.Clause
			}
		}
		if !slices.Contains(words, said) {
			words = append(words, said)
		}
	}
	return strings.Join(words, "、")
}

func (s *server) runEntitlement(ctx context.Context, c *caller, in *entitlementInput) (*body[entitle.Run], error) {
	it, err := s.paysFor(c, in.Service)
	if err != nil {
		return nil, err
	}
	r, err := s.Entitle.Everyone(ctx, c.actor, it.Service)
	return answer(r), err
}

type whyInput struct {
	Service string `path:"service" maxLength:"60"`
	Body    struct {
		Number string `json:"number" maxLength:"30" doc:"Of identity, or credit code"`
	}
}

// EntitlementWhy says why somebody has it or does not.
type EntitlementWhy struct {
	Subject     string           `json:"subject"`
	Decided     string           `json:"decided" enum:"decided,missing,no_row,conflict"`
	Granted     bool             `json:"granted"`
	Explanation rule.Explanation `json:"explanation"`
	State       string           `json:"state" doc:"granted, ended, unsure, or empty where it was never considered"`
	CaseID      string           `json:"case_id"`
}

func (s *server) whyEntitlement(ctx context.Context, c *caller, in *whyInput) (*body[EntitlementWhy], error) {
	it, err := s.paysFor(c, in.Service)
	if err != nil {
		return nil, err
	}
	if err := unless(c.reveals); err != nil {
		return nil, err
	}
	id, err := s.Entitle.Registers.Find(ctx, it, c.actor, strings.TrimSpace(in.Body.Number))
	if err != nil {
		return nil, err
	}
	dec, err := s.Entitle.Decide(ctx, c.actor, it, id)
	if err != nil {
		return nil, err
	}
	st, err := s.Entitle.Standing(ctx, it.Service, id)
	return answer(EntitlementWhy{Subject: id, Decided: string(dec.State), Granted: dec.Grants(), Explanation: dec.Saying(s.Registers.Book().Say).Explain(c.lang), State: st.State, CaseID: st.Case}), err
}

func (s *server) makePayout(ctx context.Context, c *caller, in *entitlementInput) (*body[Payout], error) {
	it, err := s.paysFor(c, in.Service)
	if err != nil {
		return nil, err
	}
	p, err := s.Entitle.Make(ctx, c.actor, it)
	if err != nil {
		return nil, err
	}
	return s.noted(ctx, c, p.ID, "payout_made")
}

type payoutInput struct {
	ID string `path:"id" maxLength:"40"`
}

// payoutOf returns a batch that the caller may handle. Errors: NotFound, Forbidden.
func (s *server) payoutOf(ctx context.Context, c *caller, id string) (entitle.Payout, error) {
	p, _, err := s.Entitle.Payout(ctx, id)
	if err != nil {
		return p, err
	}
	_, err = s.paysFor(c, p.Service)
	return p, err
}

// noted enters what was done with a batch into the audit table and returns the batch.
func (s *server) noted(ctx context.Context, c *caller, id, kind string) (*body[Payout], error) {
	p, sums, err := s.Entitle.Payout(ctx, id)
	if err != nil {
		return nil, err
	}
	return answer(s.payout(c, p, sums)), s.Staff.Note(ctx, c.actor, kind, id, map[string]any{"lines": p.Lines, "fen": p.Fen})
}

func (s *server) releasePayout(ctx context.Context, c *caller, in *payoutInput) (*body[Payout], error) {
	if _, err := s.payoutOf(ctx, c, in.ID); err != nil {
		return nil, err
	}
	if err := s.Entitle.Release(ctx, c.actor, in.ID); err != nil {
		return nil, err
	}
	return s.noted(ctx, c, in.ID, "payout_released")
}

func (s *server) discardPayout(ctx context.Context, c *caller, in *payoutInput) (*struct{}, error) {
	p, err := s.payoutOf(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	if err := s.Entitle.Discard(ctx, p.ID); err != nil {
		return nil, err
	}
	return nil, s.Staff.Note(ctx, c.actor, "payout_discarded", in.ID, map[string]any{"lines": p.Lines, "fen": p.Fen})
}

func (s *server) getPayoutFile(ctx context.Context, c *caller, in *payoutInput) (*huma.StreamResponse, error) {
	p, err := s.payoutOf(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	if err := unless(c.reveals); err != nil {
		return nil, err
	}
	doc, err := s.Entitle.File(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if err := s.Staff.Note(ctx, c.actor, "payout_file", in.ID, map[string]any{"lines": p.Lines}); err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", "text/csv; charset=utf-8")
		ctx.SetHeader("Content-Disposition", `attachment; filename="`+in.ID+`.csv"`)
		if _, err := ctx.BodyWriter().Write(doc); err != nil {
			s.Logger.DebugContext(ctx.Context(), "whoever asked for a batch has gone", "error", err)
		}
	}}, nil
}

type payoutAnswerInput struct {
	ID   string `path:"id" maxLength:"40"`
	Body struct {
		Text string `json:"text" maxLength:"5000000" doc:"Rows of number, paid or returned, why"`
	}
}

func (s *server) answerPayout(ctx context.Context, c *caller, in *payoutAnswerInput) (*body[Payout], error) {
	if _, err := s.payoutOf(ctx, c, in.ID); err != nil {
		return nil, err
	}
	if _, err := s.Entitle.Answer(ctx, in.ID, bytes.NewReader([]byte(in.Body.Text))); err != nil {
		return nil, err
	}
	return s.noted(ctx, c, in.ID, "payout_answered")
}
