package cases

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/merkle"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/voucher"
)

// The log's tree hashes with SHA-256 so that any client of RFC 6962 can check
// it; the checkpoint over it is signed with whichever key the operator chose.
var tree = merkle.Hasher(gm.Intl.Sum)

func leafHash(header []byte) merkle.Hash { return tree.Leaf(header) }

// waitingLeaf is a committed action that has no number yet.
type waitingLeaf struct {
	CaseID string `db:"case_id"`
	N      int    `db:"n"`
	Leaf   []byte `db:"leaf"`
	at     int64
	header *Header
}

// sequenceBatch bounds how many actions are numbered at once on PostgreSQL.
const sequenceBatch = 2000

// numberGroup numbers what a group of writes has appended, before its commit. What
// it appended does not touch the table of those that wait.
func (s *Store) numberGroup(ctx context.Context, tx *sqldb.Tx, carried []any) error {
	leaves := make([]waitingLeaf, 0, len(carried))
	for _, c := range carried {
		if l, ok := c.(waitingLeaf); ok {
			leaves = append(leaves, l)
		}
	}
	slices.SortFunc(leaves, func(a, b waitingLeaf) int {
		return cmp.Or(cmp.Compare(a.at, b.at), strings.Compare(a.CaseID, b.CaseID), cmp.Compare(a.N, b.N))
	})
	rows, err := s.number(ctx, tx, leaves)
	if err != nil {
		return err
	}
	_, err = tx.Pipeline(ctx, batchOf(rows))
	return err
}

func batchOf(rows []statement) *sqldb.Batch {
	var b sqldb.Batch
	for _, r := range rows {
		b.Add(r.sql, r.args...)
	}
	return &b
}

// await puts an action among those that wait for a number when it is written.
func (w *writing) await(h *Header, leaf merkle.Hash) {
	if w.tx.Engine() == sqldb.SQLite {
		w.leaves = append(w.leaves, waitingLeaf{CaseID: h.Case, N: h.N, Leaf: leaf[:], at: h.At, header: h})
		return
	}
	w.s.log.fresh.put(leaf, h)
	w.later(`insert into unnumbered (case_id, n, at, leaf) values (?, ?, ?, ?)`, h.Case, h.N, h.At, leaf[:])
}

// sequence gives the next numbers to waiting actions, in the order of their
// times, and grows the tree by their leaves. It returns how many.
func (s *Store) sequence(ctx context.Context, tx *sqldb.Tx, limit int) (int, error) {
	waiting, err := sqldb.Select[waitingLeaf](ctx, tx,
		`select case_id, n, leaf from unnumbered order by at, case_id, n limit ?`, limit)
	if err != nil {
		return 0, err
	}
	for i, l := range waiting {
		waiting[i].header = s.log.fresh.take(merkle.Hash(l.Leaf))
		tx.Finally(`delete from unnumbered where case_id = ? and n = ?`, l.CaseID, l.N)
	}
	rows, err := s.number(ctx, tx, waiting)
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		tx.Finally(r.sql, r.args...)
	}
	return len(waiting), nil
}

// number gives actions the next numbers in their order and grows the tree. It returns
// the rows that say so.
func (s *Store) number(ctx context.Context, tx *sqldb.Tx, leaves []waitingLeaf) ([]statement, error) {
	if len(leaves) == 0 {
		return nil, nil
	}
	size, err := s.readSize(ctx, tx)
	if err != nil {
		return nil, err
	}
	hashes := make([]merkle.Hash, len(leaves))
	rows := make([]statement, len(leaves))
	for i, l := range leaves {
		hashes[i] = merkle.Hash(l.Leaf)
		rows[i] = statement{`insert into leaf (seq, case_id, n) values (?, ?, ?)`, []any{size + int64(i), l.CaseID, int64(l.N)}}
	}
	grown := tiles{q: tx, edge: s.log.edge.Load().at(size), wrote: map[tileAt][]byte{}}
	newSize, _, err := tree.Append(ctx, grown, size, hashes)
	if err != nil {
		return nil, err
	}
	tx.After(func() {
		told := make([]Numbered, 0, len(leaves))
		for i, l := range leaves {
			told = append(told, Numbered{size + int64(i), l.header})
		}
		s.log.recent.keep(told)
		s.log.edge.Store(grown.next(newSize))
		s.log.size.Store(newSize)
		s.waiters.wake()
	})
	return append(joinInserts(rows), grown.rows()...), nil
}

// readSize returns how many actions are numbered.
func (s *Store) readSize(ctx context.Context, q sqldb.Querier) (int64, error) {
	var last *int64
	if err := q.QueryRow(ctx, `select max(seq) from leaf`).Scan(&last); err != nil {
		return 0, err
	}
	if last == nil {
		return 0, nil
	}
	return *last + 1, nil
}

// Size returns how many actions the log holds, as far as this process knows.
func (s *Store) Size() int64 { return s.log.size.Load() }

