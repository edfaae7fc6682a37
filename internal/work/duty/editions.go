package duty

import (
	"context"
	"io/fs"
	"slices"
	"time"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/city"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
	"yiwang/internal/work/edition"
)

// Family is the family whose list is edited.
const Family = "appeal"

// Store keeps the editions. It is safe for concurrent use.
type Store struct {
	City  *city.City
	Pack  fs.FS // the declarations, against which an edition is checked
	Shelf edition.Shelf
}

// NewStore returns the editions of a city's duty list in a database.
func NewStore(db *sqldb.DB, c *city.City, pack fs.FS) *Store {
	return &Store{City: c, Pack: pack, Shelf: edition.Shelf{DB: db, Kind: "duty"}}
}

// Editions returns all editions, that of the pack first.
func (s *Store) Editions(ctx context.Context) ([]edition.Edition, error) {
	rows, err := s.Shelf.List(ctx, Family)
	return append([]edition.Edition{{Code: Family, State: edition.Published}}, rows...), err
}

// Matters returns the list of an edition. Error: NotFound.
func (s *Store) Matters(ctx context.Context, no int64) ([]*matter.Matter, error) {
	if no == 0 {
		return s.packed(), nil
	}
	e, err := s.Shelf.Get(ctx, no)
	if err != nil {
		return nil, err
	}
	list, _ := parse(e.Doc)
	return list, nil
}

// Begin starts a draft as a copy of another edition. Errors: NotFound, Invalid
// (the day).
func (s *Store) Begin(ctx context.Context, by org.Actor, like int64, title, from string) (e edition.Edition, err error) {
	defer errs.Wrap(&err, "duty.Begin(%d)", like)
	list, err := s.Matters(ctx, like)
	if err != nil {
		return e, err
	}
	return s.Shelf.Begin(ctx, by, Family, title, from, render(list))
}

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
func (s *Store) edit(ctx context.Context, by org.Actor, no int64, change func([]*matter.Matter) ([]*matter.Matter, error)) (found []decl.Finding, err error) {
	err = s.Shelf.Edit(ctx, by, no, func(e edition.Edition) (string, bool, error) {
		list, _ := parse(e.Doc)
		list, err := change(list)
		if err != nil {
			return "", false, err
		}
		doc := render(list)
		found = s.check(doc)
		return doc, !decl.Faulty(found), nil
	})
	return found, err
}

// Publish lets a draft hold from its day on. Whoever edited it last cannot publish
// it. Errors: those of edition.Shelf.Publish.
func (s *Store) Publish(ctx context.Context, by org.Actor, no int64) (err error) {
	defer errs.Wrap(&err, "duty.Publish(%d)", no)
	// A draft takes only what is sound.
	if err := s.Shelf.Publish(ctx, by, no, func(edition.Edition) error { return nil }); err != nil {
		return err
	}
	_, err = s.Refresh(ctx)
	return err
}

// Refresh puts what was published, here or by another process, into the catalog. It
// reports whether there was anything new.
func (s *Store) Refresh(ctx context.Context) (changed bool, err error) {
	defer errs.Wrap(&err, "duty.Refresh")
	return s.Shelf.Fresh(ctx, func(all []edition.Edition) error {
		var editions []matter.Edition
		for _, e := range all {
			list, _ := parse(e.Doc)
			editions = append(editions, matter.Edition{From: e.From, Matters: list})
		}
		s.City.Catalog.Publish(Family, editions)
		return nil
	})
}

// Answer is who answers for a matter at a place on a day.
type Answer struct {
	Matter  *matter.Matter
	Edition edition.Edition
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
	if force := edition.InForce(all, day); force >= 0 {
		a.Edition = all[force]
	}
	a.Matter, a.Answer = m, s.City.Responsible(dir, m, area)
	return a, err
}
