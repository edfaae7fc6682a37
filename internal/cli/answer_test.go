package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// Each row of a file is answered by one object, whatever the message is called and
// whether its id is a number or text.
func TestAnswerCheck(t *testing.T) {
	rows := `{"id":7,"title":"路灯不亮","message":"香梅路的路灯坏了半个月，请尽快修好。","reply":"您好，您的留言已收悉，已转相关部门处理，感谢您的支持！"}
{"id":"b","title":"路灯不亮","text":"香梅路的路灯坏了半个月，请尽快修好。","reply":"11月20日晚我中心已更换香梅路路灯6盏，现已全部点亮；如再不亮，请拨打12345。"}
{"id":"c","title":"路灯不亮","content":"香梅路的路灯坏了半个月，请尽快修好。","reply":"路灯不属于我局职责范围，请您直接向区灯光管理中心反映。"}
`
	var out, errOut bytes.Buffer
	if status := Main([]string{"answer", "check", "-", "--json"}, strings.NewReader(rows), &out, &errOut); status != 0 {
		t.Fatalf("status %d: %s", status, errOut.String())
	}
	type row struct {
		ID       any
		Empty    bool
		Answers  string
		Findings []struct {
			Kind  string
			Words []string
			Why   string
		}
	}
	want := []struct {
		id      any
		empty   bool
		answers string
		kind    string // of the first finding
	}{{float64(7), true, "no", "empty"}, {"b", false, "full", ""}, {"c", false, "no", "unanswered"}}
	d := json.NewDecoder(&out)
	for i, w := range want {
		var got row
		if err := d.Decode(&got); err != nil {
			t.Fatal(err)
		}
		kind := ""
		if len(got.Findings) > 0 {
			kind = got.Findings[0].Kind
			if len(got.Findings[0].Words) == 0 || got.Findings[0].Why == "" {
				t.Errorf("row %d: a finding without words or reason: %+v", i, got)
			}
		}
		if got.ID != w.id || got.Empty != w.empty || got.Answers != w.answers || kind != w.kind {
			t.Errorf("row %d: %+v", i, got)
		}
	}
	if status := Main([]string{"answer", "check", "-", "--json"}, strings.NewReader(`{"id":1}`), &out, &errOut); status != 1 {
		t.Errorf("a row without a reply: status %d", status)
	}
}
