package app

import (
	"testing"

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
			"old": filled["old"].Value, "phone": "19900000004", "promise": "以上属实"}})
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
