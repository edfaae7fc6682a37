package cases

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/merkle"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/clock"
	"yiwang/internal/core/voucher"
)

// Verdict is what Verify found.
type Verdict struct {
	Actions int64    `json:"actions"`
	Root    string   `json:"root"` // base64 of the tree's root over all actions
	OK      bool     `json:"ok"`
	Cases   int64    `json:"cases"`
	Faults  []string `json:"faults,omitempty"` // the first hundred
	Notes   []string `json:"notes,omitempty"`  // what is no fault and yet worth knowing, the first hundred
}

// maxFaults bounds how many faults are told one by one.
const maxFaults = 100

// backdateTolerance is how far an action's time may lie before that of the one
// numbered before it: concurrent transactions commit out of order, but not by much.
const backdateTolerance = 10 * time.Minute

// verifier reads the whole database once by number and once by case.
type verifier struct {
	s       *Store
	v       Verdict
	known   []voucher.Checkpoint // to be compared when the tree has their size
	roots   map[int64]merkle.Hash
	signers gm.Ring
}

// Verify recomputes leaves, tree and state rows from the actions, and compares
// them with what is stored, with every checkpoint kept in the database and with
// one kept elsewhere, if given. Faults are part of the verdict; an error means
// that it could not be carried out.
func (s *Store) Verify(ctx context.Context, checkpoint []byte, progress func(done, total int64)) (_ Verdict, err error) {
	defer errs.Wrap(&err, "cases.Verify")
	k := &verifier{s: s, roots: map[int64]merkle.Hash{}, signers: gm.NewRing(s.Signer.Verifier())}
	err = s.DB.Snapshot(ctx, func(q sqldb.Querier) error {
		if err := k.readCheckpoints(ctx, q, checkpoint); err != nil {
			return err
		}
		if err := k.byNumber(ctx, q, progress); err != nil {
			return err
		}
		k.compareCheckpoints()
		return k.byCase(ctx, q)
	})
	k.v.OK = len(k.v.Faults) == 0
	return k.v, err
}

func (k *verifier) fault(format string, args ...any) {
	if len(k.v.Faults) < maxFaults {
		k.v.Faults = append(k.v.Faults, fmt.Sprintf(format, args...))
	}
}

func (k *verifier) note(format string, args ...any) {
	if len(k.v.Notes) < maxFaults {
		k.v.Notes = append(k.v.Notes, fmt.Sprintf(format, args...))
	}
}

func (k *verifier) readCheckpoints(ctx context.Context, q sqldb.Querier, outside []byte) error {
	notes, err := sqldb.Select[string](ctx, q, `select note from checkpoint order by size`)
	if err != nil {
		return err
	}
	if len(outside) > 0 {
		notes = append(notes, string(outside))
	}
	for _, note := range notes {
		c, err := voucher.VerifyCheckpoint([]byte(note), k.s.origin(), k.signers)
		if err != nil {
			k.fault("checkpoint refused: %s", voucher.FaultOf(err))
			continue
		}
		k.known = append(k.known, c)
		k.roots[c.Size] = merkle.Hash{}
	}
	return nil
}

// byNumber walks the log in the order of its numbers: nothing missing, nothing
// twice, each leaf the hash of its action, times not dated back.
func (k *verifier) byNumber(ctx context.Context, q sqldb.Querier, progress func(done, total int64)) error {
	type row struct {
		Seq    int64   `db:"seq"`
		CaseID string  `db:"case_id"`
		N      int     `db:"n"`
		Header *string `db:"header"`
		At     *int64  `db:"at"`
	}
	var total int64
	if err := q.QueryRow(ctx, `select count(*) from leaf`).Scan(&total); err != nil {
		return err
	}
	edge := tree.NewFrontier()
	k.mark(edge)
	var next, latest int64
	slices.SortFunc(k.known, func(a, b voucher.Checkpoint) int { return cmp.Compare(a.Size, b.Size) })
	for r, err := range sqldb.Each[row](ctx, q, `select l.seq, l.case_id, l.n, a.header, a.at from leaf l
		left join action a on a.case_id = l.case_id and a.n = l.n order by l.seq`) {
		if err != nil {
			return err
		}
		if r.Seq != next {
			k.fault("number %d is missing; %d follows %d", next, r.Seq, next-1)
		}
		next = r.Seq + 1
		if r.Header == nil {
			k.fault("number %d: action %s/%d is missing", r.Seq, r.CaseID, r.N)
			edge.Add(merkle.Hash{})
			continue
		}
		if back := latest - *r.At; back > backdateTolerance.Milliseconds() {
			by := time.Duration(back) * time.Millisecond
			if latest > k.witness(r.Seq)+backdateTolerance.Milliseconds() {
				k.note("number %d: the clock had been ahead by %s and was set right", r.Seq, by)
				latest = *r.At
			} else {
				k.fault("number %d: action %s/%d is dated back by %s", r.Seq, r.CaseID, r.N, by)
			}
		}
		latest = max(latest, *r.At)
		edge.Add(leafHash([]byte(*r.Header)))
		k.mark(edge)
		if progress != nil && r.Seq%1024 == 0 {
			progress(r.Seq, total)
		}
	}
	k.v.Actions = edge.Size()
	root := edge.Root()
	k.v.Root = EncodeRoot(root)
	stored, err := tree.Root(ctx, tiles{q: q}, edge.Size())
	if err != nil {
		k.fault("the stored tree cannot be read: %v", err)
	} else if stored != root {
		k.fault("the stored tree does not belong to the actions")
	}
	return nil
}

