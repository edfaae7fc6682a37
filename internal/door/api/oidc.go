package api

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"yiwang/internal/base/errs"
)

// OIDC is the identity provider that staff may sign in by.
type OIDC struct {
	Issuer string // address of the provider
	Client string // id of this site there
	Secret string
	Claim  string // of the provider that holds the login name; "" is preferred_username
	Site   string // public address of this site, without a slash at its end
	Title  string // as the sign-in page calls the provider; "" is its host
	HTTP   *http.Client
}

// oidcCookie binds an answer to the browser that asked.
const oidcCookie = "yw_oidc"

const oidcBack = "/api/session/oidc/back"

// provider asks the provider for its keys and addresses, each time anew: it may have
// been away when this site was started.
func (o *OIDC) provider(ctx context.Context) (context.Context, *oidc.Provider, *oauth2.Config, error) {
	if o.HTTP != nil {
		ctx = oidc.ClientContext(ctx, o.HTTP)
	}
	p, err := oidc.NewProvider(ctx, o.Issuer)
	if err != nil {
		return ctx, nil, nil, errs.E(errs.Unavailable, "org.oidc_failed", nil).Because(err)
	}
	return ctx, p, &oauth2.Config{ClientID: o.Client, ClientSecret: o.Secret, Endpoint: p.Endpoint(), RedirectURL: o.Site + oidcBack,
		Scopes: []string{oidc.ScopeOpenID, "profile"}}, nil
}

// asked is what a sign-on by the provider has to remember.
type asked struct {
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
}

func (s *server) oidcRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /api/session/oidc", s.toProvider)
	mux.HandleFunc("GET "+oidcBack, s.fromProvider)
}

// toProvider sends a browser to the identity provider.
func (s *server) toProvider(w http.ResponseWriter, r *http.Request) {
	err := s.callers.try(callerOf(r.Context()))
	if err == nil && s.OIDC == nil {
		err = errs.E(errs.NotFound, "org.oidc_off", nil)
	}
	if err != nil {
		s.writeProblem(w, r, err)
		return
	}
	_, _, client, err := s.OIDC.provider(r.Context())
	if err != nil {
		s.backToDesk(w, r, err)
		return
	}
	a := asked{Nonce: oauth2.GenerateVerifier(), Verifier: oauth2.GenerateVerifier()}
	doc, err := json.Marshal(a)
	if err != nil {
		s.writeProblem(w, r, err)
		return
	}
	token, err := s.Staff.Begin(r.Context(), "", string(doc))
	if err != nil {
		s.writeProblem(w, r, err)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: oidcCookie, Value: token, Path: "/api/session/oidc", HttpOnly: true, Secure: s.Secure,
		SameSite: http.SameSiteLaxMode, MaxAge: int((10 * time.Minute).Seconds())})
	http.Redirect(w, r, client.AuthCodeURL(token, oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)), http.StatusFound)
}

// fromProvider takes the answer of the identity provider and signs the person in.
func (s *server) fromProvider(w http.ResponseWriter, r *http.Request) {
	if s.OIDC == nil {
		s.writeProblem(w, r, errs.E(errs.NotFound, "org.oidc_off", nil))
		return
	}
	http.SetCookie(w, &http.Cookie{Name: oidcCookie, Path: "/api/session/oidc", HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode, MaxAge: -1})
	subject, login, err := s.vouched(r)
	if err != nil {
		s.backToDesk(w, r, err)
		return
	}
	replaces := ""
	if c, err := r.Cookie(sessionCookie); err == nil {
		replaces = c.Value
	}
	session, token, err := s.Staff.SignInAs(r.Context(), s.OIDC.Issuer, subject, login, replaces)
	if err != nil {
		s.backToDesk(w, r, err)
		return
	}
	cookie := s.cookie(token, session.Until)
	http.SetCookie(w, &cookie)
	http.Redirect(w, r, "/desk/", http.StatusSeeOther)
}

// vouched returns for whom the provider vouches. Error: Unauthenticated.
func (s *server) vouched(r *http.Request) (subject, login string, err error) {
	failed := errs.E(errs.Unauthenticated, "org.oidc_failed", nil)
	cookie, err := r.Cookie(oidcCookie)
	state := r.URL.Query().Get("state")
	if err != nil || subtle.ConstantTimeCompare([]byte(cookie.Value), []byte(state)) != 1 {
		return "", "", failed
	}
	doc, err := s.Staff.End(r.Context(), state, "")
	if err != nil {
		return "", "", err
	}
	var a asked
	if err := json.Unmarshal([]byte(doc), &a); err != nil {
		return "", "", err
	}
	ctx, provider, client, err := s.OIDC.provider(r.Context())
	if err != nil {
		return "", "", err
	}
	tokens, err := client.Exchange(ctx, r.URL.Query().Get("code"), oauth2.VerifierOption(a.Verifier))
	if err != nil {
		return "", "", failed.Because(err)
	}
	raw, _ := tokens.Extra("id_token").(string)
	id, err := provider.Verifier(&oidc.Config{ClientID: s.OIDC.Client}).Verify(ctx, raw)
	if err != nil || subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(a.Nonce)) != 1 {
		return "", "", failed.Because(err)
	}
	claims := map[string]any{}
	if err := id.Claims(&claims); err != nil {
		return "", "", failed.Because(err)
	}
	name := s.OIDC.Claim
	if name == "" {
		name = "preferred_username"
	}
	login, _ = claims[name].(string)
	return id.Subject, login, nil
}

// backToDesk shows the sign-in page with what went wrong; the cause is for the log.
func (s *server) backToDesk(w http.ResponseWriter, r *http.Request, err error) {
	p := s.problem(r.Context(), err)
	s.Logger.WarnContext(r.Context(), "a sign-on by the identity provider failed", "request", requestID(r.Context()), "code", p.Code)
	http.Redirect(w, r, "/desk/sign-in?failed="+url.QueryEscape(p.Code), http.StatusSeeOther)
}
