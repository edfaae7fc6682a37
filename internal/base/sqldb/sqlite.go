package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"strings"

	"yiwang/internal/base/errs"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// statementCache is the number of prepared statements kept for the readers and
// for the writer.
const statementCache = 512

// patience is how long a connection waits for a lock, milliseconds.
const patience = "5000"

// pragmas for every connection. The driver runs busy_timeout first: the others
// may have to wait for a lock already.
var pragmas = []string{
	"busy_timeout(" + patience + ")",
	"foreign_keys(1)",
	"temp_store(memory)",
	"case_sensitive_like(1)", // as on PostgreSQL; lets LIKE 'a/%' use an index
}

// readerPragmas come on top for each connection that reads. What it has read is worth
// nothing after the next commit: a cache larger than what one query looks at would only
// hold memory.
var readerPragmas = []string{
	"query_only(1)",
	"cache_size(-4000)", // KiB
}

// writerPragmas come on top for the one connection that writes.
var writerPragmas = []string{
	"journal_mode(wal)",
	"wal_autocheckpoint(4000)",     // pages: 16 MB
	"journal_size_limit(67108864)", // bytes the log is cut to after a burst
	"secure_delete(1)",             // what is deleted is zeroed in its page, and pages that are freed
	// At most commits the engine looks through all pages that it holds; what filings and
	// steps touch again and again is a few hundred of them.
	"cache_size(-16000)",
}

func openSQLite(ctx context.Context, db *DB, cfg Config) error {
	file, sync, err := parseSQLiteURL(cfg.URL)
	if err != nil {
		return err
	}
	// SQLite would let everybody on the machine read a file that it makes, and its
	// log takes the file's mode.
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o600)
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return errs.E(errs.Unavailable, "sqldb.unavailable", nil).Because(err)
	}
	w, err := newGroupWriter(ctx, db, sqliteDSN(file, append(writerPragmas, "synchronous("+sync+")")))
	if err != nil {
		return errs.E(errs.Unavailable, "sqldb.unavailable", nil).Because(err)
	}
	db.writes = w
	// The writer has made the file and its log by now, which a reader could not.
	readers, err := sql.Open("sqlite", sqliteDSN(file, readerPragmas))
	if err == nil {
		readers.SetMaxOpenConns(cfg.Conns)
		readers.SetMaxIdleConns(cfg.Conns)
		db.reads = &pool{engine: SQLite, db: readers, stmts: newStatements(readers, statementCache)}
		err = readers.PingContext(ctx)
	}
	if err != nil {
		return errors.Join(errs.E(errs.Unavailable, "sqldb.unavailable", nil).Because(err), w.close())
	}
	return nil
}

// Scrub has SQLite take over what its log holds, where deleted rows are zeroed in their
// pages already, and empties the log, so that what was deleted or written over before is in
// neither. PostgreSQL does so when it vacuums. It holds no writer up for long. Errors:
// Unavailable, where somebody reads or writes all the while; then it is worth another try.
func (db *DB) Scrub(ctx context.Context) (err error) {
	defer errs.Wrap(&err, "sqldb.Scrub")
	if db.engine != SQLite {
		return nil
	}
	conn, err := db.reads.db.Conn(ctx)
	if err != nil {
		return classify(ctx, err)
	}
	// Whoever waits for readers here has the writer wait too.
	if _, err := conn.ExecContext(ctx, "pragma busy_timeout = 100"); err != nil {
		return classify(ctx, errors.Join(err, conn.Close()))
	}
	var busy, frames, taken int
	err = conn.QueryRowContext(ctx, "pragma wal_checkpoint(truncate)").Scan(&busy, &frames, &taken)
	_, lost := conn.ExecContext(context.WithoutCancel(ctx), "pragma busy_timeout = "+patience)
	if err := errors.Join(err, lost, conn.Close()); err != nil {
		return classify(ctx, err)
	}
	if busy != 0 {
		return errs.E(errs.Unavailable, "sqldb.busy", nil)
	}
	return nil
}

// parseSQLiteURL takes a sqlite: URL apart into the file and how it is synced.
func parseSQLiteURL(raw string) (file, sync string, err error) {
	rest, query, _ := strings.Cut(strings.TrimPrefix(raw, "sqlite:"), "?")
	rest = strings.TrimPrefix(rest, "//") // sqlite:///path, as others write it
	values, perr := url.ParseQuery(query)
	sync = "full"
	if values.Has("synchronous") {
		sync = values.Get("synchronous")
		values.Del("synchronous")
	}
	if perr != nil || rest == "" || strings.HasPrefix(rest, ":") || len(values) > 0 || (sync != "full" && sync != "off") {
		return "", "", errs.E(errs.Invalid, "sqldb.url", nil)
	}
	return rest, sync, nil
}

// sqliteDSN is the driver's name for a file with the common and more pragmas.
func sqliteDSN(file string, more []string) string {
	q := url.Values{"_txlock": {"immediate"}, "_dqs": {"0"}}
	q["_pragma"] = append(append([]string{}, pragmas...), more...)
	// As a path, "?" and "#" in the file's name would end it.
	return "file:" + (&url.URL{Path: file}).EscapedPath() + "?" + q.Encode()
}
