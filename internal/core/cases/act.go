package cases

import (
	"context"
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/org"
)

// Kinds of links between cases that may be about the same thing.
const (
	Repeats = "repeats" // the same event, told again
	Recurs  = "recurs"  // it happened again after the other case was closed
	Differs = "differs" // a person said that they are not the same
)

var (
	caseColumnCount = len((&Case{}).values())
	caseColumnNames = strings.Split(strings.ReplaceAll(caseColumns, " ", ""), ",")
	insertCase      = `insert into cases (` + caseColumns + `) values (` + placeholders(caseColumnCount) + `)`
)

// updateCase returns the statement that brings a state row from what it was to
// what it is. Only the columns that differ are named: an engine writes the indexes
// of every column that a statement sets.
func updateCase(was, is *Case) (sql string, args []any) {
	var b strings.Builder
	b.WriteString("update cases set version = ?")
	args = append(args, is.Version)
	before := was.fields()
	for i, v := range is.fields() {
		if name := caseColumnNames[i]; name != "id" && name != "version" && !sameField(before[i], v) {
			b.WriteString(", " + name + " = ?")
			args = append(args, valueOf(v))
		}
	}
	b.WriteString(" where id = ? and version = ?")
	return b.String(), append(args, is.ID, was.Version)
}

func placeholders(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// Deed is an action somebody wants to take on a case.
type Deed struct {
	Case    string // id
	Version int64  // the version the person saw; 0 does not check
	Action  string
	Input   map[string]any
	Files   []File
	Once    string // id of this deed: the same again changes nothing, "" does not check
	Then    []Step // what the machine does in the same transaction
	Held    *Held  // the case as the caller has read it; nil reads it
}

// Act takes an action. Errors: NotFound, Forbidden, Invalid (an input), Conflict
// (the state, a guard, or somebody was faster: "cases.changed").
func (s *Store) Act(ctx context.Context, by org.Actor, d Deed) (c Case, err error) {
	defer errs.Wrap(&err, "cases.Act(%s, %s)", d.Case, d.Action)
	if err := s.numbers.spare(ctx); err != nil {
		return Case{}, err
	}
	held := d.Held
	if held == nil || held.Case.ID != d.Case {
		if held, err = s.Hold(ctx, d.Case); err != nil {
			return Case{}, err
		}
	}
	rulings, err := s.asked(ctx, by, &held.Case, d.Action)
	if err != nil {
		return Case{}, err
	}
	c, err = s.actOn(ctx, by, d, rulings, held)
	if judges(err) {
		// The case may have moved on since it was held: a refusal rests on how it stands.
		c, err = s.actOn(ctx, by, d, rulings, nil)
	}
	return c, err
}

// actOn acts on a case as it was held, or where held is nil as it stands in the
// transaction.
func (s *Store) actOn(ctx context.Context, by org.Actor, d Deed, rulings map[string]Decision, held *Held) (c Case, err error) {
	err = s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		w, err := s.begin(ctx, tx, d.Case, held)
		if err != nil {
			return err
		}
		w.rulings = rulings
		if done, err := w.once(d.Once); err != nil || done {
			c = w.c
			return err
		}
		if d.Version != 0 && d.Version != w.c.Version {
			return errs.E(errs.Conflict, "cases.changed", nil)
		}
		if by.Kind == org.IsStaff && !s.Units().Sees(by, s.ref(&w.c)) {
			return errs.E(errs.NotFound, "cases.not_found", nil)
		}
		if err := w.act(by, d.Action, d.Input, d.Files); err != nil {
			return err
		}
		for _, step := range d.Then {
			if err := w.act(step.By, step.Action, step.Input, nil); err != nil {
				return err
			}
		}
		if err := w.flushLast(); err != nil {
			return err
		}
		c = w.c
		return nil
	})
	return c, err
}

// load reads a case with its clocks and key for writing. On PostgreSQL the row
// is locked, so that of two who act at once the second sees what the first did.
func (s *Store) load(ctx context.Context, tx *sqldb.Tx, id string) (*writing, error) {
	query := `select ` + caseColumns + ` from cases where id = ?`
	if tx.Engine() == sqldb.Postgres {
		query += ` for update`
	}
	c, err := sqldb.Get[Case](ctx, tx, query, id)
	if err != nil {
		return nil, notFound(err)
	}
	clocks, err := s.clocksOf(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	key, err := s.KeyOf(ctx, tx, id)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return nil, err
	}
	return s.writes(ctx, tx, &Held{Case: c, clocks: clocks, key: key, erased: err != nil})
}

// Get returns a case's state row. Error: NotFound.
func (s *Store) Get(ctx context.Context, id string) (Case, error) {
	return getCase(ctx, s.DB.Read(), id)
}

