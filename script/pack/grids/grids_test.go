package main

import (
	"math/rand"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"yiwang/internal/base/geo"
)

const demo = "../../../city/demo/place"

// laid reads the grids as the demo pack has them.
func laid(t *testing.T) []grid {
	t.Helper()
	lines, err := rows(filepath.Join(demo, "grids.csv"))
	if err != nil {
		t.Fatal(err)
	}
	var out []grid
	for _, l := range lines {
		n, err := strconv.Atoi(l["residents"])
		if err != nil {
			t.Fatal(err)
		}
		g := grid{code: l["code"], name: l["name"], area: l["area"], residents: n}
		for _, s := range strings.Split(l["ring"], ";") {
			p, err := point(s)
			if err != nil {
				t.Fatal(err)
			}
			g.ring = append(g.ring, p)
		}
		out = append(out, g)
	}
	return out
}

func outlineOf(t *testing.T) geo.Ring {
	t.Helper()
	ring, err := readOutline(filepath.Join(demo, "outline.csv"))
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func TestCounts(t *testing.T) {
	grids := laid(t)
	if len(grids) != 1646 {
		t.Errorf("%d grids, want 1646", len(grids))
	}
	cs, err := readCommunities(filepath.Join(demo, "areas.csv"))
	if err != nil {
		t.Fatal(err)
	}
	number, people := map[string]int{}, map[string]int{}
	for _, g := range grids {
		number[g.area]++
		people[g.area] += g.residents
		if !strings.HasPrefix(g.code, g.area) || len(g.code) != len(g.area)+3 {
			t.Errorf("grid %s is not coded after its community %s", g.code, g.area)
		}
	}
	total := 0
	for _, c := range cs {
		total += c.residents
		if number[c.code] < 8 {
			t.Errorf("%s has %d grids, want at least 8", c.name, number[c.code])
		}
		if people[c.code] != c.residents {
			t.Errorf("%s: its grids hold %d residents, it has %d", c.name, people[c.code], c.residents)
		}
	}
	if len(cs) != 92 || total != 1946000 {
		t.Errorf("%d communities with %d residents, want 92 with 1946000", len(cs), total)
	}
	if info, err := os.Stat(filepath.Join(demo, "grids.csv")); err != nil || info.Size() > 400_000 {
		t.Errorf("grids.csv: %v, %v; want at most 400 kB", info.Size(), err)
	}
}

// Inside the outline every edge is walked once in each direction, by the grid on
// either side: this is what "no gaps and no overlaps" means, exactly.
func TestNeighboursShareEdges(t *testing.T) {
	type edge struct{ a, b geo.LngLat }
	seen := map[edge]string{}
	for _, g := range laid(t) {
		if g.ring.Signed() <= 0 {
			t.Errorf("grid %s does not run counter-clockwise", g.code)
		}
		for i, a := range g.ring {
			e := edge{a, g.ring[(i+1)%len(g.ring)]}
			if other, twice := seen[e]; twice {
				t.Errorf("grids %s and %s overlap along %v", g.code, other, e)
			}
			seen[e] = g.code
		}
	}
	ring := outlineOf(t)
	for e, code := range seen {
		if _, ok := seen[edge{e.b, e.a}]; ok {
			continue
		}
		middle := geo.LngLat{(e.a[0] + e.b[0]) / 2, (e.a[1] + e.b[1]) / 2}
		if gap := ring.Gap(middle); gap > 12 {
			t.Errorf("grid %s has no neighbour along %v, %.0f m inside the outline", code, e, gap)
		}
	}
}

func TestGridsCoverTheOutline(t *testing.T) {
	grids, ring := laid(t), outlineOf(t)
	sum := 0.0
	for _, g := range grids {
		sum += g.ring.Area()
	}
	if off := sum/ring.Area() - 1; off < -0.005 || off > 0.005 {
		t.Errorf("the grids cover %.3f of the outline", 1+off)
	}
	r := rand.New(rand.NewSource(1))
	low, high := ring.Bounds()
	inside, missed := 0, 0
	for inside < 2000 {
		p := geo.LngLat{low[0] + r.Float64()*(high[0]-low[0]), low[1] + r.Float64()*(high[1]-low[1])}
		if !ring.Contains(p) {
			continue
		}
		inside++
		switch n := len(holding(grids, p)); {
		case n == 0:
			missed++
		case n > 1:
			t.Errorf("%v lies in %d grids", p, n)
		}
	}
	if missed > inside/200 {
		t.Errorf("%d of %d points lie in no grid", missed, inside)
	}
}

func holding(grids []grid, p geo.LngLat) []grid {
	var out []grid
	for _, g := range grids {
		if g.ring.Contains(p) {
			out = append(out, g)
		}
	}
	return out
}

func TestPointsLieInTheirAreas(t *testing.T) {
	grids := laid(t)
	for _, g := range grids {
		if in := holding(grids, g.ring.Centroid()); len(in) != 1 || in[0].area != g.area {
			t.Errorf("the middle of grid %s lies outside its community", g.code)
		}
	}
	areas, err := rows(filepath.Join(demo, "areas.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range areas {
		p, err := point(a["lng"] + " " + a["lat"])
		if err != nil {
			t.Fatal(err)
		}
		if in := holding(grids, p); len(in) != 1 || !strings.HasPrefix(in[0].code, a["code"]) {
			t.Errorf("the point of %s %s lies elsewhere", a["code"], a["name"])
		}
	}
}

// The file is what the generator writes. Other processors round the last bit
// otherwise and may place a grid differently, so only amd64 is asked.
func TestGridsAreCurrent(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("generated on amd64")
	}
	cs, err := readCommunities(filepath.Join(demo, "areas.csv"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := lay(cs, outlineOf(t), 1646, 8, 440304)
	if err != nil {
		t.Fatal(err)
	}
	for i, g := range laid(t) {
		if again[i].code != g.code || ringText(again[i].ring) != ringText(g.ring) || again[i].residents != g.residents {
			t.Fatalf("grid %s is not what the generator lays; run go run ./script/pack/grids", g.code)
		}
	}
}

// A ring that bends like a U falls into two pieces when cut across its legs.
func TestCutSplitsBentRings(t *testing.T) {
	u := []xy{{0, 0}, {30, 0}, {30, 30}, {20, 30}, {20, 10}, {10, 10}, {10, 30}, {0, 30}}
	pieces := nearer(xy{15, 30}, xy{15, 10}).cut(u)
	if len(pieces) != 2 {
		t.Fatalf("%d pieces, want 2: %v", len(pieces), pieces)
	}
	for _, p := range pieces {
		if a := area(p); a != 100 {
			t.Errorf("a leg of %v m², want 100: %v", a, p)
		}
	}
}
