package app

import (
	"strings"
	"testing"
	"time"

	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
	"yiwang/internal/core/register"
)

// A certificate that was issued here is known to the register as any other is: the one
// it takes the place of needs no reminder any more, and years later its holder is
// reminded of it by what the service item declares.
func TestWhatIsIssuedIsReminded(t *testing.T) {
	now := demoDay()
	a, err := Open(t.Context(), Config{Data: t.TempDir(), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	ctx := t.Context()
	const reminder = "remind-hygiene-renewal"
	heed := func() {
		t.Helper()
		for n := 1; n > 0; {
			if n, err = a.Entitle.Heed(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	heed()
	if _, state := a.standing(t, reminder, "LA1"); state != "told" {
		t.Fatalf("the licence that ends soon: %q", state)
	}
	if _, got := a.renew(t, "EA1"); got != "issued with hygiene_licence" {
		t.Fatal(got)
	}
	heed()
	if _, state := a.standing(t, reminder, "LA1"); state != "stopped" {
		t.Errorf("after the renewal the old one is %q", state)
	}
	ids, err := a.Registers.With(ctx, register.Reading{Purpose: "remind", Actor: org.Machine("test")}, "licence", "entity", "EA1")
	if err != nil || len(ids) != 2 {
		t.Fatalf("%v, %v", ids, err)
	}
	issued := ids[0] + ids[1]
	issued = strings.Replace(issued, "LA1", "", 1)
	if _, state := a.standing(t, reminder, issued); state != "" {
		t.Errorf("the new one at once: %q", state)
	}
	now = now.AddDate(4, 0, -40)
	run, err := a.Entitle.Everyone(ctx, org.Machine("test"), reminder)
	if err != nil {
		t.Fatal(err)
	}
	st, state := a.standing(t, reminder, issued)
	if state != "told" || st.Fen != 6000 {
		t.Errorf("forty days before its end: %+v %q, %+v", st, state, run)
	}
	phone, err := a.Cases.Contact(ctx, st.Case, "phone")
	if err != nil || phone != "19900000004" {
		t.Errorf("told at %q: %v", phone, err)
	}
	known, err := a.knower().Known(ctx, a.City.Catalog.Family("hygiene-renewal"), register.Subject{Register: "entity", ID: "EA1"}, citizen("PA4"))
	if err != nil || !strings.HasPrefix(known["old"].Value, "1.2.156.3005.2.") {
		t.Errorf("the renewal asks for the old number: %q, %v", known["old"].Value, err)
	}
}

// A renewal that was taken back was none: the licence that it took the place of counts
// again, and its holder is reminded of it again.
func TestARevivedLicenceIsRemindedOfAgain(t *testing.T) {
	a := open(t, t.TempDir())
	ctx := t.Context()
	const reminder = "remind-hygiene-renewal"
	heed := func() {
		t.Helper()
		for n := 1; n > 0; {
			var err error
			if n, err = a.Entitle.Heed(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	renewal, got := a.renew(t, "EA1")
	if got != "issued with hygiene_licence" {
		t.Fatal(got)
	}
	heed()
	if _, state := a.standing(t, reminder, "LA1"); state != "" {
		t.Fatalf("what was renewed is %q", state)
	}
	var head org.Actor
	for _, st := range a.City.Directory.StaffOf("weijian") {
		if by, _ := a.City.Directory.Actor(st.ID); by.Has("head") {
			head = by
		}
	}
	if _, err := a.Cases.Act(ctx, head, cases.Deed{Case: renewal.ID, Action: "revoke", Input: map[string]any{"explain": "申请材料不实"}}); err != nil {
		t.Fatal(err)
	}
	heed()
	if st, state := a.standing(t, reminder, "LA1"); state != "told" {
		t.Errorf("after the renewal was taken back the old one is %q: %+v", state, st)
	}
}
