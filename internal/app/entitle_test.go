package app

import (
	"strings"
	"testing"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/org"
	"yiwang/internal/core/register"
	"yiwang/internal/core/rule"
	"yiwang/internal/work/entitle"
)

// allEntitled opens a house and follows what its registers know from the start.
func allEntitled(t *testing.T) *App {
	a := open(t, t.TempDir())
	for {
		n, err := a.Entitle.Heed(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return a
		}
	}
}

func (a *App) standing(t *testing.T, service, subject string) (entitle.Standing, string) {
	t.Helper()
	st, err := a.Entitle.Standing(t.Context(), service, subject)
	if err != nil {
		t.Fatal(err)
	}
	if st.Case == "" {
		return st, ""
	}
	c, err := a.Cases.Get(t.Context(), st.Case)
	if err != nil {
		t.Fatal(err)
	}
	return st, c.State
}

func (a *App) put(t *testing.T, source, id, item, value string) {
	t.Helper()
	if err := a.Registers.Put(t.Context(), source, register.Subject{Register: "person", ID: id}, register.Fact{Item: item, Value: value}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Entitle.Heed(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Who qualifies by the registers has a case without having asked, told to the child's
// guardian where it is a child's; who died is stopped; a birthday that two registers
// contradict each other about is left to a person, and grants nothing.
func TestEntitlementsFollowTheRegisters(t *testing.T) {
	a := allEntitled(t)
	if st, state := a.standing(t, "elder-allowance", "PA1"); state != "told" || st.Fen != 20000 {
		t.Errorf("the elder: %+v %s", st, state)
	}
	st, state := a.standing(t, "kindergarten-subsidy", "PA3")
	if state != "told" || st.Fen != 150000 {
		t.Fatalf("the child: %+v %s", st, state)
	}
	if phone, err := a.Cases.Contact(t.Context(), st.Case, "phone"); err != nil || phone != "19900000002" {
		t.Errorf("the guardian is told at %q: %v", phone, err)
	}
	if st, state := a.standing(t, "remind-hygiene-renewal", "LA1"); state != "told" || st.Fen != 6000 {
		t.Errorf("the licence that ends in 48 days: %+v %s", st, state)
	}
	if st, _ := a.standing(t, "elder-allowance", "PA5"); st.State != "" {
		t.Errorf("somebody of 38 was considered: %+v", st)
	}
	a.put(t, "civil", "PA3", "birth", "2016-04-21")
	if st, state := a.standing(t, "kindergarten-subsidy", "PA3"); st.State != entitle.Unsure || state != "doubted" {
		t.Errorf("with two birthdays: %+v %s", st, state)
	}
	a.put(t, "police", "PA1", "living", "no")
	if _, state := a.standing(t, "elder-allowance", "PA1"); state != "stopped" {
		t.Errorf("after death: %s", state)
	}
}

// A run over everyone sees of each what a decision for that one alone sees.
func TestEveryoneIsReadAlike(t *testing.T) {
	a := allEntitled(t)
	a.put(t, "civil", "PA3", "birth", "2016-04-21")
	ctx := t.Context()
	for _, it := range a.entitlements() {
		d := a.City.Rules.On(it.Rule, a.Now())
		ids, crowd, err := a.Registers.Everyone(ctx, reading(it, settler), it.Register, a.Now(), d)
		if err != nil {
			t.Fatal(err)
		}
		if len(ids) == 0 {
			t.Errorf("%s: nobody", it.Service)
		}
		for i, id := range ids {
			known, _, err := facts{a.Registers}.Of(ctx, it, settler, id, a.Now(), d)
			if err != nil {
				t.Fatal(err)
			}
			alone, err := d.Decide(a.Now(), known)
			if err != nil {
				t.Fatal(err)
			}
			together, err := d.Decide(a.Now(), crowd.Facts(i))
			if err != nil {
				t.Fatal(err)
			}
			if alone.State != together.State || alone.Grants() != together.Grants() || strings.Join(alone.Rows(), " ") != strings.Join(together.Rows(), " ") {
				t.Errorf("%s of %s: %s %v alone, %s %v among everyone", it.Service, id, alone.State, alone.Rows(), together.State, together.Rows())
			}
			if alone.State == rule.Decided && !alone.Grants() && len(alone.Explain("zh").Lacking) == 0 {
				t.Errorf("%s is refused %s without a reason", id, it.Service)
			}
		}
		r, err := a.Entitle.Everyone(ctx, org.Machine("test"), it.Service)
		if err != nil || r.Began+r.Ended+r.Changed+r.Failed != 0 {
			t.Errorf("%s: a run after the changes did something: %+v %v", it.Service, r, err)
		}
	}
}

// Who follows changed facts tells those concerned by itself; how soon is measured by
// bench/rule.
func TestANoticeComesByItself(t *testing.T) {
	a := allEntitled(t)
	ctx := t.Context()
	go func() { _ = a.Entitle.Follow(ctx) }()
	if err := a.Registers.Put(ctx, "police", register.Subject{Register: "person", ID: "PA4"},
		register.Fact{Item: "birth", Value: "1940-01-01"}, register.Fact{Item: "household", Value: "local"}); err != nil {
		t.Fatal(err)
	}
	for from := time.Now(); time.Since(from) < 5*time.Second; time.Sleep(5 * time.Millisecond) {
		if st, _ := a.standing(t, "elder-allowance", "PA4"); st.Case != "" {
			return
		}
	}
	t.Error("no notice came")
}

// Whoever answers for an entitlement may see why somebody has it or does not: they read
// the registers for that purpose, in their own name, and nobody else may.
func TestStaffReviewWhatTheMachineDecided(t *testing.T) {
	a := allEntitled(t)
	it, err := a.Entitle.Item("elder-allowance")
	if err != nil {
		t.Fatal(err)
	}
	as := func(login string) org.Actor {
		st, ok := a.City.Directory.Staff(login)
		if !ok {
			t.Fatalf("no %s", login)
		}
		return org.Actor{Kind: org.IsStaff, ID: st.ID, Name: st.Name, Unit: st.Unit, Path: a.City.Directory.Path(st.Unit), Roles: st.Roles}
	}
	handler, regs := as("jintie"), facts{a.Registers}
	id, err := regs.Find(t.Context(), it, handler, "900000194403180124")
	if err != nil || id != "PA1" {
		t.Fatalf("%s, %v", id, err)
	}
	dec, err := a.Entitle.Decide(t.Context(), handler, it, id)
	if err != nil || !dec.Grants() {
		t.Fatalf("%+v, %v", dec, err)
	}
	if _, err := regs.Find(t.Context(), it, as("shoufa"), "900000194403180124"); !errs.Is(err, errs.Forbidden) {
		t.Errorf("who does not decide entitlements looks: %v", err)
	}
	looks, err := a.Registers.Readings(t.Context(), register.Subject{Register: "person", ID: "PA1"})
	if err != nil {
		t.Fatal(err)
	}
	noted := false
	for _, n := range looks {
		noted = noted || n.Actor == handler.Ref() && n.Purpose == reviewPurpose && n.Service == it.Service
	}
	if !noted {
		t.Error("the person does not see who looked")
	}
}
