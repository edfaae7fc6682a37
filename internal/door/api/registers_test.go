package api_test

import (
	"net/http"
	"testing"

	"yiwang/internal/core/register"
	"yiwang/internal/door/api/apitest"
)

// The unit that a source is declared of reports what it knows of somebody who is in the
// register; no other unit may speak for it.
func TestSourcesReport(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		sub := register.Subject{Register: "person", ID: "PA9"}
		if err := h.Registers.Put(t.Context(), "police", sub, register.Fact{Item: "idnumber", Value: "900000194403180124"}, register.Fact{Item: "household", Value: "other"}); err != nil {
			t.Fatal(err)
		}
		admin := h.As(t, "guanli")
		unit := func(code string) *apitest.Person {
			return h.ByKey(t, admin.Post("/api/admin/keys", m{"name": code, "channel": "hotline", "unit": code, "roles": []string{"registrar"}}).OK().Text("key"))
		}
		said := func(value, household string) m {
			return m{"register": "person", "source": "police", "value": value, "facts": []m{{"item": "household", "value": household, "from": "2026-11-01"}}}
		}
		police := unit("gongan-huzheng")
		police.Post("/api/registers/facts", said("900000194403180124", "local")).OK()
		police.Post("/api/registers/facts", said("900000194403180124", "nowhere")).Is(http.StatusUnprocessableEntity)
		police.Post("/api/registers/facts", said("900000199007090269", "local")).Is(http.StatusNotFound)
		unit("minzheng").Post("/api/registers/facts", said("900000194403180124", "city")).Is(http.StatusForbidden)
		page := police.Post("/api/registers/look", m{"register": "person", "value": "900000194403180124"}).OK()
		for i := range page.Len("facts") {
			if f := page.At("facts", i).(map[string]any); f["title"] == "户籍" && f["ended"] == 0.0 && f["to"] == "" && f["value"] != "本区户籍" {
				t.Errorf("the report did not take: %v", f)
			}
		}
	})
}
