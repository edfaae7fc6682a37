package app

import (
	"context"
	"errors"

	"yiwang/internal/core/cases"
)

// Verify checks the log of a data directory, through the server where one runs
// on it.
func Verify(ctx context.Context, cfg Config, checkpoint []byte, progress func(done, total int64)) (v cases.Verdict, err error) {
	a, err := Open(ctx, cfg)
	if errors.Is(err, errOwned) {
		return remoteVerify(ctx, cfg.Data, checkpoint)
	}
	if err != nil {
		return v, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if _, err := a.Cases.Sequence(ctx, a.Holder()); err != nil {
		return v, err
	}
	v, err = a.Cases.Verify(ctx, checkpoint, progress)
	return v, err
}
