package view

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/text"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/clock"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
)

// Ledger is the two ledgers of a period, told again from the log case by case: who
// waits, and whose time ran out. It balances, and agrees with the state rows, the
// clocks and the figures, or says where it does not.
type Ledger struct {
	Period
	Family    string       `json:"family,omitempty"` // of one kind of cases only; "" is all that people asked for
	AsOf      int64        `json:"as_of"`
	Opening   int64        `json:"opening"`         // waited when the period began
	Received  int64        `json:"received"`        // came in it
	Ended     int64        `json:"ended"`           // of both, were answered or closed in it
	Unhandled []LedgerCase `json:"unhandled"`       // wait at its end
	Missed    []LedgerCase `json:"missed"`          // of them, those that no clock reminds anybody of, nor any unit answers for
	Overdue   []LedgerLine `json:"overdue"`         // every limit that ran out in the period
	About     []LedgerUnit `json:"about,omitempty"` // of one kind: by the unit that its cases are about
	Faults    []Mismatch   `json:"faults"`          // what does not agree; none is the proof
}

// LedgerUnit is what the cases about one unit came to, such as the complaints of how it
// handled a matter.
type LedgerUnit struct {
	Unit      string           `json:"unit"`
	Opening   int64            `json:"opening"`
	Received  int64            `json:"received"`
	Ended     int64            `json:"ended"`
	EndedLate int64            `json:"ended_late"` // of them, after a limit had run out
	Waiting   int64            `json:"waiting"`
	Results   map[string]int64 `json:"results"` // of those that ended, by result
}

// LedgerCase is a case that waits.
type LedgerCase struct {
	ID      string `json:"id"`
	Number  string `json:"number"`
	Family  string `json:"family"`
	Unit    string `json:"unit"`
	Clock   string `json:"clock"` // the nearest
	DueAt   int64  `json:"due_at"`
	Overdue bool   `json:"overdue"`
}

// LedgerLine is a limit that ran out.
type LedgerLine struct {
	ID      string `json:"id"`
	Number  string `json:"number"`
	Family  string `json:"family"`
	Unit    string `json:"unit"`
	Clock   string `json:"clock"`
	Of      string `json:"of"` // centre or unit
	Round   int    `json:"round"`
	DueAt   int64  `json:"due_at"`
	EndedAt int64  `json:"ended_at"` // when it was stopped or cancelled, 0 runs on
}

// Mismatch is a disagreement between the log and something folded from it.
type Mismatch struct {
	Case string `json:"case"` // number, "" of sums
	What string `json:"what"` // balance, row, clock, figure
	Log  int64  `json:"log"`
	Has  int64  `json:"has"`
}

// Balanced reports whether what waited and what came is what ended and what waits.
func (l *Ledger) Balanced() bool {
	return l.Opening+l.Received == l.Ended+int64(len(l.Unhandled))
}

// Sort puts what is most urgent first: the nearest limit of who waits, and of the
// limits that ran out those that run on.
func (l *Ledger) Sort() {
	slices.SortStableFunc(l.Unhandled, func(a, b LedgerCase) int { return cmp.Compare(uint64(a.DueAt-1), uint64(b.DueAt-1)) }) // without one last
	slices.SortStableFunc(l.Overdue, func(a, b LedgerLine) int {
		return cmp.Or(cmp.Compare(min(a.EndedAt, 1), min(b.EndedAt, 1)), cmp.Compare(b.DueAt, a.DueAt))
	})
}

