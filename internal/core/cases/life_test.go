package cases_test

import (
	"testing"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb/sqldbtest"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/org"
)

// story plays several actors on one case and stops at the first thing that does
// not go as told.
type story struct {
	t  *testing.T
	h  *casestest.House
	id string
}

func (s *story) file(family string, fields map[string]any) *story {
	s.t.Helper()
	filed, err := s.h.Store.File(s.t.Context(), cases.Filing{
		Family: family, Channel: "web", Actor: org.Appellant(), Fields: fields, Nature: "投诉", Urgency: "none",
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.id = filed.ID
	return s
}

func (s *story) act(who org.Actor, action string, input map[string]any) *story {
	s.t.Helper()
	if _, err := s.h.Store.Act(s.t.Context(), who, cases.Deed{Case: s.id, Action: action, Input: input}); err != nil {
		s.t.Fatalf("%s %s: %v", who.Ref(), action, err)
	}
	return s
}

func (s *story) refused(kind errs.Kind, who org.Actor, action string, input map[string]any) *story {
	s.t.Helper()
	_, err := s.h.Store.Act(s.t.Context(), who, cases.Deed{Case: s.id, Action: action, Input: input})
	if !errs.Is(err, kind) {
		s.t.Fatalf("%s %s: %v, want %s", who.Ref(), action, err, kind)
	}
	return s
}

func (s *story) is(state string) *story {
	s.t.Helper()
	if c := s.now(); c.State != state {
		s.t.Fatalf("the case is %q, want %q", c.State, state)
	}
	return s
}

func (s *story) now() cases.Case {
	s.t.Helper()
	c, err := s.h.Store.Get(s.t.Context(), s.id)
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

func (s *story) pass(d time.Duration) *story {
	s.t.Helper()
	s.h.Clock.Pass(d)
	if _, _, err := s.h.Store.Fire(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	return s
}

// verified numbers what waits and checks the whole log.
func (s *story) verified() cases.Verdict {
	s.t.Helper()
	if _, err := s.h.Store.Sequence(s.t.Context(), "test"); err != nil {
		s.t.Fatal(err)
	}
	v, err := s.h.Store.Verify(s.t.Context(), nil, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if !v.OK {
		s.t.Fatalf("verify: %v", v.Faults)
	}
	return v
}

type in = map[string]any

var noise = in{"title": "工地夜间施工", "text": "香蜜湖街道某工地夜里两点还在打桩，电话13812345678。", "phone": "13812345678"}

// An appeal from the citizen to the archive, through everybody's hands.
func TestAppealLife(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		dispatcher, clerk, handler := h.Staff(t, "fenbo"), h.Staff(t, "shoufa"), h.Staff(t, "jingban")
		head, auditor, citizen := h.Staff(t, "fuze"), h.Staff(t, "shenhe"), org.Appellant()
		s := (&story{t: t, h: h}).file("appeal", noise).is("received")
		if c := s.now(); c.Title != "工地夜间施工" || c.DueClock != "dispatch" {
			t.Fatalf("title %q, due clock %q", c.Title, c.DueClock)
		}
		s.refused(errs.NotFound, clerk, "sign", nil). // not theirs: not even seen
								act(dispatcher, "dispatch", in{"matter": "030503", "unit": clerk.Unit}).is("dispatched")
		s.refused(errs.Forbidden, h.Staff(t, "shenhe"), "sign", nil)
		s.pass(5*time.Minute).act(clerk, "sign", nil).is("signed")
		s.refused(errs.Conflict, clerk, "resolve", in{"result": "solved", "answer": "好"})
		s.act(clerk, "assign", in{"staff": handler.ID})
		s.act(handler, "contact", in{"means": "phone", "note": "已电话联系"}).is("handling")
		s.act(handler, "report", in{"progress": "今晚安排巡查"})
		s.pass(26 * time.Hour)
		s.act(handler, "resolve", in{"result": "solved", "answer": "执法队已责令停工，并约谈施工单位。"})
		if s.now().State == "approval" {
			s.act(head, "approve", nil)
		}
		s.is("audit").act(auditor, "pass", nil).is("callback")
		s.act(citizen, "rate", in{"level": 5, "comment": "又响了"}).is("handling")
		if c := s.now(); c.Count("reworks") != 1 || c.Rating != 5 {
			t.Fatalf("reworks %d, rating %d", c.Count("reworks"), c.Rating)
		}
		s.act(handler, "resolve", in{"result": "solved", "answer": "再次核查，夜间已停工。"})
		if s.now().State == "approval" {
			s.act(head, "approve", nil)
		}
		s.act(auditor, "pass", nil).act(citizen, "rate", in{"level": 1}).is("closed")
		s.pass(8 * 24 * time.Hour).is("archived")
		v := s.verified()
		if v.Actions != s.now().Version {
			t.Fatalf("%d actions in the log, %d in the case", v.Actions, s.now().Version)
		}
		view, err := h.Store.Open(t.Context(), dispatcher, s.id, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range view.ForCitizen() {
			t.Log(e.Citizen)
		}
		for _, f := range view.Fields {
			if f.Code == "phone" && f.Text != "138****5678" {
				t.Errorf("telephone number shown as %q", f.Text)
			}
		}
	})
}

// A permit runs on the same kernel by declaration alone.
func TestPermitLife(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		clerk, head := h.Staff(t, "shoufa"), h.Staff(t, "fuze")
		filed, err := h.Store.File(t.Context(), cases.Filing{
			Family: "street-stall", Channel: "web", Actor: org.Appellant(), Matter: "street-stall", Unit: clerk.Unit, Nature: "申请",
			Fields: in{"name": "张三", "phone": "13800000000", "address": "农林路口", "goods": "fruit", "from": "2026-12-01", "days": 30},
		})
		if err != nil {
			t.Fatal(err)
		}
		s := &story{t: t, h: h, id: filed.ID}
		s.is("applied").act(clerk, "accept", nil).is("accepted")
		due := s.now().DueAt
		s.act(head, "hearing", in{"note": "听证公告"})
		s.pass(48*time.Hour).act(head, "hearing_done", nil)
		if later := s.now().DueAt; later <= due {
			t.Errorf("a hearing of two days did not move the limit: %d, %d", due, later)
		}
		s.act(head, "grant", in{"opinion": "同意"}).act(clerk, "issue", nil).is("issued")
		s.verified()
	})
}

// A clock that has variants is called by the one that runs.
func TestClockTitles(t *testing.T) {
	h := casestest.Open(t, sqldbtest.SQLiteURL)
	for name, want := range map[string]string{
		"dispatch": "分拨", "dispatch.urgent": "分拨（紧急）",
		"handle": "投诉建议举报办理", "handle.enquiry": "咨询办理", "sign": "10分钟签收",
	} {
		if d := h.Store.Clock("appeal", name); d == nil || d.Title != want {
			t.Errorf("%s is %+v, want %s", name, d, want)
		}
	}
}
