package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/work/rehearsal"
)

// lives reports whether the city of a configuration lives by itself: the demo
// city does where it is asked to, no other ever.
func (cfg *Config) lives() bool { return cfg.Life && cfg.City == "" }

// begin plays the days before the first start of a demo directory. It opens the
// database on a driven clock and closes it again, so that the house which serves
// afterwards never knows another time than the real one.
func begin(ctx context.Context, cfg Config, out io.Writer) (err error) {
	file := filepath.Join(cfg.Data, dbFile)
	if cfg.DB == "" && exists(file) {
		return nil // it has a past, or is somebody's own
	}
	end := time.Now()
	clock := rehearsal.NewClock(end.Add(-rehearsal.Past))
	cfg.Now = clock.Now
	if cfg.DB == "" {
		// What is invented anew at the next try needs no waiting for the disk; the
		// file is synced once, when it is whole.
		cfg.DB = "sqlite:" + file + "?synchronous=off"
		defer func() {
			if err == nil {
				err = syncFile(file)
			}
		}()
	}
	a, err := Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	stage, err := a.stage()
	if err != nil {
		return err
	}
	shown := -1
	played, err := stage.Begin(ctx, clock, end, func(done float64) {
		if percent := int(done * 20); percent > shown {
			shown = percent
			fmt.Fprint(out, "\r"+text.Say(text.English, "rehearsal.past", errs.Args{"percent": percent * 5}))
		}
	})
	if err != nil || !played {
		return err
	}
	fmt.Fprintln(out)
	return a.settlePast(ctx)
}

func syncFile(name string) error {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// stage prepares the rehearsal of the demo city on this house.
func (a *App) stage() (*rehearsal.Stage, error) { return rehearsal.New(a.rehearsalDeps()) }

func (a *App) rehearsalDeps() rehearsal.Deps {
	return rehearsal.Deps{DB: a.DB, City: a.City, Units: a.Staff.Directory, Cases: a.Cases, Desk: a.Desk, Pack: a.pack, Logger: a.Logger}
}

// live lets the demo city live while the house is open.
func (a *App) live(ctx context.Context) error {
	stage, err := a.stage()
	if err != nil {
		return err
	}
	return stage.Live(ctx)
}
