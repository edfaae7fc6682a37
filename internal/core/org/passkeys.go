package org

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
)

// Passkey is a key of a person on a device of theirs (WebAuthn), by which they sign in
// without a password.
type Passkey struct {
	ID     string `db:"id"`
	Name   string `db:"name"`
	At     int64  `db:"at"`
	UsedAt int64  `db:"used_at"`
}

// mostPasskeys bounds the passkeys of a person.
const mostPasskeys = 10

// UsePasskeys lets people sign in by passkeys at a site: its host name, its title and
// the addresses its pages have. Error: Invalid.
func (s *Store) UsePasskeys(host, title string, origins ...string) error {
	w, err := webauthn.New(&webauthn.Config{RPID: host, RPDisplayName: title, RPOrigins: origins,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		}})
	if err != nil {
		return errs.E(errs.Invalid, "org.passkey_site", nil).Because(err)
	}
	s.passkeys = w
	return nil
}

// HasPasskeys reports whether people can sign in by passkeys.
func (s *Store) HasPasskeys() bool { return s.passkeys != nil }

// passkeyUser is a person as the library sees them.
type passkeyUser struct {
	person Staff
	keys   []webauthn.Credential
}

func (u passkeyUser) WebAuthnID() []byte                         { return []byte(u.person.ID) }
func (u passkeyUser) WebAuthnName() string                       { return u.person.ID }
func (u passkeyUser) WebAuthnDisplayName() string                { return u.person.Name }
func (u passkeyUser) WebAuthnCredentials() []webauthn.Credential { return u.keys }

func (s *Store) passkeyUser(ctx context.Context, q sqldb.Querier, staff string) (u passkeyUser, err error) {
	p, ok := s.Directory().Staff(staff)
	if !ok || !p.Active {
		return u, errLogin
	}
	u.person = p
	docs, err := sqldb.Select[string](ctx, q, `select doc from passkey where staff = ? order by at`, staff)
	for _, doc := range docs {
		var c webauthn.Credential
		if err := json.Unmarshal([]byte(doc), &c); err != nil {
			return u, err
		}
		u.keys = append(u.keys, c)
	}
	return u, err
}

var errNoPasskeys = errs.E(errs.Unavailable, "org.no_passkeys", nil)

// BeginPasskey returns the options (JSON, WebAuthn level 3 §5.4) by which a browser
// makes a passkey for a person, and the token that AddPasskey needs. Errors:
// Unavailable, Forbidden (a demo account), TooMany.
func (s *Store) BeginPasskey(ctx context.Context, staff string) (options json.RawMessage, token string, err error) {
	defer errs.Wrap(&err, "org.BeginPasskey")
	if s.passkeys == nil {
		return nil, "", errNoPasskeys
	}
	if s.isDemo(staff) {
		return nil, "", errs.E(errs.Forbidden, "org.demo_password", nil)
	}
	u, err := s.passkeyUser(ctx, s.db.Read(), staff)
	if err != nil {
		return nil, "", err
	}
	if len(u.keys) >= mostPasskeys {
		return nil, "", errs.E(errs.TooMany, "org.many_passkeys", errs.Args{"most": mostPasskeys})
	}
	var known []protocol.CredentialDescriptor
	for i := range u.keys {
		known = append(known, u.keys[i].Descriptor())
	}
	made, session, err := s.passkeys.BeginRegistration(u, webauthn.WithExclusions(known))
	if err != nil {
		return nil, "", err
	}
	return s.begun(ctx, staff, made, session)
}

// begun keeps a ceremony and returns what the browser gets of it.
func (s *Store) begun(ctx context.Context, staff string, options any, session *webauthn.SessionData) (json.RawMessage, string, error) {
	doc, err := json.Marshal(session)
	if err != nil {
		return nil, "", err
	}
	out, err := json.Marshal(options)
	if err != nil {
		return nil, "", err
	}
	token, err := s.Begin(ctx, staff, string(doc))
	return out, token, err
}

func (s *Store) ended(ctx context.Context, token, staff string) (session webauthn.SessionData, err error) {
	doc, err := s.End(ctx, token, staff)
	if err == nil {
		err = json.Unmarshal([]byte(doc), &session)
	}
	return session, err
}

