package rehearsal

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/text"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
	"yiwang/internal/core/place"
)

func demoScript(t testing.TB) *Script {
	t.Helper()
	s, findings := Read(demoPack(t))
	if decl.Faulty(findings) {
		for _, f := range findings {
			t.Error(f.Say(text.Chinese))
		}
		t.FailNow()
	}
	return s
}

// Everything the pack declares can be played: its matters exist, somebody is
// responsible, there are words enough, and no slot is left open in any of them.
func TestScenes(t *testing.T) {
	s, c := demoScript(t), demoCity(t)
	g := NewGenerator(s, c, 1)
	d := &director{script: s, city: c, gen: g, cast: newCast(s, func() *org.Directory { return c.Directory }, c.Centre, true)}
	matters := map[string]bool{}
	for i := range s.Scenes {
		sc := &s.Scenes[i]
		matters[sc.Matter] = true
		m := c.Catalog.Find("appeal", sc.Matter)
		if m == nil {
			t.Errorf("%s: no such matter", sc.Matter)
			continue
		}
		if n := len(sc.Say.All()); n < 3 || n > 8 {
			t.Errorf("%s %s: %d ways to say it, 3 to 8 wanted", sc.Matter, sc.Topic, n)
		}
		if sc.Solved+sc.Explained+sc.Answer == "" {
			t.Errorf("%s %s: nothing to answer", sc.Matter, sc.Topic)
		}
		if matter.Responsible(c.Directory, c.Places, m, "").Unit == c.Centre && sc.Answer == "" {
			t.Errorf("%s %s: the centre is responsible and knows no answer", sc.Matter, sc.Topic)
		}
		for _, k := range sc.Kinds() {
			if len(s.places[k]) == 0 {
				t.Errorf("%s: no place is of kind %q", sc.Matter, k)
			}
		}
		for nature := range sc.Nature {
			if !strings.Contains("投诉 咨询 求助 建议 举报 表扬", nature) {
				t.Errorf("%s: unknown nature %s", sc.Matter, nature)
			}
		}
		d.fillsAll(t, sc)
	}
	if len(matters) < 120 {
		t.Errorf("%d matters have words, 120 wanted", len(matters))
	}
}

// fillsAll fills every line of a scene as it would be filled in play.
func (d *director) fillsAll(t *testing.T, sc *Scene) {
	t.Helper()
	r := d.gen.stream(1, ofEvent)
	h := d.gen.invent(r, 1, sc)
	h.scene = sc
	said := h.slots("")
	d.gen.personal(r, h, said)
	for _, line := range append(sc.Say.All(), sc.Patrol.All()...) {
		if out := fill(line, said); strings.ContainsAny(out, "{}") {
			t.Errorf("%s: %s", sc.Matter, out)
		}
		if len(sc.Kinds()) == 0 && strings.Contains(line, "{place}") {
			t.Errorf("%s: %q names a place, and the scene has none", sc.Matter, line)
		}
	}
	s := &scenario{director: d, what: h, r: r, now: time.Now(), c: &cases.Case{}}
	for _, lines := range []Lines{sc.Answer, sc.Solved, sc.Partly, sc.Explained} {
		for _, line := range lines.All() {
			if out := fill(line, s.slots()); strings.ContainsAny(out, "{}") {
				t.Errorf("%s: %s", sc.Matter, out)
			}
		}
	}
}

// The same seed tells the same; another tells otherwise; every channel is used
// and no message is empty, over-long or with an open slot.
func TestMessages(t *testing.T) {
	s, c := demoScript(t), demoCity(t)
	a, b, other := NewGenerator(s, c, 7), NewGenerator(s, c, 7), NewGenerator(s, c, 8)
	channels, repeats, points, same := map[string]int{}, 0, 0, 0
	const many = 4000
	for n := 1; n <= many; n++ {
		at := tuesday.Add(time.Duration(n) * 7 * time.Minute)
		m := a.Message(n, at)
		if again := b.Message(n, at); again.Text != m.Text || again.Channel != m.Channel || again.Name != m.Name || again.Lng != m.Lng {
			t.Fatalf("message %d: %+v, then %+v", n, m, again)
		}
		if other.Message(n, at).Text == m.Text {
			same++
		}
		if err := m.Check(at); err != nil || strings.ContainsAny(m.Text+m.Title, "{}") || utf8.RuneCountInString(m.Text) < 2 {
			t.Errorf("message %d: %v: %q", n, err, m.Text)
		}
		channels[m.Channel]++
		if a.root(n) != n {
			repeats++
		}
		if m.Lng != 0 {
			points++
			if f, ok := c.Places.At(place.Point{Lng: m.Lng, Lat: m.Lat}); !ok || f.Grid == "" {
				t.Errorf("message %d: the point lies in no grid", n)
			}
		}
	}
	if len(channels) != len(c.Channels()) {
		t.Errorf("%d of %d channels are used", len(channels), len(c.Channels()))
	}
	if same > many/50 || repeats < many/20 || repeats > many/6 || points < many/5 {
		t.Errorf("%d texts of another seed are the same, %d repeats, %d points", same, repeats, points)
	}
}

// Messages come by day, about as many as the pack says.
func TestRhythm(t *testing.T) {
	s := demoScript(t)
	g := NewGenerator(s, demoCity(t), 3)
	at, night, n := tuesday.Add(-8*time.Hour), 0, 0
	end := at.Add(7 * 24 * time.Hour)
	expected := g.Expected(at, end)
	for {
		n++
		if at = at.Add(g.After(n, at)); !at.Before(end) {
			break
		}
		if h := at.In(chinaTime).Hour(); h < 6 {
			night++
		}
	}
	if float64(n) < expected*0.95 || float64(n) > expected*1.05 {
		t.Errorf("%d messages came, %.0f were expected", n, expected)
	}
	if day := n / 7; day < s.Rhythm.PerDay*8/10 || day > s.Rhythm.PerDay*12/10 || night > n/10 {
		t.Errorf("%d a day, %d of %d at night", day, night, n)
	}
}
