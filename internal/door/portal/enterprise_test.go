package portal_test

import (
	"strings"
	"testing"
)

// An enterprise has an entry of its own: the same form, by its own channel, whose
// cases run under a clock of one working day. When it is answered it takes the
// letter home; nobody else does.
func TestEnterpriseFilesAndTakesItsLetterHome(t *testing.T) {
	b := open(t)
	b.get("/").sees("企业诉求直通车")
	b.get("/enterprise").sees("一个工作日内有人与您联系", "第 1 步")
	b.post("/enterprise", form("text", "我公司门口道路开挖，货车进不来，影响交货。", "_go", "next")).at("/enterprise/where")
	b.post("/enterprise/where", form("address", "梅林一村", "area", "440304007021", "_go", "next")).at("/enterprise/contact")
	b.post("/enterprise/contact", form("contact", "named", "name", "示范电子有限公司", "phone", "13800138000", "_go", "next")).at("/enterprise/check")
	b.post("/enterprise/send", form()).at("/enterprise/sent")
	number, _ := b.receipt()
	v := b.house.paper(t, number)
	if v.Case.Channel != "enterprise" {
		t.Fatalf("filed by %s", v.Case.Channel)
	}
	b.house.answer(t, number, "道路已恢复通行，并留出货车通道。")
	express := false
	for _, c := range b.house.paper(t, number).Clocks {
		express = express || c.Code == "enterprise"
	}
	if !express {
		t.Error("the clock of the express lane does not run")
	}
	link := b.get("/track").sees("关于您反映问题的答复").shown(letterShown)
	b.get(link)
	if b.status != 200 || !strings.HasPrefix(b.page, "%PDF") && !strings.Contains(b.page, "道路已恢复通行") {
		t.Errorf("the letter: %d %.60q", b.status, b.page)
	}
	o := b.other()
	if o.get(link); o.status != 403 {
		t.Errorf("a stranger's letter: %d", o.status)
	}
	filed(o)
	for _, path := range []string{link, "/track/paper/1", "/track/paper/x", "/track/paper/99999999999999999999"} {
		if o.get(path); o.status != 404 {
			t.Errorf("a letter of another's case at %s: %d", path, o.status)
		}
	}
}
