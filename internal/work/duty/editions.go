package duty

import (
	"context"
	"io/fs"
	"slices"
	"sync"
	"time"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/text"
	"yiwang/internal/core/city"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
)

// Family is the family whose list is edited.
const Family = "appeal"

// Store keeps the editions. It is safe for concurrent use.
type Store struct {
	DB   *sqldb.DB
	City *city.City
	Pack fs.FS // the declarations, against which an edition is checked

	mu   sync.Mutex
	seen int64 // version of what the catalog holds
}

// The states of an edition.
const (
	Draft     = "draft"
	Published = "published"
)

// Edition is a whole list with what is known of it.
type Edition struct {
	No          int64  `db:"no"` // 0 is the list of the pack
	Title       string `db:"title"`
	From        string `db:"from_day"`
	State       string `db:"state"`
	EditedBy    string `db:"edited_by"`
	EditedAt    int64  `db:"edited_at"`
	PublishedBy string `db:"published_by"`
	PublishedAt int64  `db:"published_at"`
}

const columns = `no, title, from_day, state, edited_by, edited_at, published_by, published_at`

// Editions returns all editions, that of the pack first.
func (s *Store) Editions(ctx context.Context) ([]Edition, error) {
	rows, err := sqldb.Select[Edition](ctx, s.DB.Read(), `select `+columns+` from duty_edition where family = ? order by no`, Family)
	return append([]Edition{{State: Published}}, rows...), err
}

// Matters returns the list of an edition. Error: NotFound.
func (s *Store) Matters(ctx context.Context, no int64) ([]*matter.Matter, error) {
	if no == 0 {
		return s.packed(), nil
	}
	doc, err := s.doc(ctx, s.DB.Read(), no)
	if err != nil {
		return nil, err
	}
	list, _ := parse(doc)
	return list, nil
}

func (s *Store) doc(ctx context.Context, q sqldb.Querier, no int64) (string, error) {
	doc, err := sqldb.Get[string](ctx, q, `select doc from duty_edition where no = ? and family = ?`, no, Family)
	if errs.Is(err, errs.NotFound) {
		err = errs.E(errs.NotFound, "duty.no_edition", nil)
	}
	return doc, err
}

// Begin starts a draft as a copy of another edition. Errors: NotFound, Invalid
// (the day).
func (s *Store) Begin(ctx context.Context, by org.Actor, like int64, title, from string) (e Edition, err error) {
	defer errs.Wrap(&err, "duty.Begin(%d)", like)
	if err := s.checkDay(from); err != nil {
		return e, err
	}
	list, err := s.Matters(ctx, like)
	if err != nil {
		return e, err
	}
	e = Edition{Title: title, From: from, State: Draft, EditedBy: by.ID}
	err = s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		last, err := sqldb.Get[int64](ctx, tx, `select coalesce(max(no), 0) from duty_edition`)
		if err != nil {
			return err
		}
		e.No, e.EditedAt = last+1, tx.Now()
		_, err = tx.Exec(ctx, `insert into duty_edition (no, family, title, from_day, state, edited_by, edited_at, published_by, published_at, doc)
			values (?, ?, ?, ?, ?, ?, ?, '', 0, ?)`, e.No, Family, e.Title, e.From, e.State, e.EditedBy, e.EditedAt, render(list))
		return err
	})
	return e, err
}

// checkDay refuses a day that has begun: what was decided under the old list stays
// decided under it.
func (s *Store) checkDay(from string) error {
	if _, err := time.Parse(time.DateOnly, from); err != nil || from <= s.today() {
		return errs.E(errs.Invalid, "duty.from_day", nil).At("from")
	}
	return nil
}

func (s *Store) today() string { return time.UnixMilli(s.DB.Now()).In(text.CST).Format(time.DateOnly) }

// Put changes one matter of a draft, or adds it; a nil one takes code out. What is
// wrong with it is returned and nothing is changed.
func (s *Store) Put(ctx context.Context, by org.Actor, no int64, code string, m *matter.Matter) (found []decl.Finding, err error) {
	defer errs.Wrap(&err, "duty.Put(%d, %s)", no, code)
	return s.edit(ctx, by, no, func(list []*matter.Matter) ([]*matter.Matter, error) {
		at := slices.IndexFunc(list, func(x *matter.Matter) bool { return x.Code == code })
		switch {
		case m == nil && at < 0:
			return nil, errs.E(errs.NotFound, "duty.no_matter", errs.Args{"code": code})
		case m == nil:
			return slices.Delete(list, at, at+1), nil
		case at < 0:
			return append(list, m), nil
		}
		list[at] = m
		return list, nil
	})
}

// Replace takes a whole list for a draft, as a spreadsheet brings it.
func (s *Store) Replace(ctx context.Context, by org.Actor, no int64, list []*matter.Matter) ([]decl.Finding, error) {
	return s.edit(ctx, by, no, func([]*matter.Matter) ([]*matter.Matter, error) { return list, nil })
}

