package app

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/text"
	"yiwang/internal/core/org"
)

// sealOld seals what an earlier version left readable.
func (a *App) sealOld(ctx context.Context) error {
	n, err := a.Cases.SealOld(ctx)
	if n > 0 {
		a.Logger.InfoContext(ctx, "words and names of earlier cases sealed", "cases", n)
	}
	return err
}

// mostErased bounds how many cases are erased in a row, so that the house has time
// for its people in between.
const mostErased = 1000

const year = 365 * 24 * time.Hour

// retainPause is how soon it is looked again for what has been kept long enough, where
// nothing was left: what was erased before is gone through each time.
const retainPause = 23 * time.Hour

// keepFor erases, once a day, and hour by hour while some is left, what was kept for long
// enough.
func (a *App) keepFor(ctx context.Context) error {
	var none time.Time // when nothing was left
	return a.every(ctx, time.Hour, "retention", func(ctx context.Context) error {
		if time.Since(none) < retainPause {
			return nil
		}
		more, err := a.retain(ctx)
		if err == nil && !more {
			none = time.Now()
		}
		return err
	})
}

// retain erases what is personal in the cases that were kept for as long as their
// family declares, some at a time; more says that some may be left.
func (a *App) retain(ctx context.Context) (more bool, err error) {
	for code, f := range a.City.Catalog.Families() {
		if f.Keep <= 0 {
			continue
		}
		ids, err := a.Cases.Outlived(ctx, code, time.Duration(f.Keep)*year, mostErased)
		if err != nil {
			return more, err
		}
		more = more || len(ids) == mostErased
		basis := text.Say(text.Chinese, "app.kept", errs.Args{"years": f.Keep})
		for _, id := range ids {
			err := a.Cases.Erase(ctx, org.Machine("retention"), id, basis)
			if err != nil && !errs.Is(err, errs.Conflict) { // another process was faster
				return more, err
			}
		}
		if len(ids) > 0 {
			a.Logger.InfoContext(ctx, "personal data erased after its time", "family", code, "cases", len(ids))
			a.scrub(ctx)
		}
	}
	return more, nil
}

// Erase destroys what is personal in a case, by its number, in a data directory that
// no server runs on, and removes its files. Errors: those of cases.Erase.
func Erase(ctx context.Context, cfg Config, number, basis string) (err error) {
	a, err := Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	c, err := a.Cases.ByNumber(ctx, number)
	if err != nil {
		return err
	}
	operator := org.Machine("operator")
	if err := a.Cases.Erase(ctx, operator, c.ID, basis); err != nil {
		return err
	}
	if err := a.Staff.Note(ctx, operator, "case_erased", c.ID, map[string]any{"basis": basis}); err != nil {
		return err
	}
	_, err = a.Cases.Sequence(ctx, a.Holder())
	err = errors.Join(err, a.checkpoint(ctx), a.sweepFiles(ctx))
	a.scrub(ctx)
	return err
}

// scrub takes what was erased out of the engine's files. Where it cannot, because somebody
// reads them all the while, the next erasure does it, or the end of the program.
func (a *App) scrub(ctx context.Context) {
	if err := a.DB.Scrub(ctx); err != nil {
		a.Logger.WarnContext(ctx, "what was erased may still lie in the engine's log", "error", err)
	}
}

// KeyState is what the master key file holds and what is wrapped with it.
type KeyState struct {
	Suites []gm.Suite // of the master keys, the newest last
	Cases  int64      // keys of cases
	Old    int64      // keys of cases and of the house that an older master key wraps
}

// Keys tells how the keys of a data directory stand.
func Keys(ctx context.Context, cfg Config) (k KeyState, err error) {
	err = withKeys(ctx, cfg, func(a *App, m *gm.Master) error {
		k, err = a.keyState(ctx, m)
		return err
	})
	return k, err
}

