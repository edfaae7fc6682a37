package app

import (
	"context"
	"slices"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/org"
	"yiwang/internal/work/dispatch"
)

// tryAgain lets the latest model that does not serve run on in the shadow: whenever
// as many cases as a trial needs were decided since its last one, both models go
// through all that it has not learnt from, and it serves if it stands the trial.
func (a *App) tryAgain(ctx context.Context) (err error) {
	defer errs.Wrap(&err, "app.tryAgain")
	if !a.modelling.TryLock() {
		return nil
	}
	defer a.modelling.Unlock()
	ms, err := a.models()
	if err != nil {
		return err
	}
	c, tried, ok := ms.Candidate()
	if !ok {
		return nil
	}
	decided, err := a.decided(ctx)
	if err != nil {
		return err
	}
	cut := slices.IndexFunc(decided, func(d decision) bool { return d.at > c.Until })
	if cut < 0 || len(decided)-cut < c.Trial.N+dispatch.TrialCases {
		return nil
	}
	m, err := a.model(c.Version)
	if err != nil {
		return err
	}
	t, err := a.try(ctx, m, decided, cut, tried)
	if err != nil {
		return err
	}
	by := org.Machine("dispatch")
	c.Trial = &t
	if err := a.recordModel(ctx, by, dispatch.VersionTried, c); err != nil {
		return err
	}
	a.Logger.InfoContext(ctx, "a model was tried again", "model", c.Version, "cases", t.N, "verdict", t.Verdict)
	if t.Verdict == dispatch.Promote {
		return a.serveModel(ctx, by, c.Version)
	}
	return nil
}
