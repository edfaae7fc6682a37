package api_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"yiwang/internal/door/api/apitest"
)

// A table leaves as a spreadsheet, is changed there and comes back. One that contradicts
// itself is taken as a draft, said with the two rows and a case that shows it, counted as
// waiting to be mended, and cannot be published; mended in the table of the desk it holds
// from its day on, by another person's hand.
func TestAContradictoryTableIsNeverPublished(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		duban, other := h.As(t, "duban"), h.As(t, "caijue")
		day := h.Clock.Now().AddDate(0, 0, 7).Format("2006-01-02")
		draft := duban.Post("/api/rules/elder-allowance/editions", m{"title": "提高标准", "from": day}).OK()
		at := "/api/rules/editions/" + draft.Text("no")

		sheet := duban.Open(duban.Request(http.MethodGet, "/api/rules/elder-allowance/sheet?no="+draft.Text("no"), nil))
		book, err := excelize.OpenReader(sheet.Body)
		if err != nil {
			t.Fatal(err)
		}
		_ = sheet.Body.Close()
		name := book.GetSheetName(0)
		change := func(from, to string) {
			t.Helper()
			cells, err := book.SearchSheet(name, from)
			if err != nil || len(cells) != 1 {
				t.Fatalf("%q stands in %v, %v", from, cells, err)
			}
			if err := book.SetCellStr(name, cells[0], to); err != nil {
				t.Fatal(err)
			}
		}
		upload := func() *apitest.Answer {
			t.Helper()
			var b bytes.Buffer
			if err := book.Write(&b); err != nil {
				t.Fatal(err)
			}
			req := duban.Request(http.MethodPost, at+"/sheet", &b)
			req.Header.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
			return duban.Send(req)
		}
		if back := upload().OK(); back.Text("sound") != "true" || back.Text("version") != draft.Text("version") {
			t.Errorf("what came back unchanged reads %s", back.Raw)
		}

		change("80..89", "80..95")
		said := upload().OK()
		what := said.Text("findings", 0, "what")
		if said.Text("sound") != "false" || !strings.Contains(what, "“a80”行与“a90”行同时成立") || !strings.Contains(what, "年龄") || said.Text("findings", 0, "fault") != "true" {
			t.Errorf("the contradiction reads %s", said.Raw)
		}
		if said.Text("findings", 0, "mend") == "" || said.Text("findings", 0, "facts", "household") != "local" {
			t.Errorf("without a mend or a case that shows it: %s", said.Raw)
		}
		waiting := func() string {
			all := other.Get("/api/rules").OK()
			for i := range all.Len("items") {
				if all.Text("items", i, "code") == "elder-allowance" {
					return all.Text("items", i, "drafts") + " drafts, " + all.Text("items", i, "faulty") + " faulty"
				}
			}
			return ""
		}
		if got := waiting(); got != "1 drafts, 1 faulty" {
			t.Errorf("the list says %s", got)
		}
		if refused := other.Post(at+"/publish", nil).Is(http.StatusUnprocessableEntity); !strings.Contains(string(refused.Raw), "不能发布") {
			t.Errorf("publishing it is refused with %s", refused.Raw)
		}

		// A cell that says nothing is found where it stands, in the table of the desk too.
		table := duban.Get("/api/rules/elder-allowance/editions").OK().At("items", 1, "table").(map[string]any)
		first := table["rows"].([]any)[0].(map[string]any)["when"].(map[string]any)
		first["age"] = "八十岁"
		if typo := duban.Do(http.MethodPut, at, table).OK(); typo.Text("sound") != "false" || typo.Text("findings", 0, "row") != "0" || typo.Text("findings", 0, "fact") != "age" {
			t.Errorf("the slip reads %s", typo.Raw)
		}
		first["age"] = "80..89"
		if mended := duban.Do(http.MethodPut, at, table).OK(); mended.Text("sound") != "true" {
			t.Errorf("mended it reads %s", mended.Raw)
		}
		if got := waiting(); got != "1 drafts, 0 faulty" {
			t.Errorf("the list says %s", got)
		}
		duban.Post(at+"/publish", nil).Is(http.StatusForbidden)
		other.Post(at+"/publish", nil).OK()
		if got := waiting(); got != "0 drafts, 0 faulty" {
			t.Errorf("the list says %s", got)
		}
	})
}
