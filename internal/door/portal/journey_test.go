package portal_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	photoShown  = regexp.MustCompile(`href="(/track/photo/[^"]+)"`)
	letterShown = regexp.MustCompile(`href="(/track/paper/[0-9]+)"`)
	removeShown = regexp.MustCompile(`name="_remove" value="([^"]+)"`)
)

// A person files an appeal on a telephone without JavaScript, step by step,
// watches it, adds to it and rates the answer.
func TestFileWatchRate(t *testing.T) {
	b := open(t)
	b.get("/").sees("我要反映", "查进度", "评价", "接下来会怎样", "2 小时内核对", "最快 2 小时、最迟", "10 个工作日", "我要办事")

	b.get("/file").sees("第 1 步，共 4 步", "发生了什么")
	b.post("/file", form("text", "", "_go", "next")).sees("请填写“发生了什么”")
	b.post("/file", form("text", "梅林一村3栋楼下夜里烧烤，油烟很大。", "_go", "next"), photo(t, "现场.png")).at("/file/where")
	b.get("/file").sees("梅林一村3栋楼下夜里烧烤", "删除")

	b.post("/file/where", form("address", "梅林一村3栋", "area", "440304007021", "_go", "next")).at("/file/contact")
	b.post("/file/contact", form("_go", "next")).sees("请选择是否留下联系方式")
	b.post("/file/contact", form("contact", "named", "phone", "", "_go", "next")).sees("请填写手机号码")
	b.post("/file/contact", form("contact", "named", "name", "陈女士", "phone", "１３８ 0013 8000", "_go", "next")).at("/file/check")
	b.sees("梅林一村3栋楼下夜里烧烤", "陈女士", "修改")

	b.post("/file/send", form()).at("/file/sent").sees("已收到", "接下来会怎样")
	number, code := b.receipt()
	v := b.house.paper(t, number)
	if field(v, "text") != "梅林一村3栋楼下夜里烧烤，油烟很大。" || field(v, "phone") == "" || v.Case.Area != "440304007021" || v.Case.Channel != "web" {
		t.Errorf("filed %+v %+v", v.Case, v.Fields)
	}
	b.get("/file/receipt.svg")
	if !strings.Contains(b.page, code) || !strings.HasPrefix(b.page, "<svg") {
		t.Errorf("the receipt is %s", b.page)
	}
	b.get("/file").at("/file/sent") // going back does not lose the number

	b.get("/track").sees("我们收到了您反映的问题", "补充", "撤回反映", "下一步")
	b.get(b.shown(photoShown))
	if b.status != 200 || !strings.HasPrefix(b.page, "\x89PNG") {
		t.Errorf("one's own photo: %d %.20q", b.status, b.page)
	}
	b.get("/track/act/add").sees("补充的内容")
	b.post("/track/act/add", form("_once", b.hidden("_once"), "text", "今晚又来了"), photo(t, "b.png")).at("/track?done=add").sees("补充的内容已收到")

	b.house.answer(t, number, "油污已清理，今后一周每晚巡查。")
	b.get("/track").sees("已答复，请您评价", "油污已清理", "评价")
	b.get("/rate").at("/track/act/rate").sees("非常满意", "办理速度", "答复质量")
	b.post("/track/act/rate", form("_once", b.hidden("_once"))).sees("请选择“总体评价”中的一项")
	b.post("/track/act/rate", form("_once", b.hidden("_once"), "level", "2", "speed", "1", "comment", "谢谢")).at("/track?done=rate").sees("谢谢您的评价", "已办结")
}

// Whoever has number and code gets in from any browser, whoever has not does not.
func TestOpenWithCode(t *testing.T) {
	b := open(t)
	number, code := filed(b)
	o := b.other()
	o.get("/track").sees("编号", "查询码")
	o.post("/track", form("number", number, "code", "WRONG123")).sees("编号或查询码不对")
	o.post("/track", form("number", strings.ToLower(number[:6])+" "+number[6:10]+"-"+number[10:], "code", " "+strings.ToLower(code[:4])+"-"+code[4:])).at("/track").sees("我们收到了您反映的问题")
	if strings.Contains(o.path, code) || strings.Contains(o.page, code) {
		t.Error("the code shows on the page of the case")
	}
	o.post("/track/leave", form()).at("/track").sees("查询码丢了")
	o.post("/rate", form("number", number, "code", code)).at("/track?rate=later").sees("现在还不能评价")
	b.house.clock.pass(31 * time.Minute)
	o.get("/track").seesNot(number)
}

// filed files an anonymous appeal the shortest way.
func filed(b *browser) (number, code string) {
	b.t.Helper()
	b.post("/file", form("text", "路灯不亮", "_go", "next"))
	b.post("/file/where", form("_go", "next"))
	b.post("/file/contact", form("contact", "anonymous", "_go", "next")).at("/file/check").sees("匿名")
	return b.post("/file/send", form()).at("/file/sent").receipt()
}

