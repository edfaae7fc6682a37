package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"yiwang/internal/door/api/apitest"
)

type m = apitest.M

const streetUnit = "st-xiangmihu-um"

// A call to the hotline, from the counter to the call-back, through everybody's hands.
func TestAppealStory(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		counter, dispatcher := h.As(t, "shouli"), h.As(t, "fenbo")
		clerk, handler, auditor, caller := h.As(t, "shoufa"), h.As(t, "jingban"), h.As(t, "shenhe"), h.As(t, "huifang")

		filed := counter.Post("/api/cases", m{"family": "appeal", "channel": "hotline", "title": "工地夜间施工",
			"text": "香蜜湖街道农林路口的工地夜里两点还在打桩，我的电话13812345678。", "fields": m{"phone": "13812345678", "name": "张三"}}).OK()
		id := filed.Text("id")
		if code := filed.Text("query_code"); len(code) != 8 {
			t.Errorf("query code %q", code)
		}

		// Before it is dispatched no unit knows of it.
		clerk.Get("/api/cases/" + id).Is(http.StatusNotFound)
		if n := clerk.Get("/api/cases").OK().Len("items"); n != 0 {
			t.Errorf("the clerk sees %d cases", n)
		}

		queue := dispatcher.Get("/api/desk/queue").OK()
		if queue.Text("items", 0, "id") != id || queue.Text("total") != "1" {
			t.Fatalf("queue: %s", queue.Raw)
		}
		dispatcher.Post("/api/desk/queue/"+id+"/claim", nil).OK()
		page := dispatcher.Get("/api/cases/" + id).OK()
		if page.Text("fields", "phone") != "138****5678" || page.Text("fields", "name") != "张**" || strings.Contains(string(page.Raw), "13812345678") {
			t.Errorf("personal data are not masked: %s", page.Raw)
		}
		if read := dispatcher.Get("/api/cases/" + id + "/reading").OK(); read.Len("matters") == 0 || read.Len("matters", 0, "words") == 0 || read.Text("why_not") == "" {
			t.Errorf("reading: %s", read.Raw)
		}
		dispatched := dispatcher.Act(id, "dispatch", m{"matter": "030503", "unit": streetUnit}).OK()
		if dispatched.Text("case", "state") != "dispatched" {
			t.Fatalf("dispatched: %s", dispatched.Raw)
		}

		// Somebody who still looks at the old state is told so.
		clerk.Post("/api/cases/"+id+"/actions/sign", m{"version": 1}).Is(http.StatusConflict)
		h.Clock.Pass(4 * time.Minute)
		inbox := clerk.Get("/api/cases?lane=sign").OK()
		if inbox.Len("items") != 1 || inbox.Text("items", 0, "due_clock") != "sign" || inbox.At("items", 0, "due_started_at") == float64(0) {
			t.Errorf("inbox: %s", inbox.Raw)
		}
		several := clerk.Post("/api/actions/sign", m{"ids": []string{id, "01ARZ3NDEKTSV4RRFFQ69G5FAV"}}).OK()
		if several.Len("done") != 1 || several.Len("failed") != 1 {
			t.Errorf("several: %s", several.Raw)
		}
		clerk.Act(id, "assign", m{"staff": "jingban"}).OK()
		handler.Act(id, "contact", m{"means": "phone", "note": "已致电，13812345678接听"}).OK()
		photo := handler.Upload("现场 1.png", png).OK().Text("id")
		handler.Act(id, "resolve", m{"result": "solved", "answer": "执法队已责令停工。", "files": []string{photo}}).OK()
		if h.As(t, "fuze").Get("/api/cases/"+id).OK().Text("state") == "approval" {
			h.As(t, "fuze").Act(id, "approve", nil).OK()
		}
		auditor.Act(id, "pass", nil).OK()
		done := caller.Act(id, "call_back", m{"solved": "yes", "level": 1}).OK()
		if done.Text("case", "state") != "closed" || done.Text("case", "rating") != "1" {
			t.Fatalf("after the call: %s", done.Raw)
		}

		// The file of the answer opens for those who see the case, and nobody else.
		if got := auditor.Get("/api/attachments/" + photo).OK(); string(got.Raw) != string(png) || got.Header.Get("Content-Type") != "image/png" {
			t.Errorf("the photo came back as %s of %d bytes", got.Header.Get("Content-Type"), len(got.Raw))
		}
		h.As(t, "wuye").Get("/api/attachments/" + photo).Is(http.StatusNotFound)
		h.As(t, "wuye").Get("/api/cases/" + id).Is(http.StatusNotFound)
		auditor.Get("/api/attachments/" + photo + "/thumb").OK()

		h.Settle(t)
		figures := h.As(t, "duban").Get("/api/figures/today").OK()
		for name, want := range map[string]string{"received": "1", "dispatched": "1", "answered": "1", "closed": "1", "satisfied": "1", "auto_dispatched": "0"} {
			if got := figures.Text("today", name); got != want {
				t.Errorf("%s is %s, want %s", name, got, want)
			}
			if list := auditor.Get("/api/cases?" + figures.Text("filters", name)).OK(); len(list.At("items").([]any)) != int(want[0]-'0') {
				t.Errorf("behind %s stand %s", name, list.Raw)
			}
		}
		proof := auditor.Get("/api/cases/" + id + "/proof/1").OK()
		if !strings.Contains(proof.Text("checkpoint"), "yiwang/") {
			t.Errorf("proof: %s", proof.Raw)
		}
	})
}

// A permit goes by the same doors, with clocks and a signed certificate.
func TestPermitStory(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		clerk, head := h.As(t, "shoufa"), h.As(t, "fuze")
		photo := h.As(t, "shouli").Upload("摊位.png", png).OK().Text("id")
		id := h.As(t, "shouli").Post("/api/cases", m{"family": "street-stall", "channel": "counter", "area": "440304006",
			"fields": m{"name": "张三", "phone": "13800000000", "address": "农林路口", "goods": "fruit", "from": "2026-12-01", "days": 30, "photos": []string{photo}}, "files": []string{photo}}).OK().Text("id")
		page := clerk.Get("/api/cases/" + id).OK()
		if page.Text("unit") != streetUnit || page.Text("clocks", 0, "code") != "acceptance" {
			t.Fatalf("the permit: %s", page.Raw)
		}
		clerk.Act(id, "accept", nil).OK()
		head.Act(id, "grant", m{"opinion": "符合条件"}).OK()
		done := clerk.Act(id, "issue", nil).OK()
		if done.Text("case", "vouchers", 0, "kind") != "stall_permit" || done.Text("case", "closed") != "true" {
			t.Errorf("issued: %s", done.Raw)
		}
	})
}

// png is the smallest picture there is.
var png = []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89" +
	"\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82")
