package dispatch

import (
	"bytes"
	"context"
	"testing"
)

// A message names several places; the finest one that the title names is meant,
// and it is found again after the model was stored.
func TestPlaceAmongSeveral(t *testing.T) {
	var c Corpus
	for _, name := range []string{"银杏小区", "桂花小区", "海棠小区", "东湖花园", "南山花园", "长青家园", "丽景家园", "望江小区", "明月花园", "春晓小区"} {
		c.Decided = append(c.Decided,
			Decided{Message: Message{Title: "A市" + name + "路灯不亮", Text: "我们是A3区" + name + "的居民，路灯坏了。"}, Places: []string{name}},
			Decided{Message: Message{Title: "A市什么时候供暖", Text: "请问A市今年何时供暖？"}, Places: []string{"A市"}})
	}
	m, _, err := Train(context.Background(), c, Options{Tasks: []Task{Place}, Columns: 40, Topics: 4})
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := m.Save(&file); err != nil {
		t.Fatal(err)
	}
	m, err = Load(&file)
	if err != nil {
		t.Fatal(err)
	}
	for title, want := range map[string]string{"A市松涛小区路灯不亮": "松涛小区", "A市什么时候供暖": "A市"} {
		got := m.Places(Message{Title: title, Text: "请回复。"})
		if len(got) == 0 || got[0].Text != want {
			t.Errorf("%s: found %v, want %s first", title, got, want)
		}
	}
}
