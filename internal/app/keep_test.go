package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/sqldb/sqldbtest"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
	"yiwang/internal/core/schema"
	"yiwang/internal/work/intake"
)

// lived opens a directory and lets some cases happen in it.
func lived(t *testing.T, cfg Config) *App {
	t.Helper()
	a, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	fenbo, ok := a.Staff.Directory().Actor("fenbo")
	if !ok {
		t.Fatal("the demo has no dispatcher")
	}
	for i := range 30 {
		filed, err := a.Desk.File(t.Context(), intake.Message{Channel: "counter", Actor: org.Machine("test"), Phone: "13800138000",
			ExternalID: fmt.Sprint("K-", i), Text: fmt.Sprintf("莲花街道红荔路%d号门口的路灯不亮已经三天，“晚上”看不见路。", i)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Cases.Act(t.Context(), fenbo, cases.Deed{Case: filed.ID, Action: "correct", Input: map[string]any{"nature": "求助"}}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := a.Cases.Sequence(t.Context(), "test"); err != nil {
		t.Fatal(err)
	}
	if err := a.checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	return a
}

func closed(t *testing.T, a *App) {
	t.Helper()
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
}

func verified(t *testing.T, cfg Config, note []byte) cases.Verdict {
	t.Helper()
	v, err := Verify(t.Context(), cfg, note, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !v.OK {
		t.Errorf("verify: %v", v.Faults)
	}
	return v
}

// A backup that is made while cases are filed is a directory that verifies by itself
// and opens; what was filed before it is in it.
func TestBackupWhileRunning(t *testing.T) {
	dir, to := t.TempDir(), filepath.Join(t.TempDir(), "copy")
	a := lived(t, Config{Data: dir})
	before, err := a.Cases.End(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stop, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				ended <- nil
				return
			default:
			}
			_, err := a.Desk.File(context.WithoutCancel(t.Context()), intake.Message{Channel: "counter", Actor: org.Machine("test"),
				Text: fmt.Sprintf("福田街道第%d号附近垃圾没有清运，请尽快处理。", i)})
			if err != nil {
				ended <- err
				return
			}
		}
	}()
	err = a.backup(t.Context(), to, true)
	close(stop)
	if err = errors.Join(err, <-ended); err != nil {
		t.Fatal(err)
	}
	if err := a.backup(t.Context(), to, true); !errs.Is(err, errs.Exists) {
		t.Errorf("over a backup that is there: %v", err)
	}
	closed(t, a)
	note, err := os.ReadFile(filepath.Join(to, latestNote))
	if err != nil {
		t.Fatal(err)
	}
	if v := verified(t, Config{Data: to}, note); v.Actions < before {
		t.Errorf("%d actions in the backup, %d before it", v.Actions, before)
	}
	b := open(t, to)
	if _, err := b.Cases.ByNumber(t.Context(), number(t, b)); err != nil {
		t.Error(err)
	}
	closed(t, b)
}

func number(t *testing.T, a *App) (n string) {
	t.Helper()
	if err := a.DB.Read().QueryRow(t.Context(), `select min(number) from cases`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// A backup may leave the keys out; then it opens nothing by itself, and everything
// when they are laid beside it again.
func TestBackupWithoutKeys(t *testing.T) {
	dir, to := t.TempDir(), filepath.Join(t.TempDir(), "copy")
	closed(t, lived(t, Config{Data: dir}))
	if err := Backup(t.Context(), Config{Data: dir}, to, false); err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(t.Context(), Config{Data: to}, nil, nil); !errs.Is(err, errs.NotFound) {
		t.Errorf("without keys: %v", err)
	}
	if err := os.CopyFS(filepath.Join(to, keysDir), os.DirFS(filepath.Join(dir, keysDir))); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{masterFile, signFile} {
		if err := os.Chmod(filepath.Join(to, keysDir, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	verified(t, Config{Data: to}, nil)
	b := open(t, to)
	defer closed(t, b)
	id, err := sqldb.Get[string](t.Context(), b.DB.Read(), `select id from cases limit 1`)
	if err != nil {
		t.Fatal(err)
	}
	v, err := b.Cases.Open(t.Context(), org.Appellant(), id, "")
	if err != nil || !slices.ContainsFunc(v.Fields, func(f cases.Value) bool { return f.Text == "13800138000" }) {
		t.Errorf("with the keys again the telephone number is not read: %+v, %v", v.Fields, err)
	}
}

// Everything moves from SQLite to PostgreSQL and back, with the same sums and the
// same root; the database that was left opens no more.
func TestMove(t *testing.T) {
	there, dir := sqldbtest.PostgresURL(t, nil), t.TempDir()
	a := lived(t, Config{Data: dir})
	_, root, err := a.Cases.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	closed(t, a)
	m, err := Move(t.Context(), Config{Data: dir}, there, nil)
	if err != nil {
		t.Fatalf("%v, %+v", err, m)
	}
	if !m.OK || m.Root != cases.EncodeRoot(root) || m.Verdict.Cases != 30 || m.Words != 30 || len(m.Tables) < 20 {
		t.Errorf("moved %+v", m)
	}
	if _, err := Open(t.Context(), Config{Data: dir}); !errs.Is(err, errs.Conflict) {
		t.Errorf("the database that was left: %v", err)
	}
	if _, err := Move(t.Context(), Config{Data: dir, DB: there}, there, nil); !errs.Is(err, errs.Conflict) {
		t.Errorf("onto itself: %v", err)
	}
	found := func(url string) (n int) {
		t.Helper()
		b, err := Open(t.Context(), Config{Data: dir, DB: url})
		if err != nil {
			t.Fatal(err)
		}
		defer closed(t, b)
		where, arg := b.Cases.Match("id", "路灯")
		if err := b.DB.Read().QueryRow(t.Context(), `select count(*) from cases where `+where, arg).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := found(there); n != 30 {
		t.Errorf("%d of 30 messages are found by their words", n)
	}
	back := "sqlite:" + filepath.Join(t.TempDir(), "back.db")
	if m, err = Move(t.Context(), Config{Data: dir, DB: there}, back, nil); err != nil || !m.OK {
		t.Fatalf("back: %v, %+v", err, m)
	}
	if n := found(back); n != 30 {
		t.Errorf("back again %d of 30 messages are found by their words", n)
	}
}

// A database as each earlier release left it is looked at by verify as it is, and
// then brought up to date with every row that it had.
func TestUpgradeFromEveryRelease(t *testing.T) {
	all, err := fs.Glob(schema.Migrations(), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	keys := t.TempDir()
	now := lived(t, Config{Data: keys})
	defer closed(t, now)
	for _, engine := range []struct {
		name, notIts string
		url          func(testing.TB, fs.FS) string
	}{{"sqlite", ".pg.sql", sqldbtest.SQLiteURL}, {"postgres", ".sqlite.sql", sqldbtest.PostgresURL}} {
		t.Run(engine.name, func(t *testing.T) {
			its := slices.DeleteFunc(slices.Clone(all), func(name string) bool { return strings.HasSuffix(name, engine.notIts) })
			for i := range its[:len(its)-1] {
				t.Run(strings.TrimSuffix(its[i], ".sql"), func(t *testing.T) {
					version, err := strconv.Atoi(its[i][:5]) // numbers are reserved before their files land
					if err != nil {
						t.Fatal(err)
					}
					upgrade(t, now, keys, engine.url(t, release(t, its[:i+1])), version)
				})
			}
		})
	}
}

// release returns the migrations that a release knew.
func release(t *testing.T, names []string) fs.FS {
	t.Helper()
	old := fstest.MapFS{}
	for _, n := range names {
		raw, err := fs.ReadFile(schema.Migrations(), n)
		if err != nil {
			t.Fatal(err)
		}
		old[n] = &fstest.MapFile{Data: raw}
	}
	return old
}

// upgrade fills an older schema with what it has room for, and opens it.
func upgrade(t *testing.T, now *App, keys, url string, version int) {
	before := fill(t, now, url)
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, keysDir), os.DirFS(filepath.Join(keys, keysDir))); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{masterFile, signFile} {
		if err := os.Chmod(filepath.Join(dir, keysDir, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg := Config{Data: dir, DB: url}
	v := verified(t, cfg, nil)
	if have := versionOf(t, url); have != int64(version) {
		t.Fatalf("after verify the schema is %d, not %d as it was", have, version)
	}
	migrated(t, url, before)
	if version == 1 { // the longest way; opening costs more than all else here
		a, err := Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		closed(t, a)
	}
	if after := verified(t, cfg, nil); after.Root != v.Root || after.Cases != v.Cases {
		t.Errorf("before %+v, after %+v", v, after)
	}
}

// migrated brings a database up to date and compares what it had with what it has.
func migrated(t *testing.T, url string, before []counted) {
	t.Helper()
	db := openDB(t, url)
	err := db.Migrate(t.Context(), schema.Migrations())
	if err == nil {
		err = db.Snapshot(t.Context(), func(q sqldb.Querier) error {
			for _, b := range before {
				sum, err := sqldb.SumOf(t.Context(), q, b.table)
				if err != nil {
					return err
				}
				if sum != b.sum && !refolded[b.table.Name] {
					t.Errorf("table %s had %+v, has %+v", b.table.Name, b.sum, sum)
				}
			}
			return nil
		})
	}
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// refolded are the tables that a migration may empty, because they are folded again
// from the log.
var refolded = map[string]bool{"figure": true, "feed_cursor": true}

// moved are tables of earlier releases whose rows a migration carried into another:
// TestEditionsMoveTogether of work/edition follows them there.
var moved = map[string]bool{"duty_edition": true, "rule_edition": true}

func openDB(t *testing.T, url string) *sqldb.DB {
	t.Helper()
	db, err := sqldb.Open(t.Context(), sqldb.Config{URL: url, Conns: 2})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

type counted struct {
	table sqldb.Table
	sum   sqldb.Sum
}

// fill copies into the older database the tables and columns that it knows.
func fill(t *testing.T, now *App, url string) (out []counted) {
	t.Helper()
	old := openDB(t, url)
	defer func() {
		if err := old.Close(); err != nil {
			t.Error(err)
		}
	}()
	tables, err := old.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = now.DB.Snapshot(t.Context(), func(q sqldb.Querier) error {
		for _, table := range tables {
			if moved[table.Name] {
				continue
			}
			sum, err := sqldb.CopyTable(t.Context(), q, table, old)
			if err != nil {
				return err
			}
			out = append(out, counted{table, sum})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func versionOf(t *testing.T, url string) int64 {
	t.Helper()
	db := openDB(t, url)
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	have, _, err := db.Schema(t.Context(), schema.Migrations())
	if err != nil {
		t.Fatal(err)
	}
	return have
}

// Nothing is made where somebody verifies a directory that is not there.
func TestVerifyMakesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "typo")
	if _, err := Verify(t.Context(), Config{Data: dir, Now: time.Now}, nil, nil); !errs.Is(err, errs.NotFound) {
		t.Errorf("verify: %v", err)
	}
	if exists(dir) {
		t.Error("the directory was made")
	}
}