// edit changes a draft where what comes of it is sound.
func (s *Store) edit(ctx context.Context, by org.Actor, no int64, change func([]*matter.Matter) ([]*matter.Matter, error)) ([]decl.Finding, error) {
	var found []decl.Finding
	err := s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		found = nil
		if err := s.needDraft(ctx, tx, no); err != nil {
			return err
		}
		doc, err := s.doc(ctx, tx, no)
		if err != nil {
			return err
		}
		list, _ := parse(doc)
		if list, err = change(list); err != nil {
			return err
		}
		doc = render(list)
		if found = s.check(doc); decl.Faulty(found) {
			return nil
		}
		_, err = tx.Exec(ctx, `update duty_edition set doc = ?, edited_by = ?, edited_at = ? where no = ?`, doc, by.ID, tx.Now(), no)
		return err
	})
	return found, err
}

func (s *Store) needDraft(ctx context.Context, tx *sqldb.Tx, no int64) error {
	state, err := sqldb.Get[string](ctx, tx, `select state from duty_edition where no = ? and family = ?`, no, Family)
	switch {
	case errs.Is(err, errs.NotFound):
		return errs.E(errs.NotFound, "duty.no_edition", nil)
	case err == nil && state != Draft:
		return errs.E(errs.Conflict, "duty.published", nil)
	}
	return err
}

// Publish lets a draft hold from its day on. Whoever edited it last cannot publish
// it. Errors: NotFound, Conflict (published before, another edition has the day),
// Forbidden (one's own), Invalid (its day has come).
func (s *Store) Publish(ctx context.Context, by org.Actor, no int64) (err error) {
	defer errs.Wrap(&err, "duty.Publish(%d)", no)
	err = s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if err := s.needDraft(ctx, tx, no); err != nil {
			return err
		}
		e, err := sqldb.Get[Edition](ctx, tx, `select `+columns+` from duty_edition where no = ?`, no)
		if err != nil {
			return err
		}
		if e.EditedBy == by.ID {
			return errs.E(errs.Forbidden, "duty.own_edition", nil)
		}
		if err := s.checkDay(e.From); err != nil {
			return err
		}
		same, err := sqldb.Get[int64](ctx, tx, `select count(*) from duty_edition where family = ? and state = ? and from_day = ?`, Family, Published, e.From)
		if err != nil {
			return err
		}
		if same > 0 {
			return errs.E(errs.Conflict, "duty.same_day", errs.Args{"day": e.From})
		}
		_, err = tx.Exec(ctx, `update duty_edition set state = ?, published_by = ?, published_at = ? where no = ?`, Published, by.ID, tx.Now(), no)
		return err
	})
	if err != nil {
		return err
	}
	_, err = s.Refresh(ctx)
	return err
}

// Drop throws a draft away. Errors: NotFound, Conflict (published).
func (s *Store) Drop(ctx context.Context, no int64) error {
	return s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if err := s.needDraft(ctx, tx, no); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `delete from duty_edition where no = ?`, no)
		return err
	})
}

// Refresh puts what was published, here or by another process, into the catalog. It
// reports whether there was anything new.
func (s *Store) Refresh(ctx context.Context) (changed bool, err error) {
	defer errs.Wrap(&err, "duty.Refresh")
	s.mu.Lock()
	defer s.mu.Unlock()
	version, err := sqldb.Get[int64](ctx, s.DB.Read(), `select coalesce(max(published_at), 0) from duty_edition where family = ?`, Family)
	if err != nil || version == s.seen {
		return false, err
	}
	type row struct {
		From string `db:"from_day"`
		Doc  string `db:"doc"`
	}
	rows, err := sqldb.Select[row](ctx, s.DB.Read(), `select from_day, doc from duty_edition where family = ? and state = ? order by from_day`, Family, Published)
	if err != nil {
		return false, err
	}
	var editions []matter.Edition
	for _, r := range rows {
		list, _ := parse(r.Doc)
		editions = append(editions, matter.Edition{From: r.From, Matters: list})
	}
	s.City.Catalog.Publish(Family, editions)
	s.seen = version
	return true, nil
}

// Answer is who answers for a matter at a place on a day.
type Answer struct {
	Matter  *matter.Matter
	Edition Edition
	matter.Answer
}

// Responsible says who was, is, or will be responsible. Errors: NotFound (the
// matter), Invalid (the day).
func (s *Store) Responsible(ctx context.Context, dir *org.Directory, code, area, day string) (a Answer, err error) {
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return a, errs.E(errs.Invalid, "view.bad_day", nil).At("day")
	}
	m := s.City.Catalog.On(Family, code, day)
	if m == nil {
		return a, errs.E(errs.NotFound, "duty.no_matter", errs.Args{"code": code})
	}
	all, err := s.Editions(ctx)
	for _, e := range all {
		if e.State == Published && e.From <= day && e.From >= a.Edition.From {
			a.Edition = e
		}
	}
	a.Matter, a.Answer = m, s.City.Responsible(dir, m, area)
	return a, err
}
