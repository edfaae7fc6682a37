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
)

// Store keeps the editions. It is safe for concurrent use.
type Store struct {
	DB   *sqldb.DB
	Book *rule.Book

	mu   sync.Mutex
	seen int64 // version of what the book holds
}

// The states of an edition.
const (
	Draft     = "draft"
	Published = "published"
)

// Edition is an edition of a table with what is known of it.
type Edition struct {
	No          int64  `db:"no"` // 0 for those of the pack
	Code        string `db:"code"`
	Title       string `db:"title"`
	From        string `db:"from_day"`
	State       string `db:"state"`
	EditedBy    string `db:"edited_by"`
	EditedAt    int64  `db:"edited_at"`
	PublishedBy string `db:"published_by"`
	PublishedAt int64  `db:"published_at"`
	Doc         string `db:"doc"`
}

const columns = `no, code, title, from_day, state, edited_by, edited_at, published_by, published_at, doc`

// Table returns the table of an edition.
func (e *Edition) Table() (*rule.Table, error) {
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
func (s *Store) Editions(ctx context.Context, code string) ([]Edition, error) {
	var all []Edition
	for _, d := range s.Book.Declared() {
		if t := d.Table(); t.Code == code {
			all = append(all, Edition{Code: code, From: t.From, State: Published, Doc: docOf(t)})
		}
	}
	if all == nil {
		return nil, errs.E(errs.NotFound, "rule.no_table", errs.Args{"code": code})
	}
	more, err := sqldb.Select[Edition](ctx, s.DB.Read(), `select `+columns+` from rule_edition where code = ? order by no`, code)
	return append(all, more...), err
}

func (s *Store) edition(ctx context.Context, q sqldb.Querier, no int64) (Edition, error) {
	e, err := sqldb.Get[Edition](ctx, q, `select `+columns+` from rule_edition where no = ?`, no)
	if errs.Is(err, errs.NotFound) {
		err = errs.E(errs.NotFound, "rule.no_edition", nil)
	}
	return e, err
}

// Edition returns one edition that was begun here. Error: NotFound.
func (s *Store) Edition(ctx context.Context, no int64) (Edition, error) {
	return s.edition(ctx, s.DB.Read(), no)
}

// Begin starts a draft that holds from a day, as a copy of the edition in force on the
// day before. Errors: NotFound, Invalid (the day).
func (s *Store) Begin(ctx context.Context, by org.Actor, code, title, from string) (e Edition, err error) {
	defer errs.Wrap(&err, "decide.Begin(%s)", code)
	day, err := s.checkDay(from)
	if err != nil {
		return e, err
	}
	like := s.Book.On(code, day)
	if like == nil {
		return e, errs.E(errs.NotFound, "rule.no_table", errs.Args{"code": code})
	}
	t := *like.Table()
	t.From = from
	e = Edition{Code: code, Title: title, From: from, State: Draft, EditedBy: by.ID, Doc: docOf(&t)}
	err = s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		last, err := sqldb.Get[int64](ctx, tx, `select coalesce(max(no), 0) from rule_edition`)
		if err != nil {
			return err
		}
		e.No, e.EditedAt = last+1, tx.Now()
		_, err = tx.Exec(ctx, `insert into rule_edition (`+columns+`) values (?, ?, ?, ?, ?, ?, ?, '', 0, ?)`,
			e.No, e.Code, e.Title, e.From, e.State, e.EditedBy, e.EditedAt, e.Doc)
		return err
	})
	return e, err
}

// checkDay refuses a day that has begun: what was decided by the old edition stays
// decided by it.
func (s *Store) checkDay(from string) (time.Time, error) {
	day, err := time.ParseInLocation(time.DateOnly, from, text.CST)
	if err != nil || from <= time.UnixMilli(s.DB.Now()).In(text.CST).Format(time.DateOnly) {
		return day, errs.E(errs.Invalid, "rule.from_day", nil).At("from")
	}
	return day, nil
}

