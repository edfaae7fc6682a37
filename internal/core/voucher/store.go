package voucher

import (
	"context"
	"slices"
	"sync"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/sqldb"
)

// Store keeps certificates and their states. They are entered by the effects of a
// lifecycle, inside the transaction of the action. It is safe for concurrent use.
type Store struct {
	DB     *sqldb.DB
	Signer gm.Signer
	Issuer string // unit code of who answers for the status lists
	// KeyOf returns the key that what a case says is sealed under; NotFound where
	// the case was erased.
	KeyOf func(ctx context.Context, q sqldb.Querier, caseID string) (gm.Key, error)

	mu    sync.Mutex
	lists map[string]signedList
}

type signedList struct {
	at     int64
	signed []byte
}

// Held is a certificate with its state.
type Held struct {
	Certificate
	State     State
	ChangedAt int64
	N         int    // the action of its case that issued it
	Text      []byte // the voucher itself
}

// Over reports whether a certificate has come to its end, in state or in time.
func (h Held) Over(now int64) bool {
	return h.State != Valid || h.ValidUntil > 0 && now >= h.ValidUntil
}

// Entry is the row of a certificate.
type Entry struct {
	Statement Statement
	CaseID    string
	N         int
	List      string
	Index     int
	Holder    string // keyed digest of the holder's number, "" for none
	Text      []byte
}

// Insert returns the statement that enters a certificate, its text sealed.
func (e Entry) Insert(key gm.Key) (string, []any, error) {
	sealed, err := key.Seal(e.Text, []byte(e.Statement.ID))
	if err != nil {
		return "", nil, err
	}
	s := e.Statement
	return `insert into certificate (id, kind, case_id, n, list, idx, state, at, valid_until, changed_at, holder, sealed)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		[]any{s.ID, s.Kind, e.CaseID, e.N, e.List, e.Index, string(Valid), s.IssuedAt, s.ValidUntil, s.IssuedAt, e.Holder, sealed}, nil
}

type row struct {
	ID        string `db:"id"`
	Case      string `db:"case_id"`
	N         int    `db:"n"`
	State     string `db:"state"`
	ChangedAt int64  `db:"changed_at"`
	Sealed    []byte `db:"sealed"`
}

const rowColumns = `id, case_id, n, state, changed_at, sealed`

func (s *Store) open(ctx context.Context, q sqldb.Querier, r row) (h Held, err error) {
	key, err := s.KeyOf(ctx, q, r.Case)
	if err != nil {
		return h, err
	}
	h.Text, err = key.Open(r.Sealed, []byte(r.ID))
	if err != nil {
		return h, err
	}
	st, _, err := parse(h.Text)
	if err != nil {
		return h, err
	}
	h.Certificate, _ = AsCertificate(st)
	h.State, h.ChangedAt, h.N = State(r.State), r.ChangedAt, r.N
	return h, nil
}

// Get returns a certificate by its number. Error: NotFound.
func (s *Store) Get(ctx context.Context, id string) (h Held, err error) {
	defer errs.Wrap(&err, "voucher.Get(%s)", id)
	return s.In(ctx, s.DB.Read(), id)
}

// In returns a certificate by its number as a transaction sees it. Error: NotFound.
func (s *Store) In(ctx context.Context, q sqldb.Querier, id string) (h Held, err error) {
	r, err := sqldb.Get[row](ctx, q, `select `+rowColumns+` from certificate where id = ?`, id)
	if err != nil {
		return h, err
	}
	return s.open(ctx, q, r)
}

// ByCase returns the certificates that a case issued, oldest first. Those of an
// erased case are gone.
func (s *Store) ByCase(ctx context.Context, q sqldb.Querier, caseID string) (out []Held, err error) {
	defer errs.Wrap(&err, "voucher.ByCase(%s)", caseID)
	rows, err := sqldb.Select[row](ctx, q, `select `+rowColumns+` from certificate where case_id = ? order by n, id`, caseID)
	for _, r := range rows {
		h, err := s.open(ctx, q, r)
		if errs.Is(err, errs.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	return out, err
}

// ByHolder returns the numbers of the certificates of a holder, newest first, and of
// one kind where a kind is given. Holder is the digest that Entry has.
func (s *Store) ByHolder(ctx context.Context, q sqldb.Querier, holder, kind string) ([]string, error) {
	return sqldb.Select[string](ctx, q, `select id from certificate where holder = ? and holder <> '' and (? = '' or kind = ?) order by at desc, id`,
		holder, kind, kind)
}

// Due is a certificate that comes to its end.
type Due struct {
	ID         string `db:"id"`
	Kind       string `db:"kind"`
	Case       string `db:"case_id"`
	ValidUntil int64  `db:"valid_until"`
}

// Ending returns valid certificates whose end lies from one time to another, both in
// UTC milliseconds, the first to end first, at most limit after the given number.
func (s *Store) Ending(ctx context.Context, from, to int64, after string, limit int) ([]Due, error) {
	return sqldb.Select[Due](ctx, s.DB.Read(), `select id, kind, case_id, valid_until from certificate
		where state = '01' and valid_until > 0 and valid_until >= ? and valid_until < ? and id > ? order by valid_until, id limit ?`, from, to, after, limit)
}

// List returns a status list as it is now, signed, not older than half of ListLife.
// Error: NotFound where nothing was issued in it.
func (s *Store) List(ctx context.Context, id string) (_ []byte, err error) {
	defer errs.Wrap(&err, "voucher.List(%s)", id)
	now := s.DB.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if kept, ok := s.lists[id]; ok && now >= kept.at && now-kept.at < ListLife.Milliseconds()/2 {
		return kept.signed, nil
	}
	signed, err := s.signList(ctx, id, now)
	if err != nil {
		return nil, err
	}
	if s.lists == nil || len(s.lists) > 1024 {
		s.lists = map[string]signedList{}
	}
	s.lists[id] = signedList{now, signed}
	return signed, nil
}

func (s *Store) signList(ctx context.Context, id string, now int64) ([]byte, error) {
	var n int64
	err := s.DB.Read().QueryRow(ctx, `select coalesce(max(idx), -1) + 1 from certificate where list = ?`, id).Scan(&n)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, errs.E(errs.NotFound, "voucher.no_list", errs.Args{"list": id})
	}
	type other struct {
		Index int    `db:"idx"`
		State string `db:"state"`
	}
	changed, err := sqldb.Select[other](ctx, s.DB.Read(), `select idx, state from certificate where list = ? and state <> '01'`, id)
	if err != nil {
		return nil, err
	}
	states := make(map[int]State, len(changed))
	for _, o := range changed {
		states[o.Index] = State(o.State)
	}
	return SignList(ctx, s.Signer, s.Issuer, NewList(id, int(n), states), time.UnixMilli(now))
}

// Forget drops a list that was kept, since a state in it has just changed here.
func (s *Store) Forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.lists, id)
}

// Chosen returns the lines with the given codes, in the certificate's order.
func (c Certificate) Chosen(codes []string) []Line {
	var out []Line
	for _, l := range c.Lines {
		if slices.Contains(codes, l.Code) {
			out = append(out, l)
		}
	}
	return out
}
