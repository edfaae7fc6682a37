package brief_test

import (
	"strings"
	"testing"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/org"
	"yiwang/internal/work/brief"
	"yiwang/internal/work/topic"
	"yiwang/internal/work/view"
)

type in = map[string]any

// room is a house with a desk for briefs.
type room struct {
	t *testing.T
	*casestest.House
	v *view.View
	d *brief.Desk
}

func open(t *testing.T, h *casestest.House) *room {
	v := view.New(view.Deps{DB: h.DB, City: h.City, Units: func() *org.Directory { return h.City.Directory }, Cases: h.Store})
	return &room{t, h, v, &brief.Desk{City: h.City, Units: func() *org.Directory { return h.City.Directory }, Cases: h.Store, View: v, Now: h.Clock.Now}}
}

func (r *room) appeal(urgency, title string) cases.Case {
	r.t.Helper()
	filed, err := r.Store.File(r.t.Context(), cases.Filing{Family: "appeal", Channel: "web", Actor: org.Appellant(), Urgency: urgency, Fields: in{"title": title, "text": title}})
	if err != nil {
		r.t.Fatal(err)
	}
	r.act("fenbo", filed.ID, "dispatch", in{"matter": "030503", "unit": "st-xiangmihu-um"})
	return filed.Case
}

func (r *room) act(login, id, action string, input in) {
	r.t.Helper()
	if _, err := r.Store.Act(r.t.Context(), r.Staff(r.t, login), cases.Deed{Case: id, Action: action, Input: input}); err != nil {
		r.t.Fatalf("%s %s: %v", login, action, err)
	}
}

