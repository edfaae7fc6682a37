package entitle

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/text"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
	"yiwang/internal/core/rule"
	"yiwang/internal/work/intake"
)

// Item is a service item that declares an entitlement.
type Item struct {
	*matter.Entitlement
	Service string              // code of the item
	Family  string              // of its cases
	Title   string              // its name
	Unit    string              // whose it is
	Rule    string              // the decision table
	Fill    map[string][]string // field of the case → items that fill it, or those of whom an item names (guardian.phone): the first known counts
	Number  string              // item that whoever is paid is identified by: idnumber, credit_code
	Told    []string            // items that name who is told in the subject's stead: the first known counts
	Says    map[string]string   // what is said of each case alike: fields, and input of what is told
}

// Person is a subject of a register with what the register says of it, by item.
type Person struct {
	ID    string
	Facts map[string]string
}

// Registers is where facts come from. Each reading says what for; what is read of
// everyone at once is logged once.
type Registers interface {
	// All returns, of every subject of a register, the facts that a table asks for, in the
	// order of ids.
	All(ctx context.Context, of Item, day time.Time, table *rule.Decider) (ids []string, facts rule.Crowd, err error)
	// Of returns the same of one subject, with sources. What registers contradict each
	// other about is left out, and its codes are returned. Staff read to review what the
	// machine decided. Errors: NotFound, Forbidden.
	Of(ctx context.Context, of Item, by org.Actor, id string, day time.Time, table *rule.Decider) (known rule.Facts, doubted []string, err error)
	// Read returns items of one subject, or of whom its items name (guardian.phone), as
	// the register writes them.
	Read(ctx context.Context, of Item, id, caseID string, day time.Time, items []string) (map[string]string, error)
	// Whose returns whose a subject's case is: it, and who is told and paid in its stead.
	Whose(ctx context.Context, of Item, id string, day time.Time) ([]cases.Party, error)
	// Find returns the subject with a number of identity or a credit code. Error: NotFound.
	Find(ctx context.Context, of Item, by org.Actor, number string) (id string, err error)
	// Changes returns the subjects of which a fact changed after a cursor, in order, and
	// the cursor after the last.
	Changes(ctx context.Context, after int64, limit int) (changed []Changed, next int64, err error)
	// Follow has a function called after each change that this process makes; it must not
	// wait.
	Follow(fn func())
}

// Changed is a subject of which a fact changed. Without an id, many changed at once.
type Changed struct{ Register, ID string }

// Deps is what an office stands on.
type Deps struct {
	DB        *sqldb.DB
	Units     func() *org.Directory
	Cases     *cases.Store
	Desk      *intake.Desk
	Book      *rule.Book
	Registers Registers
	Items     func() []Item // in force today
	Now       func() time.Time
	Logger    *slog.Logger
}

// Office runs entitlements. It is safe for concurrent use.
type Office struct {
	Deps
	running sync.Mutex // one run over everyone at a time
}

// New returns an office.
func New(d Deps) *Office {
	if d.Logger == nil {
		d.Logger = slog.Default()
	}
	return &Office{Deps: d}
}

// The states of a subject's standing to an item.
const (
	Granted = "granted" // there is a case, opened by the machine
	Ended   = "ended"   // there was
	Unsure  = "unsure"  // it turns on what is not known or contradicts itself: a person looks
)

// Standing is how a subject stands to an item.
type Standing struct {
	Service   string `db:"service"`
	Subject   string `db:"subject"`
	Round     int64  `db:"round"` // how often it has begun
	Case      string `db:"case_id"`
	State     string `db:"state"`
	Fen       int64  `db:"fen"`        // of each payment, in hundredths of a yuan
	Why       string `db:"why"`        // codes of the rows that hold, or of the facts that are missing
	Version   string `db:"version"`    // of the table
	ChangedAt int64  `db:"changed_at"` // UTC milliseconds
}

