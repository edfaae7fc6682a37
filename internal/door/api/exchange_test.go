package api_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"time"

	"yiwang/internal/base/sqldb/sqldbtest"
	"yiwang/internal/base/text"
	"yiwang/internal/door/api/apitest"
)

// platforms runs fn with two houses on each engine: the one above, and the city's.
func platforms(t *testing.T, fn func(t *testing.T, above, city *apitest.House)) {
	for name, url := range map[string]func(testing.TB, fs.FS) string{"sqlite": sqldbtest.SQLiteURL, "postgres": sqldbtest.PostgresURL} {
		t.Run(name, func(t *testing.T) { fn(t, apitest.Open(t, url), apitest.Open(t, url)) })
	}
}

const handedBy = "hotline-city"

// put sends an exchange file to a house.
func put(p *apitest.Person, channel string, file []byte) *apitest.Answer {
	req := p.Request(http.MethodPost, "/api/exchange/"+channel, bytes.NewReader(file))
	req.Header.Set("Content-Type", "application/x-ndjson")
	return p.Send(req)
}

// sealed puts a last line under lines that were changed.
func sealed(lines ...string) []byte {
	body := strings.Join(lines, "\n") + "\n"
	sum := sha256.Sum256([]byte(body))
	return []byte(body + fmt.Sprintf(`{"end":true,"cases":%d,"sha256":"%s"}`, len(lines)-1, hex.EncodeToString(sum[:])) + "\n")
}

// without returns the lines of a file but the last.
func without(file []byte) []string {
	lines := strings.Split(strings.TrimRight(string(file), "\n"), "\n")
	return lines[:len(lines)-1]
}

// The platform above hands three appeals down, the city answers, the answer comes
// back to the person who asked; what is added meanwhile finds its way; the same
// files again change nothing.
func TestExchangeStory(t *testing.T) {
	platforms(t, func(t *testing.T, above, city *apitest.House) {
		counter, chief := above.As(t, "shouli"), above.As(t, "shenhe")
		photo := counter.Upload("现场.png", png).OK().Text("id")
		var ids []string
		for i, said := range []string{"香蜜湖街道农林路口的工地夜里两点还在打桩。", "莲花街道红荔路的路灯不亮。", "南园街道的垃圾三天没有人清运。"} {
			in := m{"family": "appeal", "channel": "hotline", "title": "来电", "text": said, "fields": m{"phone": fmt.Sprintf("1381234567%d", i), "name": "张三"}}
			if i == 0 {
				in["files"] = []string{photo}
			}
			ids = append(ids, counter.Post("/api/cases", in).OK().Text("id"))
		}
		counter.Act(ids[0], "add", m{"text": "昨晚又施工到三点。"}).OK()
		above.As(t, "fenbo").Act(ids[0], "dispatch", m{"matter": "030503", "unit": "zhujian"}).OK()
		down := chief.Get("/api/exchange/hotline?files=true").OK().Raw

		// The city's door knows the platform by its key, which opens its channel alone.
		secret := city.As(t, "guanli").Post("/api/admin/keys", m{"name": "市级热线平台", "channel": handedBy, "unit": "centre", "roles": []string{"dispatcher"}}).OK().Text("key")
		platform := city.ByKey(t, secret)
		put(platform, "hotline", down).Is(http.StatusForbidden)
		put(city.As(t, "shoufa"), handedBy, down).Is(http.StatusForbidden)
		got := put(platform, handedBy, down).OK()
		if got.Text("created") != "3" || got.Len("refused") != 0 || got.Text("from") != "示范区" {
			t.Fatalf("handed down: %s", got.Raw)
		}
		again := put(platform, handedBy, down).OK()
		if again.Text("created") != "0" || again.Text("already") != "3" || again.Text("entries") != "0" {
			t.Errorf("the same file again: %s", again.Raw)
		}

		// What was said and done has come along, and the picture.
		rows := city.As(t, "fenbo").Get("/api/cases?channel=" + handedBy).OK()
		var id string
		for i := range rows.Len("items") {
			page := city.As(t, "shenhe").Get("/api/cases/" + rows.Text("items", i, "id")).OK()
			if strings.Contains(page.Text("fields", "text"), "打桩") {
				id = rows.Text("items", i, "id")
				for _, want := range []string{"昨晚又施工到三点", "示范区住房和建设局", "现场.png"} {
					if !strings.Contains(string(page.Raw), want) {
						t.Errorf("%q did not come along: %s", want, page.Raw)
					}
				}
			}
		}
		if rows.Len("items") != 3 || id == "" {
			t.Fatalf("the city has %s", rows.Raw)
		}

		// The city does its part; its answer goes back and is audited above.
		state := city.As(t, "fenbo").Get("/api/cases/" + id).OK().Text("state")
		if state != "dispatched" {
			city.As(t, "fenbo").Act(id, "dispatch", m{"matter": "030503", "unit": streetUnit}).OK()
		} else {
			city.As(t, "fenbo").Act(id, "redispatch", m{"unit": streetUnit, "reason": "由街道办理"}).OK()
		}
		city.As(t, "shoufa").Act(id, "sign", nil).OK()
		city.As(t, "shoufa").Act(id, "contact", m{"means": "phone", "note": "已致电"}).OK()
		city.As(t, "shoufa").Act(id, "resolve", m{"result": "solved", "answer": "执法队已责令停工。"}).OK()
		if city.As(t, "fuze").Get("/api/cases/"+id).OK().Text("state") == "approval" {
			city.As(t, "fuze").Act(id, "approve", nil).OK()
		}
		city.As(t, "shenhe").Act(id, "pass", nil).OK()
		up := city.As(t, "shenhe").Get("/api/exchange/" + handedBy).OK().Raw
		back := put(above.As(t, "guanli"), "hotline", up).OK()
		if back.Text("returned") != "3" || back.Text("results") != "1" || back.Len("refused") != 0 {
			t.Fatalf("handed back: %s", back.Raw)
		}
		page := chief.Get("/api/cases/" + ids[0]).OK()
		if page.Text("state") != "audit" || !strings.Contains(string(page.Raw), "执法队已责令停工") {
			t.Errorf("above: %s", page.Raw)
		}
		chief.Act(ids[0], "pass", nil).OK()
		once := put(above.As(t, "guanli"), "hotline", up).OK()
		if once.Text("results") != "0" || once.Text("entries") != "0" {
			t.Errorf("handed back again: %s", once.Raw)
		}

		// News of a case that was handed down follow it.
		counter.Act(ids[1], "add", m{"text": "整条街都不亮。"}).OK()
		news := put(platform, handedBy, chief.Get("/api/exchange/hotline").OK().Raw).OK()
		if news.Text("created") != "0" || news.Text("entries") == "0" {
			t.Errorf("news: %s", news.Raw)
		}

		// A key whose role opens no personal values is handed none.
		narrow := city.As(t, "guanli").Post("/api/admin/keys", m{"name": "统计", "channel": handedBy}).OK().Text("key")
		for key, opens := range map[string]bool{secret: true, narrow: false} {
			if own := string(city.ByKey(t, key).Get("/api/exchange/" + handedBy).OK().Raw); strings.Contains(own, "13812345670") != opens {
				t.Errorf("the number of an appellant (opens: %v): %s", opens, own)
			}
		}
	})
}

