package geo_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"yiwang/internal/base/geo"
)

var square = geo.Ring{{114, 22}, {114.01, 22}, {114.01, 22.01}, {114, 22.01}}

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if math.Abs(got-want) > within {
		t.Errorf("%s = %v, want %v ± %v", what, got, want, within)
	}
}

func TestMeasures(t *testing.T) {
	near(t, "a degree of latitude", geo.Distance(geo.LngLat{114, 22}, geo.LngLat{114, 23}), 111195, 1)
	near(t, "the square's area", square.Area(), 1111.95*1111.95*math.Cos(22.005*math.Pi/180), 100)
	c := square.Centroid()
	near(t, "centre lng", c[0], 114.005, 1e-9)
	near(t, "centre lat", c[1], 22.005, 1e-9)
	near(t, "gap to the south", square.Gap(geo.LngLat{114.005, 21.99}), 1111.95, 1)
	near(t, "gap from inside", square.Gap(geo.LngLat{114.001, 22.005}), 103.1, 0.5)
}

func TestContains(t *testing.T) {
	for _, c := range []struct {
		p    geo.LngLat
		want bool
	}{
		{geo.LngLat{114.005, 22.005}, true},
		{geo.LngLat{114.02, 22.005}, false},
		{geo.LngLat{114.005, 21.9}, false},
		{geo.LngLat{114, 22}, true}, // of four squares around a corner, one has it
		{geo.LngLat{114.01, 22.005}, false},
	} {
		if got := square.Contains(c.p); got != c.want {
			t.Errorf("Contains(%v) = %v", c.p, got)
		}
	}
	if (geo.Ring{}).Contains(geo.LngLat{114, 22}) {
		t.Error("an empty ring contains something")
	}
}

// Neighbours that share an edge never both contain a point, and never neither.
func TestSharedEdges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mid := rapid.Float64Range(114.001, 114.009).Draw(t, "mid")
		left := geo.Ring{{114, 22}, {mid, 22}, {mid + 0.0005, 22.01}, {114, 22.01}}
		right := geo.Ring{{mid, 22}, {114.01, 22}, {114.01, 22.01}, {mid + 0.0005, 22.01}}
		p := geo.LngLat{rapid.Float64Range(114, 114.0099).Draw(t, "x"), rapid.Float64Range(22, 22.0099).Draw(t, "y")}
		if left.Contains(p) == right.Contains(p) {
			t.Fatalf("%v: left %v, right %v", p, left.Contains(p), right.Contains(p))
		}
	})
}

// The shift between the two systems is some hundred metres in China, none
// elsewhere, and there and back is where one began.
func TestGCJ(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := geo.LngLat{rapid.Float64Range(75, 135).Draw(t, "lng"), rapid.Float64Range(18, 53).Draw(t, "lat")}
		g := geo.ToGCJ(p)
		if d := geo.Distance(p, g); d < 20 || d > 1500 {
			t.Fatalf("shift of %.0f m at %v", d, p)
		}
		if d := geo.Distance(p, geo.FromGCJ(g)); d > 0.01 {
			t.Fatalf("%.4f m off after there and back at %v", d, p)
		}
	})
	paris := geo.LngLat{2.35, 48.85}
	if geo.ToGCJ(paris) != paris || geo.FromGCJ(paris) != paris {
		t.Error("moved a point outside China")
	}
	// Pairs that every published implementation agrees on, in three cities.
	for _, pair := range [][2]geo.LngLat{
		{{113.912316, 22.543847}, {113.9171764808363, 22.540796131694766}},
		{{121.5272106, 31.1774276}, {121.531541859215, 31.17530398364597}},
		{{116.377817, 39.911954}, {116.38404722455657, 39.91334545536069}},
	} {
		g := geo.ToGCJ(pair[0])
		near(t, "lng", g[0], pair[1][0], 1e-6)
		near(t, "lat", g[1], pair[1][1], 1e-6)
	}
}
