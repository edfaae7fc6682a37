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

// Names of places that stand in no message say what names look like, and the model
// still knows it after it was stored.
func TestNamesWithoutMessages(t *testing.T) {
	c := Corpus{Names: []string{"澜庭里", "云栖里", "锦澜里", "望云里", "澜湾里"}}
	for _, name := range []string{"银杏小区", "桂花小区", "海棠小区", "东湖花园", "南山花园", "长青家园"} {
		c.Decided = append(c.Decided, Decided{Message: Message{Title: name + "路灯不亮", Text: "我们是" + name + "的居民，路灯坏了。"}, Places: []string{name}})
	}
	m, _, err := Train(context.Background(), c, Options{Tasks: []Task{Place}, Columns: 40, Topics: 4})
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := m.Save(&file); err != nil {
		t.Fatal(err)
	}
	stored, err := Load(&file)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range []naming{m.places.naming, stored.places.naming} {
		if name, talk, rare := g.grade('澜', '庭'), g.grade('居', '民'), g.grade('鳄', '鱼'); name <= rare || talk >= rare {
			t.Errorf("a pair in names has grade %d, one in messages %d, one in neither %d", name, talk, rare)
		}
	}
	msg := Message{Title: "澜云里路灯不亮", Text: "请修。"}
	a, b := m.Places(msg), stored.Places(msg)
	if len(a) == 0 || len(b) == 0 || a[0] != b[0] {
		t.Errorf("found %v, and after it was stored %v", a, b)
	}
}
