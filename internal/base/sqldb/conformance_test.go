package sqldb_test

import (
	"context"
	"errors"
	"testing"
	"testing/fstest"

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

-- A name is taken once; a semicolon in here; is no end.
create table names (
	name {{text}} primary key,
	case_id {{text}} not null
) {{clustered}};
`)},
	"00002_words.sql": {Data: []byte("{{fts case_words}};\n")},
	"00003_due.sqlite.sql": {Data: []byte(`
create table clocks (case_id {{text}}, clock {{text}}, due_at {{bigint}} not null, held_until {{bigint}} not null default 0,
	primary key (case_id, clock)) {{clustered}};`)},
	"00003_due.pg.sql": {Data: []byte(`
create table clocks (case_id {{text}}, clock {{text}}, due_at bigint not null, held_until bigint not null default 0,
	primary key (case_id, clock));`)},
}

const insertCase = "insert into cases (id, title, version) values (?, ?, 1)"

func count(t *testing.T, db *sqldb.DB, query string, args ...any) int {
	t.Helper()
	n, err := sqldb.Get[int](t.Context(), db.Read(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// put writes cases with the ids given, one transaction each.
func put(t *testing.T, db *sqldb.DB, ids ...string) {
	t.Helper()
	for _, id := range ids {
		err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.Exec(t.Context(), insertCase, id, "案件 "+id)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestWriteAndRead(t *testing.T) {
	sqldbtest.Run(t, schema, func(t *testing.T, db *sqldb.DB) {
		put(t, db, "b", "a")
		type row struct {
			ID     string   `db:"id"`
			Title  string   `db:"title"`
			W      *float64 `db:"weight"`
			Urgent bool     `db:"urgent"`
		}
		rows, err := sqldb.Select[row](t.Context(), db.Read(), "select id, title, weight, urgent from cases order by id")
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != 2 || rows[0].ID != "a" || rows[0].Title != "案件 a" || rows[0].W != nil || rows[0].Urgent {
			t.Errorf("rows = %+v", rows)
		}
		_, err = sqldb.Get[row](t.Context(), db.Read(), "select id, title from cases where id = ?", "nobody")
		if !errs.Is(err, errs.NotFound) {
			t.Errorf("Get of nothing = %v, want NotFound", err)
		}
	})
}

func TestUndone(t *testing.T) {
	mine := errors.New("mine")
	sqldbtest.Run(t, schema, func(t *testing.T, db *sqldb.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		tests := []struct {
			name string
			fn   func(tx *sqldb.Tx) error
			ctx  context.Context
			want func(err error) bool
		}{
			{"its own error", func(*sqldb.Tx) error { return mine }, t.Context(), func(err error) bool { return err == mine }},
			{"panic", func(*sqldb.Tx) error { panic("no") }, t.Context(), func(err error) bool { return errs.Is(err, errs.Internal) }},
			{"context ends", func(*sqldb.Tx) error { cancel(); return nil }, ctx, func(err error) bool { return errors.Is(err, context.Canceled) }},
			{"swallowed error", func(tx *sqldb.Tx) error {
				_, _ = tx.Exec(t.Context(), insertCase, "x", "again")
				return nil
			}, t.Context(), func(err error) bool { return errs.Is(err, errs.Exists) }},
		}
		for _, tt := range tests {
			hook := false
			err := db.Write(tt.ctx, func(tx *sqldb.Tx) error {
				tx.After(func() { hook = true })
				if _, err := tx.Exec(t.Context(), insertCase, "x", tt.name); err != nil {
					return err
				}
				return tt.fn(tx)
			})
			if err == nil || !tt.want(err) {
				t.Errorf("%s: Write = %v", tt.name, err)
			}
			if hook {
				t.Errorf("%s: After ran for an undone write", tt.name)
			}
			if n := count(t, db, "select count(*) from cases"); n != 0 {
				t.Errorf("%s: %d rows left", tt.name, n)
			}
		}
		put(t, db, "alive")
	})
}
