package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/notice"
	"yiwang/internal/door/api/apitest"
)

// broken is a gateway that takes nothing.
type broken struct{}

// Carry refuses the letter.
func (broken) Carry(context.Context, notice.Letter) (string, error) {
	return "", errs.E(errs.Invalid, "outward.refused", errs.Args{"status": 400})
}

// What did not reach people or systems stands before the administrator, who sends
// it again; nobody else sees it.
func TestWhatDidNotArrive(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		admin, counter := h.As(t, "guanli"), h.As(t, "shouli")
		key := admin.Post("/api/admin/keys", m{"name": "市级平台", "channel": "hotline-city"}).OK()
		hook := admin.Post("/api/admin/webhooks", m{"key": key.Text("id"), "url": "https://hooks.example.cn/yiwang", "kinds": []string{"file"}}).OK()
		if hook.Text("secret") == "" || hook.Text("key_name") != "市级平台" {
			t.Errorf("made %s", hook.Raw)
		}
		if all := admin.Get("/api/admin/webhooks").OK(); all.Len("items") != 1 || all.Len("kinds") == 0 || strings.Contains(string(all.Raw), hook.Text("secret")) {
			t.Errorf("listed %s", all.Raw)
		}
		admin.Post("/api/admin/webhooks", m{"key": key.Text("id"), "url": "https://127.0.0.1/"}).Is(http.StatusUnprocessableEntity)
		counter.Get("/api/admin/webhooks").Is(http.StatusForbidden)
		counter.Get("/api/admin/notices").Is(http.StatusForbidden)

		counter.Post("/api/cases", m{"family": "appeal", "channel": "hotline", "text": "路灯不亮。", "fields": m{"phone": "13812345678"}}).OK()
		box := notice.Outbox{DB: h.DB, Channel: notice.SMS, Carrier: broken{}}
		if _, err := box.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		failed := admin.Get("/api/admin/notices").OK()
		if failed.Len("items") != 1 || failed.Text("items", 0, "state") != "failed" || !strings.Contains(failed.Text("items", 0, "said"), "400") ||
			strings.Contains(string(failed.Raw), "13812345678") {
			t.Fatalf("failed %s", failed.Raw)
		}
		admin.Post("/api/admin/notices/again", m{"id": failed.Text("items", 0, "id")}).OK()
		admin.Post("/api/admin/notices/again", m{"id": failed.Text("items", 0, "id")}).Is(http.StatusNotFound)
		if n := admin.Get("/api/admin/notices").OK().Len("items"); n != 0 {
			t.Errorf("%d notices are still in trouble", n)
		}
		admin.Delete("/api/admin/webhooks/" + hook.Text("id")).OK()
		admin.Delete("/api/admin/webhooks/" + hook.Text("id")).Is(http.StatusNotFound)
	})
}
