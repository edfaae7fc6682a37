package org

import (
	"context"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
)

// ceremonyLife is how long a sign-on may take from its beginning to its answer.
const ceremonyLife = 10 * time.Minute

// Begin keeps what a sign-on that has begun needs to know when its answer comes, and
// returns the token that the answer has to bring. staff is who began it, "" for
// somebody who is not known yet.
func (s *Store) Begin(ctx context.Context, staff, doc string) (token string, err error) {
	defer errs.Wrap(&err, "org.Begin")
	if token, err = newToken(); err != nil {
		return "", err
	}
	err = s.db.Write(ctx, func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(ctx, `delete from ceremony where until <= ?`, tx.Now()); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `insert into ceremony (digest, until, staff, doc) values (?, ?, ?, ?)`,
			tokenDigest(token), tx.Now()+ceremonyLife.Milliseconds(), staff, doc)
		return err
	})
	return token, err
}

// End returns what Begin kept, once. Error: Unauthenticated "org.sign_on_late".
func (s *Store) End(ctx context.Context, token, staff string) (doc string, err error) {
	defer errs.Wrap(&err, "org.End")
	late := errs.E(errs.Unauthenticated, "org.sign_on_late", nil)
	err = s.db.Write(ctx, func(tx *sqldb.Tx) error {
		err := tx.QueryRow(ctx, `select doc from ceremony where digest = ? and staff = ? and until > ?`, tokenDigest(token), staff, tx.Now()).Scan(&doc)
		if errs.Is(err, errs.NotFound) {
			return late
		}
		if err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `delete from ceremony where digest = ?`, tokenDigest(token))
		if err == nil && n == 0 {
			return late // another answer was faster
		}
		return err
	})
	return doc, err
}

// signInProven opens a session for a person who has proved in another way than by a
// password who they are. Whoever is locked out for wrong passwords is not locked out
// of this. Error: Unauthenticated "org.wrong_login".
func (s *Store) signInProven(ctx context.Context, staff, how, replaces string) (Session, string, error) {
	if _, active := s.Directory().Actor(staff); !active {
		return Session{}, "", errLogin
	}
	err := s.db.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `insert into account (staff, password, must_change, failures, locked_until) values (?, '', 0, 0, 0)
			on conflict (staff) do nothing`, staff)
		if err != nil {
			return err
		}
		return note(ctx, tx, "staff:"+staff, "sign_in_by", staff, map[string]any{"by": how})
	})
	if err != nil {
		return Session{}, "", err
	}
	return s.openSession(ctx, account{Staff: staff}, replaces)
}

// SignInAs opens a session for whom an identity provider vouches for. The first time
// the subject is tied to the person with the login name that the provider gives; from
// then on only the subject counts, so that a name that is given to somebody else opens
// nothing. Errors: Unauthenticated "org.wrong_login", "org.other_identity".
func (s *Store) SignInAs(ctx context.Context, issuer, subject, login, replaces string) (_ Session, token string, err error) {
	defer errs.Wrap(&err, "org.SignInAs")
	var staff string
	err = s.db.Write(ctx, func(tx *sqldb.Tx) error {
		err := tx.QueryRow(ctx, `select staff from identity where issuer = ? and subject = ?`, issuer, subject).Scan(&staff)
		if err == nil || !errs.Is(err, errs.NotFound) {
			return err
		}
		p, ok := s.Directory().Staff(login)
		if !ok || !p.Active || s.isDemo(login) {
			return errLogin
		}
		others, err := sqldb.Get[int](ctx, tx, `select count(*) from identity where issuer = ? and staff = ?`, issuer, login)
		if err != nil {
			return err
		}
		if others > 0 {
			return errs.E(errs.Unauthenticated, "org.other_identity", nil)
		}
		staff = login
		if _, err := tx.Exec(ctx, `insert into identity (issuer, subject, staff, at) values (?, ?, ?, ?)`, issuer, subject, login, tx.Now()); err != nil {
			return err
		}
		return note(ctx, tx, "staff:"+login, "identity_tied", login, map[string]any{"issuer": issuer})
	})
	if err != nil {
		return Session{}, "", err
	}
	return s.signInProven(ctx, staff, "oidc", replaces)
}