// Ledger tells the ledgers of a period: of all that people asked for, which only who
// sees every case may have, or of one family, as far as it is seen. Those of one family
// are not held against the figures, which do not tell families apart.
// Errors: Invalid, Forbidden.
func (v *View) Ledger(ctx context.Context, by org.Actor, p Period, family string) (l Ledger, err error) {
	defer errs.Wrap(&err, "view.Ledger")
	scope := v.Units().ScopeOf(by)
	switch {
	case !scope.All && family == "":
		return l, errs.E(errs.Forbidden, "view.no_figures", nil)
	case family != "" && v.City.Catalog.Family(family) == nil:
		return l, errs.E(errs.Invalid, "cases.unknown_family", errs.Args{"family": family}).At("family")
	}
	from, _, err := dayBounds(p.From)
	if err != nil {
		return l, err
	}
	_, to, err := dayBounds(p.To)
	if err != nil {
		return l, err
	}
	l = Ledger{Period: p, Family: family, AsOf: v.DB.Now(), Unhandled: []LedgerCase{}, Missed: []LedgerCase{}, Overdue: []LedgerLine{}, Faults: []Mismatch{}}
	found, err := sqldb.Select[cases.Case](ctx, v.DB.Read(), `select `+cases.Columns+` from cases
		where filed_at < ? and (closed = 0 or closed_at >= ? or filed_at >= ?) and (? = '' or family = ?) order by filed_at, id`, to, from, from, family, family)
	if err != nil {
		return l, err
	}
	told := Day{}
	for i := range found {
		if c := &found[i]; !scope.Admits(org.CaseRef{Unit: c.Unit, UnitPath: c.UnitPath, Holder: c.Holder, FiledBy: c.FiledBy, Area: c.Area}) {
			continue
		}
		if err := v.enter(ctx, &l, &found[i], from, to, told); err != nil {
			return l, err
		}
	}
	if !l.Balanced() {
		l.Faults = append(l.Faults, Mismatch{What: "balance", Log: l.Opening + l.Received, Has: l.Ended + int64(len(l.Unhandled))})
	}
	if family != "" {
		slices.SortFunc(l.About, func(a, b LedgerUnit) int {
			return cmp.Or(cmp.Compare(b.Opening+b.Received, a.Opening+a.Received), cmp.Compare(a.Unit, b.Unit))
		})
		return l, nil
	}
	return l, v.agree(ctx, by, &l, told)
}

// enter tells one case into the ledgers and compares it with what is stored of it.
func (v *View) enter(ctx context.Context, l *Ledger, row *cases.Case, from, to int64, sums Day) error {
	t := v.teller()
	t.only = l.Family
	var last, end cases.Moment
	opening, pending, overdue := false, false, false
	err := v.Cases.Replay(ctx, row.ID, func(m cases.Moment) error {
		all := t.tell(m)
		last = m
		at := m.Header.At
		if at >= to {
			return nil
		}
		end, pending, overdue = m, t.stock[Pending], t.stock[Overdue]
		if at < from {
			opening = pending
			return nil
		}
		for _, one := range all {
			sums[one.measure] += one.n
		}
		return nil
	})
	if err != nil || t.history || t.internal(row.Family) {
		return err
	}
	if opening {
		l.Opening++
		sums[Pending]++
	}
	if row.FiledAt >= from {
		l.Received++
	}
	ended := !pending && (opening || row.FiledAt >= from)
	if ended {
		l.Ended++
	}
	if pending {
		l.wait(row, &end, overdue)
	}
	if l.Family != "" {
		u := l.about(v.about(row))
		u.Opening += count(opening)
		u.Received += count(row.FiledAt >= from)
		u.Waiting += count(pending)
		u.Ended += count(ended)
		u.EndedLate += count(ended && slices.ContainsFunc(end.Clocks, func(k clock.Clock) bool { return k.Breached && k.Of != clock.Nobody }))
		if ended {
			u.Results[end.After.Result]++
		}
	}
	l.runOut(row, last.Clocks, from, to)
	v.compare(l, row, &last)
	return nil
}

// about returns the unit that a case is about: the one that its form names, else the
// one that has it.
func (v *View) about(row *cases.Case) string {
	var data map[string]any
	if err := json.Unmarshal([]byte(row.Data), &data); err != nil {
		return row.Unit
	}
	for _, f := range v.City.Catalog.Family(row.Family).Fields {
		if unit, ok := data[f.Code].(string); ok && f.Type == matter.UnitRef && unit != "" {
			return unit
		}
	}
	return row.Unit
}

