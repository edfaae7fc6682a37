package sqldb_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/sqldb/sqldbtest"
)

// turn has a closure take its turn, as its first statement does.
func turn(t *testing.T, tx *sqldb.Tx) {
	if _, err := sqldb.Get[int](t.Context(), tx, "select 1"); err != nil {
		t.Error(err)
	}
}

// together runs writes so that they stand in one group: another holds the writer until
// all of them wait. It returns their errors in order.
func together(t *testing.T, db *sqldb.DB, fns ...func(tx *sqldb.Tx) error) []error {
	t.Helper()
	results := make([]error, len(fns))
	var wg sync.WaitGroup
	began, all := make(chan struct{}), make(chan struct{})
	wg.Go(func() {
		_ = db.Write(t.Context(), func(tx *sqldb.Tx) error { turn(t, tx); close(began); <-all; return nil })
	})
	<-began
	for i, fn := range fns {
		wg.Go(func() { results[i] = db.Write(t.Context(), fn) })
		// Nothing tells from outside that a write waits; this is ample.
		time.Sleep(2 * time.Millisecond)
	}
	close(all)
	wg.Wait()
	return results
}

func insert(t *testing.T, id string) func(tx *sqldb.Tx) error {
	return func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), insertCase, id, "")
		return err
	}
}

func ids(t *testing.T, db *sqldb.DB) string {
	t.Helper()
	all, err := sqldb.Select[string](t.Context(), db.Read(), "select id from cases order by id")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, " ")
}

// One member's failure undoes only what it did.
func TestMembersFailAlone(t *testing.T) {
	mine := errors.New("mine")
	db := sqldbtest.OpenSQLite(t, schema)
	before := db.Stats()
	got := together(t, db,
		insert(t, "a"),
		func(tx *sqldb.Tx) error { _ = insert(t, "b")(tx); return mine },
		func(tx *sqldb.Tx) error { _ = insert(t, "c")(tx); panic("oh") },
		func(tx *sqldb.Tx) error { return insert(t, "a")(tx) },
		insert(t, "d"),
	)
	if got[0] != nil || got[1] != mine || got[2] == nil || !errs.Is(got[3], errs.Exists) || got[4] != nil {
		t.Errorf("errors = %v", got)
	}
	if s := ids(t, db); s != "a d" {
		t.Errorf("rows = %s, want a d", s)
	}
	// That which held the writer is of their group where it did so for a moment only.
	if s := db.Stats(); s.Commits-before.Commits > 2 || s.Writes-before.Writes != 3 || s.Largest < 2 {
		t.Errorf("not one group: %+v", s)
	}
}

// Where the engine undoes the whole transaction for one member, the others are
// run again and become durable.
func TestGroupLost(t *testing.T) {
	db := sqldbtest.OpenSQLite(t, schema)
	var runs atomic.Int64
	counted := func(id string) func(tx *sqldb.Tx) error {
		return func(tx *sqldb.Tx) error { runs.Add(1); return insert(t, id)(tx) }
	}
	got := together(t, db,
		counted("a"),
		// As the engine does by itself on a full disk.
		func(tx *sqldb.Tx) error {
			_, err := tx.Exec(t.Context(), "rollback")
			return errors.Join(err, errors.New("lost"))
		},
		counted("b"),
	)
	if got[0] != nil || got[1] == nil || got[2] != nil {
		t.Errorf("errors = %v", got)
	}
	if s := ids(t, db); s != "a b" || runs.Load() != 3 {
		t.Errorf("rows = %s after %d runs, want a b after 3", s, runs.Load())
	}
}

// later leaves its statement to the end: the writer runs it.
func later(id string) func(tx *sqldb.Tx) error {
	return func(tx *sqldb.Tx) error { tx.Finally(insertCase, id, ""); return nil }
}

