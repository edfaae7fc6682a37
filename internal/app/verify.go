package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"yiwang/internal/base/discreet"
	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
	"yiwang/internal/core/schema"
)

// Verify checks the log of a data directory, through the server where one runs
// on it. It changes nothing: a database of an earlier release is looked at as it is,
// before anything brings it up to date.
func Verify(ctx context.Context, cfg Config, checkpoint []byte, progress func(done, total int64)) (v cases.Verdict, err error) {
	a, err := look(ctx, cfg)
	if errors.Is(err, errOwned) {
		return remoteVerify(ctx, cfg.Data, checkpoint)
	}
	if err != nil {
		return v, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return a.Cases.Verify(ctx, checkpoint, progress)
}

// look opens a data directory that has a past, for reading. Errors: those of Open,
// NotFound "app.nothing" where there is none.
func look(ctx context.Context, cfg Config) (a *App, err error) {
	defer errs.Wrap(&err, "app.look(%s)", cfg.Data)
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	cfg.Logger = slog.New(discreet.Handler(cfg.Logger.Handler()))
	a = &App{Config: cfg}
	nothing := errs.E(errs.NotFound, "app.nothing", errs.Args{"dir": cfg.Data})
	there := &dir{path: cfg.Data}
	if !exists(there.file(keysDir, masterFile)) || cfg.DB == "" && !exists(there.file(dbFile)) {
		return nil, nothing
	}
	if a.dir, err = own(cfg.Data); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if a.keys.master, err = gm.LoadMaster(a.dir.file(keysDir, masterFile)); err != nil {
		return a, err
	}
	if a.keys.signer, err = gm.LoadKey(a.dir.file(keysDir, signFile)); err != nil {
		return a, err
	}
	if err = a.loadCity(); err != nil {
		return a, err
	}
	if a.DB, err = sqldb.Open(ctx, sqldb.Config{URL: a.url(), Now: a.Now, Logger: a.Logger}); err != nil {
		return a, err
	}
	if _, _, err = a.DB.Schema(ctx, schema.Migrations()); err != nil {
		return a, err
	}
	units, err := org.LookAtUnits(ctx, a.DB, a.City.Directory)
	if err != nil {
		return a, err
	}
	if a.MAC, err = readKey(ctx, a.DB, a.keys.master, macSetting); err != nil {
		return a, err
	}
	a.Cases, err = cases.New(ctx, cases.Deps{
		DB: a.DB, City: a.City, Units: func() *org.Directory { return units }, Master: a.keys.master, MAC: a.MAC, Signer: a.keys.signer, Logger: a.Logger,
	})
	return a, err
}

// url is where the database is.
func (a *App) url() string {
	if a.Config.DB != "" {
		return a.Config.DB
	}
	return "sqlite:" + a.dir.file(dbFile)
}
