package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"yiwang/internal/base/errs"
)

// A person files an appeal on a telephone without JavaScript, step by step,
// watches it, adds to it and rates the answer.
func TestFileWatchRate(t *testing.T) {
	b := open(t)
	b.get("/").sees("我要反映", "查进度", "评价", "接下来会怎样", "2 小时内核对", "最快 2 小时、最迟", "10 个工作日", "临时占用街道设摊许可")

	b.get("/file").sees("第 1 步，共 4 步", "发生了什么")
	b.post("/file", form("text", "", "_go", "next")).sees("请填写“发生了什么”")
	b.post("/file", form("text", "梅林一村3栋楼下夜里烧烤，油烟很大。", "_go", "next"), photo(t, "现场.png")).at("/file/where")
	b.get("/file").sees("梅林一村3栋楼下夜里烧烤", "删除")

	b.post("/file/where", form("address", "梅林一村3栋", "area", "440304007021", "_go", "next")).at("/file/contact")
	b.post("/file/contact", form("_go", "next")).sees("请选择是否留下联系方式")
	b.post("/file/contact", form("contact", "named", "phone", "", "_go", "next")).sees("请填写手机号码")
	b.post("/file/contact", form("contact", "named", "name", "陈女士", "phone", "１３８ 0013 8000", "_go", "next")).at("/file/check")
	b.sees("梅林一村3栋楼下夜里烧烤", "陈女士", "修改")

	b.post("/file/send", form()).at("/file/sent").sees("已收到", "SF202611210001", "K7M1Q9PX", "接下来会怎样")
	f := b.house.cases[0].filing
	if f.Fields["text"] != "梅林一村3栋楼下夜里烧烤，油烟很大。" || len(f.Files) != 1 || f.Files[0].Name != "现场.png" {
		t.Errorf("filed %+v", f)
	}
	b.get("/file/receipt.svg")
	if !strings.Contains(b.page, "K7M1Q9PX") || !strings.HasPrefix(b.page, "<svg") {
		t.Errorf("the receipt is %s", b.page)
	}
	b.get("/file").at("/file/sent") // going back does not lose the number

	b.get("/track").sees("已收到，正在核对", "我们收到了您反映的问题", "补充", "撤回反映")
	b.get("/track/photo/" + f.Files[0].ID)
	if b.status != 200 {
		t.Errorf("one's own photo: %d", b.status)
	}
	b.get("/track/act/add").sees("补充的内容")
	b.post("/track/act/add", form("_once", b.hidden("_once"), "text", "今晚又来了"), photo(t, "b.png")).at("/track?done=add").sees("补充的内容已收到")

	b.house.answer("SF202611210001", "梅林街道综合行政执法队的答复：已清理。")
	b.get("/track").sees("已答复，请您评价", "已清理", "评价")
	b.get("/rate").at("/track/act/rate").sees("非常满意", "办理速度", "答复质量")
	b.post("/track/act/rate", form("_once", b.hidden("_once"))).sees("请选择“总体评价”中的一项")
	b.post("/track/act/rate", form("_once", b.hidden("_once"), "level", "2", "speed", "1", "comment", "谢谢")).at("/track?done=rate").sees("谢谢您的评价", "已办结")
}

// Whoever has number and code gets in from any browser, whoever has not does not.
func TestOpenWithCode(t *testing.T) {
	b := open(t)
	filed(b)
	o := b.other()
	o.get("/track").sees("编号", "查询码")
	o.post("/track", form("number", "SF202611210001", "code", "WRONG123")).sees("编号或查询码不对")
	o.post("/track", form("number", "sf2026 1121-0001", "code", " k7m1-q9px")).at("/track").sees("已收到，正在核对")
	if strings.Contains(o.path, "K7M1") || strings.Contains(o.page, "K7M1Q9PX") {
		t.Error("the code shows on the page of the case")
	}
	o.post("/track/leave", form()).at("/track").sees("查询码丢了")
	o.post("/rate", form("number", "SF202611210001", "code", "K7M1Q9PX")).at("/track?rate=later").sees("现在还不能评价")
	o.clock.t = o.clock.t.Add(31 * time.Minute)
	o.get("/track").seesNot("SF202611210001")
}

// filed files an anonymous appeal the shortest way.
func filed(b *browser) {
	b.t.Helper()
	b.post("/file", form("text", "路灯不亮", "_go", "next"))
	b.post("/file/where", form("_go", "next"))
	b.post("/file/contact", form("contact", "anonymous", "_go", "next")).at("/file/check").sees("匿名")
	b.post("/file/send", form()).at("/file/sent")
}

