package sqldb_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/sqldb/sqldbtest"
)

// Two transactions that wait for each other: PostgreSQL undoes one, which is run
// again, so that both become durable.
func TestDeadlockRunsAgain(t *testing.T) {
	db := sqldbtest.OpenPostgres(t, schema)
	put(t, db, "a", "b")
	var both sync.WaitGroup // until each has its first row
	both.Add(2)
	var runs atomic.Int64
	add := func(first, second string) func(tx *sqldb.Tx) error {
		met := false
		return func(tx *sqldb.Tx) error {
			runs.Add(1)
			if _, err := tx.Exec(t.Context(), "set local deadlock_timeout = '10ms'"); err != nil {
				return err
			}
			if err := tx.ExecOne(t.Context(), "update cases set version = version + 1 where id = ?", first); err != nil {
				return err
			}
			if !met {
				met = true
				both.Done()
				both.Wait()
			}
			return tx.ExecOne(t.Context(), "update cases set version = version + 1 where id = ?", second)
		}
	}
	var wg sync.WaitGroup
	wg.Go(func() { write(t, db, add("a", "b")) })
	wg.Go(func() { write(t, db, add("b", "a")) })
	wg.Wait()
	if sum := get[int](t, db, "select sum(version) from cases"); sum != 6 || runs.Load() < 3 {
		t.Errorf("sum of versions = %d after %d runs, want 6 after at least 3", sum, runs.Load())
	}
}

func TestSerializationFailureRunsAgain(t *testing.T) {
	db := sqldbtest.OpenPostgres(t, schema)
	put(t, db, "a")
	const writers = 8
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			write(t, db, func(tx *sqldb.Tx) error {
				if _, err := tx.Exec(t.Context(), "set transaction isolation level repeatable read"); err != nil {
					return err
				}
				v, err := sqldb.Get[int](t.Context(), tx, "select version from cases where id = 'a'")
				if err != nil {
					return err
				}
				_, err = tx.Exec(t.Context(), "update cases set version = ? where id = 'a'", v+1)
				return err
			})
		})
	}
	wg.Wait()
	if v := get[int](t, db, "select version from cases"); v != 1+writers {
		t.Errorf("version = %d, want %d", v, 1+writers)
	}
}

// A connection that the server ends before the commit costs a run, not the write.
func TestConnectionEndsBeforeCommit(t *testing.T) {
	db := sqldbtest.OpenPostgres(t, schema)
	runs := 0
	write(t, db, func(tx *sqldb.Tx) error {
		runs++
		if err := insert(t, "a")(tx); err != nil || runs > 1 {
			return err
		}
		_, err := tx.Exec(t.Context(), "select pg_terminate_backend(pg_backend_pid())")
		return err
	})
	if s := ids(t, db); s != "a" || runs != 2 {
		t.Errorf("rows = %s after %d runs", s, runs)
	}
}

// A connection that breaks between the commit and its answer leaves it open what
// happened: that is said, and the write is not run again. Nor is it cancelled: a commit
// that waits for a standby would be seen by others before the standby has it.
func TestCommitUnknown(t *testing.T) {
	for _, last := range []bool{false, true} { // the commit travels with the last statements
		for _, arrives := range []bool{true, false} {
			commitUnknown(t, last, arrives)
		}
	}
}

func commitUnknown(t *testing.T, last, arrives bool) {
	server := sqldbtest.PostgresURL(t, schema)
	direct := openURL(t, server)
	var cancels atomic.Int64
	proxied := openURL(t, throughCut(t, server, last, arrives, &cancels))
	runs := 0
	err := proxied.Write(t.Context(), func(tx *sqldb.Tx) error {
		runs++
		if last {
			tx.Finally(insertCase, "a", "案件")
			return nil
		}
		return insert(t, "a")(tx)
	})
	if e, ok := errors.AsType[*errs.Error](err); !ok || e.Kind != errs.Unavailable || e.Key != "sqldb.commit_unknown" {
		t.Errorf("Write = %v, want commit_unknown", err)
	}
	want := 0
	if arrives {
		want = 1
	}
	if n := get[int](t, direct, "select count(*) from cases"); n != want || runs != 1 {
		t.Errorf("last %t, commit arrives %t: %d rows after %d runs", last, arrives, n, runs)
	}
	time.Sleep(200 * time.Millisecond) // the driver cancels behind our back
	if n := cancels.Load(); n != 0 {
		t.Errorf("last %t, commit arrives %t: it was cancelled %d times", last, arrives, n)
	}
}

func openURL(t *testing.T, url string) *sqldb.DB {
	t.Helper()
	db, err := sqldb.Open(t.Context(), sqldb.Config{URL: url, Conns: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// throughCut returns a URL that leads to the server over a wire that is cut at
// the first commit: after it has arrived, or before.
func throughCut(t *testing.T, server string, last, arrives bool, cancels *atomic.Int64) string {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	behind := u.Host
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go wire(client, behind, last, arrives, cancels)
		}
	}()
	u.Host = listener.Addr().String()
	return u.String()
}

// cancelCode stands in PostgreSQL's CancelRequest.
var cancelCode = []byte{4, 210, 22, 46}

func wire(client net.Conn, behind string, last, arrives bool, cancels *atomic.Int64) {
	defer client.Close()
	server, err := net.Dial("tcp", behind)
	if err != nil {
		return
	}
	defer server.Close()
	var cut atomic.Bool
	go func() {
		buf := make([]byte, 64<<10)
		for {
			n, err := server.Read(buf)
			if cut.Load() || err != nil {
				client.Close() // the answer never comes
				return
			}
			if _, err := client.Write(buf[:n]); err != nil {
				return
			}
		}
	}()
	buf := make([]byte, 64<<10)
	for {
		n, err := client.Read(buf)
		if err != nil {
			return
		}
		if n == 16 && bytes.Equal(buf[4:8], cancelCode) {
			cancels.Add(1)
		}
		commits := bytes.Contains(buf[:n], []byte("commit\x00"))
		if last { // prepared first, and then known by its name
			digest := sha256.Sum256([]byte("commit"))
			commits = !commits && bytes.Contains(buf[:n], []byte("stmtcache_"+hex.EncodeToString(digest[:24])))
		}
		if commits {
			cut.Store(true)
			if !arrives {
				return
			}
		}
		if _, err := server.Write(buf[:n]); err != nil {
			return
		}
		if cut.Load() {
			// Until the server has answered and the other half has hung up.
			_, _ = io.Copy(io.Discard, client)
			return
		}
	}
}
