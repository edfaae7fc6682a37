package register

import (
	"context"
	"crypto/rand"
	"reflect"
	"slices"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/org"
	"yiwang/internal/core/rule"
)

// Find returns the subject that has a value of a key item. It says only which one: what
// is known of it is read by Read. Errors: NotFound, Forbidden, Conflict
// "register.several" where several have it, Invalid where it is no key.
func (s *Store) Find(ctx context.Context, q Reading, register, item, value string) (Subject, error) {
	ids, err := s.With(ctx, q, register, item, value)
	if err != nil {
		return Subject{}, err
	}
	switch len(ids) {
	case 0:
		return Subject{}, errs.E(errs.NotFound, "register.no_subject", nil)
	case 1:
		return Subject{register, ids[0]}, nil
	}
	return Subject{}, errs.E(errs.Conflict, "register.several", nil)
}

// With returns the ids of the subjects that have a value of a key item today, in their
// order. Errors: Forbidden, Invalid where it is no key.
func (s *Store) With(ctx context.Context, q Reading, register, item, value string) (ids []string, err error) {
	defer errs.Wrap(&err, "register.With")
	r, err := s.register(register)
	if err != nil {
		return nil, err
	}
	it, ok := r.Item(item)
	if !ok || it.Key == "" {
		return nil, errs.E(errs.Invalid, "register.no_key", errs.Args{"item": item, "register": r.Title})
	}
	// Somebody may ask by what is their own: the number of nobody else opens a door.
	mine := it.Type == "subject" && value == q.Actor.ID
	if !r.may(q, mine, it) && q.Actor.Kind != org.IsCitizen {
		return nil, s.refused(q, r, it)
	}
	if value, err = it.Tidy(value); err != nil || value == "" {
		return nil, err
	}
	found, err := s.with(ctx, s.db.Read(), r, it, value)
	if err != nil || mine || q.Actor.Kind != org.IsCitizen {
		return found, err
	}
	for _, id := range found {
		sh, _, err := s.load(ctx, s.db.Read(), Subject{register, id})
		if err != nil {
			return nil, err
		}
		self, err := s.self(ctx, r, q.Actor, id, sh)
		if err != nil {
			return nil, err
		}
		if r.may(q, self, it) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// with returns who has a value of a key item today.
func (s *Store) with(ctx context.Context, q sqldb.Querier, r *Register, it *Item, value string) ([]string, error) {
	blind, _ := s.blinded(r.Code, it, value, "")
	ids, err := sqldb.Select[string](ctx, q, `select subject from subject_key where blind = ? order by other`, blind)
	if err != nil || it.Key == "one" {
		return ids, err
	}
	now := ids[:0]
	for _, id := range ids {
		sh, _, err := s.load(ctx, q, Subject{r.Code, id})
		if err != nil {
			return nil, err
		}
		if r.settle(sh.on(s.Today(), s.db.Now()))[it.Code].Value == value {
			now = append(now, id)
		}
	}
	return now, nil
}

func (s *Store) refused(q Reading, r *Register, it *Item) error {
	title := q.Purpose
	if p, ok := s.book.Purpose(q.Purpose); ok {
		title = p.Title
	}
	return errs.E(errs.Forbidden, "register.no_grant", errs.Args{"register": r.Title, "item": it.Title, "purpose": title})
}

// self reports whether an actor is the subject, or acts for it: by themselves, or for the
// one that does, as who represents an enterprise does for what is kept of its credit.
func (s *Store) self(ctx context.Context, r *Register, a org.Actor, id string, sh sheet) (bool, error) {
	if a.Kind != org.IsCitizen || a.ID == "" {
		return false, nil
	}
	acting := s.acting(r, sh)
	if a.ID == id || slices.ContainsFunc(acting, func(by Subject) bool { return by.ID == a.ID }) {
		return true, nil
	}
	for _, by := range acting {
		of, err := s.register(by.Register)
		if err != nil {
			return false, err
		}
		sh, _, err := s.load(ctx, s.db.Read(), by)
		if errs.Is(err, errs.NotFound) {
			continue // it is named, and nothing is known of it yet
		}
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(s.acting(of, sh), func(by Subject) bool { return by.ID == a.ID }) {
			return true, nil
		}
	}
	return false, nil
}

// acting returns who acts for a subject today, without those that are in doubt.
func (s *Store) acting(r *Register, sh sheet) (by []Subject) {
	known := r.settle(sh.on(s.Today(), s.db.Now()))
	for i := range r.Items {
		if f, ok := known[r.Items[i].Code]; ok && r.Items[i].Acts && f.Value != "" && !f.Doubt {
			by = append(by, Subject{r.Items[i].Of, f.Value})
		}
	}
	return by
}

// Read returns items of a subject as they are on a day, by their codes; what is not
// known is left out. The reading is written down before anything is returned. Errors:
// NotFound, Forbidden "register.no_grant".
func (s *Store) Read(ctx context.Context, q Reading, sub Subject, day string, items ...string) (map[string]Fact, error) {
	return s.ReadAsKnown(ctx, q, sub, day, s.db.Now(), items...)
}

// ReadAsKnown is Read as far as it was known at a moment, UTC milliseconds: what a
// decision of that moment went by.
func (s *Store) ReadAsKnown(ctx context.Context, q Reading, sub Subject, day string, known int64, items ...string) (_ map[string]Fact, err error) {
	defer errs.Wrap(&err, "register.Read")
	out, err := s.read(ctx, q, sub, day, known, false, items)
	if err != nil {
		return nil, err
	}
	return out, s.note(ctx, q, []Subject{sub}, [][]string{items})
}

// read returns items of a subject without writing the reading down. Trusted says that
// the actor is taken to be the subject's.
func (s *Store) read(ctx context.Context, q Reading, sub Subject, day string, known int64, trusted bool, items []string) (map[string]Fact, error) {
	r, err := s.register(sub.Register)
	if err != nil {
		return nil, err
	}
	kept, err := s.fetch(ctx, q, sub)
	if err != nil {
		return nil, err
	}
	if !trusted {
		if trusted, err = s.self(ctx, r, q.Actor, sub.ID, kept.sheet); err != nil {
			return nil, err
		}
	}
	if err := s.allow(q, r, trusted, items); err != nil {
		return nil, err
	}
	facts := r.settle(kept.sheet.on(day, known))
	out := make(map[string]Fact, len(items))
	for _, code := range items {
		if f, ok := facts[code]; ok {
			f.Doubt = f.Doubt || slices.Contains(kept.doubted, code)
			out[code] = f
		}
	}
	return out, nil
}

func (s *Store) allow(q Reading, r *Register, self bool, items []string) error {
	for _, code := range items {
		it, ok := r.Item(code)
		if !ok {
			return errs.E(errs.Invalid, "register.no_item", errs.Args{"item": code, "register": r.Title})
		}
		if !r.may(q, self, it) {
			return s.refused(q, r, it)
		}
	}
	return nil
}

// doubted returns the items of a subject that a record which may be of it says
// otherwise.
func (s *Store) doubted(ctx context.Context, sub Subject) ([]string, error) {
	open, err := sqldb.Select[string](ctx, s.db.Read(), `select items from register_doubt where subject = ? and state = 'open'`, sub.ID)
	var out []string
	for _, items := range open {
		out = append(out, words(items)...)
	}
	return out, err
}

// History returns all that is and was known of items of a subject, with what was put
// right since, the latest first. Errors: those of Read.
func (s *Store) History(ctx context.Context, q Reading, sub Subject, items ...string) (_ []Fact, err error) {
	defer errs.Wrap(&err, "register.History")
	r, err := s.register(sub.Register)
	if err != nil {
		return nil, err
	}
	sh, _, err := s.load(ctx, s.db.Read(), sub)
	if err != nil {
		return nil, err
	}
	self, err := s.self(ctx, r, q.Actor, sub.ID, sh)
	if err != nil {
		return nil, err
	}
	if err := s.allow(q, r, self, items); err != nil {
		return nil, err
	}
	out := slices.DeleteFunc([]Fact(sh), func(f Fact) bool { return !slices.Contains(items, f.Item) })
	slices.SortStableFunc(out, func(a, b Fact) int {
		if c := slices.Index(items, a.Item) - slices.Index(items, b.Item); c != 0 {
			return c
		}
		if c := strings.Compare(b.From, a.From); c != 0 {
			return c
		}
		return int(min(1, max(-1, b.Recorded-a.Recorded)))
	})
	return out, s.note(ctx, q, []Subject{sub}, [][]string{items})
}

// Noted is a reading that was written down.
type Noted struct {
	Subject
	At      int64    `json:"at"`    // UTC milliseconds
	Actor   string   `json:"actor"` // org.Actor.Ref
	Unit    string   `json:"unit"`  // of staff, code
	Purpose string   `json:"purpose"`
	Service string   `json:"service,omitempty"`
	Case    string   `json:"case,omitempty"`
	Items   []string `json:"items"`
}

// insertReading writes one reading down.
const insertReading = `insert into subject_reading (subject, at, no, register, actor, unit, purpose, service, case_id, items) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// Notes gathers readings that somebody else writes down, in one transaction with what
// they are read for: a sync of its own for each would take longer than all the rest.
// Whoever makes one has to have its rows written, also where nothing comes of it.
//
// What is read for one end is fetched once: of a subject that was met before, Notes has
// what was known then.
type Notes struct {
	all  []Noted
	kept map[Subject]fetched
}

// fetched is what is kept of a subject.
type fetched struct {
	sheet   sheet
	doubted []string
}

// fetch reads what is kept of a subject, and which items of it are in doubt. Error:
// NotFound.
func (s *Store) fetch(ctx context.Context, q Reading, sub Subject) (f fetched, err error) {
	if q.Notes != nil {
		if f, ok := q.Notes.kept[sub]; ok {
			return f, nil
		}
	}
	if f.sheet, _, err = s.load(ctx, s.db.Read(), sub); err != nil {
		return f, err
	}
	if f.doubted, err = s.doubted(ctx, sub); err != nil {
		return f, err
	}
	if q.Notes != nil {
		if q.Notes.kept == nil {
			q.Notes.kept = map[Subject]fetched{}
		}
		q.Notes.kept[sub] = f
	}
	return f, nil
}

// add puts a reading with those of the same subject for the same end.
func (n *Notes) add(at int64, q Reading, sub Subject, items []string) {
	one := Noted{sub, at, q.Actor.Ref(), q.Actor.Unit, q.Purpose, q.Service, q.Case, items}
	for i := range n.all {
		was := n.all[i]
		was.At, was.Items = one.At, one.Items
		if reflect.DeepEqual(was, one) {
			for _, item := range items {
				if !slices.Contains(n.all[i].Items, item) {
					n.all[i].Items = append(slices.Clip(n.all[i].Items), item)
				}
			}
			return
		}
	}
	n.all = append(n.all, one)
}

// Rows gives the statement of each reading.
func (n *Notes) Rows(row func(sql string, args ...any)) {
	for _, x := range n.all {
		row(insertReading, x.ID, x.At, rand.Text()[:10], x.Register, x.Actor, x.Unit, x.Purpose, x.Service, x.Case, strings.Join(x.Items, ","))
	}
}

// note writes readings down, or hands them to who will.
func (s *Store) note(ctx context.Context, q Reading, subs []Subject, items [][]string) error {
	notes := q.Notes
	if notes == nil {
		notes = &Notes{}
	}
	for i, sub := range subs {
		if len(items[i]) > 0 {
			notes.add(s.db.Now(), q, sub, items[i])
		}
	}
	if q.Notes != nil {
		return nil
	}
	return s.db.Write(ctx, func(tx *sqldb.Tx) (err error) {
		notes.Rows(func(sql string, args ...any) {
			if err == nil {
				_, err = tx.Exec(ctx, sql, args...)
			}
		})
		return err
	})
}

// mostNoted bounds how many readings are returned.
const mostNoted = 500

// Readings returns who read what of a subject, the latest first: those of it and those
// of everybody in its register.
func (s *Store) Readings(ctx context.Context, sub Subject) ([]Noted, error) {
	return s.readings(ctx, `select subject, at, register, actor, unit, purpose, service, case_id, items from subject_reading
		where subject = ? or subject = '' and register = ? order by at desc, no limit ?`, sub.ID, sub.Register, mostNoted)
}

// LatestReadings returns the readings of all subjects before a time (UTC milliseconds,
// 0 for now), the latest first.
func (s *Store) LatestReadings(ctx context.Context, before int64, limit int) ([]Noted, error) {
	if before == 0 {
		before = s.db.Now() + 1
	}
	return s.readings(ctx, `select subject, at, register, actor, unit, purpose, service, case_id, items from subject_reading where at < ? order by at desc, no limit ?`, before, limit)
}

func (s *Store) readings(ctx context.Context, query string, args ...any) ([]Noted, error) {
	type kept struct {
		Subject  string `db:"subject"`
		At       int64  `db:"at"`
		Register string `db:"register"`
		Actor    string `db:"actor"`
		Unit     string `db:"unit"`
		Purpose  string `db:"purpose"`
		Service  string `db:"service"`
		Case     string `db:"case_id"`
		Items    string `db:"items"`
	}
	rows, err := sqldb.Select[kept](ctx, s.db.Read(), query, args...)
	out := make([]Noted, len(rows))
	for i, k := range rows {
		out[i] = Noted{Subject{k.Register, k.Subject}, k.At, k.Actor, k.Unit, k.Purpose, k.Service, k.Case, words(k.Items)}
	}
	return out, err
}

// Facts returns what a decision table asks for of a subject: items of its own register,
// and of others those of the one subject that it names, or that names it. What is in
// doubt is left out, and its codes are returned: a table must not be decided by it.
// Errors: those of Read.
func (s *Store) Facts(ctx context.Context, q Reading, sub Subject, d *rule.Decider, on time.Time) (known rule.Facts, doubted []string, err error) {
	defer errs.Wrap(&err, "register.Facts")
	day := dayOf(on)
	asked := map[string][]string{} // items by register
	for _, f := range d.Table().Facts {
		if register, item, ok := strings.Cut(f.Source, "."); ok && s.book.Find(register) != nil && !slices.Contains(asked[register], item) {
			asked[register] = append(asked[register], item)
		}
	}
	found := map[string]map[string]Fact{}
	var subs []Subject
	var items [][]string
	for _, r := range s.book.Registers() {
		if asked[r.Code] == nil {
			continue
		}
		of, ok, err := s.follow(ctx, sub, r, day)
		if err != nil {
			return nil, nil, err
		}
		if !ok {
			continue
		}
		trusted := false
		if of != sub {
			if trusted, err = s.selfOf(ctx, q.Actor, sub); err != nil {
				return nil, nil, err
			}
		}
		if found[r.Code], err = s.read(ctx, q, of, day, s.db.Now(), trusted, asked[r.Code]); err != nil {
			return nil, nil, err
		}
		subs, items = append(subs, of), append(items, asked[r.Code])
	}
	known = rule.Facts{}
	for _, f := range d.Table().Facts {
		register, item, _ := strings.Cut(f.Source, ".")
		fact, ok := found[register][item]
		if !ok {
			continue
		}
		if fact.Doubt {
			doubted = append(doubted, f.Code)
			continue
		}
		r := s.book.Find(register)
		known[f.Code] = rule.Known{Value: fact.Value, Source: r.Title + "·" + r.SourceTitle(fact.Source), AsOf: fact.From}
	}
	return known, doubted, s.note(ctx, q, subs, items)
}

func (s *Store) selfOf(ctx context.Context, a org.Actor, sub Subject) (bool, error) {
	r, err := s.register(sub.Register)
	if err != nil {
		return false, err
	}
	sh, _, err := s.load(ctx, s.db.Read(), sub)
	if err != nil {
		return false, err
	}
	return s.self(ctx, r, a, sub.ID, sh)
}

// follow returns the subject of a register that belongs to a subject: itself, the one
// that an item of it names, or the only one with an item that names it.
func (s *Store) follow(ctx context.Context, sub Subject, to *Register, day string) (Subject, bool, error) {
	if to.Code == sub.Register {
		return sub, true, nil
	}
	r, err := s.register(sub.Register)
	if err != nil {
		return sub, false, err
	}
	sh, _, err := s.load(ctx, s.db.Read(), sub)
	if err != nil {
		return sub, false, err
	}
	known := r.settle(sh.on(day, s.db.Now()))
	for i := range r.Items {
		if r.Items[i].Of == to.Code {
			if f, ok := known[r.Items[i].Code]; ok {
				return Subject{to.Code, f.Value}, true, nil
			}
		}
	}
	for i := range to.Items {
		if to.Items[i].Of != r.Code || to.Items[i].Key == "" {
			continue
		}
		ids, err := s.with(ctx, s.db.Read(), to, &to.Items[i], sub.ID)
		if err != nil || len(ids) == 1 {
			return Subject{to.Code, strings.Join(ids, "")}, err == nil, err
		}
	}
	return sub, false, nil
}

// Counts returns how many subjects there are in each register: those that loads numbered,
// and those that came with a name of their own. Counting rows would read the whole table.
func (s *Store) Counts(ctx context.Context) (map[string]int, error) {
	out := map[string]int{}
	for _, r := range s.book.Registers() {
		numbered, err := s.counted(ctx, r)
		if err != nil {
			return nil, err
		}
		named, err := sqldb.Get[int64](ctx, s.db.Read(), `select count(*) from subject where id >= ? and id < ? and register = ?`, r.Prefix+"A", r.Prefix+"[", r.Code)
		if err != nil {
			return nil, err
		}
		out[r.Code] = int(numbered + named)
	}
	return out, nil
}
