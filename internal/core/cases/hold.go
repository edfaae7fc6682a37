package cases

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/clock"
)

// Held is a case as somebody read it who is about to act on it: whoever looks at a
// case before acting reads it once for both. It may be out of date by then; the
// number of the action, which no two may have, is what Act finds that out by.
type Held struct {
	Case   Case
	clocks []clock.Clock // of those that are over no more than code, round and state
	key    gm.Key
	erased bool // there is no key any more
}

// heldRow is a case beside its key and its clocks.
type heldRow struct {
	Case
	Wrapped []byte  `db:"wrapped"`
	Clocks  *string `db:"clocks"` // their docs, between commas and in any order; nil for none
}

// One statement, so that it is one moment, and one round trip to PostgreSQL; and one
// row, since to read a row of a case takes longer than to find it. Nothing changes a
// clock that is over, and a step asks of it only which it was and how it ended.
var selectHeld = `select c.` + strings.Join(caseColumnNames, ", c.") + `, k.wrapped,
		(select string_agg(case when t.state in ('running', 'paused') then t.doc
			else '{"code":"' || t.code || '","round":' || cast(t.round as text) || ',"state":"' || t.state || '"}' end, ',')
			from clock t where t.case_id = ?) as clocks
	from cases c left join case_key k on k.case_id = c.id where c.id = ?`

// Hold reads a case to act on it. Error: NotFound.
func (s *Store) Hold(ctx context.Context, id string) (*Held, error) {
	row, err := sqldb.Get[heldRow](ctx, s.DB.Read(), selectHeld, id, id)
	if err != nil {
		return nil, notFound(err)
	}
	h := &Held{Case: row.Case, erased: row.Wrapped == nil}
	if row.Clocks != nil {
		if err := json.Unmarshal([]byte("["+*row.Clocks+"]"), &h.clocks); err != nil {
			return nil, err
		}
		slices.SortFunc(h.clocks, byName)
	}
	if !h.erased {
		h.key, err = s.Master.Unwrap(ctx, row.Wrapped, []byte(id))
	}
	return h, err
}

// begin starts to write on a case as it was held, or where held is nil as it stands in
// the transaction.
func (s *Store) begin(ctx context.Context, tx *sqldb.Tx, id string, held *Held) (*writing, error) {
	if held == nil {
		return s.load(ctx, tx, id)
	}
	return s.writes(ctx, tx, held)
}

// writes begins to write on a case that was read.
func (s *Store) writes(ctx context.Context, tx *sqldb.Tx, h *Held) (*writing, error) {
	m := s.machines[h.Case.Family]
	if m == nil {
		return nil, errs.E(errs.Invalid, "cases.unknown_family", errs.Args{"family": h.Case.Family})
	}
	if h.erased {
		return nil, errs.E(errs.Conflict, "cases.erased", nil)
	}
	return &writing{s: s, ctx: ctx, tx: tx, m: m, c: h.Case, was: h.Case, key: h.key, clocks: h.clocks}, nil
}

// judging are the kinds of errors that rest on how a case stands. None of them is given
// for what may have been done.
var judging = []errs.Kind{errs.NotFound, errs.Forbidden, errs.Invalid, errs.Conflict, errs.Exists}

// judges reports whether an action failed for how its case stands.
func judges(failed error) bool { return failed != nil && slices.Contains(judging, errs.KindOf(failed)) }
