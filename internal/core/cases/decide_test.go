package cases_test

import (
	"context"
	"fmt"
	"testing"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/org"
	"yiwang/internal/core/rule"
)

// told is a register that says the same of everybody who agreed to be looked up.
func told(facts map[string]any, doubt string) cases.Source {
	return func(_ context.Context, a cases.Asking) (rule.Facts, string, error) {
		if !a.Agreed || len(a.Parties) == 0 {
			return nil, "", nil
		}
		out := rule.Facts{}
		for code, v := range facts {
			out[code] = rule.Known{Value: v, Source: "人口登记", AsOf: "2020-01-01"}
		}
		return out, doubt, nil
	}
}

var settled = map[string]any{"living": "yes", "area": "440304008001", "since": "2020-05-01"}

var wants = in{"name": "王芳", "idnumber": "440304198001010016", "phone": "13800000000", "address": "农林路1号", "since": "2020-05-01", "use": "school"}

// applied files an application for a certificate of residence.
func applied(t *testing.T, h *casestest.House, agreed bool) *story {
	t.Helper()
	filed, err := h.Store.File(t.Context(), cases.Filing{
		Family: "residence", Matter: "residence", Channel: "web", Actor: org.Appellant(), Unit: "gongan", Nature: "申请", Fields: wants,
		Parties: []cases.Party{{Role: cases.Applicant, Register: "person", ID: "P1"}}, Agreed: agreed,
	})
	if err != nil {
		t.Fatal(err)
	}
	return &story{t: t, h: h, id: filed.ID}
}

// officer is somebody of the unit that decides.
func officer(t *testing.T, h *casestest.House, unit string) org.Actor {
	t.Helper()
	for _, s := range h.City.Directory.StaffOf(unit) {
		a, _ := h.City.Directory.Actor(s.ID)
		if a.Has("head") {
			return a
		}
	}
	t.Fatalf("nobody heads %s", unit)
	return org.Actor{}
}

func decisions(t *testing.T, h *casestest.House, id string) []cases.Decision {
	t.Helper()
	v, err := h.Store.Open(t.Context(), org.Appellant(), id, "")
	if err != nil {
		t.Fatal(err)
	}
	var out []cases.Decision
	for _, e := range v.Entries {
		if e.Decision != nil {
			out = append(out, *e.Decision)
		}
	}
	return out
}

// What a table grants is signed at once; the decision stands in the case with its facts
// and comes out the same when it is made again.
func TestInstantApproval(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		h.Store.Facts = told(settled, "")
		s := applied(t, h, true).is("issued")
		held, err := h.Store.Certificates.ByCase(t.Context(), h.DB.Read(), s.id)
		if err != nil || len(held) != 1 || held[0].Holder != "王芳" {
			t.Fatalf("certificates %+v, %v", held, err)
		}
		made := decisions(t, h, s.id)
		if len(made) != 1 || made[0].Verdict != cases.Granted || made[0].Record.Clause != "第四条" {
			t.Fatalf("decisions %+v", made)
		}
		if made[0].Record.Facts["since"].Source != "人口登记" {
			t.Errorf("the fact says it comes from %q", made[0].Record.Facts["since"].Source)
		}
		if _, same, err := h.City.Rules.Replay(made[0].Record); err != nil || !same {
			t.Errorf("made again: same %v, %v", same, err)
		}
		own, err := h.Store.CasesOf(t.Context(), "person", "P1", 10)
		if err != nil || len(own) != 1 || own[0] != s.id {
			t.Errorf("the person's cases are %v, %v", own, err)
		}
		other, err := h.Store.IsParty(t.Context(), s.id, "person", "P2")
		if err != nil || other {
			t.Errorf("somebody else is a party: %v, %v", other, err)
		}
		s.verified()
	})
}

