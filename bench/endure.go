package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"yiwang/bench/beside"
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

// endure drives a house on each engine through quiet, spike and valley, a crowd that is
// too large, and a soak, and writes what became of its memory and goroutines into the
// section of the page. Any error but the answer to a crowd ends it.
func (p *plan) endure(ctx context.Context, length time.Duration) error {
	engines := p.disposable()
	var lines []beside.Line
	for _, engine := range []string{sqlite, postgreSQL} {
		if engines[engine] == nil {
			continue
		}
		e := &enduring{engine: engine}
		if err := e.run(ctx, p, engines[engine], length); err != nil {
			return fmt.Errorf("%s: %w", engine, err)
		}
		lines = append(lines, e.lines...)
	}
	if p.out == "" {
		return nil
	}
	page, err := os.ReadFile(p.out)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	return os.WriteFile(p.out, []byte(beside.Replace(string(page), enduranceTitle, enduranceIntro()+beside.Table(lines))), 0o644)
}

// enduranceTitle is the title of the section.
const enduranceTitle = "Endurance"

func enduranceIntro() string {
	return fmt.Sprintf(`Measured by `+"`script/bench soak`"+` on %s: %d processors, %s/%s, %s. Appeals come at an even rate whether or not
earlier ones were answered; any error ends the run, and the log is verified at its end. The spike is ten
times the quiet rate.

`, time.Now().Format(time.DateOnly), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
}

// enduring is one engine being driven for long.
type enduring struct {
	engine string
	lines  []beside.Line
}

func (e *enduring) say(l beside.Line) {
	l.Engine = e.engine
	e.lines = append(e.lines, l)
	fmt.Printf("%s: %s: %s\n", l.Engine, l.What, l.Figure)
}

func (e *enduring) run(ctx context.Context, p *plan, fresh maker, length time.Duration) (err error) {
	at, gone, err := fresh(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, gone()) }()
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
		e.say(beside.Line{What: fmt.Sprintf("%s: %d appeals a second for %s", phase.name, phase.rate, phase.span),
			Figure: fmt.Sprintf("%d, none lost or refused, p50 %s, p99 %s", f.n, round(f.p50), round(f.p99)), Wanted: "no error"})
	}
	if err := h.crowd(ctx, e); err != nil {
		return fmt.Errorf("crowd: %w", err)
	}
	if err := h.soak(ctx, e, length); err != nil {
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
func (h *house) crowd(ctx context.Context, e *enduring) error {
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
	if refused.Load() == 0 {
		return errors.New("all of the crowd were served: it was no crowd")
	}
	e.say(beside.Line{What: fmt.Sprintf("%d clients at once for %s", crowd, crowdSpan),
		Figure: fmt.Sprintf("%d accepted and all there afterwards, %d asked to come again", taken.Load(), refused.Load()), Wanted: "429 with Retry-After, nothing lost"})
	return nil
}

// soak goes on at an even rate and says where memory and goroutines end.
func (h *house) soak(ctx context.Context, e *enduring, length time.Duration) error {
	people, err := h.hire()
	if err != nil {
		return err
	}
	begin := time.Now()
	life := h.life(people, "soak")
	var samples []float64
	// What was begun before is over by now, and no connection of the crowd is left, or
	// any number of goroutines would be fewer than they took.
	h.client.CloseIdleConnections()
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
	h.client.CloseIdleConnections()
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
	first, second := mean(samples[:half]), mean(samples[half:])
	what := fmt.Sprintf("soak of %s, %d appeals a second and whole lives", length, soakRate)
	e.say(beside.Line{What: what + ": heap in use", Figure: fmt.Sprintf("%d lives, no error; %.0f MB in the first half, %.0f MB in the second (means of %d and %d samples); %.0f MB resident",
		lives, first, second, half, len(samples)-half, rss), Wanted: "the second at most 1.1 of the first", Near: beside.AtMost(1.1*first, second)})
	if second > 1.1*first || after > before+fewMore {
		err = fmt.Errorf("it grew: heap in use %.0f to %.0f MB, goroutines %.0f to %.0f", first, second, before, after)
	}
	e.say(beside.Line{What: what + ": goroutines", Figure: fmt.Sprintf("%.0f before, %.0f after", before, after),
		Wanted: fmt.Sprintf("at most %d more after", fewMore), Near: beside.AtMost(before+fewMore, after)})
	return err
}

// fewMore is how many goroutines come and go: connections that are kept, work of the moment.
const fewMore = 10

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