// Guesses at a code wait longer and longer, also from another address.
func TestGuessingIsSlowed(t *testing.T) {
	b := open(t)
	filed(b)
	o := b.other()
	wait := ""
	for i := range 5 {
		o.post("/track", form("number", "SF202611210001", "code", "GUESS"+string(rune('A'+i))))
		if o.status == http.StatusTooManyRequests {
			wait = plain(o.page)
			break
		}
	}
	if !strings.Contains(wait, "请稍候") || !strings.Contains(wait, "秒 后再试") {
		t.Fatalf("five wrong guesses were answered without a wait: %s", wait)
	}
	o.post("/track", form("number", "SF202611210001", "code", "K7M1Q9PX"))
	if o.status != 429 {
		t.Errorf("during the wait even the right code is not tried, got %d", o.status)
	}
	o.clock.t = o.clock.t.Add(3 * time.Minute)
	o.post("/track", form("number", "SF202611210001", "code", "K7M1Q9PX")).at("/track")
}

// Back, closing the page and switching language or size lose nothing.
func TestDraftSurvives(t *testing.T) {
	b := open(t)
	b.post("/file", form("text", "楼道堆物", "_switch", "elder:on")).at("/file").sees("楼道堆物", "标准版")
	if !strings.Contains(b.page, `class="elder"`) {
		t.Error("the elder mode is not on")
	}
	b.post("/file", form("text", "楼道堆物，三楼", "_switch", "lang:en")).at("/file").sees("楼道堆物，三楼", "What happened", "Standard")
	b.post("/prefs", form("switch", "lang:zh", "back", "/file")).at("/file")
	b.send("/file/save", "application/x-www-form-urlencoded", strings.NewReader("_step=what&text="+url.QueryEscape("楼道堆物，三楼到五楼")), http.Header{})
	if b.status != 204 {
		t.Fatalf("saving by itself: %d", b.status)
	}
	b.clock.t = b.clock.t.Add(20 * time.Hour)
	b.get("/file").sees("楼道堆物，三楼到五楼", "上次没有写完")
	b.post("/file", form("text", "楼道堆物", "_go", "next")).at("/file/where")
	b.post("/file/where", form("address", "某小区", "_go", "back")).at("/file").sees("楼道堆物")
	b.get("/file/where").sees("")
	if !strings.Contains(b.page, "某小区") {
		t.Error("going back lost the address")
	}
	b.post("/file/clear", form()).at("/file").seesNot("楼道堆物")
	b.other().get("/file").seesNot("楼道堆物")
}

// Two clicks file once, and the receipt shows the code.
func TestDoubleClickFilesOnce(t *testing.T) {
	b := open(t)
	b.post("/file", form("text", "井盖破损", "_go", "next"))
	b.post("/file/contact", form("contact", "anonymous", "_go", "next")).at("/file/check")
	var wg sync.WaitGroup
	for range 4 {
		c := *b
		wg.Go(func() { c.post("/file/send", form()).at("/file/sent").sees("K7M1Q9PX") })
	}
	wg.Wait()
	if n := len(b.house.cases); n != 1 {
		t.Errorf("%d cases", n)
	}
	b.get("/track/act/add")
	once := b.hidden("_once")
	for range 3 {
		b.post("/track/act/add", form("_once", once, "text", "补充一次")).at("/track?done=add")
	}
	if b.house.acts != 1 {
		t.Errorf("one form acted %d times", b.house.acts)
	}
	b.post("/file/clear", form()).at("/file").seesNot("井盖破损")
}

// A neighbour's case is offered once and never forced.
func TestNearbyIsOffered(t *testing.T) {
	b := open(t)
	b.post("/file", form("text", "烧烤油烟", "_go", "next"))
	b.post("/file/where", form("area", "440304007021", "_go", "next")).at("/file/contact")
	b.post("/file/contact", form("contact", "anonymous", "_go", "next"))
	b.post("/file/send", form()).at("/file/sent")

	o := b.other()
	o.post("/file", form("text", "有人烧烤", "_go", "next"))
	o.post("/file/where", form("area", "440304007021", "_go", "next")).at("/file/nearby").sees("附近已有人反映", "占道经营", "不是同一件，继续填写")
	token := o.hidden("case")
	o.post("/file/where", form("area", "440304007021", "_go", "next")).at("/file/contact") // asked once
	o.post("/file/follow", form("case", token)).at("/following").sees("占道经营", "已收到，正在核对")
	o.seesNot("烧烤油烟", "SF20261121")
	o.get("/").sees("我关注的事")
	o.get("/file/contact").sees("怎么答复您")
	o.post("/file/follow", form("case", "MDE.forged"))
	if o.status != 422 {
		t.Errorf("a forged case to follow: %d", o.status)
	}
}

