package api_test

import (
	"net/http"
	"testing"
	"time"

	"yiwang/internal/door/api/apitest"
)

// A case that is left alone counts against the unit; each figure opens its cases;
// the ledgers agree with it to the case.
func TestLeavingACaseAloneDoesNotHelp(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		var ids []string
		for range 3 {
			id := h.As(t, "shouli").Post("/api/cases", m{"family": "appeal", "channel": "hotline", "title": "工地夜间施工", "text": "香蜜湖街道农林路口的工地夜里两点还在打桩。"}).OK().Text("id")
			h.As(t, "fenbo").Act(id, "dispatch", m{"matter": "030503", "unit": streetUnit}).OK()
			ids = append(ids, id)
		}
		h.As(t, "shoufa").Act(ids[0], "sign", nil).OK()
		h.As(t, "jingban").Act(ids[0], "contact", m{"means": "phone", "note": "已联系"}).OK()
		h.As(t, "fuze").Act(ids[0], "resolve", m{"result": "solved", "answer": "综合执法队今日上午到场，已责令夜间停工并张贴告知书。"}).OK()
		h.Clock.Pass(20 * time.Minute) // the other two are not signed for in ten
		if _, _, err := h.Cases.Fire(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.Settle(t)

		table := h.As(t, "duban").Get("/api/figures/rates?by=unit").OK()
		rate := func(code, member string) string { return table.Text("total", "rates", code, member) }
		if rate("on_time", "over") != "1" || rate("on_time", "under") != "3" {
			t.Errorf("on time: %s of %s", rate("on_time", "over"), rate("on_time", "under"))
		}
		if rate("completion", "over") != "1" || rate("completion", "under") != "3" || rate("response", "over") != "1" || table.Text("baseline", "hours") == "0" {
			t.Errorf("the table reads %s", table.Raw)
		}
		if table.Len("items") != 1 || table.Text("items", 0, "key") != streetUnit || table.Text("items", 0, "overdue") != "2" {
			t.Errorf("by unit: %s", table.Raw)
		}
		for _, filter := range []string{table.Text("total", "filters", "overdue"), table.Text("items", 0, "rates", "on_time", "filter"), table.Text("total", "filters", "pending")} {
			if list := h.As(t, "duban").Get("/api/cases?" + filter).OK(); list.Len("items") != 2 {
				t.Errorf("behind %s stand %s", filter, list.Raw)
			}
		}
		ledger := h.As(t, "duban").Get("/api/ledger").OK()
		if ledger.Text("reconciled") != "true" || ledger.Len("unhandled") != 2 || ledger.Len("missed") != 0 || ledger.Text("received") != "3" || ledger.Text("ended") != "1" {
			t.Errorf("the ledgers read %s", ledger.Raw)
		}
		h.As(t, "shoufa").Get("/api/ledger").Is(http.StatusForbidden)
		h.As(t, "duban").Get("/api/figures/rates?from=gestern").Is(http.StatusUnprocessableEntity)
	})
}
