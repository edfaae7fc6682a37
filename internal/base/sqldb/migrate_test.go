package sqldb_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/sqldb/sqldbtest"
)

func TestMigrate(t *testing.T) {
	one := fstest.MapFS{"00001_a.sql": schema["00001_cases.sql"]}
	sqldbtest.Run(t, one, func(t *testing.T, db *sqldb.DB) {
		put(t, db, "a")
		for range 2 { // the second time there is nothing to do
			if err := db.Migrate(t.Context(), schema); err != nil {
				t.Fatal(err)
			}
		}
		write(t, db, func(tx *sqldb.Tx) error {
			return sqldb.SearchTable("case_words").Put(t.Context(), tx, "a", "路灯")
		})
		err := db.Migrate(t.Context(), one)
		if e, ok := errors.AsType[*errs.Error](err); !ok || e.Kind != errs.Conflict || e.Key != "sqldb.newer_schema" {
			t.Errorf("an older program: %v, want newer_schema", err)
		}
		if s := ids(t, db); s != "a" {
			t.Errorf("rows = %s", s)
		}
	})
}

// A migration that fails leaves nothing behind.
func TestMigrateFails(t *testing.T) {
	for name, text := range map[string]string{
		"half":    "create table half (id {{text}} primary key);\ncreate table cases (id {{text}});",
		"alias":   "create table half (id {{txet}} primary key);",
		"unended": "create table half (id {{text primary key);",
	} {
		bad := fstest.MapFS{"00001_a.sql": schema["00001_cases.sql"], "00002_b.sql": {Data: []byte(text)}}
		sqldbtest.Run(t, nil, func(t *testing.T, db *sqldb.DB) {
			err := db.Migrate(t.Context(), bad)
			if err == nil || !strings.Contains(err.Error(), "00002_b.sql") {
				t.Errorf("%s: %v, want an error that names the file", name, err)
			}
			if _, err := sqldb.Select[string](t.Context(), db.Read(), "select id from half"); err == nil {
				t.Errorf("%s: half of it is there", name)
			}
		})
	}
}

// Two programs that start at once on an empty database both find it migrated.
// (A SQLite file has one owner, which the owner of the data directory sees to.)
func TestMigrateTogether(t *testing.T) {
	url := sqldbtest.PostgresURL(t, nil)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			db, err := sqldb.Open(t.Context(), sqldb.Config{URL: url, Conns: 2})
			if err != nil {
				t.Error(err)
				return
			}
			defer db.Close()
			if err := db.Migrate(t.Context(), schema); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
