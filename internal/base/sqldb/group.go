package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"runtime"
	"slices"
	"time"

	"yiwang/internal/base/errs"
)

// Bounds of a group. A group closes at once when nobody waits, and after gatherTime
// where there was company in the one before it: a commit of four takes hardly longer
// than one of two. Under load it closes when it is full or has run for groupTime, so
// that the first member does not wait for ever for the sync they share.
const (
	groupSize  = 512
	groupTime  = 20 * time.Millisecond
	gatherTime = 1500 * time.Microsecond
	queueSize  = 4 * groupSize
	// runsPerWrite bounds how often a write is run because the whole group was undone
	// for the failure of another member.
	runsPerWrite = 4
	// slowWrite is when a member that holds the writer is named in the log, stuckWrite
	// when the log also says what every goroutine waits for: a closure that waits for
	// another write would hold all of them for ever.
	slowWrite  = 2 * time.Second
	stuckWrite = 30 * time.Second
)

// groupWriter is the one writer of a SQLite file. Its goroutine opens and commits
// transactions, and runs what members left to their end; see member.
type groupWriter struct {
	db    *DB
	pool  *sql.DB
	conn  *sql.Conn
	stmts *statements
	queue chan *member
	quit  chan struct{} // closed: no new writes
	ended chan struct{} // closed: the goroutine has ended

	company int // members of the latest group
}

func newGroupWriter(ctx context.Context, db *DB, dsn string) (*groupWriter, error) {
	pool, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(1)
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	w := &groupWriter{
		db: db, pool: pool, conn: conn, stmts: newStatements(conn, statementCache),
		queue: make(chan *member, queueSize), quit: make(chan struct{}), ended: make(chan struct{}),
	}
	go w.loop()
	return w, nil
}

func (w *groupWriter) loop() {
	defer close(w.ended)
	for {
		select {
		case m := <-w.queue:
			w.runGroup(m)
		case <-w.quit:
			w.refuseWaiting()
			return
		}
	}
}

func (w *groupWriter) refuseWaiting() {
	for {
		late := w.drain()
		if len(late) == 0 {
			return
		}
		w.finish(late, errClosed())
	}
}

// drain takes those that wait out of the queue.
func (w *groupWriter) drain() (members []*member) {
	for len(members) < groupSize {
		select {
		case m := <-w.queue:
			if m.state.CompareAndSwap(waiting, taken) {
				members = append(members, m)
			}
		default:
			return members
		}
	}
	return members
}

// runGroup commits first and whoever waits with it. Members of a group that the
// engine undid as a whole are run again.
func (w *groupWriter) runGroup(first *member) {
	again, careful := []*member{first}, false
	for len(again) > 0 {
		again = w.tryGroup(again, careful)
		careful = true
	}
}

// tryGroup runs the members given and then those that wait, commits, and gives
// each its outcome. It returns those that are to be run again, which is done with
// more care.
func (w *groupWriter) tryGroup(given []*member, careful bool) (again []*member) {
	if err := w.do("begin immediate"); err != nil {
		// Somebody else holds the file. Those that wait would fare no better.
		w.finish(append(given, w.drain()...), w.classify(err))
		return nil
	}
	began := time.Now()
	var good, bad []*member
	for n := 0; n < groupSize; n++ {
		m := w.next(&given, n, began)
		if m == nil {
			break
		}
		if m.state.Load() != taken && !m.state.CompareAndSwap(waiting, taken) {
			continue // its caller has left
		}
		// A savepoint has the engine copy every page that is touched. Where nothing was
		// written before it a member needs none, and one whose statements stand ready
		// fails so seldom that the others rather run again.
		apart := len(good) > 0 && (careful || !m.ready)
		err, lost := w.runOne(m, apart)
		if err == nil {
			good = append(good, m)
			continue
		}
		if !lost {
			m.failed = err
			bad = append(bad, m)
			continue
		}
		// Everything is undone, by the engine, as on a full disk, or for want of a
		// savepoint. The others were not at fault: they get another try, as does one that
		// may have failed for what they wrote.
		w.rollback()
		rest := slices.Concat(good, bad, given)
		if apart || len(good) == 0 {
			w.finish([]*member{m}, err)
		} else {
			rest = append(rest, m)
		}
		return w.retry(rest)
	}
	w.commit(good)
	// What they failed for may be what the others wrote, and counts now.
	for _, m := range bad {
		w.finish([]*member{m}, m.failed)
	}
	return nil
}

// next returns the next member to run: one that was given, or one that waits
// while the group may still take it.
func (w *groupWriter) next(given *[]*member, n int, began time.Time) *member {
	if len(*given) > 0 {
		m := (*given)[0]
		*given = (*given)[1:]
		return m
	}
	if n > 0 && time.Since(began) > groupTime {
		return nil
	}
	select {
	case m := <-w.queue:
		return m
	default:
	}
	wait := gatherTime - time.Since(began)
	if n == 0 || w.company < 2 || wait <= 0 {
		return nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case m := <-w.queue:
		return m
	case <-timer.C:
		return nil
	}
}

