package api_test

import (
	"net/http"
	"strings"
	"testing"

	"yiwang/internal/door/api/apitest"
)

// A letter of supervision is opened from the case page by those who see the case.
func TestLetterOfSupervision(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		id := h.As(t, "shouli").Post("/api/cases", m{"family": "appeal", "channel": "hotline", "title": "工地夜间施工", "text": "香蜜湖街道农林路口的工地夜里两点还在打桩。"}).OK().Text("id")
		h.As(t, "fenbo").Act(id, "dispatch", m{"matter": "030503", "unit": streetUnit}).OK()
		page := h.As(t, "duban").Act(id, "supervise", m{"means": "letter", "grade": "listed", "demand": "今夜停工"}).OK()
		n, paper := "", ""
		for i := range page.Len("case", "timeline") {
			if page.Text("case", "timeline", i, "kind") == "supervise" {
				n, paper = page.Text("case", "timeline", i, "n"), page.Text("case", "timeline", i, "paper")
			}
		}
		if paper != "民生诉求督办函" {
			t.Fatalf("the case page names the paper %q", paper)
		}
		path := "/api/cases/" + id + "/papers/" + n
		if got := h.As(t, "shoufa").Get(path + ".html").OK(); !strings.Contains(string(got.Raw), "督函〔2026〕1号") || !strings.Contains(string(got.Raw), "挂牌督办") {
			t.Errorf("the letter reads %s", got.Raw)
		}
		if got := h.As(t, "duban").Get(path + ".docx").OK(); !strings.HasPrefix(string(got.Raw), "PK") {
			t.Error("the letter is no DOCX")
		}
		h.As(t, "duban").Get("/api/cases/" + id + "/papers/1.pdf").Is(http.StatusNotFound)
		h.As(t, "duban").Get(path + ".exe").Is(http.StatusUnprocessableEntity)
		h.As(t, "wuye").Get(path + ".html").Is(http.StatusNotFound)
		h.As(t, "duban").Get(path + ".pdf").Is(http.StatusServiceUnavailable) // this house has no fonts
	})
}