// Guesses at a code wait longer and longer, also from another address.
func TestGuessingIsSlowed(t *testing.T) {
	b := open(t)
	number, code := filed(b)
	o := b.other()
	wait := ""
	for i := range 5 {
		o.post("/track", form("number", number, "code", "GUESS"+string(rune('A'+i))))
		if o.status == http.StatusTooManyRequests {
			wait = plain(o.page)
			break
		}
	}
	if !strings.Contains(wait, "请稍候") || !strings.Contains(wait, "秒 后再试") {
		t.Fatalf("five wrong guesses were answered without a wait: %s", wait)
	}
	o.post("/track", form("number", number, "code", code))
	if o.status != 429 {
		t.Errorf("during the wait even the right code is not tried, got %d", o.status)
	}
	b.house.clock.pass(3 * time.Minute)
	o.post("/track", form("number", number, "code", code)).at("/track")
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
	b.house.clock.pass(20 * time.Hour)
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
	var receipts [4]string
	for i := range receipts {
		c := *b
		wg.Go(func() {
			number, code := c.post("/file/send", form()).at("/file/sent").receipt()
			receipts[i] = number + code
		})
	}
	wg.Wait()
	for _, r := range receipts {
		if r != receipts[0] {
			t.Errorf("four clicks got %v", receipts)
		}
	}
	b.get("/track/act/add")
	once := b.hidden("_once")
	for range 3 {
		b.post("/track/act/add", form("_once", once, "text", "补充一次")).at("/track?done=add")
	}
	if n := strings.Count(b.page, "您补充了情况"); n != 1 {
		t.Errorf("one form acted %d times", n)
	}
	b.post("/file/clear", form()).at("/file").seesNot("井盖破损")
}

// fumes is long enough to be known again.
const fumes = "梅丰7栋楼下从晚上十点开始摆烧烤摊，油烟很大，孩子咳嗽，已经持续两周。"

// A neighbour's case is offered once and never forced.
func TestNearbyIsOffered(t *testing.T) {
	b := open(t)
	b.post("/file", form("text", fumes, "_go", "next"))
	b.post("/file/where", form("area", "440304007014", "_go", "next")).at("/file/contact")
	b.post("/file/contact", form("contact", "anonymous", "_go", "next"))
	number, _ := b.post("/file/send", form()).at("/file/sent").receipt()

	o := b.other()
	o.post("/file", form("text", fumes+"请尽快处理。", "_go", "next"))
	o.post("/file/where", form("area", "440304007014", "_go", "next")).at("/file/nearby").sees("附近已有人反映", "梅丰社区", "不是同一件，继续填写")
	token := o.hidden("case")
	o.post("/file/where", form("area", "440304007014", "_go", "next")).at("/file/contact") // asked once
	o.post("/file/follow", form("case", token)).at("/following").sees("梅丰社区")
	o.seesNot("孩子咳嗽", number)
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
	b.post("/file/where", form("address", "桥下", "area", b.shown(areaShown), "_go", "next"))
	b.post("/file/contact", form("contact", "anonymous", "_go", "next")).sees("已在地图上标出")
	b.post("/file/send", form()).at("/file/sent")
	number, _ := b.receipt()
	if c := b.house.paper(t, number).Case; c.Lng == 0 || c.Area == "" || c.Grid == "" {
		t.Errorf("filed without its place: %+v", c)
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
	b.get("/apply/street-stall").at("/services/street-stall/apply").sees("临时占用街道设摊许可", "经营内容", "果蔬", "开始日期", "天数", "法定二十个工作日")
	b.post("/services/street-stall/apply", form("name", "林某", "phone", "13800138000", "address", "新洲路", "goods", "fish", "from", "明天", "days", "100", "_go", "next")).
		sees("请选择“经营内容”中的一项", "“开始日期”请写成", "“天数”不能超过 90")
	b.post("/services/street-stall/apply", form("name", "林某", "phone", "13800138000", "address", "新洲路", "goods", "fruit", "from", "2026年12月1日", "days", "３０", "_go", "next")).
		at("/services/street-stall/apply/materials").sees("以后补交")
	b.post("/services/street-stall/apply/materials", form("_go", "next")).sees("请提交“设摊地点现场照片”，或者选择以后补交")
	b.post("/services/street-stall/apply/materials", form("later-photos", "yes", "_go", "next")).
		at("/services/street-stall/apply/check").sees("果蔬", "林某", "以后补交")
	b.post("/services/street-stall/apply/send", form()).at("/services/street-stall/apply/sent").sees("已收到")
	number, _ := b.receipt()
	if v := b.house.paper(t, number); v.Case.Family != "street-stall" || field(v, "from") != "2026-12-01" || field(v, "days") != "30" || field(v, "goods") != "果蔬" || field(v, "later") != "设摊地点现场照片" {
		t.Errorf("filed %+v %+v", v.Case, v.Fields)
	}
	b.get("/track").sees("已提交，等待受理", "补充材料", "撤回申请")
	b.get("/file").at("/file").sees("第 1 步，共 4 步") // another form has another draft
}

// The answer to a lost code is the same whoever asks.
func TestLostCode(t *testing.T) {
	b := open(t)
	b.post("/file", form("text", "沙井盖响", "_go", "next"))
	b.post("/file/contact", form("contact", "named", "phone", "137 0013 7000", "_go", "next"))
	b.post("/file/send", form()).at("/file/sent")
	number, code := b.receipt()
	b.get("/lost").sees("找回查询码", "手机号码")
	b.post("/lost", form("phone", "abc")).sees("手机号码好像不对")
	first := plain(b.post("/lost", form("phone", "137-0013-7000")).page)
	second := plain(b.post("/lost", form("phone", "13900000000")).page)
	if first != second || !strings.Contains(first, "请看手机短信") {
		t.Errorf("two answers:\n%s\n%s", first, second)
	}
	for range 3 {
		b.post("/lost", form("phone", "13700137000")).sees("请看手机短信")
	}
	if n := b.house.newCodes(t); n != 2 { // then one is on its way already; the other number filed nothing
		t.Errorf("%d messages were sent", n)
	}
	b.other().post("/track", form("number", number, "code", code)).sees("编号或查询码不对") // the old one is void

	// Who left an e-mail address gets it there.
	m := b.other()
	m.post("/file", form("text", "公园门口的长椅坏了", "_go", "next"))
	m.post("/file/contact", form("contact", "named", "phone", "13600136000", "email", "Lost@Example.com", "_go", "next"))
	m.post("/file/send", form()).at("/file/sent")
	m.post("/lost", form("phone", "lost@")).sees("好像不对")
	m.post("/lost", form("phone", " lost@example.COM ")).sees("请看手机短信或者邮箱")
	var n int
	err := b.house.DB.Read().QueryRow(t.Context(), `select count(*) from notice where template = 'new_code' and channel = 'mail'`).Scan(&n)
	if err != nil || n != 1 {
		t.Errorf("%d letters with a code, %v", n, err)
	}
}

// A photo that is not one is refused with its name; the others are kept.
func TestFilesAreInspected(t *testing.T) {
	b := open(t)
	b.post("/file", form("text", "违建", "_go", "next"), photo(t, "好.png"), upload{"坏.png", []byte("MZ\x90\x00not a picture")}).sees("文件“坏.png”没有收下")
	b.post("/file", form("text", "违建", "_go", "next")).at("/file/where")
	b.get("/file").sees("最多还能加 8 个")
	b.post("/file", form("_remove", b.shown(removeShown))).sees("最多还能加 9 个")
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
	b.get("/help").sees("怎样办", "10 分钟", "怎样保护您的信息", "12345", "待运行单位确认")
	b.get("/following").sees("还没有关注")
}

// What was typed and not sent lies in the database, but nobody can read it there.
func TestDraftsAreSealed(t *testing.T) {
	b := open(t)
	const secret = "只有我知道的事"
	b.post("/file", form("text", secret, "_go", "next")).at("/file/where")
	rows, err := b.house.DB.Read().Query(t.Context(), `select doc from draft`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		var doc []byte
		if err := rows.Scan(&doc); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(doc), secret) {
			t.Error("a draft can be read in the database")
		}
	}
	if err := rows.Err(); err != nil || n == 0 {
		t.Fatalf("%d drafts, %v", n, err)
	}
	b.house.clock.pass(8 * 24 * time.Hour)
	b.get("/file").seesNot(secret) // its time is over
}