const standingColumns = `service, subject, round, case_id, state, fen, why, version, changed_at`

// Item returns the item with a code. Error: NotFound.
func (o *Office) Item(code string) (Item, error) {
	for _, it := range o.Items() {
		if it.Service == code {
			return it, nil
		}
	}
	return Item{}, errs.E(errs.NotFound, "entitle.no_item", errs.Args{"code": code})
}

// Standing returns how a subject stands to an item; the zero Standing where it was
// never considered.
func (o *Office) Standing(ctx context.Context, service, subject string) (Standing, error) {
	st, err := sqldb.Get[Standing](ctx, o.DB.Read(), `select `+standingColumns+` from entitlement where service = ? and subject = ?`, service, subject)
	if errs.Is(err, errs.NotFound) {
		return Standing{Service: service, Subject: subject}, nil
	}
	return st, err
}

// Standings returns those of an item in a state, the latest first.
func (o *Office) Standings(ctx context.Context, service, state string, limit int) ([]Standing, error) {
	return sqldb.Select[Standing](ctx, o.DB.Read(), `select `+standingColumns+` from entitlement where service = ? and state = ? order by changed_at desc, subject limit ?`,
		service, state, limit)
}

// Counts returns how many standings of an item there are by state, and how many of its
// cases by state.
func (o *Office) Counts(ctx context.Context, service string) (map[string]int, error) {
	type count struct {
		State string `db:"state"`
		N     int    `db:"n"`
	}
	all, err := sqldb.Select[count](ctx, o.DB.Read(), `select state, count(*) as n from entitlement where service = ? group by state`, service)
	if err != nil {
		return nil, err
	}
	var open []count
	if it, missing := o.Item(service); missing == nil && it.Family == service { // a family of several says nothing of one
		open, err = sqldb.Select[count](ctx, o.DB.Read(), `select state, count(*) as n from cases where `+cases.OfFamily(service)+` group by state`, service)
	}
	out := map[string]int{}
	for _, c := range append(all, open...) {
		out[c.State] = c.N
	}
	return out, err
}

// Due returns how many would be in a payout made now.
func (o *Office) Due(ctx context.Context, it Item) (int, error) {
	all, err := o.due(ctx, it, o.Period(it))
	return len(all), err
}

// table returns the decision table of an item in force. Error: NotFound.
func (o *Office) table(it Item) (*rule.Decider, error) {
	d := o.Book.On(it.Rule, o.Now())
	if d == nil {
		return nil, errs.E(errs.NotFound, "rule.no_table", errs.Args{"code": it.Rule})
	}
	return d, nil
}

// Decide says what an item's table says of a subject today, with the reasons of a
// refusal as of a grant, to whoever reviews it; the reading is theirs. Errors: NotFound,
// Forbidden.
func (o *Office) Decide(ctx context.Context, by org.Actor, it Item, subject string) (rule.Decision, error) {
	d, err := o.table(it)
	if err != nil {
		return rule.Decision{}, err
	}
	facts, _, err := o.Registers.Of(ctx, it, by, subject, o.Now(), d)
	if err != nil {
		return rule.Decision{}, err
	}
	return d.Decide(o.Now(), facts)
}

// keep writes a standing.
func (o *Office) keep(ctx context.Context, st Standing) error {
	return o.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `insert into entitlement (`+standingColumns+`) values (?, ?, ?, ?, ?, ?, ?, ?, ?)
			on conflict (service, subject) do update set round = excluded.round, case_id = excluded.case_id, state = excluded.state, fen = excluded.fen,
			why = excluded.why, version = excluded.version, changed_at = excluded.changed_at`,
			st.Service, st.Subject, st.Round, st.Case, st.State, st.Fen, st.Why, st.Version, tx.Now())
		return err
	})
}

// day is a day as people write it.
func day(t time.Time) string { return t.In(text.CST).Format(time.DateOnly) }
