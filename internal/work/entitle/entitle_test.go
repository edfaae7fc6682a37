package entitle_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
	"yiwang/internal/core/rule"
	"yiwang/internal/work/entitle"
	"yiwang/internal/work/intake"
)

const elder = "elder-allowance"

// people is a register of persons in memory.
type people struct {
	facts   map[string]map[string]string // by id, by fact of the table
	changed []entitle.Changed
}

func (p *people) set(id, fact, value string) {
	if p.facts[id] == nil {
		p.facts[id] = map[string]string{}
	}
	if p.facts[id][fact] = value; value == "" {
		delete(p.facts[id], fact)
	}
	p.changed = append(p.changed, entitle.Changed{Register: "person", ID: id})
}

func (p *people) Of(_ context.Context, _ entitle.Item, _ org.Actor, id string, _ time.Time, _ *rule.Decider) (rule.Facts, []string, error) {
	f := rule.Facts{}
	for code, v := range p.facts[id] {
		f[code] = rule.Known{Value: v, Source: "人口库"}
	}
	return f, nil, nil
}

func (p *people) All(_ context.Context, _ entitle.Item, _ time.Time, table *rule.Decider) ([]string, rule.Crowd, error) {
	ids := make([]string, 0, len(p.facts))
	for id := range p.facts {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	crowd := rule.Crowd{}
	for _, f := range table.Table().Facts {
		if f.Value != "" {
			continue
		}
		c := rule.Column{}
		for _, id := range ids {
			at := int32(rule.NoValue)
			if v, ok := p.facts[id][f.Code]; ok {
				switch f.Type {
				case "date":
					t, err := time.Parse(time.DateOnly, v)
					if err != nil {
						return nil, nil, err
					}
					at = int32(t.Unix() / 86400)
				case "yesno":
					at = 0
					if v == "yes" {
						at = 1
					}
				default:
					if at = int32(slices.Index(c.Words, v)); at < 0 {
						at, c.Words = int32(len(c.Words)), append(c.Words, v)
					}
				}
			}
			c.At = append(c.At, at)
		}
		crowd[f.Code] = c
	}
	return ids, crowd, nil
}

func (p *people) Read(_ context.Context, _ entitle.Item, id, _ string, _ time.Time, _ []string) (map[string]string, error) {
	return map[string]string{"name": "演示" + id, "idnumber": "900000193001010019", "phone": "19900000001"}, nil
}

func (p *people) Whose(_ context.Context, of entitle.Item, id string, _ time.Time) ([]cases.Party, error) {
	return []cases.Party{{Role: cases.Applicant, Register: of.Register, ID: id}}, nil
}

func (p *people) Find(_ context.Context, _ entitle.Item, _ org.Actor, number string) (string, error) {
	return number, nil
}

func (p *people) Follow(func()) {}

func (p *people) Changes(_ context.Context, after int64, limit int) ([]entitle.Changed, int64, error) {
	end := min(int(after)+limit, len(p.changed))
	return p.changed[after:end], int64(end), nil
}

// room is a house with an office for entitlements.
type room struct {
	*testing.T
	*casestest.House
	p *people
	o *entitle.Office
}

func run(t *testing.T, fn func(r *room)) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		units := func() *org.Directory { return h.City.Directory }
		p := &people{facts: map[string]map[string]string{}}
		fn(&room{t, h, p, entitle.New(entitle.Deps{
			DB: h.DB, Units: units, Cases: h.Store, Desk: &intake.Desk{City: h.City, Units: units, Cases: h.Store, Now: h.Clock.Now},
			Book: h.City.Rules, Registers: p, Now: h.Clock.Now,
			Items: func() []entitle.Item {
				return []entitle.Item{{Entitlement: &matter.Entitlement{Register: "person", Purpose: elder, Amount: "amount", Every: "month"},
					Service: elder, Family: elder, Title: "高龄津贴", Unit: "minzheng", Rule: elder, Number: "idnumber",
					Fill: map[string][]string{"name": {"name"}, "idnumber": {"idnumber"}, "phone": {"phone"}}}}
			},
		})})
	})
}

// born puts somebody into the register who qualifies but for the age.
func (r *room) born(id, birth string) {
	for fact, v := range map[string]string{"birth": birth, "household": "local", "living": "yes", "elsewhere": "no"} {
		r.p.set(id, fact, v)
	}
}

func (r *room) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

func (r *room) standing(id string) entitle.Standing {
	r.Helper()
	st, err := r.o.Standing(r.Context(), elder, id)
	r.must(err)
	return st
}

// state returns the state of the case of somebody.
func (r *room) state(id string) string {
	r.Helper()
	c, err := r.Store.Get(r.Context(), r.standing(id).Case)
	r.must(err)
	return c.State
}