// Closures run beside each other, and beside one that has the turn, until they need
// the writer.
func TestClosuresRunBesideEachOther(t *testing.T) {
	db := sqldbtest.OpenSQLite(t, schema)
	var wg sync.WaitGroup
	began, hold := make(chan struct{}), make(chan struct{})
	wg.Go(func() { write(t, db, func(tx *sqldb.Tx) error { turn(t, tx); close(began); <-hold; return nil }) })
	<-began
	var beside sync.WaitGroup
	for i := range 4 {
		beside.Add(1)
		wg.Go(func() {
			write(t, db, func(tx *sqldb.Tx) error {
				if n, err := sqldb.Get[int](t.Context(), tx.Aside(), "select count(*) from cases"); err != nil || n != 0 {
					t.Errorf("beside: %d, %v", n, err)
				}
				beside.Done()
				beside.Wait() // for all four, while the first holds the writer
				return later(fmt.Sprint(i))(tx)
			})
		})
	}
	beside.Wait()
	close(hold)
	wg.Wait()
	if s := ids(t, db); s != "0 1 2 3" {
		t.Errorf("rows = %s", s)
	}
}

// What stands ready runs without a savepoint; where one of them fails the others are
// run again, those that had the turn with their closures.
func TestReadyMembersFailAlone(t *testing.T) {
	db := sqldbtest.OpenSQLite(t, schema)
	put(t, db, "taken")
	got := together(t, db,
		later("a"),
		insert(t, "b"),
		later("taken"),
		func(tx *sqldb.Tx) error {
			tx.FinallyOne("update cases set version = 2 where id = ? and version = 7", "taken")
			return later("c")(tx)
		},
		later("d"),
	)
	if got[0] != nil || got[1] != nil || !errs.Is(got[2], errs.Exists) || !errs.Is(got[3], errs.Conflict) || got[4] != nil {
		t.Errorf("errors = %v", got)
	}
	if s := ids(t, db); s != "a b d taken" {
		t.Errorf("rows = %s, want a b d taken", s)
	}
}

// One whose first statement is refused has nothing that were to be undone, so that the
// others need not run again.
func TestNothingLostWithTheFirstRefused(t *testing.T) {
	db := sqldbtest.OpenSQLite(t, schema)
	put(t, db, "taken")
	got := together(t, db, later("a"), later("taken"), later("b"))
	if got[0] != nil || !errs.Is(got[1], errs.Exists) || got[2] != nil {
		t.Errorf("errors = %v", got)
	}
	if s := ids(t, db); s != "a b taken" || db.Stats().Retries != 0 {
		t.Errorf("rows = %s after %d runs more, want a b taken after none", s, db.Stats().Retries)
	}
}

// Whoever fails for what another of the group wrote is told when that is durable, so
// that whoever then looks finds it there.
func TestToldWhenTheOthersAreDurable(t *testing.T) {
	db := sqldbtest.OpenSQLite(t, schema)
	for round := range 50 {
		id := fmt.Sprint(round)
		first := func(tx *sqldb.Tx) error { return later(id)(tx) }
		if round%2 == 0 {
			first = insert(t, id)
		}
		look := func(again func(tx *sqldb.Tx) error) error {
			err := db.Write(t.Context(), again)
			if n := get[int](t, db, "select count(*) from cases where id = '"+id+"'"); n != 1 {
				t.Errorf("round %d: told %v, and %d are there", round, err, n)
			}
			return err
		}
		var exist atomic.Int64
		var all sync.WaitGroup
		all.Go(func() { write(t, db, later("more"+id)) })
		for _, fn := range []func(tx *sqldb.Tx) error{first, later(id), later(id), insert(t, id)} {
			all.Go(func() {
				if errs.Is(look(fn), errs.Exists) {
					exist.Add(1)
				}
			})
		}
		all.Wait()
		if exist.Load() != 3 {
			t.Errorf("round %d: %d of three were refused", round, exist.Load())
		}
	}
}

// A write that waits leaves when its context ends; it has not run.
func TestLeaveTheQueue(t *testing.T) {
	db := sqldbtest.OpenSQLite(t, schema)
	ctx, cancel := context.WithCancel(t.Context())
	began, hold := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { write(t, db, func(tx *sqldb.Tx) error { turn(t, tx); close(began); <-hold; return nil }) })
	<-began
	time.AfterFunc(5*time.Millisecond, cancel)
	if err := db.Write(ctx, insert(t, "late")); !errors.Is(err, context.Canceled) {
		t.Errorf("Write = %v", err)
	}
	close(hold)
	wg.Wait()
	put(t, db, "next")
	if s := ids(t, db); s != "next" {
		t.Errorf("rows = %s", s)
	}
}

