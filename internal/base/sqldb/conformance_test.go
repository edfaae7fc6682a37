package sqldb_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/sqldb/sqldbtest"
)

// schema is a small office: cases, their search index, and clocks that fall due.
var schema = fstest.MapFS{
	"00001_cases.sql": {Data: []byte(`
create table cases (
	id {{text}} primary key,
	title {{text}} not null,
	version {{bigint}} not null,
	urgent {{bool}} not null default false,
	weight {{real}},
	form {{json}},
	photo {{blob}},
	parent {{text}} references cases (id)
) {{clustered}};

-- A name is taken once; this semicolon ends nothing.
create table names (
	name {{text}} primary key,
	case_id {{text}} not null
) {{clustered}};
`)},
	"00002_words.sql": {Data: []byte("{{fts case_words}};\n")},
	"00003_due.sqlite.sql": {Data: []byte(`
create table clocks (case_id text, clock text, due_at integer not null, held_until integer not null default 0,
	primary key (case_id, clock)) strict, without rowid;`)},
	"00003_due.pg.sql": {Data: []byte(`
create table clocks (case_id text collate "C", clock text, due_at bigint not null, held_until bigint not null default 0,
	primary key (case_id, clock));`)},
}

const insertCase = "insert into cases (id, title, version) values (?, ?, 1)"

