package api_test

import (
	"strings"
	"testing"
	"time"

	"yiwang/internal/base/sqldb/sqldbtest"
	"yiwang/internal/core/org"
	"yiwang/internal/door/api/apitest"
	"yiwang/internal/work/intake"
)

// The rows of docs/scorecard.md that no other story tells. Each has several actors,
// each signed in as in the demo.

// tell files an appeal as the counter does and dispatches it to the street.
func tell(t *testing.T, h *apitest.House, title string, more m) string {
	t.Helper()
	filing := m{"family": "appeal", "channel": "hotline", "title": title, "text": "香蜜湖街道农林路口" + title + "，请派人来看看。"}
	for k, v := range more {
		filing[k] = v
	}
	id := h.As(t, "shouli").Post("/api/cases", filing).OK().Text("id")
	h.As(t, "fenbo").Act(id, "dispatch", m{"matter": "030303", "unit": streetUnit}).OK()
	return id
}

// passes lets time go by, with everything that happens by itself; who comes back
// signs in again.
func passes(t *testing.T, h *apitest.House, d time.Duration) {
	t.Helper()
	h.Clock.Pass(d)
	h.NewShift()
	if _, _, err := h.Cases.Fire(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// noticesOf counts what was told to somebody of a case.
func noticesOf(t *testing.T, h *apitest.House, id, template, audience, channel string) (n int) {
	t.Helper()
	err := h.DB.Read().QueryRow(t.Context(), `select count(*) from notice where case_id = ? and template = ? and audience = ? and (channel = ? or inapp = 1 and ? = 'inapp')`,
		id, template, audience, channel, channel).Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A1, A2: whatever way it comes, it comes to one desk, once, and the desk can tell
// the channels apart.
func TestEveryChannelLeadsToOneDesk(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		if n := len(h.City.Channels()); n != 33 {
			t.Fatalf("%d channels", n)
		}
		numbers := map[string]bool{}
		for _, ch := range h.City.Channels() {
			msg := intake.Message{Channel: ch.Code, ExternalID: "W-1", Actor: org.Machine("import"), Title: "经" + ch.Name + "反映", Text: ch.Name + "转来：农林路口的护栏倒了，挡住半条路。"}
			first, err := h.Desk.File(t.Context(), msg)
			if err != nil {
				t.Fatal(ch.Code, err)
			}
			again, err := h.Desk.File(t.Context(), msg)
			if err != nil || again.Number != first.Number || !again.Already {
				t.Errorf("%s sent twice: %s and %s, %v", ch.Code, first.Number, again.Number, err)
			}
			numbers[first.Number] = true
		}
		if len(numbers) != 33 {
			t.Errorf("%d numbers", len(numbers))
		}
		dispatcher, supervisor := h.As(t, "fenbo"), h.As(t, "duban")
		for _, ch := range h.City.Channels() {
			if list := dispatcher.Get("/api/cases?channel=" + ch.Code).OK(); list.Len("items") != 1 || list.Text("items", 0, "channel_name") != ch.Name {
				t.Errorf("%s: %s", ch.Code, list.Raw)
			}
		}
		h.Settle(t)
		if got := supervisor.Get("/api/figures/today").OK().Text("today", "received"); got != "33" {
			t.Errorf("the figures count %s", got)
		}
	})
}

// A unit lacks something and asks; the appellant is told, by mail too, and adds it.
func TestTheUnitAsksForMore(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		id := tell(t, h, "夜间有噪声", m{"fields": m{"email": "li@example.com"}})
		clerk, counter := h.As(t, "shoufa"), h.As(t, "shouli")
		clerk.Act(id, "sign", nil).OK()
		page := clerk.Get("/api/cases/" + id).OK()
		offered := ""
		for i := range page.Len("actions") {
			if page.Text("actions", i, "code") == "inquire" {
				offered = page.Text("actions", i, "input", 0, "phrases")
			}
		}
		if !strings.Contains(offered, "具体地点") {
			t.Fatalf("no phrases are offered: %q", offered)
		}
		clerk.Act(id, "inquire", m{"question": "请补充噪声从哪里来、每天从几点到几点。"}).OK()
		for _, channel := range []string{"inapp", "sms", "mail"} {
			if n := noticesOf(t, h, id, "inquired", "appellant", channel); n != 1 {
				t.Errorf("told %d times by %s", n, channel)
			}
		}
		counter.Act(id, "add", m{"text": "是楼下的空调外机，每晚十点到十二点。"}).OK()
		if n := noticesOf(t, h, id, "added", "unit:"+streetUnit, "inapp"); n != 1 {
			t.Errorf("the unit heard of it %d times", n)
		}
		photo := clerk.Upload("现场.png", png).OK().Text("id")
		clerk.Act(id, "note", m{"text": "已到现场测过一次。", "files": []string{photo}}).OK()
		for range 4 {
			clerk.Act(id, "inquire", m{"question": "还有别的情况吗？"}).OK()
		}
		if clerk.Act(id, "inquire", m{"question": "再问一次。"}).Status < 400 {
			t.Error("asked without end")
		}
	})
}

