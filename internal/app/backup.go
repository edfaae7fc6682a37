package app

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
)

// Backup copies a data directory into a new one while it is being used, through the
// server where one runs on it. What comes out is a data directory: to restore is to
// put it in its place. A database on PostgreSQL is not in it; PostgreSQL's own tools
// keep that. Errors: NotFound "app.nothing", Exists "app.backup_there".
func Backup(ctx context.Context, cfg Config, to string, withKeys bool) (err error) {
	defer errs.Wrap(&err, "app.Backup")
	if to, err = filepath.Abs(to); err != nil {
		return err
	}
	a, err := look(ctx, cfg)
	if errors.Is(err, errOwned) {
		return remoteBackup(ctx, cfg.Data, to, withKeys)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return a.backup(ctx, to, withKeys)
}

// backup writes into a directory beside the one wanted, and gives it its name when
// it is whole.
func (a *App) backup(ctx context.Context, to string, withKeys bool) error {
	if exists(to) {
		return errs.E(errs.Exists, "app.backup_there", errs.Args{"dir": to})
	}
	part := to + ".part"
	if err := os.RemoveAll(part); err != nil { // of an attempt that was broken off
		return err
	}
	if err := os.MkdirAll(part, 0o700); err != nil {
		return errs.E(errs.Invalid, "app.dir", errs.Args{"dir": part}).Because(err)
	}
	// The database first: every attachment that it speaks of is there by then, and
	// what comes later is only not spoken of.
	if a.Config.DB == "" {
		if err := a.DB.CopyFile(ctx, filepath.Join(part, dbFile)); err != nil {
			return err
		}
	}
	if err := a.copyFiles(ctx, part, withKeys); err != nil {
		return err
	}
	return os.Rename(part, to)
}

// copyFiles copies everything in the data directory but the database and what
// belongs to the process that runs.
func (a *App) copyFiles(ctx context.Context, to string, withKeys bool) error {
	root := a.dir.path
	return filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it was there a moment ago
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		switch {
		case e.IsDir() && name == keysDir && !withKeys:
			return fs.SkipDir
		case e.IsDir():
			return os.MkdirAll(filepath.Join(to, name), 0o700)
		case !e.Type().IsRegular(), strings.HasPrefix(name, dbFile), name == lockFile, strings.HasSuffix(name, ".new"):
			return nil
		}
		if err := copyFile(path, filepath.Join(to, name)); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
}

// copyFile copies one file with its mode and makes the copy durable.
func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close() // only read
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm())
	if err != nil {
		return err
	}
	if _, err = io.Copy(out, in); err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close())
}

func (a *App) serveBackup(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if err := a.backup(r.Context(), q.Get("to"), q.Get("keys") == "1"); err != nil {
		http.Error(w, text.Error(text.English, err), http.StatusInternalServerError)
	}
}

func remoteBackup(ctx context.Context, data, to string, withKeys bool) error {
	q := url.Values{"to": {to}}
	if withKeys {
		q.Set("keys", "1")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://control/backup?"+q.Encode(), nil)
	if err != nil {
		return err
	}
	resp, err := remote(data).Do(req)
	if err != nil {
		return errRemote.Because(err)
	}
	defer resp.Body.Close() // read below where it says anything
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	why, err := io.ReadAll(io.LimitReader(resp.Body, 4<<10))
	return errors.Join(errs.E(errs.Invalid, "app.refused", errs.Args{"why": strings.TrimSpace(string(why))}), err)
}
