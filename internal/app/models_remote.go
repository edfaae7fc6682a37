package app

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/org"
	"yiwang/internal/work/dispatch"
)

// ModelTask is what a command wants of the models of a data directory.
type ModelTask string

// The tasks.
const (
	ListTask  ModelTask = "list"
	TrainTask ModelTask = "train"
	ServeTask ModelTask = "serve"
)

// WithModels does a task on the models of a data directory, through the server where
// one runs on it, and returns how they stand afterwards.
func WithModels(ctx context.Context, cfg Config, task ModelTask, version string) (v dispatch.Versions, err error) {
	a, err := Open(ctx, cfg)
	if errors.Is(err, errOwned) {
		return remoteModels(ctx, cfg.Data, task, version)
	}
	if err != nil {
		return v, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return a.withModels(ctx, task, version)
}

func (a *App) withModels(ctx context.Context, task ModelTask, version string) (dispatch.Versions, error) {
	by, err := org.Machine("operator"), error(nil)
	switch task {
	case TrainTask:
		_, err = a.TrainModel(ctx, by)
	case ServeTask:
		err = a.ServeModel(ctx, by, version)
	}
	if err != nil {
		return dispatch.Versions{}, err
	}
	return a.ListModels(ctx)
}

func (a *App) serveModels(w http.ResponseWriter, r *http.Request) {
	v, err := a.withModels(r.Context(), ModelTask(r.FormValue("task")), r.FormValue("version"))
	if err != nil {
		http.Error(w, text.Error(text.English, err), http.StatusConflict)
		return
	}
	_ = json.NewEncoder(w).Encode(v) // the command sees a cut answer
}

func remoteModels(ctx context.Context, data string, task ModelTask, version string) (v dispatch.Versions, err error) {
	q := url.Values{"task": {string(task)}, "version": {version}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://control/models?"+q.Encode(), nil)
	if err != nil {
		return v, err
	}
	resp, err := remote(data).Do(req)
	if err != nil {
		return v, errRemote.Because(err)
	}
	defer resp.Body.Close() // read to its end
	if resp.StatusCode != http.StatusOK {
		why := make([]byte, 2000)
		n, _ := resp.Body.Read(why) // as much of the reason as comes
		return v, errs.E(errs.Invalid, "app.refused", errs.Args{"why": string(why[:n])})
	}
	if err := json.NewDecoder(resp.Body).Decode(&v); err != nil {
		return v, errRemote.Because(err)
	}
	return v, nil
}