// A10, A15: ten minutes to sign, thirty to reach the appellant, a day to report;
// the unit is warned before, and who is late stands in everybody's lists.
func TestTenThirtyTwentyFour(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		prompt, slow := tell(t, h, "路灯不亮", nil), tell(t, h, "井盖松动", nil)
		passes(t, h, 5*time.Minute)
		h.As(t, "shoufa").Act(prompt, "sign", nil).OK()
		passes(t, h, 4*time.Minute) // 50 and 80 per cent of ten minutes are behind the other
		if p, s := noticesOf(t, h, prompt, "warned", "unit:"+streetUnit, "inapp"), noticesOf(t, h, slow, "warned", "unit:"+streetUnit, "inapp"); p != 1 || s != 2 {
			t.Errorf("warned of %d and %d", p, s)
		}
		passes(t, h, 2*time.Minute)
		h.As(t, "shoufa").Act(slow, "sign", nil).OK()
		h.As(t, "jingban").Act(prompt, "contact", m{"means": "phone", "note": "已通话"}).OK()
		passes(t, h, 31*time.Minute)
		h.As(t, "jingban").Act(slow, "contact", m{"means": "phone", "note": "已通话"}).OK()
		h.As(t, "jingban").Act(prompt, "report", m{"progress": "电工今晚更换灯泡。"}).OK()
		passes(t, h, 24*time.Hour)
		late := func(id string) map[string]bool {
			page, out := h.As(t, "duban").Get("/api/cases/"+id).OK(), map[string]bool{}
			for i := range page.Len("clocks") {
				if page.At("clocks", i, "breached") == true {
					out[page.Text("clocks", i, "code")] = true
				}
			}
			return out
		}
		if got := late(prompt); len(got) != 0 {
			t.Errorf("the prompt one is late: %v", got)
		}
		if got := late(slow); !got["sign"] || !got["contact"] || !got["feedback"] || len(got) != 3 {
			t.Errorf("the slow one is late: %v", got)
		}
		if list := h.As(t, "duban").Get("/api/cases?late=true").OK(); list.Len("items") != 1 || list.Text("items", 0, "id") != slow {
			t.Errorf("the list of the late: %s", list.Raw)
		}
		// A whole number finds its case, whatever else was chosen.
		number := h.As(t, "duban").Get("/api/cases/" + prompt).OK().Text("number")
		if list := h.As(t, "duban").Get("/api/cases?late=true&unit=chengguan&q=" + strings.ToLower(number)).OK(); list.Len("items") != 1 || list.Text("items", 0, "id") != prompt {
			t.Errorf("by number: %s", list.Raw)
		}
	})
}

