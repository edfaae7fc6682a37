package portal

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"testing"

	"pgregory.net/rapid"

	"yiwang/internal/core/city"
	"yiwang/internal/core/place"
)

func ground(t testing.TB) *Ground {
	t.Helper()
	c, err := city.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	b, err := BookOf(c)
	if err != nil || b.Ground == nil {
		t.Fatal("the demo city has no map: ", err)
	}
	return b.Ground
}

// Whatever buttons are pressed, a point on the map and the pixel it is drawn at
// belong together, and the view stays within its zooms.
func TestMapIsTrue(t *testing.T) {
	g := ground(t)
	rapid.Check(t, func(t *rapid.T) {
		v := view{}
		buttons := []string{"in", "in", "in", "out", "north", "south", "west", "east", "unpin", "nonsense"}
		for _, b := range rapid.SliceOfN(rapid.SampledFrom(buttons), 0, 12).Draw(t, "buttons") {
			v = v.moved(b, g, nil)
		}
		if v.Zoom < 0 || v.Zoom > maxZoom {
			t.Fatalf("zoom %d", v.Zoom)
		}
		fr := v.frame(g)
		x, y := rapid.Float64Range(0, mapSize).Draw(t, "x"), rapid.Float64Range(0, mapSize).Draw(t, "y")
		p := fr.point(x, y)
		if x2, y2 := fr.pixel(p.Lng, p.Lat); math.Abs(x-x2) > 1e-6 || math.Abs(y-y2) > 1e-6 {
			t.Fatalf("%v,%v came back as %v,%v", x, y, x2, y2)
		}
	})
}

// The picture is well-formed, small, and shows all ten streets by name.
func TestDrawMap(t *testing.T) {
	g := ground(t)
	pin := place.Point{Lng: 114.05, Lat: 22.55}
	for zoom := range maxZoom + 1 {
		v := view{Zoom: zoom}
		if zoom > 0 {
			v.Lng, v.Lat = pin.Lng, pin.Lat
		}
		svg := drawMap(g, v, &pin)
		if len(svg) > 100<<10 {
			t.Errorf("at zoom %d it has %d bytes", zoom, len(svg))
		}
		d := xml.NewDecoder(bytes.NewReader(svg))
		for {
			_, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("at zoom %d: %v", zoom, err)
			}
		}
	}
	whole := drawMap(g, view{}, nil)
	for _, s := range g.places.Level(place.Street) {
		if name := bytes.TrimSuffix([]byte(s.Name), []byte("街道")); !bytes.Contains(whole, name) {
			t.Errorf("%s has no name on the map", s.Name)
		}
	}
}

func FuzzReadPoint(f *testing.F) {
	f.Add("114.05,22.55")
	f.Add("NaN,Inf")
	f.Add("1e999,0x1p-2")
	f.Fuzz(func(t *testing.T, s string) {
		p, ok := readPoint(s)
		if ok && !(p.Lng >= -180 && p.Lng <= 180 && p.Lat >= -90 && p.Lat <= 90) {
			t.Errorf("readPoint(%q) = %v", s, p)
		}
	})
}

func BenchmarkDrawMap(b *testing.B) {
	g := ground(b)
	for b.Loop() {
		drawMap(g, view{Zoom: 4, Lng: 114.05, Lat: 22.55}, nil)
	}
}