// about returns the line of a unit.
func (l *Ledger) about(unit string) *LedgerUnit {
	i := slices.IndexFunc(l.About, func(u LedgerUnit) bool { return u.Unit == unit })
	if i < 0 {
		i = len(l.About)
		l.About = append(l.About, LedgerUnit{Unit: unit, Results: map[string]int64{}})
	}
	return &l.About[i]
}

func count(is bool) int64 {
	if is {
		return 1
	}
	return 0
}

// wait enters a case that waits at the end of the period.
func (l *Ledger) wait(row *cases.Case, end *cases.Moment, overdue bool) {
	one := LedgerCase{ID: row.ID, Number: row.Number, Family: row.Family, Unit: end.After.Unit, Clock: end.After.DueClock, DueAt: end.After.DueAt, Overdue: overdue}
	l.Unhandled = append(l.Unhandled, one)
	if !slices.ContainsFunc(end.Clocks, func(k clock.Clock) bool { return k.Live() && k.Of != clock.Nobody }) {
		l.Missed = append(l.Missed, one)
	}
}

// runOut enters the limits that ran out in the period.
func (l *Ledger) runOut(row *cases.Case, clocks []clock.Clock, from, to int64) {
	for i := range clocks {
		k := &clocks[i]
		if k.Breached && k.Of != clock.Nobody && k.DueAt >= from && k.DueAt < to {
			l.Overdue = append(l.Overdue, LedgerLine{ID: row.ID, Number: row.Number, Family: row.Family, Unit: row.Unit, Clock: k.Name(), Of: k.Of, Round: k.Round, DueAt: k.DueAt, EndedAt: k.StoppedAt})
		}
	}
}

// compare holds the state row against the fold of the whole log of its case.
func (v *View) compare(l *Ledger, row *cases.Case, last *cases.Moment) {
	if row.Version != last.After.Version {
		return // somebody acted while the ledger was told
	}
	for _, pair := range []struct {
		what     string
		log, has int64
	}{
		{"row", int64(last.After.Late), int64(row.Late)}, {"row", int64(last.After.Closed), int64(row.Closed)}, {"clock", last.After.DueAt, row.DueAt},
	} {
		if pair.log != pair.has {
			l.Faults = append(l.Faults, Mismatch{row.Number, pair.what, pair.log, pair.has})
		}
	}
}

// agree holds what was told against the figures, where these are not behind.
func (v *View) agree(ctx context.Context, by org.Actor, l *Ledger, told Day) error {
	groups, err := v.Sums(ctx, by, Scope{}, l.Period, "")
	if err != nil {
		return err
	}
	if asOf, err := v.AsOf(ctx); err != nil || asOf < l.AsOf {
		return err // figures are folded within a second; they are compared next time
	}
	kept := Day{}
	if len(groups) > 0 {
		kept = groups[0].Sums
	}
	overdue := int64(0)
	for _, c := range l.Unhandled {
		if c.Overdue {
			overdue++
		}
	}
	for _, pair := range []struct {
		measure string
		log     int64
	}{{Received, l.Received}, {Ended, told[Ended]}, {Answered, told[Answered]}, {AnsweredLate, told[AnsweredLate]}, {Pending, int64(len(l.Unhandled))}, {Overdue, overdue}} {
		if kept[pair.measure] != pair.log {
			l.Faults = append(l.Faults, Mismatch{"", "figure " + pair.measure, pair.log, kept[pair.measure]})
		}
	}
	return nil
}

// WholeLog is the period from the first action in the log to today.
func (v *View) WholeLog(ctx context.Context) (Period, error) {
	var first *int64
	if err := v.DB.Read().QueryRow(ctx, `select min(filed_at) from cases`).Scan(&first); err != nil {
		return Period{}, err
	}
	today := time.UnixMilli(v.DB.Now()).In(text.CST).Format(time.DateOnly)
	if first == nil {
		return Period{today, today}, nil
	}
	return Period{time.UnixMilli(*first).In(text.CST).Format(time.DateOnly), today}, nil
}
