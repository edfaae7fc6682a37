package cases

import (
	"context"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/org"
)

// HandOverKind is the kind of the actions by which an administrator gives the
// cases of somebody who leaves to somebody else.
const HandOverKind = "hand_over"

// HandOver gives every open case that a person holds to another one. Where the
// other does not belong to the unit responsible, or to is "", the case is let go
// for the unit to assign. It returns how many cases there were. Each is a write
// of its own, so that after a failure the same call does the rest.
func (s *Store) HandOver(ctx context.Context, by org.Actor, from, to string) (n int, err error) {
	defer errs.Wrap(&err, "cases.HandOver(%s, %s)", from, to)
	heir, ok := s.Units().Staff(to)
	if to != "" && (!ok || !heir.Active) {
		return 0, errs.E(errs.Invalid, "cases.unknown_staff", nil).At("to")
	}
	ids, err := sqldb.Select[string](ctx, s.DB.Read(),
		`select id from cases where closed = 0 and holder <> '' and holder = ? order by id`, from)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		done := false
		err := s.DB.Write(ctx, func(tx *sqldb.Tx) (err error) {
			done, err = s.handOver(ctx, tx, by, id, from, heir)
			return err
		})
		if err != nil {
			return n, err
		}
		if done {
			n++
		}
	}
	return n, nil
}

func (s *Store) handOver(ctx context.Context, tx *sqldb.Tx, by org.Actor, id, from string, heir org.Staff) (bool, error) {
	w, err := s.load(ctx, tx, id)
	if err != nil {
		return false, err
	}
	if w.c.Holder != from || w.c.Closed == 1 {
		return false, nil // it moved on meanwhile
	}
	holder := ""
	if heir.ID != "" && org.Covers(s.Units().Path(w.c.Unit), s.Units().Path(heir.Unit)) {
		holder = heir.ID
	}
	e := &event{kind: HandOverKind, by: by, set: map[string]any{"holder": holder}}
	if holder != "" {
		e.notes = append(e.notes, noticeRow{template: "assigned", audience: "staff:" + holder})
	}
	if err := w.append(e); err != nil {
		return false, err
	}
	return true, w.flushLast()
}
