package cases

import (
	"context"
	"encoding/base64"
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/sqldb"
)

// sealedName begins a name of a file that lies sealed.
const sealedName = "sealed:"

// sealName seals the name of a file, in which people write what they like, under the
// key of its case.
func sealName(key gm.Key, id, name string) (string, error) {
	sealed, err := key.Seal([]byte(name), []byte("name of "+id))
	return sealedName + base64.RawStdEncoding.EncodeToString(sealed), err
}

func openName(key gm.Key, id, name string) (string, error) {
	text, ok := strings.CutPrefix(name, sealedName)
	if !ok {
		return name, nil
	}
	sealed, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return "", err
	}
	plain, err := key.Open(sealed, []byte("name of "+id))
	return string(plain), err
}

// openNames opens the names of files of one case.
func (s *Store) openNames(ctx context.Context, files []Attachment) error {
	if len(files) == 0 {
		return nil
	}
	key, err := s.KeyOf(ctx, s.DB.Read(), files[0].CaseID)
	if err != nil {
		return notFound(err)
	}
	for i := range files {
		if files[i].Name, err = openName(key, files[i].ID, files[i].Name); err != nil {
			return err
		}
	}
	return nil
}

// How far the rows written before words and names were sealed have been sealed.
const (
	sealSetting = "sealed_to"
	sealDone    = "~" // after every ULID
	sealBatch   = 200
)

// SealOld seals what an earlier version left readable: the words of the index, the
// names of files and the digests of texts. It goes on where an earlier try ended and
// returns how many cases it went through; when all is sealed it looks at one row.
func (s *Store) SealOld(ctx context.Context) (n int, err error) {
	defer errs.Wrap(&err, "cases.SealOld")
	var to string
	err = s.DB.Read().QueryRow(ctx, `select value from setting where name = ?`, sealSetting).Scan(&to)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return 0, err
	}
	for to != sealDone {
		ids, err := sqldb.Select[string](ctx, s.DB.Read(), `select id from cases where id > ? order by id limit ?`, to, sealBatch)
		if err != nil {
			return n, err
		}
		to = sealDone
		if len(ids) == sealBatch {
			to = ids[len(ids)-1]
		}
		err = s.DB.Write(ctx, func(tx *sqldb.Tx) error {
			for _, id := range ids {
				if err := s.sealOne(ctx, tx, id); err != nil {
					return err
				}
			}
			_, err := tx.Exec(ctx, `insert into setting (name, value) values (?, ?) on conflict (name) do update set value = excluded.value`, sealSetting, to)
			return err
		})
		if err != nil {
			return n, err
		}
		n += len(ids)
	}
	return n, nil
}

func (s *Store) sealOne(ctx context.Context, tx *sqldb.Tx, id string) error {
	key, err := s.KeyOf(ctx, tx, id)
	if errs.Is(err, errs.NotFound) {
		return nil // erased
	}
	if err != nil {
		return err
	}
	filed, err := s.filedBodyIn(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := putWords(ctx, tx, id, s.blind.said(filed)); err != nil {
		return err
	}
	words, err := sqldb.Select[string](ctx, tx, `select words from likeness where case_id = ? and words <> ''`, id)
	if err != nil {
		return err
	}
	for _, w := range words {
		if _, err := tx.Exec(ctx, `update likeness set words = ? where case_id = ?`, s.sameWords(w), id); err != nil {
			return err
		}
	}
	files, err := sqldb.Select[Attachment](ctx, tx, selectFiles+`where case_id = ?`, id)
	if err != nil {
		return err
	}
	for _, f := range files {
		if strings.HasPrefix(f.Name, sealedName) {
			continue
		}
		name, err := sealName(key, f.ID, f.Name)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update attachment set name = ? where id = ? and case_id = ?`, name, f.ID, id); err != nil {
			return err
		}
	}
	return nil
}

// sameWords is by what the same words are known again: a digest that nobody can try
// likely texts on.
func (s *Store) sameWords(digest string) string {
	if digest == "" {
		return ""
	}
	return s.digest("same words", digest)[:32]
}

// Rewrap wraps the key of every case anew, under the newest master key. It goes
// through them in order, so that calling it again after a failure is harmless.
func (s *Store) Rewrap(ctx context.Context, progress func(done int64)) (n int64, err error) {
	defer errs.Wrap(&err, "cases.Rewrap")
	type row struct {
		ID      string `db:"case_id"`
		Wrapped []byte `db:"wrapped"`
	}
	last := ""
	for {
		rows, err := sqldb.Select[row](ctx, s.DB.Read(), `select case_id, wrapped from case_key where case_id > ? order by case_id limit 1000`, last)
		if err != nil || len(rows) == 0 {
			return n, err
		}
		err = s.DB.Write(ctx, func(tx *sqldb.Tx) error {
			var batch sqldb.Batch
			for _, r := range rows {
				key, err := s.Master.Unwrap(ctx, r.Wrapped, []byte(r.ID))
				if err != nil {
					return err
				}
				fresh, err := s.Master.Wrap(ctx, key, []byte(r.ID))
				if err != nil {
					return err
				}
				batch.Add(`update case_key set wrapped = ? where case_id = ?`, fresh, r.ID)
			}
			_, err := tx.Pipeline(ctx, &batch)
			return err
		})
		if err != nil {
			return n, err
		}
		n += int64(len(rows))
		last = rows[len(rows)-1].ID
		if progress != nil {
			progress(n)
		}
	}
}
