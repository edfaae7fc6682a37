package knowledge

import (
	"cmp"
	"context"
	"encoding/json"
	"io/fs"
	"slices"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/text"
	"yiwang/internal/base/textzh"
	"yiwang/internal/core/city"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
)

// Base is the knowledge base. It is safe for concurrent use.
type Base struct {
	DB   *sqldb.DB
	City *city.City

	packed []Entry
	mu     sync.Mutex
	seen   int64  // latest change that index holds
	day    string // on which it was made: entries expire
	index  *Index
	live   []Entry
}

// Open opens the knowledge base on the entries of a pack. Error: Invalid where
// they are faulty.
func Open(ctx context.Context, db *sqldb.DB, c *city.City, pack fs.FS) (*Base, error) {
	b := &Base{DB: db, City: c}
	entries, found := Read(pack, c)
	if decl.Faulty(found) {
		return nil, errs.E(errs.Invalid, "knowledge.pack_wrong", errs.Args{"what": found[0].Say(text.Chinese)})
	}
	b.packed = entries
	_, _, err := b.current(ctx)
	return b, err
}

// WordsOf returns the words of the duty list in force for a matter.
func WordsOf(c *city.City) func(string) []string {
	return func(code string) []string {
		m := c.Catalog.On("appeal", code, matter.Today())
		if m == nil {
			return nil
		}
		return append([]string{m.Name}, m.Keywords...)
	}
}

// Kept is an entry as the desk sees it: what is shown, and a draft that waits for
// another person's review.
type Kept struct {
	Code       string
	Live       *Entry // nil where nothing is shown
	Draft      *Entry // nil where nothing waits
	EditedBy   string
	EditedAt   int64
	ReviewedBy string
	ReviewedAt int64
}

type row struct {
	Code       string `db:"code"`
	Live       string `db:"live"`
	Draft      string `db:"draft"`
	EditedBy   string `db:"edited_by"`
	EditedAt   int64  `db:"edited_at"`
	ReviewedBy string `db:"reviewed_by"`
	ReviewedAt int64  `db:"reviewed_at"`
}

const rowColumns = `code, live, draft, edited_by, edited_at, reviewed_by, reviewed_at`

func (r *row) kept() (k Kept, err error) {
	k = Kept{Code: r.Code, EditedBy: r.EditedBy, EditedAt: r.EditedAt, ReviewedBy: r.ReviewedBy, ReviewedAt: r.ReviewedAt}
	for doc, into := range map[string]**Entry{r.Live: &k.Live, r.Draft: &k.Draft} {
		if doc == "" {
			continue
		}
		e := new(Entry)
		if err := json.Unmarshal([]byte(doc), e); err != nil {
			return k, err
		}
		*into = e
	}
	return k, nil
}

// All returns every entry by code: those of the pack, and over them the edited.
func (b *Base) All(ctx context.Context) ([]Kept, error) {
	rows, err := sqldb.Select[row](ctx, b.DB.Read(), `select `+rowColumns+` from knowledge_entry`)
	if err != nil {
		return nil, err
	}
	var all []Kept
	edited := map[string]bool{}
	for i := range rows {
		k, err := rows[i].kept()
		if err != nil {
			return nil, err
		}
		edited[k.Code] = true
		all = append(all, k)
	}
	for i := range b.packed {
		if e := b.packed[i]; !edited[e.Code] {
			all = append(all, Kept{Code: e.Code, Live: &e})
		}
	}
	slices.SortFunc(all, func(x, y Kept) int { return cmp.Compare(x.Code, y.Code) })
	return all, nil
}

// one returns an entry within a transaction. Error: NotFound.
func (b *Base) one(ctx context.Context, q sqldb.Querier, code string) (Kept, error) {
	r, err := sqldb.Get[row](ctx, q, `select `+rowColumns+` from knowledge_entry where code = ?`, code)
	if err == nil {
		return r.kept()
	}
	if !errs.Is(err, errs.NotFound) {
		return Kept{}, err
	}
	for i := range b.packed {
		if e := b.packed[i]; e.Code == code {
			return Kept{Code: code, Live: &e}, nil
		}
	}
	return Kept{}, errs.E(errs.NotFound, "knowledge.no_entry", nil)
}

