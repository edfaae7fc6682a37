package api_test

import (
	"net/http"
	"strings"
	"testing"

	"yiwang/internal/door/api/apitest"
)

// The supervisor drafts a brief, edits it, publishes it and hands it out; a unit's
// clerk has no part in it.
func TestBriefAtTheDesk(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		h.As(t, "shouli").Post("/api/cases", m{"family": "appeal", "channel": "hotline", "urgency": "danger", "title": "燃气泄漏", "text": "农林路口有很浓的燃气味，请快来人。"}).OK()
		h.Settle(t)
		duban := h.As(t, "duban")
		id := duban.Post("/api/briefs", m{"kind": "daily"}).OK().Text("id")
		page := duban.Get("/api/briefs/" + id).OK()
		if page.Len("cases") != 1 || page.Text("edits") != "true" || page.Text("serial") != "0" {
			t.Fatalf("the draft: %s", page.Raw)
		}
		duban.Act(id, "edit", m{"title": "民情日报", "text": "一、要情\n燃气泄漏一件，正在处置。"}).OK()
		duban.Act(id, "publish", nil).OK()
		if list := duban.Get("/api/briefs").OK(); list.Text("items", 0, "serial") != "1" || list.Text("items", 0, "open") != "1" {
			t.Errorf("the list: %s", list.Raw)
		}
		if paper := duban.Get("/api/briefs/" + id + "/paper/html").OK(); !strings.Contains(string(paper.Raw), "正在处置") || !strings.Contains(string(paper.Raw), "第1期") {
			t.Errorf("the paper: %s", paper.Raw)
		}
		duban.Get("/api/briefs/" + id + "/paper/docx").OK()
		h.As(t, "shoufa").Get("/api/briefs").Is(http.StatusForbidden)
		h.As(t, "shoufa").Get("/api/briefs/" + id + "/paper/html").Is(http.StatusForbidden)
		h.As(t, "shoufa").Post("/api/briefs", m{"kind": "daily"}).Is(http.StatusForbidden)
		duban.Post("/api/briefs", m{"kind": "weekly"}).Is(http.StatusUnprocessableEntity)
	})
}
