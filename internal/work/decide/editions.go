package decide

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/text"
	"yiwang/internal/core/org"
	"yiwang/internal/core/rule"
	"yiwang/internal/work/edition"
)

// Store keeps the editions. It is safe for concurrent use.
type Store struct {
	Book  *rule.Book
	Shelf edition.Shelf

	mu     sync.Mutex
	proved map[int64]proved // the drafts that were proved last, by number
}

// proved is what a proof of a draft came to, as it was saved then.
type proved struct {
	doc    string
	faulty bool
}

// NewStore returns the editions in a database of the tables of a book.
func NewStore(db *sqldb.DB, book *rule.Book) *Store {
	return &Store{Book: book, Shelf: edition.Shelf{DB: db, Kind: "rule"}}
}

// TableOf returns the table that an edition holds.
func TableOf(e edition.Edition) (*rule.Table, error) {
	t := new(rule.Table)
	if err := json.Unmarshal([]byte(e.Doc), t); err != nil {
		return nil, fmt.Errorf("edition %d: %w", e.No, err)
	}
	return t, nil
}

func docOf(t *rule.Table) string {
	b, err := json.Marshal(t)
	if err != nil {
		panic(err) // texts, numbers and maps of texts
	}
	return string(b)
}

// Editions returns all editions of a table: those of the pack, then the others.
func (s *Store) Editions(ctx context.Context, code string) ([]edition.Edition, error) {
	var all []edition.Edition
	for _, d := range s.Book.Declared() {
		if t := d.Table(); t.Code == code {
			all = append(all, edition.Edition{Code: code, From: t.From, State: edition.Published, Doc: docOf(t)})
		}
	}
	if all == nil {
		return nil, errs.E(errs.NotFound, "rule.no_table", errs.Args{"code": code})
	}
	more, err := s.Shelf.List(ctx, code)
	return append(all, more...), err
}

// Begin starts a draft that holds from a day, as a copy of the edition in force on
// that day. Errors: NotFound, Invalid (the day).
func (s *Store) Begin(ctx context.Context, by org.Actor, code, title, from string) (e edition.Edition, err error) {
	defer errs.Wrap(&err, "decide.Begin(%s)", code)
	day, err := time.ParseInLocation(time.DateOnly, from, text.CST)
	if err != nil {
		return e, s.Shelf.CheckDay(from)
	}
	like := s.Book.On(code, day)
	if like == nil {
		return e, errs.E(errs.NotFound, "rule.no_table", errs.Args{"code": code})
	}
	t := *like.Table()
	t.From = from
	return s.Shelf.Begin(ctx, by, code, title, from, docOf(&t))
}

// Drafts says of each edition of a table that was begun and not published whether it
// cannot be published as it is.
func (s *Store) Drafts(ctx context.Context, code string) (faulty []bool, err error) {
	defer errs.Wrap(&err, "decide.Drafts(%s)", code)
	all, err := s.Shelf.List(ctx, code)
	for _, e := range all {
		if e.State != edition.Draft {
			continue
		}
		t, err := TableOf(e)
		if err != nil {
			return nil, err
		}
		faulty = append(faulty, s.faulty(e, t))
	}
	return faulty, err
}

// faulty proves a draft, which takes a while where it is long, once for each time that it
// was saved.
func (s *Store) faulty(e edition.Edition, t *rule.Table) bool {
	s.mu.Lock()
	was, ok := s.proved[e.No]
	s.mu.Unlock()
	if ok && was.doc == e.Doc {
		return was.faulty
	}
	_, _, faults := rule.Check(t)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proved == nil || len(s.proved) > 1000 {
		s.proved = map[int64]proved{}
	}
	s.proved[e.No] = proved{e.Doc, rule.Faulty(faults)}
	return s.proved[e.No].faulty
}

