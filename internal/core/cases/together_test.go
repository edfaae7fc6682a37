package cases_test

import (
	"strings"
	"testing"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/org"
)

const (
	streetWorks = "st-xiangmihu-um"
	solved      = "已责令停工，12月1日前整改。"
)

// cast is everybody who takes part in these stories.
type cast struct {
	dispatcher, clerk, handler, head, auditor, supervisor, arbiter, leader, citizen org.Actor
}

func castOf(t *testing.T, h *casestest.House) cast {
	t.Helper()
	return cast{h.Staff(t, "fenbo"), h.Staff(t, "shoufa"), h.Staff(t, "jingban"), h.Staff(t, "fuze"), h.Staff(t, "shenhe"),
		h.Staff(t, "duban"), h.Staff(t, "caijue"), h.Staff(t, "lingdao"), org.Appellant()}
}

// clerkOf is somebody who signs for a unit.
func clerkOf(t *testing.T, h *casestest.House, unit string) org.Actor {
	t.Helper()
	for _, p := range h.City.Directory.StaffOf(unit) {
		for _, role := range p.Roles {
			if role == "clerk" {
				return h.Staff(t, p.ID)
			}
		}
	}
	t.Fatalf("nobody signs for %s", unit)
	return org.Actor{}
}

// another files an appeal beside the one the story is about.
func (s *story) another(text string) *story {
	s.t.Helper()
	return (&story{t: s.t, h: s.h}).file("appeal", in{"title": "施工扰民", "text": text, "phone": "13900000000"})
}

// tied returns stories of the cases that are tied to this one.
func (s *story) tied(kind string) []*story {
	s.t.Helper()
	ids, err := sqldb.Select[string](s.t.Context(), s.h.DB.Read(), `select other from link where case_id = ? and kind = ? order by other`, s.id, kind)
	if err != nil {
		s.t.Fatal(err)
	}
	var out []*story
	for _, id := range ids {
		out = append(out, &story{t: s.t, h: s.h, id: id})
	}
	return out
}

// reads is what the appellant of the case is told, in order.
func (s *story) reads() string {
	s.t.Helper()
	v, err := s.h.Store.Open(s.t.Context(), org.Appellant(), s.id, "")
	if err != nil {
		s.t.Fatal(err)
	}
	var lines []string
	for _, e := range v.ForCitizen() {
		lines = append(lines, e.Citizen)
	}
	return strings.Join(lines, "\n")
}

func (s *story) running(code string) bool {
	s.t.Helper()
	v, err := s.h.Store.Open(s.t.Context(), org.Appellant(), s.id, "")
	if err != nil {
		s.t.Fatal(err)
	}
	for _, k := range v.Clocks {
		if k.Code == code && k.State == "running" {
			return true
		}
	}
	return false
}

// Three people tell of one building site. Each keeps their number, clock and
// rating, and each gets the one answer; who is not content gets more.
func TestThreeVoicesOneAnswer(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		c := castOf(t, h)
		a := (&story{t: t, h: h}).file("appeal", noise)
		b, d := a.another("楼下工地凌晨还在浇混凝土"), a.another("工地太吵，孩子没法睡")
		b.act(c.dispatcher, "merge", in{"case": a.now().Number, "reason": "同一工地，同一夜"}).is("merged")
		if b.now().Unit != "" || !strings.Contains(b.reads(), "一并办理") {
			t.Fatalf("merged before anybody has it: unit %q, reads %q", b.now().Unit, b.reads())
		}
		a.act(c.dispatcher, "dispatch", in{"matter": "030503", "unit": streetWorks})
		d.act(c.dispatcher, "merge", in{"case": a.now().Number, "reason": "同一工地"})
		for _, follower := range []*story{b, d} {
			if k := follower.now(); k.Unit != streetWorks || k.Matter != "030503" || !follower.running("handle") || follower.running("sign") {
				t.Fatalf("a follower stands at %+v", k)
			}
		}
		a.refused(errs.Conflict, c.dispatcher, "merge", in{"case": b.now().Number, "reason": "在原地打转"})
		a.act(c.clerk, "sign", nil).act(c.handler, "contact", in{"means": "phone", "note": "已联系"})
		a.act(c.head, "resolve", in{"result": "solved", "answer": solved}).is("audit")
		if strings.Contains(b.reads(), solved) {
			t.Fatal("the answer is out before it was audited")
		}
		a.act(c.auditor, "pass", nil).is("callback")
		for _, follower := range []*story{b, d} {
			if follower.is("callback"); !strings.Contains(follower.reads(), solved) || follower.now().Result != "solved" || follower.running("handle") {
				t.Fatalf("a follower reads %q", follower.reads())
			}
		}
		a.act(c.citizen, "rate", in{"level": 1}).is("closed")
		b.act(c.citizen, "rate", in{"level": 5, "comment": "昨晚又响了"}).is("handling")
		d.is("callback")
		a.verified()
	})
}

