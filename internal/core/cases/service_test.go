package cases_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/org"
	"yiwang/internal/core/voucher"
)

// tied returns the case that is tied to another by a kind of link, of a family.
func tied(t *testing.T, h *casestest.House, id, kind, family string) *story {
	t.Helper()
	ids, err := sqldb.Select[string](t.Context(), h.DB.Read(), `select l.case_id from link l join cases c on c.id = l.case_id where l.other = ? and l.kind = ? and c.family = ?`, id, kind, family)
	if err != nil || len(ids) != 1 {
		t.Fatalf("%d cases of %s, %v", len(ids), family, err)
	}
	return &story{t: t, h: h, id: ids[0]}
}

var sign = in{"name": "示范区演示理发店", "credit_code": "91900000MA00000016", "address": "福中社区演示街8号", "phone": "13800000000", "words": "演示理发",
	"width": 600, "height": 120, "promise": "招牌与申请一致。"}

// signed files an application for a shop sign, on a promise.
func signed(t *testing.T, h *casestest.House) *story {
	t.Helper()
	h.Store.Facts = told(map[string]any{"status": "active", "broken": 0}, "")
	filed, err := h.Store.File(t.Context(), cases.Filing{
		Family: "shop-sign", Matter: "shop-sign", Channel: "web", Actor: org.Appellant(), Unit: "chengguan", Nature: "申请", Fields: sign,
		Parties: []cases.Party{{Role: cases.Applicant, Register: "entity", ID: "EA1"}}, Agreed: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return &story{t: t, h: h, id: filed.ID}
}

func state(t *testing.T, s *story, kind string) voucher.State {
	t.Helper()
	held, err := s.h.Store.Certificates.ByCase(t.Context(), s.h.DB.Read(), s.id)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range held {
		if c.Kind == kind {
			return c.State
		}
	}
	return ""
}

// A promise is believed at once and checked after thirty days, by a case of its own.
func TestPromiseIsCheckedLater(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		s := signed(t, h).is("issued")
		head := officer(t, h, "chengguan")
		s.pass(31 * 24 * time.Hour).is("issued")
		check := tied(t, h, s.id, "follows", "check").is("sent")
		if c := check.now(); c.Unit != "chengguan" || c.DueClock != "check" {
			t.Errorf("the check is with %q, measured by %q", c.Unit, c.DueClock)
		}
		check.act(head, "passes", in{"found": "现场与承诺一致"}).is("kept")
		if c := s.now(); c.Count("checks_passed") != 1 || state(t, s, "shop_sign") != voucher.Valid {
			t.Errorf("after the check: %d, %s", c.Count("checks_passed"), state(t, s, "shop_sign"))
		}
		s.verified()
		check.verified()
	})
}

// A promise that was not kept is mended in time, or the permit is taken back and the
// breach enters the credit record.
func TestPromiseThatWasBroken(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		head := officer(t, h, "chengguan")
		mended, late := signed(t, h), signed(t, h) // at once: the demo's calendar ends with the year
		mended.pass(31 * 24 * time.Hour)
		for _, s := range []*story{mended, late} {
			tied(t, h, s.id, "follows", "check").act(head, "fails", in{"found": "招牌高出申请一倍"}).is("broken")
			if s.is("mending"); state(t, s, "shop_sign") != voucher.Suspended {
				t.Errorf("meanwhile the permit is %s", state(t, s, "shop_sign"))
			}
		}
		mended.act(org.Appellant(), "mended", in{"text": "已按申请尺寸更换"}).refused(errs.Conflict, org.Appellant(), "mended", in{"text": "又"})
		mended.act(head, "accept_mend", in{"note": "复核属实"}).is("issued")
		if state(t, mended, "shop_sign") != voucher.Valid {
			t.Error("the permit does not hold again")
		}
		late.pass(30 * 24 * time.Hour).is("revoked")
		if state(t, late, "shop_sign") != voucher.Rescinded || state(t, tied(t, h, late.id, "follows", "breach"), "broken_promise") != voucher.Valid {
			t.Errorf("permit %s", state(t, late, "shop_sign"))
		}
		late.verified()
	})
}