// AddPasskey takes the passkey that a browser has made. Errors: Unauthenticated
// "org.sign_on_late", Invalid, Exists.
func (s *Store) AddPasskey(ctx context.Context, staff, token, name string, response []byte) (p Passkey, err error) {
	defer errs.Wrap(&err, "org.AddPasskey")
	if s.passkeys == nil {
		return p, errNoPasskeys
	}
	name = strings.TrimSpace(name)
	if n := utf8.RuneCountInString(name); n == 0 || n > maxName || strings.ContainsRune(name, 0) {
		return p, errs.E(errs.Invalid, "org.no_name", nil).At("name")
	}
	session, err := s.ended(ctx, token, staff)
	if err != nil {
		return p, err
	}
	wrong := errs.E(errs.Invalid, "org.wrong_passkey", nil)
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return p, wrong.Because(err)
	}
	u, err := s.passkeyUser(ctx, s.db.Read(), staff)
	if err != nil {
		return p, err
	}
	made, err := s.passkeys.CreateCredential(u, session, parsed)
	if err != nil {
		return p, wrong.Because(err)
	}
	doc, err := json.Marshal(made)
	if err != nil {
		return p, err
	}
	p = Passkey{ID: base64.RawURLEncoding.EncodeToString(made.ID), Name: name}
	err = s.db.Write(ctx, func(tx *sqldb.Tx) error {
		p.At = tx.Now()
		_, err := tx.Exec(ctx, `insert into passkey (id, staff, name, at, used_at, doc) values (?, ?, ?, ?, 0, ?)`, p.ID, staff, p.Name, p.At, string(doc))
		if err != nil {
			return err
		}
		return note(ctx, tx, "staff:"+staff, "passkey_added", staff, map[string]any{"passkey": p.ID[:min(16, len(p.ID))]})
	})
	return p, err
}

// Passkeys returns a person's passkeys, the oldest first.
func (s *Store) Passkeys(ctx context.Context, staff string) ([]Passkey, error) {
	return sqldb.Select[Passkey](ctx, s.db.Read(), `select id, name, at, used_at from passkey where staff = ? order by at, id`, staff)
}

// EndPasskey removes one of a person's passkeys. Error: NotFound.
func (s *Store) EndPasskey(ctx context.Context, staff, id string) error {
	return s.db.Write(ctx, func(tx *sqldb.Tx) error {
		n, err := tx.Exec(ctx, `delete from passkey where staff = ? and id = ?`, staff, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return errs.E(errs.NotFound, "org.no_passkey", nil)
		}
		return note(ctx, tx, "staff:"+staff, "passkey_ended", staff, map[string]any{"passkey": id[:min(16, len(id))]})
	})
}

// BeginSignIn returns the options by which a browser asks for a passkey of this site,
// and the token that SignInPasskey needs. Error: Unavailable.
func (s *Store) BeginSignIn(ctx context.Context) (options json.RawMessage, token string, err error) {
	defer errs.Wrap(&err, "org.BeginSignIn")
	if s.passkeys == nil {
		return nil, "", errNoPasskeys
	}
	asked, session, err := s.passkeys.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, "", err
	}
	return s.begun(ctx, "", asked, session)
}

// SignInPasskey opens a session for whoever answered with a passkey, in place of the
// session that replaces is the token of. A key whose counter went back has been copied
// and is refused. Error: Unauthenticated.
func (s *Store) SignInPasskey(ctx context.Context, token, replaces string, response []byte) (_ Session, _ string, err error) {
	defer errs.Wrap(&err, "org.SignInPasskey")
	if s.passkeys == nil {
		return Session{}, "", errNoPasskeys
	}
	session, err := s.ended(ctx, token, "")
	if err != nil {
		return Session{}, "", err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return Session{}, "", errLogin.Because(err)
	}
	find := func(_, handle []byte) (webauthn.User, error) { return s.passkeyUser(ctx, s.db.Read(), string(handle)) }
	user, used, err := s.passkeys.ValidatePasskeyLogin(find, session, parsed)
	if err != nil || used.Authenticator.CloneWarning {
		return Session{}, "", errLogin.Because(err)
	}
	staff := string(user.WebAuthnID())
	doc, err := json.Marshal(used)
	if err != nil {
		return Session{}, "", err
	}
	err = s.db.Write(ctx, func(tx *sqldb.Tx) error {
		return tx.ExecOne(ctx, `update passkey set doc = ?, used_at = ? where id = ? and staff = ?`,
			string(doc), tx.Now(), base64.RawURLEncoding.EncodeToString(used.ID), staff)
	})
	if err != nil {
		return Session{}, "", err
	}
	return s.signInProven(ctx, staff, "passkey", replaces)
}
