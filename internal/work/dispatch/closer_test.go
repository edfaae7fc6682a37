package dispatch_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"yiwang/internal/work/dispatch"
)

// longHistory is enough history for a second look: eight matters with three sorts
// of complaint each, some of which sound like their neighbour's.
func longHistory() dispatch.Corpus {
	c := dispatch.Corpus{}
	things := []string{"路灯", "井盖", "公交站牌", "垃圾桶", "自来水管", "电梯", "红绿灯", "健身器材"}
	faults := []string{"坏了好几天没有人修", "被人弄坏了，请派人来看看", "一直有问题，打电话也没有人管"}
	for i, thing := range things {
		code := fmt.Sprint("M", i)
		c.Duty = append(c.Duty, dispatch.Entry{
			Code: code, Name: thing + "维护", Path: []string{fmt.Sprint("类", i/3)}, Words: []string{thing},
			Examples: []dispatch.Message{{Title: "家门口的" + thing, Text: thing + "不能用了，什么时候来修"}, {Title: thing + "没人管", Text: "请问" + thing + "归谁管"}},
		})
		for j := range 72 {
			also := things[(i+1+j%2)%len(things)]
			text := fmt.Sprintf("%d号楼旁边的%s%s，旁边就是%s。", j, thing, faults[j%3], also)
			c.Decided = append(c.Decided, dispatch.Decided{ID: fmt.Sprint(i, "-", j), Message: dispatch.Message{Title: thing + faults[j%3], Text: text}, Matter: code})
		}
	}
	return c
}

// A model with a second look is the same after it was stored, knows a matter that
// was added to its duty list by what citizens might say, and is corrected at once.
func TestSecondLook(t *testing.T) {
	m, _, err := dispatch.Train(context.Background(), longHistory(), dispatch.Options{Topics: 20})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := m.Save(&b); err != nil {
		t.Fatal(err)
	}
	back, err := dispatch.Load(&b)
	if err != nil {
		t.Fatal(err)
	}
	for _, msg := range []dispatch.Message{{Text: "红绿灯坏了"}, {Title: "电梯", Text: "小区的电梯停了，旁边的健身器材是好的"}, {Title: "自来水管", Text: "漏水"}} {
		was, is := m.Read(msg).Matters, back.Read(msg).Matters
		if was[0].Label != is[0].Label || was[0].P-is[0].P > 0.1 || is[0].P-was[0].P > 0.1 {
			t.Errorf("%v: before %v, after %v", msg, was[:3], is[:3])
		}
	}
	bench := dispatch.Entry{Code: "NEW", Name: "休闲座椅", Path: []string{"类0"}, Examples: []dispatch.Message{{Title: "公园的长椅", Text: "长椅断了一条腿，老人没地方坐"}}}
	fitted := back.Fit(append(back.Duty(), bench))
	msg := dispatch.Message{Text: "湖边的长椅断了腿，坐不了"}
	if got := fitted.Read(msg).Matters[0].Label; got != "NEW" {
		t.Errorf("%q read as %s, want the matter that its example describes", msg.Text, got)
	}
	l := dispatch.NewLearner(fitted)
	l.Correct(msg, "M3")
	if got := l.Read(msg).Matters[0].Label; got != "M3" {
		t.Errorf("after the correction it still says %s", got)
	}
}
