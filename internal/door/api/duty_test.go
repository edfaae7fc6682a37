package api_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"yiwang/internal/door/api/apitest"
)

// The duty list goes round as a spreadsheet, is changed, checked by a second pair
// of eyes, and answers for any day; a clerk may read it and not change it.
func TestDutyListIsEdited(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		editor, publisher, clerk := h.As(t, "duban"), h.As(t, "caijue"), h.As(t, "shoufa")
		clerk.Post("/api/duty/editions", m{"like": 0, "title": "自编", "from": "2026-12-01"}).Is(http.StatusForbidden)
		no := editor.Post("/api/duty/editions", m{"like": 0, "title": "2026年12月版", "from": "2026-12-01"}).OK().Text("no")
		at := "/api/duty/editions/" + no

		sheet := editor.Open(editor.Request(http.MethodGet, at+"/sheet", nil))
		raw, err := io.ReadAll(sheet.Body)
		sheet.Body.Close()
		if err != nil || !bytes.HasPrefix(raw, []byte("PK")) {
			t.Fatalf("no spreadsheet: %v", err)
		}
		back := editor.Request(http.MethodPost, at+"/sheet", bytes.NewReader(raw))
		back.Header.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
		if got := editor.Send(back).OK(); got.At("taken") != true {
			t.Fatalf("its own spreadsheet is refused: %s", got.Raw)
		}

		row := m{}
		for _, one := range editor.Get(at + "/matters").OK().At("items").([]any) {
			if r := one.(map[string]any); r["code"] == "030503" {
				row = r
			}
		}
		row["by"], row["unit"], row["basis"] = "function", "no-such-unit", "专题会纪要"
		if got := editor.Do(http.MethodPut, at+"/matters/030503", row).OK(); got.At("taken") != false || got.Len("findings") == 0 {
			t.Fatalf("an unknown unit is taken: %s", got.Raw)
		}
		row["unit"] = "chengguan"
		if got := editor.Do(http.MethodPut, at+"/matters/030503", row).OK(); got.At("taken") != true {
			t.Fatalf("refused: %s", got.Raw)
		}
		diff := editor.Get(at + "/difference?with=0").OK()
		if diff.Len("items") != 1 || diff.Text("items", 0, "kind") != "changed" {
			t.Fatalf("difference: %s", diff.Raw)
		}
		editor.Post(at+"/publish", nil).Is(http.StatusForbidden)
		publisher.Post(at+"/publish", nil)
		for day, unit := range map[string]bool{"2026-11-30": false, "2026-12-01": true} {
			a := clerk.Get("/api/duty/responsible?matter=030503&day=" + day).OK()
			if (a.Text("unit") == "chengguan") != unit {
				t.Errorf("on %s: %s", day, a.Raw)
			}
		}
		publisher.Get("/api/duty/unwanted").OK()
		clerk.Get("/api/duty/unwanted").Is(http.StatusForbidden)
	})
}