// A file since a day has what changed from then on by that channel, and nothing else.
func TestExchangeSince(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		counter, chief := h.As(t, "shouli"), h.As(t, "shenhe")
		file := func(channel, said string) string {
			return counter.Post("/api/cases", m{"family": "appeal", "channel": channel, "title": "来电", "text": said}).OK().Text("id")
		}
		h.Clock.Pass(-48 * time.Hour) // a session does not last that long
		first := file("hotline", "香蜜湖街道农林路口的工地夜里两点还在打桩。")
		file("hotline", "莲花街道红荔路的路灯不亮。")
		since := func() string {
			return "/api/exchange/hotline?since=" + h.Clock.Now().In(text.CST).Format(time.DateOnly)
		}
		cases := func(path string) int { return len(without(chief.Get(path).OK().Raw)) - 1 }
		today := since()
		h.Clock.Pass(48 * time.Hour)
		file("counter", "南园街道的垃圾三天没有人清运。")
		later := since()
		if n := cases(later); n != 0 {
			t.Errorf("nothing has changed, and there are %d cases", n)
		}
		counter.Act(first, "add", m{"text": "昨晚又施工到三点。"}).OK()
		if raw := string(chief.Get(later).OK().Raw); cases(later) != 1 || !strings.Contains(raw, "施工到三点") {
			t.Errorf("since the day of the change: %s", raw)
		}
		if n, all := cases(today), cases("/api/exchange/hotline"); n != 2 || all != 2 {
			t.Errorf("since the day they were filed: %d cases; all: %d; want 2", n, all)
		}
	})
}

