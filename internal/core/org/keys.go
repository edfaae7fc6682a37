package org

import (
	"context"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
)

// Key is how another system comes in. It acts as a member of its unit with its
// roles, and files by its channel only.
type Key struct {
	ID      string // names the key; not the secret
	Name    string // of the system, e.g. 市级热线平台
	Channel string // code of the channel it files by, "" for one that only reads
	Unit    string
	Roles   []string
	At      int64
	Active  bool
}

type keyRow struct {
	Digest  string `db:"digest"`
	Name    string `db:"name"`
	Channel string `db:"channel"`
	Unit    string `db:"unit"`
	Roles   string `db:"roles"`
	At      int64  `db:"at"`
	Active  int    `db:"active"`
}

func (r keyRow) key() Key {
	return Key{ID: r.Digest[:16], Name: r.Name, Channel: r.Channel, Unit: r.Unit, Roles: strings.Fields(r.Roles), At: r.At, Active: r.Active == 1}
}

const keyColumns = `digest, name, channel, unit, roles, at, active`

// keyPrefix lets a key that was pasted somewhere be recognised for what it is.
const keyPrefix = "ywk_"

// KeyActor begins the actor id of a machine that came in by a key.
const KeyActor = "key."

// MakeKey makes a machine key and returns its secret, in clear for this once.
// Errors: Invalid (name, unit, a role).
func (s *Store) MakeKey(ctx context.Context, by Actor, k Key) (_ Key, secret string, err error) {
	defer errs.Wrap(&err, "org.MakeKey")
	k.Name = strings.TrimSpace(k.Name)
	if n := utf8.RuneCountInString(k.Name); n == 0 || n > maxName {
		return Key{}, "", errs.E(errs.Invalid, "org.no_name", nil).At("name")
	}
	if err := s.checkPlace(k.Unit, k.Roles); err != nil {
		return Key{}, "", err
	}
	token, err := newToken()
	if err != nil {
		return Key{}, "", err
	}
	secret = keyPrefix + token
	row := keyRow{Digest: tokenDigest(secret), Name: k.Name, Channel: k.Channel, Unit: k.Unit, Roles: strings.Join(k.Roles, " "), Active: 1}
	err = s.db.Write(ctx, func(tx *sqldb.Tx) error {
		row.At = tx.Now()
		_, err := tx.Exec(ctx, `insert into machine_key (`+keyColumns+`) values (?, ?, ?, ?, ?, ?, ?)`,
			row.Digest, row.Name, row.Channel, row.Unit, row.Roles, row.At, row.Active)
		if err != nil {
			return err
		}
		return note(ctx, tx, by.Ref(), "key_made", row.Digest[:16], map[string]any{"channel": k.Channel, "unit": k.Unit, "roles": k.Roles})
	})
	return row.key(), secret, err
}

// Keys returns all machine keys, the latest first.
func (s *Store) Keys(ctx context.Context) ([]Key, error) {
	rows, err := sqldb.Select[keyRow](ctx, s.db.Read(), `select `+keyColumns+` from machine_key order by at desc, digest`)
	out := make([]Key, len(rows))
	for i, r := range rows {
		out[i] = r.key()
	}
	return out, err
}

// RevokeKey ends a machine key for good: in this process at once, in others within
// keyLife. Error: NotFound.
func (s *Store) RevokeKey(ctx context.Context, by Actor, id string) error {
	defer s.keys.forget()
	return s.db.Write(ctx, func(tx *sqldb.Tx) error {
		n, err := tx.Exec(ctx, `update machine_key set active = 0 where substr(digest, 1, 16) = ? and active = 1`, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return errs.E(errs.NotFound, "org.no_key", nil)
		}
		return note(ctx, tx, by.Ref(), "key_revoked", id, nil)
	})
}

// AuthenticateKey returns the key with a secret and the actor it acts as. Error:
// Unauthenticated "org.wrong_key".
func (s *Store) AuthenticateKey(ctx context.Context, secret string) (_ Key, _ Actor, err error) {
	defer errs.Wrap(&err, "org.AuthenticateKey")
	wrong := errs.E(errs.Unauthenticated, "org.wrong_key", nil)
	if !strings.HasPrefix(secret, keyPrefix) {
		return Key{}, Actor{}, wrong
	}
	digest := tokenDigest(secret)
	k, round := s.keys.find(digest)
	if k == nil {
		row, err := sqldb.Get[keyRow](ctx, s.db.Read(), `select `+keyColumns+` from machine_key where digest = ?`, digest)
		if errs.Is(err, errs.NotFound) {
			return Key{}, Actor{}, wrong
		}
		if err != nil {
			return Key{}, Actor{}, err
		}
		read := row.key()
		k = &read
		s.keys.keep(digest, k, round)
	}
	a, ok := s.actorOf(*k)
	if !ok {
		return Key{}, Actor{}, wrong
	}
	return *k, a, nil
}

// actorOf returns the actor that a key acts as, false where it has ended.
func (s *Store) actorOf(k Key) (Actor, bool) {
	u, ok := s.Directory().Unit(k.Unit)
	if !k.Active || !ok || !u.Active {
		return Actor{}, false
	}
	return Actor{Kind: IsStaff, ID: KeyActor + k.ID, Name: k.Name, Unit: k.Unit, Path: u.Path, Roles: k.Roles}, true
}

// KeyActor returns a key by its id and the actor it acts as, for what is done on its
// behalf. Error: NotFound, also where the key has ended.
func (s *Store) KeyActor(ctx context.Context, id string) (Key, Actor, error) {
	row, err := sqldb.Get[keyRow](ctx, s.db.Read(), `select `+keyColumns+` from machine_key where substr(digest, 1, 16) = ? and active = 1`, id)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return Key{}, Actor{}, err
	}
	if err == nil {
		if a, ok := s.actorOf(row.key()); ok {
			return row.key(), a, nil
		}
	}
	return Key{}, Actor{}, errs.E(errs.NotFound, "org.no_key", nil)
}

// keyLife is how long a key that came in is taken for known: another process may end it
// meanwhile.
const keyLife = 2 * time.Second

// knownKeys are the keys that came in lately, by their digests: a system that files
// much need not be looked up with each request. It is safe for concurrent use.
type knownKeys struct {
	mu    sync.RWMutex
	round int // raised when all are forgotten: what was read before is not kept after
	known map[string]knownKey
}

type knownKey struct {
	*Key  // not to be changed
	until time.Time
}

// find returns a key that is known, or nil; round is for keep.
func (n *knownKeys) find(digest string) (_ *Key, round int) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if k, ok := n.known[digest]; ok && time.Now().Before(k.until) {
		return k.Key, n.round
	}
	return nil, n.round
}

// keep keeps a key that was read after find gave the round. Only keys that exist are
// kept, so there are never more than were made.
func (n *knownKeys) keep(digest string, k *Key, round int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.round == round {
		if n.known == nil {
			n.known = map[string]knownKey{}
		}
		n.known[digest] = knownKey{k, time.Now().Add(keyLife)}
	}
}

func (n *knownKeys) forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.round++
	n.known = nil
}
