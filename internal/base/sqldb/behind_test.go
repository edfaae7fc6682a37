package sqldb_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/sqldb/sqldbtest"
)

// TestNoStandby refuses a standby of an engine that has none.
func TestNoStandby(t *testing.T) {
	_, err := sqldb.Open(t.Context(), sqldb.Config{URL: sqldbtest.SQLiteURL(t, nil), Standby: "postgres://nowhere/yiwang"})
	if !errs.Is(err, errs.Invalid) {
		t.Errorf("SQLite with a standby: %v, want Invalid", err)
	}
}

// TestBehind follows a real standby: it is read while it keeps up, and the leader is
// read instead where the standby lags or has gone.
func TestBehind(t *testing.T) {
	leader, follower, postgres := pair(t)
	db, err := sqldb.Open(t.Context(), sqldb.Config{URL: leader, Standby: follower, Conns: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Migrate(t.Context(), fstest.MapFS{"00001_heard.sql": {Data: []byte("-- +goose Up\ncreate table heard (n {{bigint}} primary key);\n")}})
	if err != nil {
		t.Fatal(err)
	}
	said := 0
	say := func() {
		t.Helper()
		said++
		err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.Exec(t.Context(), "insert into heard values (?)", said)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	// heard is how many the standby, or whoever answers for it, has heard of, and
	// whether a standby answered.
	heard := func() (n int, standby bool) {
		t.Helper()
		if err := db.Behind().QueryRow(t.Context(), "select count(*), pg_is_in_recovery() from heard").Scan(&n, &standby); err != nil {
			t.Fatal(err)
		}
		return n, standby
	}
	until := func(what string, ok func() bool) {
		const limit = time.Minute // so long only where other tests have the processors
		t.Helper()
		for began := time.Now(); !ok(); time.Sleep(50 * time.Millisecond) {
			if time.Since(began) > limit {
				t.Fatalf("after %v still not: %s", limit, what)
			}
		}
	}

	until("the standby answers and has heard", func() bool {
		say()
		n, standby := heard()
		return standby && n > 0
	})

	pause, err := sqldb.Open(t.Context(), sqldb.Config{URL: follower, Conns: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer pause.Close()
	replay := func(call string) {
		t.Helper()
		rows, err := pause.Read().Query(t.Context(), "select "+call)
		if err != nil {
			t.Fatal(err)
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
	}
	replay("pg_wal_replay_pause()")
	until("the leader answers for a standby that lags", func() bool {
		say()
		n, standby := heard()
		return !standby && n == said
	})
	replay("pg_wal_replay_resume()")
	until("the standby answers again", func() bool {
		say()
		_, standby := heard()
		return standby
	})

	postgres("stop", "standby")
	if n, standby := heard(); standby || n != said {
		t.Errorf("with the standby gone: heard %d of %d, from a standby: %t", n, said, standby)
	}
}

// pair starts a server and another that follows it, and returns their URLs and the way to
// start and stop them by name, leader and standby.
func pair(t *testing.T) (leader, follower string, postgres func(what, which string, of ...string) string) {
	t.Helper()
	if os.Getenv("YIWANG_TEST_PG") == "" {
		t.Skip("YIWANG_TEST_PG is not set: not run on PostgreSQL (start one: script/postgres start DIR)")
	}
	dir, err := os.MkdirTemp("", "yiwang-standby-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil { // PostgreSQL runs as a user of its own
		t.Fatal(err)
	}
	postgres = func(what, which string, of ...string) string {
		t.Helper()
		args := []string{what, filepath.Join(dir, which)}
		for _, one := range of {
			args = append(args, filepath.Join(dir, one))
		}
		cmd := exec.Command(filepath.Join("..", "..", "..", "script", "postgres"), args...)
		cmd.Stderr = t.Output()
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("script/postgres %v: %v", args, err)
		}
		return strings.TrimSpace(string(out))
	}
	t.Cleanup(func() {
		postgres("stop", "standby")
		postgres("stop", "leader")
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	leader = postgres("start", "leader")
	return leader, postgres("standby", "standby", "leader"), postgres
}
