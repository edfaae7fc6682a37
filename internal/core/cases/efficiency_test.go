package cases_test

import (
	"strings"
	"testing"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/org"
)

// entry checks what stands in the ledger of efficiency complaints because of a case.
func entry(t *testing.T, s *story, source, against string) *story {
	t.Helper()
	e := tied(t, s.h, s.id, "follows", "efficiency").is("told")
	if c := e.now(); c.Unit != "zhengshu" || c.DueClock != "take" || !strings.Contains(c.Data, `"against":"`+against+`"`) || !strings.Contains(c.Data, `"source":"`+source+`"`) {
		t.Errorf("with %s, measured by %s: %s", c.Unit, c.DueClock, c.Data)
	}
	return e
}

// reads returns what the applicant read last on the page of a case.
func reads(t *testing.T, s *story) string {
	t.Helper()
	v, err := s.h.Store.Open(t.Context(), org.Appellant(), s.id, "")
	if err != nil {
		t.Fatal(err)
	}
	all := v.ForCitizen()
	return all[len(all)-1].Citizen
}

// A limit that ran out enters the ledger of efficiency complaints by itself, once for a
// case, with another office than the one that was late; its answer reaches the applicant.
func TestALateServiceEntersTheLedger(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		f, err := h.Store.File(t.Context(), cases.Filing{Family: "street-stall", Matter: "street-stall", Channel: "web", Actor: org.Appellant(), Unit: "chengguan", Nature: "申请",
			Fields: in{"name": "王芳", "phone": "13800000000", "address": "福中路", "goods": "fruit", "from": "2026-12-20", "days": 30}})
		if err != nil {
			t.Fatal(err)
		}
		s := (&story{t: t, h: h, id: f.ID}).is("applied")
		s.pass(9 * 24 * time.Hour) // five working days to accept
		e := entry(t, s, "clock", "chengguan")
		if got := reads(t, s); !strings.Contains(got, "超过了期限") {
			t.Errorf("the applicant reads %q", got)
		}
		s.act(officer(t, h, "chengguan"), "accept", nil).pass(20 * 24 * time.Hour) // and the days to decide
		tied(t, h, s.id, "follows", "efficiency")
		if c := s.now(); c.Count("overruns") < 2 {
			t.Errorf("%d limits ran out", c.Count("overruns"))
		}
		centre := officer(t, h, "zhengshu")
		e.act(centre, "take", in{"note": "已电话联系"}).act(centre, "answer", in{"result": "upheld", "consequence": "mend", "answer": "确实超期，已责成三日内决定"}).is("done").verified()
		if got := reads(t, s); got != "效能投诉的答复：确实超期，已责成三日内决定" {
			t.Errorf("the applicant reads %q", got)
		}
		s.verified()
	})
}

// A bad rating is mended by a case of the unit's own, and who gave it reads how; one that
// is left alone beyond its time enters the ledger.
func TestABadRatingIsMendedOrEntersTheLedger(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		h.Store.Facts = told(settled, "")
		mended, left, glad := applied(t, h, true).is("issued"), applied(t, h, true).is("issued"), applied(t, h, true).is("issued")
		bad := in{"level": 5, "comment": "打了三次电话没有人接"}
		for _, s := range []*story{mended, left} {
			s.act(org.Appellant(), "rate", bad).is("issued").refused(errs.Conflict, org.Appellant(), "rate", bad)
			if c := tied(t, h, s.id, "follows", "rectify").is("told").now(); c.Unit != "gongan" || c.DueClock != "contact" {
				t.Errorf("with %s, measured by %s", c.Unit, c.DueClock)
			}
		}
		glad.act(org.Appellant(), "rate", in{"level": 1})
		if c := glad.now(); c.Rating != 1 {
			t.Errorf("rated %d", c.Rating)
		}
		head := officer(t, h, "gongan")
		r := tied(t, h, mended.id, "follows", "rectify").act(head, "contacted", in{"note": "已致歉"}).is("contacted")
		r.act(head, "rectified", in{"result": "mended", "done": "咨询电话加派了人"}).is("done").verified()
		if got := reads(t, mended); got != "对您的评价作了整改：咨询电话加派了人" {
			t.Errorf("who rated reads %q", got)
		}
		left.pass(18 * 24 * time.Hour)
		idle := tied(t, h, left.id, "follows", "rectify").is("told")
		e := entry(t, idle, "rating", "gongan")
		centre := officer(t, h, "zhengshu")
		e.act(centre, "take", in{"note": "已联系"}).act(centre, "answer", in{"result": "upheld", "consequence": "talk", "answer": "已约谈该单位"})
		if got := reads(t, left); !strings.Contains(got, "已约谈该单位") {
			t.Errorf("who rated reads %q", got)
		}
		for _, s := range []*story{mended, left, glad, idle, e} {
			s.verified()
		}
	})
}

// Whoever applied complains from their case; another office looks into it, and only the
// next complaint waits for its answer.
func TestAnApplicantComplains(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		h.Store.Facts = told(settled, "")
		s := applied(t, h, true)
		said := in{"why": "pushed", "text": "窗口让我去街道，街道让我回窗口。"}
		s.act(org.Appellant(), "complain", said).refused(errs.Conflict, org.Appellant(), "complain", said)
		e := entry(t, s, "appellant", "gongan")
		v, err := h.Store.Open(t.Context(), org.Appellant(), e.id, "")
		if err != nil {
			t.Fatal(err)
		}
		var filed []string
		for _, f := range v.Fields {
			filed = append(filed, f.Title+"："+f.Text)
		}
		for _, want := range []string{"投诉内容：窗口让我去街道，街道让我回窗口。", "投诉人：王芳", "投诉什么：几个部门互相推", "涉及的事项：" + h.City.Catalog.Family("residence").Title} {
			if !strings.Contains(strings.Join(filed, "\n"), want) {
				t.Errorf("%q is not among %q", want, filed)
			}
		}
		centre := officer(t, h, "zhengshu")
		e.act(org.Appellant(), "add", in{"text": "还有录音"}).act(centre, "take", in{"note": "已联系"}).act(centre, "heard", in{"said": "窗口说明了经过"})
		e.act(centre, "answer", in{"result": "partly", "consequence": "mend", "answer": "窗口应当受理，已改正"}).is("done").verified()
		if got := reads(t, s); got != "效能投诉的答复：窗口应当受理，已改正" {
			t.Errorf("the applicant reads %q", got)
		}
		s.act(org.Appellant(), "complain", said).verified()
	})
}
