package register

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/text"
)

// Store keeps the registers of a city. It is safe for concurrent use.
type Store struct {
	db    *sqldb.DB
	book  *Book
	key   gm.Key
	blind gm.Blinder
	items map[string]*numbers // by register

	mu    sync.Mutex
	heard []func()
}

// Open returns the store of a city's registers and gives numbers to items that have
// none yet. The key seals what is known and blinds what it is found by.
func Open(ctx context.Context, db *sqldb.DB, book *Book, key gm.Key) (_ *Store, err error) {
	defer errs.Wrap(&err, "register.Open")
	s := &Store{db: db, book: book, key: key, items: map[string]*numbers{}}
	if s.blind, err = key.Blinder("register"); err != nil {
		return nil, err
	}
	for _, r := range book.Registers() {
		if s.items[r.Code], err = s.number(ctx, r); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// number returns the numbers of a register's items.
func (s *Store) number(ctx context.Context, r *Register) (*numbers, error) {
	type item struct {
		No   int64  `db:"no"`
		Code string `db:"code"`
	}
	n := &numbers{}
	err := s.db.Write(ctx, func(tx *sqldb.Tx) error {
		n.of, n.names = map[string]uint64{}, map[uint64]string{}
		known, err := sqldb.Select[item](ctx, tx, `select no, code from register_item where register = ? order by no`, r.Code)
		if err != nil {
			return err
		}
		for _, k := range known {
			n.of[k.Code] = uint64(k.No)
		}
		for i := range r.Items {
			code := r.Items[i].Code
			if _, ok := n.of[code]; !ok {
				n.of[code] = uint64(len(n.of)) + 1
				if _, err := tx.Exec(ctx, `insert into register_item (register, no, code) values (?, ?, ?)`, r.Code, int64(n.of[code]), code); err != nil {
					return err
				}
			}
			n.names[n.of[code]] = code
		}
		return nil
	})
	return n, err
}

// Book returns the declarations.
func (s *Store) Book() *Book { return s.book }

// Today is the day that it is in China.
func (s *Store) Today() string {
	return time.UnixMilli(s.db.Now()).In(text.CST).Format(time.DateOnly)
}

// register returns a declared register. Error: NotFound.
func (s *Store) register(code string) (*Register, error) {
	if r := s.book.Find(code); r != nil {
		return r, nil
	}
	return nil, errs.E(errs.NotFound, "register.no_register", errs.Args{"register": code})
}

// row is a subject as it is kept.
type row struct {
	ID       string `db:"id"`
	Register string `db:"register"`
	Version  int64  `db:"version"`
	Sheet    []byte `db:"sheet"`
}

// load reads what is known of a subject. Error: NotFound.
func (s *Store) load(ctx context.Context, q sqldb.Querier, sub Subject) (sheet, int64, error) {
	r, err := sqldb.Get[row](ctx, q, `select id, register, version, sheet from subject where id = ?`, sub.ID)
	if errs.Is(err, errs.NotFound) || err == nil && r.Register != sub.Register {
		return nil, 0, errs.E(errs.NotFound, "register.no_subject", nil)
	}
	if err != nil {
		return nil, 0, err
	}
	sh, err := s.unseal(r)
	return sh, r.Version, err
}

func (s *Store) unseal(r row) (sheet, error) {
	plain, err := s.key.Open(r.Sheet, []byte(r.ID))
	if err != nil {
		return nil, err
	}
	n := s.items[r.Register]
	if n == nil {
		return nil, errs.E(errs.NotFound, "register.no_register", errs.Args{"register": r.Register})
	}
	return n.decode(plain)
}

// Put writes down facts of a subject, which is entered where it is not there yet; the
// facts' Source is the given one, and Recorded is now. What the same source said of
// the same days ends. Errors: Invalid (a value, a day, an item or a source that there
// is not), Exists "register.key_taken" where another subject has the value of a key.
func (s *Store) Put(ctx context.Context, source string, sub Subject, facts ...Fact) (err error) {
	defer errs.Wrap(&err, "register.Put")
	r, err := s.register(sub.Register)
	if err != nil {
		return err
	}
	if facts, err = r.tidy(source, facts); err != nil {
		return err
	}
	for range 5 {
		err = s.db.Write(ctx, func(tx *sqldb.Tx) error { return s.put(ctx, tx, r, sub, facts) })
		if !errs.Is(err, errs.Conflict) {
			break
		}
	}
	return err
}

// tidy returns facts as they are written down.
func (r *Register) tidy(source string, facts []Fact) (_ []Fact, err error) {
	if r.source(source) == len(r.Sources) {
		return nil, errs.E(errs.Invalid, "register.no_source", errs.Args{"source": source, "register": r.Title})
	}
	facts = slices.Clone(facts)
	for i := range facts {
		f := &facts[i]
		it, ok := r.Item(f.Item)
		if !ok {
			return nil, errs.E(errs.Invalid, "register.no_item", errs.Args{"item": f.Item, "register": r.Title})
		}
		if f.Value, err = it.Tidy(f.Value); err != nil {
			return nil, err
		}
		if !dayForm(f.From) || !dayForm(f.To) || f.To != "" && f.To < f.From {
			return nil, errs.E(errs.Invalid, "register.days", errs.Args{"item": it.Title}).At(f.Item)
		}
		f.Source, f.Ended, f.Doubt = source, 0, false
	}
	return facts, nil
}

func (s *Store) put(ctx context.Context, tx *sqldb.Tx, r *Register, sub Subject, facts []Fact) error {
	sh, version, err := s.load(ctx, tx, sub)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return err
	}
	var changed []string
	for _, f := range facts {
		f.Recorded = tx.Now()
		if sh.put(f) && !slices.Contains(changed, f.Item) {
			changed = append(changed, f.Item)
		}
	}
	if len(changed) == 0 && version > 0 {
		return nil
	}
	sealed, err := s.key.Seal(s.items[r.Code].encode(sh), []byte(sub.ID))
	if err != nil {
		return err
	}
	if version == 0 {
		_, err = tx.Exec(ctx, `insert into subject (id, register, version, sheet) values (?, ?, 1, ?)`, sub.ID, r.Code, sealed)
	} else {
		err = tx.ExecOne(ctx, `update subject set version = version + 1, sheet = ? where id = ? and version = ?`, sealed, sub.ID, version)
	}
	if err != nil {
		return err
	}
	if err := s.putKeys(ctx, tx, r, sub, facts); err != nil {
		return err
	}
	return s.change(ctx, tx, sub, changed)
}

// putKeys lets a subject be found by what was written down. What it was found by
// before stays: somebody may ask by an old number.
func (s *Store) putKeys(ctx context.Context, tx *sqldb.Tx, r *Register, sub Subject, facts []Fact) error {
	for _, f := range facts {
		it, _ := r.Item(f.Item)
		if it.Key == "" || f.Value == "" {
			continue
		}
		blind, other := s.blinded(r.Code, it, f.Value, sub.ID)
		if _, err := tx.Exec(ctx,
			`insert into subject_key (blind, other, subject) values (?, ?, ?) on conflict (blind, other) do nothing`, blind, other, sub.ID); err != nil {
			return err
		}
		owner, err := sqldb.Get[string](ctx, tx, `select subject from subject_key where blind = ? and other = ?`, blind, other)
		if err != nil {
			return err
		}
		if owner != sub.ID {
			return errs.E(errs.Exists, "register.key_taken", errs.Args{"item": it.Title}).At(it.Code)
		}
	}
	return nil
}

// blinded returns the key under which a value of an item is found.
func (s *Store) blinded(register string, it *Item, value, subject string) (blind []byte, other string) {
	sum := s.blind.Sum(register + "." + it.Code + "=" + value)
	if it.Key == "one" {
		return sum[:], ""
	}
	return sum[:], subject
}

// change notes that facts changed, and tells who follows once it is durable.
func (s *Store) change(ctx context.Context, tx *sqldb.Tx, sub Subject, items []string) error {
	n, err := count(ctx, tx, "change", 1)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into subject_change (n, register, subject, items, at) values (?, ?, ?, ?, ?)`,
		n, sub.Register, sub.ID, strings.Join(items, ","), tx.Now())
	tx.After(s.tell)
	return err
}

// count takes some numbers of a row of them, and returns the last. Who takes some waits
// for who took the ones before, so that numbers appear in their order.
func count(ctx context.Context, tx *sqldb.Tx, name string, some int64) (int64, error) {
	return sqldb.Get[int64](ctx, tx, `insert into register_count (name, n) values (?, ?) on conflict (name) do update set n = register_count.n + excluded.n returning n`, name, some)
}

// Follow has a function called after each change, once it is durable; it must not wait.
func (s *Store) Follow(fn func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard = append(s.heard, fn)
}

func (s *Store) tell() {
	s.mu.Lock()
	heard := slices.Clone(s.heard)
	s.mu.Unlock()
	for _, fn := range heard {
		fn()
	}
}

// Change says that facts of a subject changed. Where ID is "", many did at once, and
// whoever follows reads everything again.
type Change struct {
	N int64 `json:"n"`
	Subject
	Items []string `json:"items"`
	At    int64    `json:"at"` // UTC milliseconds
}

// Changes returns what changed after a number, in order; N of the last is where to go
// on from.
func (s *Store) Changes(ctx context.Context, after int64, limit int) ([]Change, error) {
	type kept struct {
		N        int64  `db:"n"`
		Register string `db:"register"`
		Subject  string `db:"subject"`
		Items    string `db:"items"`
		At       int64  `db:"at"`
	}
	rows, err := sqldb.Select[kept](ctx, s.db.Read(), `select n, register, subject, items, at from subject_change where n > ? order by n limit ?`, after, limit)
	out := make([]Change, len(rows))
	for i, k := range rows {
		out[i] = Change{k.N, Subject{k.Register, k.Subject}, words(k.Items), k.At}
	}
	return out, err
}

// words splits a list that was joined by commas.
func words(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

// Has reports whether a subject is there.
func (s *Store) Has(ctx context.Context, sub Subject) (bool, error) {
	n, err := sqldb.Get[int64](ctx, s.db.Read(), `select count(*) from subject where id = ? and register = ?`, sub.ID, sub.Register)
	return n > 0, err
}
