package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/org"
)

func (s *server) passkeyRoutes(api huma.API) {
	route(s, api, op("beginSignIn", http.MethodPost, "/api/session/passkey", "Ask for a passkey to sign in with"), anybody, s.beginSignIn)
	route(s, api, op("signInPasskey", http.MethodPost, "/api/session/passkey/answer", "Sign in with a passkey"), anybody, s.signInPasskey)
	route(s, api, op("listPasskeys", http.MethodGet, "/api/passkeys", "One's own passkeys"), signedIn, s.listPasskeys)
	route(s, api, op("beginPasskey", http.MethodPost, "/api/passkeys/begin", "Ask for a new passkey"), signedIn, s.beginPasskey)
	route(s, api, op("addPasskey", http.MethodPost, "/api/passkeys", "Keep the passkey that the browser made"), signedIn, s.addPasskey)
	route(s, api, op("endPasskey", http.MethodDelete, "/api/passkeys/{id}", "Remove one of one's own passkeys"), signedIn, s.endPasskey)
}

// Ceremony is what a browser makes or asks for a passkey with.
type Ceremony struct {
	Token   string          `json:"token" doc:"To be sent with the answer, once"`
	Options json.RawMessage `json:"options" doc:"For navigator.credentials, binary values in base64url"`
}

// OwnPasskey is one of a person's passkeys.
type OwnPasskey struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	At     int64  `json:"at"`
	UsedAt int64  `json:"used_at" doc:"0 is never"`
}

func (s *server) beginSignIn(ctx context.Context, c *caller, _ *struct{}) (*body[Ceremony], error) {
	if err := s.callers.try(c); err != nil {
		return nil, err
	}
	options, token, err := s.Staff.BeginSignIn(ctx)
	return answer(Ceremony{token, options}), err
}

type passkeyAnswer struct {
	Body struct {
		Token    string          `json:"token" maxLength:"100"`
		Response json.RawMessage `json:"response" doc:"PublicKeyCredential as JSON"`
	}
}

func (s *server) signInPasskey(ctx context.Context, c *caller, in *passkeyAnswer) (*withCookie[Session], error) {
	if err := s.callers.try(c); err != nil {
		return nil, err
	}
	session, token, err := s.Staff.SignInPasskey(ctx, in.Body.Token, c.token, in.Body.Response)
	if err != nil {
		return nil, err
	}
	return s.signedIn(session, token)
}

// signedIn answers who has just signed in.
func (s *server) signedIn(session org.Session, token string) (*withCookie[Session], error) {
	actor, ok := s.Staff.Directory().Actor(session.Staff)
	if !ok {
		return nil, errs.E(errs.Unauthenticated, "org.signed_out", nil)
	}
	me := &caller{actor: actor, session: session, rights: s.rightsOf(actor)}
	return &withCookie[Session]{s.cookie(token, session.Until), s.session(me)}, nil
}

// person refuses a machine, which has no account of its own.
func (c *caller) person() error { return unless(c.key == nil) }

func (s *server) listPasskeys(ctx context.Context, c *caller, _ *struct{}) (*body[items[OwnPasskey]], error) {
	all, err := s.Staff.Passkeys(ctx, c.actor.ID)
	out := items[OwnPasskey]{Items: []OwnPasskey{}}
	for _, p := range all {
		out.Items = append(out.Items, OwnPasskey(p))
	}
	return answer(out), err
}

func (s *server) beginPasskey(ctx context.Context, c *caller, _ *struct{}) (*body[Ceremony], error) {
	if err := c.person(); err != nil {
		return nil, err
	}
	options, token, err := s.Staff.BeginPasskey(ctx, c.actor.ID)
	return answer(Ceremony{token, options}), err
}

type newPasskeyInput struct {
	Body struct {
		Token    string          `json:"token" maxLength:"100"`
		Name     string          `json:"name" maxLength:"200" doc:"Of the device"`
		Response json.RawMessage `json:"response" doc:"PublicKeyCredential as JSON"`
	}
}

func (s *server) addPasskey(ctx context.Context, c *caller, in *newPasskeyInput) (*body[OwnPasskey], error) {
	if err := c.person(); err != nil {
		return nil, err
	}
	p, err := s.Staff.AddPasskey(ctx, c.actor.ID, in.Body.Token, in.Body.Name, in.Body.Response)
	return answer(OwnPasskey(p)), err
}

type passkeyInput struct {
	ID string `path:"id" maxLength:"1400"`
}

func (s *server) endPasskey(ctx context.Context, c *caller, in *passkeyInput) (*struct{}, error) {
	return nil, s.Staff.EndPasskey(ctx, c.actor.ID, in.ID)
}
