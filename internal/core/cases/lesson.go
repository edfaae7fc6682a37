package cases

import (
	"context"
	"encoding/json"
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/pace"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/org"
)

// Lesson is what a person decided about a case, with the message it was decided
// on: its matter, and who answers for it there.
type Lesson struct {
	Case, Title, Text, Matter string

	At   int64  // UTC milliseconds
	Unit string // responsible unit afterwards, "" where there is none yet
	Area string // where it is, as far as is known
}

// Teaches reports whether an action may teach something: a person gave the case a
// matter or a unit, or it came with one from the past.
func Teaches(h *Header) bool {
	code, _ := h.Set["matter"].(string)
	unit, _ := h.Set["unit"].(string)
	staff := strings.HasPrefix(h.By, string(org.IsStaff)+":")
	return code != "" && h.Kind == HistoryKind || staff && (code != "" || unit != "")
}

// lesson enters what an action teaches about a case of a family whose messages are
// read.
func (w *writing) lesson(h *Header) {
	f := w.s.City.Catalog.Family(w.c.Family)
	if w.c.Matter == "" || f == nil || !f.Dispatch || !Teaches(h) {
		return
	}
	w.later(`insert into lesson (case_id, n, at, matter, unit, area) values (?, ?, ?, ?, ?, ?)`,
		h.Case, h.N, h.At, w.c.Matter, w.c.Unit, w.c.Area)
}

type lessonRow struct {
	CaseID string `db:"case_id"`
	N      int    `db:"n"`
	At     int64  `db:"at"`
	Matter string `db:"matter"`
	Unit   string `db:"unit"`
	Area   string `db:"area"`
}

const lessonColumns = `case_id, n, at, matter, unit, area`

func (r lessonRow) with(b body) Lesson {
	return Lesson{Case: r.CaseID, Title: b.text("title"), Text: b.text("text"), Matter: r.Matter, At: r.At, Unit: r.Unit, Area: r.Area}
}

// LessonAt returns what the n-th action of a case taught. Error: NotFound where it
// taught nothing, or the message was erased.
func (s *Store) LessonAt(ctx context.Context, id string, n int) (l Lesson, err error) {
	defer errs.Wrap(&err, "cases.LessonAt(%s, %d)", id, n)
	r, err := sqldb.Get[lessonRow](ctx, s.DB.Read(), `select `+lessonColumns+` from lesson where case_id = ? and n = ?`, id, n)
	if err != nil {
		return l, notFound(err)
	}
	b, err := s.filedBody(ctx, id)
	if err == nil && b == nil {
		err = errs.E(errs.NotFound, "cases.not_found", nil)
	}
	return r.with(b), err
}

// Lessons yields the latest that people have decided, about so many, in its order, so
// that a machine can be taught again. Cases whose text was erased are left out.
func (s *Store) Lessons(ctx context.Context, latest int, yield func(Lesson) error) (err error) {
	defer errs.Wrap(&err, "cases.Lessons")
	from, err := latestAt(ctx, s.DB.Read(), `select at from lesson order by at desc, case_id desc, n desc limit 1 offset ?`, latest)
	if err != nil {
		return err
	}
	return s.lessonRows(ctx, from, func(r lessonRow) error {
		b, err := s.filedBody(ctx, r.CaseID)
		if err != nil && ctx.Err() != nil {
			return err
		}
		if err != nil {
			// One damaged case does not keep the house shut; verify says what it is.
			s.Logger.ErrorContext(ctx, "a lesson cannot be read", "case", r.CaseID, "error", err)
			return nil
		}
		if b == nil {
			return nil
		}
		return yield(r.with(b))
	})
}

// Ruled yields all that people have ever decided, in its order and without the
// messages.
func (s *Store) Ruled(ctx context.Context, yield func(Lesson)) (err error) {
	defer errs.Wrap(&err, "cases.Ruled")
	return s.lessonRows(ctx, 0, func(r lessonRow) error {
		yield(r.with(nil))
		return nil
	})
}

