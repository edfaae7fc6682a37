package cases_test

import (
	"testing"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/org"
	"yiwang/internal/core/register"
	"yiwang/internal/core/voucher"
)

// says returns what a register says of an item of a subject on a day.
func says(t *testing.T, s *register.Store, sub register.Subject, item, day string) string {
	t.Helper()
	facts, err := s.Read(t.Context(), register.Reading{Purpose: "entitle", Actor: org.Machine("test")}, sub, day, item)
	if err != nil {
		t.Fatal(err)
	}
	return facts[item].Value
}

var salonCredit = register.Subject{Register: "credit", ID: "CA1"}

// broken files a shop sign and lets its promise be broken; it returns the application
// and the record of the breach.
func broken(t *testing.T, h *casestest.House) (s, breach *story) {
	t.Helper()
	s = signed(t, h)
	s.pass(31 * 24 * time.Hour)
	tied(t, h, s.id, "follows", "check").act(officer(t, h, "chengguan"), "fails", in{"found": "招牌高出申请一倍"})
	s.pass(30 * 24 * time.Hour).is("revoked")
	return s, tied(t, h, s.id, "follows", "breach").is("recorded")
}

// A promise that was not kept counts in the credit of whoever made it, for three years
// from the day and no longer. Where it is repaired it counts until then.
func TestABrokenPromiseCounts(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		r := h.Registers(t)
		_, breach := broken(t, h)
		today := func() string { return r.Today() }
		later := func(years, days int) string { return h.Clock.Now().AddDate(years, 0, days).Format(time.DateOnly) }
		if got := says(t, r, salonCredit, "broken", today()); got != "1" {
			t.Fatalf("today %q promises are broken", got)
		}
		if in, after := says(t, r, salonCredit, "broken", later(2, 360)), says(t, r, salonCredit, "broken", later(3, 2)); in != "1" || after != "0" {
			t.Errorf("within three years %q, after them %q", in, after)
		}
		// A second one counts beside it, for a time of its own.
		h.Clock.Pass(24 * time.Hour)
		_, second := broken(t, h)
		if got := says(t, r, salonCredit, "broken", today()); got != "2" {
			t.Errorf("after the second %q", got)
		}
		head := officer(t, h, "chengguan")
		breach.act(org.Appellant(), "repair", in{"text": "招牌已经更换"}).act(head, "repair_granted", in{"explain": "现场属实"}).is("repaired")
		if now, before := says(t, r, salonCredit, "broken", today()), says(t, r, salonCredit, "broken", later(0, -1)); now != "1" || before != "1" {
			t.Errorf("after the repair %q today and %q yesterday", now, before)
		}
		second.act(org.Appellant(), "repair", in{"text": "招牌已经更换"}).act(head, "repair_refused", in{"explain": "没有更换"}).is("recorded")
		breach.verified()
		second.verified()
	})
}

// Whoever shows that the record is wrong is as if it had never been: it never counted,
// and the decision that was taken back stands again, with a new certificate.
func TestAWrongRecordNeverCounted(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		r := h.Registers(t)
		s, breach := broken(t, h)
		day := r.Today()
		h.Clock.Pass(24 * time.Hour)
		head := officer(t, h, "chengguan")
		breach.act(org.Appellant(), "object", in{"text": "核查的是隔壁的招牌"}).is("objected")
		breach.act(head, "correct", in{"explain": "核查的确实不是这一家"}).is("withdrawn")
		breach.refused(errs.Conflict, org.Appellant(), "object", in{"text": "再说一次"})
		if got := says(t, r, salonCredit, "broken", day); got != "0" {
			t.Errorf("on the day itself %q", got)
		}
		if state(t, breach, "broken_promise") != voucher.Rescinded {
			t.Errorf("the record is %s", state(t, breach, "broken_promise"))
		}
		held, err := h.Store.Certificates.ByCase(t.Context(), h.DB.Read(), s.is("issued").id)
		if err != nil || len(held) != 2 || held[0].State == held[1].State {
			t.Errorf("the permit has not been issued anew: %d, %v", len(held), err)
		}
		s.verified()
	})
}

// What was to come later is handed in, or the decision is taken back when its time is
// over; a plain permit is not decided without it, and lapses.
func TestDeferredMaterials(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		owing := func() *story {
			h.Store.Facts = told(map[string]any{"status": "active", "broken": 0}, "")
			fields := in{"deferred": true, "later": "招牌效果图"}
			for k, v := range sign {
				fields[k] = v
			}
			f, err := h.Store.File(t.Context(), cases.Filing{Family: "shop-sign", Matter: "shop-sign", Channel: "web", Actor: org.Appellant(), Unit: "chengguan", Nature: "申请", Fields: fields,
				Parties: []cases.Party{{Role: cases.Applicant, Register: "entity", ID: "EA1"}}, Agreed: true})
			if err != nil {
				t.Fatal(err)
			}
			return &story{t: t, h: h, id: f.ID}
		}
		paper := in{"files": []any{"f1"}}
		handed, late := owing().is("owing"), owing()
		if c := handed.now(); c.DueClock != "owing" {
			t.Errorf("measured by %q", c.DueClock)
		}
		handed.act(org.Appellant(), "hand_in", paper).is("issued").refused(errs.Conflict, org.Appellant(), "hand_in", paper)
		stall := func() *story {
			f, err := h.Store.File(t.Context(), cases.Filing{Family: "street-stall", Matter: "street-stall", Channel: "web", Actor: org.Appellant(), Unit: "chengguan", Nature: "申请",
				Fields: in{"name": "王芳", "phone": "13800000000", "address": "福中路", "goods": "fruit", "from": "2026-12-20", "days": 30, "deferred": true, "later": "现场照片"}})
			if err != nil {
				t.Fatal(err)
			}
			return &story{t: t, h: h, id: f.ID}
		}
		head := officer(t, h, "chengguan")
		permit, forgotten := stall().act(head, "accept", nil), stall().act(head, "accept", nil)
		permit.refused(errs.Conflict, head, "grant", in{"opinion": "同意"})
		permit.act(org.Appellant(), "hand_in", paper).act(head, "grant", in{"opinion": "同意"}).is("granted").verified()
		forgotten.pass(15 * 24 * time.Hour).is("withdrawn").verified()
		late.pass(15 * 24 * time.Hour).is("revoked").verified()
		if state(t, late, "shop_sign") != voucher.Rescinded {
			t.Errorf("the sign that was not shown is %s", state(t, late, "shop_sign"))
		}
		handed.is("issued").verified()
	})
}
