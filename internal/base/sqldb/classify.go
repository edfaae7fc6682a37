package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"yiwang/internal/base/errs"
)

// classify gives an error of a driver its kind. Errors that have one are returned
// as they are. Where the context has ended, its error stands for whatever the
// driver made of that.
func classify(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*errs.Error](err); ok {
		return err
	}
	if cerr := ended(ctx); cerr != nil {
		return cerr
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		// Also where a server did not answer in the time there is for connecting, which
		// looks like the end of a context and is not the caller's.
		return errs.E(errs.Unavailable, "sqldb.unavailable", nil).Because(err)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return classifyPostgres(pg, err)
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		return classifySQLite(lite, err)
	}
	if isBroken(err) {
		return errs.E(errs.Unavailable, "sqldb.unavailable", nil).Because(err)
	}
	return err
}

func errNoRow() error { return errs.E(errs.NotFound, "sqldb.no_row", nil) }

// ended returns the error of a context that has ended. A connection notices the
// deadline by its own timer, which may be a little ahead of the context's.
func ended(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return nil
}

func classifyPostgres(pg *pgconn.PgError, err error) error {
	switch {
	case pg.Code == "23505": // unique_violation
		return errs.E(errs.Exists, "sqldb.exists", nil).Because(err)
	case pg.Code == "23503": // foreign_key_violation
		return errs.E(errs.Conflict, "sqldb.reference", nil).Because(err)
	case pg.Code == "22021": // character_not_in_repertoire: NUL or broken UTF-8
		return errs.E(errs.Invalid, "sqldb.text", nil).Because(err)
	case isRetryableState(pg.Code):
		return errs.E(errs.Unavailable, "sqldb.busy", nil).Because(err)
	case isBroken(err), strings.HasPrefix(pg.Code, "53"): // out of disk, memory, connections
		return errs.E(errs.Unavailable, "sqldb.unavailable", nil).Because(err)
	}
	return err
}

func classifySQLite(lite *sqlite.Error, err error) error {
	switch lite.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return errs.E(errs.Exists, "sqldb.exists", nil).Because(err)
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return errs.E(errs.Conflict, "sqldb.reference", nil).Because(err)
	}
	switch lite.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return errs.E(errs.Unavailable, "sqldb.busy", nil).Because(err)
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM:
		return errs.E(errs.Unavailable, "sqldb.unavailable", nil).Because(err)
	}
	return err
}

// isRetryableState reports whether PostgreSQL undid the transaction for a reason
// that may be gone on the next try: serialization_failure, deadlock_detected,
// lock_not_available.
func isRetryableState(code string) bool {
	return code == "40001" || code == "40P01" || code == "55P03"
}

// readOnly is PostgreSQL's read_only_sql_transaction. Nothing here writes where it said
// that it only reads, so the server itself takes no writes: it follows another.
const readOnly = "25006"

// isBroken reports whether err means that the connection is gone, or that another would
// do what this one cannot.
func isBroken(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		// 57P01..03: the server is going down, crashed or is starting; 08: connection.
		return pg.Code == readOnly || strings.HasPrefix(pg.Code, "57P0") || strings.HasPrefix(pg.Code, "08")
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, pgconn.ErrConnClosed) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}
