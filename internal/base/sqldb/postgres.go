package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"yiwang/internal/base/errs"
)

// A transaction that PostgreSQL undid is run again so often, after a pause that
// doubles from firstPause and is drawn at random, so that two that met do not
// meet again.
const (
	postgresRuns = 10
	firstPause   = 2 * time.Millisecond
	longestPause = 250 * time.Millisecond
	// longestRuns bounds them together, for whoever waits for the answer.
	longestRuns = 5 * time.Second
)

// postgresWriter runs transactions side by side.
type postgresWriter struct {
	db     *DB
	pool   *sql.DB
	binder rebinder
}

func openPostgres(ctx context.Context, db *DB, cfg Config) error {
	to, err := parse(cfg.URL)
	if err != nil {
		return err
	}
	var beside *pgx.ConnConfig
	if cfg.Standby != "" {
		if beside, err = parse(cfg.Standby); err != nil {
			return err
		}
	}
	lines := &lead{lines: map[*line]bool{}}
	if each := servers(to); len(each) > 1 {
		if to.ValidateConnect == nil { // any of them would do, and standbys take no writes
			to.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
		}
		db.lead = lines
		watch(each, lines)
	}
	to.DialFunc = lines.dial(to.DialFunc)
	// Writers and readers have pools of their own, so that a closure that reads
	// outside its transaction never waits for a connection of another writer.
	db.writes = &postgresWriter{db: db, pool: openPool(to, cfg.Conns)}
	db.reads = &pool{engine: Postgres, db: openPool(to, cfg.Conns)}
	if beside != nil {
		db.standby = follow(openPool(beside, cfg.Conns), db.reads)
	}
	if err := db.reads.db.PingContext(ctx); err != nil {
		return errors.Join(classify(ctx, err), db.Close())
	}
	return nil
}

// parse reads a URL.
func parse(url string) (*pgx.ConnConfig, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		// The driver's message repeats the URL, which may hold a password.
		return nil, errs.E(errs.Invalid, "sqldb.url", nil)
	}
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "yiwang"
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = connectTime
	}
	return cfg, nil
}

func openPool(to *pgx.ConnConfig, conns int) *sql.DB {
	p := stdlib.OpenDB(*to)
	p.SetMaxOpenConns(conns)
	p.SetMaxIdleConns(conns)
	p.SetConnMaxIdleTime(5 * time.Minute)
	return p
}

func (w *postgresWriter) close() error { return w.pool.Close() }

func (w *postgresWriter) write(ctx context.Context, fn func(*Tx) error) error {
	pause, began := firstPause, time.Now()
	for run := 1; ; run++ {
		tx, err := w.try(ctx, fn)
		if err == nil {
			w.db.stats.commits.Add(1)
			w.db.stats.writes.Add(1)
			tx.runAfter()
			return nil
		}
		if run == postgresRuns || time.Since(began) > longestRuns || !mayRunAgain(err) || ctx.Err() != nil {
			w.db.stats.failed.Add(1)
			return err
		}
		w.db.stats.retries.Add(1)
		w.db.log.DebugContext(ctx, "transaction is run again", "run", run, "error", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause/2 + rand.N(pause)):
		}
		pause = min(2*pause, longestPause)
	}
}

