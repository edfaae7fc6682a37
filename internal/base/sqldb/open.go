package sqldb

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"yiwang/internal/base/errs"
)

// Engine is the database behind a DB.
type Engine uint8

// The engines.
const (
	SQLite Engine = iota
	Postgres
)

// String returns the engine's name as it appears in logs and test names.
func (e Engine) String() string {
	if e == Postgres {
		return "postgres"
	}
	return "sqlite"
}

// Config says which database to open and how.
type Config struct {
	// URL is "sqlite:/path/file.db" or "postgres://user@host/name?…". For a trial
	// or a test, "sqlite:/path/file.db?synchronous=off" does not wait for the disk.
	URL string
	// Standby is the URL of a PostgreSQL that follows the one of URL, see DB.Behind;
	// "" where there is none.
	Standby string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Logger hears of retries and of writes that hold the writer long; nil means
	// slog.Default.
	Logger *slog.Logger
	// Conns bounds the connections of each pool: SQLite's readers, and on
	// PostgreSQL the readers and the writers, each. 0 means four for each
	// processor, and at least eight.
	Conns int
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	engine  Engine
	url     string
	log     *slog.Logger
	now     func() time.Time
	last    atomic.Int64 // the latest timestamp given out
	reads   *pool
	standby *standby // nil where there is none
	lead    *lead    // nil where the URL names one server
	writes  writer
	hooks   atomic.Pointer[[]GroupHook]
	stats   counters

	closing sync.Once
	closed  error // of the one closing
}

// writer is what an engine does with a write.
type writer interface {
	write(ctx context.Context, fn func(*Tx) error) error
	close() error
}

// Open opens the database of cfg and checks that it answers. Errors: Invalid
// (the URL), Unavailable (it does not answer).
func Open(ctx context.Context, cfg Config) (*DB, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.Conns <= 0 {
		cfg.Conns = max(8, 4*runtime.GOMAXPROCS(0))
	}
	db := &DB{url: cfg.URL, log: cfg.Logger, now: cfg.Now}
	var err error
	switch scheme, _, _ := strings.Cut(cfg.URL, ":"); scheme {
	case "sqlite":
		if cfg.Standby != "" {
			return nil, errs.E(errs.Invalid, "sqldb.standby", nil)
		}
		err = openSQLite(ctx, db, cfg)
	case "postgres", "postgresql":
		db.engine = Postgres
		err = openPostgres(ctx, db, cfg)
	default:
		err = errs.E(errs.Invalid, "sqldb.url", nil) // which may hold a password: it is not repeated
	}
	if err != nil {
		return nil, err
	}
	return db, nil
}

// Engine returns the engine behind db.
func (db *DB) Engine() Engine { return db.engine }

// Now returns the present in UTC milliseconds. In the life of the process it does
// not go back where the system's clock does by a little; a clock that stood ahead by
// more than a minute and was set right is believed, or time would stand still until
// it had caught up.
func (db *DB) Now() int64 {
	now := db.now().UnixMilli()
	for {
		last := db.last.Load()
		if now <= last && last-now <= skew.Milliseconds() {
			return last
		}
		if db.last.CompareAndSwap(last, now) {
			return now
		}
	}
}

// Read returns the way to read outside a transaction. Each query sees what is
// committed when it starts.
func (db *DB) Read() Querier { return db.reads }

// Write runs fn in a transaction and returns when it is durable or undone. The
// closure may run more than once: it keeps its effects inside the transaction,
// sets the variables it gives out anew on each run, and does not call Write. On
// SQLite the end of ctx is seen between statements, not in the middle of one.
//
// Errors: the error of fn; Unavailable "sqldb.unavailable" or "sqldb.busy" (not
// done, try again); Unavailable "sqldb.commit_unknown" (the connection or the
// disk failed while committing: it may have been done); the context's error
// where ctx ended before the commit (not done).
func (db *DB) Write(ctx context.Context, fn func(tx *Tx) error) error {
	return db.writes.write(ctx, fn)
}

// Close lets the writes that run end, refuses those that wait as Unavailable, and
// ends the pools. More than once is no error.
func (db *DB) Close() error {
	db.closing.Do(func() {
		db.lead.close()
		if db.standby != nil {
			db.closed = db.standby.close()
		}
		db.closed = errors.Join(db.closed, db.writes.close(), db.reads.close())
	})
	return db.closed
}

// GroupHook runs in a group of writes just before its commit; carried is what the
// writes of the group that succeeded have handed on, see Tx.Carry.
type GroupHook func(ctx context.Context, tx *Tx, carried []any) error

// BeforeCommit adds a hook that runs once in each group commit on SQLite, with
// the writes of the group visible to it. If it fails, the whole group fails.
// PostgreSQL has no groups and never calls it: there the same work is done by a
// task of its own.
func (db *DB) BeforeCommit(hook GroupHook) {
	for {
		old := db.hooks.Load()
		var hooks []GroupHook
		if old != nil {
			hooks = append(hooks, *old...)
		}
		hooks = append(hooks, hook)
		if db.hooks.CompareAndSwap(old, &hooks) {
			return
		}
	}
}

func (db *DB) groupHooks() []GroupHook {
	if hooks := db.hooks.Load(); hooks != nil {
		return *hooks
	}
	return nil
}

// counters count what the writer did since start.
type counters struct{ commits, writes, failed, retries, largest atomic.Int64 }

// Stats says what the writer did since the database was opened.
type Stats struct {
	Commits int64 // transactions or groups that became durable
	Writes  int64 // writes in them
	Failed  int64 // writes undone
	Retries int64 // runs repeated
	Largest int64 // most writes in one group
}

// Stats returns the counters of db.
func (db *DB) Stats() Stats {
	return Stats{
		Commits: db.stats.commits.Load(), Writes: db.stats.writes.Load(),
		Failed: db.stats.failed.Load(), Retries: db.stats.retries.Load(),
		Largest: db.stats.largest.Load(),
	}
}
