package org

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
)

// maxName bounds names of people, units and keys, in characters.
const maxName = 60

var loginForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,31}$`)

// validLogin also keeps the namespace of machine keys free.
func validLogin(login string) bool {
	return loginForm.MatchString(login) && !strings.HasPrefix(login, KeyActor)
}

// StaffEdit changes what of a person is not nil.
type StaffEdit struct {
	Name     *string
	Unit     *string
	Roles    *[]string
	Phone    *string // mobile, "" takes it away
	Active   *bool
	Password *string // a first or a forgotten one; the person has to choose another at once
}

// AddStaff enters a person. The password, if given, is one that the person has
// to change. Errors: Invalid, Exists "org.staff_exists".
func (s *Store) AddStaff(ctx context.Context, by Actor, p Staff, password string) (err error) {
	defer errs.Wrap(&err, "org.AddStaff")
	p.ID, p.Demo = strings.ToLower(strings.TrimSpace(p.ID)), false
	if err := s.checkStaff(&p); err != nil {
		return err
	}
	stored, err := s.givenPassword(ctx, p.ID, password)
	if err != nil {
		return err
	}
	return s.edit(ctx, func(tx *sqldb.Tx) error {
		known, err := sqldb.Get[int](ctx, tx, `select count(*) from staff where id = ?`, p.ID)
		if err != nil {
			return err
		}
		if known > 0 {
			return errs.E(errs.Exists, "org.staff_exists", nil).At("id")
		}
		if err := putStaff(ctx, tx, p); err != nil {
			return err
		}
		if stored != "" {
			if err := putPassword(ctx, tx, p.ID, stored, mustChange); err != nil {
				return err
			}
		}
		return note(ctx, tx, by.Ref(), "staff_added", p.ID, map[string]any{"unit": p.Unit, "roles": p.Roles})
	})
}

func (s *Store) givenPassword(ctx context.Context, login, password string) (string, error) {
	if password == "" {
		return "", nil
	}
	if err := CheckPassword(login, password); err != nil {
		return "", err
	}
	return s.hasher.hash(ctx, password)
}

// EditStaff changes a person. Whoever loses the account, the unit or a role is
// signed out. Errors: NotFound, Invalid, Conflict "org.not_yourself" where an
// administrator would shut out himself.
func (s *Store) EditStaff(ctx context.Context, by Actor, id string, e StaffEdit) (err error) {
	defer errs.Wrap(&err, "org.EditStaff(%s)", id)
	p, ok := s.Directory().Staff(id)
	if !ok {
		return errs.E(errs.NotFound, "org.no_staff", nil)
	}
	was := p
	set(&p.Name, e.Name)
	set(&p.Unit, e.Unit)
	set(&p.Roles, e.Roles)
	set(&p.Phone, e.Phone)
	set(&p.Active, e.Active)
	if err := s.checkPerson(&p); err != nil {
		return err
	}
	if e.Unit != nil || e.Roles != nil || e.Active != nil && p.Active {
		// Not otherwise: a person whose unit has ended can still be renamed or leave.
		if err := s.checkPlace(p.Unit, p.Roles); err != nil {
			return err
		}
	}
	if by.ID == id && (!p.Active || s.administers(was.Roles) && !s.administers(p.Roles)) {
		return errs.E(errs.Conflict, "org.not_yourself", nil)
	}
	if e.Password != nil && s.isDemo(id) {
		return errs.E(errs.Forbidden, "org.demo_password", nil)
	}
	stored := ""
	if e.Password != nil {
		if stored, err = s.givenPassword(ctx, id, *e.Password); err != nil {
			return err
		}
	}
	return s.edit(ctx, func(tx *sqldb.Tx) error {
		if err := putStaff(ctx, tx, p); err != nil {
			return err
		}
		if stored != "" {
			if err := putPassword(ctx, tx, id, stored, mustChange); err != nil {
				return err
			}
		}
		if stored != "" || !p.Active || p.Unit != was.Unit || !slices.Equal(p.Roles, was.Roles) {
			if _, err := tx.Exec(ctx, `delete from session where staff = ?`, id); err != nil {
				return err
			}
		}
		return note(ctx, tx, by.Ref(), "staff_edited", id, map[string]any{
			"unit": p.Unit, "roles": p.Roles, "active": p.Active, "password": stored != "",
		})
	})
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// administers reports whether one of the roles manages accounts.
func (s *Store) administers(roles []string) bool {
	return slices.ContainsFunc(roles, func(code string) bool {
		r, ok := s.Directory().Role(code)
		return ok && r.Admin
	})
}

func (s *Store) checkStaff(p *Staff) error {
	if err := s.checkPerson(p); err != nil {
		return err
	}
	return s.checkPlace(p.Unit, p.Roles)
}

func (s *Store) checkPerson(p *Staff) error {
	p.Name = strings.TrimSpace(p.Name)
	if !validLogin(p.ID) {
		return errs.E(errs.Invalid, "org.bad_login", nil).At("id")
	}
	if n := utf8.RuneCountInString(p.Name); n == 0 || n > maxName || strings.ContainsRune(p.Name, 0) {
		return errs.E(errs.Invalid, "org.no_name", nil).At("name")
	}
	if p.Phone = strings.TrimSpace(p.Phone); p.Phone != "" && !Mobile(p.Phone) {
		return errs.E(errs.Invalid, "org.no_mobile", nil).At("phone")
	}
	return nil
}

var mobile = regexp.MustCompile(`^1[3-9][0-9]{9}$`)

// Mobile reports whether a number takes text messages.
func Mobile(phone string) bool { return mobile.MatchString(phone) }

// checkPlace checks a unit and roles.
func (s *Store) checkPlace(unit string, roles []string) error {
	if u, ok := s.Directory().Unit(unit); !ok || !u.Active {
		return errs.E(errs.Invalid, "org.no_unit", nil).At("unit")
	}
	if len(roles) == 0 {
		return errs.E(errs.Invalid, "org.needs_role", nil).At("roles")
	}
	for _, r := range roles {
		if _, ok := s.Directory().Role(r); !ok {
			return errs.E(errs.Invalid, "org.no_such_role", nil).At("roles")
		}
	}
	return nil
}

func putStaff(ctx context.Context, tx *sqldb.Tx, p Staff) error {
	_, err := tx.Exec(ctx, `insert into staff (id, name, unit, roles, phone, active, demo, version) values (?, ?, ?, ?, ?, ?, ?, 1)
		on conflict (id) do update set name = excluded.name, unit = excluded.unit, roles = excluded.roles, phone = excluded.phone,
		active = excluded.active, version = staff.version + 1`,
		p.ID, p.Name, p.Unit, strings.Join(p.Roles, " "), p.Phone, flag(p.Active), flag(p.Demo))
	if err != nil {
		return err
	}
	return bump(ctx, tx)
}

// bump tells other processes that the directory has changed.
func bump(ctx context.Context, tx *sqldb.Tx) error {
	_, err := tx.Exec(ctx, `update org_revision set rev = rev + 1 where id = 1`)
	return err
}

// edit writes and then reads the directory anew.
func (s *Store) edit(ctx context.Context, fn func(tx *sqldb.Tx) error) error {
	if err := s.db.Write(ctx, fn); err != nil {
		return err
	}
	return s.Reload(ctx)
}

// AddUnit enters a unit. Errors: Invalid, Exists "org.unit_exists".
func (s *Store) AddUnit(ctx context.Context, by Actor, u Unit) (err error) {
	defer errs.Wrap(&err, "org.AddUnit")
	u.Active = true
	if _, known := s.Directory().Unit(u.Code); known {
		return errs.E(errs.Exists, "org.unit_exists", nil).At("code")
	}
	if !validLogin(u.Code) {
		return errs.E(errs.Invalid, "org.bad_unit_code", nil).At("code")
	}
	return s.putUnit(ctx, by, "unit_added", u)
}

// UnitEdit changes what of a unit is not nil. Where a unit stands in the tree
// does not change: its cases carry its path. A reform makes a new unit and lets
// the old one end.
type UnitEdit struct {
	Name, Short, Function, Phone *string
	Night, Approval, Active      *bool
}

// EditUnit changes a unit. Errors: NotFound, Invalid.
func (s *Store) EditUnit(ctx context.Context, by Actor, code string, e UnitEdit) (err error) {
	defer errs.Wrap(&err, "org.EditUnit(%s)", code)
	u, ok := s.Directory().Unit(code)
	if !ok {
		return errs.E(errs.NotFound, "org.no_unit", nil)
	}
	set(&u.Name, e.Name)
	set(&u.Short, e.Short)
	set(&u.Function, e.Function)
	set(&u.Phone, e.Phone)
	set(&u.Night, e.Night)
	set(&u.Approval, e.Approval)
	set(&u.Active, e.Active)
	return s.putUnit(ctx, by, "unit_edited", u)
}

var unitKinds = []UnitKind{Centre, Department, Street, Office, Community, Utility, Partner}

func (s *Store) putUnit(ctx context.Context, by Actor, kind string, u Unit) error {
	u.Name, u.Short = strings.TrimSpace(u.Name), strings.TrimSpace(u.Short)
	if u.Short == "" {
		u.Short = u.Name
	}
	for _, name := range []string{u.Name, u.Short} {
		if n := utf8.RuneCountInString(name); n == 0 || n > maxName || strings.ContainsRune(name, 0) {
			return errs.E(errs.Invalid, "org.no_name", nil).At("name")
		}
	}
	if !slices.Contains(unitKinds, u.Kind) {
		return errs.E(errs.Invalid, "org.bad_unit_kind", nil).At("kind")
	}
	// A directory with the unit is what refuses an unknown parent.
	if _, err := s.Directory().WithUnits(u); err != nil {
		return err
	}
	return s.edit(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `insert into unit (code, name, short, kind, parent, area, function, night, approval, phone, active, version)
			values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1) on conflict (code) do update set name = excluded.name, short = excluded.short,
			function = excluded.function, night = excluded.night, approval = excluded.approval, phone = excluded.phone,
			active = excluded.active, version = unit.version + 1`,
			u.Code, u.Name, u.Short, string(u.Kind), u.Parent, u.Area, u.Function, flag(u.Night), flag(u.Approval), u.Phone, flag(u.Active))
		if err != nil {
			return err
		}
		if err := bump(ctx, tx); err != nil {
			return err
		}
		return note(ctx, tx, by.Ref(), kind, u.Code, map[string]any{"active": u.Active, "function": u.Function})
	})
}
