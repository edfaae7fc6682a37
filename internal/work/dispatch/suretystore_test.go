package dispatch_test

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"yiwang/internal/work/dispatch"
)

// What makes a task sure of its answers is stored with it, and holds under another duty
// list.
func TestSuretyIsStored(t *testing.T) {
	words := map[string][]string{"城管": {"路灯", "垃圾", "占道", "广告牌"}, "环保": {"噪音", "油烟", "污水", "废气"}}
	rnd := rand.New(rand.NewPCG(5, 5))
	c := dispatch.Corpus{Duty: duties}
	for i := range 700 {
		unit, other, matter := "城管", "环保", "A1"
		if i%2 == 0 {
			unit, other, matter = other, unit, "B1"
		}
		text := fmt.Sprintf("%d号楼旁边%s，还有%s，请处理", i, words[unit][rnd.IntN(4)], words[other][rnd.IntN(4)])
		c.Decided = append(c.Decided, dispatch.Decided{ID: fmt.Sprint(i), Message: dispatch.Message{Title: words[unit][rnd.IntN(4)] + "问题", Text: text}, Matter: matter, Unit: unit})
	}
	m, _, err := dispatch.Train(context.Background(), c, dispatch.Options{Tasks: []dispatch.Task{dispatch.Matter, dispatch.Unit}, Columns: 4000, Topics: 20})
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := m.Save(&file); err != nil {
		t.Fatal(err)
	}
	stored, err := dispatch.Load(&file)
	if err != nil {
		t.Fatal(err)
	}
	sure := map[float64]bool{}
	for _, w := range []string{"路灯", "噪音", "路灯噪音", "占道还有废气", "别的事"} {
		msg := dispatch.Message{Title: w, Text: "楼下" + w}
		want, got := m.Answer(dispatch.Unit, msg, 2), stored.Answer(dispatch.Unit, msg, 2)
		moved := stored.Fit(append(duties[:2:2], dispatch.Entry{Code: "D1", Name: "别的", Description: "别的"})).Answer(dispatch.Unit, msg, 2)
		if want[0].Label != got[0].Label || math.Abs(want[0].P-got[0].P) > 0.02 || math.Abs(want[0].P-moved[0].P) > 0.1 {
			t.Errorf("%s: learnt %v, stored %v, under another duty list %v", w, want, got, moved)
		}
		sure[got[0].P] = true
	}
	if len(sure) < 3 {
		t.Errorf("all messages are as sure: %v", sure)
	}
}
