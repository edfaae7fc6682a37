package api_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"yiwang/internal/door/api/apitest"
)

// Many tell of one matter; it becomes a topic, and one click makes of it a case
// that follows them all.
func TestTopicStory(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		counter, supervisor, clerk := h.As(t, "shouli"), h.As(t, "duban"), h.As(t, "shoufa")
		say := func(title, text string) string {
			return counter.Post("/api/cases", m{"family": "appeal", "channel": "hotline", "title": title, "text": text}).OK().Text("id")
		}
		for i, words := range []string{"工地夜里两点还在打桩", "工地半夜施工太吵", "工地凌晨打桩睡不着", "工地通宵施工噪音大"} {
			say("香蜜湖街道农林路"+words, fmt.Sprintf("香蜜湖街道农林路口%s，第%d次反映了，请管一管。", words, i+1))
			h.Clock.Pass(time.Minute)
		}
		say("公积金怎么提取", "请问退休以后住房公积金怎么提取，要带什么材料。")
		if n := supervisor.Get("/api/topics").OK().Len("items"); n != 0 {
			t.Errorf("%d topics before the first grouping", n)
		}
		if err := h.Topics.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		topics := supervisor.Get("/api/topics").OK()
		if topics.Len("items") != 1 || topics.Text("items", 0, "cases") != "4" || topics.Text("items", 0, "open") != "4" {
			t.Fatalf("topics: %s", topics.Raw)
		}
		if topics.At("items", 0, "last_week") != nil || topics.At("items", 0, "last_year") != nil {
			t.Errorf("compared with weeks that the log does not reach: %s", topics.Raw)
		}
		id := topics.Text("items", 0, "id")
		if members := supervisor.Get("/api/topics/" + id).OK(); members.Len("members") != 4 {
			t.Errorf("members: %s", members.Raw)
		}

		// Who sees none of the cases sees no topic of them.
		if n := clerk.Get("/api/topics").OK().Len("items"); n != 0 {
			t.Errorf("the clerk sees %d topics", n)
		}
		clerk.Get("/api/topics/" + id).Is(http.StatusNotFound)

		// The counter may look, but opens no theme case.
		counter.Post("/api/topics/"+id+"/theme", nil).Is(http.StatusForbidden)
		theme := supervisor.Post("/api/topics/"+id+"/theme", nil).OK()
		if again := supervisor.Post("/api/topics/"+id+"/theme", nil).OK(); again.Text("id") != theme.Text("id") {
			t.Errorf("a second theme case %s beside %s", again.Text("number"), theme.Text("number"))
		}
		page := supervisor.Get("/api/cases/" + theme.Text("id")).OK()
		if page.Text("family") != "theme" && page.Text("case", "family") != "theme" || page.Len("links") != 4 {
			t.Errorf("theme case: %s", page.Raw)
		}
		if err := h.Topics.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if topics := supervisor.Get("/api/topics").OK(); topics.Text("items", 0, "theme", "number") != theme.Text("number") {
			t.Errorf("topics after: %s", topics.Raw)
		}
	})
}
