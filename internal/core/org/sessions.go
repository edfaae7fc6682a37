package org

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
)

// A session ends after half an hour in which nothing was done, and in any case
// after twelve hours: a day's shift.
const (
	sessionIdle = 30 * time.Minute
	sessionLife = 12 * time.Hour
	// seenEvery is how exactly it is known when a session was last used; more often
	// would be a write for each look.
	seenEvery = time.Minute
)

// Session is somebody signed in.
type Session struct {
	ID         string // names the session to its owner; not the token
	Staff      string
	At         int64 // since when, UTC milliseconds
	SeenAt     int64 // last used, to the minute
	Until      int64 // ends then at the latest
	MustChange bool  // nothing but a new password is allowed
}

type sessionRow struct {
	Digest     string `db:"digest"`
	Staff      string `db:"staff"`
	At         int64  `db:"at"`
	SeenAt     int64  `db:"seen_at"`
	Until      int64  `db:"until"`
	MustChange int    `db:"must_change"`
}

const selectSession = `select s.digest, s.staff, s.at, s.seen_at, s.until, a.must_change from session s
	join account a on a.staff = s.staff `

func (r sessionRow) session() Session {
	return Session{ID: r.Digest[:16], Staff: r.Staff, At: r.At, SeenAt: r.SeenAt, Until: r.Until, MustChange: r.MustChange == 1}
}

// alive reports whether the session may still be used.
func (r sessionRow) alive(now int64) bool {
	return now < r.Until && now < r.SeenAt+sessionIdle.Milliseconds()
}

// tokenDigest is what is kept of a token: the database alone signs nobody in.
func tokenDigest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func newToken() (string, error) {
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

// openSession opens a session under a new token, ends the one it replaces and
// clears away those of the person that have run out.
func (s *Store) openSession(ctx context.Context, acc account, replaces string) (Session, string, error) {
	token, err := newToken()
	if err != nil {
		return Session{}, "", err
	}
	var row sessionRow
	err = s.db.Write(ctx, func(tx *sqldb.Tx) error {
		now := tx.Now()
		row = sessionRow{Digest: tokenDigest(token), Staff: acc.Staff, At: now, SeenAt: now,
			Until: now + sessionLife.Milliseconds(), MustChange: acc.MustChange}
		if _, err := tx.Exec(ctx, `delete from session where digest = ? or (staff = ? and (until <= ? or seen_at <= ?))`,
			tokenDigest(replaces), acc.Staff, now, now-sessionIdle.Milliseconds()); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into session (digest, staff, at, seen_at, until) values (?, ?, ?, ?, ?)`,
			row.Digest, row.Staff, row.At, row.SeenAt, row.Until); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update account set failures = 0, locked_until = 0 where staff = ?`, acc.Staff); err != nil {
			return err
		}
		return note(ctx, tx, "staff:"+acc.Staff, "sign_in", acc.Staff, nil)
	})
	return row.session(), token, err
}

// Authenticate returns the session of a token and who that is, and counts as its
// use. Error: Unauthenticated "org.signed_out".
func (s *Store) Authenticate(ctx context.Context, token string) (_ Session, _ Actor, err error) {
	defer errs.Wrap(&err, "org.Authenticate")
	row, actor, err := s.sessionOf(ctx, token)
	if err != nil {
		return Session{}, Actor{}, err
	}
	now := s.db.Now()
	if now-row.SeenAt >= seenEvery.Milliseconds() {
		err = s.db.Write(ctx, func(tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, `update session set seen_at = ? where digest = ?`, now, row.Digest)
			return err
		})
		row.SeenAt = now
	}
	return row.session(), actor, err
}

// Watch is Authenticate for what runs by itself in a window that nobody may be
// looking at: it does not keep the session alive.
func (s *Store) Watch(ctx context.Context, token string) (_ Actor, err error) {
	defer errs.Wrap(&err, "org.Watch")
	_, actor, err := s.sessionOf(ctx, token)
	return actor, err
}

func (s *Store) sessionOf(ctx context.Context, token string) (sessionRow, Actor, error) {
	out := errs.E(errs.Unauthenticated, "org.signed_out", nil)
	row, err := sqldb.Get[sessionRow](ctx, s.db.Read(), selectSession+`where s.digest = ?`, tokenDigest(token))
	if errs.Is(err, errs.NotFound) {
		return row, Actor{}, out
	}
	if err != nil {
		return row, Actor{}, err
	}
	actor, active := s.Directory().Actor(row.Staff)
	if !active || !row.alive(s.db.Now()) {
		return row, Actor{}, out
	}
	return row, actor, nil
}

// SignOut ends the session of a token. It is no error if there is none.
func (s *Store) SignOut(ctx context.Context, token string) (err error) {
	defer errs.Wrap(&err, "org.SignOut")
	return s.db.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `delete from session where digest = ?`, tokenDigest(token))
		return err
	})
}

// Sessions returns a person's sessions that may still be used, the latest first.
func (s *Store) Sessions(ctx context.Context, staff string) ([]Session, error) {
	rows, err := sqldb.Select[sessionRow](ctx, s.db.Read(), selectSession+`where s.staff = ? order by s.at desc, s.digest`, staff)
	var out []Session
	for _, r := range rows {
		if r.alive(s.db.Now()) {
			out = append(out, r.session())
		}
	}
	return out, err
}

// Revoke ends one of a person's sessions by its id. Error: NotFound.
func (s *Store) Revoke(ctx context.Context, staff, id string) error {
	if len(id) != 16 {
		return errs.E(errs.NotFound, "org.no_session", nil)
	}
	return s.db.Write(ctx, func(tx *sqldb.Tx) error {
		n, err := tx.Exec(ctx, `delete from session where staff = ? and substr(digest, 1, 16) = ?`, staff, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return errs.E(errs.NotFound, "org.no_session", nil)
		}
		return note(ctx, tx, "staff:"+staff, "session_ended", staff, nil)
	})
}
