package api_test

import (
	"net/http"
	"testing"

	"yiwang/internal/door/api/apitest"
)

// A ruling becomes a clause: it is drafted from the case, published by somebody else
// and holds from its day on; until then the list is as it was.
func TestRulingBecomesAClause(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		dispatcher, clerk, arbiter, supervisor := h.As(t, "fenbo"), h.As(t, "shoufa"), h.As(t, "caijue"), h.As(t, "duban")
		id := file(t, h)
		dispatcher.Act(id, "dispatch", m{"matter": "030503", "unit": streetUnit}).OK()
		arbiter.Post("/api/cases/"+id+"/clause", nil).Is(http.StatusNotFound) // nothing was ruled yet
		clerk.Act(id, "return", m{"reason": "duty", "clause": "清单第3条", "suggest": "zhujian"}).OK()
		dispatcher.Act(id, "refuse_return", m{"note": "先办理"}).OK()
		clerk.Act(id, "dispute", m{"clause": "清单第3条", "suggest": "zhujian", "note": "工地由住建部门监管"}).OK()
		arbiter.Act(id, "rule", m{"unit": "zhujian", "clause": "建筑工程施工噪声由建设主管部门负责", "note": "依职责清单"}).OK()

		clerk.Post("/api/cases/"+id+"/clause", nil).Is(http.StatusForbidden)
		drafted := arbiter.Post("/api/cases/"+id+"/clause", nil).OK()
		no := drafted.Text("edition")
		if drafted.Text("taken") != "true" || drafted.Text("matter") != "030503" {
			t.Fatalf("drafted: %s", drafted.Raw)
		}
		if again := arbiter.Post("/api/cases/"+id+"/clause", nil).OK(); again.Text("edition") != no {
			t.Errorf("a second draft was begun: %s", again.Raw)
		}
		who := func(day string) string {
			return supervisor.Get("/api/duty/responsible?matter=030503&area=440304006015&day=" + day).OK().Text("unit")
		}
		if who("2026-12-10") == "zhujian" {
			t.Error("a draft holds before it was published")
		}
		arbiter.Post("/api/duty/editions/"+no+"/publish", nil).Is(http.StatusForbidden) // one's own
		supervisor.Post("/api/duty/editions/"+no+"/publish", nil).OK()
		if before, after := who("2026-11-24"), who("2026-12-10"); before == "zhujian" || after != "zhujian" {
			t.Errorf("responsible before %s, after %s", before, after)
		}
		change := supervisor.Get("/api/duty/editions/" + no + "/difference?with=0").OK()
		if change.Len("items") != 1 {
			t.Errorf("changed: %s", change.Raw)
		}
	})
}
