package view

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
)

// QueueLane is the lane of the dispatch desk.
const QueueLane = "dispatch"

// Queued is an item of the dispatch desk, with what the machine read in it.
type Queued struct {
	Row
	Reading json.RawMessage // nil where the machine read nothing
}

// urgencyRank puts danger before broken supplies, before what concerns many.
const urgencyRank = `case urgency when 'danger' then 0 when 'utility' then 1 when 'collective' then 2 else 3 end`

// rankOf is urgencyRank.
func rankOf(urgency string) int {
	if i := slices.Index([]string{"danger", "utility", "collective"}, urgency); i >= 0 {
		return i
	}
	return 3
}

// Queue returns the items of the dispatch desk, the most urgent first and then
// the oldest, and how many there are in all.
func (v *View) Queue(ctx context.Context, by org.Actor, limit int) (items []Queued, total int64, err error) {
	defer errs.Wrap(&err, "view.Queue")
	q := Query{Lane: QueueLane, Open: true}
	parts, err := v.scoped(ctx, by, &q)
	if err != nil {
		return nil, 0, err
	}
	limit = min(max(limit, 1), MaxPage)
	var found []cases.Case
	for _, w := range parts {
		some, err := sqldb.Select[cases.Case](ctx, v.DB.Read(), `select `+cases.Columns+` from cases where `+w.sql()+
			` order by `+urgencyRank+`, filed_at, id limit `+strconv.Itoa(limit), w.args...)
		if err != nil {
			return nil, 0, err
		}
		found = append(found, some...)
	}
	slices.SortFunc(found, func(a, b cases.Case) int {
		return cmp.Or(cmp.Compare(rankOf(a.Urgency), rankOf(b.Urgency)), cmp.Compare(a.FiledAt, b.FiledAt), cmp.Compare(a.ID, b.ID))
	})
	found = found[:min(limit, len(found))]
	rows, err := v.complete(ctx, found)
	if err != nil {
		return nil, 0, err
	}
	readings, err := v.readings(ctx, found)
	if err != nil {
		return nil, 0, err
	}
	for _, r := range rows {
		items = append(items, Queued{r, readings[r.ID]})
	}
	total, err = v.total(ctx, parts)
	return items, total, err
}

func (v *View) readings(ctx context.Context, found []cases.Case) (map[string]json.RawMessage, error) {
	out := map[string]json.RawMessage{}
	if len(found) == 0 {
		return out, nil
	}
	ids := make([]any, len(found))
	for i := range found {
		ids[i] = found[i].ID
	}
	type reading struct {
		CaseID string `db:"case_id"`
		Doc    string `db:"doc"`
	}
	rows, err := sqldb.Select[reading](ctx, v.DB.Read(), `select case_id, doc from reading where case_id in (`+places(len(ids))+`)`, ids...)
	for _, r := range rows {
		out[r.CaseID] = json.RawMessage(r.Doc)
	}
	return out, err
}

// claimTime is how long an item stays in one person's hand without a sign of life.
const claimTime = 5 * time.Minute

type claim struct {
	CaseID string `db:"case_id"`
	Staff  string `db:"staff"`
	Until  int64  `db:"until"`
}

func (v *View) claims(ctx context.Context, ids []any) ([]claim, error) {
	return sqldb.Select[claim](ctx, v.DB.Read(), `select case_id, staff, until from claim
		where case_id in (`+places(len(ids))+`) and until > ?`, append(ids[:len(ids):len(ids)], v.DB.Now())...)
}

// Claim takes an item of the desk into hand, or keeps it there, and returns until
// when. Where somebody else has it, holder names them and until is theirs.
func (v *View) Claim(ctx context.Context, by org.Actor, id string) (holder string, until int64, err error) {
	defer errs.Wrap(&err, "view.Claim(%s)", id)
	err = v.DB.Write(ctx, func(tx *sqldb.Tx) error {
		now := tx.Now()
		_, err := tx.Exec(ctx, `insert into claim (case_id, staff, until) values (?, ?, ?)
			on conflict (case_id) do update set staff = excluded.staff, until = excluded.until
			where claim.staff = excluded.staff or claim.until <= ?`, id, by.ID, now+claimTime.Milliseconds(), now)
		if err != nil {
			return err
		}
		return tx.QueryRow(ctx, `select staff, until from claim where case_id = ?`, id).Scan(&holder, &until)
	})
	return holder, until, err
}

// InHand returns who else has an item of the desk in hand and until when; "" if
// nobody has.
func (v *View) InHand(ctx context.Context, by org.Actor, id string) (holder string, until int64, err error) {
	found, err := v.claims(ctx, []any{id})
	if err != nil || len(found) == 0 || found[0].Staff == by.ID {
		return "", 0, err
	}
	return found[0].Staff, found[0].Until, nil
}

// Release lets go of an item that the actor has in hand.
func (v *View) Release(ctx context.Context, by org.Actor, id string) error {
	return v.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `delete from claim where case_id = ? and (staff = ? or until <= ?)`, id, by.ID, tx.Now())
		return err
	})
}
