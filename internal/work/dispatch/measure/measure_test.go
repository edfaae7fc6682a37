package measure_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yiwang/internal/base/errs"
	"yiwang/internal/work/dispatch"
	"yiwang/internal/work/dispatch/measure"
)

func write(t *testing.T, lines ...string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "rows.jsonl")
	if err := os.WriteFile(name, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func read(t *testing.T, lines ...string) []measure.Case {
	t.Helper()
	cs, err := measure.Read([]string{write(t, lines...)}, "")
	if err != nil {
		t.Fatal(err)
	}
	return cs
}

// A test message that also stands in the training data, by id or by text, is
// refused, and with it a test of which it is a good part: its result would be
// memory.
func TestLeakIsRefused(t *testing.T) {
	train := read(t,
		`{"id":"1","title":"路灯","text":"路灯不亮，请维修。","matter":"A"}`,
		`{"id":"2","title":"噪声","text":"工地噪声扰民。","matter":"B"}`)
	var clean []measure.Case
	for i := range 99 {
		clean = append(clean, read(t, fmt.Sprintf(`{"id":"c%d","title":"路灯","text":"第%d条路的路灯不亮","matter":"A"}`, i, i))...)
	}
	for why, line := range map[string]string{
		"same id":                  `{"id":"1","title":"别的","text":"完全不同的内容","matter":"A"}`,
		"same text, other id":      `{"id":"9","title":"别的","text":"路灯不亮，请维修。","matter":"A"}`,
		"same text in other signs": `{"id":"9","title":"别的","text":"路燈不亮 請維修！","matter":"A"}`,
		"same text without id":     `{"title":"别的","text":"工地噪声扰民","matter":"B"}`,
	} {
		leak := read(t, line)
		_, _, err := measure.Run(context.Background(), measure.Test{Train: train, Test: leak, Task: dispatch.Matter})
		if !errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), "dispatch.leak") {
			t.Errorf("%s: got %v, want the test refused as a leak", why, err)
		}
		rest, refused, err := measure.Refuse(train, append(leak, clean...))
		if err != nil || refused != 1 || len(rest) != len(clean) {
			t.Errorf("%s among 99 clean ones: %d left, %d refused, %v; want it alone refused", why, len(rest), refused, err)
		}
	}
}

// Texts without labels are no leak, but the test's own are not learnt from.
func TestTextsOfTheTestAreTakenOut(t *testing.T) {
	test := read(t, `{"id":"1","title":"路灯","text":"路灯不亮。"}`)
	texts := read(t, `{"id":"1","title":"x","text":"y"}`, `{"title":"z","text":"路灯不亮"}`, `{"title":"路灯"}`, `{"title":"自来水","text":"停水"}`)
	got := measure.Without(texts, test)
	if len(got) != 1 || got[0].Title != "自来水" {
		t.Errorf("kept %v, want only the water", got)
	}
}

func TestLabelsAreJoinedById(t *testing.T) {
	texts := write(t, `{"id":"1","title":"a","text":"b","reply":"c"}`, `{"id":"2","title":"d","text":"e"}`)
	labels := write(t, `{"id":"1","unit_type":"教育","also":["公安"]}`)
	got, err := measure.Read([]string{texts}, labels)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].Text != "b" || got[0].Unit != "教育" || fmt.Sprint(got[0].Units) != "[教育 公安]" || got[0].Also != nil {
		t.Errorf("got %+v", got)
	}
}

func TestBadRowIsNamed(t *testing.T) {
	_, err := measure.Read([]string{write(t, `{"id":"1"}`, `{"id":`)}, "")
	if err == nil || !strings.Contains(err.Error(), "line=2") {
		t.Errorf("got %v, want line 2", err)
	}
}

func TestFigures(t *testing.T) {
	say := func(p float64, labels ...string) []dispatch.Scored {
		var out []dispatch.Scored
		for _, l := range labels {
			out = append(out, dispatch.Scored{Label: l, P: p})
		}
		return out
	}
	f := measure.Sum([]measure.Answer{
		{Ranked: say(0.9, "010101", "010102"), Right: []string{"010101"}, Auto: true},
		{Ranked: say(0.8, "010102", "010101"), Right: []string{"010101"}, Auto: true},
		{Ranked: say(0.7, "020201"), Right: []string{"030301", "020201"}},
		{Ranked: say(0.2, "010101"), Right: []string{"040101"}},
	}, true)
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"accuracy: a second label counts as right", f.Accuracy, 0.5},
		{"top 3", f.Top3, 0.75},
		{"level 2 of the first answer", *f.Level2, 0.75},
		{"sent", f.AutoShare, 0.5},
		{"right among the sent", f.AutoPrecision, 0.5},
		{"95 % hold for the surest only", f.CoverageAt95, 0.25},
		{"macro F1 over 010101, 010102, 030301, 040101", f.MacroF1, (0.5 + 0 + 1 + 0) / 4},
	} {
		if math.Abs(c.got-c.want) > 1e-9 {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
}