// A goroutine that ends inside its closure, as a failing test does, undoes its
// write and leaves the writer at work.
func TestGoroutineEnds(t *testing.T) {
	db := sqldbtest.OpenSQLite(t, schema)
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = db.Write(t.Context(), func(tx *sqldb.Tx) error { _ = insert(t, "x")(tx); runtime.Goexit(); return nil })
	})
	wg.Wait()
	put(t, db, "next")
	if s := ids(t, db); s != "next" {
		t.Errorf("rows = %s", s)
	}
}

func TestBeforeCommit(t *testing.T) {
	db := sqldbtest.OpenSQLite(t, schema)
	var calls, after int
	var fail error
	db.BeforeCommit(func(ctx context.Context, tx *sqldb.Tx, carried []any) error {
		calls++
		tx.After(func() { after++ })
		n, err := sqldb.Get[int](ctx, tx, "select count(*) from cases")
		if err != nil {
			return err
		}
		slices.SortFunc(carried, func(a, b any) int { return cmp.Compare(a.(string), b.(string)) }) // who comes first is a matter of luck
		if _, err := tx.Exec(ctx, insertCase, fmt.Sprintf("hook %d of %v saw %d", calls, carried, n), ""); err != nil {
			return err
		}
		return fail
	})
	carry := func(v string, err error) func(*sqldb.Tx) error {
		return func(tx *sqldb.Tx) error {
			tx.Carry(v)
			return errors.Join(err, insert(t, v)(tx))
		}
	}
	together(t, db, carry("a", nil), carry("b", nil), carry("x", errors.New("no")))
	if s := ids(t, db); s != "a b hook 1 of [a b] saw 2" || after != 1 {
		t.Errorf("rows = %s, After ran %d times", s, after)
	}
	if err := db.Write(t.Context(), func(*sqldb.Tx) error { return errors.New("no") }); err == nil || calls != 1 {
		t.Errorf("the hook ran %d times, want no second for a group without a member", calls)
	}
	fail = errors.New("hook failed")
	if got := together(t, db, insert(t, "c"), insert(t, "d")); !errors.Is(got[0], fail) || !errors.Is(got[1], fail) {
		t.Errorf("errors = %v, want the hook's", got)
	}
	if s := ids(t, db); s != "a b hook 1 of [a b] saw 2" || after != 1 {
		t.Errorf("rows = %s, After ran %d times", s, after)
	}
}

// Close lets the write that runs end and refuses those that wait.
func TestClose(t *testing.T) {
	db := sqldbtest.OpenSQLite(t, schema)
	began, hold := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		err := db.Write(t.Context(), func(tx *sqldb.Tx) error { turn(t, tx); close(began); <-hold; return insert(t, "a")(tx) })
		if err != nil {
			t.Errorf("the write that ran: %v", err)
		}
	})
	<-began
	closed := make(chan error, 1)
	go func() { closed <- db.Close() }()
	time.Sleep(5 * time.Millisecond)
	if err := db.Write(t.Context(), insert(t, "b")); !errs.Is(err, errs.Unavailable) {
		t.Errorf("Write while closing = %v", err)
	}
	close(hold)
	wg.Wait()
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if err := db.Write(t.Context(), insert(t, "c")); !errs.Is(err, errs.Unavailable) {
		t.Errorf("Write after Close = %v", err)
	}
}

// A Tx is of no use once its closure has returned.
func TestTxEnds(t *testing.T) {
	db := sqldbtest.OpenSQLite(t, schema)
	var kept *sqldb.Tx
	write(t, db, func(tx *sqldb.Tx) error { kept = tx; return nil })
	if _, err := kept.Exec(t.Context(), insertCase, "a", ""); err == nil {
		t.Error("Exec after the end succeeded")
	}
}
