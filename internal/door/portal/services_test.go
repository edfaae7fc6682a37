package portal_test

import "testing"

// Every guide of the demo is a sound page in both languages: the browser checks the
// structure of each page that it is shown.
func TestGuides(t *testing.T) {
	zh := open(t)
	en := zh.other()
	en.post("/prefs", form("switch", "lang:en", "back", "/services")).at("/services").sees("By topic", "Powers and duties")
	all := zh.house.City.Catalog.Services("2026-11-22")
	if len(all) < 60 {
		t.Fatalf("only %d items", len(all))
	}
	for _, s := range all {
		zh.get("/services/"+s.Code).sees(s.Title, "要准备的材料", "行政复议")
		en.get("/services/"+s.Code).sees(s.Title, "What to prepare")
	}
}

// From words to the form: a person asks, reads the guide and is at the form.
func TestFromWordsToTheForm(t *testing.T) {
	b := open(t)
	b.get("/").sees("我要办事")
	b.post("/services", form("question", "  ")).sees("请写下想办什么", "我要开店")
	b.post("/services", form("question", "想在路边摆摊卖水果")).sees("您要办的可能是", "临时占用街道设摊许可")
	b.get("/services/street-stall").sees("5 个工作日办结", "法定时限 20 个工作日", "缩短 75%", "一次都不用跑", "不收费", "不用带的材料", "申请人身份证明",
		"可以以后再补的材料", "听证一般需要 20 天，不计入办理时限", "行政许可法第十二条", "上级下放", "全区通办", "申请")
	b.get("/services/street-stall/apply").sees("临时占用街道设摊许可", "设摊地点")
	b.get("/services/elder-allowance").sees("不用申请")
	b.get("/services/marriage-register").sees("暂不能在这里申请")
}

func TestWaysToItems(t *testing.T) {
	b := open(t)
	for _, c := range []struct {
		path   string
		status int
		want   string
	}{
		{"/services", 200, "我要开店"},
		{"/services?theme=shop", 200, "食品经营许可"},
		{"/services?unit=minzheng", 200, "最低生活保障认定"},
		{"/services?for=person", 200, "下一页"},
		{"/services?for=person&from=40", 200, "个人办事"},
		{"/services?for=person&from=-3", 200, "下一页"},
		{"/services?theme=nothing", 404, ""},
		{"/services?for=%3Cb%3E", 404, ""},
		{"/services/nothing", 404, ""},
		{"/powers", 200, "民政局"},
		{"/powers?unit=chengguan&day=2024-06-30", 200, "临时占用街道设摊许可"},
		{"/powers?unit=st-meilin&day=2024-06-30", 200, "这一天没有权责事项"},
		{"/powers?unit=st-meilin", 200, "上级下放"},
		{"/powers?day=yesterday", 200, "权责清单"},
	} {
		if b.get(c.path).sees(c.want); b.status != c.status {
			t.Errorf("%s: %d, want %d", c.path, b.status, c.status)
		}
	}
}