// What was merged in error is taken apart, and whoever led away lets the others go.
func TestMergedInError(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		c := castOf(t, h)
		a := (&story{t: t, h: h}).file("appeal", noise)
		b, d := a.another("另一个路口的红绿灯坏了"), a.another("同一工地的噪声")
		a.act(c.dispatcher, "dispatch", in{"matter": "030503", "unit": streetWorks})
		b.act(c.dispatcher, "merge", in{"case": a.now().Number, "reason": "看错了"})
		d.act(c.dispatcher, "merge", in{"case": a.now().Number, "reason": "同一工地"})
		b.act(c.dispatcher, "unmerge", in{"reason": "不是一件事"}).is("accepted")
		if k := b.now(); k.Unit != "" || !b.running("dispatch") || b.running("handle") {
			t.Fatalf("taken apart: %+v", k)
		}
		a.act(c.citizen, "withdraw", nil).is("withdrawn")
		d.is("accepted")
		b.act(c.dispatcher, "dispatch", in{"matter": "030503", "unit": streetWorks}).is("dispatched")
		if !b.running("handle") {
			t.Error("no clock runs for what was taken apart")
		}
		a.verified()
	})
}

// One appeal, two offices: each has its part, and the citizen is answered when
// both are done, in one conversation that never speaks of parts.
func TestEachUnitItsPart(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		c := castOf(t, h)
		a := (&story{t: t, h: h}).file("appeal", noise).act(c.dispatcher, "dispatch", in{"matter": "030503", "unit": streetWorks})
		a.act(c.dispatcher, "split", in{"unit": streetWorks, "task": "查处夜间施工"}).act(c.dispatcher, "split", in{"unit": "chengguan", "task": "核查渣土车"}).is("split")
		parts := a.tied("part_of<")
		if len(parts) != 2 {
			t.Fatalf("%d parts", len(parts))
		}
		a.refused(errs.Conflict, c.head, "resolve", in{"result": "solved", "answer": solved})
		for i, p := range parts {
			k := p.is("sent").now()
			if k.Family != "task" || !p.running("report_in") || !p.running("work") {
				t.Fatalf("a part: %+v", k)
			}
			clerk := clerkOf(t, h, k.Unit)
			p.act(clerk, "report_in", nil).act(clerk, "finish", in{"report": "已办"}).is("done")
			want := map[bool]string{false: "split", true: "handling"}[i == 1]
			a.is(want)
		}
		a.refused(errs.Conflict, c.head, "sign", nil)
		a.act(c.head, "resolve", in{"result": "solved", "answer": solved}).act(c.auditor, "pass", nil).is("callback")
		if r := a.reads(); strings.Contains(r, "渣土车") || !strings.Contains(r, solved) {
			t.Errorf("the citizen reads %q", r)
		}
		a.verified()
	})
}

