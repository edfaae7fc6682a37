package webhook

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/outward"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/text"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
)

// States of a delivery. What has arrived is not kept.
const (
	queued = "queued"
	dead   = "dead"
)

const (
	look       = 200              // actions looked through at once
	mostQueued = 500              // events waiting for one receiver; the rest waits in the log
	together   = 4                // cases whose events are on their way to one receiver at once
	leased     = time.Minute      // a worker that died is replaced after it
	turnPause  = time.Second      // between looks while nothing happens
	longest    = 10 * time.Minute // between tries
	giveUp     = 24 * time.Hour   // a receiver that was away so long is not waited for
	refusals   = 3                // a receiver that refuses an event so often will not take it
)

// Run tells every subscription, each by a worker of its own, until ctx ends.
func (f *Feed) Run(ctx context.Context, holder string) error {
	var mu sync.Mutex
	working := map[string]bool{}
	var workers sync.WaitGroup
	defer workers.Wait()
	for {
		ids, err := sqldb.Select[string](ctx, f.DB.Read(), `select id from subscription where active = 1`)
		if err != nil && ctx.Err() == nil {
			f.Logger.ErrorContext(ctx, "subscriptions could not be read", "error", err)
		}
		mu.Lock()
		for _, id := range ids {
			if working[id] {
				continue
			}
			working[id] = true
			workers.Go(func() {
				f.work(ctx, id, holder)
				mu.Lock()
				delete(working, id)
				mu.Unlock()
			})
		}
		mu.Unlock()
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(turnPause):
		}
	}
}

// work tells one subscription until it ends or fails in itself; Run begins again.
func (f *Feed) work(ctx context.Context, id, holder string) {
	for {
		changed := f.Cases.Changed()
		more, err := f.Turn(ctx, id, holder)
		switch {
		case errs.Is(err, errs.NotFound) || ctx.Err() != nil:
			return
		case err != nil:
			f.Logger.ErrorContext(ctx, "a subscription could not be told", "subscription", id, "error", err)
			return
		case more:
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		case <-time.After(turnPause):
		}
	}
}

// Turn queues the next events of a subscription and sends what is due, at most one
// event of a case at a time. It reports whether there may be more to do at once.
// Error: NotFound where the subscription has ended.
func (f *Feed) Turn(ctx context.Context, id, holder string) (more bool, err error) {
	defer errs.Wrap(&err, "webhook.Turn(%s)", id)
	s, held, err := f.hold(ctx, id, holder)
	if err != nil || !held {
		return false, err
	}
	k, a, err := f.Staff.KeyActor(ctx, s.KeyID)
	if errs.Is(err, errs.NotFound) {
		return false, f.stop(ctx, id) // the key has ended, and with it what it may know
	}
	if err != nil {
		return false, err
	}
	more, err = f.gather(ctx, s, k, a)
	if err != nil || s.NextAt > f.DB.Now() {
		return false, err
	}
	due, err := sqldb.Select[Delivery](ctx, f.DB.Read(), `select sub, seq, case_id, n, kind, at, tries, said from delivery d
		where sub = ? and state = 'queued' and next_at <= ? and not exists (
			select 1 from delivery e where e.sub = d.sub and e.case_id = d.case_id and e.state = 'queued' and e.seq < d.seq)
		order by seq limit ?`, s.ID, f.DB.Now(), together)
	if err != nil || len(due) == 0 {
		return more, err
	}
	secret, err := f.Key.Open(s.Secret, []byte(s.ID))
	if err != nil {
		return false, err
	}
	g, ctx := errgroup.WithContext(ctx)
	for i := range due {
		g.Go(func() error { return f.send(ctx, s, a, secret, &due[i]) })
	}
	return true, g.Wait()
}

// hold takes or renews the subscription's lease and reads it; false where another
// process works on it.
func (f *Feed) hold(ctx context.Context, id, holder string) (s *subRow, held bool, err error) {
	err = f.DB.Write(ctx, func(tx *sqldb.Tx) error {
		row, err := sqldb.Get[subRow](ctx, tx, `select `+subColumns+` from subscription where id = ? and active = 1`, id)
		if err != nil {
			return err
		}
		now := tx.Now()
		free, args := sqldb.Free("lease", now, leased)
		n, err := tx.Exec(ctx, `update subscription set lease = ?, holder = ? where id = ? and (holder = ? or `+free+`)`,
			append([]any{now + leased.Milliseconds(), holder, id, holder}, args...)...)
		s, held = &row, n == 1
		return err
	})
	return s, held, err
}

func (f *Feed) stop(ctx context.Context, id string) error {
	return f.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `update subscription set active = 0, said = ? where id = ?`, text.Say(text.Chinese, "webhook.key_ended", nil), id)
		return err
	})
}

