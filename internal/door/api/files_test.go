package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"yiwang/internal/door/api/apitest"
)

// What somebody handed in about themselves is masked as what they wrote is: whoever may
// not see the case does not see the file, whoever sees it sees that there is one, and it
// is handed over, for a while, to a role that opens personal data and said for what.
func TestPersonalFilesByRoleAndUnit(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		counter := h.As(t, "shouli")
		photo := counter.Upload("摊位.png", png).OK().Text("id")
		id := counter.Post("/api/cases", m{"family": "street-stall", "channel": "counter", "area": "440304006",
			"fields": m{"name": "张三", "phone": "13800000000", "address": "农林路口", "goods": "fruit", "from": "2026-12-01", "days": 30, "photos": []string{photo}}, "files": []string{photo}}).OK().Text("id")
		file := counter.Upload("张三身份证.png", png).OK().Text("id")
		counter.Post("/api/cases/"+id+"/actions/add", m{"input": m{"text": "身份证复印件", "files": []string{file}}}).OK()
		people := map[string]*apitest.Person{"-": h.Nobody(t), "M": h.ByKey(t, h.As(t, "guanli").Post("/api/admin/keys", m{"name": "市级热线", "channel": "hotline"}).OK().Text("key"))}
		for letter, login := range roster {
			people[letter] = h.As(t, login)
		}
		handedOver := 0
		for _, letter := range strings.Split(everyone+"-", "") {
			p, sees, opens := people[letter], strings.Contains(inside, letter), strings.Contains(revealer, letter)
			for _, path := range []string{"/api/attachments/" + file, "/api/attachments/" + file + "/thumb"} {
				switch got := p.Get(path); {
				case letter == "-" && got.Status != http.StatusUnauthorized,
					letter != "-" && sees && got.Status != http.StatusForbidden,
					letter != "-" && !sees && got.Status != http.StatusNotFound:
					t.Errorf("%s, before opening: %s: %d", letter, path, got.Status)
				}
			}
			if page := p.Get("/api/cases/" + id); sees && (page.OK().Text("attachments", 1, "closed") != "true" || strings.Contains(string(page.Raw), "张三身份证")) {
				t.Errorf("%s reads more of the file than that it is there: %s", letter, page.Raw)
			}
			p.Post("/api/cases/"+id+"/reveal", m{"purpose": "核对申请人身份"})
			got := p.Get("/api/attachments/" + file)
			if (got.Status == http.StatusOK) != (sees && opens) {
				t.Errorf("%s, after asking to open: %d", letter, got.Status)
			}
			if got.Status == http.StatusOK {
				handedOver++
				if page := p.Get("/api/cases/" + id).OK(); page.Text("attachments", 1, "name") != "张三身份证.png" {
					t.Errorf("%s opened it and does not read its name: %s", letter, page.Raw)
				}
			}
		}
		if n := opened(t, h); handedOver < 5 || n != handedOver {
			t.Errorf("handed over to %d, of which %d are noted", handedOver, n)
		}
		h.Clock.Pass(31 * time.Minute)
		h.NewShift()
		h.As(t, "shoufa").Get("/api/attachments/" + file).Is(http.StatusForbidden)
	})
}