// Without the promise nothing is filed, whatever door it comes by.
func TestNothingWithoutThePromise(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		fields := in{}
		for k, v := range sign {
			if k != "promise" {
				fields[k] = v
			}
		}
		_, err := h.Store.File(t.Context(), cases.Filing{Family: "shop-sign", Matter: "shop-sign", Channel: "counter", Actor: org.Appellant(), Unit: "chengguan", Nature: "申请", Fields: fields})
		if !errs.Is(err, errs.Invalid) {
			t.Errorf("filed: %v", err)
		}
	})
}

// One form opens a case with each of four offices; the whole is done with the last.
func TestOneThingAtOnce(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		filed := func() *story {
			f, err := h.Store.File(t.Context(), cases.Filing{
				Family: "company-setup", Matter: "company-setup", Channel: "web", Actor: org.Appellant(), Unit: "shichang", Nature: "申请",
				Fields: in{"name": "王芳", "idnumber": "440304198001010016", "phone": "13800000000", "company": "示范区新办有限公司", "address": "演示街1号",
					"scope": "软件开发", "capital": 100, "employees": 3},
				Parties: []cases.Party{{Role: cases.Applicant, Register: "person", ID: "P7"}},
			})
			if err != nil {
				t.Fatal(err)
			}
			return &story{t: t, h: h, id: f.ID}
		}
		whole := filed()
		if c := whole.is("running").now(); c.Count("parts") != 4 || c.DueClock != "joint" {
			t.Fatalf("%d parts, measured by %q", c.Count("parts"), c.DueClock)
		}
		parts := map[string]string{"company-licence": "shichang", "company-seal": "gongan", "company-tax": "shuishou", "company-insurance": "shebao"}
		for family, unit := range parts {
			whole.is("running")
			p := tied(t, h, whole.id, "part_of", family).is("sent")
			if p.now().Unit != unit {
				t.Errorf("%s is with %q", family, p.now().Unit)
			}
			p.act(officer(t, h, unit), "finish", in{"opinion": "同意"}).is("done").verified()
		}
		if c := whole.is("done").now(); c.Result != "granted" || c.DueClock != "" {
			t.Errorf("done with %q, still measured by %q", c.Result, c.DueClock)
		}
		whole.verified()
		own, err := h.Store.CasesOf(t.Context(), "person", "P7", 10)
		if err != nil || len(own) != 5 {
			t.Errorf("the person finds %d cases, %v", len(own), err)
		}
		other := filed()
		tied(t, h, other.id, "part_of", "company-licence").act(officer(t, h, "shichang"), "deny", in{"explain": "名称与他人相同"})
		other.is("failed").verified()
	})
}

// A thousand people want the same ten places at the same moment: ten have one each.
func TestThousandRivals(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		const rivals, places = 1000, 10
		var got, refused atomic.Int64
		var wait sync.WaitGroup
		booked := make(chan string, rivals)
		for i := range rivals {
			wait.Go(func() {
				f, err := h.Store.File(t.Context(), cases.Filing{
					Family: "booking", Matter: "booking", Channel: "web", Actor: org.Appellant(), Unit: "zhengshu", Nature: "预约",
					Fields: in{"service": "居住证明", "unit": "zhengshu", "window": "综合窗口", "day": "2026-11-24", "hour": 9, "places": places, "name": fmt.Sprint("某", i), "phone": "13800000000"},
				})
				switch {
				case err == nil:
					got.Add(1)
					booked <- f.ID
				case errs.Is(err, errs.Conflict):
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if got.Load() != places || refused.Load() != rivals-places {
			t.Fatalf("%d have a place, %d were refused", got.Load(), refused.Load())
		}
		taken := func() int {
			n, err := h.Store.Taken(t.Context(), []string{"zhengshu/2026-11-24/9"})
			if err != nil {
				t.Fatal(err)
			}
			return n["zhengshu/2026-11-24/9"]
		}
		one := &story{t: t, h: h, id: <-booked}
		one.act(org.Appellant(), "cancel", nil).is("cancelled").verified()
		one.refused(errs.Conflict, org.Appellant(), "cancel", nil)
		if taken() != places-1 {
			t.Errorf("%d places are taken after one was given back", taken())
		}
	})
}
