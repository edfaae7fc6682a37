package cases_test

import (
	"testing"
	"time"

	"yiwang/internal/core/cases"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/org"
)

// Who was turned away is answered for by one coordinator, within a day and then five;
// who is not satisfied has it taken up once more, and only once.
func TestWhatCouldNotBeGotDone(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		filed, err := h.Store.File(t.Context(), cases.Filing{Family: "unable", Matter: "unable", Channel: "web", Actor: org.Appellant(), Unit: "zhengshu", Nature: "求助",
			Fields: in{"service": "食品经营许可", "where": "政务服务大厅三号窗口", "why": "papers", "text": "要我交租赁备案，清单上没有。", "name": "甲", "phone": "13800000000"}})
		if err != nil {
			t.Fatal(err)
		}
		s := (&story{t: t, h: h, id: filed.ID}).is("told")
		if c := s.now(); c.Unit != "zhengshu" || c.DueClock != "take" {
			t.Fatalf("with %q, measured by %q", c.Unit, c.DueClock)
		}
		coordinator := officer(t, h, "zhengshu")
		s.act(coordinator, "take", in{"note": "已电话联系"}).is("handling")
		s.act(coordinator, "coordinate", in{"present": "市场监管局三号窗口", "minutes": "清单以外的材料不再收取"})
		s.pass(time.Hour)
		s.act(coordinator, "solve", in{"result": "solved", "answer": "窗口已受理，不用交租赁备案"}).is("done")
		s.act(org.Appellant(), "rate", in{"level": 5}).is("handling")
		if c := s.now(); c.DueClock != "solve" {
			t.Errorf("taken up again, it is measured by %q", c.DueClock)
		}
		s.act(coordinator, "solve", in{"result": "solved", "answer": "许可证已发"}).is("done")
		s.verified()

		// Who was not satisfied at all has complained of how it was handled: that is looked
		// into, answered with what follows, and stands in the ledger of such complaints.
		complaint := tied(t, h, s.id, "follows", "efficiency").is("told")
		complaint.act(coordinator, "take", in{"note": "已联系"}).act(coordinator, "heard", in{"said": "窗口说明了经过"})
		complaint.act(coordinator, "answer", in{"result": "upheld", "consequence": "talk", "answer": "窗口多要了材料，已约谈"}).is("done").verified()
		if c := complaint.now(); c.Result != "upheld" {
			t.Errorf("found to be %q", c.Result)
		}
	})
}