// A street whistles for a bureau; it cannot close before the bureau has reported
// back, unless the dispatch centre takes the call back.
func TestWhistleAndReportIn(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		c := castOf(t, h)
		a := (&story{t: t, h: h}).file("appeal", noise).act(c.dispatcher, "dispatch", in{"matter": "030503", "unit": streetWorks})
		a.act(c.clerk, "sign", nil).act(c.handler, "contact", in{"means": "visit", "note": "到场"})
		a.act(c.clerk, "call_in", in{"unit": "chengguan", "task": "联合执法"}).is("handling")
		part := a.tied("part_of<")[0]
		a.refused(errs.Conflict, c.head, "resolve", in{"result": "solved", "answer": solved})
		bureau := clerkOf(t, h, "chengguan")
		part.act(bureau, "return", in{"clause": "不属于"}).is("returning").act(c.dispatcher, "refuse_return", in{"note": "属于"}).is("working")
		part.act(c.dispatcher, "cancel", in{"reason": "已自行解决"}).is("stopped")
		a.act(c.head, "resolve", in{"result": "solved", "answer": solved}).is("audit")

		b := a.another("另一处").act(c.dispatcher, "dispatch", in{"matter": "030503", "unit": streetWorks}).act(c.dispatcher, "split", in{"unit": "chengguan", "task": "看看"})
		b.act(c.citizen, "withdraw", nil)
		b.tied("part_of<")[0].is("stopped")
		a.verified()
	})
}

// The first who received it answers for it until it is decided, and may go on
// meanwhile; a ruling binds and is not returned.
func TestFirstReceiverUntilTheRuling(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		c := castOf(t, h)
		a := (&story{t: t, h: h}).file("appeal", noise).act(c.dispatcher, "dispatch", in{"matter": "030503", "unit": streetWorks})
		a.act(c.clerk, "sign", nil)
		a.refused(errs.Conflict, c.clerk, "dispute", in{"clause": "三定", "suggest": "chengguan", "note": "不归我"})
		a.act(c.clerk, "return", in{"reason": "duty", "clause": "职责清单第3条", "suggest": "chengguan"})
		a.act(c.handler, "contact", in{"means": "phone", "note": "先联系"}).is("returning") // 先办后议
		a.act(c.dispatcher, "refuse_return", in{"note": "清单写明由街道"}).is("signed")
		a.refused(errs.Conflict, c.clerk, "return", in{"reason": "duty", "clause": "再退"})
		a.act(c.clerk, "dispute", in{"clause": "职责清单第3条", "suggest": "chengguan", "note": "应由局里"}).is("ruling")
		if k := a.now(); k.Unit != streetWorks || !a.running("ruling") || !a.running("handle") {
			t.Fatalf("while it is disputed: %+v", k)
		}
		a.act(c.handler, "report", in{"progress": "已先行劝停"}).is("ruling")
		a.refused(errs.Forbidden, c.dispatcher, "rule", in{"unit": "chengguan", "clause": "1", "note": "1"})
		a.act(c.arbiter, "consult", in{"units": "街道、城管局", "note": "谁负责"}).is("consultation")
		a.act(c.arbiter, "rule", in{"unit": "chengguan", "matter": "030503", "clause": "职责清单第3条第2款", "note": "夜间许可由局核发"}).is("dispatched")
		if k := a.now(); k.Unit != "chengguan" || !a.running("sign") || a.running("ruling") {
			t.Fatalf("after the ruling: %+v", k)
		}
		bureau := clerkOf(t, h, "chengguan")
		a.act(bureau, "sign", nil).refused(errs.Conflict, bureau, "return", in{"reason": "duty", "clause": "不服"})
		a.refused(errs.Conflict, bureau, "dispute", in{"clause": "1", "suggest": streetWorks, "note": "不服"})
		a.verified()
	})
}

