package org

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
)

// Wrong passwords cost nothing at first, and then time that doubles: a minute,
// two, four, at most an hour.
const (
	freeFailures = 5
	firstLock    = time.Minute
	longestLock  = time.Hour
)

// account is how a person signs in.
type account struct {
	Staff       string `db:"staff"`
	Password    string `db:"password"`
	MustChange  int    `db:"must_change"`
	Failures    int    `db:"failures"`
	LockedUntil int64  `db:"locked_until"`
}

const selectAccount = `select staff, password, must_change, failures, locked_until from account where staff = ?`

// errLogin is the one answer to every failed sign-in. Whether there is such an
// account, and whether it is locked, is told to nobody who has not proved to own it.
var errLogin = errs.E(errs.Unauthenticated, "org.wrong_login", nil)

// SignIn opens a session for a login name and its password, in place of the
// session that replaces is the token of ("" for none). Error: Unauthenticated
// "org.wrong_login", the same whatever was wrong.
func (s *Store) SignIn(ctx context.Context, login, password, replaces string) (_ Session, token string, err error) {
	defer errs.Wrap(&err, "org.SignIn")
	acc, open, err := s.countTry(ctx, login)
	if err != nil {
		return Session{}, "", err
	}
	right, err := s.hasher.matches(ctx, password, acc.Password)
	if err != nil {
		return Session{}, "", err
	}
	_, active := s.Directory().Actor(acc.Staff)
	if !right || !open || !active {
		if acc.Staff == "" {
			// What was typed as a login name may have been a password: it is not kept.
			return Session{}, "", errLogin
		}
		return Session{}, "", s.refuse(ctx, acc.Staff)
	}
	return s.openSession(ctx, acc, replaces)
}

func (s *Store) refuse(ctx context.Context, staff string) error {
	err := s.db.Write(ctx, func(tx *sqldb.Tx) error { return note(ctx, tx, "staff:"+staff, "sign_in_failed", staff, nil) })
	if err != nil {
		return err
	}
	return errLogin
}

// countTry counts a try as failed before it is judged, so that many at once get
// no more tries than one after the other. It reports whether the account may be
// tried now; an account that does not exist is empty.
func (s *Store) countTry(ctx context.Context, login string) (acc account, open bool, err error) {
	login = strings.ToLower(strings.TrimSpace(login))
	if !validLogin(login) {
		return account{}, false, nil
	}
	err = s.db.Write(ctx, func(tx *sqldb.Tx) error {
		query := selectAccount
		if tx.Engine() == sqldb.Postgres {
			query += ` for update`
		}
		var err error
		acc, err = sqldb.Get[account](ctx, tx, query, login)
		if errs.Is(err, errs.NotFound) {
			acc, open = account{}, false
			return nil
		}
		if err != nil {
			return err
		}
		open = acc.LockedUntil <= tx.Now()
		if !open || s.isDemo(acc.Staff) {
			return nil
		}
		failures := acc.Failures + 1
		_, err = tx.Exec(ctx, `update account set failures = ?, locked_until = ? where staff = ?`,
			failures, lockedUntil(failures, tx.Now()), acc.Staff)
		return err
	})
	return acc, open, err
}

// lockedUntil returns until when an account is locked after so many failures in
// a row, 0 where it is not.
func lockedUntil(failures int, now int64) int64 {
	if failures < freeFailures {
		return 0
	}
	lock := longestLock
	if over := failures - freeFailures; over < 6 {
		lock = min(lock, firstLock<<over)
	}
	return now + lock.Milliseconds()
}

