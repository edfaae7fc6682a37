package register

import (
	"bytes"
	"context"
	"slices"
	"sync"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
)

// bulkBatch is how many subjects a transaction of a load takes.
const bulkBatch = 5000

// Entry is a subject with all that is to be known of it.
type Entry struct {
	Subject
	Facts []Fact
}

// Loader enters many new subjects at once, on all cores. Keys are entered at the end and
// in their order, which is many times as fast as one by one. It is for one goroutine.
type Loader struct {
	s     *Store
	ctx   context.Context
	batch []Entry
	work  chan []Entry
	wg    sync.WaitGroup

	mu     sync.Mutex
	failed error
	keys   []key
	counts map[string]int64
}

// key is a blinded value of a subject, to be entered.
type key struct {
	blind   [16]byte
	other   string
	subject string
}

// loading is the row of register_count that says a load has begun and not ended.
const loading = "loading"

// Loader returns a loader. What an interrupted load left behind is taken away first.
func (s *Store) Loader(ctx context.Context) (*Loader, error) {
	l := &Loader{s: s, ctx: ctx, work: make(chan []Entry), counts: map[string]int64{}}
	for _, r := range s.book.Registers() {
		n, err := s.counted(ctx, r)
		if err != nil {
			return nil, err
		}
		l.counts[r.Code] = n
	}
	if err := l.cleanUp(); err != nil {
		return nil, err
	}
	for range 2 {
		l.wg.Go(func() {
			for batch := range l.work {
				if err := l.enter(batch); err != nil {
					l.fail(err)
				}
			}
		})
	}
	return l, nil
}

// counted returns how many subjects of a register were numbered by loads.
func (s *Store) counted(ctx context.Context, r *Register) (int64, error) {
	n, err := sqldb.Get[int64](ctx, s.db.Read(), `select n from register_count where name = ?`, "subject "+r.Code)
	if errs.Is(err, errs.NotFound) {
		return 0, nil
	}
	return n, err
}

// cleanUp takes away subjects of a load that did not come to its end, and marks that
// one has begun.
func (l *Loader) cleanUp() error {
	return l.s.db.Write(l.ctx, func(tx *sqldb.Tx) error {
		begun, err := sqldb.Select[int64](l.ctx, tx, `select n from register_count where name = ?`, loading)
		if err != nil {
			return err
		}
		if len(begun) > 0 {
			for _, r := range l.s.book.Registers() {
				from, to := r.id(l.counts[r.Code]+1), r.Prefix+"9999999999"
				for _, drop := range []string{`delete from subject where id >= ? and id <= ?`, `delete from subject_key where subject >= ? and subject <= ?`} {
					if _, err := tx.Exec(l.ctx, drop, from, to); err != nil {
						return err
					}
				}
			}
			return nil
		}
		_, err = tx.Exec(l.ctx, `insert into register_count (name, n) values (?, 1)`, loading)
		return err
	})
}

// ID returns the id for a new subject of a register.
func (l *Loader) ID(register string) string {
	l.counts[register]++
	return l.s.book.Find(register).id(l.counts[register])
}

// Add enters a subject whose id is of ID. Facts have to be tidy; their Recorded is set.
// Values of keys that belong to one subject must not be another's already. Errors are
// those of subjects before it, too.
func (l *Loader) Add(e Entry) error {
	if l.batch = append(l.batch, e); len(l.batch) < bulkBatch {
		return nil
	}
	return l.flush()
}

func (l *Loader) flush() error {
	if len(l.batch) > 0 {
		l.work <- l.batch
		l.batch = make([]Entry, 0, bulkBatch)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failed
}

func (l *Loader) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed == nil {
		l.failed = err
	}
}

// enter seals a batch and writes it.
func (l *Loader) enter(batch []Entry) error {
	s, now := l.s, l.s.db.Now()
	rows := make([][]any, 0, len(batch))
	var keys []key
	for _, e := range batch {
		r := s.book.Find(e.Register)
		for i := range e.Facts {
			f := &e.Facts[i]
			f.Recorded = now
			if it, ok := r.Item(f.Item); ok && it.Key != "" && f.Value != "" {
				blind, other := s.blinded(r.Code, it, f.Value, e.ID)
				keys = append(keys, key{[16]byte(blind), other, e.ID})
			}
		}
		sealed, err := s.key.Seal(s.items[r.Code].encode(e.Facts), []byte(e.ID))
		if err != nil {
			return err
		}
		rows = append(rows, []any{e.ID, r.Code, int64(1), sealed})
	}
	l.mu.Lock()
	l.keys = append(l.keys, keys...)
	l.mu.Unlock()
	return s.db.Write(l.ctx, func(tx *sqldb.Tx) error {
		return sqldb.BulkInsert(l.ctx, tx, "subject", []string{"id", "register", "version", "sheet"}, rows)
	})
}

// Close enters the keys of what was added and ends the load; with an error of its own,
// or a given one, it leaves the load to be taken away by the next.
func (l *Loader) Close(err error) error {
	if err == nil {
		err = l.flush()
	}
	close(l.work)
	l.wg.Wait()
	if err == nil {
		err = l.flush()
	}
	if err != nil {
		return err
	}
	slices.SortFunc(l.keys, func(a, b key) int { return bytes.Compare(a.blind[:], b.blind[:]) })
	for part := range slices.Chunk(l.keys, 4*bulkBatch) {
		rows := make([][]any, len(part))
		for i, k := range part {
			rows[i] = []any{k.blind[:], k.other, k.subject}
		}
		if err := l.s.db.Write(l.ctx, func(tx *sqldb.Tx) error {
			return sqldb.BulkInsert(l.ctx, tx, "subject_key", []string{"blind", "other", "subject"}, rows)
		}); err != nil {
			return err
		}
	}
	return l.s.db.Write(l.ctx, func(tx *sqldb.Tx) error {
		for _, r := range l.s.book.Registers() {
			if l.counts[r.Code] == 0 {
				continue
			}
			if _, err := tx.Exec(l.ctx, tx.Engine().Upsert("register_count", []string{"name"}, []string{"n"}), "subject "+r.Code, l.counts[r.Code]); err != nil {
				return err
			}
			if err := l.s.change(l.ctx, tx, Subject{Register: r.Code}, nil); err != nil {
				return err
			}
		}
		_, err := tx.Exec(l.ctx, `delete from register_count where name = ?`, loading)
		return err
	})
}

// Loaded reports whether a load ever entered subjects of a register.
func (s *Store) Loaded(ctx context.Context, register string) (bool, error) {
	r, err := s.register(register)
	if err != nil {
		return false, err
	}
	n, err := s.counted(ctx, r)
	return n > 0, err
}
