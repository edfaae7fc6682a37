package portal_test

import (
	"regexp"
	"testing"

	"yiwang/internal/core/register"
)

// heed lets the house follow what the registers know.
func (b *browser) heed() {
	b.t.Helper()
	for n := 1; n > 0; {
		var err error
		if n, err = b.house.Entitle.Heed(b.t.Context()); err != nil {
			b.t.Fatal(err)
		}
	}
}

var policyCase = regexp.MustCompile(`href="(/me/case/[0-9A-Z]+)"`)

// An enterprise is found to qualify for a policy, told, and has it by one press; of
// another it reads on demand which condition it does not meet, and who read its facts.
func TestAPolicyIsOfferedAndAccepted(t *testing.T) {
	b := open(t)
	b.heed()
	b.get("/policies").sees("软件企业稳岗奖励", "小微商户用水用电优惠", "登录看本单位")
	b.get("/policies/policy-software").sees("从业人数三十人以上", "法定代表人登录后").seesNot("示范区演示软件有限公司")
	b.get("/services/policy-software").sees("看本单位符不符合")
	b.get("/policies/residence").sees("没有这个页面")
	b.signIn("演示经营者", "900000198511020476")
	b.get("/me").sees("惠企政策", "软件企业稳岗奖励", "100000元", "您单位符合条件，请确认")
	b.get("/policies/policy-software").sees("示范区演示软件有限公司", "示范区演示理发店", "还没有核出")
	b.post("/policies/policy-software", form("enterprise", "EA1")).sees("今天比对：不符合条件", "行业", "第五条")
	b.post("/policies/policy-software", form("enterprise", "EA3")).sees("今天比对：符合条件", "第四条第二项")
	b.post("/policies/policy-software", form("enterprise", "EA2")).seesNot("今天比对") // it is not theirs
	b.get("/policies/policy-software")
	b.get(b.shown(policyCase)).at("/track").sees("确认享受", "为什么这样决定")
	b.get("/track/act/accept")
	b.post("/track/act/accept", form("_once", b.hidden("_once"))).at("/track?done=accept").sees("已确认，等待拨付", "惠企政策兑现确认书")
	b.get("/policies/policy-small-shop")
	b.get(b.shown(policyCase)).at("/track")
	b.get("/track/act/accept")
	b.post("/track/act/accept", form("_once", b.hidden("_once"))).sees("已兑现", "小微商户优惠确认书")
	b.get("/me").sees("惠企政策兑现确认书", "小微商户优惠确认书")
	// What is known of their enterprises, and who read it, is theirs to see; of others nothing.
	b.get("/me/facts").sees("法人库·示范区演示软件有限公司", "信用库·示范区演示软件有限公司", "从业人数", "法人库·示范区演示软件有限公司：", "软件企业稳岗奖励").seesNot("幼儿园")
	// What changes in the register changes the offer.
	err := b.house.Registers.Put(t.Context(), "market", register.Subject{Register: "entity", ID: "EA3"}, register.Fact{Item: "employees", Value: "12"})
	if err != nil {
		t.Fatal(err)
	}
	b.heed()
	b.get("/policies/policy-software").sees("不再符合条件")
	b.post("/policies/policy-software", form("enterprise", "EA3")).sees("今天比对：不符合条件", "从业人数")
	b.post("/prefs", form("switch", "lang:en", "back", "/policies/policy-software")).sees("Does our enterprise qualify?")
	b.post("/policies/policy-software", form("enterprise", "EA3")).sees("it does not qualify", "but required is")
}

// A licence that comes to its end shows in the list of its holder, and leads to the form
// of its renewal, which has the old number filled in.
func TestARenewalIsFilledIn(t *testing.T) {
	b := open(t)
	b.heed()
	b.signIn("演示经营者", "900000198511020476")
	b.get("/me").sees("证照到期提醒")
	link := ""
	for _, m := range regexp.MustCompile(`(?s)href="(/me/case/[0-9A-Z]+)">\s*证照到期提醒`).FindAllStringSubmatch(b.page, -1) {
		link = m[1]
	}
	if link == "" {
		t.Fatal("the reminder is not listed")
	}
	b.get(link).at("/track").sees("公共场所卫生许可证不足60日到期", "办理“公共场所卫生许可延续”，表已填好").seesNot("续期办理 hygiene")
	const path = "/services/hygiene-renewal/apply"
	b.get(path).sees("为谁办")
	b.post(path, form("of", "entity/EA1", "agreed", "yes", "_go", "next")).at(path+"/form").sees("演卫公证字[2023]第000001号", "发证单位").seesNot(`name="old"`)
}
