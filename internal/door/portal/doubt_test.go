package portal_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"yiwang/internal/app"
	"yiwang/internal/base/text"
	"yiwang/internal/core/register"
)

// alone opens a house of a test's own, whose time and registers it may move.
func alone(t *testing.T) *browser {
	t.Helper()
	clock := &clockwork{t: time.Date(2026, 11, 23, 9, 46, 0, 0, text.CST)}
	a, err := app.Open(t.Context(), app.Config{Data: t.TempDir(), Now: clock.now, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	site, err := a.Handler(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(site)
	t.Cleanup(srv.Close)
	return &browser{t: t, site: srv.URL, house: &house{a, clock}, client: &http.Client{Jar: newJar(t)}}
}

// staff signs a member of staff in, who asks the interface of the desk.
func (b *browser) staff(login string) *browser {
	b.t.Helper()
	o := b.other()
	o.status = 0
	for _, a := range b.house.Staff.DemoAccounts() {
		if a.Staff.ID == login {
			o.send("/api/session", "application/json", strings.NewReader(`{"login":"`+login+`","password":"`+a.Password+`"}`), http.Header{})
		}
	}
	if o.status/100 != 2 {
		b.t.Fatalf("%s cannot sign in: %d %.300s", login, o.status, o.page)
	}
	return o
}

// fire lets the clocks of the house run.
func (b *browser) fire(d time.Duration) {
	b.t.Helper()
	b.house.clock.pass(d)
	if _, _, err := b.house.Cases.Fire(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

// waits checks that a case stands in the inbox of a member of staff.
func (b *browser) waits(login, number string) {
	b.t.Helper()
	if o := b.staff(login).get("/api/cases?lane=handle"); !strings.Contains(o.page, number) {
		b.t.Errorf("%s does not wait with %s: %.600s", number, login, o.page)
	}
}

var trackedShown = regexp.MustCompile(`SF\d{12}`)

// A promise that ran out: the holder reads what follows, whoever is handed the certificate
// does not take it, the record may be objected to, and the next application is a person's
// if they ask for one.
func TestAnExpiredCommitmentAtTheDoor(t *testing.T) {
	b := alone(t)
	apply := func() {
		t.Helper()
		b.post(shopSign, form("of", "entity/EA1", "agreed", "yes", "_go", "next"))
		b.post(shopSign+"/form", form("phone", "19900000004", "words", "演示理发", "width", "600", "height", "120", "_go", "next"))
		b.post(shopSign+"/materials", form("later-drawing", "yes", "_go", "next")).at(shopSign + "/check")
		b.post(shopSign+"/send", form("promise", b.shown(promiseShown))).at(shopSign + "/sent")
		if _, err := b.house.Cases.Sequence(t.Context(), "test"); err != nil {
			t.Fatal(err)
		}
		b.get("/track")
	}
	b.signIn("演示经营者", "900000198511020476")
	apply()
	b.sees("已办结，请按期补交材料", "店招设置许可证")
	b.get(b.shown(certificateShown) + "/file")
	certificate := b.page
	b.post("/verify", form("text", certificate)).sees("可以采信")

	b.fire(31 * 24 * time.Hour) // twenty working days to hand in the drawing
	b.signIn("演示经营者", "900000198511020476")
	b.get("/me").sees("店招设置", "已撤销", "违背承诺")
	o := b.other()
	o.post("/verify", form("text", certificate)).sees("已被撤销", "交工作人员核实").seesNot("可以采信")

	apply()
	b.sees("按规则不符合条件", "三年内违背承诺：1 次", "第九条第二款").seesNot("已办结", "店招设置许可证")
	number := trackedShown.FindString(b.page)
	b.get("/track/act/ask_person")
	b.post("/track/act/ask_person", form("_once", b.hidden("_once"), "text", "已经补了效果图")).sees("由工作人员审查")
	b.waits("duban", number)
}

// Two registers that know two birthdays of one person: nothing is paid, the person reads
// that it is being looked into, and the unit has it before it; what the keeper of the
// register finds settles it.
func TestTwoBirthdays(t *testing.T) {
	b := alone(t)
	said := func(source, day string) {
		t.Helper()
		if err := b.house.Registers.Put(t.Context(), source, register.Subject{Register: "person", ID: "PA1"}, register.Fact{Item: "birth", Value: day}); err != nil {
			t.Fatal(err)
		}
		b.heed()
	}
	b.heed()
	b.signIn("演示长者", "900000194403180124")
	b.get("/me").sees("高龄津贴")
	mine := regexp.MustCompile(`(?s)href="(/me/case/[0-9A-Z]+)">\s*高龄津贴`)
	link := mine.FindStringSubmatch(b.page)
	if link == nil {
		t.Fatal("the allowance is not listed")
	}
	b.get(link[1]).at("/track").sees("您符合条件")
	number := trackedShown.FindString(b.page)
	said("civil", "1954-03-18")
	b.get("/track").sees("登记信息需要核实，暂停发放")
	b.get("/me/facts").sees("各来源不一致，待核实")
	b.waits("jintie", number)
	said("decided", "1944-03-18")
	b.get("/track").sees("登记信息已核实")
}

// A complaint from the page of one's case stands in the ledger of such complaints, by the
// unit complained of, and on one's own page.
func TestAComplaintStandsInTheLedger(t *testing.T) {
	b := alone(t)
	b.signIn("演示居民", "900000198802140531")
	b.post(residence, form("of", "person/PA5", "agreed", "yes", "_go", "next"))
	b.post(residence+"/form", form("use", "school", "_go", "next"))
	b.post(residence+"/materials", form("_go", "next"))
	b.post(residence+"/send", form()).at(residence + "/sent")
	b.get("/track").sees("效能投诉", "推来推去")
	b.get("/track/act/complain").sees("投诉什么")
	b.post("/track/act/complain", form("_once", b.hidden("_once"), "why", "manner")).sees("请填写“经过”")
	b.post("/track/act/complain", form("_once", b.hidden("_once"), "why", "manner", "text", "窗口工作人员不理人")).
		at("/track?done=complain").sees("投诉已收到，由另外的单位核查", "两个工作日内受理").seesNot("推来推去")
	b.get("/me").sees("效能投诉", "已收到投诉")
	ledger := b.staff("duban").get("/api/ledger?family=efficiency").page
	for _, want := range []string{`"reconciled":true`, `"waiting":1`, `"unit":"gongan"`, `"unit_name":"示范区政务服务和数据管理局"`} {
		if !strings.Contains(ledger, want) {
			t.Errorf("%s is not in %s", want, ledger)
		}
	}
}
