package view

import (
	"cmp"
	"context"
	"slices"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
)

// followerName names the cursor of the figures.
const followerName = "figures"

// foldBatch is how many actions are folded into figures by one write.
const foldBatch = 500

// Follow folds the log into figures as it grows, until ctx ends. Several
// processes may do it at once on one database: each action counts once.
func (v *View) Follow(ctx context.Context) error {
	for {
		changed := v.Cases.Changed()
		if err := v.CatchUp(ctx); err != nil && ctx.Err() == nil {
			v.Logger.ErrorContext(ctx, "figures could not be folded", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
			// Under load many actions come together: one write for all of them.
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(100 * time.Millisecond):
			}
		case <-time.After(time.Second):
		}
	}
}

// CatchUp folds what the log holds now.
func (v *View) CatchUp(ctx context.Context) (err error) {
	defer errs.Wrap(&err, "view.CatchUp")
	for {
		began := v.DB.Now()
		n, err := v.fold(ctx)
		if errs.Is(err, errs.Conflict) {
			continue // another process was faster; what it did is not done again
		}
		if err != nil {
			return err
		}
		if n < foldBatch {
			v.folded.Store(began)
			return nil
		}
	}
}

// Rebuild forgets all figures and folds the whole log again.
func (v *View) Rebuild(ctx context.Context) (err error) {
	defer errs.Wrap(&err, "view.Rebuild")
	err = v.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(ctx, `delete from figure`); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `delete from feed_cursor where name = ?`, followerName)
		return err
	})
	if err != nil {
		return err
	}
	return v.CatchUp(ctx)
}

// fold counts the next actions and moves the cursor, both in one write that is
// undone where another process has moved it. It returns how many there were.
func (v *View) fold(ctx context.Context) (int, error) {
	next, err := v.cursor(ctx, v.DB.Read())
	if err != nil {
		return 0, err
	}
	batch, err := v.Cases.Since(ctx, next, foldBatch)
	if err != nil || len(batch) == 0 {
		return 0, err
	}
	sums, err := v.count(ctx, batch)
	if err != nil {
		return 0, err
	}
	keys := make([]dims, 0, len(sums))
	for d := range sums {
		keys = append(keys, d)
	}
	// In one order everywhere, so that two processes cannot wait for each other.
	slices.SortFunc(keys, func(a, b dims) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.unit, b.unit), cmp.Compare(a.area, b.area),
			cmp.Compare(a.matter, b.matter), cmp.Compare(a.channel, b.channel), cmp.Compare(a.measure, b.measure))
	})
	end := batch[len(batch)-1].Seq + 1
	return len(batch), v.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if next == 0 {
			tx.Finally(`insert into feed_cursor (name, seq, at) values (?, 0, 0) on conflict (name) do nothing`, followerName)
		}
		tx.FinallyOne(`update feed_cursor set seq = ?, at = ? where name = ? and seq = ?`, end, tx.Now(), followerName, next)
		for _, d := range keys {
			tx.Finally(`insert into figure (day, unit, area, matter, channel, measure, n) values (?, ?, ?, ?, ?, ?, ?)
				on conflict (day, unit, area, matter, channel, measure) do update set n = figure.n + excluded.n`,
				d.day, d.unit, d.area, d.matter, d.channel, d.measure, sums[d])
		}
		return nil
	})
}

func (v *View) cursor(ctx context.Context, q sqldb.Querier) (int64, error) {
	seq, err := sqldb.Get[int64](ctx, q, `select seq from feed_cursor where name = ?`, followerName)
	if errs.Is(err, errs.NotFound) {
		return 0, nil
	}
	return seq, err
}

// count tells what a piece of the log counts as. Each case in it is folded once
// from its beginning, so that the outcome does not depend on where pieces end. Only
// the beginnings that lie before the piece are read.
func (v *View) count(ctx context.Context, batch []cases.Numbered) (map[dims]int64, error) {
	wanted := map[string][]*cases.Header{}
	var order []string
	for _, a := range batch {
		id := a.Header.Case
		if wanted[id] == nil {
			order = append(order, id)
		}
		wanted[id] = append(wanted[id], a.Header)
	}
	sums := map[dims]int64{}
	for _, id := range order {
		t, these := v.teller(), wanted[id]
		visit := func(m cases.Moment) error {
			for _, one := range t.tell(m) {
				if slices.ContainsFunc(these, func(h *cases.Header) bool { return h.N == m.Header.N }) {
					sums[v.dimsOf(&t, m, one)] += one.n
				}
			}
			return nil
		}
		var err error
		if whole(these) {
			err = cases.ReplayRead(these, visit)
		} else {
			err = v.Cases.Replay(ctx, id, visit)
		}
		if err != nil {
			return nil, err
		}
	}
	return sums, nil
}

// whole reports whether actions of a case are its first ones, in their order.
func whole(all []*cases.Header) bool {
	for i, h := range all {
		if h.N != i+1 {
			return false
		}
	}
	return true
}

// AsOf returns as of when the figures are, UTC milliseconds.
func (v *View) AsOf(ctx context.Context) (int64, error) {
	type cursor struct {
		Seq int64 `db:"seq"`
		At  int64 `db:"at"`
	}
	c, err := sqldb.Get[cursor](ctx, v.DB.Read(), `select seq, at from feed_cursor where name = ?`, followerName)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return 0, err
	}
	end, err := v.Cases.End(ctx)
	if err != nil {
		return 0, err
	}
	if c.Seq >= end {
		return v.DB.Now(), nil
	}
	return max(c.At, v.folded.Load()), nil
}
