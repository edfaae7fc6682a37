package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// channel is the one that the clients file by.
const channel = "hotline"

// clients write at once.
const clients = 8

// ledger is what the clients remember: what they sent, and what was acknowledged.
type ledger struct {
	mu    sync.Mutex
	sent  map[string]bool   // ids of messages that left, answered or not
	filed map[string]string // id of a message → its case, as acknowledged
	acted map[string]string // id of a deed → its case, as acknowledged
	wrong []string          // answers that no fault explains
	fails atomic.Int64      // requests without an answer, or refused for now
	since outage            // what was refused since it was last asked for
}

// outage is how a fault looked to the clients.
type outage struct {
	last    time.Time     // of the latest acknowledgement
	longest time.Duration // between one acknowledgement and the next
	answers map[int]int   // refusals by status; 0 where nobody answered
}

func newLedger() *ledger {
	return &ledger{sent: map[string]bool{}, filed: map[string]string{}, acted: map[string]string{}}
}

// writes is how many writes were acknowledged.
func (l *ledger) writes() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.filed) + len(l.acted)
}

// felt returns how it was for the clients since it was last asked, and begins anew.
func (l *ledger) felt() outage {
	l.mu.Lock()
	defer l.mu.Unlock()
	was := l.since
	l.since = outage{last: time.Now()}
	return was
}

// answered notes an acknowledgement, or a refusal by its status.
func (l *ledger) answered(status int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if status >= 200 && status < 300 {
		now := time.Now()
		if !l.since.last.IsZero() {
			l.since.longest = max(l.since.longest, now.Sub(l.since.last))
		}
		l.since.last = now
		return
	}
	if l.since.answers == nil {
		l.since.answers = map[int]int{}
	}
	l.since.answers[status]++
}

func (l *ledger) complain(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.wrong) < 20 {
		l.wrong = append(l.wrong, fmt.Sprintf(format, args...))
	}
}

// load is clients at work.
type load struct {
	ledger *ledger
	base   string // URL without a path
	key    string
	http   *http.Client
	pause  time.Duration
	quit   chan struct{}
	all    sync.WaitGroup
}

// drive lets clients file messages and act on their cases until the load is stopped. What
// was not answered is sent again under the same id, as callers are told to do.
func drive(l *ledger, base string, through *http.Transport, pause time.Duration, key, series string) *load {
	through.MaxIdleConnsPerHost = clients
	d := &load{ledger: l, base: base, key: key, quit: make(chan struct{}), pause: pause,
		http: &http.Client{Timeout: 20 * time.Second, Transport: through}}
	for w := range clients {
		d.all.Go(func() {
			for n := 0; !d.over(); n++ {
				d.think()
				d.story(fmt.Sprintf("%s-%d-%d", series, w, n), n)
			}
		})
	}
	return d
}

func (d *load) over() bool {
	select {
	case <-d.quit:
		return true
	default:
		return false
	}
}

// stop lets the requests that run end and waits for them.
func (d *load) stop() {
	close(d.quit)
	d.all.Wait()
	d.http.CloseIdleConnections()
}

// think is the time between two writes of a client: enough for many to be under way
// at any moment, and not so little that the trials last for ever.
func (d *load) think() {
	select {
	case <-d.quit:
	case <-time.After(25 * time.Millisecond):
	}
}

var natures = []string{"咨询", "求助", "投诉"}

// story files one message and corrects its case twice.
func (d *load) story(id string, n int) {
	l := d.ledger
	l.mu.Lock()
	l.sent[id] = true
	l.mu.Unlock()
	var filed struct{ ID string }
	if !d.until("/api/cases", map[string]any{
		"family": "appeal", "channel": channel, "external_id": id, "title": "路灯不亮",
		"text":   fmt.Sprintf("福田街道第%d号附近路灯不亮，报修编号%s，请派人处理。", n%997, id),
		"fields": map[string]any{"name": "张三", "phone": fmt.Sprintf("138%08d", n%100_000_000)},
	}, &filed) {
		return
	}
	l.mu.Lock()
	l.filed[id] = filed.ID
	l.mu.Unlock()
	for k := range 2 {
		d.think()
		once := fmt.Sprintf("%s.%d", id, k)
		if !d.until("/api/cases/"+filed.ID+"/actions/correct", map[string]any{
			"once": once, "input": map[string]any{"nature": natures[(n+k)%len(natures)]},
		}, nil) {
			return
		}
		l.mu.Lock()
		l.acted[once] = filed.ID
		l.mu.Unlock()
	}
}

// until sends a request until it is acknowledged, false where the load was stopped
// first or the request is refused for good.
func (d *load) until(path string, body, into any) bool {
	raw, err := json.Marshal(body)
	if err != nil {
		d.ledger.complain("%v", err)
		return false
	}
	for !d.over() {
		status, answer, err := d.post(path, raw)
		d.ledger.answered(status)
		switch {
		case err == nil && status < 300:
			if into != nil {
				if err := json.Unmarshal(answer, into); err != nil {
					d.ledger.complain("%s: %v", path, err)
					return false
				}
			}
			return true
		case err == nil && status < 500 && status != http.StatusTooManyRequests:
			d.ledger.complain("%s: %d %.200s", path, status, answer)
			return false
		}
		d.ledger.fails.Add(1)
		select {
		case <-d.quit:
		case <-time.After(d.pause):
		}
	}
	return false
}

func (d *load) post(path string, raw []byte) (int, []byte, error) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, d.base+path, bytes.NewReader(raw))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+d.key)
	resp, err := d.http.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close() // read to its end
	answer, err := io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}

// waitWrites waits until so many more writes were acknowledged.
func (l *ledger) waitWrites(ctx context.Context, more int) error {
	want := l.writes() + more
	deadline := time.Now().Add(patience)
	for l.writes() < want {
		if time.Now().After(deadline) {
			return errors.New("nothing is acknowledged any more")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
	return nil
}

// complaints returns what the clients could not explain.
func (l *ledger) complaints() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.wrong)
}
