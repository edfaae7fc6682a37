package org_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/sqldb/sqldbtest"
	"yiwang/internal/core/org"
	"yiwang/internal/core/schema"
)

// office is a small directory with a clock that the test moves.
type office struct {
	*org.Store
	db  *sqldb.DB
	now atomic.Int64
}

func (o *office) pass(d time.Duration) { o.now.Add(d.Milliseconds()) }

var smallPack = func() *org.Directory {
	d, err := org.NewDirectory(
		[]org.Unit{
			{Code: "qu", Name: "区政府", Kind: org.Department, Active: true},
			{Code: "centre", Name: "分拨中心", Kind: org.Centre, Parent: "qu", Active: true},
		},
		[]org.Staff{
			{ID: "li.na", Name: "李娜", Unit: "centre", Roles: []string{"dispatcher"}, Active: true, Demo: true},
			{ID: "wang", Name: "王", Unit: "centre", Roles: []string{"dispatcher"}, Active: true},
		},
		[]org.Role{{Code: "dispatcher", Sees: org.SeesAll}, {Code: "admin", Sees: org.SeesOwn, Admin: true}}, nil)
	if err != nil {
		panic(err)
	}
	return d
}()

func run(t *testing.T, fn func(t *testing.T, o *office)) {
	t.Helper()
	for name, url := range map[string]func(testing.TB) string{
		"sqlite":   func(t testing.TB) string { return sqldbtest.SQLiteURL(t, schema.Migrations()) },
		"postgres": func(t testing.TB) string { return sqldbtest.PostgresURL(t, schema.Migrations()) },
	} {
		t.Run(name, func(t *testing.T) {
			o := &office{}
			o.now.Store(time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC).UnixMilli())
			db, err := sqldb.Open(t.Context(), sqldb.Config{URL: url(t), Conns: 8, Now: func() time.Time { return time.UnixMilli(o.now.Load()) }})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := db.Close(); err != nil {
					t.Error(err)
				}
			})
			o.db = db
			if o.Store, err = org.Open(t.Context(), db, smallPack); err != nil {
				t.Fatal(err)
			}
			o.AllowSetup(setupCode)
			fn(t, o)
		})
	}
}

const (
	rightPassword = "河边的三棵柳树开花了"
	otherPassword = "桥头有两只黑色的鸭子"
	setupCode     = "ABCDE-FGHIJ-KLMNO"
)

var boss = org.Staff{ID: "boss", Name: "主任", Unit: "centre", Roles: []string{"admin"}}

func (o *office) setUp(t *testing.T) org.Actor {
	t.Helper()
	if err := o.Setup(t.Context(), setupCode, boss, rightPassword); err != nil {
		t.Fatal(err)
	}
	a, ok := o.Directory().Actor("boss")
	if !ok {
		t.Fatal("the administrator is not in the directory")
	}
	return a
}

