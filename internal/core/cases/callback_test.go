package cases_test

import (
	"testing"
	"time"

	"yiwang/internal/core/cases/casestest"
)

// answered brings a case of a nature to where its answer has reached the appellant.
func (s *story) answered(c cast, nature string) *story {
	s.t.Helper()
	s.act(c.dispatcher, "dispatch", in{"matter": "030503", "unit": streetWorks, "nature": nature})
	s.act(c.clerk, "sign", nil).act(c.clerk, "contact", in{"means": "phone", "note": "已致电"})
	return s.act(c.head, "resolve", in{"result": "solved", "answer": solved}).act(c.auditor, "pass", nil)
}

// A share of those who asked is telephoned, drawn by lot; all who complain are, and
// all who were not satisfied before. Three tries at different hours, each with its
// result; then the rating is waited for, and silence is nothing but silence.
func TestCallBackStory(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		c, caller := castOf(t, h), h.Staff(t, "huifang")
		drawn := 0
		var quiet *story
		const asked = 60
		for range asked {
			s := (&story{t: t, h: h}).another("请问施工许可怎么办理？").answered(c, "咨询")
			if s.now().State == "callback" {
				drawn++
			} else {
				s.is("rating")
				quiet = s
			}
		}
		// One in five is drawn: of sixty, fewer than 3 or more than 28 come by chance once in ten thousand times.
		if drawn < 3 || drawn > 28 || quiet == nil {
			t.Fatalf("%d of %d enquiries were drawn", drawn, asked)
		}

		// Who was not drawn and is not satisfied is telephoned after the rework, whatever the lot.
		quiet.act(c.citizen, "rate", in{"level": 5}).is("handling")
		quiet.act(c.head, "resolve", in{"result": "solved", "answer": solved}).act(c.auditor, "pass", nil).is("callback")

		// A complaint is always telephoned; what did not connect is tried at another hour.
		s := (&story{t: t, h: h}).another("工地夜里施工。").answered(c, "投诉").is("callback")
		var hours []int
		for _, outcome := range []string{"no_answer", "busy", "off"} {
			hours = append(hours, h.Clock.Now().In(casestest.Monday.Location()).Hour())
			s.act(caller, "call_failed", in{"outcome": outcome})
			if s.now().State == "rating" {
				break
			}
			s.is("later")
			waited := 0
			for ; s.now().State == "later" && waited < 24; waited++ {
				s.pass(time.Hour)
			}
			if s.is("callback"); waited < 3 {
				t.Errorf("tried again after %d hours", waited)
			}
		}
		if s.is("rating"); len(hours) != 3 || hours[0] == hours[1] || hours[1] == hours[2] {
			t.Errorf("tried at %v", hours)
		}
		s.pass(8 * 24 * time.Hour)
		if s.is("archived"); s.now().Rating != 0 {
			t.Errorf("silence was rated %d", s.now().Rating)
		}
		// Who does not want to be called is not called again.
		(&story{t: t, h: h}).another("垃圾没有人清运。").answered(c, "投诉").act(caller, "call_failed", in{"outcome": "refused"}).is("rating")
	})
}