func (b *Base) put(ctx context.Context, tx *sqldb.Tx, k Kept) error {
	doc := func(e *Entry) string {
		if e == nil {
			return ""
		}
		raw, err := json.Marshal(e)
		if err != nil {
			panic(err) // plain texts
		}
		return string(raw)
	}
	// Each change has a number of its own, so that no other process misses one.
	last, err := sqldb.Get[int64](ctx, tx, `select coalesce(max(changed_at), 0) from knowledge_entry`)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, tx.Engine().Upsert("knowledge_entry", []string{"code"}, []string{"live", "draft", "edited_by", "edited_at", "reviewed_by", "reviewed_at", "changed_at"}),
		k.Code, doc(k.Live), doc(k.Draft), k.EditedBy, k.EditedAt, k.ReviewedBy, k.ReviewedAt, max(tx.Now(), last+1))
	return err
}

// Write keeps a draft of an entry; code "" makes a new one. What is shown stays
// until the draft is reviewed. Error: Invalid.
func (b *Base) Write(ctx context.Context, by org.Actor, e Entry) (k Kept, err error) {
	defer errs.Wrap(&err, "knowledge.Write(%s)", e.Code)
	if err := e.Check(b.City); err != nil {
		return k, err
	}
	if e.Expires <= b.today() {
		return k, errs.E(errs.Invalid, "knowledge.need_expires", nil).At("expires")
	}
	fresh := e.Code == ""
	if fresh {
		e.Code = "k-" + ulid.Make().String()
	}
	err = b.DB.Write(ctx, func(tx *sqldb.Tx) error {
		k, err = b.one(ctx, tx, e.Code)
		if errs.Is(err, errs.NotFound) && fresh {
			k, err = Kept{Code: e.Code}, nil
		}
		if err != nil {
			return err
		}
		k.Draft, k.EditedBy, k.EditedAt = &e, by.ID, tx.Now()
		return b.put(ctx, tx, k)
	})
	return k, err
}

// Review shows a draft, or throws it away. Nobody reviews what they wrote. Errors:
// NotFound, Conflict (nothing waits), Forbidden.
func (b *Base) Review(ctx context.Context, by org.Actor, code string, pass bool) (err error) {
	defer errs.Wrap(&err, "knowledge.Review(%s)", code)
	return b.DB.Write(ctx, func(tx *sqldb.Tx) error {
		k, err := b.one(ctx, tx, code)
		switch {
		case err != nil:
			return err
		case k.Draft == nil:
			return errs.E(errs.Conflict, "knowledge.no_draft", nil)
		case pass && k.EditedBy == by.ID:
			return errs.E(errs.Forbidden, "knowledge.own_draft", nil)
		}
		if pass {
			k.Live, k.ReviewedBy, k.ReviewedAt = k.Draft, by.ID, tx.Now()
			k.Live.Reviewed = dayOf(tx.Now())
		}
		k.Draft = nil
		return b.put(ctx, tx, k)
	})
}

// Withdraw shows an entry no longer; it becomes a draft again. Error: NotFound.
func (b *Base) Withdraw(ctx context.Context, by org.Actor, code string) (err error) {
	defer errs.Wrap(&err, "knowledge.Withdraw(%s)", code)
	return b.DB.Write(ctx, func(tx *sqldb.Tx) error {
		k, err := b.one(ctx, tx, code)
		if err != nil {
			return err
		}
		if k.Draft == nil {
			k.Draft, k.EditedBy, k.EditedAt = k.Live, by.ID, tx.Now()
		}
		k.Live = nil
		return b.put(ctx, tx, k)
	})
}

// current returns the index of what is shown today, made anew after a change, here
// or by another process.
func (b *Base) current(ctx context.Context) (*Index, []Entry, error) {
	changed, err := sqldb.Get[int64](ctx, b.DB.Read(), `select coalesce(max(changed_at), 0) from knowledge_entry`)
	if err != nil {
		return nil, nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	today := b.today()
	if b.index != nil && b.seen == changed && b.day == today {
		return b.index, b.live, nil
	}
	all, err := b.All(ctx)
	if err != nil {
		return nil, nil, err
	}
	var live []Entry
	for _, k := range all {
		if k.Live != nil && k.Live.Expires >= today {
			live = append(live, *k.Live)
		}
	}
	b.index, b.live, b.seen, b.day = NewIndex(live, WordsOf(b.City), nil), live, changed, today
	return b.index, b.live, nil
}

func (b *Base) today() string { return dayOf(b.DB.Now()) }

var china = time.FixedZone("CST", 8*3600)

func dayOf(ms int64) string { return time.UnixMilli(ms).In(china).Format(time.DateOnly) }

// masked is a question without numbers and names that could tell who asked.
func masked(q string) string {
	r := []rune(textzh.Mask(q))
	return string(r[:min(len(r), 200)])
}
