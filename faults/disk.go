package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// aside runs a trial on a town of its own and adds what came of it to the row.
func (t *town) aside(root string, pg *cluster, run func(s *town) error) (err error) {
	s, err := newTown(t.ctx, t.bin, t.engine, root, 1, pg, t.say)
	defer func() {
		if s != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if err == nil {
		s.notes = t.notes
		err = s.up()
	}
	if err != nil {
		return err
	}
	s.work()
	if err := s.ledger.waitWrites(s.ctx, 20); err != nil {
		return err
	}
	if err := run(s); err != nil {
		return err
	}
	f, err := s.settle()
	t.besides = s.ledger.writes()
	t.kills += s.kills
	if err == nil && !f.ok() {
		err = fmt.Errorf("%+v", f)
	}
	return err
}

// fullDisk fills the disk that the database lies on, and empties it again.
func fullDisk(t *town, times int) (done int, err error) {
	mnt, size := t.file("small"), "64m"
	var pg *cluster
	root := mnt
	if t.pg != nil {
		size, root = "400m", t.file("besides")
		pg = &cluster{dir: filepath.Join(mnt, "pg")}
	}
	if err := errors.Join(os.MkdirAll(mnt, 0o755), os.MkdirAll(root, 0o755)); err != nil {
		return 0, err
	}
	if err := syscall.Mount("tmpfs", mnt, "tmpfs", 0, "mode=755,size="+size); err != nil {
		return 0, errSkipped("a small disk can only be made by root")
	}
	defer func() { err = errors.Join(err, syscall.Unmount(mnt, 0)) }()
	return times, t.aside(root, pg, func(s *town) error {
		for range times {
			if err := fill(s.ctx, filepath.Join(mnt, "filler")); err != nil {
				return err
			}
			fails := s.ledger.fails.Load()
			time.Sleep(2 * time.Second)
			if s.ledger.fails.Load() == fails {
				return errors.New("nothing failed, so the disk was not full")
			}
			if err := os.Remove(filepath.Join(mnt, "filler")); err != nil {
				return err
			}
			if s.pg != nil { // it may have ended of it
				if err := s.pg.start(s.ctx); err != nil {
					return err
				}
				s.back.aim(s.pg.addr)
				if err := s.connect(); err != nil {
					return err
				}
			}
			if !s.houses[0].alive() {
				return fmt.Errorf("the house ended of a full disk: %s", s.houses[0].log)
			}
			if err := s.ledger.waitWrites(s.ctx, 20); err != nil {
				return err
			}
		}
		return nil
	})
}

// fill writes a file until nothing more fits, in ever smaller pieces.
func fill(ctx context.Context, name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close() // what was written is not wanted
	for piece := 1 << 20; piece >= 512; {
		if _, err := f.Write(make([]byte, piece)); errors.Is(err, syscall.ENOSPC) {
			piece /= 2
		} else if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// fullFiles lets no file of a house grow beyond a size, which needs no root, then
// starts it without that limit.
func fullFiles(t *town, _ int) (int, error) {
	root := t.file("limited")
	if err := os.Mkdir(root, 0o755); err != nil {
		return 0, err
	}
	return 1, t.aside(root, nil, func(s *town) error {
		s.kill(s.houses[0])
		s.open()
		info, err := os.Stat(filepath.Join(s.data(0), "yiwang.db-wal"))
		if err != nil {
			return err
		}
		blocks := fmt.Sprint(info.Size()/512 + 200)
		h, err := launch(s.ctx, "sh", append([]string{"-c", `ulimit -f ` + blocks + `; exec "$0" "$@"`, s.bin}, s.args(0)...))
		if err != nil {
			return fmt.Errorf("with files of at most %s blocks: %w", blocks, err)
		}
		s.houses[0] = h
		s.open()
		fails := s.ledger.fails.Load()
		time.Sleep(4 * time.Second)
		if s.ledger.fails.Load() == fails {
			return errors.New("nothing failed, so the limit was not met")
		}
		if !h.alive() {
			return fmt.Errorf("the house ended of a limit: %s", h.log)
		}
		s.kill(h)
		s.open()
		if err := s.up(); err != nil {
			return err
		}
		return s.ledger.waitWrites(s.ctx, 20)
	})
}

// errSkipped says that a trial cannot be done on this machine, and why.
type errSkipped string

func (e errSkipped) Error() string { return string(e) }
