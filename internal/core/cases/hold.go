package cases

import (
	"context"
	"slices"
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/sqldb"
)

// Held is a case as somebody read it who is about to act on it: whoever looks at a
// case before acting reads it once for both. It may be out of date by then; the
// number of the action, which no two may have, is what Act finds that out by.
type Held struct {
	Case   Case
	clocks []clockRow
	key    gm.Key
	erased bool // there is no key any more
}

// heldRow is a case beside one of its clocks.
type heldRow struct {
	Case
	Wrapped []byte  `db:"wrapped"`
	Code    *string `db:"clock_code"`
	Round   *int    `db:"clock_round"`
	Doc     *string `db:"clock_doc"`
}

// One statement, so that it is one moment, and one round trip to PostgreSQL. Only the
// first row tells of the case.
var (
	selectHeld = `select c.` + strings.Join(caseColumnNames, ", c.") + `, k.wrapped, t.code as clock_code, t.round as clock_round, t.doc as clock_doc
		from cases c left join case_key k on k.case_id = c.id left join clock t on t.case_id = c.id where c.id = ? order by t.code, t.round`
)

// Hold reads a case to act on it. Error: NotFound.
func (s *Store) Hold(ctx context.Context, id string) (*Held, error) {
	rows, err := sqldb.Select[heldRow](ctx, s.DB.Read(), selectHeld, id)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, errs.E(errs.NotFound, "cases.not_found", nil)
	}
	h := &Held{Case: rows[0].Case, erased: rows[0].Wrapped == nil}
	for _, r := range rows {
		if r.Doc != nil {
			h.clocks = append(h.clocks, clockRow{id, *r.Code, *r.Round, *r.Doc})
		}
	}
	if !h.erased {
		h.key, err = s.Master.Unwrap(ctx, rows[0].Wrapped, []byte(id))
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
	w := &writing{s: s, ctx: ctx, tx: tx, m: m, c: h.Case, was: h.Case, key: h.key, kept: map[clockKey]string{}}
	for _, r := range h.clocks {
		w.kept[clockKey{r.Code, r.Round}] = r.Doc
	}
	var err error
	w.clocks, err = decodeClocks(h.clocks)
	return w, err
}

// judging are the kinds of errors that rest on how a case stands. None of them is given
// for what may have been done.
var judging = []errs.Kind{errs.NotFound, errs.Forbidden, errs.Invalid, errs.Conflict, errs.Exists}

// judges reports whether an action failed for how its case stands.
func judges(failed error) bool { return failed != nil && slices.Contains(judging, errs.KindOf(failed)) }