// A case stands still for a listed reason: its clock does too, and goes on from
// where it stood, by itself after thirty days at the latest.
func TestSuspended(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		c := castOf(t, h)
		a := (&story{t: t, h: h}).file("appeal", noise).act(c.dispatcher, "dispatch", in{"matter": "030503", "unit": streetWorks})
		a.act(c.clerk, "sign", nil).act(c.handler, "contact", in{"means": "phone", "note": "已联系"}).act(c.handler, "report", in{"progress": "待鉴定"})
		before := a.now().DueAt
		a.act(c.head, "suspend", in{"reason": "expert", "until": "2026-12-20", "note": "房屋安全鉴定中"}).is("suspended")
		if !strings.Contains(a.reads(), "鉴定、检测或者评估") || a.running("handle") {
			t.Fatalf("reads %q", a.reads())
		}
		a.pass(29 * 24 * time.Hour).is("suspended")
		a.pass(2 * 24 * time.Hour).is("handling")
		if after := a.now().DueAt; after-before < (29*24*time.Hour).Milliseconds() || a.now().Late != 0 {
			t.Errorf("due %d before, %d after, late %d", before, after, a.now().Late)
		}
		a.act(c.supervisor, "terminate", in{"reason": "agreed", "explain": "双方已达成一致"}).is("terminated")
		a.verified()
	})
}

// Three times reworked is a hard case: the centre is told and has to coordinate;
// supervision and a leader's instruction run against clocks of their own.
func TestHardSupervisedInstructed(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		c := castOf(t, h)
		a := (&story{t: t, h: h}).file("appeal", noise).act(c.dispatcher, "dispatch", in{"matter": "030503", "unit": streetWorks}).act(c.clerk, "sign", nil)
		a.act(c.handler, "contact", in{"means": "phone", "note": "已联系"})
		a.act(c.supervisor, "supervise", in{"means": "letter", "grade": "key", "demand": "三日内报结果"})
		if !a.running("supervise") {
			t.Fatal("supervision without a clock")
		}
		a.act(c.clerk, "answer_supervision", in{"done": "已安排"}).refused(errs.Conflict, c.clerk, "answer_supervision", in{"done": "再回一次"})
		a.act(c.leader, "instruct", in{"text": "请街道认真核处"})
		for range 3 {
			if a.running("coordinate") {
				t.Fatal("hard too early")
			}
			a.act(c.head, "resolve", in{"result": "solved", "answer": solved}).act(c.auditor, "pass", nil).act(c.citizen, "rate", in{"level": 5}).is("handling")
		}
		hard := a.now()
		if !a.running("coordinate") || hard.Count("hard") != 1 {
			t.Fatal("three times reworked and not hard")
		}
		a.act(c.supervisor, "coordinate", in{"units": "街道、城管局", "note": "由街道牵头夜查一周"})
		a.act(c.clerk, "carry_out", in{"done": "已夜查"})
		if a.running("coordinate") || a.running("instruct") {
			t.Error("clocks run on after what they wait for")
		}
		a.verified()
	})
}

// From one thing to a class of things: cases gathered in a theme go their own way,
// and the theme has a task to remove the cause.
func TestTheme(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		c := castOf(t, h)
		filed, err := h.Store.File(t.Context(), cases.Filing{Family: "theme", Channel: "inspection", Actor: c.supervisor, Nature: "主题", Unit: "centre",
			Fields: in{"title": "香蜜湖片区夜间施工"}})
		if err != nil {
			t.Fatal(err)
		}
		theme := &story{t: t, h: h, id: filed.ID}
		a := (&story{t: t, h: h}).file("appeal", noise)
		a.act(c.dispatcher, "gather", in{"case": filed.Number}).is("received")
		if got := theme.tied("gathered_in<"); len(got) != 1 || got[0].id != a.id {
			t.Fatalf("gathered: %v", got)
		}
		theme.act(c.supervisor, "assign_cause", in{"unit": streetWorks, "cause": "夜间许可过宽", "task": "收紧许可"}).is("mending")
		theme.act(c.clerk, "finish", in{"report": "已收紧"}).is("checking").act(c.supervisor, "close", in{"note": "一个月无投诉"}).is("closed")
		theme.verified()
	})
}