// Sequence numbers all waiting actions. On PostgreSQL one process at a time does
// it, under a lease; where another holds it nothing is done and no error given.
func (s *Store) Sequence(ctx context.Context, holder string) (int, error) {
	total := 0
	for {
		n, held := 0, false
		err := s.DB.Write(ctx, func(tx *sqldb.Tx) (err error) {
			n = 0
			if held, err = lease(ctx, tx, "sequence", holder, 5*time.Second); err != nil || !held {
				return err
			}
			n, err = s.sequence(ctx, tx, sequenceBatch)
			return err
		})
		if err == nil && !held {
			return total, s.notice(ctx)
		}
		total += n
		if err != nil || n < sequenceBatch {
			return total, err
		}
	}
}

// notice wakes those who follow the log where another process has numbered something.
func (s *Store) notice(ctx context.Context) error {
	size, err := s.readSize(ctx, s.DB.Read())
	if err == nil && size > s.log.size.Load() {
		s.log.size.Store(size)
		s.waiters.wake()
	}
	return err
}

// lease takes or renews a named lease, and reports whether holder has it.
func lease(ctx context.Context, tx *sqldb.Tx, name, holder string, length time.Duration) (bool, error) {
	now := tx.Now()
	free, args := sqldb.Free("until", now, length)
	take := func() (bool, error) {
		n, err := tx.Exec(ctx, `update lease set holder = ?, until = ? where name = ? and (holder = ? or `+free+`)`,
			append([]any{holder, now + length.Milliseconds(), name, holder}, args...)...)
		return n == 1, err
	}
	if held, err := take(); held || err != nil {
		return held, err
	}
	// The row is there from the first time on.
	n, err := tx.Exec(ctx, `insert into lease (name, holder, until) values (?, '', 0) on conflict (name) do nothing`, name)
	if err != nil || n == 0 {
		return false, err
	}
	return take()
}

// Root returns the size and root of the log as it is now.
func (s *Store) Root(ctx context.Context) (int64, merkle.Hash, error) {
	q := s.DB.Read()
	size, err := s.readSize(ctx, q)
	if err != nil {
		return 0, merkle.Hash{}, err
	}
	root, err := tree.Root(ctx, tiles{q: q}, size)
	return size, root, err
}

// Checkpoint signs the log as it is now, keeps the note and returns it. Where
// nothing was added since the last one, that is returned.
func (s *Store) Checkpoint(ctx context.Context) (note string, err error) {
	defer errs.Wrap(&err, "cases.Checkpoint")
	size, root, err := s.Root(ctx)
	if err != nil {
		return "", err
	}
	err = s.DB.Read().QueryRow(ctx, `select note from checkpoint where size = ?`, size).Scan(&note)
	if err == nil || !errs.Is(err, errs.NotFound) {
		return note, err
	}
	at := s.DB.Now()
	signed, err := voucher.SignCheckpoint(ctx, voucher.Checkpoint{
		Origin: s.origin(), Size: size, Root: root, At: at, Suite: gm.Intl,
	}, s.Signer)
	if err != nil {
		return "", err
	}
	note = string(signed)
	return note, s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `insert into checkpoint (size, at, note) values (?, ?, ?) on conflict (size) do nothing`, size, at, note)
		return err
	})
}

// origin names the log in its checkpoints.
func (s *Store) origin() string { return "yiwang/" + s.City.Code + "/actions" }

// Numbered is an action with its number, for those who follow the log.
type Numbered struct {
	Seq    int64
	Header *Header
}

// Since returns the actions numbered from seq on, at most limit. The headers are
// shared with others who follow the log and are not to be changed.
func (s *Store) Since(ctx context.Context, seq int64, limit int) ([]Numbered, error) {
	if known := s.log.recent.since(seq, limit); len(known) > 0 {
		return known, nil
	}
	read, err := s.readSince(ctx, seq, limit)
	if err == nil && seq >= s.log.size.Load()-recently {
		s.log.recent.keep(read)
	}
	return read, err
}

func (s *Store) readSince(ctx context.Context, seq int64, limit int) ([]Numbered, error) {
	type row struct {
		Seq    int64  `db:"seq"`
		Header string `db:"header"`
	}
	rows, err := sqldb.Select[row](ctx, s.DB.Read(), `select l.seq, a.header from leaf l
		join action a on a.case_id = l.case_id and a.n = l.n
		where l.seq >= ? order by l.seq limit `+strconv.Itoa(limit), seq)
	if err != nil {
		return nil, err
	}
	out := make([]Numbered, len(rows))
	for i, r := range rows {
		h, err := parseHeader([]byte(r.Header))
		if err != nil {
			return nil, err
		}
		out[i] = Numbered{r.Seq, h}
	}
	return out, nil
}

// Changed returns a channel that is closed when this process has numbered something, or
// has noticed that another did: there is something new in the log.
func (s *Store) Changed() <-chan struct{} { return s.waiters.next() }

// Written returns a channel that is closed when this process has written something that
// Sequence is to number.
func (s *Store) Written() <-chan struct{} { return s.writers.next() }
