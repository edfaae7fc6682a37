package dispatch_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"yiwang/internal/base/errs"
	"yiwang/internal/work/dispatch"
)

// duties is a small duty list; the third has no history in corpus.
var duties = []dispatch.Entry{
	{Code: "A1", Name: "路灯照明", Path: []string{"城市设施"}, Description: "路灯不亮、损坏、缺失的报修", Words: []string{"路灯", "照明", "黑漆漆"}},
	{Code: "B1", Name: "噪声污染", Path: []string{"环境保护"}, Description: "施工、商业、生活噪声扰民", Words: []string{"噪音", "扰民", "吵得睡不着"}},
	{Code: "C1", Name: "公共自行车", Path: []string{"交通出行"}, Description: "公共自行车租赁点、桩点、借还车", Words: []string{"自行车", "还车", "桩点"}},
}

// corpus is a made-up history: street by street, lamps out and noise at night.
func corpus() dispatch.Corpus {
	c := dispatch.Corpus{Duty: duties}
	streets := strings.Fields("梅林路 福华路 彩田路 莲花路 景田路 红荔路 笋岗路 侨香路 香蜜路 滨河路 新洲路 益田路 金田路 民田路 海田路")
	for i, s := range streets {
		c.Decided = append(c.Decided,
			dispatch.Decided{ID: fmt.Sprint("a", i), Message: dispatch.Message{Title: s + "路灯不亮", Text: s + "的路灯坏了好几天，晚上一片漆黑，老人出行不安全，请尽快维修。"}, Matter: "A1", Nature: "求助", Unit: "城管"},
			dispatch.Decided{ID: fmt.Sprint("b", i), Message: dispatch.Message{Title: s + "工地夜间施工", Text: s + "旁边的工地凌晨还在打桩，噪音太大，居民无法休息，请管一管。"}, Matter: "B1", Nature: "投诉", Unit: "环保"})
	}
	return c
}

