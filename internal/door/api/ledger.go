package api

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"yiwang/internal/work/view"
)

// LedgerCase is a case that waits.
type LedgerCase struct {
	ID         string `json:"id"`
	Number     string `json:"number"`
	UnitName   string `json:"unit_name"`
	ClockTitle string `json:"clock_title"`
	DueAt      int64  `json:"due_at"`
	Overdue    bool   `json:"overdue"`
}

// LedgerLine is a limit that ran out.
type LedgerLine struct {
	ID         string `json:"id"`
	Number     string `json:"number"`
	UnitName   string `json:"unit_name"`
	Of         string `json:"of"`
	ClockTitle string `json:"clock_title"`
	DueAt      int64  `json:"due_at"`
	EndedAt    int64  `json:"ended_at" doc:"0 runs on"`
}

// LedgerUnit is what the cases about one unit came to.
type LedgerUnit struct {
	Unit      string         `json:"unit"`
	Name      string         `json:"name"`
	Opening   int64          `json:"opening"`
	Received  int64          `json:"received"`
	Ended     int64          `json:"ended"`
	EndedLate int64          `json:"ended_late"`
	Waiting   int64          `json:"waiting"`
	Results   []LedgerResult `json:"results" nullable:"false"`
}

// LedgerResult says how many ended in one way.
type LedgerResult struct {
	Code  string `json:"code"`
	Title string `json:"title"`
	N     int64  `json:"n"`
}

// Ledger is the two ledgers of a period.
type Ledger struct {
	Family     string          `json:"family" doc:"Empty is all that people asked for"`
	Kinds      []Titled        `json:"kinds" nullable:"false" doc:"The kinds of cases that have a ledger of their own"`
	About      []LedgerUnit    `json:"about" nullable:"false" doc:"Of one kind: by the unit that its cases are about"`
	AsOf       int64           `json:"as_of"`
	From       string          `json:"from"`
	To         string          `json:"to"`
	Opening    int64           `json:"opening"`
	Received   int64           `json:"received"`
	Ended      int64           `json:"ended"`
	Waiting    int64           `json:"waiting"`
	Missed     []LedgerCase    `json:"missed" nullable:"false"`
	Unhandled  []LedgerCase    `json:"unhandled" nullable:"false" doc:"The first 500, the nearest limit first"`
	RanOut     int64           `json:"ran_out"`
	Overdue    []LedgerLine    `json:"overdue" nullable:"false" doc:"The first 500, those running on first"`
	Faults     []view.Mismatch `json:"faults" nullable:"false"`
	Reconciled bool            `json:"reconciled"`
}

// mostLedger bounds the lines of a ledger on a page; the command writes them all.
const mostLedger = 500

type ledgerInput struct {
	PeriodInput
	Family string `query:"family" maxLength:"60" doc:"One kind of cases; empty is all that people asked for"`
}

func (s *server) ledger(ctx context.Context, c *caller, in *ledgerInput) (*body[Ledger], error) {
	l, err := s.View.Ledger(ctx, c.actor, s.period(&in.PeriodInput), in.Family)
	if err != nil {
		return nil, err
	}
	l.Sort()
	out := Ledger{Family: l.Family, Kinds: s.ledgerKinds(), About: []LedgerUnit{}, AsOf: l.AsOf, From: l.From, To: l.To, Opening: l.Opening, Received: l.Received, Ended: l.Ended, Waiting: int64(len(l.Unhandled)),
		RanOut: int64(len(l.Overdue)), Faults: l.Faults, Reconciled: len(l.Faults) == 0, Missed: []LedgerCase{}, Unhandled: []LedgerCase{}, Overdue: []LedgerLine{}}
	for _, k := range l.Missed[:min(mostLedger, len(l.Missed))] {
		out.Missed = append(out.Missed, s.ledgerCase(k))
	}
	for _, k := range l.Unhandled[:min(mostLedger, len(l.Unhandled))] {
		out.Unhandled = append(out.Unhandled, s.ledgerCase(k))
	}
	for _, k := range l.Overdue[:min(mostLedger, len(l.Overdue))] {
		out.Overdue = append(out.Overdue, LedgerLine{ID: k.ID, Number: k.Number, UnitName: s.answerable(k.Unit), Of: k.Of, ClockTitle: s.clockTitle(k.Family, k.Clock), DueAt: k.DueAt, EndedAt: k.EndedAt})
	}
	for _, u := range l.About {
		out.About = append(out.About, s.ledgerUnit(l.Family, u))
	}
	return answer(out), nil
}

// ledgerKinds are the families with clocks that are no service of their own.
func (s *server) ledgerKinds() []Titled {
	out := []Titled{}
	all := s.City.Catalog.Families()
	for _, code := range slices.Sorted(maps.Keys(all)) {
		if f := all[code]; f.Service == nil && !f.Dispatch && len(f.RuleSets) > 0 {
			out = append(out, Titled{f.Code, f.Title})
		}
	}
	return out
}

func (s *server) ledgerUnit(family string, u view.LedgerUnit) LedgerUnit {
	out := LedgerUnit{Unit: u.Unit, Name: s.answerable(u.Unit), Opening: u.Opening, Received: u.Received, Ended: u.Ended, EndedLate: u.EndedLate, Waiting: u.Waiting, Results: []LedgerResult{}}
	for _, code := range slices.Sorted(maps.Keys(u.Results)) {
		out.Results = append(out.Results, LedgerResult{code, s.resultTitle(family, code), u.Results[code]})
	}
	return out
}

func (s *server) ledgerCase(k view.LedgerCase) LedgerCase {
	return LedgerCase{ID: k.ID, Number: k.Number, UnitName: s.answerable(k.Unit), ClockTitle: s.clockTitle(k.Family, k.Clock), DueAt: k.DueAt, Overdue: k.Overdue}
}

// answerable names who answers for a case: its unit, and until it has one the centre.
func (s *server) answerable(unit string) string {
	return s.unitName(cmp.Or(unit, s.City.Centre))
}