// The map is worked with clicks that a browser without a script can send.
func TestMapWithoutScript(t *testing.T) {
	b := open(t)
	b.post("/file", form("text", "积水", "_go", "next")).at("/file/where").sees("在地图上点一下")
	b.get("/file/map.svg")
	if !strings.HasPrefix(b.page, "<svg") || !strings.Contains(b.page, "梅林") {
		t.Fatalf("the map is %.200s", b.page)
	}
	b.post("/file/where", form("_view", "in")).at("/file/where")
	b.post("/file/where", form("_map.x", "160", "_map.y", "150")).at("/file/where").sees("已选", "取消标记")
	b.post("/file/where", form("address", "桥下", "area", b.house.areaChosen(b), "_go", "next"))
	b.post("/file/contact", form("contact", "anonymous", "_go", "next")).sees("已在地图上标出")
	b.post("/file/send", form()).at("/file/sent")
	if f := b.house.cases[0].filing; f.Point == nil || f.Area == "" {
		t.Errorf("filed without its place: %+v", f)
	}
	o := b.other()
	o.post("/file", form("text", "积水", "_go", "next"))
	o.post("/file/where", form("_here", "116.4,39.9")).sees("不在本区范围内")
	o.post("/file/where", form("_view", "unpin")).seesNot("不在本区范围内")
}

// Any other family is one form, drawn from its declared fields.
func TestApplyByDeclarationAlone(t *testing.T) {
	b := open(t)
	b.get("/apply/appeal").at("/file")
	b.get("/apply/street-stall").sees("临时占用街道设摊许可", "经营内容", "果蔬", "开始日期", "天数", "法定二十个工作日")
	b.post("/apply/street-stall", form("name", "林某", "phone", "13800138000", "address", "新洲路", "goods", "fish", "from", "明天", "days", "100", "_go", "next")).
		sees("请选择“经营内容”中的一项", "“开始日期”请写成", "“天数”不能超过 90")
	b.post("/apply/street-stall", form("name", "林某", "phone", "13800138000", "address", "新洲路", "goods", "fruit", "from", "2026年12月1日", "days", "３０", "_go", "next")).
		at("/apply/street-stall/check").sees("果蔬", "林某")
	b.post("/apply/street-stall/send", form()).at("/apply/street-stall/sent").sees("已收到")
	f := b.house.cases[0].filing
	if f.Family != "street-stall" || f.Fields["from"] != "2026-12-01" || f.Fields["days"] != 30.0 || f.Fields["goods"] != "fruit" {
		t.Errorf("filed %+v", f)
	}
	b.get("/track").sees("已提交，等待受理", "补充材料", "撤回申请")
	b.get("/file").at("/file").sees("第 1 步，共 4 步") // another form has another draft
}

// The answer to a lost code is the same whoever asks.
func TestLostCode(t *testing.T) {
	b := open(t)
	b.get("/lost").sees("找回查询码", "手机号码")
	b.post("/lost", form("phone", "abc")).sees("手机号码好像不对")
	first := plain(b.post("/lost", form("phone", "138-0013-8000")).page)
	second := plain(b.post("/lost", form("phone", "13900000000")).page)
	if first != second || !strings.Contains(first, "请看手机短信") {
		t.Errorf("two answers:\n%s\n%s", first, second)
	}
	for range 3 {
		b.post("/lost", form("phone", "13800138000")).sees("请看手机短信")
	}
	if n := len(b.house.asked); n != 3 { // two for one number, one for the other
		t.Errorf("%d messages were sent: %v", n, b.house.asked)
	}
}

// What cannot be done says so, and leads on.
func TestNoDeadEnds(t *testing.T) {
	b := open(t)
	b.get("/nothing-here").sees("没有这个页面", "首页", "查进度")
	if b.status != 404 {
		t.Errorf("a page that is not there: %d", b.status)
	}
	b.get("/file/elsewhere").sees("没有这个页面")
	b.get("/apply/unknown").sees("没有这个页面")
	b.get("/track/act/rate").at("/track")
	b.get("/track/photo/x").sees("用编号和查询码进入")
	b.get("/file/sent").at("/file")
	b.post("/file", form("text", "井盖", "_go", "next"))
	b.post("/file/contact", form("contact", "anonymous", "_go", "next"))
	b.house.broken = errs.E(errs.Unavailable, "errs.unavailable", nil)
	b.post("/file/send", form()).sees("没有丢失")
	if b.status != 503 {
		t.Errorf("an office that cannot be reached: %d", b.status)
	}
	b.house.broken = nil
	b.get("/file/check").sees("井盖")
	b.get("/help").sees("怎样办", "10 分钟", "怎样保护您的信息", "12345", "待运行单位确认")
	b.get("/following").sees("还没有关注")
}
