package portal

import (
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
)

// Every kind of failure has a page in both languages that says what to do next;
// what nobody classified shows nothing of itself.
func TestFailuresHavePages(t *testing.T) {
	a, err := loadAssets()
	if err != nil {
		t.Fatal(err)
	}
	p, err := loadPages(a)
	if err != nil {
		t.Fatal(err)
	}
	s := &Site{pages: p, assets: a, log: slog.New(slog.DiscardHandler), now: time.Now}
	for _, c := range []struct {
		err    error
		status int
		says   string
	}{
		{errors.New("pq: password of zhang"), 500, "12345"},
		{errs.E(errs.Internal, "portal.number", nil), 500, "12345"},
		{errs.E(errs.NotFound, "x", nil), 404, "没有这个页面"},
		{errs.E(errs.Unavailable, "x", nil), 503, "12345"},
		{tooMany(90 * time.Second), 429, "2 分钟"},
		{tooMany(4100 * time.Millisecond), 429, "5 秒"},
		{errs.E(errs.TooLarge, "portal.form_too_large", nil), 413, "照片请减少几张"},
		{errs.E(errs.Conflict, "portal.action_not_open", nil), 409, "进度页"},
		{errs.E(errs.Forbidden, "x", nil), 403, "编号和查询码"},
	} {
		for _, l := range []text.Lang{text.Chinese, text.English} {
			w := httptest.NewRecorder()
			v := &visit{site: s, w: w, r: httptest.NewRequest("GET", "/x", nil), lang: l, book: &Book{}}
			v.failed(c.err)
			body := w.Body.String()
			if w.Code != c.status || l == text.Chinese && !strings.Contains(body, c.says) || strings.Contains(body, "zhang") || !strings.Contains(body, `href="/"`) {
				t.Errorf("%v: %d\n%s", c.err, w.Code, body)
			}
			if (c.status == 429) != (w.Header().Get("Retry-After") != "") {
				t.Errorf("%v: Retry-After is %q", c.err, w.Header().Get("Retry-After"))
			}
		}
	}
}
