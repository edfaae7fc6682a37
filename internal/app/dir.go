package app

import (
	"context"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/sqldb"
)

// Names inside a data directory.
const (
	dbFile      = "yiwang.db"
	lockFile    = "lock"
	keysDir     = "keys"
	masterFile  = "master.key"
	signFile    = "sign.pem"
	publicFile  = "sign.pub.pem"
	setupFile   = "setup-code"
	blobsDir    = "blobs"
	controlFile = "control.sock"
	latestNote  = "checkpoint.txt"
	outboxDir   = "outbox"
	keptDir     = "kept"
)

// dir is a data directory owned by this process.
type dir struct {
	path string
	lock *os.File
}

// errOwned says that a running server owns the directory.
var errOwned = errs.E(errs.Conflict, "app.owned", nil)

// own makes the directory and locks it. The lock goes with the process, however
// that ends. Error: Conflict "app.owned" where another process has it.
func own(path string) (*dir, error) {
	if err := os.MkdirAll(filepath.Join(path, keysDir), 0o700); err != nil {
		return nil, errs.E(errs.Invalid, "app.dir", errs.Args{"dir": path}).Because(err)
	}
	f, err := os.OpenFile(filepath.Join(path, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, errs.E(errs.Invalid, "app.dir", errs.Args{"dir": path}).Because(err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(errOwned, f.Close())
	}
	return &dir{path: path, lock: f}, nil
}

func (d *dir) file(name ...string) string { return filepath.Join(append([]string{d.path}, name...)...) }

func (d *dir) release() error { return d.lock.Close() }

// keys are the secrets of a data directory. They are not in the database: a copy
// of the database alone opens nothing.
type keys struct {
	master gm.Wrapper
	signer gm.Signer
}

// openKeys reads the keys, or makes them in a new directory.
func (d *dir) openKeys() (k keys, err error) {
	master := d.file(keysDir, masterFile)
	k.master, err = gm.LoadMaster(master)
	if errs.Is(err, errs.NotFound) {
		if err = gm.CreateMaster(master, gm.Intl); err == nil {
			k.master, err = gm.LoadMaster(master)
		}
	}
	if err != nil {
		return k, err
	}
	sign := d.file(keysDir, signFile)
	k.signer, err = gm.LoadKey(sign)
	if !errs.Is(err, errs.NotFound) {
		return k, err
	}
	if k.signer, err = gm.GenerateKey(gm.Intl); err != nil {
		return k, err
	}
	if err = gm.SaveKey(sign, k.signer); err != nil {
		return k, err
	}
	public, err := gm.EncodePublic(k.signer.Verifier())
	if err != nil {
		return k, err
	}
	return k, os.WriteFile(d.file(keysDir, publicFile), public, 0o644)
}

// Names of the keys that lie wrapped in the database.
const (
	macSetting  = "mac_key"  // digests query codes and telephone numbers
	blobSetting = "blob_key" // seals attachments
	mailSetting = "mail_key" // makes the tokens in addresses of letters
	hookSetting = "hook_key" // seals the secrets that other systems share with us
	callSetting = "call_key" // seals the numbers of callers while a call lasts
	siteSetting = "site_key" // seals the citizens' drafts and signs their cookies
	factSetting = "fact_key" // seals what registers hold
	keptSetting = "kept_key" // seals what the machine keeps between two runs
)

// openKey reads a key from the database, or makes it once. It lies there wrapped
// under the master key, so that all processes on one database share it.
func openKey(ctx context.Context, db *sqldb.DB, master gm.Wrapper, setting string) (gm.Key, error) {
	fresh, err := gm.NewKey(gm.Intl)
	if err != nil {
		return gm.Key{}, err
	}
	wrapped, err := master.Wrap(ctx, fresh, []byte(setting))
	if err != nil {
		return gm.Key{}, err
	}
	err = db.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `insert into setting (name, value) values (?, ?) on conflict (name) do nothing`,
			setting, base64.StdEncoding.EncodeToString(wrapped))
		return err
	})
	if err != nil {
		return gm.Key{}, err
	}
	return readKey(ctx, db, master, setting)
}

// readKey reads a key that was made before.
func readKey(ctx context.Context, db *sqldb.DB, master gm.Wrapper, setting string) (gm.Key, error) {
	var kept string
	if err := db.Read().QueryRow(ctx, `select value from setting where name = ?`, setting).Scan(&kept); err != nil {
		return gm.Key{}, err
	}
	raw, err := base64.StdEncoding.DecodeString(kept)
	if err != nil {
		return gm.Key{}, err
	}
	key, err := master.Unwrap(ctx, raw, []byte(setting))
	if err != nil {
		return gm.Key{}, errs.E(errs.Invalid, "app.other_keys", nil).Because(err)
	}
	return key, nil
}

// exists reports whether a file is there.
func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
