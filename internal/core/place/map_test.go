package place_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"yiwang/internal/core/place"
)

// square returns the outline of a square whose south-west corner is x, y steps of
// 0.01 degrees from 114, 22.
func square(x, y, side int) [][2]float64 {
	at := func(i, j int) [2]float64 { return [2]float64{114 + float64(i)*0.01, 22 + float64(j)*0.01} }
	return [][2]float64{at(x, y), at(x+side, y), at(x+side, y+side), at(x, y+side)}
}

// ground is a district of 4 × 4 squares: two streets side by side, each of two
// communities of 2 × 2 grids.
func ground(t testing.TB) *place.Map {
	t.Helper()
	areas := []place.Area{
		{Code: "D", Name: "示范区", Level: place.District, Ring: square(0, 0, 4)},
		{Code: "S1", Name: "东街道", Level: place.Street, Parent: "D", Aliases: []string{"东街办"}},
		{Code: "S2", Name: "西街道", Level: place.Street, Parent: "D"},
	}
	for i, name := range []string{"梅园社区", "桃园社区", "杏园社区", "李园社区"} {
		street, code := fmt.Sprintf("S%d", i/2+1), fmt.Sprintf("C%d", i+1)
		areas = append(areas, place.Area{Code: code, Name: name, Level: place.Community, Parent: street, Aliases: []string{strings.TrimSuffix(name, "社区")}})
		for g := range 4 {
			x, y := i/2*2+g%2, i%2*2+g/2
			areas = append(areas, place.Area{Code: fmt.Sprintf("%s%03d", code, g+1), Name: fmt.Sprintf("%s第%d网格", name, g+1), Level: place.Grid, Parent: code, Ring: square(x, y, 1)})
		}
	}
	names := []place.Name{
		{Name: "人民路", Area: "C1"}, {Name: "人民路", Area: "C3"}, // the same road name in two streets
		{Name: "翠景花园", Area: "C2"}, {Name: "地铁翠景站", Area: "C4"},
		{Name: "解放路", Area: "C1"}, {Name: "解放路", Area: "C2"}, // a road through two communities of one street
	}
	m, err := place.NewMap(areas, names)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTree(t *testing.T) {
	m := ground(t)
	same(t, m.Chain("C2003"), "[C2003 C2 S1 D]")
	same(t, m.Chain("nowhere"), "[]")
	street, _ := m.Up("C4001", place.Street)
	same(t, street.Code, "S2")
	same(t, len(m.Children("C1")), "4")
	same(t, len(m.Level(place.Grid)), "16")
}

func TestAt(t *testing.T) {
	m := ground(t)
	for _, c := range []struct {
		lng, lat float64
		want     string
	}{
		{114.005, 22.005, "C1 C1001 true"},
		{114.015, 22.035, "C2 C2004 true"},
		{114.035, 22.005, "C3 C3002 true"},
		{114.045, 22.005, "outside"}, // east of the district
		{0, 0, "outside"},
		{-200, 1000, "outside"},
	} {
		f, ok := m.At(place.Point{Lng: c.lng, Lat: c.lat})
		got := fmt.Sprint(f.Area, " ", f.Grid, " ", f.Exact)
		if !ok {
			got = "outside"
		}
		same(t, got, c.want)
	}
}

// What a text speaks of. Each finding is written area or grid, its words, score.
func TestNamed(t *testing.T) {
	m := ground(t)
	for _, c := range []struct{ text, want string }{
		{"东街道垃圾没人收", "S1 东街道 0.80"},
		{"东街道的桃园社区停水", "C2 桃园社区 0.95"},             // the street only confirms
		{"西街道杏园社区第2网格井盖坏了", "C3002 杏园社区第2网格 0.95"}, // longest name
		{"翠景花园漏水", "C2 翠景花园 0.80"},
		{"地铁翠景站出口", "C4 地铁翠景站 0.80"},
		{"人民路太吵", "C1 人民路 0.40; C3 人民路 0.40"}, // nothing says which
		{"人民路太吵，人民路太脏", "C1 人民路 0.40; C3 人民路 0.40"},
		{"解放路太吵", "S1 解放路 0.80; C1 解放路 0.40; C2 解放路 0.40"}, // but surely that street
		{"西街道人民路太吵", "C3 人民路 0.95"},
		{"梅园人民路太吵", "C1 梅园 0.95"}, // both names mean one community, each confirms the other
		{"从梅园社区到李园社区的公交", "C1 梅园社区 0.80; C4 李园社区 0.80"},
		{"示范区怎么办证", "D 示范区 0.80"},
		{"Ｄ栋 梅 园 社 区", "C1 梅 园 社 区 0.80"}, // as people type
		{"A市B县停水", ""},
		{"", ""},
	} {
		var got []string
		for _, f := range m.Named(c.text) {
			if c.text[f.From:f.To] != f.Words {
				t.Errorf("%s: words %q do not stand at %d–%d", c.text, f.Words, f.From, f.To)
			}
			code := f.Area
			if f.Grid != "" {
				code = f.Grid
			}
			got = append(got, fmt.Sprintf("%s %s %.2f", code, f.Words, f.Score))
		}
		same(t, strings.Join(got, "; "), c.want)
	}
}

// A street's outline is its grids' without the edges between them.
func TestGeoJSON(t *testing.T) {
	m := ground(t)
	for _, c := range []struct {
		level    place.Level
		features int
		points   int // of the first outline, the first again at the end
	}{{place.District, 1, 5}, {place.Street, 2, 13}, {place.Community, 4, 9}, {place.Grid, 16, 5}, {"ocean", 0, 0}} {
		var fc struct {
			Features []struct {
				Properties struct{ Code, Name string }
				Geometry   struct{ Coordinates [][][][2]float64 }
			}
		}
		if err := json.Unmarshal(m.GeoJSON(c.level), &fc); err != nil {
			t.Fatal(err)
		}
		same(t, len(fc.Features), fmt.Sprint(c.features))
		if c.features > 0 {
			poly := fc.Features[0].Geometry.Coordinates
			same(t, fmt.Sprint(len(poly), len(poly[0]), len(poly[0][0])), fmt.Sprintf("1 1 %d", c.points))
		}
	}
}

func TestAHoleStaysAHole(t *testing.T) {
	areas := []place.Area{{Code: "D", Level: place.District}, {Code: "S", Level: place.Street, Parent: "D"}, {Code: "C", Name: "环", Level: place.Community, Parent: "S"}}
	for i := range 9 {
		if i != 4 { // the middle one belongs to nobody
			areas = append(areas, place.Area{Code: fmt.Sprint(i), Level: place.Grid, Parent: "C", Ring: square(i%3, i/3, 1)})
		}
	}
	m, err := place.NewMap(areas, nil)
	if err != nil {
		t.Fatal(err)
	}
	var fc struct {
		Features []struct {
			Geometry struct{ Coordinates [][][][2]float64 }
		}
	}
	if err := json.Unmarshal(m.GeoJSON(place.Community), &fc); err != nil {
		t.Fatal(err)
	}
	poly := fc.Features[0].Geometry.Coordinates
	same(t, fmt.Sprint(len(poly), len(poly[0])), "1 2")
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		areas []place.Area
		names []place.Name
	}{
		"twice":          {[]place.Area{{Code: "D", Level: place.District}, {Code: "D", Level: place.District}}, nil},
		"unknown parent": {[]place.Area{{Code: "S", Level: place.Street, Parent: "D"}}, nil},
		"upside down":    {[]place.Area{{Code: "S", Level: place.Street}, {Code: "D", Level: place.District, Parent: "S"}}, nil},
		"name nowhere":   {nil, []place.Name{{Name: "人民路", Area: "C9"}}},
	} {
		if _, err := place.NewMap(c.areas, c.names); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func BenchmarkAt(b *testing.B) {
	m := ground(b)
	for b.Loop() {
		m.At(place.Point{Lng: 114.015, Lat: 22.035})
	}
}

func BenchmarkNamed(b *testing.B) {
	m := ground(b)
	text := strings.Repeat("我住在附近，每天晚上都被吵得睡不着觉，", 10) + "请管一管西街道人民路的烧烤摊。"
	for b.Loop() {
		m.Named(text)
	}
}

func same(t *testing.T, got any, want string) {
	t.Helper()
	if fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}