// Whatever is wrong with a file is refused with its line and the reason; a file
// that is damaged as a whole is refused whole.
func TestExchangeDamaged(t *testing.T) {
	platforms(t, func(t *testing.T, above, city *apitest.House) {
		counter := above.As(t, "shouli")
		for _, said := range []string{"香蜜湖街道农林路口的工地夜里两点还在打桩。", "莲花街道红荔路的路灯不亮。"} {
			counter.Post("/api/cases", m{"family": "appeal", "channel": "hotline", "title": "来电", "text": said}).OK()
		}
		good := above.As(t, "shenhe").Get("/api/exchange/hotline").OK().Raw
		lines := without(good)
		change := func(line int, edit func(c map[string]any)) []byte {
			var c map[string]any
			if err := json.Unmarshal([]byte(lines[line-1]), &c); err != nil {
				t.Fatal(err)
			}
			edit(c)
			raw, err := json.Marshal(c)
			if err != nil {
				t.Fatal(err)
			}
			out := append([]string{}, lines...)
			out[line-1] = string(raw)
			return sealed(out...)
		}
		picture := base64.StdEncoding.EncodeToString(png)
		admin, chief := city.As(t, "guanli"), city.As(t, "shenhe")
		for _, x := range []struct {
			name  string
			file  []byte
			line  int
			code  string
			takes int // cases that go in nevertheless
		}{
			{"cut off", good[:len(good)-200], 3, "exchange.cut_off", 0},
			{"nothing", nil, 1, "exchange.cut_off", 0},
			{"another file", []byte("编号,内容\n1,路灯不亮\n"), 1, "exchange.not_one", 0},
			{"one byte altered", bytes.Replace(good, []byte("两点"), []byte("三点"), 1), 4, "exchange.altered", 0},
			{"a newer format", change(1, func(c map[string]any) { c["yiwang_exchange"] = 2 }), 1, "exchange.version", 0},
			{"no sender", change(1, func(c map[string]any) { c["from"] = map[string]any{} }), 1, "exchange.no_sender", 0},
			{"something after the end", append(bytes.Clone(good), "{}\n"...), 5, "exchange.after_end", 0},
			{"a line that is no JSON", sealed(lines[0], lines[1][:50], lines[2]), 2, "intake.bad_json", 1},
			{"no number", change(2, func(c map[string]any) { delete(c, "number") }), 2, "exchange.no_number", 0},
			{"a number for a text", change(2, func(c map[string]any) { c["fields"] = map[string]any{"text": 7} }), 2, "exchange.wrong_type", 0},
			{"no text", change(2, func(c map[string]any) { c["number"], c["fields"] = "x1", map[string]any{} }), 2, "intake.no_text", 0},
			{"entries out of order", change(2, func(c map[string]any) {
				c["entries"] = []any{m{"n": 2, "at": "2026-11-23T02:00:00Z"}, m{"n": 1, "at": "2026-11-23T02:00:00Z"}}
			}), 2, "exchange.entries", 0},
			{"a picture that is none", change(2, func(c map[string]any) {
				c["number"] = "x2"
				c["entries"] = []any{m{"n": 1, "at": "2026-11-23T02:00:00Z", "kind": "file", "title": "反映", "by": "citizen", "files": []any{m{"name": "a.pdf", "type": "application/pdf", "data": picture}}}}
			}), 2, "exchange.mistyped", 0},
			{"a result for a case that was never handed over", change(2, func(c map[string]any) {
				c["yours"] = m{"number": c["number"], "token": "00000000000000000000000000000000"}
			}), 2, "exchange.not_ours", 0},
			{"other words under a known number", change(3, func(c map[string]any) {
				c["fields"].(map[string]any)["text"] = "完全是另一件事，请查清楚。"
			}), 3, "cases.id_reused", 1},
		} {
			before := chief.Get("/api/exchange/" + handedBy).OK().Raw
			got := put(admin, handedBy, x.file).OK()
			if got.Len("refused") != 1 || got.Text("refused", 0, "line") != fmt.Sprint(x.line) || got.Text("refused", 0, "code") != x.code ||
				strings.Contains(got.Text("refused", 0, "reason"), "{") || got.Text("refused", 0, "reason") == "" {
				t.Errorf("%s: %s, want line %d, %s", x.name, got.Raw, x.line, x.code)
			}
			after := chief.Get("/api/exchange/" + handedBy).OK().Raw
			if x.code[:8] == "exchange" && x.line != 2 && len(without(after)) != len(without(before)) {
				t.Errorf("%s: something of a damaged file was taken", x.name)
			}
		}
	})
}