// lessonRows yields lessons from a time on. It gives way to people as ctx says.
func (s *Store) lessonRows(ctx context.Context, from int64, yield func(lessonRow) error) error {
	last, work := lessonRow{At: from}, pace.Start(ctx)
	for {
		rows, err := sqldb.Select[lessonRow](ctx, s.DB.Read(), `select `+lessonColumns+` from lesson
			where (at, case_id, n) > (?, ?, ?) order by at, case_id, n limit 500`, last.At, last.CaseID, last.N)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, r := range rows {
			if err := yield(r); err != nil {
				return err
			}
			work.Rest()
		}
		last = rows[len(rows)-1]
	}
}

// latestAt returns the time from which on there are so many of something, 0 where there
// are fewer.
func latestAt(ctx context.Context, q sqldb.Querier, query string, n int) (int64, error) {
	at, err := sqldb.Get[int64](ctx, q, query, n)
	if errs.Is(err, errs.NotFound) {
		return 0, nil
	}
	return at, err
}

// LessonsSince counts the lessons after a time, UTC milliseconds.
func (s *Store) LessonsSince(ctx context.Context, at int64) (int, error) {
	return sqldb.Get[int](ctx, s.DB.Read(), `select count(*) from lesson where at > ?`, at)
}

// Stood yields those of the latest cases, about so many, that are closed and whose
// matter nobody but the machine ever decided, in the order in which they were filed,
// with that matter. It gives way to people as ctx says.
func (s *Store) Stood(ctx context.Context, latest int, yield func(Lesson) error) (err error) {
	defer errs.Wrap(&err, "cases.Stood")
	var last struct {
		at int64
		id string
	}
	if last.at, err = latestAt(ctx, s.DB.Behind(), `select filed_at from cases order by filed_at desc, id desc limit 1 offset ?`, latest); err != nil {
		return err
	}
	work := pace.Start(ctx)
	for {
		rows, err := sqldb.Select[Case](ctx, s.DB.Behind(), `select `+Columns+` from cases c where closed = 1 and matter <> ''
			and exists (select 1 from reading r where r.case_id = c.id) and not exists (select 1 from lesson l where l.case_id = c.id)
			and (filed_at, id) > (?, ?) order by filed_at, id limit 500`, last.at, last.id)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, c := range rows {
			work.Rest()
			title, text, err := s.Message(ctx, c.ID)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				continue // erased, or damaged: verify says what it is
			}
			if err := yield(Lesson{Case: c.ID, Title: title, Text: text, Matter: c.Matter, At: c.FiledAt, Unit: c.Unit, Area: c.Area}); err != nil {
				return err
			}
		}
		last.at, last.id = rows[len(rows)-1].FiledAt, rows[len(rows)-1].ID
	}
}

// Message returns the title and text that a case was filed with. Error: NotFound,
// also where they were erased.
func (s *Store) Message(ctx context.Context, id string) (title, text string, err error) {
	b, err := s.filedBody(ctx, id)
	if err == nil && b == nil {
		err = errs.E(errs.NotFound, "cases.not_found", nil)
	}
	return b.text("title"), b.text("text"), err
}

// Contact returns what the appellant left in a field of the filing to be reached
// by, such as "phone" or "email". Error: NotFound where there is nothing.
func (s *Store) Contact(ctx context.Context, id, field string) (string, error) {
	b, err := s.filedBody(ctx, id)
	if err == nil && b.text(field) == "" {
		err = errs.E(errs.NotFound, "cases.not_found", nil)
	}
	return b.text(field), err
}

// filedBody opens the personal part of what was filed, as it was put right since;
// nil if erased.
func (s *Store) filedBody(ctx context.Context, id string) (body, error) {
	return s.filedBodyIn(ctx, s.DB.Read(), id)
}

