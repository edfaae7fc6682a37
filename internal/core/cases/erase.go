package cases

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/notice"
	"yiwang/internal/core/org"
)

// EraseKind is the kind of the action that destroys the personal part of a case and
// stays in its place as the receipt.
const EraseKind = "erase"

// maxBasis bounds what an erasure says of its basis, in characters.
const maxBasis = 200

// Erase destroys what was personal in a closed case: every sealed part with its salt,
// the key of the case, its words in the index, what the machine read, its files and
// the digest of the telephone number. What happened, when and by whom stays, and the
// erasure is the last action of the case, with its basis, which names nobody. The log
// verifies as before. Copies made earlier, such as backups, are not reached: the key
// wrapped in them opens them for as long as the master key is kept.
// Errors: NotFound, Invalid (the basis), Conflict "cases.erase_open", "cases.erased".
func (s *Store) Erase(ctx context.Context, by org.Actor, id, basis string) (err error) {
	defer errs.Wrap(&err, "cases.Erase(%s)", id)
	basis = strings.TrimSpace(basis)
	if n := utf8.RuneCountInString(basis); n == 0 || n > maxBasis || strings.ContainsRune(basis, 0) {
		return errs.E(errs.Invalid, "cases.erase_basis", nil).At("basis")
	}
	return s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		w, err := s.load(ctx, tx, id)
		if err != nil {
			return err
		}
		if w.c.Closed == 0 {
			return errs.E(errs.Conflict, "cases.erase_open", nil)
		}
		filed, err := s.filedBodyIn(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := w.append(&event{kind: EraseKind, by: by, public: map[string]any{"basis": basis}}); err != nil {
			return err
		}
		for _, table := range []string{"body", "case_key", "likeness", "reading", "attachment"} {
			w.later(`delete from `+table+` where case_id = ?`, id)
		}
		strip, args := notice.Strip(id)
		w.later(strip, args...)
		for _, digest := range s.reach(filed) {
			w.later(`delete from contact where digest = ? and case_id = ?`, digest, id)
		}
		if err := w.flush(); err != nil {
			return err
		}
		return dropWords(ctx, tx, id)
	})
}

// Outlived returns closed cases of a family that were filed before a moment, are
// closed for longer than keep and not erased yet, the oldest first.
func (s *Store) Outlived(ctx context.Context, family string, keep time.Duration, limit int) ([]string, error) {
	before := s.DB.Now() - keep.Milliseconds()
	return sqldb.Select[string](ctx, s.DB.Read(), `select id from cases where filed_at < ? and closed_at < ? and closed = 1 and `+OfFamily(family)+`
		and exists (select 1 from case_key k where k.case_id = cases.id) order by filed_at, id limit ?`, before, before, family, limit)
}

// Opening is one look at the personal data of a case.
type Opening struct {
	At      int64  `db:"at"`
	Actor   string `db:"actor"` // Actor.Ref
	Purpose string `db:"purpose"`
}

// Openings returns who opened the personal data of a case and why, the latest first.
func (s *Store) Openings(ctx context.Context, id string) ([]Opening, error) {
	return sqldb.Select[Opening](ctx, s.DB.Read(),
		`select at, actor, purpose from access_log where case_id = ? order by at desc, actor limit 500`, id)
}