func train(t testing.TB) *dispatch.Model {
	t.Helper()
	m, _, err := dispatch.Train(context.Background(), corpus(), dispatch.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestRead(t *testing.T) {
	m := train(t)
	for _, c := range []struct{ why, text, matter, nature, unit string }{
		{"seen matter", "小区门口路灯不亮，晚上走路看不见", "A1", "求助", "城管"},
		{"seen matter", "楼下工地半夜施工噪音大", "B1", "投诉", "环保"},
		{"a matter without history is found by its description", "公共自行车的桩点满了，还不了车", "C1", "", ""},
	} {
		r := m.Read(dispatch.Message{Text: c.text})
		if r.Matters[0].Label != c.matter {
			t.Errorf("%s: %q read as %v, want %s", c.why, c.text, r.Matters, c.matter)
		}
		if c.nature != "" && (r.Nature.Label != c.nature || r.Units[0].Label != c.unit) {
			t.Errorf("%q: nature %v, units %v", c.text, r.Nature, r.Units)
		}
		if r.Model != m.Version() {
			t.Errorf("the reading does not name its model")
		}
		sum := 0.0
		for _, s := range r.Matters {
			sum += s.P
		}
		if sum > 1.001 {
			t.Errorf("probabilities add up to %v", sum)
		}
	}
	for _, text := range []string{"", "\xff\x00", "？！", strings.Repeat("路灯", 100000)} {
		if r := m.Read(dispatch.Message{Text: text}); len(r.Matters) == 0 {
			t.Errorf("no answer at all for %.20q", text)
		}
	}
}

// A city without any history starts from its duty list alone.
func TestDutyListAlone(t *testing.T) {
	m, _, err := dispatch.Train(context.Background(), dispatch.Corpus{Duty: duties}, dispatch.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := m.Read(dispatch.Message{Text: "路灯坏了，晚上黑漆漆的"})
	if r.Matters[0].Label != "A1" {
		t.Errorf("read as %v, want A1", r.Matters)
	}
	if m.Sure(r) {
		t.Error("sure without ever having seen a decision")
	}
}

func TestTrainTwiceIsTheSame(t *testing.T) {
	var a, b bytes.Buffer
	for _, out := range []*bytes.Buffer{&a, &b} {
		if err := train(t).Save(out); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the same corpus gave two different models")
	}
}

func TestNothingToLearn(t *testing.T) {
	if _, _, err := dispatch.Train(context.Background(), dispatch.Corpus{}, dispatch.Options{}); !errs.Is(err, errs.Invalid) {
		t.Errorf("got %v, want an invalid error", err)
	}
}

func TestSaveLoad(t *testing.T) {
	m := train(t)
	var b bytes.Buffer
	if err := m.Save(&b); err != nil {
		t.Fatal(err)
	}
	file := b.Bytes()
	back, err := dispatch.Load(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	msg := dispatch.Message{Title: "路灯坏了", Text: "请修一下"}
	if a, b := m.Read(msg), back.Read(msg); a.Matters[0].Label != b.Matters[0].Label || a.Model != b.Model {
		t.Errorf("before %v, after %v", a, b)
	}
	for _, cut := range []int{0, 5, 20, 60, len(file) - 1} {
		if _, err := dispatch.Load(bytes.NewReader(file[:cut])); !errs.Is(err, errs.Invalid) {
			t.Errorf("cut at %d: got %v, want an invalid error", cut, err)
		}
	}
	for _, at := range []int{3, len("YWDISPATCH"), 30, len(file) / 2} {
		bad := bytes.Clone(file)
		bad[at] ^= 1
		if _, err := dispatch.Load(bytes.NewReader(bad)); !errs.Is(err, errs.Invalid) {
			t.Errorf("bit flipped at %d: got %v, want an invalid error", at, err)
		}
	}
}

func TestExplain(t *testing.T) {
	m := train(t)
	h := dispatch.NewHistory(m)
	for _, d := range corpus().Decided {
		h.Add(d.ID, d.Matter, d.Message)
	}
	msg := dispatch.Message{Title: "莲花路路灯不亮", Text: "您好，莲花路路灯坏了，请维修。"}
	e := m.Explain(msg, "A1", h)
	if e.Clause.Name != "路灯照明" {
		t.Errorf("clause %+v", e.Clause)
	}
	found := false
	for _, w := range e.Words {
		src := msg.Text
		if w.Title {
			src = msg.Title
		}
		if src[w.From:w.To] != w.Text || w.Weight <= 0 {
			t.Errorf("span %+v does not lie in its text", w)
		}
		found = found || strings.Contains(w.Text, "灯")
	}
	if !found {
		t.Errorf("the lamp did not weigh: %v", e.Words)
	}
	if len(e.Nearest) == 0 || e.Nearest[0].ID != "a3" || e.Nearest[0].Matter != "A1" {
		t.Errorf("nearest %v, want a3 first", e.Nearest)
	}
	if e := m.Explain(msg, "no such code", nil); len(e.Words) != 0 || len(e.Nearest) != 0 {
		t.Errorf("an unknown code was explained: %v", e)
	}
}

func TestLearner(t *testing.T) {
	m := train(t)
	l := dispatch.NewLearner(m)
	lamp := dispatch.Message{Text: "景观湖的喷泉坏了，水都臭了"}
	like := dispatch.Message{Text: "景观湖的喷泉坏了没人修，水臭"}
	other := dispatch.Message{Text: "彩田路的路灯坏了好几天，请维修"}
	before := l.Read(other)
	l.Correct(lamp, "Z9") // a matter that the model never heard of
	if got := l.Read(lamp).Matters[0].Label; got != "Z9" {
		t.Errorf("after the correction it still says %s", got)
	}
	if got := l.Read(like).Matters[0].Label; got != "Z9" {
		t.Errorf("a like message reads %s", got)
	}
	if got := l.Read(other).Matters[0].Label; got != before.Matters[0].Label {
		t.Errorf("the correction moved an unrelated message to %s", got)
	}
	again := dispatch.NewLearner(m)
	again.Correct(lamp, "Z9")
	if a, b := l.Read(like).Matters[0], again.Read(like).Matters[0]; a != b {
		t.Errorf("replayed corrections give another learner: %v, %v", a, b)
	}
	var g sync.WaitGroup
	for range 4 {
		g.Go(func() {
			for range 20 {
				l.Correct(other, "A1")
				l.Read(like)
			}
		})
	}
	g.Wait()
}

func FuzzLoad(f *testing.F) {
	m := train(f)
	var b bytes.Buffer
	if err := m.Save(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("YWDISPATCH"))
	f.Fuzz(func(t *testing.T, file []byte) {
		m, err := dispatch.Load(bytes.NewReader(file))
		if err != nil {
			return
		}
		m.Read(dispatch.Message{Text: "路灯不亮"})
	})
}