func (s *Store) filedBodyIn(ctx context.Context, q sqldb.Querier, id string) (body, error) {
	type row struct {
		N       int    `db:"n"`
		Kind    string `db:"kind"`
		Header  string `db:"header"`
		Salt    []byte `db:"salt"`
		Sealed  []byte `db:"sealed"`
		Wrapped []byte `db:"wrapped"`
	}
	args := []any{id}
	for kind := range s.amends {
		args = append(args, kind)
	}
	later := ""
	if len(s.amends) > 0 {
		later = ` or a.kind in (` + placeholders(len(s.amends)) + `)`
	}
	rows, err := sqldb.Select[row](ctx, q, `select a.n, a.kind, a.header, b.salt, b.sealed, k.wrapped from action a
		left join body b on b.case_id = a.case_id and b.n = a.n left join case_key k on k.case_id = a.case_id
		where a.case_id = ? and (a.n = 1`+later+`) order by a.n`, args...)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, errs.E(errs.NotFound, "cases.not_found", nil)
	}
	if rows[0].Wrapped == nil {
		return nil, nil
	}
	key, err := s.Master.Unwrap(ctx, rows[0].Wrapped, []byte(id))
	if err != nil {
		return nil, err
	}
	var filed body
	for i, r := range rows {
		var h struct { // all that is asked of the header here
			Body string `json:"body"`
		}
		if err := json.Unmarshal([]byte(r.Header), &h); err != nil || i == 0 && h.Body == "" {
			return nil, err
		}
		b, err := openOrErased(key, &Header{Case: id, N: r.N, Body: h.Body}, r.Salt, r.Sealed, false)
		if err != nil || i == 0 && b == nil {
			return nil, err
		}
		if i == 0 {
			filed = b
		} else {
			s.putRight(filed, r.Kind, b)
		}
	}
	return filed, nil
}

// putRight lays over what was filed what an action of a kind entered anew.
func (s *Store) putRight(filed body, kind string, entered body) {
	for _, code := range s.amends[kind] {
		if v, ok := entered[code]; ok {
			filed[code] = v
		}
	}
}

// Known is what an index of repeats remembers of a case.
type Known struct {
	ID       string  `db:"id"`
	Area     string  `db:"area"`
	Lng      float64 `db:"lng"`
	Lat      float64 `db:"lat"`
	ClosedAt int64   `db:"closed_at"`
	Print    []byte  `db:"sketch"`
	At       int64   `db:"filed_at"`
}

const selectKnown = `select c.id, c.area, c.lng, c.lat, c.closed_at, l.sketch, c.filed_at from cases c join likeness l on l.case_id = c.id `

// Known yields what is remembered of the cases filed since a time, oldest first,
// without those that were closed before another.
func (s *Store) Known(ctx context.Context, since, closed int64, yield func(Known)) (err error) {
	defer errs.Wrap(&err, "cases.Known")
	last, work := Known{At: since}, pace.Start(ctx)
	for {
		rows, err := sqldb.Select[Known](ctx, s.DB.Read(), selectKnown+`where c.filed_at >= ? and (c.filed_at, c.id) > (?, ?)
			order by c.filed_at, c.id limit 2000`, last.At, last.At, last.ID)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, r := range rows {
			if r.ClosedAt == 0 || r.ClosedAt >= closed {
				yield(r)
			}
			work.Rest()
		}
		last = rows[len(rows)-1]
	}
}

// KnownOf returns what is remembered of one case. Error: NotFound.
func (s *Store) KnownOf(ctx context.Context, id string) (Known, error) {
	k, err := sqldb.Get[Known](ctx, s.DB.Read(), selectKnown+`where c.id = ?`, id)
	return k, notFound(err)
}

// Judged is what a person decided about two cases: the same event, or not.
type Judged struct {
	Case  string `db:"case_id"`
	Other string `db:"other"`
	Same  int    `db:"same"`
	At    int64  `db:"at"`
}

// JudgedIn returns what an action decided of the kind.
func JudgedIn(h *Header) (out []Judged) {
	if !strings.HasPrefix(h.By, string(org.IsStaff)+":") {
		return nil
	}
	for _, l := range h.Links {
		switch l.Kind {
		case Repeats, Recurs:
			out = append(out, Judged{h.Case, l.Case, 1, h.At})
		case Differs:
			out = append(out, Judged{h.Case, l.Case, 0, h.At})
		}
	}
	return out
}

// Judged returns all that people decided of the kind, in its order.
func (s *Store) Judged(ctx context.Context) ([]Judged, error) {
	return sqldb.Select[Judged](ctx, s.DB.Read(), `select case_id, other, same, at from judged order by at, case_id, other`)
}
