package sqldb

import (
	"context"
	"database/sql"
	"sync/atomic"
	"time"

	"yiwang/internal/base/errs"
)

const (
	// behindMost is how far a standby may be behind and still be read.
	behindMost = 10 * time.Second
	// behindCheck is how often that is looked at.
	behindCheck = time.Second
)

// Behind returns the way to read what may be some seconds old and is much to read:
// figures of a period, ledgers, topics, what a machine is trained with. It reads the
// standby of Config.Standby while that is at most ten seconds behind, and otherwise
// what Read reads. Never read here what decides a write, or a page on which somebody
// looks for what he just did.
func (db *DB) Behind() Querier {
	if db.standby == nil {
		return db.reads
	}
	return db.standby
}

// standby reads a server that follows, or the leader where it follows too late.
type standby struct {
	pool
	leader *pool
	fresh  atomic.Bool
	stop   context.CancelFunc
	ended  chan struct{}
}

// follow opens a standby. One that does not answer is no error: it may come back.
func follow(p *sql.DB, leader *pool) *standby {
	ctx, stop := context.WithCancel(context.Background())
	s := &standby{pool: pool{engine: Postgres, db: p}, leader: leader, stop: stop, ended: make(chan struct{})}
	go s.watch(ctx)
	return s
}

func (s *standby) watch(ctx context.Context) {
	defer close(s.ended)
	for {
		s.fresh.Store(s.look(ctx))
		select {
		case <-ctx.Done():
			return
		case <-time.After(behindCheck):
		}
	}
}

// look reports whether the server has replayed what was committed a moment ago. A
// house that writes renews its leases every few seconds, so there always is such; a
// house that does not has a leader with nothing to do. A standby that was promoted is
// the leader.
func (s *standby) look(ctx context.Context) (fresh bool) {
	ctx, stop := context.WithTimeout(ctx, behindMost/2)
	defer stop()
	err := s.db.QueryRowContext(ctx, `select not pg_is_in_recovery()
		or coalesce(clock_timestamp() - pg_last_xact_replay_timestamp() < make_interval(secs => $1), false)`, behindMost.Seconds()).Scan(&fresh)
	return err == nil && fresh
}

// Query asks the standby, and the leader where the standby cannot answer: it went
// away, or took back what the query was reading.
func (s *standby) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	if !s.fresh.Load() {
		return s.leader.Query(ctx, query, args...)
	}
	rows, err := s.pool.Query(ctx, query, args...)
	if errs.Is(err, errs.Unavailable) {
		s.fresh.Store(false)
		return s.leader.Query(ctx, query, args...)
	}
	return rows, err
}

func (s *standby) QueryRow(ctx context.Context, query string, args ...any) *Row {
	rows, err := s.Query(ctx, query, args...)
	return &Row{rows: rows, err: err}
}

func (s *standby) close() error {
	s.stop()
	<-s.ended
	return s.pool.close()
}
