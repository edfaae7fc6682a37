package api

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/org"
)

// sessionCookie holds the token of a staff session.
const sessionCookie = "yw_session"

// caller is who sent a request, nobody where the actor is zero.
type caller struct {
	lang    text.Lang
	id      string // of the request
	address string
	token   string // of the session, "" for a key
	session org.Session
	key     *org.Key
	actor   org.Actor
	rights
}

// rights are what the roles of a caller allow beyond cases.
type rights struct {
	desks                             []string
	reveals, contacts, exports, admin bool
}

type callerKey struct{}

func callerOf(ctx context.Context) *caller {
	c, ok := ctx.Value(callerKey{}).(*caller)
	if !ok {
		return &caller{lang: text.Chinese}
	}
	return c
}

func langOf(ctx context.Context) text.Lang { return callerOf(ctx).lang }
func requestID(ctx context.Context) string { return callerOf(ctx).id }

// language is that of the cookie, else the first one that the browser asks for.
func language(r *http.Request) text.Lang {
	want := r.Header.Get("Accept-Language")
	if c, err := r.Cookie("lang"); err == nil {
		want = c.Value
	}
	if strings.HasPrefix(strings.ToLower(strings.TrimSpace(want)), "en") {
		return text.English
	}
	return text.Chinese
}

// guard lets a request through to its handler, or answers it.
func (s *server) guard(who access) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		if err := s.admit(ctx.Context(), ctx.Header, who); err != nil {
			p := s.problem(ctx.Context(), err)
			ctx.SetHeader("Content-Type", "application/problem+json")
			if p.retry != "" {
				ctx.SetHeader("Retry-After", p.retry)
			}
			ctx.SetStatus(p.Status)
			if err := json.NewEncoder(ctx.BodyWriter()).Encode(p); err != nil {
				s.Logger.DebugContext(ctx.Context(), "the caller has gone", "error", err)
			}
			return
		}
		next(ctx)
	}
}

// admit finds out who calls and whether that is enough. Errors: Unauthenticated,
// Forbidden, TooMany.
func (s *server) admit(ctx context.Context, header func(string) string, who access) error {
	c := callerOf(ctx)
	err := s.identify(ctx, c, header)
	if err := s.callers.take(c); err != nil {
		return err
	}
	if err != nil && (who != anybody || !errs.Is(err, errs.Unauthenticated)) {
		return err
	}
	switch {
	case who == anybody:
		return nil
	case c.actor.ID == "":
		return errs.E(errs.Unauthenticated, "org.signed_out", nil)
	case c.session.MustChange && who != newcomer:
		return errs.E(errs.Forbidden, "org.must_change", nil)
	case who == administrator && !c.admin:
		return errs.E(errs.Forbidden, "errs.forbidden", nil)
	}
	return nil
}

// identify fills in who the caller is from the key or the cookie that came along.
func (s *server) identify(ctx context.Context, c *caller, header func(string) string) (err error) {
	if secret, ok := strings.CutPrefix(header("Authorization"), "Bearer "); ok {
		var k org.Key
		if k, c.actor, err = s.Staff.AuthenticateKey(ctx, strings.TrimSpace(secret)); err == nil {
			c.key = &k
			c.rights = s.rightsOf(c.actor)
		}
		return err
	}
	cookies, err := http.ParseCookie(header("Cookie"))
	if err != nil {
		return nil // a broken cookie is none
	}
	for _, k := range cookies {
		if k.Name == sessionCookie && k.Value != "" {
			c.token = k.Value
			break
		}
	}
	if c.token == "" {
		return nil
	}
	c.session, c.actor, err = s.Staff.Authenticate(ctx, c.token)
	c.rights = s.rightsOf(c.actor)
	return err
}

func (s *server) rightsOf(a org.Actor) (r rights) {
	dir := s.Staff.Directory()
	for _, code := range a.Roles {
		role, ok := dir.Role(code)
		if !ok {
			continue
		}
		for _, d := range role.Desks {
			if !slices.Contains(r.desks, d) {
				r.desks = append(r.desks, d)
			}
		}
		r.reveals = r.reveals || role.Reveals
		r.contacts = r.contacts || role.Contacts
		r.exports = r.exports || role.Exports
		r.admin = r.admin || role.Admin
	}
	return r
}

// needs refuses a caller whose roles do not open a desk.
func (c *caller) needs(desk string) error {
	if !slices.Contains(c.desks, desk) {
		return errs.E(errs.Forbidden, "errs.forbidden", nil)
	}
	return nil
}

// unless refuses where something does not hold.
func unless(ok bool) error {
	if !ok {
		return errs.E(errs.Forbidden, "errs.forbidden", nil)
	}
	return nil
}

// raw returns the request and the way to answer it, for what is no JSON.
func raw(ctx huma.Context) (*http.Request, http.ResponseWriter) { return humago.Unwrap(ctx) }
