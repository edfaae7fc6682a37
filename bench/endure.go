package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// The endurance profile, in appeals a second.
const (
	quietRate  = 20
	spikeRate  = 10 * quietRate
	soakRate   = 20
	crowd      = 1200 // clients that come at once
	quietSpan  = 20 * time.Second
	spikeSpan  = time.Minute
	crowdSpan  = 5 * time.Second
	soakSample = 10 * time.Second
)

// endure drives a house through quiet, spike and valley, a crowd that is too large,
// and a soak, and says what became of its memory and goroutines. Any error but the
// answer to a crowd ends it.
func (p *plan) endure(ctx context.Context, length time.Duration) (err error) {
	dir, err := os.MkdirTemp("", "yiwang-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	at := place{data: filepath.Join(dir, "data"), db: p.pg}
	h, err := start(ctx, p.bin, at)
	if err != nil {
		return err
	}
	stopped := false
	defer func() {
		if !stopped {
			err = errors.Join(err, h.stop())
		}
	}()
	for _, phase := range []struct {
		name string
		rate int
		span time.Duration
	}{{"quiet", quietRate, quietSpan}, {"spike", spikeRate, spikeSpan}, {"valley", quietRate, quietSpan}} {
		f, err := h.pace(ctx, phase.name, phase.rate, phase.span)
		if err != nil {
			return fmt.Errorf("%s: %w", phase.name, err)
		}
		fmt.Printf("%s: %d appeals in %s, no error, p50 %s, p99 %s\n", phase.name, f.n, phase.span, round(f.p50), round(f.p99))
	}
	if err := h.crowd(ctx); err != nil {
		return fmt.Errorf("crowd: %w", err)
	}
	if err := h.soak(ctx, length); err != nil {
		return fmt.Errorf("soak: %w", err)
	}
	stopped = true
	if err := h.stop(); err != nil {
		return err
	}
	return p.verify(ctx, at)
}

// pace files appeals at a rate, whether or not earlier ones were answered.
func (h *house) pace(ctx context.Context, series string, perSecond int, span time.Duration) (figure, error) {
	file := h.appeal(series)
	tick := time.NewTicker(time.Second / time.Duration(perSecond))
	defer tick.Stop()
	n := int(span.Seconds()) * perSecond
	took, failed := make([]time.Duration, n), make([]error, n)
	began := time.Now()
	var all sync.WaitGroup
	for i := range n {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return figure{}, ctx.Err()
		}
		all.Go(func() {
			start := time.Now()
			_, failed[i] = h.filed(file, 0, i)
			took[i] = time.Since(start)
		})
	}
	all.Wait()
	if err := firstOf(failed); err != nil {
		return figure{}, err
	}
	return sum(took, time.Since(began))
}

// crowd lets more come than can be served: each is either accepted or asked to come
// again, and what was accepted is there afterwards.
func (h *house) crowd(ctx context.Context) error {
	file := h.appeal("crowd")
	accepted := make([]int, crowd) // turns by client: the first so many were accepted
	failed := make([]error, crowd)
	var refused, taken atomic.Int64
	end := time.Now().Add(crowdSpan)
	var all sync.WaitGroup
	for w := range crowd {
		all.Go(func() {
			for failed[w] == nil && time.Now().Before(end) && ctx.Err() == nil {
				_, err := h.filed(file, w, accepted[w])
				var no *refusal
				switch {
				case err == nil:
					accepted[w]++
					taken.Add(1)
				case errors.As(err, &no) && no.status == http.StatusTooManyRequests:
					refused.Add(1)
					wait, werr := strconv.Atoi(no.retry)
					if werr != nil {
						failed[w] = fmt.Errorf("429 without Retry-After: %w", werr)
						return
					}
					time.Sleep(time.Duration(wait) * time.Second)
				default:
					failed[w] = err
				}
			}
		})
	}
	all.Wait()
	if err := firstOf(failed); err != nil {
		return err
	}
	for w, n := range accepted {
		for turn := range n {
			if err := h.kept(file, w, turn); err != nil {
				return err
			}
		}
	}
	fmt.Printf("crowd of %d: %d accepted and all there afterwards, %d asked to come again\n", crowd, taken.Load(), refused.Load())
	return nil
}

// soak goes on at an even rate and says where memory and goroutines end.
func (h *house) soak(ctx context.Context, length time.Duration) error {
	people, err := h.hire()
	if err != nil {
		return err
	}
	begin := time.Now()
	life := h.life(people, "soak")
	var samples []float64
	// What was begun before is over by now.
	time.Sleep(5 * time.Second)
	before, err := h.metric("go_goroutines")
	if err != nil {
		return err
	}
	lives := 0
	for i := 0; time.Since(begin) < length; i++ {
		if _, err := h.pace(ctx, fmt.Sprint("soak-", i), soakRate, soakSample); err != nil {
			return err
		}
		for turn := range 5 {
			if err := life(0, i*5+turn); err != nil {
				return err
			}
			lives++
		}
		heap, err := h.metric("go_memstats_heap_inuse_bytes")
		if err != nil {
			return err
		}
		samples = append(samples, heap/1e6)
	}
	time.Sleep(10 * time.Second)
	after, err := h.metric("go_goroutines")
	if err != nil {
		return err
	}
	rss, err := h.memory()
	if err != nil {
		return err
	}
	half := len(samples) / 2
	fmt.Printf("soak of %s: no error, %d lives; heap in use %.0f MB in the first half and %.0f MB in the second (mean of %d and %d samples), %.0f MB resident; %.0f goroutines before, %.0f after\n",
		time.Since(begin).Round(time.Second), lives, mean(samples[:half]), mean(samples[half:]), half, len(samples)-half, rss, before, after)
	return nil
}

// firstOf returns the first error and how many there were.
func firstOf(failed []error) (first error) {
	n := 0
	for _, err := range failed {
		if err == nil {
			continue
		}
		if n++; first == nil {
			first = err
		}
	}
	if n > 1 {
		first = fmt.Errorf("%d of %d failed, first: %w", n, len(failed), first)
	}
	return first
}

func mean(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	s := 0.0
	for _, v := range x {
		s += v
	}
	return s / float64(len(x))
}
