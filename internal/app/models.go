package app

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
	"yiwang/internal/work/dispatch"
	"yiwang/internal/work/dispatch/province"
)

const (
	modelsDir   = "dispatch"
	modelRecord = "models.jsonl"

	// fewDecisions is how many decided cases a model of the city's own needs.
	fewDecisions = 300
	// mostDecisions bounds those it learns from, the latest.
	mostDecisions = 30_000
	// trialPart is the share of the latest decided cases that the trial is held on;
	// the model does not learn from them.
	trialPart = 0.25
	// mostTrial bounds them.
	mostTrial = 2000
)

func (a *App) models() (v dispatch.Versions, err error) {
	v.Serving = dispatch.BaseVersion
	f, err := os.Open(a.dir.file(modelsDir, modelRecord))
	if os.IsNotExist(err) {
		return v, nil
	}
	if err != nil {
		return v, err
	}
	defer f.Close() // only read
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var e dispatch.VersionEvent
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			break // a line cut short by a power cut is the last
		}
		v.Take(e)
	}
	return v, lines.Err()
}

// recordModel adds a line to the record, synced, and to the audit trail.
func (a *App) recordModel(ctx context.Context, by org.Actor, kind string, m dispatch.Version) error {
	raw, err := json.Marshal(dispatch.VersionEvent{At: a.Now().UnixMilli(), By: by.Ref(), Kind: kind, Version: m})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(a.dir.file(modelsDir), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(a.dir.file(modelsDir, modelRecord), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.Write(append(raw, '\n')); err != nil {
		_ = f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		_ = f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return a.Staff.Note(ctx, by, "model."+kind, m.Version, map[string]any{"decided": m.Decided, "trial": m.Trial})
}

// model reads a version and fits it to the duty list in force.
func (a *App) model(version string) (*dispatch.Model, error) {
	if version == dispatch.BaseVersion {
		return baseModel(a.City)
	}
	if filepath.Base(version) != version {
		return nil, errs.E(errs.NotFound, "dispatch.no_version", errs.Args{"version": version})
	}
	f, err := os.Open(a.dir.file(modelsDir, version+".ywd"))
	if err != nil {
		return nil, errs.E(errs.NotFound, "dispatch.no_version", errs.Args{"version": version}).Because(err)
	}
	defer f.Close() // only read
	m, err := dispatch.Load(bufio.NewReader(f))
	if err != nil {
		return nil, err
	}
	return m.Fit(province.Enrich(Duty(a.City))), nil
}

// openJudge seats the model that served last. One that cannot be read does not keep
// the house shut: the base model serves, and the log says so.
func (a *App) openJudge(ctx context.Context) error {
	ms, err := a.models()
	if err != nil {
		return err
	}
	m, err := a.model(ms.Serving)
	if err != nil {
		a.Logger.ErrorContext(ctx, "the serving model cannot be read; the base model serves", "model", ms.Serving, "error", err)
		ms.Serving = dispatch.BaseVersion
		if m, err = a.model(dispatch.BaseVersion); err != nil {
			return err
		}
	}
	a.fitted = fmt.Sprint(Duty(a.City))
	rest, err := a.besides(ms.Serving)
	if err != nil {
		return err
	}
	a.Judge, a.learntUntil = a.newJudge(m, rest), ms.Find(ms.Serving).Until
	return nil
}

// besides returns the model that answers what a version has not learnt: the base
// model beside the city's own, none beside itself.
func (a *App) besides(version string) (*dispatch.Model, error) {
	if version == dispatch.BaseVersion {
		return nil, nil
	}
	return a.model(dispatch.BaseVersion)
}

// ServeModel lets a version serve from the next message on: a promotion, or the way
// back. Error: NotFound.
func (a *App) ServeModel(ctx context.Context, by org.Actor, version string) (err error) {
	defer errs.Wrap(&err, "app.ServeModel(%s)", version)
	a.modelling.Lock()
	defer a.modelling.Unlock()
	return a.serveModel(ctx, by, version)
}

func (a *App) serveModel(ctx context.Context, by org.Actor, version string) error {
	from := a.learntTo()
	fresh, kept, err := a.prepareSeat(ctx, version)
	if err != nil {
		return err
	}
	if err := a.recordModel(ctx, by, dispatch.VersionServing, kept); err != nil {
		return err
	}
	return a.take(ctx, fresh, from, kept.Until)
}

// learntTo returns the number of the first action that the judge has not looked at.
func (a *App) learntTo() int64 {
	a.Judge.learning.Lock()
	defer a.Judge.learning.Unlock()
	return a.Judge.next
}

// take seats a model whose corrections were read when the judge had looked at the log up
// to a number: it is first taught what was decided meanwhile.
func (a *App) take(ctx context.Context, fresh *seat, from, until int64) error {
	a.Judge.learning.Lock()
	defer a.Judge.learning.Unlock()
	erased := false
	for from < a.Judge.next {
		batch, err := a.Cases.Since(ctx, from, int(min(learnBatch, a.Judge.next-from)))
		if err != nil {
			return err
		}
		if len(batch) == 0 {
			break
		}
		for _, n := range batch {
			l, ok, err := a.lessonIn(ctx, n.Header)
			if err != nil {
				return err
			}
			if ok {
				fresh.learn(l, until)
			}
			erased = erased || n.Header.Kind == cases.EraseKind && fresh.history.Has(n.Header.Case)
			from = n.Seq + 1
		}
	}
	a.Judge.seat.Store(fresh)
	a.learntUntil, a.Judge.afresh, a.Judge.erased = until, a.DB.Now(), erased
	return nil
}

// prepareSeat reads a version and lays the stored corrections over it.
func (a *App) prepareSeat(ctx context.Context, version string) (*seat, dispatch.Version, error) {
	ms, err := a.models()
	if err != nil {
		return nil, dispatch.Version{}, err
	}
	if version == "" {
		version = ms.Serving
	}
	m, err := a.model(version)
	if err != nil {
		return nil, dispatch.Version{}, err
	}
	rest, err := a.besides(version)
	if err != nil {
		return nil, dispatch.Version{}, err
	}
	kept, fresh := ms.Find(version), newSeat(m, rest)
	err = a.Cases.Lessons(ctx, mostRecalled, func(l cases.Lesson) error {
		fresh.learn(l, kept.Until)
		return nil
	})
	return fresh, kept, err
}

// fitJudge seats the serving model anew where another duty list is in force than
// the one it was fitted to.
func (a *App) fitJudge(ctx context.Context) error {
	list := fmt.Sprint(Duty(a.City))
	if list == a.fitted {
		return nil
	}
	a.modelling.Lock()
	defer a.modelling.Unlock()
	from := a.learntTo()
	fresh, kept, err := a.prepareSeat(ctx, "")
	if err == nil {
		err = a.take(ctx, fresh, from, kept.Until)
	}
	if err == nil {
		a.fitted = list
	}
	return err
}

// TrainModel learns a model from the city's own decided cases but the latest, lets
// it run in the shadow of the serving one over those, and lets it serve if it stands
// the trial (dispatch.Compare). Errors: Invalid where too little was decided.
func (a *App) TrainModel(ctx context.Context, by org.Actor) (_ dispatch.Version, err error) {
	defer errs.Wrap(&err, "app.TrainModel")
	if !a.modelling.TryLock() {
		return dispatch.Version{}, errTraining
	}
	defer a.modelling.Unlock()
	a.training.Store(true)
	defer a.training.Store(false)
	decided, err := a.decided(ctx)
	if err != nil {
		return dispatch.Version{}, err
	}
	if len(decided) < fewDecisions {
		return dispatch.Version{}, errFew(len(decided))
	}
	cut := len(decided) - min(mostTrial, max(dispatch.TrialCases, int(trialPart*float64(len(decided)))))
	corpus := dispatch.Corpus{Duty: province.Enrich(Duty(a.City)), Guides: province.Guides()}
	for _, d := range decided[max(0, cut-mostDecisions):cut] {
		corpus.Decided = append(corpus.Decided, d.Decided)
	}
	m, report, err := dispatch.Train(ctx, corpus, a.learnBy)
	if err != nil {
		return dispatch.Version{}, err
	}
	r := report.Tasks[dispatch.Matter]
	kept := dispatch.Version{Version: m.Version(), At: a.Now().UnixMilli(), By: by.Ref(), Decided: len(corpus.Decided), Until: decided[cut-1].at,
		Right: r.Accuracy, Sent: r.AutoShare}
	t, err := a.try(ctx, m, decided, cut, 0)
	if err != nil {
		return dispatch.Version{}, err
	}
	kept.Trial = &t
	if err := a.saveModel(m); err != nil {
		return dispatch.Version{}, err
	}
	if err := a.recordModel(ctx, by, dispatch.VersionTrained, kept); err != nil {
		return dispatch.Version{}, err
	}
	if t.Verdict == dispatch.Promote {
		err = a.serveModel(ctx, by, kept.Version)
	}
	return kept, err
}

func errFew(have int) error {
	return errs.E(errs.Invalid, "dispatch.few_decisions", errs.Args{"have": have, "want": fewDecisions})
}

// StartTraining has a model trained while the house goes on. Errors: Invalid where too
// few cases were decided, Conflict where one is being trained already.
func (a *App) StartTraining(ctx context.Context, by org.Actor) error {
	if n, err := a.Cases.LessonsSince(ctx, 0); err != nil {
		return err
	} else if n < fewDecisions { // of people; of others it takes longer to tell
		decided, err := a.decided(ctx)
		if err != nil {
			return err
		}
		if len(decided) < fewDecisions {
			return errFew(len(decided))
		}
	}
	select {
	case a.trainFor <- by:
		return nil
	default:
		return errTraining
	}
}

var errTraining = errs.E(errs.Conflict, "dispatch.training", nil)

// trainAsked trains models that somebody asked for, and at night by itself.
func (a *App) trainAsked(ctx context.Context) error {
	night := time.NewTicker(time.Hour)
	defer night.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case by := <-a.trainFor:
			_, err = a.TrainModel(ctx, by)
		case <-night.C:
			err = a.trainAtNight(ctx)
		}
		if err != nil && ctx.Err() == nil {
			a.Logger.ErrorContext(ctx, "no model was trained", "error", err)
		}
	}
}

// decision is a decided case with the time of its decision.
type decision struct {
	dispatch.Decided
	at int64
}

// mostLooked is how many of the latest cases are looked at for decisions: more than
// are learnt from, because some were decided twice, and some are open.
const mostLooked = 4 * (mostDecisions + mostTrial)

// decided returns what is known of the city's own latest cases in the order of the
// decisions: what people decided last of each, and what the machine sent and nobody
// changed until the case was closed.
func (a *App) decided(ctx context.Context) ([]decision, error) {
	at := map[string]int{}
	var out []decision
	take := func(l cases.Lesson) error {
		d := decision{dispatch.Decided{ID: l.Case, Message: dispatch.Message{Title: l.Title, Text: l.Text}, Matter: l.Matter}, l.At}
		if i, ok := at[l.Case]; ok {
			out[i] = d
			return nil
		}
		at[l.Case] = len(out)
		out = append(out, d)
		return nil
	}
	if err := a.Cases.Lessons(ctx, mostLooked, take); err != nil {
		return nil, err
	}
	if err := a.Cases.Stood(ctx, mostLooked, take); err != nil {
		return nil, err
	}
	slices.SortStableFunc(out, func(x, y decision) int { return int(min(1, max(-1, x.at-y.at))) })
	return out, nil
}

// try lets a new model run in the shadow of the serving one over the decisions from
// cut on, each with the corrections made between its training and then. It was tried
// so many times before.
func (a *App) try(ctx context.Context, m *dispatch.Model, decided []decision, cut, before int) (dispatch.Trial, error) {
	ms, err := a.models()
	if err != nil {
		return dispatch.Trial{}, err
	}
	serving := dispatch.NewLearner(a.Judge.seat.Load().Model())
	until := ms.Find(ms.Serving).Until
	var on []dispatch.Decided
	for i, d := range decided {
		switch {
		case i >= cut:
			on = append(on, d.Decided)
		case d.at > until:
			serving.Correct(d.Message, d.Matter)
		}
	}
	ds, err := dispatch.Shadow(ctx, serving, dispatch.NewLearner(m), on)
	return dispatch.Compare(ds, wantedPrecision, before), err
}

// wantedPrecision is the share of right ones that is wanted among the cases sent by
// machine.
const wantedPrecision = 0.95

func (a *App) saveModel(m *dispatch.Model) error {
	if err := os.MkdirAll(a.dir.file(modelsDir), 0o700); err != nil {
		return err
	}
	return m.SaveFile(a.dir.file(modelsDir, m.Version()+".ywd"))
}

// ListModels returns the versions, and how many decisions wait to be learnt.
func (a *App) ListModels(ctx context.Context) (dispatch.Versions, error) {
	m, err := a.models()
	if err != nil {
		return m, err
	}
	m.Training = a.training.Load()
	since := int64(0)
	if len(m.Known) > 0 {
		since = m.Known[0].At
	}
	m.Waiting, err = a.Cases.LessonsSince(ctx, since)
	return m, err
}

const (
	// enoughNew is how many new decisions are worth a training at night.
	enoughNew  = 500
	nightFrom  = 1 // o'clock
	nightUntil = 5
)

// trainAtNight tries the latest model again, and has another trained, when the city
// sleeps and enough was decided.
func (a *App) trainAtNight(ctx context.Context) error {
	if h := a.Now().In(text.CST).Hour(); h < nightFrom || h >= nightUntil {
		return nil
	}
	if err := a.tryAgain(ctx); err != nil {
		return err
	}
	ms, err := a.ListModels(ctx)
	if err != nil || ms.Waiting < enoughNew {
		return err
	}
	if len(ms.Known) > 0 && a.Now().Sub(time.UnixMilli(ms.Known[0].At)) < 20*time.Hour {
		return nil
	}
	kept, err := a.TrainModel(ctx, org.Machine("dispatch"))
	if errs.Is(err, errs.Invalid) {
		return nil // not enough yet
	}
	if err == nil {
		a.Logger.InfoContext(ctx, "a model was trained", "model", kept.Version, "decided", kept.Decided, "verdict", kept.Trial.Verdict)
	}
	return err
}