// What is missing for a matter is asked once the words are read, kept with the case,
// and forgotten where the words change; who is in danger is sent to whom it may save.
func TestFurtherQuestions(t *testing.T) {
	b := open(t)
	b.get("/file/more").at("/file")
	b.post("/file", form("text", "工地老板拖欠我们十几个工人三个月工资，一直不发，讨薪讨不到。", "_go", "next")).at("/file/more").sees("拖欠工资的单位", "第 2 步，共 5 步")
	b.post("/file/more", form("employer", "", "_go", "next")).sees("请填写“拖欠工资的单位或者工地名称”")
	b.post("/file/more", form("employer", "某某建筑公司", "owed", "30000", "_go", "next")).at("/file/where")
	b.post("/file/where", form("address", "农林路工地", "_go", "next"))
	b.post("/file/contact", form("contact", "anonymous", "_go", "next")).at("/file/check").sees("某某建筑公司", "30000")
	b.post("/file/send", form()).at("/file/sent")
	number, _ := b.receipt()
	if v := b.house.paper(t, number); field(v, "employer") != "某某建筑公司" {
		t.Errorf("the case has %+v", v.Fields)
	}

	o := b.other()
	o.post("/file", form("text", "楼道里有很浓的燃气味，怀疑燃气管道漏气。", "_go", "next")).at("/file/more")
	o.post("/file/more", form("danger_now", "yes", "_go", "next")).sees("请先看这里", "拨打119")
	if o.status != http.StatusUnprocessableEntity {
		t.Errorf("whoever smells gas goes on filing: %d", o.status)
	}
	o.post("/file", form("text", "想建议在公园里多放几张长椅，方便老人休息。", "_go", "next")).at("/file/where")
	o.get("/file/more").at("/file").sees("第 1 步，共 4 步")
}