// mayRunAgain reports whether err undid the transaction for a reason that may be
// gone on the next run. An unknown commit is never run again: it may have been
// done.
func mayRunAgain(err error) bool {
	if e, ok := errors.AsType[*errs.Error](err); ok && e.Key == "sqldb.commit_unknown" {
		return false
	}
	if _, ok := errors.AsType[*behind](err); ok {
		return false
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && isRetryableState(pg.Code) {
		return true
	}
	return isBroken(err)
}

// try runs the transaction once.
func (w *postgresWriter) try(ctx context.Context, fn func(*Tx) error) (*Tx, error) {
	s := &session{pool: w.pool, binder: &w.binder, begin: "begin isolation level read committed"}
	defer s.leave(ctx)
	tx := &Tx{db: w.db, now: w.db.Now(), run: s}
	err := call(fn, tx)
	tx.end()
	if err == nil {
		err = ctx.Err()
	}
	if err == nil && tx.last.Len() > 0 {
		err = classify(ctx, s.connect(ctx))
	}
	switch {
	case err != nil:
	case tx.last.Len() > 0:
		err = s.finish(ctx, &tx.last)
	default:
		err = s.commit(ctx)
	}
	if err != nil {
		s.unfit = takesNoWrites(err)
		return nil, err
	}
	return tx, nil
}

// takesNoWrites reports whether the server said that it is read only: it follows
// another, or is about to.
func takesNoWrites(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pg.Code == readOnly
}

// commit sends the commit and judges the answer. The caller's context no longer
// counts: to stop here would leave it open what happened.
func (s *session) commit(ctx context.Context) error {
	if s.begin != "" {
		return nil // nothing was done
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settle)
	defer cancel()
	sent := false
	err := s.native(func(conn *pgx.Conn) error {
		if conn.IsClosed() {
			return pgconn.ErrConnClosed
		}
		// The driver's own word on what was sent is not taken: for a connection lost
		// after sending it may say "conn closed", safe to retry (pgx 5.12).
		sent = true
		hush(conn.PgConn(), true)
		tag, err := conn.Exec(ctx, commitWord)
		if err == nil && tag.String() != "COMMIT" {
			err = errUndone
		}
		if !conn.IsClosed() {
			hush(conn.PgConn(), false)
		}
		return err
	})
	if err == nil || errors.Is(err, errUndone) {
		return err
	}
	if !sent {
		return errs.E(errs.Unavailable, "sqldb.unavailable", nil).Because(err)
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && isRefusal(pg.Code) {
		return classify(ctx, err)
	}
	return errs.E(errs.Unavailable, "sqldb.commit_unknown", nil).Because(err)
}

// finish sends the last statements and the commit behind them, in one round trip, and
// judges the answer. Where a statement fails, the server passes over those that follow,
// the commit among them. The caller's context no longer counts, as in commit.
func (s *session) finish(ctx context.Context, b *Batch) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastly)
	defer cancel()
	queries := slices.Clone(b.queries)
	for _, i := range b.one {
		// Counted by the server: when the answer is here, the commit has been.
		queries[i] = "with changed as (" + queries[i] + " returning 1) select 1 / count(*) from changed"
	}
	queries = append(queries, commitWord)
	_, at, err := s.send(ctx, queries, append(slices.Clone(b.args), nil))
	if err == nil {
		return nil
	}
	pg, refused := errors.AsType[*pgconn.PgError](err)
	switch {
	case at < 0:
		return classify(ctx, err) // before anything was sent
	case refused && pg.Code == "22012" && slices.Contains(b.one, at): // division_by_zero
		return errs.E(errs.Conflict, "sqldb.changed", nil)
	case refused && (at < b.Len() || isRefusal(pg.Code)), errors.Is(err, errUndone):
		return classify(ctx, err)
	}
	return errs.E(errs.Unavailable, "sqldb.commit_unknown", nil).Because(err)
}

// lastly bounds the last statements of a transaction, which may wait for another one.
const lastly = time.Minute

// errUndone is PostgreSQL's answer to the commit of a transaction in which a
// statement had failed: it says ROLLBACK, and that is no error to it.
var errUndone = errors.New("sqldb: the transaction was undone: a statement in it had failed")

// isRefusal reports whether an error in answer to a commit means that it was
// surely not done: a broken constraint, an invalid state, a rollback.
func isRefusal(code string) bool {
	const unknown = "40003" // statement_completion_unknown
	return strings.HasPrefix(code, "23") || strings.HasPrefix(code, "25") || strings.HasPrefix(code, "40") && code != unknown
}