func get[T any](t testing.TB, db *sqldb.DB, query string, args ...any) T {
	t.Helper()
	v, err := sqldb.Get[T](t.Context(), db.Read(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func write(t testing.TB, db *sqldb.DB, fn func(tx *sqldb.Tx) error) {
	t.Helper()
	if err := db.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// put writes cases with the ids given.
func put(t testing.TB, db *sqldb.DB, ids ...string) {
	t.Helper()
	write(t, db, func(tx *sqldb.Tx) error {
		for _, id := range ids {
			if _, err := tx.Exec(t.Context(), insertCase, id, "案件 "+id); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestReadBack(t *testing.T) {
	type part struct {
		Weight *float64 `db:"weight"`
		Urgent bool     `db:"urgent"`
	}
	type row struct {
		ID   string  `db:"id"`
		Form *string `db:"form"`
		part
		Photo []byte `db:"photo"`
	}
	sqldbtest.Run(t, schema, func(t *testing.T, db *sqldb.DB) {
		put(t, db, "b")
		write(t, db, func(tx *sqldb.Tx) error {
			_, err := tx.Exec(t.Context(), "insert into cases (id, title, version, urgent, weight, form, photo) values (?, ?, ?, ?, ?, ?, ?)",
				"A?", "it's a '?'", 2, true, 0.5, `{"k": 1}`, []byte{0, 255})
			return err
		})
		rows, err := sqldb.Select[row](t.Context(), db.Read(),
			"select id, form, weight, urgent, photo from cases where title <> 'a ? in quotes' and version >= ? order by id", 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != 2 || rows[1].ID != "b" || rows[1].Weight != nil || rows[1].Urgent || rows[1].Form != nil || rows[1].Photo != nil {
			t.Fatalf("rows = %+v", rows)
		}
		if a := rows[0]; a.ID != "A?" || *a.Weight != 0.5 || !a.Urgent || *a.Form != `{"k": 1}` || string(a.Photo) != "\x00\xff" {
			t.Errorf("row = %+v", a)
		}
		if _, err = sqldb.Get[row](t.Context(), db.Read(), "select id from cases where id = ?", "nobody"); !errs.Is(err, errs.NotFound) {
			t.Errorf("Get of nothing = %v, want NotFound", err)
		}
		if err := db.Read().QueryRow(t.Context(), "select id from cases where id = ?", "nobody").Scan(new(string)); !errs.Is(err, errs.NotFound) {
			t.Errorf("Scan of nothing = %v, want NotFound", err)
		}
		if _, err = sqldb.Get[row](t.Context(), db.Read(), "select id, title from cases"); err == nil {
			t.Error("a column without a field was dropped in silence")
		}
		if n := get[int](t, db, "select count(*) from cases where title like ? escape '\\'", "IT%"); n != 0 {
			t.Error("LIKE does not mind the case of letters")
		}
	})
}

func TestUndone(t *testing.T) {
	mine := errors.New("mine")
	sqldbtest.Run(t, schema, func(t *testing.T, db *sqldb.DB) {
		put(t, db, "there")
		leaving, leave := context.WithCancel(t.Context())
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		exec := func(query string, args ...any) func(tx *sqldb.Tx) error {
			return func(tx *sqldb.Tx) error { _, err := tx.Exec(t.Context(), query, args...); return err }
		}
		tests := []struct {
			name string
			ctx  context.Context
			fn   func(tx *sqldb.Tx) error
			want func(err error) bool
		}{
			{"its own error", t.Context(), func(*sqldb.Tx) error { return mine }, func(err error) bool { return err == mine }},
			{"panic", t.Context(), func(*sqldb.Tx) error { panic("no") }, func(err error) bool { return errs.Is(err, errs.Internal) }},
			{"context had ended", gone, func(*sqldb.Tx) error { return nil }, func(err error) bool { return errors.Is(err, context.Canceled) }},
			{"context ends", leaving, func(*sqldb.Tx) error { leave(); return nil }, func(err error) bool { return errors.Is(err, context.Canceled) }},
			{"key taken", t.Context(), exec(insertCase, "there", ""), func(err error) bool { return errs.Is(err, errs.Exists) }},
			{"no such parent", t.Context(), exec("insert into cases (id, title, version, parent) values ('y', '', 1, 'nobody')"),
				func(err error) bool { return errs.Is(err, errs.Conflict) }},
			{"NUL in text", t.Context(), exec(insertCase, "y", "a\x00b"), func(err error) bool { return errs.Is(err, errs.Invalid) }},
			{"broken UTF-8", t.Context(), exec(insertCase, "y", "\xff"), func(err error) bool { return errs.Is(err, errs.Invalid) }},
			{"wrong SQL", t.Context(), exec("insert into nothing values (1)"), func(err error) bool { return errs.Is(err, errs.Internal) }},
			{"text in a number", t.Context(), exec("insert into cases (id, title, version) values ('y', '', 'many')"),
				func(err error) bool { return errs.Is(err, errs.Internal) }},
			{"changed by another", t.Context(), func(tx *sqldb.Tx) error {
				return tx.ExecOne(t.Context(), "update cases set version = 3 where id = 'there' and version = 2")
			}, func(err error) bool { return errs.Is(err, errs.Conflict) }},
			{"swallowed error", t.Context(), func(tx *sqldb.Tx) error {
				_ = exec(insertCase, "there", "")(tx)
				return nil
			}, func(err error) bool { return errs.Is(err, errs.Exists) }},
			{"statement after a failed one", t.Context(), func(tx *sqldb.Tx) error {
				_ = exec(insertCase, "there", "")(tx)
				return exec(insertCase, "z", "")(tx)
			}, func(err error) bool { return errs.Is(err, errs.Exists) }},
			{"rows left open", t.Context(), func(tx *sqldb.Tx) error {
				if _, err := tx.Query(t.Context(), "select id from cases"); err != nil {
					return err
				}
				return exec(insertCase, "z", "")(tx)
			}, func(err error) bool { return err != nil && strings.Contains(err.Error(), "close them first") }},
		}
		for _, tt := range tests {
			after := false
			err := db.Write(tt.ctx, func(tx *sqldb.Tx) error {
				tx.After(func() { after = true })
				if _, err := tx.Exec(t.Context(), insertCase, "x", tt.name); err != nil {
					return err
				}
				return tt.fn(tx)
			})
			if err == nil || !tt.want(err) {
				t.Errorf("%s: Write = %v", tt.name, err)
			}
			if after {
				t.Errorf("%s: After ran for an undone write", tt.name)
			}
			if n := get[int](t, db, "select count(*) from cases"); n != 1 {
				t.Errorf("%s: %d rows, want the one that was there", tt.name, n)
			}
		}
		put(t, db, "alive")
	})
}

// What is left to the end runs after everything else, in its order, and undoes all where
// it fails.
func TestFinally(t *testing.T) {
	sqldbtest.Run(t, schema, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		put(t, db, "a")
		raise := "update cases set version = version + 1 where id = ? and version = ?"
		ran := false
		write(t, db, func(tx *sqldb.Tx) error {
			tx.After(func() { ran = true })
			tx.Finally("insert into names (name, case_id) values (?, ?)", "甲", "a")
			tx.FinallyOne(raise, "a", 1)
			if seen, err := sqldb.Get[int](ctx, tx.Aside(), "select count(*) from names"); err != nil || seen != 0 {
				return fmt.Errorf("%d names before the end, %v", seen, err)
			}
			_, err := tx.Exec(ctx, insertCase, "b", "案件")
			return err
		})
		if !ran || get[int64](t, db, "select version from cases where id = 'a'") != 2 || get[string](t, db, "select case_id from names") != "a" {
			t.Fatal("what was left to the end has not run")
		}
		for name, c := range map[string]struct {
			last func(tx *sqldb.Tx)
			kind errs.Kind
			key  string
		}{
			"a key twice":    {func(tx *sqldb.Tx) { tx.Finally("insert into names (name, case_id) values (?, ?)", "甲", "b") }, errs.Exists, "sqldb.exists"},
			"an old version": {func(tx *sqldb.Tx) { tx.FinallyOne(raise, "a", 1) }, errs.Conflict, "sqldb.changed"},
			"no text":        {func(tx *sqldb.Tx) { tx.Finally(insertCase, "d", "a\x00b") }, errs.Invalid, "sqldb.text"},
		} {
			err := db.Write(ctx, func(tx *sqldb.Tx) error {
				tx.After(func() { t.Errorf("%s: ran as if durable", name) })
				tx.Finally("update cases set weight = 1")
				c.last(tx)
				tx.Finally("delete from cases where id = 'b'")
				return nil
			})
			if e, ok := errors.AsType[*errs.Error](err); !ok || e.Kind != c.kind || e.Key != c.key {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := get[int](t, db, "select count(*) from cases where weight is null"); n != 2 {
			t.Errorf("%d cases of 2 are as they were", n)
		}
		failed := errors.New("the closure")
		err := db.Write(ctx, func(tx *sqldb.Tx) error {
			tx.Finally("delete from names")
			return failed
		})
		if !errors.Is(err, failed) || get[int](t, db, "select count(*) from names") != 1 {
			t.Errorf("after a closure that failed: %v", err)
		}
	})
}

// A write that follows another begins with its first statement, or at its end, when the
// other is done; until then it keeps nobody waiting, and it fails where the other failed.
func TestFollow(t *testing.T) {
	sqldbtest.Run(t, schema, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		for name, c := range map[string]func(tx *sqldb.Tx, id string) error{
			"at once":    func(tx *sqldb.Tx, id string) error { _, err := tx.Exec(ctx, insertCase, id, "案件"); return err },
			"at the end": func(tx *sqldb.Tx, id string) error { tx.Finally(insertCase, id, "案件"); return nil },
		} {
			made, before, done := make(chan struct{}), make(chan error), make(chan error, 1)
			go func() {
				done <- db.Write(ctx, func(tx *sqldb.Tx) error {
					tx.Follow(func() error { return <-before })
					close(made)
					return c(tx, name)
				})
			}()
			<-made
			put(t, db, "before "+name)
			if n := get[int](t, db, "select count(*) from cases where id = ?", name); n != 0 || len(done) != 0 {
				t.Errorf("%s: it was written before what it follows", name)
			}
			before <- nil
			if err := <-done; err != nil || get[int](t, db, "select count(*) from cases where id = ?", name) != 1 {
				t.Errorf("%s: it was not written after what it follows: %v", name, err)
			}

			lost := errors.New("what goes before failed")
			err := db.Write(ctx, func(tx *sqldb.Tx) error {
				tx.Follow(func() error { return lost })
				return c(tx, name+", lost")
			})
			if !errors.Is(err, lost) || get[int](t, db, "select count(*) from cases where id = ?", name+", lost") != 0 {
				t.Errorf("%s: a write was done though what it follows was not: %v", name, err)
			}
		}
	})
}

func TestAfterRunsOnceDurable(t *testing.T) {
	sqldbtest.Run(t, schema, func(t *testing.T, db *sqldb.DB) {
		var order []int
		seen := 0
		write(t, db, func(tx *sqldb.Tx) error {
			tx.After(func() { order = append(order, 1); seen = get[int](t, db, "select count(*) from cases") })
			tx.After(func() { order = append(order, 2) })
			_, err := tx.Exec(t.Context(), insertCase, "a", "")
			return err
		})
		if !slices.Equal(order, []int{1, 2}) || seen != 1 {
			t.Errorf("After ran as %v and saw %d rows", order, seen)
		}
	})
}

// The clock of the transactions does not go back by the little that a system's does
// now and then, and does not stand still until one that was days ahead is caught up.
func TestNow(t *testing.T) {
	times := []int64{1000, 2000, 500, 1999, 2001, 864_000_000, 3000, 2999, 3001}
	i := 0
	clock := func() time.Time { i++; return time.UnixMilli(times[(i-1)%len(times)]) }
	db, err := sqldb.Open(t.Context(), sqldb.Config{URL: "sqlite:" + t.TempDir() + "/一 网#.db", Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var got []int64
	for range times {
		write(t, db, func(tx *sqldb.Tx) error { got = append(got, tx.Now()); return nil })
	}
	if want := []int64{1000, 2000, 2000, 2000, 2001, 864_000_000, 3000, 3000, 3001}; !slices.Equal(got, want) {
		t.Errorf("Now = %v, want %v", got, want)
	}
}

// Many write at once; each write is there once or not at all.
func TestManyWriters(t *testing.T) {
	sqldbtest.Run(t, schema, func(t *testing.T, db *sqldb.DB) {
		const writers, each = 16, 20
		failed := errors.New("failed")
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
						if _, err := tx.Exec(t.Context(), insertCase, fmt.Sprintf("%d-%d", w, i), "x"); err != nil {
							return err
						}
						if i%4 == 3 {
							return failed
						}
						return nil
					})
					if (i%4 == 3) != errors.Is(err, failed) || (i%4 != 3 && err != nil) {
						t.Errorf("write %d-%d = %v", w, i, err)
					}
				}
			})
		}
		wg.Wait()
		if n := get[int](t, db, "select count(*) from cases"); n != writers*each*3/4 {
			t.Errorf("%d rows, want %d", n, writers*each*3/4)
		}
		if s := db.Stats(); s.Writes != writers*each*3/4 || s.Failed != writers*each/4 {
			t.Errorf("Stats = %+v", s)
		}
	})
}

// Readers and writers whose context ends in the middle of a query get the
// context's error, and every connection works afterwards.
func TestCancelledInTheMiddle(t *testing.T) {
	const slow = `with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000) select count(*) from n`
	sqldbtest.Run(t, schema, func(t *testing.T, db *sqldb.DB) {
		put(t, db, "a")
		var wg sync.WaitGroup
		stop := time.Now().Add(700 * time.Millisecond)
		for worker := range 6 {
			wg.Go(func() {
				for i := 0; time.Now().Before(stop); i++ {
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i%7)*500*time.Microsecond)
					var err error
					if worker%2 == 0 {
						_, err = sqldb.Get[int](ctx, db.Read(), slow)
					} else {
						err = db.Write(ctx, func(tx *sqldb.Tx) error {
							if _, err := tx.Exec(ctx, insertCase, fmt.Sprintf("%d-%d", worker, i), ""); err != nil {
								return err
							}
							_, err := sqldb.Get[int](ctx, tx, slow)
							return err
						})
					}
					cancel()
					if err != nil && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
						t.Errorf("worker %d: %v", worker, err)
						return
					}
				}
			})
		}
		wg.Wait()
		for i := range 20 {
			put(t, db, fmt.Sprintf("after-%d", i))
			if n := get[int](t, db, "select count(*) from cases where id = ?", fmt.Sprintf("after-%d", i)); n != 1 {
				t.Fatalf("row %d is missing", i)
			}
		}
		if db.Engine() == sqldb.SQLite {
			if s := get[string](t, db, "pragma integrity_check"); s != "ok" {
				t.Error(s)
			}
		}
	})
}

func TestSnapshotSeesOneMoment(t *testing.T) {
	sqldbtest.Run(t, schema, func(t *testing.T, db *sqldb.DB) {
		put(t, db, "a")
		err := db.Snapshot(t.Context(), func(q sqldb.Querier) error {
			for range 2 {
				n, err := sqldb.Get[int](t.Context(), q, "select count(*) from cases")
				if err != nil || n != 1 {
					return fmt.Errorf("%d rows, %w", n, err)
				}
				put(t, db, fmt.Sprint(time.Now().UnixNano()))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := get[int](t, db, "select count(*) from cases"); n != 3 {
			t.Errorf("%d rows afterwards, want 3", n)
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	for url, kind := range map[string]errs.Kind{
		"":                                       errs.Invalid,
		"mysql://root@127.0.0.1/x":               errs.Invalid,
		"sqlite:":                                errs.Invalid,
		"sqlite::memory:":                        errs.Invalid,
		"sqlite:/tmp/a.db?cache=shared":          errs.Invalid,
		"sqlite:/tmp/a.db?synchronous=off;x":     errs.Invalid,
		"sqlite:/nowhere/at/all/a.db":            errs.Unavailable,
		"postgres://u:secret@127.0.0.1:port/x":   errs.Invalid,
		"postgres://nobody:secret@127.0.0.1:1/x": errs.Unavailable,
	} {
		db, err := sqldb.Open(t.Context(), sqldb.Config{URL: url})
		if !errs.Is(err, kind) || db != nil {
			t.Errorf("Open(%q) = %v, want %v", url, err, kind)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("the password stands in %v", err)
		}
	}
}
