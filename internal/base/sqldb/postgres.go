package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"math/rand/v2"
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
)

// postgresWriter runs transactions side by side.
type postgresWriter struct {
	db     *DB
	pool   *sql.DB
	binder rebinder
}

func openPostgres(ctx context.Context, db *DB, cfg Config) error {
	pgx, err := pgx.ParseConfig(cfg.URL)
	if err != nil {
		// The driver's message repeats the URL, which may hold a password.
		return errs.E(errs.Invalid, "sqldb.url", nil)
	}
	if pgx.RuntimeParams["application_name"] == "" {
		pgx.RuntimeParams["application_name"] = "yiwang"
	}
	// Writers and readers have pools of their own, so that a closure that reads
	// outside its transaction never waits for a connection of another writer.
	open := func() *sql.DB {
		p := stdlib.OpenDB(*pgx)
		p.SetMaxOpenConns(cfg.Conns)
		p.SetMaxIdleConns(cfg.Conns)
		p.SetConnMaxIdleTime(5 * time.Minute)
		return p
	}
	db.writes = &postgresWriter{db: db, pool: open()}
	db.reads = &pool{engine: Postgres, db: open()}
	if err := db.reads.db.PingContext(ctx); err != nil {
		return errors.Join(classify(err), db.Close())
	}
	return nil
}

func (w *postgresWriter) close() error { return w.pool.Close() }

func (w *postgresWriter) write(ctx context.Context, fn func(*Tx) error) error {
	pause := firstPause
	for run := 1; ; run++ {
		tx, err := w.try(ctx, fn)
		if err == nil {
			w.db.stats.commits.Add(1)
			w.db.stats.writes.Add(1)
			tx.runAfter()
			return nil
		}
		if run == postgresRuns || !mayRunAgain(err) || ctx.Err() != nil {
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
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && isRetryableState(pg.Code) {
		return true
	}
	return isBroken(err)
}

// try runs the transaction once.
func (w *postgresWriter) try(ctx context.Context, fn func(*Tx) error) (_ *Tx, err error) {
	conn, err := w.pool.Conn(ctx)
	if err != nil {
		return nil, classify(err)
	}
	committed := false
	defer func() {
		if committed {
			_ = conn.Close() // hands it back; a bad one has said so already
		} else {
			giveBack(ctx, conn)
		}
	}()
	if _, err := conn.ExecContext(ctx, "begin isolation level read committed"); err != nil {
		return nil, classify(err)
	}
	tx := &Tx{db: w.db, now: w.db.Now(), run: &direct{conn: conn, engine: Postgres, binder: &w.binder}}
	err = call(fn, tx)
	tx.end()
	if err == nil {
		err = errors.Join(tx.failed, ctx.Err())
	}
	if err != nil {
		return nil, err
	}
	if err := commit(ctx, conn); err != nil {
		return nil, err
	}
	committed = true
	return tx, nil
}

// commit sends the commit and judges the answer. The caller's context no longer
// counts: to stop here would leave it open what happened.
func commit(ctx context.Context, conn *sql.Conn) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settle)
	defer cancel()
	var tag pgconn.CommandTag
	var bad error
	err := conn.Raw(func(driverConn any) (err error) {
		tag, err = driverConn.(*stdlib.Conn).Conn().Exec(ctx, "commit")
		bad = err
		return nil
	})
	if err = errors.Join(err, bad); err == nil {
		if tag.String() == "COMMIT" {
			return nil
		}
		return errors.New("sqldb: PostgreSQL undid a transaction in which a statement had failed")
	}
	if errors.Is(err, driver.ErrBadConn) || pgconn.SafeToRetry(err) {
		return classify(err) // it was not sent
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && !isBroken(err) && isRefusal(pg.Code) {
		return classify(err)
	}
	return errs.E(errs.Unavailable, "sqldb.commit_unknown", nil).Because(err)
}

// isRefusal reports whether an error in answer to a commit means that it was
// surely not done: a broken constraint, an invalid state, a rollback.
func isRefusal(code string) bool {
	return strings.HasPrefix(code, "23") || strings.HasPrefix(code, "25") || strings.HasPrefix(code, "40") && code != "40003"
}
