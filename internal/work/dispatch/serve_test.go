package dispatch_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"yiwang/internal/work/dispatch"
	"yiwang/internal/work/dispatch/province"
)

// invented makes messages out of the duty list's own words.
type invented struct {
	r    *rand.Rand
	duty []dispatch.Entry
}

func newInvented() invented {
	return invented{rand.New(rand.NewPCG(7, 7)), province.Enrich(province.Duty())}
}

func (v invented) message() (dispatch.Message, string) {
	e := v.duty[v.r.IntN(len(v.duty))]
	words := func(n int) string {
		var b strings.Builder
		for range n {
			o := e
			if v.r.IntN(3) == 0 {
				o = v.duty[v.r.IntN(len(v.duty))]
			}
			b.WriteString(append(o.Words, o.Name)[v.r.IntN(len(o.Words)+1)])
			b.WriteRune([]rune("，。、的了")[v.r.IntN(5)])
		}
		return b.String()
	}
	return dispatch.Message{Title: words(2), Text: fmt.Sprintf("%d号楼%s", v.r.IntN(900), words(30))}, e.Code
}

// What serves fits into 150 MB with everything it may ever hold: the base model,
// as many decided cases as are remembered, and as many corrections as are kept.
func TestServingMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("reads tens of thousands of messages")
	}
	v := newInvented()
	m, err := dispatch.Base(v.duty)
	if err != nil {
		t.Fatal(err)
	}
	h, l := dispatch.NewHistory(m), dispatch.NewLearner(m)
	for i := range dispatch.MaxHistory + 100 {
		msg, code := v.message()
		h.Add(fmt.Sprint("20261121-", i), code, msg)
	}
	for range 2000 {
		msg, code := v.message()
		l.Correct(msg, code)
	}
	if h.Len() > dispatch.MaxHistory {
		t.Errorf("%d cases are remembered, more than %d", h.Len(), dispatch.MaxHistory)
	}
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	t.Logf("heap %d MB", s.HeapAlloc>>20)
	if s.HeapAlloc > 150<<20 {
		t.Errorf("heap %d MB, want at most 150", s.HeapAlloc>>20)
	}
	runtime.KeepAlive(l)
}

// BenchmarkExplain explains messages by the base model with as full a history as
// there can be; p99-ms is what one in a hundred takes longer than.
func BenchmarkExplain(b *testing.B) {
	v := newInvented()
	m, err := dispatch.Base(v.duty)
	if err != nil {
		b.Fatal(err)
	}
	h, l := dispatch.NewHistory(m), dispatch.NewLearner(m)
	for i := range dispatch.MaxHistory {
		msg, code := v.message()
		h.Add(fmt.Sprint(i), code, msg)
	}
	var took []float64
	for b.Loop() {
		msg, code := v.message()
		start := time.Now()
		if e := l.Explain(msg, code, h); len(e.Nearest) == 0 {
			b.Fatal("nothing is near")
		}
		took = append(took, float64(time.Since(start).Microseconds())/1000)
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)*99/100], "p99-ms")
}

// The words of an explanation can be read: none is a single character.
func TestExplanationsAreWords(t *testing.T) {
	v := newInvented()
	m, err := dispatch.Base(v.duty)
	if err != nil {
		t.Fatal(err)
	}
	msg := dispatch.Message{Title: "路灯坏了", Text: "我家门口的路灯坏了，晚上很黑，老人不敢出门。另外小区里的垃圾也没有人清运，请有关部门管一管。"}
	for _, s := range m.Read(msg).Matters[:3] {
		words := m.Explain(msg, s.Label, nil).Words
		if len(words) == 0 {
			t.Errorf("nothing weighed for %s", s.Label)
		}
		for _, w := range words {
			if utf8.RuneCountInString(w.Text) < 2 {
				t.Errorf("%q weighed for %s", w.Text, s.Label)
			}
		}
	}
}

// The base model, fitted to a duty list, proposes splits too.
func TestBaseProposesSplits(t *testing.T) {
	m, err := dispatch.Base(newInvented().duty)
	if err != nil {
		t.Fatal(err)
	}
	msg := dispatch.Message{Title: "反映小区三个问题", Text: "您好，想反映几个问题：1、小区门口的路灯坏了半个月，晚上一片漆黑，请尽快维修。2、楼下烧烤店每天营业到凌晨三点，油烟和噪音很大，老人孩子无法休息。3、公交站台的候车亭顶棚漏雨，能不能修一修？"}
	if parts := m.Parts(msg); len(parts) < 2 {
		t.Errorf("parts %v, want several", parts)
	}
}

func TestPartsAreCutFromTheText(t *testing.T) {
	c := corpus()
	for i, d := range slices.Clone(c.Decided) {
		d.Demands = 1
		c.Decided[i] = d
	}
	for i := 0; i+1 < 30; i += 2 {
		a, b := c.Decided[i], c.Decided[i+1]
		for _, form := range []string{"1、%s2、%s", "一是%s二是%s", "%s另外，%s"} {
			c.Decided = append(c.Decided, dispatch.Decided{ID: fmt.Sprint(form, i), Matter: a.Matter, Demands: 2,
				Message: dispatch.Message{Title: a.Title, Text: fmt.Sprintf(form, a.Text, b.Text)}})
		}
	}
	m, _, err := dispatch.Train(t.Context(), c, dispatch.Options{})
	if err != nil {
		t.Fatal(err)
	}
	lamp, noise := "海田路的路灯不亮，晚上一片漆黑。", "工地半夜还在打桩，噪音太大无法休息。"
	if parts := m.Parts(dispatch.Message{Text: lamp}); len(parts) > 1 {
		t.Errorf("one demand was split: %v", parts)
	}
	msg := dispatch.Message{Title: "反映两个问题", Text: "您好，1、" + lamp + "2、" + noise}
	parts := m.Parts(msg)
	if len(parts) != 2 {
		t.Fatalf("parts %v, want two", parts)
	}
	for i, want := range []string{"A1", "B1"} {
		p := parts[i]
		if msg.Text[p.From:p.To] != p.Text || p.Matters[0].Label != want {
			t.Errorf("part %d is %q about %v, want %s", i, p.Text, p.Matters, want)
		}
	}
}
