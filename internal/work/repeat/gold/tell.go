package gold

import (
	"fmt"
	"strings"
	"unicode"

	"yiwang/internal/base/textzh"
)

// tell lets somebody tell of a scene.
func (m *maker) tell(s *scene) Item {
	where := m.where(s)
	what := m.phrase(s.p)
	it := Item{Channel: m.pick([]string{"web", "hotline", "wechat", "app"}), Phone: m.phone()}
	var b strings.Builder
	part := func(percent int, get func(*bank) string, end string) {
		if m.chance(percent) {
			b.WriteString(m.of(get) + end)
		}
	}
	part(45, func(b *bank) string { return b.Greet }, "，")
	place := strings.ReplaceAll(m.of(func(b *bank) string { return b.Place }), "{where}", where)
	late := m.chance(20) // some say what before where
	if !late {
		b.WriteString(place + m.pick([]string{"，", "", "，"}))
	}
	part(45, func(b *bank) string { return b.Since }, m.pick([]string{"，", ""}))
	b.WriteString(what)
	if late {
		b.WriteString("，" + place)
	}
	if m.chance(25) {
		if more := m.phrase(s.p); more != what {
			b.WriteString("，" + more)
		}
	}
	b.WriteString("。")
	part(50, func(b *bank) string { return b.Effect }, "，")
	part(60, func(b *bank) string { return b.Ask }, "。")
	it.Text = m.mistype(b.String())
	if m.chance(50) {
		it.Title = m.mistype(m.where(s) + m.pick([]string{"", "："}) + m.phrase(s.p))
	}
	if m.chance(60) {
		it.Area = s.q.area
	}
	if m.chance(25) {
		it.Lng, it.Lat = s.lng+(m.r.Float64()-0.5)*0.0014, s.lat+(m.r.Float64()-0.5)*0.0014
	}
	return it
}

func (m *maker) phone() string { return fmt.Sprintf("138%08d", m.r.IntN(1e8)) }

func (m *maker) phrase(p *problem) string {
	return m.of(func(b *bank) string {
		if b == banks[Told] {
			return p.Told
		}
		return p.Kept
	})
}

// where says the place: by its name, its road, a crossing, a number, a landmark.
func (m *maker) where(s *scene) string {
	beside := m.of(func(b *bank) string { return b.Beside })
	number := m.masked(s.number)
	if s.strict {
		return s.road + m.pick([]string{"", "", number + "号" + beside, "靠近" + s.landmark})
	}
	if s.name == "" {
		switch m.r.IntN(8) {
		case 0, 1:
			return s.road
		case 2:
			return s.road + number + "号" + beside
		case 3:
			return s.road + "与" + s.cross + "交叉口"
		case 4:
			return s.road + "靠近" + s.landmark
		case 5:
			return s.landmark + beside + "的" + s.road
		case 6:
			return "示范区" + s.road + s.q.estates[0] + beside
		default:
			if m.chance(50) {
				return s.landmark + beside
			}
			return s.road + "往" + s.cross + "方向"
		}
	}
	block := ""
	if s.block > 0 && m.chance(60) {
		block = m.masked(s.block) + "栋"
	}
	switch m.r.IntN(6) {
	case 0:
		return s.road + s.name + block
	case 1:
		return s.road + number + "号" + s.name
	case 2:
		return "示范区" + s.name + block
	case 3:
		return s.landmark + beside + "的" + s.name + block
	default:
		return s.name + block
	}
}

// masked writes a number as people do who do not want to be found.
func (m *maker) masked(n int) string {
	if m.chance(10) {
		return "**"
	}
	return fmt.Sprint(n)
}

// mistype makes the errors of hurried thumbs in about every third text: another
// character of the same sound, one left out, one too many, two exchanged.
func (m *maker) mistype(s string) string {
	if !m.chance(30) {
		return s
	}
	rs := []rune(s)
	for range 1 + m.r.IntN(3) {
		i := m.r.IntN(len(rs) - 1)
		if !unicode.Is(unicode.Han, rs[i]) {
			continue
		}
		switch m.r.IntN(10) {
		case 0, 1, 2, 3, 4, 5:
			rs[i] = m.homophone(rs[i])
		case 6, 7:
			rs = append(rs[:i:i], rs[i+1:]...)
		case 8:
			rs = append(rs[:i+1:i+1], rs[i:]...)
		default:
			rs[i], rs[i+1] = rs[i+1], rs[i]
		}
	}
	return string(rs)
}

var bySound = func() map[rune][]rune {
	out := map[rune][]rune{}
	for r := rune(0x4e00); r <= 0x9fff; r++ {
		if s := textzh.Sound(r); s != r {
			out[s] = append(out[s], r)
		}
	}
	return out
}()

func (m *maker) homophone(r rune) rune {
	if all := bySound[textzh.Sound(r)]; len(all) > 0 {
		return all[m.r.IntN(len(all))]
	}
	return r
}
