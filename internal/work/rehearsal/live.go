package rehearsal

import (
	"container/heap"
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
)

// Bounds of the time between two messages while somebody watches: a demo is
// livelier at night than a real district.
const (
	shortest = 20 * time.Second
	longest  = 90 * time.Second
	// breath is between two moves, so that a start after a long rest does not
	// come as a flood.
	breath = 400 * time.Millisecond
)

// Live plays in real time until ctx ends: messages come, and people act. It
// goes on with the cases it left open when it ended last.
func (s *Stage) Live(ctx context.Context) (err error) {
	defer errs.Wrap(&err, "rehearsal.Live")
	n, err := s.resume(ctx)
	if err != nil {
		return err
	}
	now := time.Now()
	heap.Push(&s.queue, cue{move: move{at: now.Add(s.gap(n+1, now) / 4)}, message: n + 1})
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(max(breath, time.Until(s.queue[0].at))):
		}
		now = time.Now()
		if n := s.queue[0].message; n > 0 {
			heap.Push(&s.queue, cue{move: move{at: now.Add(s.gap(n+1, now))}, message: n + 1})
		}
		if err := errors.Join(s.play(ctx, now), s.rouse(ctx, now)); err != nil && ctx.Err() == nil {
			s.Logger.WarnContext(ctx, "the rehearsal stumbled", "error", err)
		}
	}
}

func (s *Stage) gap(n int, now time.Time) time.Duration {
	return max(shortest, min(longest, s.gen.After(n, now)))
}

// resume takes up the open cases of the rehearsal and returns the number of its
// latest message.
func (s *Stage) resume(ctx context.Context) (latest int, err error) {
	type mine struct {
		CaseID     string `db:"case_id"`
		ExternalID string `db:"external_id"`
	}
	s.queue, s.roles, s.asleep, s.waiting = nil, map[string]*role{}, map[string]*role{}, map[seat]int{}
	var last *string
	err = s.DB.Read().QueryRow(ctx, `select max(external_id) from intake_key where external_id >= 'life-0' and external_id < 'life-:'`).Scan(&last)
	if err != nil || last == nil {
		return 0, err
	}
	open, err := sqldb.Select[mine](ctx, s.DB.Read(), `select k.case_id, k.external_id from intake_key k
		join cases c on c.id = k.case_id
		where k.external_id >= 'life-0' and k.external_id < 'life-:' and (c.closed = 0 or c.state = 'closed') order by k.external_id`)
	if err != nil {
		return 0, err
	}
	now := time.Now()
	for _, m := range open {
		n, ok := messageOf(m.ExternalID)
		if !ok {
			continue
		}
		c, err := s.Cases.Get(ctx, m.CaseID)
		if err != nil {
			return 0, err
		}
		s.recent[n] = s.newRole(n)
		s.takeUp(&c, s.recent[n], now)
	}
	latest, _ = messageOf(*last)
	return latest, nil
}

// takeUp plans the next move on a case as it was planned when the case was
// touched last. Where its time has gone by while nobody played, people begin
// anew with it now.
func (s *Stage) takeUp(c *cases.Case, r *role, now time.Time) {
	m, ok := s.director.next(c, r, time.UnixMilli(c.UpdatedAt))
	if ok && m.at.Before(now) {
		m, ok = s.director.next(c, r, now)
	}
	s.seat(c, r, ok)
	if ok {
		heap.Push(&s.queue, cue{move: m})
	}
}

// rouse takes up open cases that something befell while nobody was going to act on
// them: a part was done, the case they went along with was answered, a clock
// resumed them. Parts that were opened since are taken up with them.
func (s *Stage) rouse(ctx context.Context, now time.Time) error {
	if now.Sub(s.looked) < watch {
		return nil
	}
	s.looked = now
	type standing struct {
		ID      string `db:"id"`
		Version int64  `db:"version"`
		Number  string `db:"number"`
		Family  string `db:"family"`
		Data    string `db:"data"`
	}
	open, err := sqldb.Select[standing](ctx, s.DB.Read(), `select id, version, number, family, data from cases where closed = 0 and family in ('appeal', 'task') order by id`)
	if err != nil {
		return err
	}
	for _, k := range open {
		r := s.asleep[k.ID]
		switch {
		case s.roles[k.ID] != nil, r != nil && r.version == k.Version:
			continue
		case r == nil:
			n, mine := s.tales[k.Number]
			if k.Family == "task" {
				n, mine = s.tales[parentOf(k.Data)]
			}
			if !mine {
				continue
			}
			r = s.newRole(n)
		}
		c, err := s.Cases.Get(ctx, k.ID)
		if err != nil {
			return err
		}
		s.plan(c, r, now)
	}
	return nil
}

// parentOf returns the number of the case that a task is a part of.
func parentOf(data string) string {
	var d struct {
		Of string `json:"of"`
	}
	if err := json.Unmarshal([]byte(data), &d); err != nil {
		return ""
	}
	return d.Of
}

// watch is how often open cases are looked through, in the time played.
const watch = 10 * time.Minute

// messageOf returns the number of a message by its external id.
func messageOf(id string) (int, bool) {
	digits, ok := strings.CutPrefix(id, idPrefix)
	n, err := strconv.Atoi(digits)
	return n, ok && err == nil
}
