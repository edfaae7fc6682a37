package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
)

// keptDB is the PostgreSQL database of a full house that is kept.
const keptDB = "yiwang_kept"

// filling is how a house was filled.
type filling struct {
	Cases int           `json:"cases"`
	Took  time.Duration `json:"took"`
	Bytes int64         `json:"bytes"` // on disk, with indexes
}

// filled measures a house in which cases are stored: one that an earlier run has kept,
// or else it fills one.
func (m *measuring) filled(ctx context.Context) (err error) {
	base, name := m.dir, "yiwang_full"
	if m.keep != "" {
		base, name = m.keep, keptDB
	}
	at := place{data: filepath.Join(base, "full-"+m.engine)}
	note := at.data + ".json"
	f, err := m.found(ctx, note, name, &at)
	if errors.Is(err, fs.ErrNotExist) {
		f, err = m.fresh(ctx, at.data, name, &at)
		if err == nil {
			err = writeJSON(note, f)
		}
	}
	if m.keep == "" && at.db != "" {
		defer func() { err = errors.Join(err, dropped(context.WithoutCancel(ctx), m.pg, name)) }()
	}
	if err != nil {
		return fmt.Errorf("storing: %w", err)
	}
	if err := m.lived(ctx, at); err != nil {
		return err
	}
	m.stored = f.Cases
	m.note(cell{what: "cases stored for what follows", value: float64(f.Cases), unit: "cases"})
	m.note(cell{what: "disk that one of them takes, with indexes", value: float64(f.Bytes) / float64(f.Cases) / 1000, unit: "KB"})
	m.note(cell{what: "stored a second, in bulk", value: float64(f.Cases) / f.Took.Seconds(), unit: "/s"})
	if err := m.full(ctx, at); err != nil || !m.check {
		return err
	}
	return m.verify(ctx, at)
}

// lived lets a house that was only filled run once until it has nothing more to do: one
// with so many cases did not start for the first time. What it learns at its first start
// it keeps for the next.
func (m *measuring) lived(ctx context.Context, at place) (err error) {
	if _, err := os.Stat(filepath.Join(at.data, "kept", "learnt")); err == nil {
		return nil
	}
	h, err := start(ctx, m.bin, at)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.stop()) }()
	return h.settle(ctx, firstRest)
}

// firstRest is how long a house has things to do of itself after its first start: topics are
// grouped half a minute after it.
const firstRest = 30 * time.Second

// settle waits for a time, and until the house has nothing more to do of itself: the clocks
// of one that an earlier run has left have run on.
func (h *house) settle(ctx context.Context, least time.Duration) error {
	const (
		look = 5 * time.Second
		idle = look / 10
		most = 240
	)
	was := time.Duration(0)
	for i := range most {
		select {
		case <-time.After(look):
		case <-ctx.Done():
			return ctx.Err()
		}
		is, err := h.burnt()
		if err != nil {
			return err
		}
		if is-was < idle && time.Duration(i+1)*look >= least {
			return nil
		}
		was = is
	}
	return nil
}

// found returns how a house was filled that is there already. Error: fs.ErrNotExist.
func (m *measuring) found(ctx context.Context, note, name string, at *place) (f filling, err error) {
	raw, err := os.ReadFile(note)
	if err != nil {
		return f, err
	}
	if err := json.Unmarshal(raw, &f); err != nil || m.engine == sqlite {
		return f, err
	}
	at.db, err = sibling(m.pg, name)
	return f, err
}

// fresh fills a new house.
func (m *measuring) fresh(ctx context.Context, dir, name string, at *place) (f filling, err error) {
	// What a run has left that was stopped half way is no use.
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(filepath.Dir(dir), 0o755)); err != nil {
		return f, err
	}
	if m.engine == postgreSQL {
		if err := dropped(ctx, m.pg, name); err != nil {
			return f, err
		}
		if at.db, err = another(ctx, m.pg, name); err != nil {
			return f, err
		}
	}
	size := func() (int64, error) { return at.size(ctx) }
	room := room{n: m.plan.stored, dir: filepath.Dir(dir), size: size}
	began := time.Now()
	shown := began
	var full error
	filling, stop := context.WithCancel(ctx)
	defer stop()
	f.Cases, err = stored(filling, *at, m.plan.stored, m.fill, func(done int) {
		if time.Since(shown) < 5*time.Second {
			return
		}
		shown = time.Now()
		var said string
		if said, full = room.left(done); full != nil {
			stop()
		}
		fmt.Fprintf(os.Stderr, "%s: %d of %d cases stored, %.0f a second, %s\n", m.engine, done, m.plan.stored, float64(done)/time.Since(began).Seconds(), said)
	})
	if full != nil {
		return f, full
	}
	if err != nil {
		return f, err
	}
	f.Took = time.Since(began)
	f.Bytes, err = size()
	return f, err
}

// room watches the disk that stored cases take.
type room struct {
	n    int
	dir  string
	size func() (int64, error)
}

// left says what the cases stored so far take and what all of them will. Error: the
// disk has no room for the others.
func (r room) left(done int) (string, error) {
	const spare = 2 << 30 // for what is driven afterwards, and the others on this disk
	took, err := r.size()
	if err != nil {
		return "", err
	}
	free, err := freeDisk(r.dir)
	if err != nil {
		return "", err
	}
	each := float64(took) / float64(done)
	need := int64(each * float64(r.n-done))
	said := fmt.Sprintf("%.2f KB each, %.1f GB more of %.1f free", each/1000, float64(need)/1e9, float64(free)/1e9)
	if need+spare > free {
		return said, fmt.Errorf("%s: that is not enough; TMPDIR or -keep names another place", said)
	}
	return said, nil
}

// size returns what a house takes on disk.
func (p place) size(ctx context.Context) (n int64, err error) {
	if p.db == "" {
		err = filepath.WalkDir(p.data, func(_ string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			info, err := d.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil // a file of a moment
			}
			if err == nil {
				n += info.Size()
			}
			return err
		})
		return n, err
	}
	conn, err := pgx.Connect(ctx, p.db)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close(ctx) }() // nothing is lost with it
	return n, conn.QueryRow(ctx, "select pg_database_size(current_database())").Scan(&n)
}

func writeJSON(name string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return os.WriteFile(name, raw, 0o644)
}