func (r *room) settle() {
	r.t.Helper()
	if _, err := r.Store.Sequence(r.t.Context(), "test"); err != nil {
		r.t.Fatal(err)
	}
	if err := r.v.CatchUp(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	if err := r.d.Settle(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

func (r *room) read(id string) brief.Issue {
	r.t.Helper()
	i, err := r.d.Read(r.t.Context(), r.Staff(r.t, "duban"), id)
	if err != nil {
		r.t.Fatal(err)
	}
	return i
}

func (r *room) page(i brief.Issue) string {
	r.t.Helper()
	var b strings.Builder
	if err := r.d.Document(&i).HTML(&b); err != nil {
		r.t.Fatal(err)
	}
	return b.String()
}

// Yiwang drafts the daily brief from the day, a person edits and publishes it under
// the next number, and each chosen case is followed until it is closed.
func TestDailyBriefFollowsItsCases(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		r := open(t, h)
		urgent, plain := r.appeal("danger", "燃气泄漏，电话13812345678"), r.appeal("none", "路灯不亮")
		r.settle()
		duban := h.Staff(t, "duban")
		id, err := r.d.Draft(t.Context(), duban, brief.Daily, "2026-11-23")
		if err != nil {
			t.Fatal(err)
		}
		i := r.read(id)
		if len(i.Chosen) != 1 || i.Chosen[0].Case.Number != urgent.Number || !strings.Contains(i.Text, "受理诉求2件") || i.Serial != 0 {
			t.Fatalf("the draft: %+v", i)
		}
		r.act("shenhe", id, "edit", in{"title": "示范区民情日报", "text": i.Text + "\n六、编者按\n请住房部门举一反三。"})
		r.act("shenhe", id, "choose", in{"case": plain.Number, "summary": "路灯不亮，居民夜行不便"})
		r.act("duban", id, "leave_out", in{"case": plain.Number})
		r.act("duban", id, "choose", in{"case": plain.Number, "summary": "路灯多日不亮"})
		r.act("duban", id, "publish", nil)
		if i = r.read(id); i.Serial != 1 || len(i.Chosen) != 2 || i.Open() != 2 {
			t.Fatalf("published: number %d, %d chosen, %d open", i.Serial, len(i.Chosen), i.Open())
		}
		page := r.page(i)
		for _, want := range []string{"2026年第1期", "民情日报", "编者按", "举一反三", urgent.Number, "路灯多日不亮", "选登2件，已办结0件"} {
			if !strings.Contains(page, want) {
				t.Errorf("the brief does not say %q", want)
			}
		}
		if strings.Contains(page, "13812345678") || strings.Contains(page, "居民夜行不便") {
			t.Error("the brief prints a telephone number, or what was left out")
		}
		next, err := r.d.Draft(t.Context(), duban, brief.Daily, "2026-11-23")
		if err != nil {
			t.Fatal(err)
		}
		r.act("duban", next, "publish", nil)
		if n := r.read(next).Serial; n != 2 {
			t.Errorf("the next brief is number %d", n)
		}

		r.act("duban", urgent.ID, "terminate", in{"reason": "gone", "explain": "已抢修完毕"})
		r.settle()
		if i = r.read(id); i.Case.State != "published" || i.Open() != 1 {
			t.Errorf("with one case open the brief is %s, %d open", i.Case.State, i.Open())
		}
		r.act("duban", plain.ID, "terminate", in{"reason": "gone", "explain": "已修复"})
		r.settle()
		if i = r.read(id); i.Case.Closed != 1 {
			t.Errorf("with all cases closed the brief is %s", i.Case.State)
		}
		if l, err := r.v.Ledger(t.Context(), duban, view.Period{From: "2026-11-01", To: "2026-11-30"}, ""); err != nil || l.Received != 2 {
			t.Errorf("the briefs count among the appeals: %d received, %v", l.Received, err)
		}
	})
}

// What several people speak of on the day is told of in the brief, and one case of
// it is followed, though none by itself would have been.
func TestDailyBriefTellsOfTopics(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		r := open(t, h)
		hot := topic.Live{Topic: topic.Topic{Title: "夜间施工噪声", Place: "农林路"}, Week: 9}
		quiet := topic.Live{Topic: topic.Topic{Title: "旧事重提"}}
		for i := range 4 {
			c := r.appeal("none", "工地夜里施工")
			m := topic.Member{ID: c.ID, Number: c.Number, Unit: "st-xiangmihu-um", FiledAt: c.FiledAt}
			if i == 3 {
				m.FiledAt -= (48 * time.Hour).Milliseconds() // not of the day
			}
			hot.Members = append(hot.Members, m)
		}
		quiet.Members = hot.Members[3:]
		r.d.Topics = func() *topic.Snapshot { return &topic.Snapshot{Topics: []topic.Live{quiet, hot}} }
		r.settle()
		id, err := r.d.Draft(t.Context(), h.Staff(t, "duban"), brief.Daily, "2026-11-23")
		if err != nil {
			t.Fatal(err)
		}
		i := r.read(id)
		if !strings.Contains(i.Text, "夜间施工噪声（农林路）：当日3件，近七日9件") || strings.Contains(i.Text, "旧事重提") {
			t.Errorf("the draft says %s", i.Text)
		}
		if len(i.Chosen) != 1 || i.Chosen[0].Case.ID != hot.Members[0].ID {
			t.Errorf("chosen: %+v", i.Chosen)
		}
	})
}

// The list of instructed cases has those that a leader wrote on, and only those.
func TestInstructedCasesAreListed(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		r := open(t, h)
		one := r.appeal("none", "井盖缺失")
		r.appeal("danger", "墙体开裂")
		r.act("lingdao", one.ID, "instruct", in{"text": "请立即处理"})
		r.settle()
		id, err := r.d.Draft(t.Context(), h.Staff(t, "duban"), brief.Instructed, "2026-11-23")
		if err != nil {
			t.Fatal(err)
		}
		if i := r.read(id); len(i.Chosen) != 1 || i.Chosen[0].Case.ID != one.ID {
			t.Errorf("the list has %+v", i.Chosen)
		}
		month, err := r.d.Draft(t.Context(), h.Staff(t, "duban"), brief.Monthly, "2026-12-01")
		if err != nil {
			t.Fatal(err)
		}
		if i := r.read(month); i.Period != (view.Period{From: "2026-11-01", To: "2026-11-30"}) || !strings.Contains(i.Text, "受理诉求2件") {
			t.Errorf("the review of %+v: %s", i.Period, i.Text)
		}
		if _, err := r.d.Draft(t.Context(), h.Staff(t, "duban"), "weekly", "2026-12-01"); !errs.Is(err, errs.Invalid) {
			t.Errorf("a kind that does not exist: %v", err)
		}
		if _, err := r.d.Read(t.Context(), h.Staff(t, "duban"), one.ID); !errs.Is(err, errs.NotFound) {
			t.Errorf("an appeal read as a brief: %v", err)
		}
	})
}
