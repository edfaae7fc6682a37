package dispatch

import (
	"fmt"
	"strings"
	"testing"
)

// streetCase is one of many that are alike in much: they end in the same words and differ
// by street, number and trouble.
func streetCase(n int) Message {
	troubles := []string{"路灯不亮", "占道经营", "电梯故障", "垃圾没有清运", "油烟扰民", "施工噪声"}
	streets := []string{"莲花路", "福华路", "景田路", "梅林路", "彩田路", "新洲路", "红荔路", "香蜜湖路", "农林路", "侨香路"}
	trouble := troubles[n%len(troubles)]
	return Message{Title: trouble, Text: fmt.Sprintf("%s第%d号附近%s，已经%d天了，找过物业没有用，请尽快派人处理。", streets[n/7%len(streets)], n, trouble, 1+n%30)}
}

func shipped(t testing.TB) *Model {
	m, err := Base(nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A phrase with which nearly every record ends does not make a case the like of another:
// what it is about does.
func TestNearestLeavesAsideWhatEverybodySays(t *testing.T) {
	h := NewHistory(shipped(t))
	for i := range everybodys {
		h.Add(fmt.Sprint("street-", i), "A1", streetCase(i))
	}
	h.Add("fountain", "B1", Message{Title: "喷泉发臭", Text: "景观湖的喷泉坏了，水都臭了。"})
	near := h.Nearest(Message{Title: "喷泉坏了", Text: "景观湖喷泉没有水，找过物业没有用，请尽快派人处理。"}, 5)
	if len(near) == 0 || near[0].ID != "fountain" {
		t.Fatalf("nearest to a fountain: %v", near)
	}
	for _, n := range h.Nearest(streetCase(17), 5) {
		var i int
		fmt.Sscanf(strings.TrimPrefix(n.ID, "street-"), "%d", &i)
		if streetCase(i).Title != streetCase(17).Title {
			t.Errorf("%s is named beside %s", streetCase(i).Text, streetCase(17).Text)
		}
	}
}

func BenchmarkNearest(b *testing.B) {
	h := NewHistory(shipped(b))
	for i := range MaxHistory {
		h.Add(fmt.Sprint(i), "A1", streetCase(i*13))
	}
	for i := 0; b.Loop(); i++ {
		h.Nearest(streetCase(i*31), 5)
	}
}
