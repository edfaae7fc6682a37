package register

import (
	"context"
	"slices"
	"strconv"

	"github.com/oklog/ulid/v2"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
)

// Told is what is made known of a subject that is found by a key: a certificate by its
// number, the credit of an enterprise by whose it is.
type Told struct {
	Register string
	Source   string
	Key      string // item that the subject is found by
	Value    string
	Of       Subject // whose it is; where the subject is known as another's, nothing is written. None does not ask
	New      bool    // it is entered where it is not there yet
	Facts    []Fact
	If       func(map[string]Fact) bool // asked of what is believed of a known subject today: nothing is written where it says no. nil is always
}

// Enter writes facts down in the transaction of what made them known, and reports
// whether there was a subject to write them of. Errors: those of Put.
func (s *Store) Enter(ctx context.Context, tx *sqldb.Tx, e Told) (done bool, err error) {
	defer errs.Wrap(&err, "register.Enter")
	r, err := s.register(e.Register)
	if err != nil {
		return false, err
	}
	sub, known, err := s.keyed(ctx, tx, r, e)
	if err != nil || known == nil && !e.New {
		return false, err
	}
	facts := slices.Clone(e.Facts)
	owner := r.Whose(e.Of.Register)
	believed := r.settle(known.on(s.Today(), s.db.Now()))
	switch {
	case known == nil:
		facts = append(facts, Fact{Item: e.Key, Value: e.Value})
		if owner != "" && owner != e.Key {
			facts = append(facts, Fact{Item: owner, Value: e.Of.ID})
		}
	case owner != "" && believed[owner].Value != e.Of.ID, e.If != nil && !e.If(believed):
		return false, nil
	}
	if facts, err = r.tidy(e.Source, facts); err != nil {
		return false, err
	}
	return true, s.put(ctx, tx, r, sub, facts)
}

// keyed returns the subject with a value of a key, or one with a new id and a nil sheet.
func (s *Store) keyed(ctx context.Context, tx *sqldb.Tx, r *Register, e Told) (Subject, sheet, error) {
	it, ok := r.Item(e.Key)
	if !ok || it.Key == "" {
		return Subject{}, nil, errs.E(errs.Invalid, "register.no_key", errs.Args{"item": e.Key, "register": r.Title})
	}
	value, err := it.Tidy(e.Value)
	if err != nil {
		return Subject{}, nil, err
	}
	ids, err := s.with(ctx, tx, r, it, value)
	if err != nil || len(ids) == 0 {
		return Subject{r.Code, r.Prefix + "N" + ulid.Make().String()}, nil, err
	}
	sub := Subject{r.Code, ids[0]}
	sh, _, err := s.load(ctx, tx, sub)
	return sub, sh, err
}

// Whose returns the item that names whose a subject is, by the register of whom it
// names; "" where there is none.
func (r *Register) Whose(of string) string {
	i := slices.IndexFunc(r.Items, func(x Item) bool { return of != "" && x.Of == of && x.Acts })
	if i < 0 {
		return ""
	}
	return r.Items[i].Code
}

// Counted says how often something happened to a subject: what is told without facts, the
// number item that counts, the days on which it counts, and how many more (fewer, if
// negative) it is.
type Counted struct {
	Told
	Item     string
	From, To string // days; To "" is without end
	N        int
}

// Count adds to what a source says of a number on some days, and leaves what it says of
// others: of two broken promises each counts for its own time. Errors: those of Put.
func (s *Store) Count(ctx context.Context, tx *sqldb.Tx, c Counted) (err error) {
	defer errs.Wrap(&err, "register.Count")
	r, err := s.register(c.Register)
	if err != nil {
		return err
	}
	_, known, err := s.keyed(ctx, tx, r, c.Told)
	if err != nil {
		return err
	}
	c.Facts = known.raised(Fact{Item: c.Item, Source: c.Source, From: c.From, To: c.To}, c.N)
	_, err = s.Enter(ctx, tx, c.Told)
	return err
}

// raised returns what a source says of a number on the days of a fact, raised by n: one
// fact for each run of days on which it said the same before.
func (s sheet) raised(of Fact, n int) []Fact {
	var out []Fact
	for from := of.From; ; {
		run := Fact{Item: of.Item, From: from, To: of.To}
		was := 0
		for _, f := range s {
			if f.Item != of.Item || f.Source != of.Source || f.Ended != 0 || f.To != "" && f.To < from {
				continue
			}
			if f.From > from {
				if end := shift(f.From, -1); run.To == "" || end < run.To {
					run.To = end
				}
				continue
			}
			if v, err := strconv.Atoi(f.Value); err == nil {
				was = v
			}
			if f.To != "" && (run.To == "" || f.To < run.To) {
				run.To = f.To
			}
		}
		if was+n > 0 {
			run.Value = strconv.Itoa(was + n)
		}
		out = append(out, run)
		if run.To == of.To {
			return out
		}
		from = shift(run.To, 1)
	}
}
