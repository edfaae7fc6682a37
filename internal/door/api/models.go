package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"yiwang/internal/base/errs"
	"yiwang/internal/work/dispatch"
)

func (s *server) modelRoutes(api huma.API) {
	route(s, api, op("adminListModels", http.MethodGet, "/api/admin/models", "Versions of the machine that dispatches"), administrator, s.adminListModels)
	route(s, api, op("adminTrainModel", http.MethodPost, "/api/admin/models/train", "Have a version trained and tried"), administrator, s.adminTrainModel)
	route(s, api, op("adminServeModel", http.MethodPost, "/api/admin/models/serve", "Let a version serve, or go back to one"), administrator, s.adminServeModel)
}

// ModelVersions is how the versions stand.
type ModelVersions struct {
	Serving  string         `json:"serving"`
	Since    int64          `json:"since" doc:"0 from the beginning"`
	Training bool           `json:"training"`
	Waiting  int            `json:"waiting" doc:"Decisions that the latest version has not learnt from"`
	Items    []ModelVersion `json:"items" nullable:"false"`
	Changes  []ModelChange  `json:"changes" nullable:"false" doc:"Which served when, the latest first"`
}

// ModelVersion is a version with its trial in the shadow of the one that served.
type ModelVersion struct {
	Version string      `json:"version"`
	At      int64       `json:"at"`
	ByName  string      `json:"by_name"`
	Decided int         `json:"decided" doc:"Cases it learnt from"`
	Until   int64       `json:"until" doc:"The last of them was decided then"`
	Right   float64     `json:"right" doc:"Share of right first answers, cross-validated"`
	Sent    float64     `json:"sent" doc:"Share it would send by itself"`
	Trial   *ModelTrial `json:"trial"`
}

// ModelTrial compares a version with the one it shadowed, on the same decided cases.
type ModelTrial struct {
	Cases            int     `json:"cases"`
	ServingRight     int     `json:"serving_right"`
	ShadowRight      int     `json:"shadow_right"`
	ServingSent      int     `json:"serving_sent"`
	ServingSentRight int     `json:"serving_sent_right"`
	ShadowSent       int     `json:"shadow_sent"`
	ShadowSentRight  int     `json:"shadow_sent_right"`
	Gained           int     `json:"gained" doc:"Right in the shadow alone"`
	Lost             int     `json:"lost" doc:"Right in the serving one alone"`
	P                float64 `json:"p"`
	Verdict          string  `json:"verdict" enum:"few,promote,careless,worse,no_better"`
}

// ModelChange says that a version began to serve.
type ModelChange struct {
	At      int64  `json:"at"`
	ByName  string `json:"by_name"`
	Version string `json:"version"`
}

func (s *server) adminListModels(ctx context.Context, c *caller, _ *struct{}) (*body[ModelVersions], error) {
	if s.Models == nil {
		return nil, errs.E(errs.NotFound, "dispatch.no_version", errs.Args{"version": ""})
	}
	v, err := s.Models.ListModels(ctx)
	if err != nil {
		return nil, err
	}
	out := ModelVersions{Serving: v.Serving, Since: v.Since, Training: v.Training, Waiting: v.Waiting, Items: []ModelVersion{}, Changes: []ModelChange{}}
	for _, k := range v.Known {
		m := ModelVersion{Version: k.Version, At: k.At, ByName: s.who(c, k.By), Decided: k.Decided, Until: k.Until, Right: k.Right, Sent: k.Sent}
		if t := k.Trial; t != nil {
			m.Trial = &ModelTrial{Cases: t.N, ServingRight: t.Serving.Right, ShadowRight: t.Shadow.Right, ServingSent: t.Serving.Sent,
				ServingSentRight: t.Serving.SentRight, ShadowSent: t.Shadow.Sent, ShadowSentRight: t.Shadow.SentRight,
				Gained: t.Gained, Lost: t.Lost, P: t.P, Verdict: string(t.Verdict)}
		}
		out.Items = append(out.Items, m)
	}
	for _, e := range v.Events {
		if e.Kind == dispatch.VersionServing {
			out.Changes = append(out.Changes, ModelChange{At: e.At, ByName: s.who(c, e.By), Version: e.Version.Version})
		}
	}
	return answer(out), nil
}

func (s *server) who(c *caller, ref string) string {
	_, _, name := s.actorName(c.lang, ref, nil)
	return name
}

func (s *server) adminTrainModel(ctx context.Context, c *caller, _ *struct{}) (*struct{}, error) {
	if s.Models == nil {
		return nil, errs.E(errs.NotFound, "dispatch.no_version", errs.Args{"version": ""})
	}
	return nil, s.Models.StartTraining(ctx, c.actor)
}

type serveModelInput struct {
	Body struct {
		Version string `json:"version" minLength:"1" maxLength:"60"`
	}
}

func (s *server) adminServeModel(ctx context.Context, c *caller, in *serveModelInput) (*struct{}, error) {
	if s.Models == nil {
		return nil, errs.E(errs.NotFound, "dispatch.no_version", errs.Args{"version": in.Body.Version})
	}
	return nil, s.Models.ServeModel(ctx, c.actor, in.Body.Version)
}