// witness returns a time at which the action with a number was surely in the log:
// when the next checkpoint was signed, else the present. Where it lies before an
// earlier action, that action's clock was wrong, not this one's date.
func (k *verifier) witness(seq int64) int64 {
	i, _ := slices.BinarySearchFunc(k.known, seq+1, func(c voucher.Checkpoint, size int64) int { return cmp.Compare(c.Size, size) })
	if i < len(k.known) {
		return k.known[i].At
	}
	return k.s.DB.Now()
}

func (k *verifier) mark(edge *merkle.Frontier) {
	if _, wanted := k.roots[edge.Size()]; wanted {
		k.roots[edge.Size()] = edge.Root()
	}
}

func (k *verifier) compareCheckpoints() {
	for _, c := range k.known {
		switch {
		case c.Size > k.v.Actions:
			k.fault("the log is shorter than a checkpoint says: %d of %d actions", k.v.Actions, c.Size)
		case k.roots[c.Size] != c.Root:
			k.fault("the first %d actions are not those that were signed on %s", c.Size, time.UnixMilli(c.At).In(cst).Format(time.DateTime))
		}
	}
}

// storedAction is an action with its body, in the order of cases.
type storedAction struct {
	CaseID string `db:"case_id"`
	N      int    `db:"n"`
	Kind   string `db:"kind"`
	At     int64  `db:"at"`
	Actor  string `db:"actor"`
	Header string `db:"header"`
	Salt   []byte `db:"salt"`
	Sealed []byte `db:"sealed"`
	Key    []byte `db:"wrapped"`
}

// byCase folds every case again and compares the result with its state row.
func (k *verifier) byCase(ctx context.Context, q sqldb.Querier) error {
	var f folder
	last := ""
	for {
		acts, err := sqldb.Select[storedAction](ctx, q, `select a.case_id, a.n, a.kind, a.at, a.actor, a.header,
			b.salt, b.sealed, k.wrapped
			from action a
			left join body b on b.case_id = a.case_id and b.n = a.n
			left join case_key k on k.case_id = a.case_id
			where a.case_id > ? and a.case_id <= coalesce((select max(x.id) from (select id from cases where id > ? order by id limit 2000) x), ?)
			order by a.case_id, a.n`, last, last, "~")
		if err != nil {
			return err
		}
		if len(acts) == 0 {
			break
		}
		from := last
		last = acts[len(acts)-1].CaseID
		rows, err := sqldb.Select[Case](ctx, q, `select `+caseColumns+` from cases where id > ? and id <= ? order by id`, from, last)
		if err != nil {
			return err
		}
		if f.stored, err = k.storedClocks(ctx, q, from, last); err != nil {
			return err
		}
		byID := make(map[string]*Case, len(rows))
		for i := range rows {
			byID[rows[i].ID] = &rows[i]
		}
		for i := range acts {
			k.foldOne(ctx, &f, &acts[i], byID)
		}
		k.compareRow(&f, byID)
		for id := range f.stored {
			k.fault("case %s has clocks that its actions do not know", id)
		}
		f = folder{}
		for id := range byID {
			k.fault("case %s has a state row and no actions", id)
		}
	}
	return k.counts(ctx, q)
}

// folder is a case being folded again.
type folder struct {
	c      Case
	clocks []clock.Clock
	bad    bool
	erased bool                     // a sealed part is not there
	told   bool                     // and an action says so
	unread bool                     // a sealed part could not be read
	stored map[string][]clock.Clock // of the cases at hand, until compared
}

func (k *verifier) foldOne(ctx context.Context, f *folder, a *storedAction, rows map[string]*Case) {
	if a.CaseID != f.c.ID {
		k.compareRow(f, rows)
		*f = folder{c: Case{ID: a.CaseID}, stored: f.stored}
		k.v.Cases++
	}
	if f.bad {
		return
	}
	h, err := parseHeader([]byte(a.Header))
	if err != nil {
		k.fault("case %s: action %d cannot be read", a.CaseID, a.N)
		f.bad = true
		return
	}
	if h.Case != a.CaseID || h.N != a.N || h.Kind != a.Kind || h.At != a.At || h.By != a.Actor {
		k.fault("case %s: action %d does not say what its columns say", a.CaseID, a.N)
	}
	if h.At < f.c.UpdatedAt {
		k.fault("case %s: action %d is dated before the one before it", a.CaseID, a.N)
	}
	f.told = f.told || h.Kind == EraseKind
	b := k.bodyOf(ctx, f, a, h)
	if f.clocks, err = fold(&f.c, f.clocks, h, b); err != nil {
		k.fault("case %s: %v", a.CaseID, err)
		f.bad = true
	}
}

