package view

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/clock"
	"yiwang/internal/core/org"
)

// Row is a case in a list.
type Row struct {
	cases.Case
	DueStartedAt int64  // when the nearest clock started, 0 where there is none
	ClaimedBy    string // who has it in hand at the dispatch desk
}

// Page is a piece of a list.
type Page struct {
	Rows []Row
	Next string // cursor of the next page, "" at the end
	AsOf int64  // UTC milliseconds
}

// cursor is the place in an order after which a page begins.
type cursor struct {
	Sort Sort   `json:"s"`
	At   int64  `json:"a"`
	ID   string `json:"i"`
	Rest bool   `json:"r,omitempty"` // among the cases without a clock
}

func (c cursor) String() string {
	b, err := json.Marshal(c)
	if err != nil {
		return "" // strings and numbers always encode
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func parseCursor(s string, sort Sort) (*cursor, error) {
	if s == "" {
		return nil, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(s)
	var c cursor
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	if err != nil || c.Sort != sort || len(c.ID) > 40 {
		return nil, errs.E(errs.Invalid, "view.bad_cursor", nil).At("after")
	}
	return &c, nil
}

// updatedWindow is how far back a unit's list by update looks among closed cases.
const updatedWindow = 31 * 24 * time.Hour

// List returns a page of the cases that an actor may see. Error: Invalid (cursor,
// sort, words).
func (v *View) List(ctx context.Context, by org.Actor, q Query) (p Page, err error) {
	defer errs.Wrap(&err, "view.List")
	p.AsOf = v.DB.Now()
	if err := v.settle(&q); err != nil {
		return p, err
	}
	after, err := parseCursor(q.After, q.Sort)
	if err != nil {
		return p, err
	}
	found, enough, err := v.latest(ctx, by, q, after, q.Limit+1)
	if err != nil {
		return p, err
	}
	var parts []where
	if !enough {
		if parts, err = v.parts(ctx, by, &q); err != nil {
			return p, err
		}
	}
	rest := after != nil && after.Rest
	if !rest && !enough {
		if found, err = v.read(ctx, parts, q.Sort, after, q.Limit+1); err != nil {
			return p, err
		}
		after = nil
	}
	inRest := len(found)
	if q.Sort == ByDue && len(found) <= q.Limit {
		more, err := v.read(ctx, parts, noClock, after, q.Limit+1-len(found))
		if err != nil {
			return p, err
		}
		found = append(found, more...)
	}
	if len(found) > q.Limit {
		found = found[:q.Limit]
		last := &found[q.Limit-1]
		c := cursor{Sort: q.Sort, ID: last.ID, At: orders[q.Sort].key(last)}
		if q.Sort == ByDue && q.Limit-1 >= inRest {
			c.Rest, c.At = true, orders[noClock].key(last)
		}
		p.Next = c.String()
	}
	p.Rows, err = v.complete(ctx, found)
	return p, err
}

// settle fills in what the query leaves open.
func (v *View) settle(q *Query) error {
	// Who types a whole number wants that case, whatever else was chosen before.
	if number, err := cases.ParseNumber(q.Words); err == nil {
		*q = Query{Words: number, Sort: q.Sort, After: q.After, Limit: q.Limit}
	}
	if q.Limit <= 0 {
		q.Limit = 50
	}
	q.Limit = min(q.Limit, MaxPage)
	if q.Sort == "" {
		q.Sort = ByFiled
		if open, _ := v.openness(q); open {
			q.Sort = ByDue
		}
	}
	if _, ok := orders[q.Sort]; !ok || q.Sort == noClock || q.Sort == picked {
		return errs.E(errs.Invalid, "view.bad_sort", nil).At("sort")
	}
	return nil
}

// parts returns the conditions whose results together are the list; a case may be
// in several. Each is one way to a case, for which there is an index; among all
// that ever was, it is a range that the index holds in order.
func (v *View) parts(ctx context.Context, by org.Actor, q *Query) ([]where, error) {
	base, err := v.conditions(ctx, q)
	if err != nil {
		return nil, err
	}
	scope := v.Units().ScopeOf(by)
	if q.Words != "" || q.Did != "" { // they decide what is read, whoever asks
		return []where{base.and(either(v.ways(scope, q.within(), false)))}, nil
	}
	ages := []where{{}}
	open, _ := v.openness(q)
	if q.Sort == ByUpdated && !open && !(scope.All && q.Unit == "") {
		// The index by update holds the whole city: for one unit's cases it would be
		// read for long, while those of a month are few.
		ages = []where{
			{terms: []string{"closed = 0"}},
			{terms: []string{"closed = 1", "filed_at >= ?"}, args: []any{v.DB.Now() - updatedWindow.Milliseconds()}},
		}
	}
	var parts []where
	ways := v.ways(scope, q.Unit, q.Sort == ByFiled && !open)
	if open && q.Sort == ByDue {
		if ways, err = v.byLane(ctx, scope, q, ways); err != nil {
			return nil, err
		}
	}
	for _, w := range ways {
		for _, age := range ages {
			part := base.and(w).and(age)
			if open && len(w.terms) > 0 && len(w.ranges) == 0 {
				part = part.found()
			}
			parts = append(parts, part)
		}
	}
	return parts, nil
}

// order is how a sort is written and compared.
type order struct {
	term  string // what else must hold
	by    string
	few   string // the same order, by expressions that no index has
	after string
	key   func(*cases.Case) int64
	desc  bool
}

// noClock is the order of the cases without a running clock, after all others.
const noClock Sort = "no_clock"

// picked is the order by filing among a few cases that are named by their ids, which
// an engine should look up and sort.
const picked Sort = "picked"

var orders = map[Sort]order{
	ByDue:     {"due_at > 0", "due_at, id", "due_at + 0, id", "(due_at, id) > (?, ?)", func(c *cases.Case) int64 { return c.DueAt }, false},
	noClock:   {"due_at = 0", "filed_at desc, id desc", "filed_at + 0 desc, id desc", "(filed_at, id) < (?, ?)", func(c *cases.Case) int64 { return c.FiledAt }, true},
	ByFiled:   {"", "filed_at desc, id desc", "filed_at + 0 desc, id desc", "(filed_at, id) < (?, ?)", func(c *cases.Case) int64 { return c.FiledAt }, true},
	picked:    {"", "filed_at + 0 desc, id desc", "filed_at + 0 desc, id desc", "(filed_at, id) < (?, ?)", func(c *cases.Case) int64 { return c.FiledAt }, true},
	ByUpdated: {"", "updated_at desc, id desc", "updated_at + 0 desc, id desc", "(updated_at, id) < (?, ?)", func(c *cases.Case) int64 { return c.UpdatedAt }, true},
}

// read returns the first cases of the union of the parts in an order.
func (v *View) read(ctx context.Context, parts []where, sort Sort, after *cursor, limit int) ([]cases.Case, error) {
	o := orders[sort]
	var all []cases.Case
	for _, w := range parts {
		if o.term != "" {
			w = w.and(where{terms: []string{o.term}})
		}
		if after != nil {
			w = w.and(where{terms: []string{o.after}, args: []any{after.At, after.ID}})
		}
		args := w.args
		first := ` where ` + w.sql() + ` order by ` + o.by + ` limit ` + strconv.Itoa(limit)
		if w.few {
			// Which they are an index tells mostly; only those shown are read whole.
			first = ` where id in (select id from cases where ` + w.sql() + ` order by ` + o.few + ` limit ` + strconv.Itoa(limit) + `) order by ` + o.few
		}
		if len(w.ranges) > 0 {
			first, args = w.merged(o, limit)
		}
		rows, err := sqldb.Select[cases.Case](ctx, v.DB.Read(), `select `+cases.Columns+` from cases`+first, args...)
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	if len(parts) > 1 {
		slices.SortFunc(all, func(a, b cases.Case) int {
			c := cmp.Or(cmp.Compare(o.key(&a), o.key(&b)), cmp.Compare(a.ID, b.ID))
			if o.desc {
				return -c
			}
			return c
		})
		all = slices.CompactFunc(all, func(a, b cases.Case) bool { return a.ID == b.ID })
	}
	return all[:min(limit, len(all))], nil
}

// Rows returns the rows of cases by their ids, in their order, as far as an actor
// may see them.
func (v *View) Rows(ctx context.Context, by org.Actor, ids []string) ([]Row, error) {
	var found []cases.Case
	scope := v.Units().ScopeOf(by)
	for chunk := range slices.Chunk(ids, 200) {
		rows, err := sqldb.Select[cases.Case](ctx, v.DB.Read(),
			`select `+cases.Columns+` from cases where id in (`+places(len(chunk))+`)`, anys(chunk)...)
		if err != nil {
			return nil, err
		}
		for _, c := range rows {
			if scope.Admits(Ref(&c)) {
				found = append(found, c)
			}
		}
	}
	at := make(map[string]int, len(ids))
	for i, id := range ids {
		at[id] = i
	}
	slices.SortFunc(found, func(a, b cases.Case) int { return cmp.Compare(at[a.ID], at[b.ID]) })
	return v.complete(ctx, found)
}

// Ref returns what decides who may see a case.
func Ref(c *cases.Case) org.CaseRef {
	return org.CaseRef{Unit: c.Unit, UnitPath: c.UnitPath, Holder: c.Holder, FiledBy: c.FiledBy, Area: c.Area}
}

func anys(ids []string) []any {
	out := make([]any, len(ids))
	for i, id := range ids {
		out[i] = id
	}
	return out
}

// complete adds to cases what stands in other tables.
func (v *View) complete(ctx context.Context, found []cases.Case) ([]Row, error) {
	rows := make([]Row, len(found))
	byID := make(map[string]*Row, len(found))
	var ids, dues []any
	for i, c := range found {
		rows[i].Case = c
		byID[c.ID] = &rows[i]
		if c.Closed == 0 {
			ids, dues = append(ids, c.ID), append(dues, c.DueAt)
		}
	}
	if len(ids) == 0 {
		return rows, nil
	}
	type started struct {
		CaseID string `db:"case_id"`
		Doc    string `db:"doc"`
	}
	clocks, err := sqldb.Select[started](ctx, v.DB.Read(),
		`select case_id, doc from clock where case_id in (`+places(len(ids))+`) and state = '`+string(clock.Running)+`' and due_at in (`+places(len(dues))+`)`, append(slices.Clone(ids), dues...)...)
	if err != nil {
		return nil, err
	}
	for _, k := range clocks {
		var c clock.Clock
		if err := json.Unmarshal([]byte(k.Doc), &c); err != nil {
			return nil, err
		}
		if r := byID[k.CaseID]; r != nil && c.Name() == r.DueClock && c.DueAt == r.DueAt {
			r.DueStartedAt = c.StartedAt
		}
	}
	claims, err := v.claims(ctx, ids)
	for _, k := range claims {
		byID[k.CaseID].ClaimedBy = k.Staff
	}
	return rows, err
}

// Each yields every case of a list, page by page, at most limit; it is what an
// export writes.
func (v *View) Each(ctx context.Context, by org.Actor, q Query, limit int, yield func(Row) error) error {
	q.Limit, q.After = MaxPage, ""
	for n := 0; n < limit; {
		p, err := v.List(ctx, by, q)
		if err != nil {
			return err
		}
		for _, r := range p.Rows {
			if n++; n > limit {
				return nil
			}
			if err := yield(r); err != nil {
				return err
			}
		}
		if p.Next == "" {
			return nil
		}
		q.After = p.Next
	}
	return nil
}
