package city_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	packs "yiwang/city"
	"yiwang/internal/base/geo"
	"yiwang/internal/base/text"
	"yiwang/internal/core/city"
	"yiwang/internal/core/place"
)

func demo(t testing.TB) fs.FS {
	t.Helper()
	sub, err := fs.Sub(packs.Demo(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	return sub
}

// The demo city that is part of the program has nothing wrong with it.
func TestTheDemoLoads(t *testing.T) {
	c, findings := city.Load(demo(t))
	for _, f := range findings {
		t.Error(f.Say(text.Chinese))
	}
	if c == nil {
		t.Fatal("no city")
	}
	if again, err := city.Embedded(); err != nil || again.Version != c.Version {
		t.Errorf("Embedded: %v, %v", again, err)
	}
}

// A version names what the pack says: the same files, the same version; one
// letter else, another.
func TestVersion(t *testing.T) {
	pack := sound(t)
	a, _ := city.Load(pack)
	b, _ := city.Load(os.DirFS("testdata/sound"))
	edit(t, pack, "~ place/names.csv\n+ 桃园路,990001001001,road,,")
	c, findings := city.Load(pack)
	if c == nil {
		t.Fatal(findings)
	}
	if a.Version != b.Version || a.Version == c.Version {
		t.Errorf("versions %s, %s, %s", a.Version, b.Version, c.Version)
	}
}

// Whoever tries the demo can carry every service item through: for each step that the
// staff of its unit take there is an account, in the unit named by the item or, where the
// place decides, in one of that function. What is paid out needs two.
func TestTheDemoHasSomebodyForEveryStep(t *testing.T) {
	c, err := city.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range c.Catalog.Families() {
		if f.Service == nil {
			continue
		}
		accounts, roles := 0, map[string]bool{}
		for _, p := range c.Directory.AllStaff() {
			u, _ := c.Directory.Unit(p.Unit)
			at := p.Unit == f.Service.Unit
			if f.Duty != nil && f.Duty.Function != "" {
				at = u.Function == f.Duty.Function
			}
			if p.Demo && at {
				accounts++
				for _, r := range p.Roles {
					roles[r+"@unit"] = true
				}
			}
		}
		for _, a := range c.Catalog.Lifecycle(f.Lifecycle).Actions {
			inUnit := func(who string) bool { return strings.HasSuffix(who, "@unit") }
			if slices.ContainsFunc(a.Who, inUnit) && !slices.ContainsFunc(a.Who, func(who string) bool { return roles[who] }) {
				t.Errorf("%s: nobody of the unit has an account to %s (%s)", f.Code, a.Title, strings.Join(a.Who, ", "))
			}
		}
		if f.Service.Entitle != nil && f.Service.Entitle.Amount != "" && accounts < 2 {
			t.Errorf("%s: one makes a payout and another releases it, of %d accounts", f.Code, accounts)
		}
	}
}

// Every grid is found by a point in it, and every matter answered everywhere.
func TestTheDemoAnswersEverywhere(t *testing.T) {
	c, err := city.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range c.Places.Level(place.Grid) {
		p := geo.Ring(g.Ring).Centroid()
		if !geo.Ring(g.Ring).Contains(p) {
			continue
		}
		if f, ok := c.Places.At(place.Point{Lng: p[0], Lat: p[1]}); !ok || f.Grid != g.Code || f.Area != g.Parent {
			t.Errorf("the centre of %s lies in %v", g.Name, f)
		}
	}
	for _, m := range c.Catalog.InForce("appeal", "2026-06-01") {
		for _, area := range append(c.Places.Level(place.Community), place.Area{}) {
			if a := c.Responsible(c.Directory, m, area.Code); a.Unit == "" || a.Clause == "" {
				t.Errorf("%s in %q: %v", m.Name, area.Name, a)
			}
		}
	}
}

// The map's layers are whole and small enough to send: each street one piece,
// without the lines between its grids.
func TestTheDemoMap(t *testing.T) {
	c, err := city.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []struct {
		level    place.Level
		features int
		kilobyte int // gzipped, at most
	}{{place.District, 1, 10}, {place.Street, 10, 20}, {place.Community, 92, 40}, {place.Grid, 1646, 120}} {
		b := c.Places.GeoJSON(l.level)
		var fc struct {
			Features []struct {
				Properties struct{ Name string }
				Geometry   struct{ Coordinates [][][][2]float64 }
			}
		}
		if err := json.Unmarshal(b, &fc); err != nil {
			t.Fatal(err)
		}
		if len(fc.Features) != l.features {
			t.Errorf("%s: %d features", l.level, len(fc.Features))
		}
		for _, f := range fc.Features {
			if n := len(f.Geometry.Coordinates); n != 1 {
				t.Errorf("%s %s is in %d pieces", l.level, f.Properties.Name, n)
			}
		}
		var z bytes.Buffer
		w := gzip.NewWriter(&z)
		if _, err := w.Write(b); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if z.Len() > l.kilobyte<<10 {
			t.Errorf("%s: %d bytes gzipped", l.level, z.Len())
		}
		t.Logf("%s: %d bytes, %d gzipped", l.level, len(b), z.Len())
	}
}

func BenchmarkLoad(b *testing.B) {
	fsys := demo(b)
	for b.Loop() {
		if c, f := city.Load(fsys); c == nil {
			b.Fatal(f[0].Say(text.English))
		}
	}
}

func BenchmarkDemoAt(b *testing.B) {
	c, err := city.Embedded()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		c.Places.At(place.Point{Lng: 114.0553, Lat: 22.5412})
	}
}

func BenchmarkDemoNamed(b *testing.B) {
	c, err := city.Embedded()
	if err != nil {
		b.Fatal(err)
	}
	msg := "您好，我住在梅林街道梅京社区，每天晚上十一点以后楼下的烧烤摊油烟很大，音响也开得很响，家里老人小孩都睡不着，打过几次电话都没有人来管，请尽快处理，谢谢。"
	for b.Loop() {
		c.Places.Named(msg)
	}
}