func (r *room) everyone() entitle.Run {
	r.Helper()
	done, err := r.o.Everyone(r.Context(), org.Machine("test"), elder)
	r.must(err)
	return done
}

func (r *room) heed() {
	r.Helper()
	_, err := r.o.Heed(r.Context())
	r.must(err)
}

func (r *room) pass(d time.Duration) {
	r.Helper()
	r.Clock.Pass(d)
	_, _, err := r.Store.Fire(r.Context())
	r.must(err)
}

func (r *room) act(by org.Actor, id, action string, in map[string]any) {
	r.Helper()
	_, err := r.Store.Act(r.Context(), by, cases.Deed{Case: r.standing(id).Case, Action: action, Input: in})
	r.must(err)
}

// Whoever turns eighty is found by the run of that day, told with reasons that can be
// made again, and paid when the days to object are over. Nobody else hears of it; a
// second run does nothing.
func TestARunFindsWhoQualifies(t *testing.T) {
	run(t, func(r *room) {
		r.born("P1", "1946-11-23")
		r.born("P2", "1946-11-24")
		r.born("P3", "1930-01-01")
		r.p.set("P3", "household", "other")
		if got := r.everyone(); got.People != 3 || got.Granted != 1 || got.Refused != 2 || got.Began != 1 {
			t.Fatalf("%+v", got)
		}
		if got := r.everyone(); got.Began+got.Changed+got.Ended+got.Failed != 0 {
			t.Errorf("a second run did something: %+v", got)
		}
		if st := r.standing("P1"); st.State != entitle.Granted || st.Fen != 20000 || r.state("P1") != "told" {
			t.Errorf("%+v, case %s", st, r.state("P1"))
		}
		v, err := r.Store.Open(r.Context(), org.Machine("test"), r.standing("P1").Case, "test")
		r.must(err)
		var record rule.Record
		for _, e := range v.Entries {
			for _, x := range e.Values {
				if x.Code == "decision" {
					r.must(json.Unmarshal([]byte(x.Text), &record))
				}
			}
		}
		if _, same, err := r.City.Rules.Replay(record); err != nil || !same {
			t.Errorf("the decision cannot be made again: %v %v", same, err)
		}
		if n := r.notices("entitled"); n != 2 {
			t.Errorf("%d notices, wanted one in-app and one by telephone", n)
		}
		r.pass(24 * time.Hour)
		if got := r.everyone(); got.Began != 1 || r.state("P2") != "told" {
			t.Errorf("nobody was found who turned eighty today: %+v", got)
		}
		r.pass(8 * 24 * time.Hour)
		if r.state("P1") != "paying" || r.state("P2") != "paying" {
			t.Errorf("after the days to object: %s, %s", r.state("P1"), r.state("P2"))
		}
	})
}

func (r *room) notices(template string) int {
	r.Helper()
	n, err := sqldb.Get[int](r.Context(), r.DB.Read(), `select count(*) + count(*) filter (where inapp = 1) from notice where template = ?`, template)
	r.must(err)
	return n
}

// A fact that changes is followed: who dies is stopped, who turns ninety gets more, who
// moves in begins, and what is no longer known is left to a person.
func TestAChangedFactIsFollowed(t *testing.T) {
	run(t, func(r *room) {
		r.born("P1", "1936-11-25")
		r.heed()
		r.act(org.Appellant(), "P1", "accept", nil)
		r.p.set("P1", "household", "")
		r.heed()
		if st := r.standing("P1"); st.State != entitle.Unsure || st.Why != "household" || r.state("P1") != "doubted" {
			t.Errorf("without a household: %+v %s", st, r.state("P1"))
		}
		r.p.set("P1", "household", "local")
		r.heed()
		if r.state("P1") != "paying" {
			t.Errorf("known again: %s", r.state("P1"))
		}
		r.pass(48 * time.Hour)
		if got := r.everyone(); got.Changed != 1 || r.standing("P1").Fen != 30000 {
			t.Errorf("ninety: %+v %+v", got, r.standing("P1"))
		}
		r.p.set("P1", "living", "no")
		r.heed()
		if r.state("P1") != "stopped" || r.standing("P1").State != entitle.Ended || r.notices("entitlement_stopped") == 0 {
			t.Errorf("after death: %s %+v", r.state("P1"), r.standing("P1"))
		}
		before := r.standing("P1").Case
		r.p.set("P1", "living", "yes") // it was an error
		r.heed()
		if st := r.standing("P1"); st.Case == before || st.Round != 2 || r.state("P1") != "told" {
			t.Errorf("a second time: %+v", st)
		}
	})
}

