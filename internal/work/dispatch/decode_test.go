package dispatch

import (
	"context"
	"testing"
)

// FuzzDecode feeds the decoder bodies past their checksum: a model file may come
// from anywhere, and whatever is in it must neither crash nor be read beyond.
func FuzzDecode(f *testing.F) {
	c := Corpus{Duty: []Entry{{Code: "A", Name: "路灯", Path: []string{"城市"}, Words: []string{"路灯不亮"}}, {Code: "B", Name: "噪声", Path: []string{"环境"}}}}
	for i := range 12 {
		label := []string{"A", "B"}[i%2]
		c.Decided = append(c.Decided, Decided{Message: Message{Text: []string{"路灯坏了", "工地噪声"}[i%2]}, Matter: label, Unit: label, Places: []string{"工地"}})
	}
	m, _, err := Train(context.Background(), c, Options{Columns: 40, Topics: 4})
	if err != nil {
		f.Fatal(err)
	}
	m.places = nil // its table is large and plain
	var w writer
	m.encode(&w)
	f.Add(w.b)
	for at := 0; at < len(w.b); at += 37 {
		bad := append([]byte(nil), w.b...)
		bad[at] ^= 0x55
		f.Add(bad)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r := reader{b: body}
		m := decode(&r)
		if r.broken || len(r.b) > 0 {
			return
		}
		msg := Message{Title: "路灯", Text: "路灯不亮，工地噪声"}
		got := m.Read(msg)
		for _, s := range got.Matters {
			m.Explain(msg, s.Label, nil)
		}
		m.Fit(m.Duty())
	})
}
