package cases_test

import (
	"strings"
	"testing"
	"time"

	"yiwang/internal/core/cases"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/org"
	"yiwang/internal/core/register"
	"yiwang/internal/core/voucher"
)

// The licence that the demo's salon has had for years; it ends on 9 January 2027.
var (
	salonLicence = register.Subject{Register: "licence", ID: "LA1"}
	firstNumber  = "演卫公证字[2023]第000001号"
)

// renewed files a renewal of a licence on a promise and returns it with the certificate.
func renewed(t *testing.T, h *casestest.House, old string) (*story, voucher.Held) {
	t.Helper()
	h.Store.Facts = told(map[string]any{"status": "active", "level": "A", "penalties": 0, "dishonest": false, "broken": 0}, "")
	filed, err := h.Store.File(t.Context(), cases.Filing{
		Family: "hygiene-renewal", Matter: "hygiene-renewal", Channel: "web", Actor: org.Appellant(), Unit: "weijian", Nature: "申请", Agreed: true,
		Fields:  in{"name": "示范区演示理发店", "credit_code": "91900000MA00000016", "address": "福中社区演示街8号", "old": old, "phone": "13800000000", "promise": "以上属实。"},
		Parties: []cases.Party{{Role: cases.Applicant, Register: "entity", ID: "EA1"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := (&story{t: t, h: h, id: filed.ID}).is("issued")
	held, err := h.Store.Certificates.ByCase(t.Context(), h.DB.Read(), s.id)
	if err != nil || len(held) != 1 {
		t.Fatalf("%d certificates, %v", len(held), err)
	}
	return s, held[0]
}

func stateOf(t *testing.T, h *casestest.House, number string) voucher.State {
	t.Helper()
	held, err := h.Store.Certificates.Get(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	return held.State
}

// A renewal that should not have been granted is as if it had never been: the licence
// that it took the place of counts again, in the register and with whoever checks it, and
// the log gives the reason. One whose own time is over by then stays ended.
func TestARescindedRenewalRevivesTheFormerLicence(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		r := h.Registers(t)
		is := func() string { return says(t, r, salonLicence, "state", r.Today()) }
		head := officer(t, h, "weijian")
		wrong := in{"explain": "申请材料不实，依行政许可法第六十九条撤销"}

		first, one := renewed(t, h, firstNumber)
		if is() != "replaced" {
			t.Fatalf("after the renewal the former licence is %q", is())
		}
		second, two := renewed(t, h, one.ID)
		if got := stateOf(t, h, one.ID); got != voucher.Lapsed {
			t.Fatalf("what was issued here and renewed is %s", got)
		}
		h.Clock.Pass(24 * time.Hour)
		second.act(head, "revoke", wrong)
		if a, b := stateOf(t, h, one.ID), stateOf(t, h, two.ID); a != voucher.Valid || b != voucher.Rescinded {
			t.Errorf("the former is %s, the renewal %s", a, b)
		}
		view, err := h.Store.Open(t.Context(), org.Appellant(), second.id, "")
		if err != nil {
			t.Fatal(err)
		}
		last := view.Entries[len(view.Entries)-1]
		if last.Header.Set["data."+cases.RevivedField] != one.ID || !strings.Contains(last.Citizen, one.ID) || len(last.Header.Proof) != 2 {
			t.Errorf("the log says %v, the holder reads %q, with %d statements", last.Header.Set, last.Citizen, len(last.Header.Proof))
		}
		if is() != "replaced" {
			t.Errorf("the one before both is %q", is())
		}
		first.act(head, "revoke", wrong)
		if is() != "valid" || stateOf(t, h, one.ID) != voucher.Rescinded {
			t.Errorf("the first licence is %q, its renewal %s", is(), stateOf(t, h, one.ID))
		}

		// Renewed again, and taken back when the first licence would have ended anyhow.
		late, _ := renewed(t, h, firstNumber)
		h.Clock.Pass(50 * 24 * time.Hour)
		late.act(head, "revoke", wrong)
		if is() != "replaced" {
			t.Errorf("after its own end the first licence is %q", is())
		}
		if strings.Contains(late.now().Data, cases.RevivedField) {
			t.Error("the log says that it counts again")
		}
		for _, s := range []*story{first, second, late} {
			s.verified()
		}
	})
}
