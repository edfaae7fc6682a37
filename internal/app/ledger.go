package app

import (
	"context"
	"errors"

	"yiwang/internal/core/org"
	"yiwang/internal/work/view"
)

// Ledger tells the two ledgers of a data directory that no server runs on, of one family
// or of all that people asked for; an empty end of the period is the log's own.
func Ledger(ctx context.Context, cfg Config, p view.Period, family string) (l view.Ledger, err error) {
	a, err := Open(ctx, cfg)
	if err != nil {
		return l, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if _, err := a.Cases.Sequence(ctx, a.Holder()); err != nil {
		return l, err
	}
	if err := a.View.CatchUp(ctx); err != nil {
		return l, err
	}
	whole, err := a.View.WholeLog(ctx)
	if err != nil {
		return l, err
	}
	if p.From == "" {
		p.From = whole.From
	}
	if p.To == "" {
		p.To = whole.To
	}
	return a.View.Ledger(ctx, org.Machine("ledger"), p, family)
}
