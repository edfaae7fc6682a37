package intake

import (
	"context"
	"encoding/base64"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
)

// Uploads remembers which files somebody has uploaded until a case takes them.
type Uploads struct {
	DB    *sqldb.DB
	Files *Attachments
}

// uploadLife is how long an uploaded file waits for its case.
const uploadLife = 24 * time.Hour

// mostUploads bounds how many files wait for one person.
const mostUploads = 200

type upload struct {
	ID     string `db:"id"`
	Name   string `db:"name"`
	Type   string `db:"type"`
	Size   int64  `db:"size"`
	Digest string `db:"digest"`
}

const uploadColumns = `id, name, type, size, digest`

// Add forgets an earlier upload that nobody took and remembers a file of an actor
// (Actor.Ref). Error: TooMany.
func (u *Uploads) Add(ctx context.Context, actor string, f cases.File) (err error) {
	defer errs.Wrap(&err, "intake.Uploads.Add")
	return u.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(ctx, `delete from upload where at < ?`, tx.Now()-uploadLife.Milliseconds()); err != nil {
			return err
		}
		n, err := sqldb.Get[int](ctx, tx, `select count(*) from upload where actor = ?`, actor)
		if err != nil {
			return err
		}
		if n >= mostUploads {
			return errs.E(errs.TooMany, "intake.uploads", errs.Args{"most": mostUploads})
		}
		name, err := u.Files.Key.Seal([]byte(f.Name), []byte("upload "+f.ID))
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `insert into upload (id, actor, name, type, size, digest, at) values (?, ?, ?, ?, ?, ?, ?)`,
			f.ID, actor, base64.RawStdEncoding.EncodeToString(name), f.Type, f.Size, f.Digest, tx.Now())
		return err
	})
}

// Find returns a file that an actor has uploaded. Error: NotFound.
func (u *Uploads) Find(ctx context.Context, actor, id string) (cases.File, error) {
	f, err := sqldb.Get[upload](ctx, u.DB.Read(), `select `+uploadColumns+` from upload where id = ? and actor = ? and at >= ?`,
		id, actor, u.DB.Now()-uploadLife.Milliseconds())
	if errs.Is(err, errs.NotFound) {
		err = errs.E(errs.NotFound, "intake.no_file", nil)
	}
	if err != nil {
		return cases.File{}, err
	}
	// One that an earlier version left in clear is gone within a day.
	if sealed, err := base64.RawStdEncoding.DecodeString(f.Name); err == nil {
		if name, err := u.Files.Key.Open(sealed, []byte("upload "+f.ID)); err == nil {
			f.Name = string(name)
		}
	}
	return cases.File(f), nil
}

// Drop forgets files that a case has taken.
func (u *Uploads) Drop(ctx context.Context, actor string, files []cases.File) error {
	if len(files) == 0 {
		return nil
	}
	return u.DB.Write(ctx, func(tx *sqldb.Tx) error {
		for _, f := range files {
			if _, err := tx.Exec(ctx, `delete from upload where id = ? and actor = ?`, f.ID, actor); err != nil {
				return err
			}
		}
		return nil
	})
}
