package pace_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"yiwang/internal/base/pace"
)

// work does pieces of ten milliseconds and returns what the clock says they took.
func work(ctx context.Context, pieces int) time.Duration {
	began := time.Now()
	w := pace.Start(ctx)
	for range pieces {
		time.Sleep(10 * time.Millisecond)
		w.Rest()
	}
	return time.Since(began)
}

// serve has people come for a time, and returns what waits for its end.
func serve(p *pace.Pace, span time.Duration) func() {
	var people sync.WaitGroup
	people.Go(func() {
		for end := time.Now().Add(span); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
			p.Served()
		}
	})
	synctest.Wait()
	return people.Wait
}

// While people are served, a second of work takes four; while nobody comes, or where
// somebody waits for it, one.
func TestGiveWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pace.New(4)
		if took := work(p.With(t.Context()), 100); took != time.Second {
			t.Errorf("a second of work took %s while nobody came", took)
		}
		defer serve(p, 7*time.Second)()
		if took := work(p.With(t.Context()), 100); took < 3900*time.Millisecond || took > 4100*time.Millisecond {
			t.Errorf("a second of work took %s while people were served", took)
		}
		if took := work(p.Part(t.Context(), 2), 50); took < 900*time.Millisecond || took > 1100*time.Millisecond {
			t.Errorf("half a second of work took %s with half a processor", took)
		}
		if took := work(t.Context(), 100); took != time.Second {
			t.Errorf("a second of work that somebody waits for took %s", took)
		}
	})
}

// All work together has one share.
func TestOneShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pace.New(4)
		defer serve(p, 10*time.Second)()
		took := make(chan time.Duration)
		for range 2 {
			go func() { took <- work(p.With(t.Context()), 50) }()
		}
		if last := max(<-took, <-took); last < 3900*time.Millisecond || last > 4200*time.Millisecond {
			t.Errorf("two times half a second took %s", last)
		}
	})
}

// Work that rests goes on as soon as people stop coming, and ends with its context.
func TestGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pace.New(1000)
		p.Served()
		if took := work(p.With(t.Context()), 10); took > 1300*time.Millisecond {
			t.Errorf("a tenth of a second of work took %s, a second of which somebody was served", took)
		}
		p.Served()
		ctx, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer stop()
		if took := work(p.With(ctx), 1); took > 300*time.Millisecond {
			t.Errorf("work that was to end after 300ms rested for %s", took)
		}
	})
}
