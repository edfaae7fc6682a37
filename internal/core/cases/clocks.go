package cases

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/text"
	"yiwang/internal/core/clock"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
	"yiwang/internal/core/rule"
)

// clockOps adds to an event what it does to the clocks: by its name as declared,
// by its effects, and by closing the case.
func (w *writing) clockOps(e *event, at int64, n int) error {
	after := w.c
	for name, v := range e.set {
		if err := after.set(name, v); err != nil {
			return err
		}
	}
	asks := e.asks
	if after.Closed == 1 && w.c.Closed == 0 {
		asks = append(asks, clock.Effect{Verb: clock.Cancel, Clock: "*"})
	}
	c := conditions{facts: sync.OnceValue(func() rule.Vars { return w.s.facts(&after, e.by, e.input) })}
	ops, err := clock.Step(w.m.clocks, w.s.City.Calendar, w.clocks, clock.Event{Name: e.kind, At: at, N: n, Effects: asks, Facts: &c})
	e.ops = ops
	return errors.Join(c.failed, err)
}

// conditions answers those of clock rules for a case; the facts are the same for all.
type conditions struct {
	facts  func() rule.Vars
	failed error
}

func (c *conditions) holds(p *rule.Program) bool {
	ok, err := p.Bool(c.facts())
	c.failed = errors.Join(c.failed, err)
	return ok
}

// moment returns when an expression says it is, in UTC milliseconds; 0 for no moment.
func (c *conditions) moment(p *rule.Program) int64 {
	said, err := p.Text(c.facts())
	c.failed = errors.Join(c.failed, err)
	t, err := time.ParseInLocation(matter.MomentLayout, said, text.CST)
	if err != nil {
		return 0
	}
	return t.UnixMilli()
}

// byName orders clocks as clocksOf returns them: by code, and then by round.
func byName(a, b clock.Clock) int {
	return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Round, b.Round))
}

func (s *Store) clocksOf(ctx context.Context, q sqldb.Querier, id string) ([]clock.Clock, error) {
	docs, err := sqldb.Select[string](ctx, q, `select doc from clock where case_id = ? order by code, round`, id)
	if err != nil {
		return nil, err
	}
	out := make([]clock.Clock, len(docs))
	for i, doc := range docs {
		if err := json.Unmarshal([]byte(doc), &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// keepClocks queues the rows of the clocks that this transaction has changed: those
// that its actions name, since nothing else changes one.
func (w *writing) keepClocks() error {
	for i := range w.clocks {
		k := &w.clocks[i]
		if !slices.ContainsFunc(w.moved, func(op clock.Op) bool { return op.Code == k.Code && op.Round == k.Round }) {
			continue
		}
		doc, err := json.Marshal(k)
		if err != nil {
			return err
		}
		w.later(`insert into clock (case_id, code, round, state, due_at, next_at, lease, doc) values (?, ?, ?, ?, ?, ?, 0, ?)
			on conflict (case_id, code, round) do update set state = excluded.state, due_at = excluded.due_at,
			next_at = excluded.next_at, lease = 0, doc = excluded.doc`,
			w.c.ID, k.Code, k.Round, string(k.State), k.DueAt, clock.NextAt(*k), string(doc))
	}
	return nil
}

// fireBatch bounds how many cases are fired in one claim.
const fireBatch = 100

// Fire lets every clock that is due warn or breach, once, as an action of its
// case, and takes the action that a timer declares. It returns how many cases it
// fired for and when the next clock is due (0 if none), so that the caller can
// sleep until then.
func (s *Store) Fire(ctx context.Context) (fired int, next int64, err error) {
	defer errs.Wrap(&err, "cases.Fire")
	for {
		ids, err := s.claimDue(ctx)
		if err != nil {
			return fired, 0, err
		}
		for _, id := range ids {
			if err := s.fireCase(ctx, id); err != nil {
				// One case that cannot be fired must not hold up the clocks of all
				// others; its lease brings it back, and the log shows it.
				s.Logger.ErrorContext(ctx, "clock could not fire", "case", id, "error", err)
				continue
			}
			fired++
		}
		if len(ids) < fireBatch {
			break
		}
	}
	next, err = s.NextDue(ctx)
	return fired, next, err
}

// NextDue returns when the next clock is due, in UTC milliseconds, 0 if none.
func (s *Store) NextDue(ctx context.Context) (int64, error) {
	var at *int64
	err := s.DB.Read().QueryRow(ctx, `select min(next_at) from clock where next_at > 0 and lease < ?`, s.DB.Now()).Scan(&at)
	if err != nil || at == nil {
		return 0, err
	}
	return *at, nil
}

// claimDue takes a lease on clocks that are due, so that of several processes
// one fires each, and another does if that one dies.
func (s *Store) claimDue(ctx context.Context) (ids []string, err error) {
	err = s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		type key struct {
			CaseID string `db:"case_id"`
			Code   string `db:"code"`
			Round  int    `db:"round"`
		}
		keys, err := sqldb.Claim[key](ctx, tx, sqldb.Due{
			Table: "clock", Key: []string{"case_id", "code", "round"}, Lease: "lease",
			Where: "next_at > 0 and next_at <= ?", Args: []any{tx.Now()}, Order: "next_at, case_id", Limit: fireBatch, For: 5 * time.Second,
		})
		if err != nil {
			return err
		}
		seen := map[string]bool{}
		ids = ids[:0]
		for _, k := range keys {
			if !seen[k.CaseID] {
				seen[k.CaseID] = true
				ids = append(ids, k.CaseID)
			}
		}
		return nil
	})
	return ids, err
}

// fireCase appends what time has done to a case's clocks, and then does what
// they declare.
func (s *Store) fireCase(ctx context.Context, id string) error {
	if err := s.numbers.spare(ctx); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		w, err := s.load(ctx, tx, id)
		if err != nil {
			return err
		}
		var ops []clock.Op
		for i := range w.clocks {
			ops = append(ops, clock.Fire(w.clocks[i], tx.Now())...)
		}
		if len(ops) == 0 {
			return nil // another process was faster, or the case moved on
		}
		by := org.Machine("clock")
		e := &event{kind: ClockKind, by: by, ops: ops}
		e.notes = w.clockNotes(ops)
		if err := w.append(e); err != nil {
			return err
		}
		for _, op := range ops {
			if op.Then == "" {
				continue
			}
			if a := w.m.actions[op.Then]; a == nil || !a.openIn(w.c.State, w.m) {
				continue // the case is where the action no longer applies
			}
			if err := w.act(by, op.Then, map[string]any{}, nil); err != nil {
				return err
			}
		}
		return w.flushLast()
	})
}

// ClockKind is the kind of the actions by which time itself acts on a case.
const ClockKind = "clock"

// clockNotes tells whoever is answerable that a clock warns or is late.
func (w *writing) clockNotes(ops []clock.Op) []noticeRow {
	var notes []noticeRow
	for _, op := range ops {
		template := ""
		switch op.Verb {
		case clock.Warn:
			template = "warned"
		case clock.Breach:
			template = "breached"
		default:
			continue
		}
		d := w.m.titles[op.Code]
		if d == nil {
			continue
		}
		to := w.audience(&event{}, d.Of)
		if to == "" {
			continue
		}
		about := fmt.Sprintf("%s.%d.%d", op.Code, op.Round, op.Pct)
		notes = append(notes, noticeRow{template: template, audience: to, about: about, due: op.Code, args: map[string]any{"clock": op.Code, "pct": op.Pct, "round": op.Round}})
	}
	return notes
}
