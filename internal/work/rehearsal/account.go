package rehearsal

import (
	"context"
	"fmt"
	"slices"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
	"yiwang/internal/work/view"
)

// Account is what a played time left, told again from the log.
type Account struct {
	Tally
	Actions  int64                     `json:"actions"`  // in the log, those of clocks and machines with them
	Cases    map[string]map[string]int `json:"cases"`    // families, by state
	Done     map[string]map[string]int `json:"done"`     // actions, by family
	Never    map[string][]string       `json:"never"`    // declared actions that nobody took, by family
	Channels map[string]int            `json:"channels"` // appeals, by the channel they came by

	Opening  int64 `json:"opening"`
	Received int64 `json:"received"`
	Ended    int64 `json:"ended"`
	Waiting  int64 `json:"waiting"`  // for an answer at the end
	Overdue  int64 `json:"overdue"`  // of them, past a limit that runs on; all others are within their limits
	RanOut   int64 `json:"ran_out"`  // limits that ran out in all
	Homeless int64 `json:"homeless"` // open, and nobody answers for it
	Silent   int64 `json:"silent"`   // closed without an answer, a reason told, or the appellant's own wish

	Faults []string `json:"faults"` // what does not agree, the first hundred; none is the proof
}

// OK reports whether everything reconciles.
func (a *Account) OK() bool { return len(a.Faults) == 0 }

const mostFaults = 100

func (a *Account) fault(format string, args ...any) {
	if len(a.Faults) < mostFaults {
		a.Faults = append(a.Faults, fmt.Sprintf(format, args...))
	}
}

// Account reconciles the database a stage played on. The view has to have caught up.
func (s *Stage) Account(ctx context.Context) (a Account, err error) {
	defer errs.Wrap(&err, "rehearsal.Account")
	a = Account{Tally: s.Tally, Cases: map[string]map[string]int{}, Done: map[string]map[string]int{}, Never: map[string][]string{}, Channels: map[string]int{}}
	for _, step := range []func(context.Context, *Account) error{s.tellCases, s.tellActions, s.tellLedger, s.tellHomes, s.tellAnswers} {
		if err := step(ctx, &a); err != nil {
			return a, err
		}
	}
	verdict, err := s.Cases.Verify(ctx, nil, nil)
	if err != nil {
		return a, err
	}
	for _, f := range verdict.Faults {
		a.fault("verify: %s", f)
	}
	if verdict.Actions != a.Actions {
		a.fault("verify: %d actions in the tree, %d in the log", verdict.Actions, a.Actions)
	}
	return a, nil
}

type grouped struct {
	Family string `db:"family"`
	Name   string `db:"name"`
	N      int    `db:"n"`
}

func into(m map[string]map[string]int, rows []grouped) {
	for _, r := range rows {
		if m[r.Family] == nil {
			m[r.Family] = map[string]int{}
		}
		m[r.Family][r.Name] = r.N
	}
}

func (s *Stage) tellCases(ctx context.Context, a *Account) error {
	rows, err := sqldb.Select[grouped](ctx, s.DB.Read(), `select family, state as name, count(*) as n from cases group by family, state`)
	if err != nil {
		return err
	}
	into(a.Cases, rows)
	rows, err = sqldb.Select[grouped](ctx, s.DB.Read(), `select '' as family, channel as name, count(*) as n from cases where family = 'appeal' group by channel`)
	for _, r := range rows {
		a.Channels[r.Name] = r.N
	}
	return err
}

// tellActions counts what was done, and what never was.
func (s *Stage) tellActions(ctx context.Context, a *Account) error {
	rows, err := sqldb.Select[grouped](ctx, s.DB.Read(), `select c.family as family, a.kind as name, count(*) as n from action a join cases c on c.id = a.case_id group by c.family, a.kind`)
	if err != nil {
		return err
	}
	into(a.Done, rows)
	for _, r := range rows {
		a.Actions += int64(r.N)
	}
	for family := range a.Done {
		life := s.City.Catalog.Lifecycle(s.City.Catalog.Family(family).Lifecycle)
		for _, declared := range life.Actions {
			if a.Done[family][declared.Code] == 0 {
				a.Never[family] = append(a.Never[family], declared.Code)
			}
		}
		slices.Sort(a.Never[family])
	}
	return nil
}

