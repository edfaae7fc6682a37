package register_test

import (
	"errors"
	"testing"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/sqldb/sqldbtest"
	"yiwang/internal/core/city"
	"yiwang/internal/core/org"
	"yiwang/internal/core/register"
	"yiwang/internal/core/rule"
	"yiwang/internal/core/schema"
)

// room is the registers of the demo city on a fresh database.
type room struct {
	*testing.T
	*register.Store
	db  *sqldb.DB
	now *time.Time
}

func run(t *testing.T, fn func(r *room)) {
	now := time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)
	sqldbtest.RunAt(t, schema.Migrations(), func() time.Time { return now }, func(t *testing.T, db *sqldb.DB) {
		now = now.Add(time.Hour) // each engine goes on where the other left off
		c, err := city.Embedded()
		if err != nil {
			t.Fatal(err)
		}
		key, err := gm.NewKey(gm.Intl)
		if err != nil {
			t.Fatal(err)
		}
		s, err := register.Open(t.Context(), db, c.Registers, key)
		if err != nil {
			t.Fatal(err)
		}
		r := &room{t, s, db, &now}
		for _, g := range c.Registers.Given() {
			var facts []register.Fact
			for item, v := range g.Facts {
				facts = append(facts, register.Fact{Item: item, Value: v, From: g.From})
			}
			r.must(s.Put(t.Context(), g.Source, register.Subject{Register: g.Register, ID: g.ID}, facts...))
		}
		fn(r)
	})
}

func (r *room) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

var (
	elder  = register.Subject{Register: "person", ID: "PA1"}
	child  = register.Subject{Register: "person", ID: "PA3"}
	salon  = register.Subject{Register: "entity", ID: "EA1"}
	decide = register.Reading{Purpose: "service", Case: "c1", Actor: org.Machine("decide"), Agreed: true}
)

func citizen(id string) org.Actor { return org.Actor{Kind: org.IsCitizen, ID: id} }

// What is known is found by its key, read for a purpose that was granted, and the
// subject sees who read it.
func TestAReadingNeedsAGrantAndIsSeen(t *testing.T) {
	run(t, func(r *room) {
		ctx := r.Context()
		known, err := r.Read(ctx, decide, elder, "2026-11-22", "birth", "household", "phone")
		r.must(err)
		if known["birth"].Value != "1944-03-18" || known["household"].Value != "local" {
			t.Errorf("read %v", known)
		}
		*r.now = r.now.Add(time.Minute)
		number, err := r.Read(ctx, register.Reading{Purpose: "own", Actor: citizen("PA1")}, elder, "2026-11-22", "idnumber")
		r.must(err)
		sub, err := r.Find(ctx, register.Reading{Purpose: "sign_in", Actor: org.Machine("door")}, "person", "idnumber", number["idnumber"].Value)
		if err != nil || sub != elder {
			t.Errorf("found %v, %v", sub, err)
		}
		for name, q := range map[string]register.Reading{
			"without the person's agreement": {Purpose: "service", Actor: org.Machine("decide")},
			"for another purpose":            {Purpose: "match", Actor: org.Machine("decide"), Agreed: true},
			"for none":                       {Actor: org.Machine("decide"), Agreed: true},
			"by somebody else":               {Purpose: "own", Actor: citizen("PA2")},
			"by staff without a role":        {Purpose: "service", Actor: org.Actor{Kind: org.IsStaff, ID: "x"}, Agreed: true},
		} {
			if _, err := r.Read(ctx, q, elder, "2026-11-22", "birth"); !errs.Is(err, errs.Forbidden) {
				t.Errorf("%s: %v", name, err)
			}
		}
		seen, err := r.Readings(ctx, elder)
		r.must(err)
		if len(seen) != 2 || seen[1].Purpose != "service" || seen[1].Case != "c1" || len(seen[1].Items) != 3 {
			t.Errorf("the person sees %+v", seen)
		}
	})
}

// A parent reads for the child, an owner for the enterprise, and nobody for others.
func TestWhoActsForASubjectReadsItsFacts(t *testing.T) {
	run(t, func(r *room) {
		ctx := r.Context()
		for _, c := range []struct {
			who string
			sub register.Subject
			ok  bool
		}{{"PA2", child, true}, {"PA5", child, false}, {"PA4", salon, true}, {"PA1", salon, false}} {
			_, err := r.Read(ctx, register.Reading{Purpose: "own", Actor: citizen(c.who)}, c.sub, "2026-11-22", "name")
			if (err == nil) != c.ok {
				t.Errorf("%s reads %s: %v", c.who, c.sub.ID, err)
			}
		}
		// What other registers keep of the enterprise is theirs to read as well.
		own := register.Reading{Purpose: "own", Actor: citizen("PA4")}
		credit, err := r.With(ctx, own, "credit", "entity", salon.ID)
		if err != nil || len(credit) != 1 {
			t.Fatalf("the salon's credit: %v, %v", credit, err)
		}
		for who, ok := range map[string]bool{"PA4": true, "PA1": false, "PA6": false} {
			_, err := r.Read(ctx, register.Reading{Purpose: "own", Actor: citizen(who)}, register.Subject{Register: "credit", ID: credit[0]}, "2026-11-22", "level")
			if (err == nil) != ok {
				t.Errorf("%s reads the salon's credit: %v", who, err)
			}
		}
		ids, err := r.With(ctx, own, "entity", "representative", "PA4")
		if err != nil || len(ids) != 2 || ids[0] != "EA1" {
			t.Errorf("own enterprises: %v, %v", ids, err)
		}
		if ids, err := r.With(ctx, own, "entity", "representative", "PA6"); err != nil || len(ids) != 0 {
			t.Errorf("enterprises of somebody else: %v, %v", ids, err)
		}
	})
}

