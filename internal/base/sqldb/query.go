package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"reflect"
	"strings"
	"unicode/utf8"

	"yiwang/internal/base/errs"
)

// Querier reads: the pool of readers, a snapshot, or a transaction.
type Querier interface {
	// Query runs a query whose rows the caller reads and closes.
	Query(ctx context.Context, query string, args ...any) (*Rows, error)
	// QueryRow runs a query of which the first row is read by Row.Scan.
	QueryRow(ctx context.Context, query string, args ...any) *Row
	// Engine returns the engine, for the seams.
	Engine() Engine
}

// Rows are the rows of a query. Read them with Next and Scan; then Err says
// whether they were all.
type Rows struct {
	ctx  context.Context // of the query, to tell why rows ended early
	rows *sql.Rows
	tx   *Tx // whose next statement waits for these rows, nil outside a transaction
}

// Next moves to the next row and reports whether there is one.
func (r *Rows) Next() bool {
	if r.rows.Next() {
		return true
	}
	r.leave()
	return false
}

// Scan reads the columns of the present row.
func (r *Rows) Scan(dest ...any) error { return r.rows.Scan(dest...) }

// Columns returns the names of the columns.
func (r *Rows) Columns() ([]string, error) { return r.rows.Columns() }

// Err returns what ended the rows before their end, if anything did.
func (r *Rows) Err() error { return classify(r.ctx, r.rows.Err()) }

// Close ends the reading; it may be called more than once.
func (r *Rows) Close() error {
	r.leave()
	return r.rows.Close()
}

func (r *Rows) leave() {
	if r.tx != nil && r.tx.open == r {
		r.tx.open = nil
		r.tx.noteFailed(r.ctx, r.rows.Err())
	}
}

// Row is the first row of a query.
type Row struct {
	rows *Rows
	err  error
}

// Scan reads the row's columns. Error: NotFound "sqldb.no_row" where there is no
// row.
func (r *Row) Scan(dest ...any) (err error) {
	if r.err != nil {
		return r.err
	}
	defer func() {
		if cerr := r.rows.Close(); err == nil {
			err = cerr
		}
	}()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return errNoRow()
	}
	return r.rows.Scan(dest...)
}

// pool reads from any of several connections.
type pool struct {
	engine Engine
	db     *sql.DB
	stmts  *statements // SQLite only: pgx keeps prepared statements itself
	binder rebinder
}

func (p *pool) Engine() Engine { return p.engine }

func (p *pool) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	rows, err := p.query(ctx, query, args)
	if err != nil {
		return nil, classify(ctx, err)
	}
	return &Rows{ctx: ctx, rows: rows}, nil
}

func (p *pool) QueryRow(ctx context.Context, query string, args ...any) *Row {
	rows, err := p.Query(ctx, query, args...)
	return &Row{rows: rows, err: err}
}

func (p *pool) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	if p.engine == Postgres {
		return p.db.QueryContext(ctx, p.binder.rebind(query), args...)
	}
	if err := checkText(args); err != nil {
		return nil, err
	}
	s, err := p.stmts.use(ctx, query)
	if err != nil {
		return nil, err
	}
	defer p.stmts.release(s)
	return s.stmt.QueryContext(ctx, args...)
}

func (p *pool) close() error { return p.db.Close() }

// Snapshot runs fn on one connection that sees the database as it was when fn
// began, however long it takes: for a report or an export of several queries.
// Its rows must be read or closed before the next query.
func (db *DB) Snapshot(ctx context.Context, fn func(q Querier) error) error {
	conn, err := db.reads.db.Conn(ctx)
	if err != nil {
		return classify(ctx, err)
	}
	tx := &Tx{db: db, now: db.Now()}
	defer tx.end()
	if db.engine == Postgres {
		s := &session{conn: conn, binder: &db.reads.binder, begin: "begin isolation level repeatable read read only"}
		defer s.leave(ctx)
		tx.run = s
		return fn(tx)
	}
	s := &snapshot{conn: conn}
	defer s.leave()
	if _, err := s.exec(ctx, "begin", nil); err != nil {
		return classify(ctx, err)
	}
	tx.run = s
	return fn(tx)
}

// snapshot is a transaction that reads SQLite.
type snapshot struct{ conn *sql.Conn }

func (s *snapshot) begun() bool { return true }

func (s *snapshot) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	return s.conn.QueryContext(ctx, query, args...)
}

func (s *snapshot) exec(ctx context.Context, query string, args []any) (int64, error) {
	_, err := s.conn.ExecContext(ctx, query, args...)
	return 0, err
}

func (s *snapshot) leave() {
	// Without a transaction there is nothing to undo, and a connection that fails
	// to undo is no use to the next reader.
	if _, err := s.exec(context.Background(), "rollback", nil); err != nil {
		_ = s.conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	_ = s.conn.Close() // says only that it was closed already
}

// checkText refuses what PostgreSQL would refuse, so that SQLite does not take
// text that cannot move to it: NUL and bytes that are not UTF-8.
func checkText(args []any) error {
	for _, a := range args {
		v := reflect.ValueOf(a)
		if v.Kind() != reflect.String {
			continue
		}
		if s := v.String(); strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s) {
			return errs.E(errs.Invalid, "sqldb.text", nil)
		}
	}
	return nil
}
