package knowledge

import (
	"context"
	"strings"

	"github.com/oklog/ulid/v2"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
)

// The doors a question comes through.
const (
	AtPortal = "portal"
	AtSeat   = "seat"
)

// The marks that an answer gets.
const (
	Good = "good"
	Bad  = "bad"
	Case = "case" // it was not enough: a case was made of the question
)

// offered is how many entries are shown for a question.
const offered = 3

// Reply is what is shown to whoever asked.
type Reply struct {
	ID   string // for marking it
	Sure bool   // the first entry is given as the answer; else they are offered
	Hits []Hit
}

// maxAsked bounds a question, in bytes.
const maxAsked = 2000

// Ask answers a question and counts it. Only the masked beginning of a question
// that found no sure answer is kept, for those who write entries. Error: Invalid.
func (b *Base) Ask(ctx context.Context, door, question string) (r Reply, err error) {
	defer errs.Wrap(&err, "knowledge.Ask")
	question = strings.TrimSpace(question)
	if question == "" || len(question) > maxAsked {
		return r, errs.E(errs.Invalid, "knowledge.need_asked", nil).At("question")
	}
	found, err := b.Look(ctx, question)
	if err != nil {
		return r, err
	}
	r = Reply{ID: ulid.Make().String(), Sure: found.Sure, Hits: found.Hits}
	first, unsaid := "", masked(question)
	if len(r.Hits) > 0 {
		first = r.Hits[0].Entry.Code
	}
	sure := 0
	if r.Sure {
		sure, unsaid = 1, ""
	}
	return r, b.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `insert into knowledge_asked (id, at, door, entry, sure, mark, question) values (?, ?, ?, ?, ?, '', ?)`,
			r.ID, tx.Now(), door, first, sure, unsaid)
		return err
	})
}

// Look finds entries without counting the question, as while it is being typed.
func (b *Base) Look(ctx context.Context, question string) (Found, error) {
	index, _, err := b.current(ctx)
	if err != nil {
		return Found{}, err
	}
	return index.Find(question, offered), nil
}

// Mark notes what became of an answer; the last mark counts. An answer nobody gave
// is no error. Error: Invalid.
func (b *Base) Mark(ctx context.Context, id, mark string) error {
	if mark != Good && mark != Bad && mark != Case {
		return errs.E(errs.Invalid, "knowledge.need_mark", nil).At("mark")
	}
	return b.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `update knowledge_asked set mark = ? where id = ?`, mark, id)
		return err
	})
}

// Figures are what was asked since a time.
type Figures struct {
	Asked    int64 `db:"asked"`
	Answered int64 `db:"answered"` // with a sure answer
	Good     int64 `db:"good"`
	Bad      int64 `db:"bad"`
	Cases    int64 `db:"cases"` // became a case
}

const counts = `count(*) as asked, coalesce(sum(sure), 0) as answered,
	coalesce(sum(case when mark = 'good' then 1 else 0 end), 0) as good,
	coalesce(sum(case when mark = 'bad' then 1 else 0 end), 0) as bad,
	coalesce(sum(case when mark = 'case' then 1 else 0 end), 0) as cases`

// Use returns the figures since a time in UTC milliseconds: all, and by the entry
// that came first.
func (b *Base) Use(ctx context.Context, since int64) (all Figures, by map[string]Figures, err error) {
	all, err = sqldb.Get[Figures](ctx, b.DB.Read(), `select `+counts+` from knowledge_asked where at >= ?`, since)
	if err != nil {
		return all, nil, err
	}
	type used struct {
		Entry    string `db:"entry"`
		Asked    int64  `db:"asked"`
		Answered int64  `db:"answered"`
		Good     int64  `db:"good"`
		Bad      int64  `db:"bad"`
		Cases    int64  `db:"cases"`
	}
	rows, err := sqldb.Select[used](ctx, b.DB.Read(), `select entry, `+counts+` from knowledge_asked where at >= ? group by entry`, since)
	by = map[string]Figures{}
	for _, r := range rows {
		by[r.Entry] = Figures{r.Asked, r.Answered, r.Good, r.Bad, r.Cases}
	}
	return all, by, err
}

// Unsaid is a question that found no sure answer, masked.
type Unsaid struct {
	At       int64  `db:"at"`
	Question string `db:"question"`
	Mark     string `db:"mark"`
}

// Unanswered returns the latest questions without a sure answer: what entries are
// still to be written.
func (b *Base) Unanswered(ctx context.Context, limit int) ([]Unsaid, error) {
	return sqldb.Select[Unsaid](ctx, b.DB.Read(), `select at, question, mark from knowledge_asked where sure = 0 order by id desc limit ?`, limit)
}
