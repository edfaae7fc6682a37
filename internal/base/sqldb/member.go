package sqldb

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"sync/atomic"

	"yiwang/internal/base/errs"
)

var errGoexit = errors.New("sqldb: the goroutine of a write ended inside its closure")

// member is one write of a group. Its closure runs in the goroutine of its caller,
// so that a panic, a test that fails or a profile shows where the write came from,
// and beside other closures until its first statement: for that it waits for its
// turn, and has the writer for itself from there to its end. One that leaves all
// its statements to the end never has the turn: the writer runs them when it can.
// So both engines keep the same hours: on PostgreSQL, too, a transaction begins
// with its first statement.
type member struct {
	w      *groupWriter
	ctx    context.Context
	state  atomic.Int32
	tx     *Tx           // of the latest run
	ready  bool          // its closure has ended and left statements behind
	runs   int           // counted by the writer
	failed error         // of the latest run, where the others of its group are not undone with it
	turn   chan struct{} // the writer gives the turn
	ran    chan error    // the closure has run, in its turn
	done   chan error    // the outcome, after the commit

	turned  bool  // it has the turn
	settled bool  // the outcome is known
	outcome error // then
}

const (
	waiting int32 = iota
	taken         // by the writer: its outcome will come
	dropped       // by its caller, whose context ended first
)

// write runs fn and waits for the outcome.
func (w *groupWriter) write(ctx context.Context, fn func(*Tx) error) error {
	m := &member{w: w, ctx: ctx, turn: make(chan struct{}, 1), ran: make(chan error, 1), done: make(chan error, 1)}
	defer func() { m.tx.end() }()
	for {
		err := m.run(fn)
		switch {
		case m.settled:
			return cmp.Or(err, m.outcome)
		case m.turned:
			m.turned = false
		case err != nil:
			w.db.stats.failed.Add(1)
			return err
		case m.tx.last.Len() == 0 && len(m.tx.carry) == 0:
			m.tx.runAfter()
			return nil // nothing was to be done
		default:
			m.ready = true
			m.enter()
		}
		if m.wait(); m.settled {
			if m.outcome == nil {
				m.tx.runAfter()
			}
			return m.outcome
		}
	}
}

// run runs the closure. Where it had the turn the writer is told, even where the closure
// ends its goroutine, as a failing test does.
func (m *member) run(fn func(*Tx) error) (err error) {
	m.tx = &Tx{db: m.w.db, run: m, now: m.w.db.Now()}
	err = errGoexit
	defer func() {
		if m.turned {
			m.tx.end()
			m.ran <- err
		}
	}()
	if err = call(fn, m.tx); err == nil && m.turned {
		err = m.tx.runLast(m.ctx)
	}
	return err
}

// runReady runs what the closure left to the end. Once it has begun the caller's
// context no longer counts: to stop in the middle would undo what others did.
func (m *member) runReady() error {
	m.tx.failed, m.tx.ran = nil, false // of an earlier run
	return call(func(tx *Tx) error { return tx.runLast(context.WithoutCancel(m.ctx)) }, m.tx)
}

// enter puts the write in the queue.
func (m *member) enter() {
	select {
	case <-m.w.quit:
		m.settle(errClosed())
		return
	default:
	}
	select {
	case m.w.queue <- m:
	case <-m.ctx.Done():
		m.settle(m.ctx.Err())
	case <-m.w.quit:
		m.settle(errClosed())
	}
}

// wait waits until the write is settled or has the turn.
func (m *member) wait() {
	leave := m.ctx.Done()
	for !m.settled {
		select {
		case <-m.turn:
			m.turned = true
			return
		case err := <-m.done:
			m.settle(err)
		case <-leave:
			if m.state.CompareAndSwap(waiting, dropped) {
				m.settle(m.ctx.Err())
			}
			leave = nil // too late to leave: the outcome comes
		case <-m.w.ended:
			// It came into the queue as the writer ended.
			select {
			case err := <-m.done:
				m.settle(err)
			default:
				m.settle(errClosed())
			}
		}
	}
}

func (m *member) settle(err error) { m.settled, m.outcome = true, err }

// begin waits for the turn, at the first statement.
func (m *member) begin() error {
	if m.turned || m.ready {
		return nil
	}
	m.enter()
	if m.wait(); m.settled {
		return m.outcome
	}
	return nil
}

func (m *member) begun() bool { return m.turned }

func (m *member) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	if err := m.begin(); err != nil {
		return nil, err
	}
	return m.w.query(ctx, query, args)
}

func (m *member) exec(ctx context.Context, query string, args []any) (int64, error) {
	if err := m.begin(); err != nil {
		return 0, err
	}
	return m.w.exec(ctx, query, args)
}

func errClosed() error { return errs.E(errs.Unavailable, "sqldb.closed", nil) }