// A correction ends what was said before and keeps it: the register can be read as it
// was on any day, as it was known at any moment.
func TestTwoTimes(t *testing.T) {
	run(t, func(r *room) {
		ctx := r.Context()
		first := r.db.Now()
		read := func(day string, known int64) string {
			r.Helper()
			f, err := r.ReadAsKnown(ctx, decide, elder, day, known, "household")
			r.must(err)
			return f["household"].Value
		}
		*r.now = r.now.Add(time.Hour)
		r.must(r.Put(ctx, "police", elder, register.Fact{Item: "household", Value: "other", From: "2026-11-01"}))
		moved := r.db.Now()
		*r.now = r.now.Add(time.Hour)
		r.must(r.Put(ctx, "police", elder, register.Fact{Item: "household", Value: "city", From: "2026-11-10", To: "2026-11-12"}))
		for _, c := range []struct {
			day   string
			known int64
			want  string
		}{
			{"2026-10-31", r.db.Now(), "local"}, {"2026-11-01", r.db.Now(), "other"}, {"2026-11-09", r.db.Now(), "other"},
			{"2026-11-10", r.db.Now(), "city"}, {"2026-11-12", r.db.Now(), "city"}, {"2026-11-13", r.db.Now(), "other"},
			{"2026-11-13", first, "local"}, {"2026-11-11", moved, "other"}, {"2009-12-31", r.db.Now(), "local"},
		} {
			if got := read(c.day, c.known); got != c.want {
				t.Errorf("%s as known at %d: %q, want %q", c.day, c.known, got, c.want)
			}
		}
		before, err := r.Changes(ctx, 0, 1000)
		r.must(err)
		r.must(r.Put(ctx, "police", elder, register.Fact{Item: "household", Value: "other", From: "2026-11-20"}))
		after, err := r.Changes(ctx, before[len(before)-1].N, 1000)
		if err != nil || len(after) != 0 {
			t.Errorf("what was known already is no change: %v, %v", after, err)
		}
	})
}

// Where sources have to agree and do not, whoever decides is told, until somebody
// settles it.
func TestSourcesThatContradictEachOtherLeaveADoubt(t *testing.T) {
	run(t, func(r *room) {
		ctx := r.Context()
		r.must(r.Put(ctx, "social", elder, register.Fact{Item: "birth", Value: "1945-03-18"}, register.Fact{Item: "phone", Value: "19900000099"}))
		read := func() map[string]register.Fact {
			r.Helper()
			f, err := r.Read(ctx, decide, elder, "2026-11-22", "birth", "phone")
			r.must(err)
			return f
		}
		if f := read(); !f["birth"].Doubt || f["phone"].Doubt || f["phone"].Value != "19900000001" {
			t.Errorf("read %v", f)
		}
		table := r.table("elder-allowance")
		known, doubted, err := r.Facts(ctx, decide, elder, table, *r.now)
		r.must(err)
		if _, there := known["birth"]; there || len(doubted) != 1 || known["household"].Value != "local" {
			t.Errorf("facts %v, doubted %v", known, doubted)
		}
		r.must(r.Put(ctx, "decided", elder, register.Fact{Item: "birth", Value: "1944-03-18"}))
		if f := read(); f["birth"].Doubt || f["birth"].Value != "1944-03-18" {
			t.Errorf("settled, but read %v", f)
		}
	})
}

// Two subjects never share a number, and what is no fact is refused with the item, but
// without the value.
func TestPutRefuses(t *testing.T) {
	run(t, func(r *room) {
		ctx := r.Context()
		own, err := r.Read(ctx, register.Reading{Purpose: "own", Actor: citizen("PA1")}, elder, "2026-11-22", "idnumber")
		r.must(err)
		for key, err := range map[string]error{
			"register.key_taken":  r.Put(ctx, "police", register.Subject{Register: "person", ID: "PX"}, register.Fact{Item: "idnumber", Value: own["idnumber"].Value}),
			"register.bad_value":  r.Put(ctx, "police", elder, register.Fact{Item: "birth", Value: "1944-02-30"}),
			"register.no_item":    r.Put(ctx, "police", elder, register.Fact{Item: "shoe", Value: "42"}),
			"register.no_source":  r.Put(ctx, "rumour", elder, register.Fact{Item: "name", Value: "某某"}),
			"register.days":       r.Put(ctx, "police", elder, register.Fact{Item: "name", Value: "某某", From: "2026-02-01", To: "2026-01-01"}),
			"register.no_subject": second(r.Read(ctx, decide, register.Subject{Register: "person", ID: "PX"}, "2026-11-22", "name")),
		} {
			if keyOf(err) != key {
				t.Errorf("%v, want %s", err, key)
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }

func keyOf(err error) string {
	if e, ok := errors.AsType[*errs.Error](err); ok {
		return e.Key
	}
	return ""
}

func (r *room) table(code string) *rule.Decider {
	r.Helper()
	c, err := city.Embedded()
	r.must(err)
	return c.Rules.On(code, *r.now)
}
