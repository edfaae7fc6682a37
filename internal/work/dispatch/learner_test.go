package dispatch

import (
	"fmt"
	"testing"
)

// Corrections beyond the bound push out the faintest half, not the lesson just
// learnt.
func TestLearnerIsBounded(t *testing.T) {
	c := Corpus{Duty: []Entry{{Code: "A", Name: "路灯不亮"}, {Code: "B", Name: "工地噪声"}}}
	m, _, err := Train(t.Context(), c, Options{Columns: 100, Topics: 4})
	if err != nil {
		t.Fatal(err)
	}
	l := NewLearner(m)
	for col := range int32(maxNudges / 100) {
		for class := range 100 {
			l.nudge(col+1000, class, float32(class)/1000)
		}
	}
	if l.nudges != maxNudges {
		t.Fatalf("%d nudges, want %d", l.nudges, maxNudges)
	}
	msg := Message{Text: "路灯不亮"}
	l.Correct(msg, "B")
	if l.nudges > maxNudges/2+1000 {
		t.Errorf("%d nudges are kept, want about half", l.nudges)
	}
	if got := l.Read(msg).Matters[0].Label; got != "B" {
		t.Errorf("the lesson itself was forgotten: %s", got)
	}
}

func TestHistoryForgetsTheOldest(t *testing.T) {
	m, _, err := Train(t.Context(), Corpus{Duty: []Entry{{Code: "A", Name: "路灯不亮"}, {Code: "B", Name: "工地噪声"}}}, Options{Columns: 100, Topics: 4})
	if err != nil {
		t.Fatal(err)
	}
	h := NewHistory(m)
	for i := range MaxHistory + 1 {
		h.Add(fmt.Sprint(i), "A", Message{Text: []string{"路灯不亮", "工地噪声", "喷泉"}[i%3]})
	}
	if h.Len() > MaxHistory || h.Len() < MaxHistory*3/4 {
		t.Errorf("%d cases are remembered", h.Len())
	}
	if _, ok := h.at["0"]; ok {
		t.Error("the oldest is still there")
	}
	if near := h.Nearest(Message{Text: "路灯不亮"}, 1); len(near) != 1 || near[0].Similarity < 0.99 {
		t.Errorf("nearest %v", near)
	}
}
