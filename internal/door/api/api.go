package api

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/prometheus/client_golang/prometheus"

	"yiwang/internal/base/document"
	"yiwang/internal/base/limit"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/city"
	"yiwang/internal/core/org"
	"yiwang/internal/core/register"
	"yiwang/internal/work/decide"
	"yiwang/internal/work/dispatch"
	"yiwang/internal/work/duty"
	"yiwang/internal/work/entitle"
	"yiwang/internal/work/exchange"
	"yiwang/internal/work/guide"
	"yiwang/internal/work/intake"
	"yiwang/internal/work/knowledge"
	"yiwang/internal/work/seat"
	"yiwang/internal/work/topic"
	"yiwang/internal/work/view"
	"yiwang/internal/work/webhook"
)

// Deps is the house behind the door.
type Deps struct {
	DB        *sqldb.DB
	City      *city.City
	Staff     *org.Store
	Cases     *cases.Store
	View      *view.View
	Desk      *intake.Desk
	Files     *intake.Attachments
	Topics    *topic.Board // nil shows none
	Duty      *duty.Store
	Rules     *decide.Store
	Answers   *knowledge.Base
	Guides    *guide.Book   // the service items
	Annals    *guide.Annals // and their versions
	Calls     *seat.Board
	Judge     Explainer                       // nil explains nothing
	Models    Models                          // nil knows of no versions
	Hooks     *webhook.Feed                   // tells other systems
	Registers *register.Store                 // what is known of persons, entities and homes
	Entitle   *entitle.Office                 // brings what needs no application
	Exchange  *exchange.Office                // hands cases to other platforms and takes theirs
	Metrics   prometheus.Gatherer             // nil shows none
	Fonts     func() (*document.Faces, error) // for PDF; nil writes none
	Secure    bool                            // the site is only reached by HTTPS, so its cookie is too
	OIDC      *OIDC                           // nil lets nobody in by an identity provider
	Rates     limit.Rates                     // of callers; limit.Usual where there are none
	Logger    *slog.Logger
}

// Explainer says why a message is read as a matter.
type Explainer interface {
	Explain(m dispatch.Message, code string) dispatch.Explanation
	Threshold() float64 // confidence from which a matter is sent unseen
}

// Models are the versions of the machine that reads messages.
type Models interface {
	ListModels(ctx context.Context) (dispatch.Versions, error)
	StartTraining(ctx context.Context, by org.Actor) error
	ServeModel(ctx context.Context, by org.Actor, version string) error
}

// server is the door.
type server struct {
	Deps
	hub     *hub
	callers callers      // slowed down, each by itself
	inside  atomic.Int64 // requests at work
	origin  *http.CrossOriginProtection
	counted *requestCounts
}

// New returns the handler of everything under /api, and of /healthz and /metrics.
func New(d Deps) http.Handler {
	if d.Logger == nil {
		d.Logger = slog.Default()
	}
	s := &server{Deps: d, callers: newCallers(d.Rates), origin: http.NewCrossOriginProtection(), counted: newRequestCounts()}
	s.hub = newHub(s)
	mux, _ := s.mux()
	return s.outer(mux)
}

// mux registers every route.
func (s *server) mux() (*http.ServeMux, huma.API) {
	mux := http.NewServeMux()
	api := humago.New(mux, s.config())
	s.signRoutes(api)
	s.passkeyRoutes(api)
	s.oidcRoutes(mux)
	s.declarationRoutes(api)
	s.caseRoutes(api)
	s.checkRoutes(api)
	s.deskRoutes(api)
	s.figureRoutes(api)
	s.topicRoutes(api)
	s.adminRoutes(api)
	s.modelRoutes(api)
	s.outwardRoutes(api)
	s.proofRoutes(api)
	s.fileRoutes(api)
	s.paperRoutes(api)
	s.briefRoutes(api)
	s.liveRoutes(api)
	s.dutyRoutes(api)
	s.ruleRoutes(api)
	s.knowledgeRoutes(api)
	s.seatRoutes(api)
	s.roundRoutes(api)
	s.exchangeRoutes(api)
	s.clauseRoutes(api)
	s.entitleRoutes(api)
	s.registerRoutes(api)
	s.serviceRoutes(api)
	s.windowRoutes(api)
	mux.HandleFunc("GET /api/openapi.json", serveOpenAPI)
	mux.HandleFunc("GET /healthz", s.health)
	mux.HandleFunc("GET /metrics", s.metrics)
	mux.HandleFunc("/api/", s.noRoute)
	return mux, api
}

func (s *server) config() huma.Config {
	c := huma.DefaultConfig("Yiwang", "1")
	c.Info.Description = "Staff and machine interface of Yiwang. Times are UTC milliseconds; ids are ULIDs."
	c.CreateHooks = nil // no $schema member in answers
	c.DocsPath, c.OpenAPIPath, c.SchemasPath = "", "", ""
	c.Transformers = []huma.Transformer{s.safe}
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: sessionCookie},
		"key":     {Type: "http", Scheme: "bearer"},
	}
	return c
}

// access says who may call a route.
type access int

const (
	anybody  access = iota
	newcomer        // signed in, even if the password must be changed first
	signedIn
	administrator
)

// op names a route.
func op(id, method, path, summary string) huma.Operation {
	return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary}
}

// route registers a handler with who may call it. Its errors become problem
// documents in the caller's language.
func route[I, O any](s *server, api huma.API, o huma.Operation, who access, fn func(context.Context, *caller, *I) (*O, error)) {
	s.describe(api, &o, who)
	huma.Register(api, o, func(ctx context.Context, in *I) (*O, error) {
		ctx, cancel := context.WithTimeout(ctx, requestTime)
		defer cancel()
		out, err := fn(ctx, callerOf(ctx), in)
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		return out, nil
	})
}

// describe completes a route's description and puts the guard before it.
func (s *server) describe(api huma.API, o *huma.Operation, who access) {
	if who != anybody {
		o.Security = []map[string][]string{{"session": {}}, {"key": {}}}
	}
	schema := api.OpenAPI().Components.Schemas.Schema(problemType, true, "Problem")
	o.Responses = map[string]*huma.Response{"default": {
		Description: "A problem, after RFC 9457", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: schema}},
	}}
	o.SkipValidateParams = false
	o.Middlewares = append(o.Middlewares, s.guard(who))
}

// body is an answer that is nothing but JSON.
type body[T any] struct{ Body T }

func answer[T any](v T) *body[T] { return &body[T]{v} }

// items is a list in an answer; it is never null.
type items[T any] struct {
	Items []T `json:"items" nullable:"false"`
}

func list[T any](v []T) []T {
	if v == nil {
		return []T{}
	}
	return v
}

// requestTime bounds how long a handler may take; what it streams then is bounded
// by the reader.
const requestTime = 60 * time.Second