// ChangePassword changes one's own password and ends one's other sessions; token
// is that of the session that stays. Errors: Invalid (the new one), Forbidden
// "org.wrong_password" (the old one), "org.demo_password" (everybody shares it).
func (s *Store) ChangePassword(ctx context.Context, staff, token, old, fresh string) (err error) {
	defer errs.Wrap(&err, "org.ChangePassword(%s)", staff)
	if s.isDemo(staff) {
		return errs.E(errs.Forbidden, "org.demo_password", nil)
	}
	if err := CheckPassword(staff, fresh); err != nil {
		return err
	}
	wrong := errs.E(errs.Forbidden, "org.wrong_password", nil).At("old")
	acc, open, err := s.countTry(ctx, staff)
	if err != nil {
		return err
	}
	right, err := s.hasher.matches(ctx, old, acc.Password)
	if err != nil {
		return err
	}
	if !right || !open {
		return wrong
	}
	if old == fresh {
		return errs.E(errs.Invalid, "org.password_same", nil).At("password")
	}
	stored, err := s.hasher.hash(ctx, fresh)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *sqldb.Tx) error {
		if err := tx.ExecOne(ctx, `update account set password = ?, must_change = 0, failures = 0, locked_until = 0 where staff = ?`, stored, staff); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from session where staff = ? and digest <> ?`, staff, tokenDigest(token)); err != nil {
			return err
		}
		return note(ctx, tx, "staff:"+staff, "password", staff, nil)
	})
}

// NeedsSetup reports whether nobody can sign in yet.
func (s *Store) NeedsSetup(ctx context.Context) (bool, error) {
	n, err := sqldb.Get[int](ctx, s.db.Read(), `select count(*) from account`)
	return n == 0, err
}

// setupSetting is written by whoever sets the house up, so that of two who do it
// at once only one succeeds.
const setupSetting = "setup_by"

// AllowSetup lets whoever knows a code make the first administrator. Without it
// nobody can: to be the first to find the address is no proof of anything.
func (s *Store) AllowSetup(code string) { s.setup.Store(&code) }

// SetupCode makes a code for AllowSetup that is easily typed from a screen.
func SetupCode() string {
	text := rand.Text()
	return text[:5] + "-" + text[5:10] + "-" + text[10:15]
}

// Setup makes the first administrator, a person of the given unit with the given
// roles, for who knows the set-up code. Errors: Forbidden "org.setup_code", Invalid,
// Conflict "org.set_up" where there is an account already.
func (s *Store) Setup(ctx context.Context, code string, p Staff, password string) (err error) {
	defer errs.Wrap(&err, "org.Setup")
	if needed, err := s.NeedsSetup(ctx); err != nil {
		return err
	} else if !needed {
		return errs.E(errs.Conflict, "org.set_up", nil)
	}
	want := s.setup.Load()
	if want == nil || subtle.ConstantTimeCompare([]byte(plainCode(code)), []byte(plainCode(*want))) != 1 {
		return errs.E(errs.Forbidden, "org.setup_code", nil).At("code")
	}
	p.ID, p.Active = strings.ToLower(strings.TrimSpace(p.ID)), true
	if err := s.checkStaff(&p); err != nil {
		return err
	}
	if err := CheckPassword(p.ID, password); err != nil {
		return err
	}
	stored, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	err = s.db.Write(ctx, func(tx *sqldb.Tx) error {
		taken := errs.E(errs.Conflict, "org.set_up", nil)
		accounts, err := sqldb.Get[int](ctx, tx, `select count(*) from account`)
		if err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `insert into setting (name, value) values (?, ?) on conflict (name) do nothing`, setupSetting, p.ID)
		if err != nil {
			return err
		}
		if accounts > 0 || n == 0 {
			return taken
		}
		if err := putStaff(ctx, tx, p); err != nil {
			return err
		}
		if err := putPassword(ctx, tx, p.ID, stored, keepsPassword); err != nil {
			return err
		}
		return note(ctx, tx, "staff:"+p.ID, "setup", p.ID, nil)
	})
	if err != nil {
		return err
	}
	return s.Reload(ctx)
}

// plainCode is a code as it was typed, without case, spaces and hyphens.
func plainCode(typed string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, strings.ToUpper(typed))
}

// passwordState says whether a person must choose another password at once.
type passwordState int

const (
	keepsPassword passwordState = iota
	mustChange
)

func putPassword(ctx context.Context, tx *sqldb.Tx, staff, stored string, state passwordState) error {
	_, err := tx.Exec(ctx, `insert into account (staff, password, must_change, failures, locked_until) values (?, ?, ?, 0, 0)
		on conflict (staff) do update set password = excluded.password, must_change = excluded.must_change, failures = 0, locked_until = 0`,
		staff, stored, int(state))
	return err
}

// DemoAccount is an account that the sign-in page of a demo directory offers.
type DemoAccount struct {
	Staff    Staff
	Password string
}

// demoSetting keeps the demo password in clear: it is shown to everybody.
const demoSetting = "demo_password"

// OpenDemo gives every demo person an account with one password that everybody
// may know, made once for each directory. Their passwords cannot be changed and
// their accounts are not locked, so that no visitor shuts out another.
func (s *Store) OpenDemo(ctx context.Context) (err error) {
	defer errs.Wrap(&err, "org.OpenDemo")
	var password string
	err = s.db.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `insert into setting (name, value) values (?, ?) on conflict (name) do nothing`,
			demoSetting, "demo-"+strings.ToLower(rand.Text()[:8]))
		if err != nil {
			return err
		}
		password, err = sqldb.Get[string](ctx, tx, `select value from setting where name = ?`, demoSetting)
		return err
	})
	if err != nil {
		return err
	}
	stored, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	err = s.db.Write(ctx, func(tx *sqldb.Tx) error {
		for _, p := range s.Directory().AllStaff() {
			if !p.Demo {
				continue
			}
			_, err := tx.Exec(ctx, `insert into account (staff, password, must_change, failures, locked_until)
				values (?, ?, 0, 0, 0) on conflict (staff) do nothing`, p.ID, stored)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.demo.Store(&password)
	}
	return err
}

// DemoAccounts returns the accounts that anybody may use, none outside a demo.
func (s *Store) DemoAccounts() []DemoAccount {
	password := s.demo.Load()
	if password == nil {
		return nil
	}
	var out []DemoAccount
	for _, p := range s.Directory().AllStaff() {
		if p.Demo && p.Active {
			out = append(out, DemoAccount{p, *password})
		}
	}
	return out
}

func (s *Store) isDemo(staff string) bool {
	p, ok := s.Directory().Staff(staff)
	return s.demo.Load() != nil && ok && p.Demo
}

// note enters what somebody did into the audit table.
func note(ctx context.Context, tx *sqldb.Tx, actor, kind, subject string, detail map[string]any) error {
	if detail == nil {
		detail = map[string]any{}
	}
	doc, err := json.Marshal(detail)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into audit (id, at, actor, kind, subject, detail) values (?, ?, ?, ?, ?, ?)`,
		ulid.Make().String(), tx.Now(), actor, kind, subject, string(doc))
	return err
}

// Note enters something into the audit table that another room did on behalf of
// an actor, such as an export. The detail holds nothing personal.
func (s *Store) Note(ctx context.Context, by Actor, kind, subject string, detail map[string]any) error {
	return s.db.Write(ctx, func(tx *sqldb.Tx) error { return note(ctx, tx, by.Ref(), kind, subject, detail) })
}

// Noted is a line of the audit table.
type Noted struct {
	ID      string `db:"id"`
	At      int64  `db:"at"`
	Actor   string `db:"actor"`
	Kind    string `db:"kind"`
	Subject string `db:"subject"`
	Detail  string `db:"detail"` // JSON
}

// Audit returns the latest lines before an id ("" from the end), newest first.
func (s *Store) Audit(ctx context.Context, before string, limit int) ([]Noted, error) {
	if before == "" {
		before = "~" // after every ULID
	}
	return sqldb.Select[Noted](ctx, s.db.Read(),
		`select id, at, actor, kind, subject, detail from audit where id < ? order by id desc limit ?`, before, limit)
}
