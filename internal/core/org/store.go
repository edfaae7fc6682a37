package org

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/go-webauthn/webauthn/webauthn"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
)

// Store keeps units, staff and accounts as they are edited. The pack fills them
// once, when the database is new or when it brings units and people that the
// database has never seen; from then on the database is right.
type Store struct {
	db   *sqldb.DB
	pack *Directory // roles and roster are the pack's
	now  atomic.Pointer[Directory]
	rev  atomic.Int64

	reloading sync.Mutex // one at a time, so that an older reading never replaces a newer

	keys knownKeys

	passkeys *webauthn.WebAuthn // nil where the site's address cannot have any

	hasher *hasher
	demo   atomic.Pointer[string] // the demo password, nil outside a demo
	setup  atomic.Pointer[string] // what whoever makes the first administrator has to know, nil makes none
}

// Open fills what the pack brings new and reads the directory.
func Open(ctx context.Context, db *sqldb.DB, pack *Directory) (_ *Store, err error) {
	defer errs.Wrap(&err, "org.Open")
	s := &Store{db: db, pack: pack, hasher: newHasher()}
	if err := s.fill(ctx); err != nil {
		return nil, err
	}
	return s, s.Reload(ctx)
}

// Directory returns the units and staff as they are now.
func (s *Store) Directory() *Directory { return s.now.Load() }

const selectUnits = `select code, name, short, kind, parent, area, function, night, approval, phone, active from unit`

// LookAtUnits reads the units of a database of this or an earlier release, without
// staff, and writes nothing there.
func LookAtUnits(ctx context.Context, db *sqldb.DB, pack *Directory) (_ *Directory, err error) {
	defer errs.Wrap(&err, "org.LookAtUnits")
	units, err := sqldb.Select[unitRow](ctx, db.Read(), selectUnits)
	if err != nil {
		return nil, err
	}
	return (&Store{db: db, pack: pack}).directory(units, nil)
}

func (s *Store) fill(ctx context.Context) error {
	return s.db.Write(ctx, func(tx *sqldb.Tx) error {
		for _, u := range s.pack.Units() {
			_, err := tx.Exec(ctx, `insert into unit (code, name, short, kind, parent, area, function, night, approval, phone, active, version)
				values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1) on conflict (code) do nothing`,
				u.Code, u.Name, u.Short, string(u.Kind), u.Parent, u.Area, u.Function, flag(u.Night), flag(u.Approval), u.Phone, flag(u.Active))
			if err != nil {
				return err
			}
		}
		for _, p := range s.pack.AllStaff() {
			_, err := tx.Exec(ctx, `insert into staff (id, name, unit, roles, active, demo, version)
				values (?, ?, ?, ?, ?, ?, 1) on conflict (id) do nothing`,
				p.ID, p.Name, p.Unit, strings.Join(p.Roles, " "), flag(p.Active), flag(p.Demo))
			if err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `insert into org_revision (id, rev) values (1, 1) on conflict (id) do nothing`)
		return err
	})
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

type unitRow struct {
	Code     string `db:"code"`
	Name     string `db:"name"`
	Short    string `db:"short"`
	Kind     string `db:"kind"`
	Parent   string `db:"parent"`
	Area     string `db:"area"`
	Function string `db:"function"`
	Night    int    `db:"night"`
	Approval int    `db:"approval"`
	Phone    string `db:"phone"`
	Active   int    `db:"active"`
}

type staffRow struct {
	ID     string `db:"id"`
	Name   string `db:"name"`
	Unit   string `db:"unit"`
	Roles  string `db:"roles"`
	Phone  string `db:"phone"`
	Active int    `db:"active"`
	Demo   int    `db:"demo"`
}

// Reload reads the directory anew; a process calls it when Stale says so.
func (s *Store) Reload(ctx context.Context) (err error) {
	defer errs.Wrap(&err, "org.Reload")
	s.reloading.Lock()
	defer s.reloading.Unlock()
	var rev int64
	var units []unitRow
	var staff []staffRow
	err = s.db.Snapshot(ctx, func(q sqldb.Querier) (err error) {
		if rev, err = sqldb.Get[int64](ctx, q, `select rev from org_revision where id = 1`); err != nil {
			return err
		}
		if units, err = sqldb.Select[unitRow](ctx, q, selectUnits); err != nil {
			return err
		}
		staff, err = sqldb.Select[staffRow](ctx, q, `select id, name, unit, roles, phone, active, demo from staff`)
		return err
	})
	if err != nil {
		return err
	}
	d, err := s.directory(units, staff)
	if err != nil {
		return err
	}
	s.now.Store(d)
	s.rev.Store(rev)
	return nil
}

func (s *Store) directory(units []unitRow, staff []staffRow) (*Directory, error) {
	us := make([]Unit, len(units))
	for i, u := range units {
		us[i] = Unit{Code: u.Code, Name: u.Name, Short: u.Short, Kind: UnitKind(u.Kind), Parent: u.Parent, Area: u.Area,
			Function: u.Function, Night: u.Night == 1, Approval: u.Approval == 1, Phone: u.Phone, Active: u.Active == 1}
	}
	ps := make([]Staff, len(staff))
	for i, p := range staff {
		ps[i] = Staff{ID: p.ID, Name: p.Name, Unit: p.Unit, Roles: strings.Fields(p.Roles), Phone: p.Phone, Active: p.Active == 1, Demo: p.Demo == 1}
	}
	return NewDirectory(us, ps, s.pack.Roles(), s.pack.shifts())
}

// Stale reports whether another process has changed units or staff.
func (s *Store) Stale(ctx context.Context) (bool, error) {
	rev, err := sqldb.Get[int64](ctx, s.db.Read(), `select rev from org_revision where id = 1`)
	return rev != s.rev.Load(), err
}