// Of many who set a new house up at once, one becomes its administrator.
func TestSetupOnce(t *testing.T) {
	run(t, func(t *testing.T, o *office) {
		if needed, err := o.NeedsSetup(t.Context()); err != nil || !needed {
			t.Fatalf("a new house needs no set-up: %v, %v", needed, err)
		}
		var done, refused atomic.Int32
		var all sync.WaitGroup
		for _, id := range []string{"a1", "b2", "c3", "d4"} {
			all.Go(func() {
				p := boss
				p.ID = id
				switch err := o.Setup(t.Context(), setupCode, p, rightPassword); {
				case err == nil:
					done.Add(1)
				case errs.Is(err, errs.Conflict):
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if done.Load() != 1 || refused.Load() != 3 {
			t.Errorf("%d set up, %d refused", done.Load(), refused.Load())
		}
		if needed, err := o.NeedsSetup(t.Context()); err != nil || needed {
			t.Errorf("still to be set up: %v, %v", needed, err)
		}
	})
}

func TestSignIn(t *testing.T) {
	run(t, func(t *testing.T, o *office) {
		o.setUp(t)
		ctx := t.Context()
		for _, c := range []struct{ login, password string }{
			{"boss", otherPassword}, {"nobody", rightPassword}, {"boss", ""}, {"", ""}, {"wang", ""}, {"BOSS ' or 1=1", rightPassword},
		} {
			if _, _, err := o.SignIn(ctx, c.login, c.password, ""); !errs.Is(err, errs.Unauthenticated) || !strings.Contains(err.Error(), "org.wrong_login") {
				t.Errorf("%q signed in with %q: %v", c.login, c.password, err)
			}
		}
		first, token, err := o.SignIn(ctx, " Boss ", rightPassword, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, who, err := o.Authenticate(ctx, token); err != nil || who.ID != "boss" {
			t.Fatalf("authenticated as %q: %v", who.ID, err)
		}
		// Signing in again gives another token, and the old one is worth nothing.
		second, rotated, err := o.SignIn(ctx, "boss", rightPassword, token)
		if err != nil || rotated == token || second.ID == first.ID {
			t.Fatalf("the token was not changed: %v", err)
		}
		if _, _, err := o.Authenticate(ctx, token); !errs.Is(err, errs.Unauthenticated) {
			t.Errorf("the replaced session still works: %v", err)
		}
		if err := o.SignOut(ctx, rotated); err != nil {
			t.Fatal(err)
		}
		if _, _, err := o.Authenticate(ctx, rotated); !errs.Is(err, errs.Unauthenticated) {
			t.Errorf("signed out, but %v", err)
		}
	})
}

// An account that is tried too often rests, longer each time, and says nothing of it.
func TestLock(t *testing.T) {
	run(t, func(t *testing.T, o *office) {
		o.setUp(t)
		ctx := t.Context()
		try := func(password string) error { _, _, err := o.SignIn(ctx, "boss", password, ""); return err }
		for range 5 {
			if err := try(otherPassword); !errs.Is(err, errs.Unauthenticated) {
				t.Fatal(err)
			}
		}
		if err := try(rightPassword); !errs.Is(err, errs.Unauthenticated) {
			t.Errorf("a locked account opened: %v", err)
		}
		o.pass(61 * time.Second)
		if err := try(otherPassword); !errs.Is(err, errs.Unauthenticated) {
			t.Fatal(err)
		}
		o.pass(61 * time.Second)
		if err := try(rightPassword); !errs.Is(err, errs.Unauthenticated) {
			t.Errorf("the second rest was not longer: %v", err)
		}
		o.pass(61 * time.Second)
		if err := try(rightPassword); err != nil {
			t.Errorf("the rest did not end: %v", err)
		}
		// A right password wipes the slate.
		if err := try(otherPassword); !errs.Is(err, errs.Unauthenticated) {
			t.Fatal(err)
		}
		if err := try(rightPassword); err != nil {
			t.Errorf("one slip locked: %v", err)
		}
	})
}

// Guessing at many doors at once gives no more guesses than one after the other.
func TestLockHoldsAgainstMany(t *testing.T) {
	run(t, func(t *testing.T, o *office) {
		o.setUp(t)
		var all sync.WaitGroup
		for range 12 {
			all.Go(func() {
				if _, _, err := o.SignIn(t.Context(), "boss", otherPassword, ""); !errs.Is(err, errs.Unauthenticated) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if _, _, err := o.SignIn(t.Context(), "boss", rightPassword, ""); !errs.Is(err, errs.Unauthenticated) {
			t.Errorf("after twelve guesses at once the account was open: %v", err)
		}
	})
}

func TestSessionEnds(t *testing.T) {
	run(t, func(t *testing.T, o *office) {
		o.setUp(t)
		ctx := t.Context()
		in := func() string {
			_, token, err := o.SignIn(ctx, "boss", rightPassword, "")
			if err != nil {
				t.Fatal(err)
			}
			return token
		}
		alive := func(token string) bool {
			_, _, err := o.Authenticate(ctx, token)
			if err != nil && !errs.Is(err, errs.Unauthenticated) {
				t.Fatal(err)
			}
			return err == nil
		}
		idle := in()
		o.pass(29 * time.Minute)
		if !alive(idle) {
			t.Error("ended before half an hour without use")
		}
		o.pass(29 * time.Minute)
		if !alive(idle) {
			t.Error("use did not keep it")
		}
		o.pass(20 * time.Minute)
		if _, err := o.Watch(ctx, idle); err != nil {
			t.Errorf("watching: %v", err)
		}
		o.pass(20 * time.Minute)
		if alive(idle) {
			t.Error("a window that nobody looked at kept the session")
		}
		busy := in()
		for range 12*3 - 1 {
			o.pass(20 * time.Minute)
			if !alive(busy) {
				t.Fatal("a busy session ended early")
			}
		}
		o.pass(20 * time.Minute)
		if alive(busy) {
			t.Error("a session outlived its shift")
		}
	})
}

func TestPasswords(t *testing.T) {
	run(t, func(t *testing.T, o *office) {
		admin := o.setUp(t)
		ctx := t.Context()
		if err := o.AddStaff(ctx, admin, org.Staff{ID: "New.One", Name: "新同事", Unit: "centre", Roles: []string{"dispatcher"}, Active: true}, otherPassword); err != nil {
			t.Fatal(err)
		}
		s, token, err := o.SignIn(ctx, "new.one", otherPassword, "")
		if err != nil || !s.MustChange {
			t.Fatalf("a given password need not be changed: %v, %v", s.MustChange, err)
		}
		_, elsewhere, err := o.SignIn(ctx, "new.one", otherPassword, "")
		if err != nil {
			t.Fatal(err)
		}
		for fresh, key := range map[string]string{"short": "org.password_length", "my-New.One-1": "org.password_login", otherPassword: "org.password_same"} {
			if err := o.ChangePassword(ctx, "new.one", token, otherPassword, fresh); !errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), key) {
				t.Errorf("%q: %v, want %s", fresh, err, key)
			}
		}
		if err := o.ChangePassword(ctx, "new.one", token, "wrong old one", rightPassword); !errs.Is(err, errs.Forbidden) {
			t.Errorf("changed without the old one: %v", err)
		}
		if err := o.ChangePassword(ctx, "new.one", token, otherPassword, rightPassword); err != nil {
			t.Fatal(err)
		}
		if s, _, err := o.Authenticate(ctx, token); err != nil || s.MustChange {
			t.Errorf("after the change: %v, must change %v", err, s.MustChange)
		}
		if _, _, err := o.Authenticate(ctx, elsewhere); !errs.Is(err, errs.Unauthenticated) {
			t.Errorf("the other session lived on: %v", err)
		}
	})
}

// Whoever leaves or changes places is signed out at once, and an administrator
// cannot shut himself out.
func TestEdits(t *testing.T) {
	run(t, func(t *testing.T, o *office) {
		admin := o.setUp(t)
		ctx := t.Context()
		no, yes := false, true
		if err := o.EditStaff(ctx, admin, "boss", org.StaffEdit{Active: &no}); !errs.Is(err, errs.Conflict) {
			t.Errorf("the administrator left by his own hand: %v", err)
		}
		if err := o.EditStaff(ctx, admin, "boss", org.StaffEdit{Roles: &[]string{"dispatcher"}}); !errs.Is(err, errs.Conflict) {
			t.Errorf("the administrator gave up his own right: %v", err)
		}
		password := otherPassword
		if err := o.EditStaff(ctx, admin, "wang", org.StaffEdit{Password: &password}); err != nil {
			t.Fatal(err)
		}
		_, token, err := o.SignIn(ctx, "wang", otherPassword, "")
		if err != nil {
			t.Fatal(err)
		}
		if err := o.EditStaff(ctx, admin, "wang", org.StaffEdit{Active: &no}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := o.Authenticate(ctx, token); !errs.Is(err, errs.Unauthenticated) {
			t.Errorf("who left is still in: %v", err)
		}
		if err := o.AddUnit(ctx, admin, org.Unit{Code: "st-1", Name: "东街道", Kind: org.Street, Parent: "nowhere"}); !errs.Is(err, errs.Invalid) {
			t.Errorf("a unit under nothing: %v", err)
		}
		if err := o.AddUnit(ctx, admin, org.Unit{Code: "st-1", Name: "东街道", Kind: org.Street, Parent: "qu"}); err != nil {
			t.Fatal(err)
		}
		if u, ok := o.Directory().Unit("st-1"); !ok || u.Path != "qu/st-1" || !u.Active {
			t.Errorf("the new unit is %+v", u)
		}
		if err := o.EditUnit(ctx, admin, "st-1", org.UnitEdit{Night: &yes}); err != nil {
			t.Fatal(err)
		}
		log, err := o.Audit(ctx, "", 100)
		if err != nil {
			t.Fatal(err)
		}
		kinds := map[string]int{}
		for _, l := range log {
			kinds[l.Kind]++
			if strings.Contains(l.Detail, otherPassword) {
				t.Errorf("the audit table holds a password: %s", l.Detail)
			}
		}
		for _, k := range []string{"setup", "staff_edited", "unit_added", "unit_edited", "sign_in"} {
			if kinds[k] == 0 {
				t.Errorf("nothing is noted of %s in %v", k, kinds)
			}
		}
	})
}

func TestKeys(t *testing.T) {
	run(t, func(t *testing.T, o *office) {
		admin := o.setUp(t)
		ctx := t.Context()
		k, secret, err := o.MakeKey(ctx, admin, org.Key{Name: "市热线", Channel: "hotline", Unit: "centre", Roles: []string{"dispatcher"}})
		if err != nil {
			t.Fatal(err)
		}
		if got, who, err := o.AuthenticateKey(ctx, secret); err != nil || got.ID != k.ID || who.Ref() != "staff:key."+k.ID {
			t.Errorf("the key is %+v, acts as %s: %v", got, who.Ref(), err)
		}
		for _, wrong := range []string{"", "ywk_", secret + "x", strings.TrimPrefix(secret, "ywk_")} {
			if _, _, err := o.AuthenticateKey(ctx, wrong); !errs.Is(err, errs.Unauthenticated) {
				t.Errorf("%q opened: %v", wrong, err)
			}
		}
		other, err := org.Open(ctx, o.db, smallPack) // another process
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := other.AuthenticateKey(ctx, secret); err != nil {
			t.Fatal(err)
		}
		if err := o.RevokeKey(ctx, admin, k.ID); err != nil {
			t.Fatal(err)
		}
		ended := time.Now()
		if _, _, err := o.AuthenticateKey(ctx, secret); !errs.Is(err, errs.Unauthenticated) {
			t.Errorf("an ended key opened: %v", err)
		}
		for _, _, err = other.AuthenticateKey(ctx, secret); err == nil && time.Since(ended) < 10*time.Second; _, _, err = other.AuthenticateKey(ctx, secret) {
			time.Sleep(50 * time.Millisecond)
		}
		if took := time.Since(ended); !errs.Is(err, errs.Unauthenticated) || took > 4*time.Second {
			t.Errorf("%v after it was ended elsewhere a key gives %v", took, err)
		}
		// Nobody can take a login name that a key acts under.
		if err := o.AddStaff(ctx, admin, org.Staff{ID: "key.1", Name: "x", Unit: "centre", Roles: []string{"dispatcher"}}, ""); !errs.Is(err, errs.Invalid) {
			t.Errorf("a person named like a key: %v", err)
		}
	})
}

func TestDemo(t *testing.T) {
	run(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		if len(o.DemoAccounts()) != 0 {
			t.Error("demo accounts outside a demo")
		}
		for range 2 { // as after a restart
			if err := o.OpenDemo(ctx); err != nil {
				t.Fatal(err)
			}
		}
		all := o.DemoAccounts()
		if len(all) != 1 || all[0].Staff.ID != "li.na" {
			t.Fatalf("demo accounts: %+v", all)
		}
		for range 8 {
			if _, _, err := o.SignIn(ctx, "li.na", "wrong", ""); !errs.Is(err, errs.Unauthenticated) {
				t.Fatal(err)
			}
		}
		_, token, err := o.SignIn(ctx, "li.na", all[0].Password, "")
		if err != nil {
			t.Fatalf("a visitor locked the demo: %v", err)
		}
		if err := o.ChangePassword(ctx, "li.na", token, all[0].Password, rightPassword); !errs.Is(err, errs.Forbidden) {
			t.Errorf("a visitor changed the demo password: %v", err)
		}
	})
}

// One hash takes at most 60 ms of a core.
func BenchmarkSignIn(b *testing.B) {
	db := sqldbtest.OpenSQLite(b, schema.Migrations())
	s, err := org.Open(b.Context(), db, smallPack)
	if err != nil {
		b.Fatal(err)
	}
	s.AllowSetup(setupCode)
	if err := s.Setup(context.Background(), setupCode, boss, rightPassword); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, _, err := s.SignIn(b.Context(), "boss", rightPassword, ""); err != nil {
			b.Fatal(err)
		}
	}
}
