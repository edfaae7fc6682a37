package portal_test

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"yiwang/internal/door/portal"
)

// The text message has a link that rates and does nothing else: a forged or expired
// one records nothing, and one that was used says so.
func TestRateByLink(t *testing.T) {
	b := open(t)
	number := reachable(b)
	b.house.answer(t, number, "路灯已经修好。")
	link := b.house.rateLink(t, number)

	o := b.other()
	for _, bad := range []string{link[:len(link)-1], link[:len(link)-2] + "AA", strings.Replace(link, "/r/0", "/r/1", 1), "/r/x", "/r/a.b.c", "/r/" + strings.Repeat("A", 3000)} {
		o.get(bad)
		if o.status != 404 && o.status != 400 {
			t.Errorf("%.80s: %d", bad, o.status)
		}
		o.seesNot("非常满意", number)
	}
	o.get(link).sees("非常满意", number).seesNot("路灯已经修好", "撤回")
	once := o.hidden("_once")
	o.post(link[:len(link)-2]+"AA", form("_once", once, "level", "5"))
	if c := b.house.paper(t, number).Case; o.status != 404 || c.Rating != 0 {
		t.Errorf("a forged rating: %d, rated %d", o.status, c.Rating)
	}
	o.post(link, form("_once", once)).sees("请选择“总体评价”中的一项")
	o.post(link, form("_once", once, "level", "2", "comment", "谢谢")).sees("谢谢您的评价")
	if c := b.house.paper(t, number).Case; c.Rating != 2 {
		t.Errorf("rated %d", c.Rating)
	}
	o.get(link).sees("评价已经收到").seesNot("非常满意")
	// The link opened nothing else in this browser.
	o.get("/track").sees("查询码")

	late := reachable(b.other())
	b.house.answer(t, late, "已处理。")
	link = b.house.rateLink(t, late)
	b.house.clock.pass(portal.RateLife + 2*time.Hour)
	o.get(link).sees("已经过期")
	if o.post(link, form("_once", "x", "level", "1")); o.status != 410 || b.house.paper(t, late).Case.Rating != 0 {
		t.Errorf("an expired link: %d", o.status)
	}
}

// reachable files an appeal of somebody who left a telephone number.
func reachable(b *browser) (number string) {
	b.post("/file", form("text", "梅林路的路灯不亮已经三天了。", "_go", "next"))
	b.post("/file/where", form("address", "梅林一村", "area", "440304007021", "_go", "next"))
	b.post("/file/contact", form("contact", "named", "phone", "13800138000", "_go", "next"))
	b.post("/file/send", form()).at("/file/sent")
	number, _ = b.receipt()
	return number
}

var rateAddress = regexp.MustCompile(`https?://[^/"\s]*(/r/[A-Za-z0-9._-]+)`)

// rateLink carries the house's text messages and returns the link in the one that
// says a case was answered.
func (h *house) rateLink(t *testing.T, number string) string {
	t.Helper()
	if err := h.Post(t.Context()); err != nil {
		t.Fatal(err)
	}
	id := h.paper(t, number).Case.ID
	files, err := filepath.Glob(filepath.Join(shared.dir, "outbox", "*", "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		doc, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for letter := range strings.Lines(string(doc)) {
			m := rateAddress.FindStringSubmatch(letter)
			if m == nil || !strings.Contains(letter, `"`+id+`/`) || !strings.Contains(letter, "/resolved/") {
				continue
			}
			path, err := url.PathUnescape(m[1])
			if err != nil {
				t.Fatal(err)
			}
			return path
		}
	}
	t.Fatalf("no text message has a link to the rating of %s: %v", number, files)
	return ""
}
