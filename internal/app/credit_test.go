package app

import (
	"cmp"
	"testing"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
	"yiwang/internal/core/register"
	"yiwang/internal/work/intake"
)

// renew files a renewal for an enterprise and returns the state it comes to.
func (a *App) renew(t *testing.T, id string) (cases.Case, string) {
	t.Helper()
	ctx := t.Context()
	known, err := a.Registers.Read(ctx, register.Reading{Purpose: "service", Actor: org.Machine("test"), Agreed: true},
		register.Subject{Register: "entity", ID: id}, a.Registers.Today(), "name", "credit_code", "address")
	if err != nil {
		t.Fatal(err)
	}
	filled, err := a.knower().Known(ctx, a.City.Catalog.Family("hygiene-renewal"), register.Subject{Register: "entity", ID: id}, org.Machine("test"))
	if err != nil && !errs.Is(err, errs.Forbidden) {
		t.Fatal(err)
	}
	filed, err := a.Desk.File(ctx, intake.Message{Family: "hygiene-renewal", Channel: "web", Actor: org.Appellant(), Agreed: true,
		Parties: []cases.Party{{Role: cases.Applicant, Register: "entity", ID: id}},
		Fields: map[string]any{"name": known["name"].Value, "credit_code": known["credit_code"].Value, "address": known["address"].Value,
			"old": cmp.Or(filled["old"].Value, "演卫公证字[2023]第000001号"), "phone": "19900000004", "promise": "以上属实"}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := a.Cases.Get(ctx, filed.ID)
	if err != nil {
		t.Fatal(err)
	}
	held, err := a.Cases.Certificates.ByCase(ctx, a.DB.Read(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(held) == 0 {
		return c, c.State
	}
	return c, c.State + " with " + held[0].Kind
}

// Credit chooses how an application goes: at once on a promise, at once with documents
// to follow, or by the ordinary procedure; where it is not known or contradicts itself a
// person decides, and nothing is issued.
func TestCreditChoosesTheProcedure(t *testing.T) {
	a := open(t, t.TempDir())
	ctx := t.Context()
	credit := func(id, item, value string) {
		t.Helper()
		if err := a.Registers.Put(ctx, "centre", register.Subject{Register: "credit", ID: id}, register.Fact{Item: item, Value: value, From: "2026-01-01"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, one := range []struct {
		what  string
		facts map[string]string
		want  string
	}{
		{"good credit", nil, "issued with hygiene_licence"},
		{"a penalty", map[string]string{"penalties": "1"}, "owing with hygiene_licence"},
		{"a broken promise", map[string]string{"penalties": "0", "broken": "1"}, "applied"},
		{"on the list of the dishonest", map[string]string{"broken": "0", "dishonest": "yes"}, "applied"},
		{"unknown credit", map[string]string{"dishonest": "no", "level": ""}, "applied"},
	} {
		for item, v := range one.facts {
			credit("CA1", item, v)
		}
		if _, got := a.renew(t, "EA1"); got != one.want {
			t.Errorf("%s: %s, wanted %s", one.what, got, one.want)
		}
	}
}

// Whoever did not hand in what was owed has lost the licence, and what it was approved by
// is closed to them: the next application is a person's, and nothing is issued.
func TestAnExpiredCommitmentClosesPromiseAndCredit(t *testing.T) {
	now := time.Now()
	a, err := Open(t.Context(), Config{Data: t.TempDir(), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	ctx := t.Context()
	sub := register.Subject{Register: "credit", ID: "CA1"}
	if err := a.Registers.Put(ctx, "centre", sub, register.Fact{Item: "penalties", Value: "1", From: "2026-01-01"}); err != nil {
		t.Fatal(err)
	}
	c, got := a.renew(t, "EA1")
	if got != "owing with hygiene_licence" {
		t.Fatal(got)
	}
	now = now.AddDate(0, 0, 45)
	if _, _, err := a.Cases.Fire(ctx); err != nil {
		t.Fatal(err)
	}
	if c, err = a.Cases.Get(ctx, c.ID); err != nil || c.State != "revoked" {
		t.Fatalf("after forty-five days %s, %v", c.State, err)
	}
	known, err := a.Registers.Read(ctx, register.Reading{Purpose: "entitle", Actor: org.Machine("test")}, sub, a.Registers.Today(), "broken")
	if err != nil || known["broken"].Value != "1" || known["broken"].Source != "checked" {
		t.Fatalf("%+v, %v", known, err)
	}
	if _, got := a.renew(t, "EA1"); got != "applied" {
		t.Errorf("the next renewal: %s", got)
	}
	for table, want := range map[string]string{"hygiene-renewal": "other", "shop-sign": "broken"} {
		d := a.City.Rules.On(table, now)
		facts, _, err := a.Registers.Facts(ctx, register.Reading{Purpose: "entitle", Actor: org.Machine("test")}, register.Subject{Register: "entity", ID: "EA1"}, d, now)
		if err != nil {
			t.Fatal(err)
		}
		if said, err := d.Decide(now, facts); err != nil || len(said.Rows()) != 1 || said.Rows()[0] != want {
			t.Errorf("%s decides by %v, %v", table, said.Rows(), err)
		}
	}
}