// A13: four means of supervision, in grades, each with its record and its answer;
// the one that is not answered becomes late.
func TestSupervisionByFourMeans(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		id := tell(t, h, "工地夜间施工", nil)
		supervisor, clerk, handler := h.As(t, "duban"), h.As(t, "shoufa"), h.As(t, "jingban")
		clerk.Act(id, "sign", nil).OK()
		handler.Act(id, "contact", m{"means": "visit", "note": "已上门"}).OK()
		for i, means := range []string{"group", "phone", "letter", "meeting"} {
			grade := []string{"usual", "usual", "key", "listed"}[i]
			supervisor.Act(id, "supervise", m{"means": means, "grade": grade, "demand": "请在今晚前停工。"}).OK()
			if means != "meeting" {
				clerk.Act(id, "answer_supervision", m{"done": "已通知施工单位。"}).OK()
			}
		}
		clerk.Act(id, "supervise", m{"means": "phone", "grade": "usual", "demand": "x"}).Is(403)
		supervisor.Act(id, "coordinate", m{"units": "街道、住建局、施工单位", "note": "夜间十点后不再浇筑。"}).OK()
		passes(t, h, 4*24*time.Hour)
		page := h.As(t, "duban").Get("/api/cases/" + id).OK()
		said, papers, breached := map[string]int{}, 0, 0
		for i := range page.Len("timeline") {
			said[page.Text("timeline", i, "kind")]++
			if page.At("timeline", i, "paper") != nil && page.Text("timeline", i, "paper") != "" {
				papers++
			}
		}
		for i := range page.Len("clocks") {
			if page.Text("clocks", i, "code") == "supervise" && page.At("clocks", i, "breached") == true {
				breached++
			}
		}
		if said["supervise"] != 4 || said["answer_supervision"] != 3 || said["coordinate"] != 1 || papers != 1 || breached != 1 {
			t.Errorf("%v, %d letters, %d late", said, papers, breached)
		}
	})
}

// A14: what nobody wants is handed back, ruled once and for all, and stands in the
// report of the matters that have no home.
func TestWhatNobodyClaims(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		counter, dispatcher, clerk, arbiter, supervisor := h.As(t, "shouli"), h.As(t, "fenbo"), h.As(t, "shoufa"), h.As(t, "caijue"), h.As(t, "duban")
		chronic := map[string]string{"030607": "小区物业多收管理费，物业和业委会都不管。", "030609": "业委会选不出来，小区没有人管。"}
		for matter, text := range chronic {
			id := counter.Post("/api/cases", m{"family": "appeal", "channel": "hotline", "text": "香蜜湖街道" + text}).OK().Text("id")
			dispatcher.Act(id, "dispatch", m{"matter": matter, "unit": streetUnit}).OK()
			clerk.Act(id, "return", m{"reason": "duty", "clause": "职责清单物业管理条", "suggest": "zhujian"}).OK()
			if k := supervisor.Get("/api/cases/" + id).OK(); k.Text("unit") != streetUnit {
				t.Errorf("while it is looked at it belongs to %q", k.Text("unit"))
			}
			dispatcher.Act(id, "refuse_return", m{"note": "属地先办"}).OK()
			clerk.Act(id, "dispute", m{"clause": "职责清单物业管理条", "suggest": "zhujian", "note": "主管部门是住建局"}).OK()
			ruled := arbiter.Act(id, "rule", m{"unit": "zhujian", "matter": matter, "clause": "职责清单物业管理条第2款", "note": "行业主管部门牵头，街道配合"}).OK()
			if ruled.Text("case", "unit") != "zhujian" {
				t.Errorf("ruled: %s", ruled.Text("case", "unit"))
			}
		}
		h.Settle(t)
		list := supervisor.Get("/api/duty/unwanted?days=7").OK()
		if list.Len("items") != len(chronic) {
			t.Fatalf("the report: %s", list.Raw)
		}
		for i := range list.Len("items") {
			if chronic[list.Text("items", i, "matter")] == "" || list.Text("items", i, "returned") != "1" || list.Text("items", i, "matter_name") == "" {
				t.Errorf("the report: %s", list.Raw)
			}
		}
	})
}

