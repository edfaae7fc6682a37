package sqldb_test

import (
	"net"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/sqldb/sqldbtest"
)

// A server that takes no writes, as one that follows another since a moment ago: the
// connection is not used again, and whoever asked is told to try later.
func TestServerTakesNoWrites(t *testing.T) {
	db := openURL(t, sqldbtest.PostgresURL(t, schema))
	pids := map[int]bool{}
	runs := 0
	err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
		runs++
		if _, err := tx.Exec(t.Context(), "set transaction read only"); err != nil {
			return err
		}
		pid, err := sqldb.Get[int](t.Context(), tx, "select pg_backend_pid()")
		if err != nil {
			return err
		}
		pids[pid] = true
		return insert(t, "a")(tx)
	})
	if !errs.Is(err, errs.Unavailable) {
		t.Errorf("Write = %v, want Unavailable", err)
	}
	if runs < 2 || len(pids) != runs {
		t.Errorf("%d runs on %d connections, want a new one each", runs, len(pids))
	}
	put(t, db, "b")
}

// Of several servers the first hangs with its connections open, as a machine does that
// is gone. Once another takes writes, nobody waits for the first any more.
func TestServerHangs(t *testing.T) {
	server := sqldbtest.PostgresURL(t, schema)
	var hangs atomic.Bool
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	behind := u.Host
	u.Host = forward(t, behind, &hangs) + "," + forward(t, behind, new(atomic.Bool))
	db := openURL(t, u.String())
	put(t, db, "a")
	hangs.Store(true)
	began := time.Now()
	putSoon(t, db, "b")
	if s := ids(t, db); s != "a b" && s != "a,b" {
		t.Errorf("rows = %s", s)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %v to leave a server that hangs", took)
	}
}

// A server that takes connections and never answers is away for a moment: the time for
// connecting that ran out is not the caller's own.
func TestServerNeverAnswers(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	db, err := sqldb.Open(t.Context(), sqldb.Config{URL: "postgres://nobody@" + listener.Addr().String() + "/x?sslmode=disable&connect_timeout=1"})
	if !errs.Is(err, errs.Unavailable) || db != nil {
		t.Errorf("Open = %v, want Unavailable", err)
	}
}

// A leader that hung and goes on when another leads already takes itself for the leader
// still. What was written meanwhile is not with it, so nothing is asked of it.
func TestOldLeaderGoesOn(t *testing.T) {
	leader, follower, _ := pair(t)
	var hangs atomic.Bool
	u, err := url.Parse(leader)
	if err != nil {
		t.Fatal(err)
	}
	next, err := url.Parse(follower)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = forward(t, u.Host, &hangs) + "," + next.Host
	db := openURL(t, u.String())
	if err := db.Migrate(t.Context(), schema); err != nil {
		t.Fatal(err)
	}
	put(t, db, "a")
	hangs.Store(true)
	standby := openURL(t, follower)
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		n, err := sqldb.Get[int](t.Context(), standby.Read(), "select count(*) from cases")
		if n == 1 {
			break
		}
		if time.Since(began) > 20*time.Second {
			t.Fatalf("the standby has not heard of the first write: %v", err)
		}
	}
	if !get[bool](t, standby, "select pg_promote()") {
		t.Fatal("the standby could not be made to lead")
	}
	putSoon(t, db, "b")
	hangs.Store(false)
	for began := time.Now(); time.Since(began) < 2*leadWait; time.Sleep(10 * time.Millisecond) {
		n, err := sqldb.Get[int](t.Context(), db.Read(), "select count(*) from cases where id = 'b'")
		if err != nil || n != 1 {
			t.Fatalf("%v after the old leader went on, the write before it is there %d times (%v)", time.Since(began), n, err)
		}
	}
}

// putSoon writes a row, again and again while nobody is known to take it.
func putSoon(t *testing.T, db *sqldb.DB, id string) {
	t.Helper()
	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		err := db.Write(t.Context(), insert(t, id))
		if err == nil {
			return
		}
		if !errs.Is(err, errs.Unavailable) || time.Since(began) > 30*time.Second {
			t.Fatalf("Write after %v: %v", time.Since(began), err)
		}
	}
}

// leadWait is above the time in which it is looked again which server leads.
const leadWait = 2500 * time.Millisecond

// forward returns an address that leads to a server. While it hangs nothing goes through,
// and new connections are taken but not answered.
func forward(t *testing.T, behind string, hangs *atomic.Bool) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	pass := func(to, from net.Conn) {
		defer to.Close()
		buf := make([]byte, 64<<10)
		for {
			n, err := from.Read(buf)
			if err != nil {
				return
			}
			for hangs.Load() {
				if t.Context().Err() != nil {
					return
				}
				time.Sleep(5 * time.Millisecond)
			}
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
	}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", behind)
			if err != nil {
				client.Close()
				continue
			}
			go pass(server, client)
			go pass(client, server)
		}
	}()
	return listener.Addr().String()
}
