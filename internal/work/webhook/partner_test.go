package webhook_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/notice"
	"yiwang/internal/core/org"
	"yiwang/internal/door/api/apitest"
	"yiwang/internal/work/webhook"
)

const hidden = "13800138000"

// Partners of all six kinds work by their own systems: each is told of the case
// that it is given, with a signature; its system signs for it, has itself connected
// with the person by the telephone exchange and answers. Nowhere does it read who
// that person is, and of another's case it hears nothing.
func TestPartnersBySystem(t *testing.T) {
	apitest.Run(t, func(t *testing.T, a *apitest.House) {
		h := open(t, a)
		partners := []struct{ unit, matter, said string }{
			{"pt-wuye-01", "030601", "香蜜苑小区3栋门禁坏了。"}, {"pt-huanwei-5", "030302", "莲花路的垃圾没有人清。"}, {"pt-gongdian-1", "090403", "香蜜苑整栋楼停电。"},
			{"pt-ranqi-1", "040602", "梅林一村闻到煤气味。"}, {"pt-yidong-1", "100207", "莲花北村手机没有信号。"}, {"pt-dianxin-1", "100207", "园岭新村宽带断线三天。"},
		}
		exchange := t.TempDir()
		for i, p := range partners {
			r := newReceiver(t, h.Clock.Now)
			key, secret, err := h.Staff.MakeKey(t.Context(), h.by, org.Key{Name: p.unit, Channel: "partner", Unit: p.unit, Roles: []string{"partner"}})
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := h.feed.Subscribe(t.Context(), h.by, webhook.Subscription{Key: key.ID, URL: r.URL, Personal: true}); !errs.Is(err, errs.Forbidden) {
				t.Errorf("a partner may be told who it was: %v", err)
			}
			s := webhook.Subscription{Key: key.ID, URL: r.URL, Kinds: []string{"dispatch", "redispatch"}}
			s, r.secret, err = h.feed.Subscribe(t.Context(), h.by, s)
			if err != nil {
				t.Fatal(err)
			}
			system := h.ByKey(t, secret)
			filed := h.file("hotline", p.said)
			if filed.Case.State != "dispatched" || filed.Case.Unit != p.unit {
				action := "dispatch"
				in := apitest.M{"matter": p.matter, "unit": p.unit}
				if filed.Case.State == "dispatched" {
					action, in["reason"] = "redispatch", "由社会单位办理"
				}
				h.As(t, "fenbo").Act(filed.ID, action, in).OK()
			}
			h.tell(s)
			if i > 0 {
				other := h.ByKey(t, secret).Get("/api/cases").OK()
				if other.Len("items") != 1 {
					t.Errorf("%s sees %d cases", p.unit, other.Len("items"))
				}
			}
			if len(r.got) != 1 {
				t.Fatalf("%s was told %q", p.unit, r.told())
			}
			for _, e := range r.got {
				if doc, err := json.Marshal(e); err != nil || strings.Contains(string(doc), hidden) || strings.Contains(string(doc), "陈女士") {
					t.Errorf("the event tells who it was: %s", doc)
				}
			}
			system.Act(filed.ID, "sign", nil).OK()
			system.Act(filed.ID, "call_through", apitest.M{"from": "0755-00001999", "why": "约时间上门"}).OK()
			system.Act(filed.ID, "contact", apitest.M{"means": "phone", "note": "已通话"}).OK()
			system.Act(filed.ID, "resolve", apitest.M{"result": "solved", "answer": "已经修好。"}).OK()
			page := system.Get("/api/cases/" + filed.ID).OK()
			if strings.Contains(string(page.Raw), hidden) || strings.Contains(string(page.Raw), "陈女士") {
				t.Errorf("%s reads who it was: %s", p.unit, page.Raw)
			}
			system.Post("/api/cases/"+filed.ID+"/reveal", apitest.M{"purpose": "联系反映人核实"}).Is(403)
			connected(t, h, exchange, filed.ID)
		}
	})
}

// connected carries what is for the telephone exchange into a directory, and checks
// that it is told whom to ring and whom to connect.
func connected(t *testing.T, h *house, dir, id string) {
	t.Helper()
	w := notice.Writer{Now: h.Clock.Now,
		Render: func(ctx context.Context, l notice.Letter) (string, string, error) {
			v, err := h.Cases.Open(ctx, org.Appellant(), l.CaseID, "")
			if err != nil {
				return "", "", err
			}
			return h.City.Templates.Render(l.Template, h.Cases.Told(&v, l.N, errs.Args(l.ArgsOf())))
		},
		To: func(ctx context.Context, l notice.Letter) (string, error) {
			return h.Cases.Contact(ctx, l.CaseID, "phone")
		}}
	box := notice.Outbox{DB: h.DB, Channel: notice.Voice, Carrier: &notice.Drop{Writer: w, Dir: dir}}
	if _, err := box.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("the exchange has %v, %v", files, err)
	}
	doc, err := os.ReadFile(files[len(files)-1]) // the latest
	var call struct{ Case, To, Text, Channel string }
	if err != nil || json.Unmarshal(doc, &call) != nil || call.Case != id || call.To != hidden || call.Text != "0755-00001999" || call.Channel != "voice" {
		t.Errorf("the exchange is told %s, %v", doc, err)
	}
}