// Put saves a draft, finished or not: what is wrong with it is said, and stands in the
// way of publishing only. Its code and first day are those it began with. Errors:
// NotFound, Conflict (published).
func (s *Store) Put(ctx context.Context, by org.Actor, no int64, t *rule.Table) (faults []rule.Fault, err error) {
	defer errs.Wrap(&err, "decide.Put(%d)", no)
	saved := *t
	err = s.Shelf.Edit(ctx, by, no, func(e edition.Edition) (string, bool, error) {
		saved.Code, saved.From = e.Code, e.From
		return docOf(&saved), true, nil
	})
	if err == nil {
		_, _, faults = rule.Check(&saved)
	}
	return faults, err
}

// Publish lets a draft hold from its day on. It has to be proved and its examples have
// to come out. Errors: those of edition.Shelf.Publish, Invalid (something is wrong with
// it).
func (s *Store) Publish(ctx context.Context, by org.Actor, no int64) (err error) {
	defer errs.Wrap(&err, "decide.Publish(%d)", no)
	err = s.Shelf.Publish(ctx, by, no, func(e edition.Edition) error {
		t, err := TableOf(e)
		if err != nil {
			return err
		}
		if _, _, faults := rule.Check(t); rule.Faulty(faults) {
			return errs.E(errs.Invalid, "rule.faulty", nil)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.Refresh(ctx)
}

// Open keeps the versions of the pack, and puts into the book what was published and
// what was ever in force.
func (s *Store) Open(ctx context.Context) (err error) {
	defer errs.Wrap(&err, "decide.Open")
	if err := s.keep(ctx, s.Book.Declared()); err != nil {
		return err
	}
	docs, err := sqldb.Select[string](ctx, s.Shelf.DB.Read(), `select doc from rule_version order by version`)
	if err != nil {
		return err
	}
	old, err := built(docs)
	if err != nil {
		return err
	}
	s.Book.Keep(old)
	return s.Refresh(ctx)
}

// built makes tables ready that were in force once, and so can be.
func built(docs []string) ([]*rule.Decider, error) {
	var all []*rule.Decider
	for _, doc := range docs {
		t, err := TableOf(edition.Edition{Doc: doc})
		if err != nil {
			return nil, err
		}
		d, faults := rule.Build(t)
		if d == nil {
			return nil, fmt.Errorf("table %s: %s", t.Code, faults[0].Key)
		}
		all = append(all, d)
	}
	return all, nil
}

func (s *Store) keep(ctx context.Context, all []*rule.Decider) error {
	known, err := sqldb.Select[string](ctx, s.Shelf.DB.Read(), `select version from rule_version`)
	if err != nil {
		return err
	}
	has := map[string]bool{}
	for _, v := range known {
		has[v] = true
	}
	return s.Shelf.DB.Write(ctx, func(tx *sqldb.Tx) error {
		for _, d := range all {
			if has[d.Version()] {
				continue
			}
			if _, err := tx.Exec(ctx, `insert into rule_version (version, code, first_at, doc) values (?, ?, ?, ?) on conflict (version) do nothing`,
				d.Version(), d.Table().Code, tx.Now(), docOf(d.Table())); err != nil {
				return err
			}
		}
		return nil
	})
}

// Refresh puts what was published, here or by another process, into the book.
func (s *Store) Refresh(ctx context.Context) (err error) {
	defer errs.Wrap(&err, "decide.Refresh")
	_, err = s.Shelf.Fresh(ctx, func(published []edition.Edition) error {
		byCode := map[string][]*rule.Decider{}
		var all []*rule.Decider
		for _, e := range published {
			made, err := built([]string{e.Doc})
			if err != nil {
				return err
			}
			byCode[e.Code] = append(byCode[e.Code], made...)
			all = append(all, made...)
		}
		if err := s.keep(ctx, all); err != nil {
			return err
		}
		for code, editions := range byCode {
			s.Book.Publish(code, editions)
		}
		return nil
	})
	return err
}