// A16: not reached, tried again; not satisfied, done again; satisfied at the end.
func TestCalledBackUntilSatisfied(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		id := tell(t, h, "垃圾堆了三天", m{"nature": "投诉"})
		answer := func(said string) {
			h.As(t, "fuze").Act(id, "resolve", m{"result": "solved", "answer": said}).OK()
			h.As(t, "shenhe").Act(id, "pass", nil).OK()
		}
		h.As(t, "shoufa").Act(id, "sign", nil).OK()
		h.As(t, "jingban").Act(id, "contact", m{"means": "phone", "note": "已通话"}).OK()
		answer("11月23日上午环卫工人到农林路口清运垃圾两车。")
		for range 2 {
			h.As(t, "huifang").Act(id, "call_failed", m{"outcome": "no_answer"}).OK()
			for hours := 0; h.As(t, "huifang").Get("/api/cases/"+id).OK().Text("state") != "callback"; hours++ {
				if passes(t, h, time.Hour); hours > 24 {
					t.Fatal("nobody tries again")
				}
			}
		}
		again := h.As(t, "huifang").Act(id, "call_back", m{"solved": "no", "level": 5, "note": "还剩一半没有清。"}).OK()
		if again.Text("case", "state") != "handling" {
			t.Fatalf("unsatisfied, and %s", again.Text("case", "state"))
		}
		if list := h.As(t, "shoufa").Get("/api/cases?lane=handle").OK(); list.Len("items") != 1 || list.Text("items", 0, "due_clock") != "rework" {
			t.Errorf("the unit's list: %s", list.Raw)
		}
		answer("11月24日已清运剩余垃圾，每天早晚各清一次。")
		done := h.As(t, "huifang").Act(id, "call_back", m{"solved": "yes", "level": 1}).OK()
		if done.Text("case", "state") != "closed" || done.Text("case", "rating") != "1" {
			t.Errorf("in the end %s, %s", done.Text("case", "state"), done.Text("case", "rating"))
		}
	})
}

// A22: property manager, cleaner, power, gas and two telecoms are called in, each
// sees its own part and nothing of who told of it, and tells of what it sees.
func TestSixKindsOfPartners(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		id := tell(t, h, "施工挖断管线，停电停气断网", m{"fields": m{"phone": "13812345678", "name": "张三"}})
		clerk, admin := h.As(t, "shoufa"), h.As(t, "guanli")
		clerk.Act(id, "sign", nil).OK()
		h.As(t, "jingban").Act(id, "contact", m{"means": "visit", "note": "在现场"}).OK()
		units := []string{"pt-wuye-01", "pt-huanwei-5", "pt-gongdian-1", "pt-ranqi-1", "pt-yidong-1", "pt-dianxin-1"}
		var partners []*apitest.Person
		for _, unit := range units {
			key := admin.Post("/api/admin/keys", m{"name": "社会单位 " + unit, "unit": unit, "channel": "partner", "roles": []string{"partner"}}).OK().Text("key")
			partners = append(partners, h.ByKey(t, key))
			clerk.Act(id, "call_in", m{"unit": unit, "task": "请派人到农林路口抢修。"}).OK()
		}
		for i, p := range partners {
			list := p.Get("/api/cases").OK()
			if list.Len("items") != 1 || list.Text("items", 0, "unit") != units[i] || strings.Contains(string(list.Raw), "张") {
				t.Fatalf("%s sees %s", units[i], list.Raw)
			}
			part := list.Text("items", 0, "id")
			if k := p.Get("/api/cases/" + part).OK(); strings.Contains(string(k.Raw), "13812345678") || strings.Contains(string(k.Raw), "张三") {
				t.Errorf("%s reads who it was: %s", units[i], k.Raw)
			}
			p.Get("/api/cases/" + id).Is(404)
			if i == 0 {
				if h.As(t, "fuze").Act(id, "resolve", m{"result": "solved", "answer": "已全部恢复供应，道路已回填。"}).Status < 400 {
					t.Fatal("answered before its parts were done")
				}
			}
			p.Act(part, "report_in", nil).OK()
			p.Act(part, "finish", m{"report": "已抢修完毕。"}).OK()
			p.Post("/api/cases", m{"family": "appeal", "channel": "partner", "text": "农林路口还有一处管线外露，存在隐患。"}).OK()
		}
		h.As(t, "fuze").Act(id, "resolve", m{"result": "solved", "answer": "11月23日六家单位到农林路口抢修，当天全部恢复供应，道路已回填。"}).OK()
		if list := h.As(t, "fenbo").Get("/api/cases?channel=partner").OK(); list.Len("items") != len(units) {
			t.Errorf("risks told of: %d", list.Len("items"))
		}
	})
}

