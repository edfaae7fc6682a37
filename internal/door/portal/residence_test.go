package portal_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"yiwang/internal/core/register"
)

var certificateLink = regexp.MustCompile(`/me/case/[^"]+certificate=[^"]+`)

var promiseShown = regexp.MustCompile(`name="promise" value="([0-9a-f]+)"`)

var secretShown = regexp.MustCompile(`data-code>(\d{6})<`)

// signIn signs a walking-through person of the demo city in.
func (b *browser) signIn(name, number string) *browser {
	b.t.Helper()
	b.get("/me").sees("身份证号码")
	b.post("/me/enter?back=/me", form("name", name, "number", number)).sees("验证码")
	return b.post("/me/code?back=/me", form("code", b.shown(secretShown))).at("/me").sees(name)
}

const residence = "/services/residence/apply"

// Somebody whom the register knows applies, is not asked what is known, and has the
// certificate at once; who read their data stands on their page.
func TestResidenceAtOnce(t *testing.T) {
	b := open(t)
	b.get(residence).sees("身份证号码")
	b.signIn("演示居民", "900000198802140531")
	b.get(residence).sees("为谁办", "同意查看")
	b.post(residence, form("of", "person/PA5", "_go", "next")).sees("请选择是否同意")
	b.post(residence, form("of", "person/PA5", "agreed", "yes", "_go", "next")).at(residence+"/form").
		sees("已有，不用填", "福中社区演示花园1栋202", "公安户政").seesNot(`name="address"`)
	other := b.other()
	other.signIn("演示居民", "900000198802140531")
	other.sees("没写完的", "居住证明开具") // begun on one device, found on another
	b.post(residence+"/form", form("use", "school", "_go", "next"))
	b.post(residence+"/materials", form("_go", "next")).at(residence+"/check").sees("子女入学", "演示居民")
	b.post(residence+"/send", form()).at(residence + "/sent").sees("已办结")
	b.get("/track").sees("已办结", "居住证明", "为什么这样决定", "第四条", "福中社区", "工作人员重新审核")
	b.get("/me").sees("我的申请", "居住证明开具", "已办结").seesNot("没写完的")
	b.get("/me/facts").sees("1988", "公安户政", "居住证明开具", "系统核对").seesNot("PA2")
	b.get("/me")
	certificate := strings.ReplaceAll(certificateLink.FindString(b.page), "&amp;", "&")
	b.get(certificate).sees("居住证明", "福中社区演示花园1栋202", "亮码")
	stranger := b.other()
	stranger.signIn("演示经营者", "900000198511020476")
	if _, page := ask(t, stranger, "GET", certificate); strings.Contains(page, "演示居民") {
		t.Error("somebody else opens the case")
	}
}

// A guardian applies for a child; somebody who is no guardian goes to a person; whoever
// agrees to nothing too.
func TestResidenceForSomebodyElse(t *testing.T) {
	b := open(t)
	b.signIn("演示家长", "900000199007090269")
	b.get(residence)
	b.post(residence, form("of", "other", "name", "演示宝宝", "number", "900000202204210316", "agreed", "yes", "_go", "next")).
		at(residence + "/form").sees("演示宝宝")
	b.post(residence+"/form", form("phone", "19900000002", "use", "school", "_go", "next"))
	b.post(residence+"/materials", form("_go", "next")).at(residence + "/check")
	b.post(residence+"/send", form()).at(residence + "/sent")
	b.get("/track").sees("已办结", "居住证明")

	o := b.other()
	o.signIn("演示经营者", "900000198511020476")
	o.post(residence, form("of", "other", "name", "演示长者", "number", "900000194403180124", "agreed", "yes", "_go", "next")).
		at(residence+"/form").seesNot("已有，不用填", "福中社区演示花园1栋101")
	o.post(residence+"/form", form("name", "演示长者", "idnumber", "900000194403180124", "phone", "19900000004", "address", "福中社区演示花园1栋101",
		"since", "2010-01-01", "use", "bank", "_go", "next"))
	o.post(residence+"/materials", form("_go", "next"))
	o.post(residence+"/send", form()).at(residence + "/sent")
	o.get("/track").sees("由工作人员审查")
}

// Two registers that differ about whether somebody is alive: nothing is decided by the machine.
func TestTwoSourcesThatContradict(t *testing.T) {
	b := open(t)
	sub := register.Subject{Register: "person", ID: "PA6"}
	err := b.house.Registers.Put(t.Context(), "civil", sub, register.Fact{Item: "living", Value: "no", From: "2026-11-01"})
	if err != nil {
		t.Fatal(err)
	}
	b.signIn("演示园长", "900000197906300646")
	b.post(residence, form("of", "person/PA6", "agreed", "yes", "_go", "next"))
	b.post(residence+"/form", form("use", "bank", "_go", "next"))
	b.post(residence+"/materials", form("_go", "next"))
	b.post(residence+"/send", form()).at(residence + "/sent")
	b.get("/track").sees("由工作人员审查", "互相矛盾").seesNot("已办结")
}

// A code is good once, and not guessed.
func TestSigningIn(t *testing.T) {
	b := open(t)
	b.get("/me/enter").sees("身份证号码")
	b.post("/me/enter", form("name", "演示长者", "number", "900000194403180123")).sees("身份证号码不对")
	b.post("/me/enter", form("name", "张三", "number", "900000194403180124")).sees("如果姓名和号码相符").seesNot("data-code")
	b.post("/me/enter", form("name", "演示长者", "number", "900000194403180124")).sees("如果姓名和号码相符")
	code := b.shown(secretShown)
	wrong := "000000"
	if code == wrong {
		wrong = "111111"
	}
	for range 5 {
		b.post("/me/code", form("code", wrong)).sees("验证码不对")
	}
	b.post("/me/code", form("code", code)).seesNot("您好")
	b.house.clock.pass(61 * time.Minute)
	b.post("/me/enter", form("name", "演示长者", "number", "900000194403180124"))
	b.post("/me/code", form("code", b.shown(secretShown))).sees("您好")
	b.post("/me/leave", form()).at("/")
	b.get("/me").sees("身份证号码")
}
