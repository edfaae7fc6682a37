package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// settle bounds the last words on a connection, for which the caller's context
// no longer counts.
const settle = 10 * time.Second

// session is a transaction on a connection to PostgreSQL. Its begin is held back
// until the first statement, so that it can travel with a batch; before that it needs no
// connection, which others may want.
type session struct {
	pool   *sql.DB
	conn   *sql.Conn // nil before the first statement
	begin  string    // "" once sent
	binder *rebinder
	unfit  bool // no use to anybody after this transaction
}

func (s *session) begun() bool { return s.begin == "" }

// connect takes a connection for the transaction.
func (s *session) connect(ctx context.Context) (err error) {
	if s.conn == nil {
		s.conn, err = s.pool.Conn(ctx)
	}
	return err
}

func (s *session) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	if err := s.start(ctx); err != nil {
		return nil, err
	}
	return s.conn.QueryContext(ctx, s.binder.rebind(query), args...)
}

func (s *session) exec(ctx context.Context, query string, args []any) (int64, error) {
	if err := s.start(ctx); err != nil {
		return 0, err
	}
	res, err := s.conn.ExecContext(ctx, s.binder.rebind(query), args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (s *session) start(ctx context.Context) error {
	if s.begin == "" {
		return nil
	}
	if err := s.connect(ctx); err != nil {
		return err
	}
	_, err := s.conn.ExecContext(ctx, s.begin)
	s.begin = ""
	return err
}

// pipeline sends the statements in one round trip.
func (s *session) pipeline(ctx context.Context, b *Batch) (changed []int64, err error) {
	changed, _, err = s.send(ctx, b.queries, b.args)
	return changed, err
}

// commitWord ends a transaction.
const commitWord = "commit"

// send sends statements in one round trip, with the begin before them where there was
// none yet. It returns how many rows each changed, and at which one it failed: -1 where
// nothing was sent.
func (s *session) send(ctx context.Context, queries []string, args [][]any) (changed []int64, at int, err error) {
	if err := s.connect(ctx); err != nil {
		return nil, -1, err
	}
	var batch pgx.Batch
	skip := 0
	if s.begin != "" {
		batch.Queue(s.begin)
		s.begin, skip = "", 1
	}
	for i, q := range queries {
		batch.Queue(s.binder.rebind(q), args[i]...)
	}
	at = -1
	err = s.native(func(conn *pgx.Conn) error {
		if conn.IsClosed() {
			return pgconn.ErrConnClosed
		}
		at = 0
		if len(queries) > 0 && queries[len(queries)-1] == commitWord {
			hush(conn.PgConn(), true)
			defer func() {
				if !conn.IsClosed() {
					hush(conn.PgConn(), false)
				}
			}()
		}
		results := conn.SendBatch(ctx, &batch)
		for i := range batch.Len() {
			at = max(0, i-skip)
			tag, err := results.Exec()
			if err == nil && queries[at] == commitWord && tag.String() != "COMMIT" {
				err = errUndone
			}
			if err != nil {
				_ = results.Close() // repeats the error
				return err
			}
			if i >= skip {
				changed = append(changed, tag.RowsAffected())
			}
		}
		return results.Close()
	})
	return changed, at, err
}

// copyIn loads rows by PostgreSQL's copy.
func (s *session) copyIn(ctx context.Context, table string, columns []string, rows [][]any) error {
	if err := s.start(ctx); err != nil {
		return err
	}
	return s.native(func(conn *pgx.Conn) error {
		_, err := conn.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows))
		return err
	})
}

// native lends the driver's own connection. The error of fn is kept out of
// Raw's, for which the pool would throw a good connection away.
func (s *session) native(fn func(conn *pgx.Conn) error) error {
	var failed error
	err := s.conn.Raw(func(driverConn any) error {
		failed = fn(driverConn.(*stdlib.Conn).Conn())
		return nil
	})
	if err != nil {
		return err
	}
	return failed
}

// leave undoes what is open and gives the connection back to its pool, or throws
// it away where it no longer answers; then the pool opens another.
func (s *session) leave(ctx context.Context) {
	if s.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settle)
	defer cancel()
	err := driver.ErrBadConn
	if !s.unfit {
		err = s.rollback(ctx)
	}
	if err != nil {
		_ = s.conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	_ = s.conn.Close() // says only that it was closed already
}

// rollback undoes what is open.
func (s *session) rollback(ctx context.Context) error {
	return s.native(func(conn *pgx.Conn) error {
		const idle = 'I'
		if conn.PgConn().TxStatus() == idle {
			return nil
		}
		_, err := conn.Exec(ctx, "rollback")
		return err
	})
}
