package notice_test

import (
	"testing"
	"testing/fstest"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
	"yiwang/internal/core/notice"
)

func TestRender(t *testing.T) {
	b := notice.NewBook([]notice.Template{{Code: "done", Title: "{number}已答复", Text: "{unit}已答复{number}，{reason}请看{link}"}})
	for _, c := range []struct {
		args  errs.Args
		title string
		body  string
	}{
		{errs.Args{"number": "SF1", "unit": "水务局", "link": "/a", "reason": "急，"}, "SF1已答复", "水务局已答复SF1，急，请看/a"},
		{errs.Args{"number": "SF1", "link": "/a"}, "SF1已答复", "已答复SF1，请看/a"},                                    // nobody is shown a brace
		{errs.Args{"number": "{unit}", "unit": "局", "link": "{number}"}, "{unit}已答复", "局已答复{unit}，请看{number}"}, // a value is not a template
	} {
		title, body, err := b.Render("done", c.args)
		if err != nil || title != c.title || body != c.body {
			t.Errorf("%v: %q, %q, %v", c.args, title, body, err)
		}
	}
	if _, _, err := b.Render("absent", nil); !errs.Is(err, errs.NotFound) {
		t.Errorf("absent template: %v", err)
	}
}

func TestRead(t *testing.T) {
	d := decl.Open(fstest.MapFS{"notice/a.yaml": {Data: []byte("- {code: a, title: 甲, channel: [sms], to: staff, text: x}\n- {code: a, title: 甲, channel: [sms], to: staff, text: y}\n- {code: b, title: 乙, channel: [pigeon], to: king, text: x}\n")}})
	all, at := notice.Read(d)
	if len(all) != 2 || at["b"].Line != 3 {
		t.Errorf("read %v at %v", all, at)
	}
	if got := len(d.Findings()); got != 3 {
		t.Errorf("%d findings, want 3 (twice, pigeon, king): %v", got, d.Findings())
	}
}
