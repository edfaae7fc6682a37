package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

const (
	liveDesks   = 500
	liveScreens = 50
	liveRate    = 50 // changes a second
	perKey      = 25 // streams of one person
)

// watched is what the live row found.
type watched struct {
	figure                // time from a change's request to the eyes of a reader
	last    time.Duration // of them
	memory  float64
	streams int
}

// watch opens the live feed for desks of a unit and for screens of the whole city,
// lets cases change, and times until each reader has seen each change.
func (h *house) watch(ctx context.Context, p people, span time.Duration) (w watched, err error) {
	var ids []string
	file := h.appeal("live")
	for i := range int(span.Seconds()) * liveRate {
		id, err := h.filed(file, 0, i)
		if err != nil {
			return w, err
		}
		ids = append(ids, id)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	sent := &sendTimes{at: map[string]time.Time{}}
	readers, err := h.readers(ctx, sent)
	if err != nil {
		return w, err
	}
	tick := time.NewTicker(time.Second / liveRate)
	defer tick.Stop()
	var all sync.WaitGroup
	failed := make([]error, len(ids))
	for i, id := range ids {
		<-tick.C
		all.Go(func() {
			sent.note(id)
			failed[i] = h.dispatch(p, id)
		})
	}
	all.Wait()
	if err := errors.Join(failed...); err != nil {
		return w, err
	}
	time.Sleep(2 * time.Second)
	if w.memory, err = h.memory(); err != nil {
		return w, err
	}
	cancel()
	var times []time.Duration
	missed := 0
	for _, r := range readers {
		<-r.ended
		times = append(times, r.took...)
		missed += len(ids) - len(r.seen)
	}
	w.streams = len(readers)
	if missed > 0 {
		return w, fmt.Errorf("%d changes were not seen by a reader", missed)
	}
	w.figure, err = sum(times, span)
	w.last = slices.Max(times)
	return w, err
}

type sendTimes struct {
	mu sync.RWMutex
	at map[string]time.Time
}

func (s *sendTimes) note(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at[id] = time.Now()
}

func (s *sendTimes) of(id string) (time.Time, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	t, ok := s.at[id]
	return t, ok
}

// reader is one browser with the feed open.
type reader struct {
	took  []time.Duration
	seen  map[string]bool
	ended chan struct{}
}

func (h *house) readers(ctx context.Context, sent *sendTimes) (out []*reader, err error) {
	key := ""
	feed := &http.Client{} // the feed has no end that a client could wait for
	for i := range liveDesks + liveScreens {
		if i%perKey == 0 {
			unit, role := lifeUnit, "clerk"
			if i >= liveDesks {
				unit, role = "qu", "leader"
			}
			if key, err = h.makeKey(fmt.Sprint("live ", i), unit, role); err != nil {
				return nil, err
			}
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.base+"/api/live", nil)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", "Bearer "+key)
		// A browser keeps one connection for the feed, without an end to it.
		resp, err := feed.Do(req)
		if err != nil {
			return nil, err
		}
		if resp.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("the live feed answers %s", resp.Status)
		}
		r := &reader{seen: map[string]bool{}, ended: make(chan struct{})}
		out = append(out, r)
		go r.read(resp, sent)
	}
	return out, nil
}

// read notes when a change of each case is first seen.
func (r *reader) read(resp *http.Response, sent *sendTimes) {
	defer close(r.ended)
	defer resp.Body.Close() // the end of the feed is no error here
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(make([]byte, 4096), 1<<20)
	mark := []byte(`"id":"`)
	for lines.Scan() {
		_, rest, ok := bytes.Cut(lines.Bytes(), mark)
		if !ok {
			continue
		}
		id, _, _ := bytes.Cut(rest, []byte(`"`))
		if at, ok := sent.of(string(id)); ok && !r.seen[string(id)] {
			r.seen[string(id)] = true
			r.took = append(r.took, time.Since(at))
		}
	}
}
