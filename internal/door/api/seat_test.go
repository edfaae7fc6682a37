package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"yiwang/internal/door/api/apitest"
)

// A call rings, a seat takes it, sees what the caller told before, is offered the
// answer while typing and gives it; the next call becomes an order. Both are
// counted apart, and no number of a caller is left when they have ended.
func TestSeatStory(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		seat, admin, clerk := h.As(t, "shouli"), h.As(t, "guanli"), h.As(t, "shoufa")
		secret := admin.Post("/api/admin/keys", m{"name": "呼叫平台", "channel": "hotline"}).OK().Text("key")
		switchboard := h.ByKey(t, secret)
		clerk.Get("/api/calls").Is(http.StatusForbidden)
		seat.Post("/api/calls", m{"id": "x1", "event": "ringing", "line": "12345"}).Is(http.StatusForbidden)

		switchboard.Post("/api/calls", m{"id": "x0", "event": "ringing", "line": "10086", "phone": "13800138000"}).Is(http.StatusUnprocessableEntity)
		before := seat.Post("/api/cases", m{"family": "appeal", "channel": "hotline", "text": "香蜜湖街道农林路口的路灯不亮，晚上很黑。", "fields": m{"phone": "138 0013 8000"}}).OK().Text("id")
		for range 2 {
			switchboard.Post("/api/calls", m{"id": "x1", "event": "ringing", "line": "12315", "phone": "13800138000"}).OK()
		}
		desk := seat.Get("/api/calls").OK()
		if desk.Len("ringing") != 1 || desk.Text("ringing", 0, "phone") != "138****8000" || desk.Text("ringing", 0, "channel") != "hotline" {
			t.Fatalf("the call told twice: %s", desk.Raw)
		}
		at := "/api/calls/" + desk.Text("ringing", 0, "id")
		seat.Get(at + "/cases").Is(http.StatusForbidden)
		seat.Post(at+"/take", nil).OK()
		earlier := seat.Get(at + "/cases").OK()
		if earlier.Len("items") != 1 || earlier.Text("items", 0, "id") != before || strings.Contains(string(earlier.Raw), "13800138000") {
			t.Fatalf("earlier cases: %s", earlier.Raw)
		}
		if log := admin.Get("/api/admin/audit").OK(); !strings.Contains(string(log.Raw), "caller_cases") {
			t.Error("the look at the caller's cases is not noted")
		}

		help := seat.Post("/api/calls/suggest", m{"text": "我想问领结婚证要不要带户口本", "count": true}).OK()
		if help.At("sure") != true || help.Text("entries", 0, "code") != "marriage" {
			t.Fatalf("suggestions: %s", help.Raw)
		}
		seat.Post(at+"/finish", m{"outcome": "answered", "text": "结婚登记要不要带户口本"}).Is(http.StatusUnprocessableEntity)
		h.Clock.Pass(2 * time.Minute)
		done := seat.Post(at+"/finish", m{"outcome": "answered", "text": "结婚登记要不要带户口本", "answer": help.Text("entries", 0, "answer"), "asked": help.Text("asked")}).OK()
		if k := seat.Get("/api/cases/" + done.Text("id")).OK(); k.Text("state") != "answered" {
			t.Errorf("answered on the spot: %s", k.Text("state"))
		}

		own := seat.Post("/api/calls/begin", m{"phone": "13900139000"}).OK()
		help = seat.Post("/api/calls/suggest", m{"text": "香蜜湖街道农林路口的路灯不亮，晚上很黑。"}).OK()
		if help.Len("reading", "repeats") != 1 || help.Len("reading", "matters") == 0 {
			t.Errorf("a likely repeat is not shown: %s", help.Raw)
		}
		order := seat.Post("/api/calls/"+own.Text("id")+"/finish", m{"outcome": "order", "text": "香蜜湖街道农林路口有人占道经营，请处理。"}).OK()
		if order.Text("number") == "" {
			t.Error("no number to tell the caller")
		}
		switchboard.Post("/api/calls", m{"id": "x2", "event": "ringing", "line": "12345"}).OK()
		switchboard.Post("/api/calls", m{"id": "x2", "event": "ended"}).OK()
		today := seat.Get("/api/calls").OK()
		for field, want := range map[string]string{"calls": "3", "answered": "1", "orders": "1", "abandoned": "1", "talk": "120000"} {
			if got := today.Text("today", field); got != want {
				t.Errorf("%s: %s, want %s", field, got, want)
			}
		}
		var left int
		if err := h.DB.Read().QueryRow(t.Context(), `select count(*) from call where length(phone) > 0`).Scan(&left); err != nil || left != 0 {
			t.Errorf("%d numbers are left, %v", left, err)
		}
	})
}

