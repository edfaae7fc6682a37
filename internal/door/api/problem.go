package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"regexp"

	"github.com/danielgtaylor/huma/v2"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/limit"
	"yiwang/internal/base/text"
)

// Problem is an error as it is answered (RFC 9457).
type Problem struct {
	Type   string  `json:"type"`
	Title  string  `json:"title"`
	Status int     `json:"status"`
	Detail string  `json:"detail" doc:"A sentence for the person, in their language"`
	Code   string  `json:"code" doc:"Key of the sentence, for programs"`
	Errors []Fault `json:"errors,omitempty" nullable:"false"`

	ClaimedName string `json:"claimed_name,omitempty" doc:"Who has the item in hand"`

	retry string // seconds after which to come again, "" for an error that does not pass
}

// Fault is one part of the input that was wrong. What was sent is not repeated.
type Fault struct {
	Location string `json:"location"`
	Message  string `json:"message"`
}

var problemType = reflect.TypeFor[Problem]()

// Error returns the code, for logs.
func (p *Problem) Error() string { return p.Code }

// GetStatus returns the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders returns what the framework answers with it.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retry != "" {
		h.Set("Retry-After", p.retry)
	}
	return h
}

// ContentType returns that of problem documents.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

var statusOf = map[errs.Kind]int{
	errs.Internal: http.StatusInternalServerError, errs.Invalid: http.StatusUnprocessableEntity, errs.NotFound: http.StatusNotFound,
	errs.Unauthenticated: http.StatusUnauthorized, errs.Forbidden: http.StatusForbidden, errs.Conflict: http.StatusConflict,
	errs.Exists: http.StatusConflict, errs.TooMany: http.StatusTooManyRequests, errs.TooLarge: http.StatusRequestEntityTooLarge,
	errs.Unavailable: http.StatusServiceUnavailable,
}

// quiets are the errors whose own sentence repeats what was sent, which helps
// whoever mends a file and is too much for an answer over the net, with the
// sentence that is answered instead.
var quiets = map[string]string{
	"cases.unknown_family": "api.no_family", "cases.unknown_action": "api.no_action", "cases.unknown_matter": "api.no_matter",
	"cases.unknown_unit": "org.no_unit", "cases.unknown_area": "api.no_area", "matter.unknown_field": "api.no_field",
	"cases.id_reused": "api.id_reused", "rule.bad_day": "api.bad_member",
}

// problem turns an error into what the caller is told, and logs what the caller
// must not be told.
func (s *server) problem(ctx context.Context, err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	lang := langOf(ctx)
	kind := errs.KindOf(err)
	p := newProblem(lang, statusOf[kind], "errs."+kind.String())
	p.Detail = text.Error(lang, err)
	if e, ok := errors.AsType[*errs.Error](err); ok && kind != errs.Internal {
		field := e.Field
		if quiet, ok := quiets[e.Key]; ok {
			p.Detail = text.Say(lang, quiet, nil)
			if field == e.Args["field"] {
				field = "body" // a member nobody declared may have any name
			}
		}
		if kind == errs.NotFound && len(e.Args) > 0 {
			p.Detail = text.Say(lang, "errs.not_found", nil) // its arguments are the name that was asked for
		}
		if text.Has(lang, e.Key) {
			p.Code = e.Key
		}
		if field != "" {
			p.Errors = []Fault{{Location: field, Message: p.Detail}}
		}
	}
	if kind == errs.TooMany {
		p.retry = limit.RetryAfter(err)
	}
	if kind == errs.Internal && ctx.Err() == nil {
		s.Logger.ErrorContext(ctx, "a request failed", "request", requestID(ctx), "error", err)
	}
	return p
}

func newProblem(lang text.Lang, status int, code string) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: text.Say(lang, code, nil), Code: code}
}

// kindOfStatus classifies what the framework refuses by itself.
func kindOfStatus(status int) errs.Kind {
	switch status {
	case http.StatusRequestEntityTooLarge:
		return errs.TooLarge
	case http.StatusUnauthorized:
		return errs.Unauthenticated
	case http.StatusRequestTimeout:
		return errs.Unavailable
	}
	if status >= 500 {
		return errs.Internal
	}
	return errs.Invalid
}

// safeLocation is a place in a declared input. One that is not, such as the name
// of a member that nobody declared, may be anything and is not repeated.
var safeLocation = regexp.MustCompile(`^(body|query|path|header|cookie)(\.[a-z_]{1,30}|\[[0-9]{1,4}\]){0,4}$`)

// safe replaces the framework's own errors, which repeat values, by ours.
func (s *server) safe(ctx huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	lang := langOf(ctx.Context())
	kind := kindOfStatus(m.Status)
	p := newProblem(lang, m.Status, "errs."+kind.String())
	for _, e := range m.Errors {
		if e == nil {
			continue
		}
		loc := e.Location
		if !safeLocation.MatchString(loc) {
			loc = "body"
		}
		p.Errors = append(p.Errors, Fault{Location: loc, Message: text.Say(lang, "api.bad_member", nil)})
	}
	return p, nil
}

// write answers a problem outside the framework.
func (s *server) writeProblem(w http.ResponseWriter, r *http.Request, err error) {
	p := s.problem(r.Context(), err)
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	if p.retry != "" {
		w.Header().Set("Retry-After", p.retry)
	}
	w.WriteHeader(p.Status)
	if err := json.NewEncoder(w).Encode(p); err != nil {
		s.Logger.DebugContext(r.Context(), "the caller has gone", "error", err)
	}
}

func (s *server) noRoute(w http.ResponseWriter, r *http.Request) {
	s.writeProblem(w, r, errs.E(errs.NotFound, "api.no_route", nil))
}