func (k *verifier) bodyOf(ctx context.Context, f *folder, a *storedAction, h *Header) body {
	if h.Body == "" {
		if len(a.Sealed) > 0 {
			k.fault("case %s: action %d has a sealed part that its header does not know", a.CaseID, a.N)
		}
		return body{}
	}
	if len(a.Key) == 0 || len(a.Sealed) == 0 {
		f.erased = true
		return nil
	}
	key, err := k.s.Master.Unwrap(ctx, a.Key, []byte(a.CaseID))
	if err == nil {
		var b body
		if b, err = openBody(key, a.CaseID, a.N, a.Salt, a.Sealed, h.Body); err == nil {
			return b
		}
	}
	k.fault("case %s: the sealed part of action %d was altered", a.CaseID, a.N)
	f.unread = true
	return nil
}

// compareRow compares a folded case with its state row.
func (k *verifier) compareRow(f *folder, rows map[string]*Case) {
	if f.c.ID == "" {
		return
	}
	row := rows[f.c.ID]
	delete(rows, f.c.ID)
	switch {
	case row == nil:
		k.fault("case %s has actions and no state row", f.c.ID)
		return
	case f.bad:
		return
	}
	k.compareClocks(f)
	want := f.c
	want.UnitPath = k.s.Units().Path(want.Unit) // follows the tree of units as it is now
	if f.erased && !f.told {
		k.fault("case %s: a sealed part is gone and no erasure says so", f.c.ID)
		f.unread = true
	}
	if f.unread {
		want.Title, want.Lng, want.Lat = row.Title, row.Lng, row.Lat
	}
	want.Counts, want.Data = encodeMap(want.counts()), encodeMap(want.data())
	have := *row
	have.Counts, have.Data = encodeMap(have.counts()), encodeMap(have.data())
	if want != have {
		k.fault("case %s: the state row is not the fold of its actions: %s", f.c.ID, difference(&want, &have))
	}
}

// difference names the first column in which two rows differ.
func difference(want, have *Case) string {
	a, b := want.values(), have.values()
	for i, name := range splitColumns() {
		if a[i] != b[i] {
			return name
		}
	}
	return "?"
}

// counts compares the number of actions with that of leaves and waiting ones.
func (k *verifier) counts(ctx context.Context, q sqldb.Querier) error {
	var actions, waiting int64
	if err := q.QueryRow(ctx, `select count(*) from action`).Scan(&actions); err != nil {
		return err
	}
	if err := q.QueryRow(ctx, `select count(*) from unnumbered`).Scan(&waiting); err != nil {
		return err
	}
	if actions != k.v.Actions+waiting {
		k.fault("%d actions are stored, %d are numbered and %d wait for a number", actions, k.v.Actions, waiting)
	}
	return nil
}

// EncodeRoot writes a root of the log as Verdict does.
func EncodeRoot(h merkle.Hash) string { return base64.StdEncoding.EncodeToString(h[:]) }

func splitColumns() []string {
	names := strings.Split(caseColumns, ",")
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	return names
}

// storedClocks reads the clock rows of a run of cases. The columns by which a
// clock is found when it is due have to say what the clock itself says.
func (k *verifier) storedClocks(ctx context.Context, q sqldb.Querier, from, to string) (map[string][]clock.Clock, error) {
	type row struct {
		CaseID string `db:"case_id"`
		Code   string `db:"code"`
		Doc    string `db:"doc"`
		State  string `db:"state"`
		DueAt  int64  `db:"due_at"`
		NextAt int64  `db:"next_at"`
	}
	rows, err := sqldb.Select[row](ctx, q, `select case_id, code, doc, state, due_at, next_at from clock
		where case_id > ? and case_id <= ? order by case_id, code, round`, from, to)
	if err != nil {
		return nil, err
	}
	out := map[string][]clock.Clock{}
	for _, r := range rows {
		var c clock.Clock
		if err := json.Unmarshal([]byte(r.Doc), &c); err != nil {
			k.fault("case %s: clock %s cannot be read", r.CaseID, r.Code)
			continue
		}
		if r.State != string(c.State) || r.DueAt != c.DueAt || r.NextAt != clock.NextAt(c) {
			k.fault("case %s: clock %s does not say what its columns say", r.CaseID, r.Code)
		}
		out[r.CaseID] = append(out[r.CaseID], c)
	}
	return out, nil
}

// compareClocks compares the clocks folded from the actions with the stored ones.
func (k *verifier) compareClocks(f *folder) {
	stored := f.stored[f.c.ID]
	delete(f.stored, f.c.ID)
	want := slices.Clone(f.clocks)
	slices.SortFunc(want, byName)
	same := slices.EqualFunc(want, stored, func(a, b clock.Clock) bool { return reflect.DeepEqual(a, b) })
	if !same {
		k.fault("case %s: its clocks are not those of its actions", f.c.ID)
	}
}
