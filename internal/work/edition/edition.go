package edition

import (
	"context"
	"sync"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/text"
	"yiwang/internal/core/org"
)

// Shelf holds the editions of one kind of declaration. It is safe for concurrent use.
type Shelf struct {
	DB   *sqldb.DB
	Kind string // "duty", "rule"

	mu   sync.Mutex
	seen int64 // when the newest edition that Fresh gave was published
}

// The states of an edition.
const (
	Draft     = "draft"
	Published = "published"
)

// Edition is one edition of what a code names, with what is known of it.
type Edition struct {
	No          int64  `db:"no"` // counted within the kind from 1; 0 is that of the city pack
	Code        string `db:"code"`
	Title       string `db:"title"`
	From        string `db:"from_day"` // first day in force, 2026-12-01; empty is always
	State       string `db:"state"`
	EditedBy    string `db:"edited_by"`
	EditedAt    int64  `db:"edited_at"`
	PublishedBy string `db:"published_by"`
	PublishedAt int64  `db:"published_at"`
	Doc         string `db:"doc"`
}

const columns = `no, code, title, from_day, state, edited_by, edited_at, published_by, published_at, doc`

// List returns the editions of a code in the order they were begun.
func (s *Shelf) List(ctx context.Context, code string) ([]Edition, error) {
	return sqldb.Select[Edition](ctx, s.DB.Read(), `select `+columns+` from edition where kind = ? and code = ? order by no`, s.Kind, code)
}

// Get returns one edition. Error: NotFound.
func (s *Shelf) Get(ctx context.Context, no int64) (Edition, error) {
	return s.get(ctx, s.DB.Read(), no)
}

func (s *Shelf) get(ctx context.Context, q sqldb.Querier, no int64) (Edition, error) {
	e, err := sqldb.Get[Edition](ctx, q, `select `+columns+` from edition where kind = ? and no = ?`, s.Kind, no)
	if errs.Is(err, errs.NotFound) {
		err = errs.E(errs.NotFound, "edition.none", nil)
	}
	return e, err
}

func (s *Shelf) draft(ctx context.Context, tx *sqldb.Tx, no int64) (Edition, error) {
	e, err := s.get(ctx, tx, no)
	if err == nil && e.State != Draft {
		err = errs.E(errs.Conflict, "edition.published", nil)
	}
	return e, err
}

// InForce returns the index of the edition of one code that holds on a day, -1 where
// none does: of those published, the one whose first day came last.
func InForce(all []Edition, day string) int {
	force := -1
	for i, e := range all {
		if e.State == Published && e.From <= day && (force < 0 || e.From >= all[force].From) {
			force = i
		}
	}
	return force
}

// Today is the day it is in the city, 2026-12-01.
func (s *Shelf) Today() string {
	return time.UnixMilli(s.DB.Now()).In(text.CST).Format(time.DateOnly)
}

// CheckDay refuses a day that has begun: what was decided under the edition in force
// stays decided under it. Error: Invalid.
func (s *Shelf) CheckDay(from string) error {
	_, err := time.Parse(time.DateOnly, from)
	if err != nil || from <= s.Today() {
		return errs.E(errs.Invalid, "edition.from_day", nil).At("from")
	}
	return nil
}

// Begin starts a draft. Error: Invalid (the day).
func (s *Shelf) Begin(ctx context.Context, by org.Actor, code, title, from, doc string) (e Edition, err error) {
	if err := s.CheckDay(from); err != nil {
		return e, err
	}
	e = Edition{Code: code, Title: title, From: from, State: Draft, EditedBy: by.ID, Doc: doc}
	err = s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		last, err := sqldb.Get[int64](ctx, tx, `select coalesce(max(no), 0) from edition where kind = ?`, s.Kind)
		if err != nil {
			return err
		}
		e.No, e.EditedAt = last+1, tx.Now()
		_, err = tx.Exec(ctx, `insert into edition (kind, `+columns+`) values (?, ?, ?, ?, ?, ?, ?, ?, '', 0, ?)`,
			s.Kind, e.No, e.Code, e.Title, e.From, e.State, e.EditedBy, e.EditedAt, e.Doc)
		return err
	})
	return e, err
}

// Edit puts what change makes of a draft in its place; where it says no, the draft
// stays as it is. Errors: NotFound, Conflict (published), those of change.
func (s *Shelf) Edit(ctx context.Context, by org.Actor, no int64, change func(Edition) (doc string, ok bool, err error)) error {
	return s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		e, err := s.draft(ctx, tx, no)
		if err != nil {
			return err
		}
		doc, ok, err := change(e)
		if err != nil || !ok {
			return err
		}
		_, err = tx.Exec(ctx, `update edition set doc = ?, edited_by = ?, edited_at = ? where kind = ? and no = ?`, doc, by.ID, tx.Now(), s.Kind, no)
		return err
	})
}

// Publish lets a draft hold from its day on, if it is sound. Whoever edited it last
// cannot publish it. Errors: NotFound, Conflict (published before, another edition of
// the code has the day), Forbidden (one's own), Invalid (its day has come), those of
// sound.
func (s *Shelf) Publish(ctx context.Context, by org.Actor, no int64, sound func(Edition) error) error {
	return s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		e, err := s.draft(ctx, tx, no)
		if err != nil {
			return err
		}
		if e.EditedBy == by.ID {
			return errs.E(errs.Forbidden, "edition.own", nil)
		}
		if err := s.CheckDay(e.From); err != nil {
			return err
		}
		if err := sound(e); err != nil {
			return err
		}
		same, err := sqldb.Get[int64](ctx, tx, `select count(*) from edition where kind = ? and code = ? and state = ? and from_day = ?`,
			s.Kind, e.Code, Published, e.From)
		if err != nil {
			return err
		}
		if same > 0 {
			return errs.E(errs.Conflict, "edition.same_day", errs.Args{"day": e.From})
		}
		_, err = tx.Exec(ctx, `update edition set state = ?, published_by = ?, published_at = ? where kind = ? and no = ?`, Published, by.ID, tx.Now(), s.Kind, no)
		return err
	})
}

// Drop throws a draft away. Errors: NotFound, Conflict (published).
func (s *Shelf) Drop(ctx context.Context, no int64) error {
	return s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if _, err := s.draft(ctx, tx, no); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `delete from edition where kind = ? and no = ?`, s.Kind, no)
		return err
	})
}

// Fresh gives all published editions, those of the earliest day first, to put where
// something was published since the last call, here or by another process. It reports
// whether there was; what put refuses comes again.
func (s *Shelf) Fresh(ctx context.Context, put func([]Edition) error) (changed bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	newest, err := sqldb.Get[int64](ctx, s.DB.Read(), `select coalesce(max(published_at), 0) from edition where kind = ?`, s.Kind)
	if err != nil || newest == s.seen {
		return false, err
	}
	all, err := sqldb.Select[Edition](ctx, s.DB.Read(), `select `+columns+` from edition where kind = ? and state = ? order by from_day`, s.Kind, Published)
	if err != nil {
		return false, err
	}
	if err := put(all); err != nil {
		return false, err
	}
	s.seen = newest
	return true, nil
}
