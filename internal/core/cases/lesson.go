package cases

import (
	"context"
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/org"
)

// Lesson is a matter that a person decided, with the message it was decided on.
type Lesson struct {
	Case, Title, Text, Matter string
}

// LessonOf returns what an action teaches: the matter a person gave the case, or
// one of the past came with. The message is not filled in.
func LessonOf(h *Header) (Lesson, bool) {
	code, ok := h.Set["matter"].(string)
	staff := strings.HasPrefix(h.By, string(org.IsStaff)+":")
	return Lesson{Case: h.Case, Matter: code}, ok && code != "" && (staff || h.Kind == HistoryKind)
}

// Lessons yields all that people have decided, in its order, so that a machine
// can be taught again after a start. Cases whose text was erased are left out.
func (s *Store) Lessons(ctx context.Context, yield func(Lesson) error) (err error) {
	defer errs.Wrap(&err, "cases.Lessons")
	type row struct {
		CaseID string `db:"case_id"`
		N      int    `db:"n"`
		At     int64  `db:"at"`
		Matter string `db:"matter"`
	}
	var last row
	for {
		rows, err := sqldb.Select[row](ctx, s.DB.Read(), `select case_id, n, at, matter from lesson
			where (at, case_id, n) > (?, ?, ?) order by at, case_id, n limit 500`, last.At, last.CaseID, last.N)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, r := range rows {
			b, err := s.filedBody(ctx, r.CaseID)
			if err != nil && ctx.Err() != nil {
				return err
			}
			if err != nil {
				// One damaged case does not keep the house shut; verify says what it is.
				s.Logger.ErrorContext(ctx, "a lesson cannot be read", "case", r.CaseID, "error", err)
				continue
			}
			if b == nil {
				continue
			}
			if err := yield(Lesson{Case: r.CaseID, Title: b.text("title"), Text: b.text("text"), Matter: r.Matter}); err != nil {
				return err
			}
		}
		last = rows[len(rows)-1]
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

// filedBody opens the personal part of a case's first action, nil if erased.
func (s *Store) filedBody(ctx context.Context, id string) (body, error) {
	return s.filedBodyIn(ctx, s.DB.Read(), id)
}

func (s *Store) filedBodyIn(ctx context.Context, q sqldb.Querier, id string) (body, error) {
	type row struct {
		Header string `db:"header"`
		Salt   []byte `db:"salt"`
		Sealed []byte `db:"sealed"`
	}
	r, err := sqldb.Get[row](ctx, q, `select a.header, b.salt, b.sealed from action a
		left join body b on b.case_id = a.case_id and b.n = a.n where a.case_id = ? and a.n = 1`, id)
	if err != nil {
		return nil, notFound(err)
	}
	key, err := s.keyOf(ctx, q, id)
	if errs.Is(err, errs.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	h, err := parseHeader([]byte(r.Header))
	if err != nil || h.Body == "" {
		return nil, err
	}
	return openOrErased(key, h, r.Salt, r.Sealed, false)
}

// Known is what an index of repeats remembers of a case.
type Known struct {
	ID      string `db:"id"`
	Number  string `db:"number"`
	Area    string `db:"area"`
	Matter  string `db:"matter"`
	FiledAt int64  `db:"filed_at"`
	Sketch  []byte `db:"sketch"`
}

// Known returns the sketches of the latest cases, oldest first, at most limit.
func (s *Store) Known(ctx context.Context, limit int) ([]Known, error) {
	return sqldb.Select[Known](ctx, s.DB.Read(), `select id, number, area, matter, filed_at, sketch from (
		select c.id, c.number, c.area, c.matter, c.filed_at, l.sketch from likeness l join cases c on c.id = l.case_id
		order by l.at desc limit ?) latest order by filed_at`, limit)
}
