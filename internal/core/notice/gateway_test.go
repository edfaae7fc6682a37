package notice_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/outward"
	"yiwang/internal/core/notice"
)

// A gateway gets the letter signed and under its id, and its receipt is kept.
// Busy means again, refused means never.
func TestGateway(t *testing.T) {
	secret := []byte("a secret of some length")
	status := http.StatusOK
	var body string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err == nil {
			err = outward.Verify(r.Header, secret, raw, time.Now())
		}
		if err != nil || r.Header.Get(outward.HeaderID) != "c/1/received/sms" {
			t.Errorf("%v, id %q", err, r.Header.Get(outward.HeaderID))
		}
		body = string(raw)
		w.WriteHeader(status)
		fmt.Fprint(w, `{"receipt":"G-7"}`)
	}))
	defer srv.Close()
	g := notice.Gateway{URL: srv.URL, Suite: gm.Intl, Secret: secret, Client: outward.Client(), Writer: notice.Writer{
		Render: func(context.Context, notice.Letter) (string, string, error) { return "已收到", "编号SF1", nil },
		To:     func(context.Context, notice.Letter) (string, error) { return "13800138000", nil },
		Now:    time.Now,
	}}
	l := notice.Letter{ID: "c/1/received/sms", CaseID: "c", Channel: notice.SMS}
	receipt, err := g.Carry(t.Context(), l)
	if err != nil || receipt != "G-7" || !strings.Contains(body, `"to":"13800138000"`) || !strings.Contains(body, "编号SF1") {
		t.Errorf("receipt %q, %v, sent %s", receipt, err, body)
	}
	for s, kind := range map[int]errs.Kind{http.StatusServiceUnavailable: errs.Unavailable, http.StatusBadRequest: errs.Invalid} {
		status = s
		if _, err := g.Carry(t.Context(), l); !errs.Is(err, kind) {
			t.Errorf("%d: %v", s, err)
		}
	}
}