// A6, A9: a fast-track matter at eleven in the evening has two hours, whatever the
// calendar says; who is on the roster hears of it on their own telephone.
func TestFastMatterAtNight(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		const unit, onDuty, off = "jiaotong-shebei", "xiao.linna", "jiang.mei" // on Monday night
		h.Clock.Pass(13 * time.Hour)
		admin := h.As(t, "guanli")
		admin.Patch("/api/admin/staff/"+onDuty, m{"phone": "13800138001"}).OK()
		if admin.Patch("/api/admin/staff/"+off, m{"phone": "12345"}).Status < 400 {
			t.Error("12345 is taken for a mobile number")
		}
		id := h.As(t, "shouli").Post("/api/cases", m{"family": "appeal", "channel": "hotline", "text": "农林路口路面塌了一个大坑，晚上看不见，很危险。"}).OK().Text("id")
		dispatched := h.As(t, "fenbo").Act(id, "dispatch", m{"matter": "030503", "unit": unit}).OK()
		if due := dispatched.At("case", "due_at"); due == nil {
			t.Fatal("nothing is due")
		}
		for who, want := range map[string]int{"staff:" + onDuty: 1, "staff:" + off: 0, "unit:" + unit: 1} {
			if n := noticesOf(t, h, id, "dispatched_unit", who, "sms"); n != want {
				t.Errorf("%s is told %d times", who, n)
			}
		}
		limit := func() (left time.Duration, breached bool) {
			page := h.As(t, "duban").Get("/api/cases/" + id).OK()
			for i := range page.Len("clocks") {
				if page.Text("clocks", i, "code") == "handle" {
					return time.Duration(page.At("clocks", i, "due_at").(float64)-page.At("clocks", i, "started_at").(float64)) * time.Millisecond, page.At("clocks", i, "breached") == true
				}
			}
			t.Fatal("no clock for handling")
			return 0, false
		}
		if left, breached := limit(); left != 2*time.Hour || breached {
			t.Errorf("%s, %v", left, breached)
		}
		passes(t, h, 121*time.Minute)
		if _, breached := limit(); !breached {
			t.Error("at one in the morning it is not late")
		}
		if n := noticesOf(t, h, id, "breached", "staff:"+onDuty, "sms"); n == 0 {
			t.Error("the one on duty does not hear that it is late")
		}
	})
}

// A26: another city takes it over: other name, numbers, limits and supervision, the
// same program. Each keeps its own.
func TestAnotherCityTakesItOver(t *testing.T) {
	apitest.Run(t, func(t *testing.T, here *apitest.House) {
		there := apitest.OpenCity(t, sqldbtest.SQLiteURL, map[string][]string{
			"city.yaml":             {"number_prefix: \"SF\"", "number_prefix: \"CZ\"", "name: 示范区", "name: 邻市"},
			"clock/10-30-24.yaml":   {"limit: 10m", "limit: 1h", "title: 10分钟签收", "title: 1小时签收"},
			"lifecycle/appeal.yaml": {"{code: listed, title: 挂牌督办}", "{code: listed, title: 市长督办}"},
			"matter/appeals.csv":    {"030303,房屋违建（破损）", "030303,违法建设"},
			"channel/channels.csv":  {"12345政务服务便民热线", "邻市12345"},
			"notice/appellant.yaml": {"我们收到了您的反映", "邻市已收到您的反映"},
		})
		for h, want := range map[*apitest.House]struct{ prefix, matter, clock string }{
			here: {"SF", "房屋违建（破损）", "10分钟签收"}, there: {"CZ", "违法建设", "1小时签收"},
		} {
			id := tell(t, h, "违章搭建", nil)
			page := h.As(t, "shoufa").Get("/api/cases/" + id).OK()
			if !strings.HasPrefix(page.Text("number"), want.prefix) || page.Text("matter_name") != want.matter || !strings.Contains(page.Text("clocks"), want.clock) {
				t.Errorf("%s: %s", want.prefix, page.Raw)
			}
			passes(t, h, 20*time.Minute)
			late := h.As(t, "duban").Get("/api/cases?late=true").OK().Len("items")
			h.As(t, "shoufa").Act(id, "sign", nil).OK()
			if (late == 1) != (h == here) {
				t.Errorf("%s: %d late after twenty minutes", want.prefix, late)
			}
			done := h.As(t, "duban").Act(id, "supervise", m{"means": "phone", "grade": "listed", "demand": "今天拆除"}).OK()
			if strings.Contains(string(done.Raw), "市长督办") != (h == there) {
				t.Errorf("%s: the grade is said in the other city's words", want.prefix)
			}
		}
	})
}