// ByNumber returns the case with a number as a person typed it. Errors: Invalid
// (the check digit), NotFound.
func (s *Store) ByNumber(ctx context.Context, typed string) (Case, error) {
	number, err := ParseNumber(typed)
	if err != nil {
		return Case{}, err
	}
	var id string
	err = s.DB.Read().QueryRow(ctx, `select case_id from case_number where number = ?`, number).Scan(&id)
	if err != nil {
		return Case{}, notFound(err)
	}
	return s.Get(ctx, id)
}

func getCase(ctx context.Context, q sqldb.Querier, id string) (Case, error) {
	c, err := sqldb.Get[Case](ctx, q, `select `+caseColumns+` from cases where id = ?`, id)
	return c, notFound(err)
}

func notFound(err error) error {
	if errs.Is(err, errs.NotFound) {
		return errs.E(errs.NotFound, "cases.not_found", nil)
	}
	return err
}

// ref returns what decides who may see and act on a case.
func (s *Store) ref(c *Case) org.CaseRef {
	return org.CaseRef{Unit: c.Unit, UnitPath: c.UnitPath, Holder: c.Holder, FiledBy: c.FiledBy, Area: c.Area}
}

// Choice is an action that an actor may take on a case now, or could but for a
// guard.
type Choice struct {
	Action string
	Open   bool
	Refuse string // why not, where Open is false
	Main   bool   // the step that is expected next: of those declared so the last that is open
}

// Choices lists what an actor may do with a case, in the order of the lifecycle.
func (s *Store) Choices(by org.Actor, c Case) []Choice {
	m := s.machines[c.Family]
	if m == nil {
		return nil
	}
	var out []Choice
	main := -1
	for _, a := range m.order {
		if a.decl.Code == "file" || !a.openIn(c.State, m) || !s.Units().May(by, a.decl.Who, s.ref(&c)) {
			continue
		}
		choice := Choice{Action: a.decl.Code, Open: true}
		if a.guard != nil {
			// A guard that speaks of the input cannot be judged before it is given.
			ok, err := a.guard.Bool(s.facts(&c, by, a.blank()))
			if choice.Open = ok || err != nil; !choice.Open {
				choice.Refuse = a.decl.Refuse
			}
		}
		if a.decl.Main && choice.Open {
			main = len(out)
		}
		out = append(out, choice)
	}
	if main >= 0 {
		out[main].Main = true
	}
	return out
}

// onceChannel is where the ids of deeds stand beside those of filings.
const onceChannel = "once"

// once reports whether a deed was done before, and remembers it if not.
func (w *writing) once(id string) (done bool, err error) {
	if id == "" {
		return false, nil
	}
	var n int
	err = w.tx.Aside().QueryRow(w.ctx, `select count(*) from intake_key where channel = ? and external_id = ?`, onceChannel, id).Scan(&n)
	if err == nil && n == 0 {
		w.later(`insert into intake_key (channel, external_id, case_id, content) values (?, ?, ?, '')`, onceChannel, id, w.c.ID)
	}
	return n > 0, err
}

// Attachments returns the files of a case, by the action they came with.
func (s *Store) Attachments(ctx context.Context, id string) ([]Attachment, error) {
	files, err := sqldb.Select[Attachment](ctx, s.DB.Read(), selectFiles+`where case_id = ? order by n, id`, id)
	if err != nil {
		return nil, err
	}
	return files, s.openNames(ctx, files)
}

const selectFiles = `select id, case_id, n, name, type, size, digest, at from attachment `

// Attachment is a file of a case.
type Attachment struct {
	ID     string `db:"id"`
	CaseID string `db:"case_id"`
	N      int    `db:"n"` // ordinal of the action it came with
	Name   string `db:"name"`
	Type   string `db:"type"`
	Size   int64  `db:"size"`
	Digest string `db:"digest"`
	At     int64  `db:"at"`
}

// FindAttachment returns a file by its id. Error: NotFound.
func (s *Store) FindAttachment(ctx context.Context, id string) (Attachment, error) {
	a, err := sqldb.Get[Attachment](ctx, s.DB.Read(), selectFiles+`where id = ?`, id)
	if err != nil {
		return a, notFound(err)
	}
	one := []Attachment{a}
	err = s.openNames(ctx, one)
	return one[0], err
}

// Attached reports whether a stored content belongs to any case.
func (s *Store) Attached(ctx context.Context, digest string) (bool, error) {
	var n int
	err := s.DB.Read().QueryRow(ctx, `select count(*) from attachment where digest = ?`, digest).Scan(&n)
	return n > 0, err
}
