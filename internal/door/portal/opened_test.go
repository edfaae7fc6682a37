package portal_test

import (
	"strings"
	"testing"
	"time"

	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
	"yiwang/internal/work/brief"
)

// The public page shows figures, and of the answered cases only what an auditor
// chose, published and put into words that name nobody.
func TestPublicPageNamesNobody(t *testing.T) {
	h := openHouse(t)
	filed := func(text string) cases.Case {
		t.Helper()
		f, err := h.Cases.File(t.Context(), cases.Filing{Family: "appeal", Channel: "web", Actor: org.Appellant(),
			Fields: map[string]any{"title": text, "text": text, "name": "欧阳小敏", "phone": "13800138000", "address": "某某花园3栋702"}})
		if err != nil {
			t.Fatal(err)
		}
		return f.Case
	}
	chosen, waiting := filed("欧阳小敏家楼下烧烤油烟"), filed("三栋漏水")
	h.answer(t, chosen.Number, "已劝离摊贩。")
	desk := brief.Desk{City: h.City, Units: h.Staff.Directory, Cases: h.Cases, View: h.View, Now: h.clock.now}
	duban, _ := h.Staff.Directory().Actor("duban")
	id, err := desk.Draft(t.Context(), duban, brief.Open, "2026-11-23")
	if err != nil {
		t.Fatal(err)
	}
	h.act(t, id, "shenhe", "choose", map[string]any{"case": chosen.Number, "summary": "居民反映夜间烧烤摊油烟扰民，执法队当晚劝离并安排值守。"})
	h.act(t, id, "shenhe", "choose", map[string]any{"case": waiting.Number, "summary": "还没有答复的漏水件。"})
	if err := h.View.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.clock.pass(6 * time.Minute)
	b := open(t)
	b.get("/open").sees("办理情况公开", "2026-11", "按时办结率")
	if strings.Contains(b.page, "烧烤摊") {
		t.Error("a case is shown before the issue was published")
	}
	h.act(t, id, "shenhe", "publish", nil)
	h.clock.pass(6 * time.Minute)
	b.get("/open").sees("夜间烧烤摊油烟扰民", "梅林街道")
	for _, never := range []string{"欧阳", "13800138000", "702", "还没有答复的漏水件", chosen.Number} {
		if strings.Contains(b.page, never) {
			t.Errorf("the public page shows %q", never)
		}
	}
	if f := faults(b.page); len(f) > 0 {
		t.Errorf("the page: %v", f)
	}
}
