package cases

import (
	"context"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/clock"
)

// Moment is a case right after one of its actions, folded from the public part
// of the log: what was personal (title, point) is not in it.
type Moment struct {
	Header *Header
	Before Case // zero before the first action
	After  Case
	Clocks []clock.Clock // after the action
}

// Replay folds the actions of a case again and calls visit after each, in order.
// What it gives depends on the log alone, never on when it is asked.
func (s *Store) Replay(ctx context.Context, id string, visit func(Moment) error) (err error) {
	defer errs.Wrap(&err, "cases.Replay(%s)", id)
	headers, err := sqldb.Select[string](ctx, s.DB.Read(), `select header from action where case_id = ? order by n`, id)
	if err != nil {
		return err
	}
	var r replaying
	for _, raw := range headers {
		h, err := parseHeader([]byte(raw))
		if err == nil {
			err = r.next(h, visit)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ReplayRead is Replay where the headers of a case are at hand, from its first action on;
// they are not changed.
func ReplayRead(headers []*Header, visit func(Moment) error) (err error) {
	defer errs.Wrap(&err, "cases.ReplayRead")
	var r replaying
	for _, h := range headers {
		if err := r.next(h, visit); err != nil {
			return err
		}
	}
	return nil
}

// replaying is how far a replay is.
type replaying struct {
	c      Case
	clocks []clock.Clock
}

func (r *replaying) next(h *Header, visit func(Moment) error) (err error) {
	before := r.c
	if r.clocks, err = fold(&r.c, r.clocks, h, nil); err != nil {
		return err
	}
	return visit(Moment{Header: h, Before: before, After: r.c, Clocks: r.clocks})
}

// SeqAt returns the number of the first action that was numbered at or after a
// time. Actions are numbered nearly in the order of their times; one that was
// committed by another process at the same moment may stand a little before.
func (s *Store) SeqAt(ctx context.Context, at int64) (_ int64, err error) {
	defer errs.Wrap(&err, "cases.SeqAt")
	q := s.DB.Read()
	low := int64(0)
	high, err := s.readSize(ctx, q)
	if err != nil {
		return 0, err
	}
	for low < high {
		mid := (low + high) / 2
		var t int64
		err := q.QueryRow(ctx, `select a.at from leaf l join action a on a.case_id = l.case_id and a.n = l.n where l.seq = ?`, mid).Scan(&t)
		if err != nil {
			return 0, err
		}
		if t < at {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low, nil
}

// End returns the number that the next action will get. Unlike Size it also knows
// what other processes have numbered.
func (s *Store) End(ctx context.Context) (int64, error) { return s.readSize(ctx, s.DB.Read()) }
