package api

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/limit"
)

// Sizes of requests, in bytes.
const (
	maxBody   = 1 << 20
	maxUpload = 21 << 20 // a file with the envelope around it
	// maxExchange is a month of a platform's cases without pictures; more goes by the command.
	maxExchange = 256 << 20
)

// mostInside is how many requests are at work at once. More would only wait for each
// other, and all too long: who comes then is asked to come again, and what was begun
// is ended.
const mostInside = 512

// outer is what every request goes through first and last.
func (s *server) outer(next http.Handler) http.Handler {
	guarded := s.sameOrigin(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &caller{lang: language(r), id: ulid.Make().String(), address: limit.Address(r)}
		r = r.WithContext(context.WithValue(r.Context(), callerKey{}, c))
		h := w.Header()
		h.Set("X-Request-Id", c.id)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		h.Set("Vary", "Cookie, Accept-Language")
		limit := int64(maxBody)
		switch {
		case r.URL.Path == uploadPath:
			limit = maxUpload
		case strings.HasPrefix(r.URL.Path, "/api/exchange/"):
			limit = maxExchange
		}
		a := &answered{ResponseWriter: w, status: http.StatusOK}
		r.Body = http.MaxBytesReader(a, r.Body, limit)
		began := time.Now()
		defer s.done(a, r, began)
		if r.URL.Path != livePath { // which stays open and costs nothing meanwhile
			defer s.inside.Add(-1)
			if s.inside.Add(1) > mostInside {
				s.writeProblem(a, r, errs.E(errs.TooMany, "errs.too_many", nil))
				return
			}
		}
		guarded.ServeHTTP(a, r)
	})
}

// done logs a request when it has ended, and answers one that panicked. The log
// says which route it was, never which case, who, or what was searched for.
func (s *server) done(a *answered, r *http.Request, began time.Time) {
	c := callerOf(r.Context())
	level := slog.LevelInfo
	if v := recover(); v != nil {
		if v == http.ErrAbortHandler {
			panic(v)
		}
		s.Logger.ErrorContext(r.Context(), "a request panicked", "request", c.id, "route", r.Pattern,
			"panic", fmt.Sprint(v), "stack", string(debug.Stack()))
		level = slog.LevelError
		if !a.begun {
			s.writeProblem(a, r, errs.E(errs.Internal, "errs.internal", nil))
		}
	}
	took := time.Since(began)
	s.counted.add(r.Pattern, a.status, took)
	s.Logger.LogAttrs(r.Context(), level, "request", slog.String("request", c.id), slog.String("method", r.Method),
		slog.String("route", r.Pattern), slog.Int("status", a.status), slog.Int64("bytes", a.bytes), slog.Duration("took", took))
}

// answered notes what was answered.
type answered struct {
	http.ResponseWriter
	status int
	bytes  int64
	begun  bool
}

func (a *answered) WriteHeader(status int) {
	if !a.begun {
		a.status, a.begun = status, true
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answered) Write(p []byte) (int, error) {
	a.begun = true
	n, err := a.ResponseWriter.Write(p)
	a.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController flush and set deadlines.
func (a *answered) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// sameOrigin refuses what another site makes a browser send.
func (s *server) sameOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.origin.Check(r); err != nil {
			s.writeProblem(w, r, errs.E(errs.Forbidden, "api.other_site", nil).Because(err))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// A whole office signs in at nine behind one address; a machine that guesses needs
// more than this.
const (
	signInEvery = time.Second
	signInBurst = 60
)

// callers slow each caller down by itself.
type callers struct{ staff, key, address, signIn *limit.Limit }

func newCallers(r limit.Rates) callers {
	r = r.Or(limit.Usual)
	return callers{staff: r.Staff.Limit(), key: r.Key.Limit(), address: r.Address.Limit(), signIn: limit.New(signInBurst, signInEvery, limit.Keys)}
}

// take counts a request of who calls: an account wherever it is signed in, another
// system by its key, everybody else by their address. Error: TooMany.
func (l callers) take(c *caller) error {
	var wait time.Duration
	switch {
	case c.key != nil:
		wait = l.key.Take(c.key.ID, time.Now())
	case c.actor.ID != "":
		wait = l.staff.Take(c.actor.ID, time.Now())
	default:
		wait = l.address.Take(c.address, time.Now())
	}
	return limit.TooMany("errs.too_many", wait)
}

// try counts a try at signing in. Error: TooMany.
func (l callers) try(c *caller) error {
	return limit.TooMany("errs.too_many", l.signIn.Take(c.address, time.Now()))
}

// isLoopback reports whether a request comes from this machine and through no proxy.
func isLoopback(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	ip := net.ParseIP(strings.TrimSpace(host))
	return err == nil && ip != nil && ip.IsLoopback() && r.Header.Get("X-Forwarded-For") == "" && r.Header.Get("Forwarded") == ""
}
