package portal_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

var (
	certificateShown = regexp.MustCompile(`href="(/track/certificate/[^"]+)"`)
	addressShown     = regexp.MustCompile(`http://[^"< ]+(/show/[0-9A-Z]+)`)
)

// permitted opens the page of a stall's permit that has just been issued.
func permitted(b *browser) (caseID string) {
	b.t.Helper()
	b.get("/apply/street-stall")
	answers := form("name", "张三丰", "phone", "13800138000", "address", "农林路口", "goods", "fruit", "from", "2026-12-01", "days", "30",
		"area", "440304007", "contact", "named", "later-photos", "yes", "_go", "next")
	for range 6 {
		if strings.HasSuffix(b.path, "/check") {
			break
		}
		b.post(b.path, answers)
	}
	b.post("/services/street-stall/apply/send", form()).sees("已收到")
	number, code := b.receipt()
	c := b.house.paper(b.t, number).Case
	var clerk, head string
	for _, s := range b.house.Staff.Directory().StaffOf(c.Unit) {
		if roles := strings.Join(s.Roles, " "); strings.Contains(roles, "head") {
			head = s.ID
		} else if strings.Contains(roles, "clerk") {
			clerk = s.ID
		}
	}
	if clerk == "" {
		clerk = head
	}
	b.house.act(b.t, c.ID, clerk, "accept", nil)
	b.post("/track", form("number", number, "code", code)).at("/track").sees("最晚")
	b.handsIn()
	b.house.act(b.t, c.ID, head, "grant", map[string]any{"opinion": "同意"})
	b.house.act(b.t, c.ID, clerk, "issue", nil)
	if _, err := b.house.Cases.Sequence(b.t.Context(), "test"); err != nil {
		b.t.Fatal(err)
	}
	b.post("/track", form("number", number, "code", code)).at("/track").sees("临时占用街道设摊许可证", "有效期至")
	return c.ID
}

// handsIn hands in what was promised for later, from the page of the case.
func (b *browser) handsIn() *browser {
	b.t.Helper()
	b.get("/track/act/hand_in").sees("容缺的材料")
	return b.post("/track/act/hand_in", form("_once", b.hidden("_once")), photo(b.t, "paper.png")).at("/track?done=hand_in")
}

var reportedShown = regexp.MustCompile(`SF\d+`)

// A stallholder shows the permit to an inspector, who sees what was chosen and no
// more; a bank checks the file; after the permit was suspended nobody takes it.
func TestCertificateInHand(t *testing.T) {
	b := open(t)
	id := permitted(b)
	mine := b.shown(certificateShown)
	b.get(mine).sees("张三丰", "果蔬", "农林路口", "亮码", "还没有人查看过")
	b.post(mine+"/show", form("purpose", "巡查")).sees("请选择要出示的内容")
	b.post(mine+"/show", form("purpose", "", "fields", "goods")).sees("请写明出示的用途")
	b.post(mine+"/show", form("purpose", "市场巡查", "fields", "goods")).sees("请对方扫描")
	if !strings.Contains(b.page, `<path d="M`) {
		t.Error("the page has no code to scan")
	}
	m := addressShown.FindStringSubmatch(b.page)
	if m == nil {
		t.Fatal("the page does not say its address")
	}
	inspector := b.other()
	inspector.get(m[1]).sees("临时占用街道设摊许可证", "市场巡查").seesNot("果蔬")
	inspector.post(m[1], form("verifier", "")).sees("请写明查看人")
	inspector.post(m[1], form("verifier", "福民街道综合执法队")).sees("果蔬", "张**", "当前状态：有效").seesNot("农林路口", "张三丰")
	inspector.post(m[1], form("verifier", "又一个人")).sees("已经用过了")
	b.get(mine).sees("福民街道综合执法队 · 市场巡查")

	b.get(mine + "/file")
	file := b.page
	bank := b.other()
	bank.get("/verify").sees("验证证照")
	check := func(text string) *browser { return bank.post("/verify", form("text", text)) }
	check(file).sees("可以采信", "张三丰", "当前状态", "有效", "存证时间")
	check(strings.Replace(file, "农林路口", "深南大道", 1)).sees("与签名不符").seesNot("可以采信")
	check("你好").sees("不是一份完整的凭证").seesNot("交工作人员核实")
	check("%PDF-1.7 打印件").sees("PDF是给人看的打印件", "亮码").seesNot("交工作人员核实")

	// What was altered is handed on once, and waits with somebody who looks into it.
	altered := strings.Replace(file, "农林路口", "深南大道", 1)
	check(altered).sees("交工作人员核实")
	report := func(text string) *browser {
		return bank.post("/verify/report", form("voucher", text, "note", "柜台上一位顾客出示的"))
	}
	report(altered).sees("已交工作人员核实，编号")
	number := reportedShown.FindString(bank.page)
	if report(altered).sees(number); number == "" {
		t.Error("without a number")
	}
	if c := b.house.paper(t, number).Case; c.Family != "suspect" || c.State != "open" || c.Unit != b.house.City.Centre {
		t.Errorf("it waits as %s, %s, with %s", c.Family, c.State, c.Unit)
	}
	report(file).sees("没有查出问题")

	b.get(mine + "/paper")
	if b.status != http.StatusOK || !strings.HasPrefix(b.page, "%PDF-") {
		t.Errorf("the paper: %d %.10q", b.status, b.page)
	}
	bank.get(mine).at("/track").seesNot("张三丰")

	b.house.act(t, id, "fuze", "suspend", map[string]any{"explain": "占道经营"})
	b.house.clock.pass(time.Second)
	check(file).sees("已被暂扣").seesNot("可以采信")
	b.get(mine).sees("已暂扣，不再有效").seesNot("生成亮码")
}