// gather looks through the next actions of the log and queues those that concern
// the subscription, moving its cursor in the same transaction.
func (f *Feed) gather(ctx context.Context, s *subRow, k org.Key, a org.Actor) (more bool, err error) {
	waiting, err := sqldb.Get[int](ctx, f.DB.Read(), `select count(*) from delivery where sub = ? and state = 'queued'`, s.ID)
	if err != nil || waiting >= mostQueued {
		return false, err
	}
	batch, err := f.Cases.Since(ctx, s.Seq, look)
	if err != nil || len(batch) == 0 {
		return false, err
	}
	kinds := strings.Fields(s.Kinds)
	var out []cases.Numbered
	for _, x := range batch {
		if len(kinds) > 0 && !slices.Contains(kinds, x.Header.Kind) || x.Header.Kind == cases.HistoryKind {
			continue
		}
		m, err := f.moment(ctx, x.Header.Case, x.Header.N)
		switch {
		case err != nil && ctx.Err() != nil:
			return false, err
		case err != nil: // damaged; verify says what it is
			f.Logger.ErrorContext(ctx, "a case cannot be told of", "case", x.Header.Case, "error", err)
		case f.concerns(k, a, &m):
			out = append(out, x)
		}
	}
	next := batch[len(batch)-1].Seq + 1
	return len(batch) == look, f.DB.Write(ctx, func(tx *sqldb.Tx) error {
		n, err := tx.Exec(ctx, `update subscription set seq = ? where id = ? and seq = ?`, next, s.ID, s.Seq)
		if err != nil || n == 0 {
			return err // ended, or another process was here
		}
		for _, x := range out {
			_, err := tx.Exec(ctx, `insert into delivery (sub, seq, case_id, n, kind, state, at, tries, next_at, said) values (?, ?, ?, ?, ?, 'queued', ?, 0, 0, '')
				on conflict (sub, seq) do nothing`, s.ID, x.Seq, x.Header.Case, x.Header.N, x.Header.Kind, tx.Now())
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// send sends one event and notes what came of it.
func (f *Feed) send(ctx context.Context, s *subRow, a org.Actor, secret []byte, d *Delivery) error {
	doc, err := f.event(ctx, s, a, d)
	if err != nil && ctx.Err() == nil {
		f.Logger.ErrorContext(ctx, "an event cannot be told", "case", d.Case, "n", d.N, "error", err)
		return f.failed(ctx, s, d, err) // a damaged case does not hold up the others
	}
	if err != nil {
		return err
	}
	_, _, err = outward.Post(ctx, f.client, outward.Message{
		URL: s.URL, ID: d.Case + "/" + strconv.Itoa(d.N), Type: mediaType, Body: doc, Suite: gm.Suite(s.Suite), Secret: secret, At: time.UnixMilli(f.DB.Now()),
	})
	if ctx.Err() != nil {
		return ctx.Err() // the house is closing; it goes again
	}
	if err == nil {
		return f.arrived(ctx, s, d)
	}
	return f.failed(ctx, s, d, err)
}

func (f *Feed) arrived(ctx context.Context, s *subRow, d *Delivery) error {
	return f.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(ctx, `delete from delivery where sub = ? and seq = ?`, d.Sub, d.Seq); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `update subscription set sent = sent + 1, sent_at = ?, failures = 0, next_at = 0, said = '' where id = ?`, tx.Now(), s.ID)
		return err
	})
}

// failed plans the next try, or gives the event up. A receiver that is away is left
// alone for a while with all its events; one that refuses an event still gets those
// of other cases.
func (f *Feed) failed(ctx context.Context, s *subRow, d *Delivery, why error) error {
	said := text.Error(text.Chinese, why)
	away := errs.Is(why, errs.Unavailable)
	return f.DB.Write(ctx, func(tx *sqldb.Tx) error {
		now, tries := tx.Now(), d.Tries+1
		state := queued
		if away && now-d.At > giveUp.Milliseconds() || !away && tries >= refusals {
			state = dead
		}
		_, err := tx.Exec(ctx, `update delivery set state = ?, tries = ?, next_at = ?, said = ? where sub = ? and seq = ?`,
			state, tries, now+pause(tries).Milliseconds(), said, d.Sub, d.Seq)
		if err != nil {
			return err
		}
		next := int64(0)
		if away {
			next = now + pause(s.Failures+1).Milliseconds()
		}
		_, err = tx.Exec(ctx, `update subscription set failures = failures + 1, next_at = ?, said = ? where id = ?`, next, said, s.ID)
		return err
	})
}

// pause is how long to wait after so many failures in a row.
func pause(failures int) time.Duration { return min(longest, time.Second<<min(failures, 20)) }