// Whom the machine refuses may ask for a person, who is bound by nothing it said.
func TestRefusedAsksForAPerson(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		h.Store.Facts = told(map[string]any{"living": "yes", "area": "440304008001", "since": "2026-10-01"}, "")
		s := applied(t, h, true).is("declined")
		if made := decisions(t, h, s.id); len(made) != 1 || made[0].Verdict != cases.Refused {
			t.Fatalf("decisions %+v", made)
		}
		head := officer(t, h, "gongan")
		s.refused(errs.Conflict, head, "grant", in{"opinion": "同意"})
		s.act(org.Appellant(), "ask_person", in{"text": "登记日期录错了，租约在附件里"}).is("applied")
		if c := s.now(); c.DueClock != "review" || c.DueAt == 0 {
			t.Errorf("no clock measures the person: %q", c.DueClock)
		}
		s.act(head, "grant", in{"opinion": "核对了租约，同意"}).is("issued").verified()
	})
}

// Whatever the table would say, nothing is granted where facts are missing, where they
// contradict each other, or where they have a value that cannot be.
func TestUnclearIsNeverGranted(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		for name, c := range map[string]struct {
			source cases.Source
			agreed bool
			doubt  string
		}{
			"not agreed":     {told(settled, ""), false, ""},
			"two birthdays":  {told(settled, "apply.doubt_contradicts"), true, "apply.doubt_contradicts"},
			"a fact missing": {told(map[string]any{"living": "yes", "area": "440304008001"}, ""), true, ""},
			"no such value":  {told(map[string]any{"living": "perhaps", "area": "440304008001", "since": "2020-05-01"}, ""), true, "cases.doubt_value"},
			"registers away": {func(context.Context, cases.Asking) (rule.Facts, string, error) {
				return nil, "", errs.E(errs.Unavailable, "sqldb.changed", nil)
			}, true, "cases.doubt_unreadable"},
			"no registers": {nil, true, ""},
		} {
			h.Store.Facts = c.source
			s := applied(t, h, c.agreed)
			if got := s.now(); got.State != "applied" || got.DueClock != "review" {
				t.Errorf("%s: %s, measured by %q", name, got.State, got.DueClock)
			}
			if made := decisions(t, h, s.id); len(made) != 1 || made[0].Verdict != cases.Unclear || made[0].Doubt != c.doubt {
				t.Errorf("%s: decisions %+v", name, made)
			}
			if held, err := h.Store.Certificates.ByCase(t.Context(), h.DB.Read(), s.id); err != nil || len(held) != 0 {
				t.Errorf("%s: %d certificates, %v", name, len(held), err)
			}
		}
	})
}

// What a source wants noted of being asked is written with the filing, once, and also
// where the filing comes to nothing.
func TestAskingIsNoted(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		asked := 0
		h.Store.Facts = func(ctx context.Context, a cases.Asking) (rule.Facts, string, error) {
			asked++
			a.Note(`insert into setting (name, value) values (?, ?)`, fmt.Sprint("asked ", asked), a.Case)
			return told(settled, "")(ctx, a)
		}
		file := func(content string) (cases.Filed, error) {
			return h.Store.File(t.Context(), cases.Filing{
				Family: "residence", Matter: "residence", Channel: "web", ExternalID: "once", Content: content, Actor: org.Appellant(), Unit: "gongan", Nature: "申请",
				Fields: wants, Parties: []cases.Party{{Role: cases.Applicant, Register: "person", ID: "P1"}}, Agreed: true,
			})
		}
		if _, err := file("one"); err != nil {
			t.Fatal(err)
		}
		if again, err := file("one"); err != nil || !again.Already {
			t.Fatalf("the same again: %+v %v", again, err)
		}
		if _, err := file("another"); !errs.Is(err, errs.Conflict) {
			t.Fatalf("the same id for something else: %v", err)
		}
		var noted int
		err := h.DB.Read().QueryRow(t.Context(), `select count(*) from setting where name like 'asked %'`).Scan(&noted)
		if err != nil || noted != asked || asked != 3 {
			t.Errorf("asked %d times, noted %d: %v", asked, noted, err)
		}
	})
}