// A surveyor enters a round at once: what is wrong is told before anything is
// filed; then each thing heard is a case of its own that follows the record.
func TestRoundStory(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		surveyor, clerk := h.As(t, "diaoyan"), h.As(t, "shoufa")
		heard := []m{{"text": "香蜜社区农林路口路灯不亮，晚上老人不敢出门。"}, {"text": "好"}, {"text": "小区门口的井盖破了，车压过去很响。"}}
		round := m{"id": "round-0001", "title": "香蜜社区走访", "day": "2026-11-23", "place": "香蜜社区党群服务中心", "people": "方舒、志愿者3人", "area": "440304006015", "items": heard}
		clerk.Post("/api/rounds", round).Is(http.StatusForbidden)
		tried := surveyor.Post("/api/rounds", round).OK()
		if tried.At("filed") != false || tried.Text("lines", 1, "problem") == "" || tried.Text("lines", 0, "problem") != "" {
			t.Fatalf("bulk check: %s", tried.Raw)
		}
		if n := surveyor.Get("/api/rounds").OK().Len("items"); n != 0 {
			t.Fatalf("%d records after a round with a fault", n)
		}
		round["items"] = []m{heard[0], heard[2]}
		filed := surveyor.Post("/api/rounds", round).OK()
		again := surveyor.Post("/api/rounds", round).OK()
		if filed.Text("lines", 0, "number") == "" || filed.Text("lines", 1, "number") != again.Text("lines", 1, "number") {
			t.Fatalf("sent twice: %s\n%s", filed.Raw, again.Raw)
		}
		seen := surveyor.Get("/api/rounds/" + filed.Text("id")).OK()
		if seen.Len("lines") != 2 || seen.Text("lines", 0, "state_title") == "" {
			t.Fatalf("the round with its outcome: %s", seen.Raw)
		}
		surveyor.Post("/api/cases/"+filed.Text("id")+"/actions/report", m{"input": m{"report": "照明和井盖维护不及时，建议逐路排查。"}}).OK()
	})
}

// A partner reaches the appellant of its own case for one call, sees nothing else
// of them, and each time is noted.
func TestPartnerCallsThrough(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		counter, dispatcher, partner, other := h.As(t, "shouli"), h.As(t, "fenbo"), h.As(t, "wuye"), h.As(t, "wangge")
		id := counter.Post("/api/cases", m{"family": "appeal", "channel": "hotline", "text": "香蜜苑小区3栋门禁坏了，外人随便进。", "fields": m{"name": "王小明", "phone": "13800138000"}}).OK().Text("id")
		dispatcher.Post("/api/cases/"+id+"/actions/dispatch", m{"input": m{"matter": "030601", "unit": "pt-wuye-01"}}).OK()
		partner.Post("/api/cases/"+id+"/reveal", m{"purpose": "联系反映人核实"}).Is(http.StatusForbidden)
		if k := partner.Get("/api/cases/" + id).OK(); strings.Contains(string(k.Raw), "13800138000") || strings.Contains(string(k.Raw), "王小明") {
			t.Fatalf("the partner sees who it was: %s", k.Raw)
		}
		got := partner.Post("/api/cases/"+id+"/contact", m{"purpose": "约时间上门修门禁"}).OK()
		if got.Text("phone") != "13800138000" || strings.Contains(string(got.Raw), "王小明") {
			t.Errorf("contact: %s", got.Raw)
		}
		if other.Post("/api/cases/"+id+"/contact", m{"purpose": "随便看看是谁"}).Status < 400 {
			t.Error("somebody of another unit gets the number")
		}
		var n int
		if err := h.DB.Read().QueryRow(t.Context(), `select count(*) from access_log where case_id = ? and purpose like '%约时间上门%'`, id).Scan(&n); err != nil || n != 1 {
			t.Errorf("noted %d times, %v", n, err)
		}
	})
}

// An entry is drafted from an answered case by one and shown by another.
func TestKnowledgeDeskStory(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		writer, reviewer, clerk := h.As(t, "shouli"), h.As(t, "shenhe"), h.As(t, "shoufa")
		clerk.Get("/api/knowledge").Is(http.StatusForbidden)
		if n := writer.Get("/api/knowledge").OK().Len("items"); n < 80 {
			t.Fatalf("%d entries", n)
		}
		e := m{"question": "花车巡游什么时候开始？", "answer": "正月十五晚七时。", "basis": "公告（示例）", "unit": "wenti", "expires": "2027-02-28"}
		code := writer.Post("/api/knowledge", e).OK().Text("code")
		writer.Post("/api/knowledge/"+code+"/review", m{"pass": true}).Is(http.StatusForbidden)
		if got := reviewer.Post("/api/knowledge/"+code+"/review", m{"pass": true}); got.Status >= 300 {
			t.Fatalf("review: %d %s", got.Status, got.Raw)
		}
	})
}

// An enterprise that nobody answers within a working day is not forgotten: the
// unit is pressed and the centre told.
func TestEnterpriseIsAnsweredOrElse(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		counter, dispatcher, clerk := h.As(t, "shouli"), h.As(t, "fenbo"), h.As(t, "shoufa")
		file := func(text string) string {
			id := counter.Post("/api/cases", m{"family": "appeal", "channel": "enterprise", "text": text}).OK().Text("id")
			dispatcher.Post("/api/cases/"+id+"/actions/dispatch", m{"input": m{"matter": "030302", "unit": "st-xiangmihu-um"}})
			clerk.Post("/api/cases/"+id+"/actions/sign", m{}).OK()
			return id
		}
		silent, answered := file("我们公司想咨询门前卫生责任区怎么划分。"), file("园区门口垃圾桶不够用，影响企业形象。")
		clerk.Post("/api/cases/"+answered+"/actions/contact", m{"input": m{"means": "phone", "note": "已与企业通话"}}).OK()
		h.Clock.Pass(3 * 24 * time.Hour)
		if _, _, err := h.Cases.Fire(t.Context()); err != nil {
			t.Fatal(err)
		}
		for id, want := range map[string]bool{silent: true, answered: false} {
			k, err := h.Cases.Get(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(k.Counts, `"urges":1`); got != want {
				t.Errorf("pressed: %v, want %v (%s)", got, want, k.Counts)
			}
		}
	})
}
