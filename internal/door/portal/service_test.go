package portal_test

import (
	"regexp"
	"strings"
	"testing"
)

var slotShown = regexp.MustCompile(`name="slot" value="([^"]+)"`)

const shopSign = "/services/shop-sign/apply"

// The representative of a shop promises in writing, and has the permit at once; what
// was not promised is not granted, and what the form says wrongly is said readably.
func TestShopSignOnAPromise(t *testing.T) {
	b := open(t)
	b.signIn("演示经营者", "900000198511020476")
	b.get(shopSign).sees("示范区演示理发店", "示范区演示软件有限公司").seesNot("替别人办")
	b.post(shopSign, form("of", "entity/EA1", "agreed", "yes", "_go", "next")).at(shopSign+"/form").sees("已有，不用填", "91900000MA00000016", "福中社区演示街8号")
	b.post(shopSign+"/form", form("phone", "19900000004", "words", "演示理发", "width", "很长", "height", "120", "_go", "next")).sees("“长”")
	b.post(shopSign+"/form", form("phone", "19900000004", "words", "演示理发", "width", "600", "height", "120", "_go", "next")).at(shopSign+"/materials").
		sees("由我们核对登记信息，不用您提供", "书面承诺即可", "以后补交")
	b.post(shopSign+"/materials", form("later-drawing", "yes", "_go", "next")).at(shopSign+"/check").sees("书面承诺", "牢固安全", "以后补交")
	b.post(shopSign+"/send", form()).sees("同意的请打勾")
	b.post(shopSign+"/send", form("promise", "an older wording")).sees("同意的请打勾")
	mark := b.shown(promiseShown)
	b.post(shopSign+"/send", form("promise", mark)).at(shopSign + "/sent")
	b.get("/track").sees("已办结", "店招设置许可证", "您作了书面承诺", "书面承诺", "第六条")
	b.get("/me").sees("店招设置", "店招设置许可证")
}

// Who represents no enterprise is told so, where only an enterprise can apply.
func TestNobodysEnterprise(t *testing.T) {
	b := open(t)
	b.signIn("演示居民", "900000198802140531")
	b.get(shopSign).sees("您名下没有登记的单位")
}

// Setting up a company is one form; four offices have it at once.
func TestCompanySetUpInOneForm(t *testing.T) {
	b := open(t)
	b.signIn("演示居民", "900000198802140531")
	const path = "/services/company-setup/apply"
	b.post(path, form("of", "person/PA5", "agreed", "yes", "_go", "next")).at(path + "/form")
	b.post(path+"/form", form("company", "示范区一网有限公司", "address", "演示街1号", "scope", "软件开发", "capital", "100", "employees", "3", "_go", "next"))
	b.post(path+"/materials", form("later-lease", "yes", "_go", "next")).at(path + "/check")
	b.post(path+"/send", form()).at(path + "/sent")
	number, _ := b.receipt()
	b.sees("负责的单位在 1 个工作日内办结")
	b.get("/track").sees("有关部门同时办理")
	b.get("/me").sees("开办企业一件事", "营业执照核发", "公章刻制备案", "新办纳税人登记", "社会保险单位登记")
	whole := b.house.paper(t, number).Case
	for _, part := range []string{"company-licence", "company-seal", "company-tax", "company-insurance"} {
		var id, unit string
		err := b.house.DB.Read().QueryRow(t.Context(), `select c.id, c.unit from cases c join link l on l.case_id = c.id where l.other = ? and l.kind = 'part_of' and c.family = ?`, whole.ID, part).Scan(&id, &unit)
		if err != nil {
			t.Fatal(part, err)
		}
		for _, s := range b.house.Staff.Directory().StaffOf(unit) {
			if strings.Contains(strings.Join(s.Roles, " "), "head") {
				b.house.act(t, id, s.ID, "finish", map[string]any{"opinion": "同意"})
				break
			}
		}
	}
	b.get("/track").sees("各部门已办完，请补交材料", "办完一项")
	b.handsIn()
	b.get("/track").sees("全部办结", "您补交了容缺的材料", "营业执照", "公章刻制备案回执", "税务登记信息确认").seesNot("容缺受理 true")
	b.get("/me").sees("营业执照", "公章刻制备案回执")
}

// A forged certificate is refused in words, and somebody looks into it.
func TestForgedCertificateIsLookedInto(t *testing.T) {
	b := open(t)
	suspects := func() (n int) {
		if err := b.house.DB.Read().QueryRow(t.Context(), `select count(*) from cases where family = 'suspect' and closed = 0`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := suspects()
	const path = "/services/company-tax/apply"
	b.post(path, form("name", "王芳", "idnumber", "900000198802140531", "phone", "13800000000", "company", "某公司", "_go", "next")).at(path + "/materials")
	b.post(path+"/materials", form("_go", "next")).sees("或者使用电子证照")
	b.post(path+"/hand/licence", form(), upload{"certificate", []byte(`{"id":"forged","kind":"business_licence"}`)}).sees("验证不通过", "工作人员核实")
	if suspects() != before+1 {
		t.Error("nobody looks into it")
	}
	b.post(path+"/materials", form("_go", "next")).sees("或者使用电子证照") // it stands in for nothing
}

// An hour at the window is booked once, shown, and given up.
func TestBookingAnHour(t *testing.T) {
	b := open(t)
	const path = "/services/street-stall/book"
	b.get("/services/street-stall").sees("预约到窗口办")
	b.get(path).sees("综合窗口", "9:00—10:00", "还有6个名额")
	slot := b.shown(slotShown)
	b.post(path, form("_once", "x1", "slot", "2020-01-01 9", "name", "王芳", "phone", "13800000000")).sees("这个时间不能约")
	b.post(path, form("_once", "x1", "slot", slot, "phone", "13800000000")).sees("请填写姓名")
	for range 2 {
		b.post(path, form("_once", "x1", "slot", slot, "name", "王芳", "phone", "13800000000")).at("/track").sees("已预约", "取消预约")
	}
	b.get(path).sees("还有5个名额")
	b.get("/track/act/cancel")
	b.post("/track/act/cancel", form("_once", "y1")).sees("您取消了预约")
	b.get(path).seesNot("还有5个名额")
}