// runOne runs a member, in a savepoint if it is to be kept apart, which is undone on
// failure; lost says that the whole transaction is undone or has to be.
func (w *groupWriter) runOne(m *member, apart bool) (err error, lost bool) {
	if err := m.ctx.Err(); err != nil {
		return err, false
	}
	if apart {
		if err := w.do("savepoint member"); err != nil {
			return w.classify(err), true
		}
	}
	m.runs++
	if m.ready {
		err = m.runReady()
	} else {
		m.turn <- struct{}{}
		if err = w.waitFor(m); err == nil {
			err = m.ctx.Err()
		}
	}
	if !apart {
		// Nothing is lost with one whose first statement was refused: of that the engine has
		// undone what there was.
		return err, err != nil && (m.tx.ran || !errs.Is(err, errs.Exists))
	}
	if err != nil {
		// The savepoint is gone where the transaction is.
		if w.do("rollback to member") != nil {
			return err, true
		}
	}
	if rerr := w.do("release member"); rerr != nil {
		return errors.Join(err, w.classify(rerr)), true
	}
	return err, false
}

// waitFor waits for the closure and names it in the log if it holds everybody up.
func (w *groupWriter) waitFor(m *member) error {
	select {
	case err := <-m.ran:
		return err
	default:
	}
	slow, stuck := time.NewTimer(slowWrite), time.NewTimer(stuckWrite)
	defer slow.Stop()
	defer stuck.Stop()
	for {
		select {
		case err := <-m.ran:
			return err
		case <-slow.C:
			w.db.log.WarnContext(m.ctx, "a write holds the writer; all others wait", "for", slowWrite)
		case <-stuck.C:
			stacks := make([]byte, 1<<20)
			stacks = stacks[:runtime.Stack(stacks, true)]
			w.db.log.ErrorContext(m.ctx, "a write still holds the writer", "for", stuckWrite, "goroutines", string(stacks))
		}
	}
}

// commit makes the good members durable, with the hooks' work.
func (w *groupWriter) commit(good []*member) {
	if len(good) == 0 {
		w.rollback()
		return
	}
	hook, err := w.runHooks(good)
	if err != nil {
		w.rollback()
		w.finish(good, err)
		return
	}
	if err := w.do("commit"); err != nil {
		w.rollback()
		w.db.log.Error("commit failed", "error", err)
		// The log may hold the commit although its sync failed, and a restart may
		// then find it.
		w.finish(good, errs.E(errs.Unavailable, "sqldb.commit_unknown", nil).Because(err))
		return
	}
	w.company = len(good)
	s := &w.db.stats
	s.commits.Add(1)
	s.writes.Add(int64(len(good)))
	s.largest.Store(max(s.largest.Load(), int64(len(good)))) // only this goroutine writes it
	if hook != nil {
		// Before anybody is told, so that what they then read is up to date.
		if err := call(func(tx *Tx) error { tx.runAfter(); return nil }, hook); err != nil {
			w.db.log.Error("after a group commit", "error", err)
		}
	}
	for _, m := range good {
		m.done <- nil
	}
}

// runHooks runs the hooks of the database in one Tx, nil if there are none.
func (w *groupWriter) runHooks(good []*member) (*Tx, error) {
	hooks := w.db.groupHooks()
	if len(hooks) == 0 {
		return nil, nil
	}
	var carried []any
	for _, m := range good {
		carried = append(carried, m.tx.carry...)
	}
	tx := &Tx{db: w.db, run: w, now: w.db.Now()}
	defer tx.end()
	for _, hook := range hooks {
		if err := call(func(tx *Tx) error { return hook(context.Background(), tx, carried) }, tx); err != nil {
			return nil, err
		}
	}
	return tx, nil
}

func (w *groupWriter) finish(members []*member, err error) {
	w.db.stats.failed.Add(int64(len(members)))
	for _, m := range members {
		m.state.Store(taken)
		m.done <- err
	}
}

// retry returns the members that may run again and gives up on the others.
func (w *groupWriter) retry(members []*member) (again []*member) {
	for _, m := range members {
		if m.runs >= runsPerWrite {
			w.finish([]*member{m}, errs.E(errs.Unavailable, "sqldb.busy", nil))
			continue
		}
		w.db.stats.retries.Add(1)
		again = append(again, m)
	}
	return again
}

// rollback undoes the transaction if there is still one; that there is none is
// the one error it can give that matters to nobody.
func (w *groupWriter) rollback() {
	if err := w.do("rollback"); err != nil {
		w.db.log.Debug("rollback of a group", "error", err)
	}
}

// do runs a statement of the writer's own.
func (w *groupWriter) do(query string) error {
	_, err := w.exec(context.Background(), query, nil)
	return err
}

func (w *groupWriter) classify(err error) error { return classify(context.Background(), err) }

// begun is true of the hooks, which run in a transaction of others.
func (w *groupWriter) begun() bool { return true }

// exec and query leave the caller's context aside: SQLite answers the interrupt
// of a statement that writes by undoing the whole transaction, which belongs to
// others too. Tx looks at the context before each statement.
func (w *groupWriter) exec(_ context.Context, query string, args []any) (int64, error) {
	s, err := w.stmts.use(context.Background(), query)
	if err != nil {
		return 0, err
	}
	defer w.stmts.release(s)
	res, err := s.stmt.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (w *groupWriter) query(_ context.Context, query string, args []any) (*sql.Rows, error) {
	s, err := w.stmts.use(context.Background(), query)
	if err != nil {
		return nil, err
	}
	defer w.stmts.release(s)
	return s.stmt.QueryContext(context.Background(), args...)
}

func (w *groupWriter) close() error {
	close(w.quit)
	<-w.ended
	return errors.Join(w.conn.Close(), w.pool.Close())
}
