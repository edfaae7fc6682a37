package cases_test

import (
	"testing"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/org"
)

// A number that was taken down wrongly is put right by the call centre: from then on
// the case is found, called and written to by the right one, and the log still says
// what was filed. Erased, it is found by neither.
func TestContactIsPutRight(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		const wrong, right = "13800138001", "13800138002"
		c, ctx := castOf(t, h), t.Context()
		counter := h.Staff(t, "shouli")
		a := (&story{t: t, h: h}).file("appeal", in{"title": "路灯不亮", "text": "农林路路灯不亮。", "phone": wrong, "name": "张三"})
		found := func(phone string) int {
			ids, err := h.Store.ByPhone(ctx, phone, 5)
			if err != nil {
				t.Fatal(err)
			}
			return len(ids)
		}
		a.refused(errs.Conflict, counter, "amend_contact", nil)
		a.refused(errs.NotFound, c.handler, "amend_contact", in{"phone": right})
		a.act(counter, "amend_contact", in{"phone": right, "email": "Zhang@example.com"})
		if found(wrong) != 0 || found(right) != 1 {
			t.Errorf("found by the wrong number %d times, by the right one %d", found(wrong), found(right))
		}
		if to, err := h.Store.Contact(ctx, a.id, "phone"); err != nil || to != right {
			t.Errorf("called at %q, %v", to, err)
		}
		if n, err := h.Store.Recover(ctx, "zhang@EXAMPLE.com"); err != nil || n != 1 {
			t.Errorf("a lost code goes to the address %d times, %v", n, err)
		}
		v, err := h.Store.Open(ctx, org.Appellant(), a.id, "")
		if err != nil {
			t.Fatal(err)
		}
		said := map[string]string{}
		for _, f := range v.Fields {
			said[f.Code] = f.Text
		}
		if said["phone"] != right || said["name"] != "张三" {
			t.Errorf("the page says %v", said)
		}
		a.act(c.dispatcher, "reject", in{"reason": "repeated", "explain": "已有一件在办。"})
		if err := h.Store.Erase(ctx, org.Machine("test"), a.id, "反映人申请"); err != nil {
			t.Fatal(err)
		}
		if found(wrong)+found(right) != 0 {
			t.Error("erased, and still found")
		}
		a.verified()
	})
}
