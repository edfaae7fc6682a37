package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"yiwang/internal/app"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/notice"
	"yiwang/internal/core/org"
	"yiwang/internal/work/intake"
)

const (
	// past is the time over which stored cases are spread.
	past = 4 * 365 * 24 * time.Hour
	// seedBatch is how many cases are filed in one transaction.
	seedBatch = 512
	// oneOpen in so many is open; the others were decided.
	oneOpen = 100
	// oneLesson in so many was decided by a person, from whom the machine learns: for one
	// trouble the same matter, but of oneAgainst one.
	oneLesson  = 32
	oneAgainst = 10
)

// stored fills a place with cases until there are n or the time is up, and returns
// how many there are: true rows of the log, written by the program's own store, so
// that verify finds nothing wrong with them. Most were decided long ago; the last
// hundredth waits for dispatch, and the figures are folded.
func stored(ctx context.Context, at place, n int, limit time.Duration, say func(done int)) (done int, err error) {
	s := &seeder{n: n, limit: limit, begin: time.Now().Add(-past), say: say}
	s.now.Store(s.begin.UnixMilli())
	url, file := at.db, filepath.Join(at.data, "yiwang.db")
	if url == "" {
		// What is made anew at the next try need not wait for the disk; the file is
		// synced once, when it is whole.
		url = "sqlite:" + file + "?synchronous=off"
	} else if strings.Contains(url, "?") {
		url += "&synchronous_commit=off"
	}
	s.app, err = app.Open(ctx, app.Config{Data: at.data, DB: url, Logger: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return time.UnixMilli(s.now.Load()) }})
	if err != nil {
		return 0, err
	}
	defer func() {
		if cerr := s.app.Close(); err == nil {
			err = cerr
		}
		if err == nil && at.db == "" {
			err = syncFile(file)
		}
	}()
	if err := s.fill(ctx); err != nil {
		return 0, err
	}
	return int(s.done.Load()), s.settle(ctx)
}

type seeder struct {
	app   *app.App
	n     int
	limit time.Duration
	begin time.Time    // of the past
	now   atomic.Int64 // in the past, UTC milliseconds
	done  atomic.Int64

	decided atomic.Int64 // how many were, once the others begin to come

	mu  sync.Mutex // one says at a time
	say func(done int)
}

// share is how much of the past has been played. What waits comes in its last
// hundredth, and as evenly: of a thousand that came in one moment no list can tell
// which are the latest without looking at all of them.
func (s *seeder) share(began time.Time) float64 {
	if decided := s.decided.Load(); decided > 0 {
		open := float64(s.done.Load()-decided) / float64(max(1, decided/oneOpen))
		return 1 - (1-min(1, max(0, open)))/oneOpen
	}
	return min(1-1./oneOpen, max(float64(s.done.Load())/float64(s.n), float64(time.Since(began))/float64(s.limit)))
}

func (s *seeder) fill(ctx context.Context) error {
	batches := make(chan []cases.Filing, runtime.GOMAXPROCS(0))
	began := time.Now()
	g, work := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(batches)
		decided := 0
		for open := 0; open < decided/oneOpen || decided == 0; {
			size := min(seedBatch, s.n-decided-open)
			waits := decided > 0 && (s.share(began) >= 1-1./oneOpen || decided >= s.n-s.n/oneOpen)
			if waits {
				s.decided.Store(int64(decided))
				size = min(size, decided/oneOpen-open)
			}
			if size <= 0 {
				break
			}
			fs, err := s.filings(decided+open, size, waits, s.share(began))
			if err != nil {
				return err
			}
			if waits {
				open += size
			} else {
				decided += size
			}
			select {
			case batches <- fs:
			case <-work.Done():
				return work.Err()
			}
		}
		return nil
	})
	// One writer makes ready what it writes next while another writes.
	var writers sync.WaitGroup
	for range 2 {
		writers.Add(1)
		g.Go(func() error {
			defer writers.Done()
			for fs := range batches {
				s.now.Store(s.begin.Add(time.Duration(float64(past) * s.share(began))).UnixMilli())
				if err := s.file(work, fs); err != nil {
					return err
				}
				s.mu.Lock()
				s.say(int(s.done.Add(int64(len(fs)))))
				s.mu.Unlock()
			}
			return nil
		})
	}
	all := make(chan struct{})
	go func() { writers.Wait(); close(all) }()
	g.Go(func() error { return s.follow(work, all) })
	err := g.Wait()
	s.now.Store(s.begin.Add(past).UnixMilli())
	return err
}

