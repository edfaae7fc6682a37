package api_test

import (
	"strings"
	"testing"
	"time"

	"yiwang/internal/core/org"
	"yiwang/internal/door/api/apitest"
	"yiwang/internal/work/intake"
	"yiwang/internal/work/repeat"
)

// Several people tell of a hole in the road: the same words are linked at once,
// other words proposed, what was refused stays refused, and after it was closed it
// is the same trouble again.
func TestTheSameEventByManyVoices(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		dispatcher := h.As(t, "fenbo")
		hear := func(id, channel, phone, text string) string {
			t.Helper()
			h.Settle(t)
			h.Clock.Pass(time.Minute)
			filed, err := h.Desk.File(t.Context(), intake.Message{Channel: channel, ExternalID: id, Actor: org.Machine("import"), Phone: phone, Text: text})
			if err != nil {
				t.Fatal(err)
			}
			return filed.ID
		}
		const hole = "农林路与红荔西路交叉口路面塌陷了一大块，电动车差点栽进去，请尽快修补"
		first := hear("1", "hotline", "13800000001", hole)
		if n := dispatcher.Get("/api/cases/" + first).OK().Len("links"); n != 0 {
			t.Errorf("the first case has %d links", n)
		}

		copied := dispatcher.Get("/api/cases/" + hear("2", "web", "13800000002", hole)).OK()
		if copied.Text("links", 0, "id") != first || copied.Text("links", 0, "kind") != "repeats" || !strings.Contains(copied.Text("links", 0, "reason"), "文字几乎相同") {
			t.Errorf("the same words by another channel: %s", copied.Raw)
		}
		if copied.Len("reading", "repeats") != 0 {
			t.Error("what is linked is still proposed")
		}

		other := hear("3", "web", "13800000003", "农林路口修路修了半年，坑坑洼洼")
		proposed := dispatcher.Get("/api/cases/" + other).OK()
		if proposed.Len("links") != 0 || proposed.Len("reading", "repeats") == 0 {
			t.Fatalf("other words: %s", proposed.Raw)
		}
		best := proposed.Text("reading", "repeats", 0, "number")
		if !strings.Contains(proposed.Text("reading", "repeats", 0, "reason"), "同一地点") {
			t.Errorf("reason %q", proposed.Text("reading", "repeats", 0, "reason"))
		}
		accepted := dispatcher.Act(other, proposed.Text("reading", "repeats", 0, "action"), m{"case": best, "reason": "同一地点"}).OK()
		if accepted.Text("case", "links", 0, "number") != best {
			t.Errorf("accepted: %s", accepted.Raw)
		}

		lamp := hear("4", "web", "13800000004", "农林路有个坑，旁边路灯也不亮，摔了一跤")
		shown := dispatcher.Get("/api/cases/" + lamp).OK()
		n := shown.Len("reading", "repeats")
		if n == 0 {
			t.Fatalf("nothing to refuse: %s", shown.Raw)
		}
		refused := dispatcher.Act(lamp, "not_repeat", m{"case": shown.Text("reading", "repeats", 0, "number")}).OK()
		if refused.Len("case", "reading", "repeats") != n-1 || refused.Len("case", "links") != shown.Len("links") {
			t.Errorf("refused: %s", refused.Raw)
		}

		for _, id := range []string{first, copied.Text("id"), other, lamp} {
			dispatcher.Act(id, "answer", m{"answer": "已派人修补，当天恢复通行。"}).OK()
		}
		h.Settle(t)
		h.Clock.Pass(10 * 24 * time.Hour)
		back := h.As(t, "huifang").Get("/api/cases/" + hear("5", "web", "13800000005", hole+"，修了又塌")).OK()
		if back.Text("links", 0, "kind") != "recurs" || !strings.Contains(back.Text("links", 0, "reason"), "再次反映") {
			t.Errorf("after it was closed: %s", back.Raw)
		}

		// Whoever starts again knows the same.
		h.Settle(t)
		again := intake.Message{Text: hole, Phone: "13800000001"}
		was := h.Desk.Nearby(again)
		h.Desk.Repeats = repeat.New()
		if err := h.Desk.Remember(t.Context(), repeat.New(), false); err != nil {
			t.Fatal(err)
		}
		is := h.Desk.Nearby(again)
		if len(was) == 0 || len(is) != len(was) || is[0].ID != was[0].ID || is[0].Score != was[0].Score || is[0].Recurs != was[0].Recurs {
			t.Errorf("%+v before, %+v after a start", was, is)
		}
	})
}