// Whoever declined is left alone; why somebody is refused is answered on demand, each
// with the facts and their sources.
func TestDeclinedAndRefused(t *testing.T) {
	run(t, func(r *room) {
		r.born("P1", "1940-01-01")
		r.born("P2", "1960-01-01")
		r.everyone()
		r.act(org.Appellant(), "P1", "decline", nil)
		if got := r.everyone(); got.Began+got.Changed+got.Failed != 0 {
			t.Errorf("%+v", got)
		}
		it, err := r.o.Item(elder)
		r.must(err)
		dec, err := r.o.Decide(r.Context(), org.Machine("test"), it, "P2")
		r.must(err)
		if e := dec.Explain("zh"); dec.Grants() || len(e.Lacking) != 1 || !strings.Contains(e.Lacking[0].Text, "年龄") {
			t.Errorf("%+v", e)
		}
	})
}

// A payout is made by one and released by another, holds nobody who objects, and each
// payment ends once: paid, or back from the bank and in the next one.
func TestAPayoutFromTheListToTheLedger(t *testing.T) {
	run(t, func(r *room) {
		ctx := r.Context()
		for _, id := range []string{"P1", "P2", "P3"} {
			r.born(id, "1940-01-01")
		}
		r.everyone()
		it, err := r.o.Item(elder)
		r.must(err)
		maker, other := org.Actor{Kind: org.IsStaff, ID: "a"}, org.Actor{Kind: org.IsStaff, ID: "b"}
		if _, err := r.o.Make(ctx, maker, it); !errs.Is(err, errs.Conflict) {
			t.Errorf("somebody was paid before the days to object were over: %v", err)
		}
		r.pass(8 * 24 * time.Hour)
		p, err := r.o.Make(ctx, maker, it)
		r.must(err)
		if p.Lines != 3 || p.Fen != 60000 || p.Period != "2026-12" {
			t.Fatalf("%+v", p)
		}
		if _, err := r.o.Make(ctx, maker, it); !errs.Is(err, errs.Conflict) {
			t.Errorf("the same people twice: %v", err)
		}
		if err := r.o.Release(ctx, maker, p.ID); !errs.Is(err, errs.Forbidden) {
			t.Errorf("released by whoever made it: %v", err)
		}
		if _, err := r.o.File(ctx, p.ID); !errs.Is(err, errs.Conflict) {
			t.Errorf("handed out before it was released: %v", err)
		}
		r.act(org.Appellant(), "P3", "object", map[string]any{"text": "账户不对"})
		if err := r.o.Release(ctx, other, p.ID); !errs.Is(err, errs.Conflict) {
			t.Errorf("released with somebody who objects: %v", err)
		}
		r.must(r.o.Discard(ctx, p.ID))
		p, err = r.o.Make(ctx, maker, it)
		r.must(err)
		r.must(r.o.Release(ctx, other, p.ID))
		doc, err := r.o.File(ctx, p.ID)
		r.must(err)
		if p.Lines != 2 || strings.Count(string(doc), "\n") != 4 || !strings.Contains(string(doc), "1,演示P1,900000193001010019,,200\n") {
			t.Errorf("%d lines\n%s", p.Lines, doc)
		}
		for range 2 {
			s, err := r.o.Answer(ctx, p.ID, strings.NewReader("n,result,why\n1,paid\n2,returned,户名不符\n"))
			r.must(err)
			if !s.Balanced() || s.Paid != 20000 || s.Returned != 20000 || s.Open != 0 {
				t.Errorf("%+v", s)
			}
		}
		if r.notices("paid_out") != 2 || r.notices("payment_returned") != 2 {
			t.Errorf("%d and %d notices", r.notices("paid_out"), r.notices("payment_returned"))
		}
		if _, err := r.o.Answer(ctx, p.ID, strings.NewReader("1,returned,错\n")); !errs.Is(err, errs.Conflict) {
			t.Errorf("another answer to the same payment: %v", err)
		}
		again, err := r.o.Make(ctx, maker, it)
		r.must(err)
		if again.Lines != 1 || again.Fen != 20000 {
			t.Errorf("what came back: %+v", again)
		}
		all, err := r.o.Ledger(ctx, elder)
		r.must(err)
		if len(all) != 1 || !all[0].Balanced() || all[0].Fen != 60000 || all[0].Open != 20000 {
			t.Errorf("%+v", all)
		}
	})
}

// A payout that was altered behind the program's back is not released.
func TestAnAlteredPayout(t *testing.T) {
	run(t, func(r *room) {
		ctx := r.Context()
		r.born("P1", "1940-01-01")
		r.everyone()
		r.act(org.Appellant(), "P1", "accept", nil)
		it, err := r.o.Item(elder)
		r.must(err)
		p, err := r.o.Make(ctx, org.Actor{ID: "a"}, it)
		r.must(err)
		r.must(r.DB.Write(ctx, func(tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, `update payout_line set fen = 9000000`)
			return err
		}))
		if err := r.o.Release(ctx, org.Actor{ID: "b"}, p.ID); !errs.Is(err, errs.Conflict) {
			t.Errorf("released: %v", err)
		}
	})
}