// RotateKeys makes a new master key of a suite and wraps every key with it. The old
// one stays in the file, for backups, until RetireKeys.
func RotateKeys(ctx context.Context, cfg Config, suite gm.Suite, progress func(done, total int64)) (k KeyState, err error) {
	path := (&dir{path: cfg.Data}).file(keysDir, masterFile)
	err = withKeys(ctx, cfg, func(*App, *gm.Master) error { return gm.RotateMaster(path, suite) })
	if err != nil {
		return k, err
	}
	err = withKeys(ctx, cfg, func(a *App, m *gm.Master) error {
		before, err := a.keyState(ctx, m)
		if err != nil {
			return err
		}
		if err := a.rewrapHouse(ctx, m); err != nil {
			return err
		}
		_, err = a.Cases.Rewrap(ctx, func(done int64) {
			if progress != nil {
				progress(done, before.Cases)
			}
		})
		if err != nil {
			return err
		}
		if err := a.Staff.Note(ctx, org.Machine("operator"), "keys_rotated", string(suite), nil); err != nil {
			return err
		}
		k, err = a.keyState(ctx, m)
		return err
	})
	return k, err
}

// RetireKeys removes the older master keys from the file. Backups from before the
// rotation cannot be opened with it any more, and what was erased since then not even
// by who has such a backup and the file. Error: Conflict "app.keys_in_use".
func RetireKeys(ctx context.Context, cfg Config) (k KeyState, err error) {
	path := (&dir{path: cfg.Data}).file(keysDir, masterFile)
	err = withKeys(ctx, cfg, func(a *App, m *gm.Master) error {
		before, err := a.keyState(ctx, m)
		if err != nil {
			return err
		}
		if before.Old > 0 {
			return errs.E(errs.Conflict, "app.keys_in_use", errs.Args{"n": before.Old})
		}
		if err := gm.RetireMaster(path); err != nil {
			return err
		}
		k = KeyState{Suites: before.Suites[len(before.Suites)-1:], Cases: before.Cases}
		return a.Staff.Note(ctx, org.Machine("operator"), "keys_retired", "", nil)
	})
	return k, err
}

func withKeys(ctx context.Context, cfg Config, do func(*App, *gm.Master) error) (err error) {
	a, err := Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	m, ok := a.keys.master.(*gm.Master)
	if !ok {
		return errs.E(errs.Invalid, "gm.key_stays", nil)
	}
	return do(a, m)
}

// houseKeys are the settings that hold a key of the house.
var houseKeys = []string{macSetting, blobSetting, mailSetting, hookSetting, callSetting, siteSetting, factSetting, keptSetting}

func (a *App) keyState(ctx context.Context, m *gm.Master) (k KeyState, err error) {
	k.Suites = m.Suites()
	for wrapped, err := range sqldb.Each[[]byte](ctx, a.DB.Read(), `select wrapped from case_key`) {
		if err != nil {
			return k, err
		}
		k.Cases++
		if !m.Newest(wrapped) {
			k.Old++
		}
	}
	for _, name := range houseKeys {
		raw, err := a.houseKey(ctx, name)
		if errs.Is(err, errs.NotFound) {
			continue
		}
		if err != nil {
			return k, err
		}
		if !m.Newest(raw) {
			k.Old++
		}
	}
	return k, nil
}

func (a *App) houseKey(ctx context.Context, name string) ([]byte, error) {
	var kept string
	if err := a.DB.Read().QueryRow(ctx, `select value from setting where name = ?`, name).Scan(&kept); err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(kept)
}

// rewrapHouse wraps the keys of the house with the newest master key.
func (a *App) rewrapHouse(ctx context.Context, m *gm.Master) error {
	for _, name := range houseKeys {
		raw, err := a.houseKey(ctx, name)
		if errs.Is(err, errs.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		key, err := m.Unwrap(ctx, raw, []byte(name))
		if e, ok := errors.AsType[*errs.Error](err); ok && e.Key == "gm.master_unknown" && name == keptSetting {
			// Earlier versions retired what wrapped it: what it sealed is worked out again.
			if err := a.forgetKey(ctx, name); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		fresh, err := m.Wrap(ctx, key, []byte(name))
		if err != nil {
			return err
		}
		err = a.DB.Write(ctx, func(tx *sqldb.Tx) error {
			return tx.ExecOne(ctx, `update setting set value = ? where name = ?`, base64.StdEncoding.EncodeToString(fresh), name)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *App) forgetKey(ctx context.Context, name string) error {
	return a.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `delete from setting where name = ?`, name)
		return err
	})
}