// file files a batch. Most of what it teaches is forgotten at once: the model has
// learnt it.
func (s *seeder) file(ctx context.Context, fs []cases.Filing) error {
	filed, wrong, err := s.app.Cases.FileAll(ctx, fs)
	if err := errors.Join(append(wrong, err)...); err != nil {
		return err
	}
	var known []any
	for i, f := range filed {
		if fs[i].Matter != "" && i%oneLesson != 0 {
			known = append(known, f.ID)
		}
	}
	if len(known) == 0 {
		return nil
	}
	return s.app.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `delete from lesson where case_id in (`+strings.TrimSuffix(strings.Repeat("?, ", len(known)), ", ")+`)`, known...)
		return err
	})
}

// follow numbers what is filed and counts it for the figures, until all is filed.
func (s *seeder) follow(ctx context.Context, all <-chan struct{}) error {
	for {
		if err := s.number(ctx); err != nil {
			return err
		}
		if err := s.app.View.CatchUp(ctx); err != nil {
			return err
		}
		select {
		case <-all:
			return nil
		case <-ctx.Done():
			return nil
		case <-time.After(time.Second):
		}
	}
}

func (s *seeder) number(ctx context.Context) error {
	for {
		n, err := s.app.Cases.Sequence(ctx, s.app.Holder())
		if err != nil || n == 0 {
			return err
		}
	}
}

// recent is how much of the past is new enough to be spoken of again.
const recent = .14

// filings makes a number of cases from one on: decided ones, or some that wait.
func (s *seeder) filings(from, size int, wait bool, share float64) ([]cases.Filing, error) {
	matters := s.app.City.Catalog.InForce("appeal", time.Now().Format(time.DateOnly))
	fs := make([]cases.Filing, 0, size)
	for i := from; i < from+size; i++ {
		title, text := saying(i)
		m := intake.Message{Channel: "hotline", ExternalID: fmt.Sprint("seed-", i), Actor: org.Machine("import"), Title: title, Text: text,
			Name: "张三", Phone: fmt.Sprintf("137%08d", i%100_000_000), Hold: wait, History: !wait}
		f := cases.Filing{Family: "appeal", Channel: m.Channel, ExternalID: m.ExternalID, Actor: m.Actor, History: true, Nature: "complaint",
			Fields: map[string]any{"title": m.Title, "text": m.Text, "name": m.Name, "phone": m.Phone}}
		if wait || share > 1-recent {
			var err error
			if f, err = s.app.Desk.Prepare(m); err != nil {
				return nil, err
			}
		}
		if wait && i%2 == 0 { // half of them have a unit
			f.Steps = append(f.Steps, cases.Step{Action: "dispatch", By: org.Machine("dispatch"), Input: map[string]any{"matter": lifeMatter, "unit": lifeUnit}})
		}
		if !wait {
			at := i // figures and lists have to do with all of them
			if (i-from)%oneLesson == 0 && i/oneLesson%oneAgainst > 0 {
				at = i % len(troubles)
			}
			f.Matter, f.Unit, f.Area = matters[at%len(matters)].Code, lifeUnit, "440304006"
		}
		fs = append(fs, f)
	}
	return fs, nil
}

// settle does what time would have done: clocks that fell due, numbers, figures, notices
// that have gone, and every word in the index. A house whose waiting cases all became late
// in one moment would be measured while it tells their units.
func (s *seeder) settle(ctx context.Context) error {
	if _, _, err := s.app.Cases.Fire(ctx); err != nil {
		return err
	}
	if err := s.number(ctx); err != nil {
		return err
	}
	if err := notice.Unaddress(ctx, s.app.DB); err != nil {
		return err
	}
	if err := s.app.Cases.IndexAll(ctx); err != nil {
		return err
	}
	return s.app.View.CatchUp(ctx)
}

func syncFile(name string) error {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return f.Close()
}
