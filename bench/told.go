package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// toldRate is how many facts change in a second.
const toldRate = 10

// elders are those whom a table grants an allowance as soon as they are on the books of
// this district, and not before.
func elders(all []resident) (out []resident) {
	for _, p := range all {
		if p["living"] == "yes" && p["phone"] != "" && p["birth"] < months(12*80+1) && p["allowance_elsewhere"] == "no" {
			out = append(out, p)
		}
	}
	return out
}

// told has the police report that people moved into the district and out of it, by turns,
// and times each report from its sending until the notice of what follows from it, that an
// allowance begins or ends, lies in the outbox for text messages.
func (h *house) told(ctx context.Context, all []resident) (figure, error) {
	key, err := h.makeKey("police", "gongan-huzheng", "registrar")
	if err != nil {
		return figure{}, err
	}
	if err := h.grant(); err != nil {
		return figure{}, err
	}
	box := &outbox{dir: filepath.Join(h.data, "outbox", "sms"), known: map[string]bool{}, came: map[string]chan time.Time{}}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g, gctx := errgroup.WithContext(ctx)
	began := time.Now()
	var mu sync.Mutex
	var took []time.Duration
	g.Go(func() error { return box.watch(gctx) })
	rounds, rctx := errgroup.WithContext(gctx)
	for i, p := range all {
		rounds.Go(func() error {
			for turn, at := range []string{"local", "city", "local", "city"} {
				if turn == 0 && p["household"] == at {
					continue // it was granted before
				}
				due := began.Add(time.Duration(turn*len(all)+i) * time.Second / toldRate)
				if err := sleepUntil(rctx, due); err != nil {
					return err
				}
				came := box.expect(p["phone"])
				if err := h.report(key, p["idnumber"], at); err != nil {
					return fmt.Errorf("%s: %w", p, err)
				}
				select {
				case t := <-came:
					mu.Lock()
					took = append(took, t.Sub(due))
					mu.Unlock()
				case <-time.After(20 * time.Second):
					return fmt.Errorf("%s: nothing said that an allowance begins or ends", p)
				case <-rctx.Done():
					return rctx.Err()
				}
			}
			return nil
		})
	}
	err = rounds.Wait()
	cancel()
	if werr := g.Wait(); err == nil && werr != nil && ctx.Err() == nil {
		err = werr
	}
	if err != nil {
		return figure{}, err
	}
	return sum(took, time.Since(began))
}

// grant gives the allowance to whom it is due before anything changes, and waits until
// they have been told.
func (h *house) grant() error {
	key, err := h.makeKey("benefits", "minzheng", "head")
	if err != nil {
		return err
	}
	req, err := post(h.base+"/api/entitlements/elder-allowance/runs", key, struct{}{})
	if err == nil {
		_, err = answer(h.client, req)
	}
	time.Sleep(3 * time.Second)
	return err
}

func (h *house) report(key, number, household string) error {
	req, err := post(h.base+"/api/registers/facts", key, map[string]any{
		"register": "person", "source": "police", "value": number,
		"facts": []map[string]string{{"item": "household", "value": household, "from": time.Now().Format(time.DateOnly)}},
	})
	if err != nil {
		return err
	}
	_, err = answer(h.client, req)
	return err
}

// outbox is the directory from which a gateway would take text messages.
type outbox struct {
	dir   string
	known map[string]bool
	mu    sync.Mutex
	came  map[string]chan time.Time // by telephone number
}

func (b *outbox) expect(phone string) <-chan time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := make(chan time.Time, 1)
	b.came[phone] = c
	return c
}

// watch looks for new messages until ctx ends.
func (b *outbox) watch(ctx context.Context) error {
	for first := true; ; first = false {
		files, err := os.ReadDir(b.dir)
		if err != nil && !os.IsNotExist(err) {
			return err
		}
		for _, f := range files {
			if b.known[f.Name()] || !strings.HasSuffix(f.Name(), ".jsonl") {
				continue
			}
			b.known[f.Name()] = true
			if !first {
				if err := b.open(f.Name()); err != nil {
					return err
				}
			}
		}
		if sleepUntil(ctx, time.Now().Add(5*time.Millisecond)) != nil {
			return nil
		}
	}
}

func (b *outbox) open(name string) error {
	raw, err := os.ReadFile(filepath.Join(b.dir, name))
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for line := range bytes.Lines(raw) {
		var l struct{ To string }
		if err := json.Unmarshal(line, &l); err != nil {
			return err
		}
		if c, ok := b.came[l.To]; ok {
			delete(b.came, l.To)
			c <- time.Now()
		}
	}
	return nil
}
