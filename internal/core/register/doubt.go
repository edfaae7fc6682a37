package register

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/text"
)

// Doubt is a record that may be of a subject and may not. It enters nothing until a
// person has decided.
type Doubt struct {
	ID string `json:"id"`
	Subject
	State     string   `json:"state"`           // one of the states of doubts
	Items     []string `json:"items,omitempty"` // what contradicts the subject although a number is shared; nobody decides by these meanwhile
	Score     float64  `json:"score"`           // weight of the evidence, in bits
	Source    string   `json:"source"`          // who says what the record says
	Facts     []Fact   `json:"facts"`
	At        int64    `json:"at"` // UTC milliseconds
	DecidedBy string   `json:"decided_by,omitempty"`
	DecidedAt int64    `json:"decided_at,omitempty"`
}

// The states of doubts.
const (
	DoubtOpen   = "open"
	DoubtOurs   = "ours"   // it is the same subject, and what was known of it stands
	DoubtTheirs = "theirs" // it is the same subject, and the record is right where they differ
	DoubtOther  = "other"  // it is another subject
)

// sealedDoubt is what of a doubt is sealed.
type sealedDoubt struct {
	Source string `json:"source"`
	Facts  []Fact `json:"facts"`
}

// Doubted puts records into the queue of those who decide.
func (s *Store) Doubted(ctx context.Context, doubts []Doubt) (err error) {
	defer errs.Wrap(&err, "register.Doubted")
	for part := range slices.Chunk(doubts, 1000) {
		rows := make([][]any, len(part))
		for i, d := range part {
			id := rand.Text()
			plain, err := json.Marshal(sealedDoubt{d.Source, d.Facts})
			if err != nil {
				return err
			}
			sealed, err := s.key.Seal(plain, []byte(id))
			if err != nil {
				return err
			}
			why := "likely"
			if len(d.Items) > 0 {
				why = "clash"
			}
			rows[i] = []any{id, d.Register, d.Subject.ID, DoubtOpen, why, strings.Join(d.Items, ","), int64(d.Score * 100), sealed, s.db.Now(), "", int64(0)}
		}
		err := s.db.Write(ctx, func(tx *sqldb.Tx) error {
			return sqldb.BulkInsert(ctx, tx, "register_doubt",
				[]string{"id", "register", "subject", "state", "why", "items", "score", "sealed", "at", "decided_by", "decided_at"}, rows)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// keptDoubt is a doubt as it is kept.
type keptDoubt struct {
	ID        string `db:"id"`
	Register  string `db:"register"`
	Subject   string `db:"subject"`
	State     string `db:"state"`
	Items     string `db:"items"`
	Score     int64  `db:"score"`
	Sealed    []byte `db:"sealed"`
	At        int64  `db:"at"`
	DecidedBy string `db:"decided_by"`
	DecidedAt int64  `db:"decided_at"`
}

const doubtColumns = `id, register, subject, state, items, score, sealed, at, decided_by, decided_at`

func (s *Store) openDoubt(k keptDoubt) (Doubt, error) {
	d := Doubt{ID: k.ID, Subject: Subject{k.Register, k.Subject}, State: k.State, Items: words(k.Items), Score: float64(k.Score) / 100,
		At: k.At, DecidedBy: k.DecidedBy, DecidedAt: k.DecidedAt}
	plain, err := s.key.Open(k.Sealed, []byte(k.ID))
	if err != nil {
		return d, err
	}
	var in sealedDoubt
	err = json.Unmarshal(plain, &in)
	d.Source, d.Facts = in.Source, in.Facts
	return d, err
}

// Waiting returns the doubts that nobody has decided, those that stop decisions first,
// then the oldest, and how many there are in all.
func (s *Store) Waiting(ctx context.Context, limit int) (_ []Doubt, all int, err error) {
	defer errs.Wrap(&err, "register.Waiting")
	rows, err := sqldb.Select[keptDoubt](ctx, s.db.Read(), `select `+doubtColumns+` from register_doubt where state = 'open' order by why, at, id limit ?`, limit)
	if err != nil {
		return nil, 0, err
	}
	out := make([]Doubt, len(rows))
	for i, k := range rows {
		if out[i], err = s.openDoubt(k); err != nil {
			return nil, 0, err
		}
	}
	n, err := sqldb.Get[int64](ctx, s.db.Read(), `select count(*) from register_doubt where state = 'open'`)
	return out, int(n), err
}

// DoubtOf returns one doubt. Error: NotFound.
func (s *Store) DoubtOf(ctx context.Context, id string) (Doubt, error) {
	k, err := sqldb.Get[keptDoubt](ctx, s.db.Read(), `select `+doubtColumns+` from register_doubt where id = ?`, id)
	if errs.Is(err, errs.NotFound) {
		return Doubt{}, errs.E(errs.NotFound, "register.no_doubt", nil)
	}
	if err != nil {
		return Doubt{}, err
	}
	return s.openDoubt(k)
}

// Settle decides a doubt: DoubtOurs, DoubtTheirs or DoubtOther. What the record says
// besides who it is of is entered by its source; what was in doubt is settled by the
// source that the register declares final. Errors: NotFound, Conflict "register.decided",
// Forbidden where the reader may not resolve.
func (s *Store) Settle(ctx context.Context, q Reading, id, as string) (err error) {
	defer errs.Wrap(&err, "register.Settle")
	d, err := s.DoubtOf(ctx, id)
	if err != nil {
		return err
	}
	r, err := s.register(d.Register)
	if err != nil {
		return err
	}
	if err := s.allow(q, r, false, d.Items); err != nil {
		return err
	}
	if as != DoubtOurs && as != DoubtTheirs && as != DoubtOther {
		return errs.E(errs.Invalid, "register.settle", nil).At("as")
	}
	for range 5 {
		err = s.db.Write(ctx, func(tx *sqldb.Tx) error { return s.settleDoubt(ctx, tx, r, d, q.Actor.Ref(), as) })
		if errs.Is(err, errs.Conflict) && !decided(err) {
			continue
		}
		break
	}
	return err
}

func decided(err error) bool { return strings.Contains(err.Error(), "register.decided") }

func (s *Store) settleDoubt(ctx context.Context, tx *sqldb.Tx, r *Register, d Doubt, by, as string) error {
	n, err := tx.Exec(ctx, `update register_doubt set state = ?, decided_by = ?, decided_at = ? where id = ? and state = 'open'`, as, by, tx.Now(), d.ID)
	if err == nil && n == 0 {
		return errs.E(errs.Conflict, "register.decided", nil)
	}
	if err != nil {
		return err
	}
	sub := d.Subject
	facts := d.Facts
	if as == DoubtOther {
		number, err := count(ctx, tx, "subject "+r.Code, 1)
		if err != nil {
			return err
		}
		sub.ID = r.id(number)
		facts = slices.DeleteFunc(slices.Clone(facts), func(f Fact) bool { // a number is not two people's
			it, ok := r.Item(f.Item)
			return !ok || it.Key == "one"
		})
	} else {
		if facts, err = s.settled(ctx, tx, r, d, as); err != nil {
			return err
		}
	}
	return s.put(ctx, tx, r, sub, facts)
}

// settled returns the facts to enter where the record is the subject's: of who it is of
// only what was in doubt, as the register's final source says it now.
func (s *Store) settled(ctx context.Context, tx *sqldb.Tx, r *Register, d Doubt, as string) ([]Fact, error) {
	sh, _, err := s.load(ctx, tx, d.Subject)
	if err != nil {
		return nil, err
	}
	today := time.UnixMilli(tx.Now()).In(text.CST).Format(time.DateOnly)
	ours := r.settle(sh.on(today, tx.Now()))
	final := slices.IndexFunc(r.Sources, func(x Source) bool { return x.Final })
	var out []Fact
	for _, f := range d.Facts {
		it, ok := r.Item(f.Item)
		switch {
		case !ok:
		case !it.Agree:
			out = append(out, f)
		case final >= 0 && slices.Contains(d.Items, f.Item):
			if as == DoubtOurs {
				f.Value = ours[f.Item].Value
			}
			f.Source = r.Sources[final].Code
			out = append(out, f)
		}
	}
	return out, nil
}

// id returns the id of a numbered subject.
func (r *Register) id(n int64) string { return r.Prefix + padded(n) }

func padded(n int64) string {
	const width = 8
	b := [20]byte{}
	i := len(b)
	for ; n > 0 || i > len(b)-width; n /= 10 {
		i--
		b[i] = byte('0' + n%10)
	}
	return string(b[i:])
}
