package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"

	"yiwang/internal/base/errs"
)

var (
	errEnded    = errors.New("sqldb: the transaction has ended")
	errRowsOpen = errors.New("sqldb: rows of the transaction are still being read: read them to the end or close them first")
)

// Tx is a transaction that is being written, handed to the closure of DB.Write.
// It is used by that closure only, from one goroutine, until it returns.
type Tx struct {
	db     *DB
	run    runner
	now    int64
	open   *Rows        // being read, nil if none
	failed error        // the first statement that failed
	ran    bool         // a statement has run
	last   Batch        // runs when the closure has ended
	follow func() error // waits for what goes before, nil once it has
	after  []func()
	carry  []any // for the hooks of the group
	ended  atomic.Bool
}

// runner runs statements on the connection of a transaction: a member of a group, the
// group writer, a session of PostgreSQL, or a snapshot of SQLite. The first statement
// begins the transaction.
type runner interface {
	begun() bool
	query(ctx context.Context, query string, args []any) (*sql.Rows, error)
	exec(ctx context.Context, query string, args []any) (int64, error)
}

// Now returns the transaction's one timestamp in UTC milliseconds, as DB.Now gave it
// when the transaction began.
func (tx *Tx) Now() int64 { return tx.now }

// Engine returns the engine, for the seams.
func (tx *Tx) Engine() Engine { return tx.db.engine }

// After adds a function that runs once the transaction is durable, before Write
// returns. It is not run where the transaction is undone.
func (tx *Tx) After(fn func()) { tx.after = append(tx.after, fn) }

// Carry hands something to the hooks of the group that this write is committed
// with; see DB.BeforeCommit. Where the write is undone it is not handed on.
func (tx *Tx) Carry(v any) { tx.carry = append(tx.carry, v) }

// Follow has the transaction begin only when wait has returned without an error, as when
// another write is to be done first: its first statement waits, or its end where all its
// statements are left to that. What the closure does before runs beside that write, and
// the writer serves others meanwhile.
func (tx *Tx) Follow(wait func() error) { tx.follow = wait }

// followed waits for what is to go before.
func (tx *Tx) followed() error {
	wait := tx.follow
	if wait == nil {
		return nil
	}
	tx.follow = nil
	if err := wait(); err != nil {
		tx.failed = &behind{err}
	}
	return tx.failed
}

// behind is the failure of what a transaction was to follow, which no other run mends.
type behind struct{ error }

func (b *behind) Unwrap() error { return b.error }

// Aside reads as the transaction does, without beginning it: where it has run nothing
// yet, a query outside sees as much as its own would. Once it has begun it is a query
// within.
func (tx *Tx) Aside() Querier {
	if tx.run.begun() {
		return tx
	}
	return tx.db.reads
}

// Query runs a query within the transaction.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	if err := tx.ready(ctx, args); err != nil {
		return nil, err
	}
	rows, err := tx.run.query(ctx, query, args)
	if err != nil {
		return nil, tx.noteFailed(ctx, err)
	}
	tx.ran, tx.open = true, &Rows{ctx: ctx, rows: rows, tx: tx}
	return tx.open, nil
}

// QueryRow runs a query within the transaction for its first row.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) *Row {
	rows, err := tx.Query(ctx, query, args...)
	return &Row{rows: rows, err: err}
}

// Exec runs a statement and returns the number of rows it changed. Errors:
// Exists (a key that must be unique), Conflict "sqldb.reference" (a foreign key),
// Invalid "sqldb.text".
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if err := tx.ready(ctx, args); err != nil {
		return 0, err
	}
	n, err := tx.run.exec(ctx, query, args)
	if err != nil {
		return 0, tx.noteFailed(ctx, err)
	}
	tx.ran = true
	return n, nil
}

// ExecOne runs a statement that must change exactly one row, as an update that
// names the version it has read. Error: Conflict "sqldb.changed" where it did not.
func (tx *Tx) ExecOne(ctx context.Context, query string, args ...any) error {
	n, err := tx.Exec(ctx, query, args...)
	if err == nil && n != 1 {
		return errs.E(errs.Conflict, "sqldb.changed", nil)
	}
	return err
}

// Finally has a statement run when the closure has returned without an error, as the
// last of the transaction and in the order of the calls; its errors are those of Write.
// On PostgreSQL all of them travel with the commit, in one round trip. A transaction
// that runs nothing before them keeps nobody waiting while its closure runs.
func (tx *Tx) Finally(query string, args ...any) {
	tx.last.Add(query, args...)
}

// FinallyOne is Finally for a statement that must change exactly one row: an update that
// names the version it has read. Error of Write: Conflict "sqldb.changed" where it did not.
func (tx *Tx) FinallyOne(query string, args ...any) {
	tx.last.Add(query, args...)
	tx.last.one = append(tx.last.one, tx.last.Len()-1)
}

// runLast runs what was left to the end, on SQLite.
func (tx *Tx) runLast(ctx context.Context) error {
	changed, err := tx.Pipeline(ctx, &tx.last)
	if err != nil {
		return err
	}
	for _, i := range tx.last.one {
		if changed[i] != 1 {
			return errs.E(errs.Conflict, "sqldb.changed", nil)
		}
	}
	return nil
}

// ready refuses a statement that may not run now.
func (tx *Tx) ready(ctx context.Context, args []any) error {
	switch {
	case tx.ended.Load():
		return errEnded
	case tx.failed != nil:
		return tx.failed
	case tx.open != nil:
		return errRowsOpen
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if tx.db.engine == SQLite {
		if err := checkText(args); err != nil {
			tx.failed = err
			return err
		}
	}
	return tx.followed()
}

// noteFailed remembers the first failure: as on PostgreSQL, nothing runs in the
// transaction after it.
func (tx *Tx) noteFailed(ctx context.Context, err error) error {
	err = classify(ctx, err)
	if err != nil && tx.failed == nil {
		tx.failed = err
	}
	return err
}

// end closes what the closure left open and makes the Tx unusable.
func (tx *Tx) end() {
	if tx.open != nil {
		_ = tx.open.Close() // what was not read was not wanted
	}
	tx.ended.Store(true)
}

// runAfter runs the functions that waited for the transaction to be durable.
func (tx *Tx) runAfter() {
	for _, fn := range tx.after {
		fn()
	}
}

// call runs a closure, turning a panic into its error.
func call(fn func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("sqldb: panic in a write: %v\n%s", r, debug.Stack())
		}
	}()
	if err := fn(tx); err != nil {
		return err
	}
	if tx.failed == nil {
		return tx.followed()
	}
	return tx.failed
}
