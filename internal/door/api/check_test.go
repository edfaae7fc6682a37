package api_test

import (
	"net/http"
	"strings"
	"testing"

	"yiwang/internal/door/api/apitest"
)

// A unit that wants to send an empty reply is told so, sends it with a reason, and
// the auditor sees the reply, what is wrong with it and the reason; it counts
// against the unit.
func TestReplyCheckStory(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		id := file(t, h)
		clerk, handler, auditor := h.As(t, "shoufa"), h.As(t, "jingban"), h.As(t, "shenhe")
		h.As(t, "fenbo").Act(id, "dispatch", m{"matter": "030503", "unit": streetUnit}).OK()
		clerk.Act(id, "sign", nil).OK()
		clerk.Act(id, "assign", m{"staff": "jingban"}).OK()
		handler.Act(id, "contact", m{"means": "phone", "note": "已致电"}).OK()

		const empty = "网友：您好！您反映的问题已收悉，已转相关部门调查处理，感谢您的关心与支持！"
		found := handler.Post("/api/cases/"+id+"/check", m{"reply": empty}).OK()
		if found.Text("empty") != "true" || found.Text("answers") != "no" || found.Text("grave") != "true" ||
			found.Text("findings", 0, "kind") != "empty" || found.Len("findings", 0, "words") == 0 {
			t.Fatalf("the check: %s", found.Raw)
		}
		word, from := found.Text("findings", 0, "words", 0, "text"), int(found.At("findings", 0, "words", 0, "from").(float64))
		if rs := []rune(empty); string(rs[from:from+len([]rune(word))]) != word {
			t.Errorf("%q does not stand at %d", word, from)
		}
		h.As(t, "wuye").Post("/api/cases/"+id+"/check", m{"reply": empty}).Is(http.StatusNotFound)

		refused := handler.Act(id, "resolve", m{"result": "explained", "answer": empty}).Is(http.StatusUnprocessableEntity)
		if refused.Text("code") != "answer.needs_reason" || refused.Text("errors", 0, "location") != "despite" {
			t.Errorf("refused: %s", refused.Raw)
		}
		const reason = "诉求人来电要求只作登记"
		handler.Act(id, "resolve", m{"result": "explained", "answer": empty, "despite": reason}).OK()
		if head := h.As(t, "fuze"); head.Get("/api/cases/"+id).OK().Text("state") == "approval" {
			head.Act(id, "approve", nil).OK()
		}

		if again := auditor.Post("/api/cases/"+id+"/check", m{"reply": empty}).OK(); again.Text("findings", 0, "kind") != "empty" {
			t.Errorf("the auditor is shown %s", again.Raw)
		}
		page := auditor.Get("/api/cases/" + id).OK()
		shown := map[string]string{}
		for i := range page.Len("timeline") {
			for j := range page.Len("timeline", i, "input") {
				shown[page.Text("timeline", i, "input", j, "code")] = page.Text("timeline", i, "input", j, "value")
			}
		}
		if shown["answer"] != empty || shown["despite"] != reason {
			t.Errorf("the auditor sees %v", shown)
		}

		h.Settle(t)
		units := h.As(t, "duban").Get("/api/figures/units").OK()
		for i := range units.Len("items") {
			if units.Text("items", i, "unit") == streetUnit && (units.Text("items", i, "despite") != "1" || units.Text("items", i, "despite_rate") != "1") {
				t.Errorf("the unit's figures: %s", units.Raw)
			}
		}

		// A reply that says what was done goes without more.
		other := file(t, h)
		h.As(t, "fenbo").Act(other, "dispatch", m{"matter": "030503", "unit": streetUnit}).OK()
		clerk.Act(other, "sign", nil).OK()
		clerk.Act(other, "assign", m{"staff": "jingban"}).OK()
		handler.Act(other, "contact", m{"means": "phone", "note": "已致电"}).OK()
		handler.Act(other, "resolve", m{"result": "solved", "answer": "11月20日晚我中队到场，已责令工地夜间停工；再有夜间施工请拨打12345。",
			"despite": "不该算数"}).OK()
		if page := auditor.Get("/api/cases/" + other).OK(); strings.Contains(string(page.Raw), "不该算数") {
			t.Error("a reason for nothing is kept")
		}
	})
}