func (s *Store) draft(ctx context.Context, tx *sqldb.Tx, no int64) (Edition, error) {
	e, err := s.edition(ctx, tx, no)
	if err == nil && e.State != Draft {
		err = errs.E(errs.Conflict, "rule.published", nil)
	}
	return e, err
}

// Put saves a draft, finished or not: what is wrong with it is said, and stands in the
// way of publishing only. Its code and first day are those it began with. Errors:
// NotFound, Conflict (published).
func (s *Store) Put(ctx context.Context, by org.Actor, no int64, t *rule.Table) (faults []rule.Fault, err error) {
	defer errs.Wrap(&err, "decide.Put(%d)", no)
	saved := *t
	err = s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		e, err := s.draft(ctx, tx, no)
		if err != nil {
			return err
		}
		saved.Code, saved.From = e.Code, e.From
		_, err = tx.Exec(ctx, `update rule_edition set doc = ?, edited_by = ?, edited_at = ? where no = ?`, docOf(&saved), by.ID, tx.Now(), no)
		return err
	})
	if err == nil {
		_, _, faults = rule.Check(&saved)
	}
	return faults, err
}

// Drop throws a draft away. Errors: NotFound, Conflict (published).
func (s *Store) Drop(ctx context.Context, no int64) error {
	return s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if _, err := s.draft(ctx, tx, no); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `delete from rule_edition where no = ?`, no)
		return err
	})
}

// Publish lets a draft hold from its day on. It has to be proved and its examples have
// to come out; whoever edited it last cannot publish it. Errors: NotFound, Conflict
// (published before, another edition has the day), Forbidden (one's own), Invalid (its
// day has come, something is wrong with it).
func (s *Store) Publish(ctx context.Context, by org.Actor, no int64) (err error) {
	defer errs.Wrap(&err, "decide.Publish(%d)", no)
	err = s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		e, err := s.draft(ctx, tx, no)
		if err != nil {
			return err
		}
		if e.EditedBy == by.ID {
			return errs.E(errs.Forbidden, "rule.own_edition", nil)
		}
		if _, err := s.checkDay(e.From); err != nil {
			return err
		}
		t, err := e.Table()
		if err != nil {
			return err
		}
		if _, _, faults := rule.Check(t); rule.Faulty(faults) {
			return errs.E(errs.Invalid, "rule.faulty", nil)
		}
		same, err := sqldb.Get[int64](ctx, tx, `select count(*) from rule_edition where code = ? and state = ? and from_day = ?`, e.Code, Published, e.From)
		if err != nil {
			return err
		}
		if same > 0 {
			return errs.E(errs.Conflict, "rule.same_day", errs.Args{"day": e.From})
		}
		_, err = tx.Exec(ctx, `update rule_edition set state = ?, published_by = ?, published_at = ? where no = ?`, Published, by.ID, tx.Now(), no)
		return err
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
	docs, err := sqldb.Select[string](ctx, s.DB.Read(), `select doc from rule_version order by version`)
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
		t, err := (&Edition{Doc: doc}).Table()
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
	known, err := sqldb.Select[string](ctx, s.DB.Read(), `select version from rule_version`)
	if err != nil {
		return err
	}
	has := map[string]bool{}
	for _, v := range known {
		has[v] = true
	}
	return s.DB.Write(ctx, func(tx *sqldb.Tx) error {
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
	s.mu.Lock()
	defer s.mu.Unlock()
	version, err := sqldb.Get[int64](ctx, s.DB.Read(), `select coalesce(max(published_at), 0) from rule_edition`)
	if err != nil || version == s.seen {
		return err
	}
	rows, err := sqldb.Select[Edition](ctx, s.DB.Read(), `select `+columns+` from rule_edition where state = ? order by from_day`, Published)
	if err != nil {
		return err
	}
	byCode := map[string][]*rule.Decider{}
	var all []*rule.Decider
	for _, e := range rows {
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
	s.seen = version
	return nil
}