// tellLedger reconciles the two ledgers, and what is overdue with the limits that
// ran out.
func (s *Stage) tellLedger(ctx context.Context, a *Account) error {
	p, err := s.View.WholeLog(ctx)
	if err != nil {
		return err
	}
	l, err := s.View.Ledger(ctx, org.Machine("ledger"), p, "")
	if err != nil {
		return err
	}
	a.Opening, a.Received, a.Ended, a.Waiting, a.RanOut = l.Opening, l.Received, l.Ended, int64(len(l.Unhandled)), int64(len(l.Overdue))
	for _, f := range l.Faults {
		a.fault("ledger: %s %s: the log has %d, not %d", f.Case, f.What, f.Log, f.Has)
	}
	for _, c := range l.Missed {
		a.fault("ledger: no clock reminds anybody of %s", c.Number)
	}
	if !l.Balanced() {
		a.fault("ledger: %d waited and %d came, %d ended and %d wait", l.Opening, l.Received, l.Ended, len(l.Unhandled))
	}
	ranOut, runsOn := map[string]bool{}, map[string]bool{}
	for _, line := range l.Overdue {
		ranOut[line.ID] = true
		runsOn[line.ID] = runsOn[line.ID] || line.EndedAt == 0
	}
	for _, c := range l.Unhandled {
		if runsOn[c.ID] {
			a.Overdue++
		}
		if c.Overdue && !ranOut[c.ID] {
			a.fault("ledger: a limit of %s ran out, and the ledger of limits has none", c.Number)
		}
	}
	return s.compareOpen(ctx, a, &l)
}

// compareOpen holds the ledger of who waits against the state rows.
func (s *Stage) compareOpen(ctx context.Context, a *Account, l *view.Ledger) error {
	waits := map[string]bool{}
	for _, c := range l.Unhandled {
		waits[c.ID] = true
	}
	open, err := sqldb.Select[cases.Case](ctx, s.DB.Read(), `select `+cases.Columns+` from cases where family = 'appeal' and closed = 0 and result = '' order by id`)
	for _, c := range open {
		// An answer that was given at once and taken back was one all the same.
		if !waits[c.ID] && c.Count("reworks") == 0 {
			a.fault("ledger: %s is open without an answer and waits in no ledger", c.Number)
		}
	}
	return err
}

// tellHomes finds open cases that nobody answers for: those whose turn is a unit's
// need one, at the centre the centre is it.
func (s *Stage) tellHomes(ctx context.Context, a *Account) error {
	open, err := sqldb.Select[cases.Case](ctx, s.DB.Read(), `select `+cases.Columns+` from cases where closed = 0 order by id`)
	if err != nil {
		return err
	}
	dir := s.Units()
	for i := range open {
		c := &open[i]
		state := s.City.Catalog.Lifecycle(s.City.Catalog.Family(c.Family).Lifecycle).State(c.State)
		_, known := dir.Unit(c.Unit)
		if state == nil || state.Of != "centre" && !known || c.Unit != "" && !known {
			a.Homeless++
			a.fault("home: %s is %s and has no unit", c.Number, c.State)
		}
	}
	return nil
}

// tellAnswers finds appeals that ended without the appellant being told why: the
// log has to hold an answer, a reason, or their own wish.
func (s *Stage) tellAnswers(ctx context.Context, a *Account) error {
	silent, err := sqldb.Select[cases.Case](ctx, s.DB.Read(), `select `+cases.Columns+` from cases c where family = 'appeal' and (closed = 1 or state = 'callback')
		and not exists (select 1 from action a where a.case_id = c.id and a.kind in ('pass', 'pass_on', 'answer', 'reject', 'terminate', 'withdraw')) order by id`)
	for _, c := range silent {
		a.Silent++
		a.fault("answer: %s is %s, and nobody told the appellant anything", c.Number, c.State)
	}
	return err
}
