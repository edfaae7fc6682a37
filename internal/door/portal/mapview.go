package portal

import (
	"bytes"
	"fmt"
	"html"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/place"
)

// The map is a square picture of this many points; without a script it is shown
// at half of that in CSS pixels, which is what a click on it is counted in.
const (
	mapSize  = 640
	mapShown = 320
	maxZoom  = 7
)

// view is what the map shows: a centre and how often it was doubled.
type view struct {
	Lng, Lat float64
	Zoom     int
	Turn     int // raised by each change, so that no browser shows an old picture
}

// mapView is the map picker on a page.
type mapView struct {
	Source  string
	Pinned  bool
	Outside bool // the point lies outside the city's ground
	In, Out bool // whether it can be zoomed further
	Shown   int
}

// frame is the piece of ground a view shows: its corner and degrees per point.
type frame struct {
	west, north, perX, perY float64
}

// whole returns the view that shows all of the ground, and how many degrees of
// latitude it is high.
func (g *Ground) whole() (centre place.Point, height float64) {
	w := g.extent
	centre = place.Point{Lng: (w.west + w.east) / 2, Lat: (w.south + w.north) / 2}
	height = max(w.north-w.south, (w.east-w.west)*math.Cos(centre.Lat*math.Pi/180)) * 1.06
	return centre, max(height, 0.001)
}

func (v view) frame(g *Ground) frame {
	centre, height := g.whole()
	if v.Lng != 0 || v.Lat != 0 {
		centre = place.Point{Lng: v.Lng, Lat: v.Lat}
	}
	height /= math.Pow(2, float64(v.Zoom))
	width := height / math.Cos(centre.Lat*math.Pi/180)
	return frame{
		west: centre.Lng - width/2, north: centre.Lat + height/2,
		perX: width / mapSize, perY: height / mapSize,
	}
}

func (f frame) point(x, y float64) place.Point {
	return place.Point{Lng: f.west + x*f.perX, Lat: f.north - y*f.perY}
}

func (f frame) pixel(lng, lat float64) (x, y float64) {
	return (lng - f.west) / f.perX, (f.north - lat) / f.perY
}

func (f *filling) mapView() *mapView {
	m := &mapView{
		Source: fmt.Sprintf("%s/map.svg?n=%d", f.base, f.draft.View.Turn),
		Pinned: f.draft.Point != nil, In: f.draft.View.Zoom < maxZoom, Out: f.draft.View.Zoom > 0, Shown: mapShown,
	}
	if p := f.draft.Point; p != nil {
		_, in := f.book.Ground.places.At(*p)
		m.Outside = !in
	}
	return m
}

// takePlace reads what was done with the map and the list of areas.
func (f *filling) takePlace(sent *form) {
	d, ground := f.draft, f.book.Ground
	if ground == nil {
		return
	}
	d.View.Turn++
	fr := d.View.frame(ground)
	if code := sent.Get("area"); sent.Has("area") && code != d.Area && (code == "" || len(ground.names(code)) > 0) {
		d.Area, d.Point = code, nil
	}
	switch {
	case sent.Has("_here"):
		if p, ok := readPoint(sent.Get("_here")); ok {
			f.pin(p)
			d.View.Lng, d.View.Lat, d.View.Zoom = p.Lng, p.Lat, max(d.View.Zoom, 4)
		}
	case sent.Has("_map.x"):
		x, y := readPixel(sent.Get("_map.x")), readPixel(sent.Get("_map.y"))
		if x == 0 && y == 0 { // pressed by key: the middle of the map
			x, y = mapShown/2, mapShown/2
		}
		if shown := readPixel(sent.Get("_shown")); shown >= 100 { // a script made it larger
			x, y = x*mapShown/shown, y*mapShown/shown
		}
		f.pin(fr.point(x*mapSize/mapShown, y*mapSize/mapShown))
	case sent.Has("_view"):
		d.View = d.View.moved(sent.Get("_view"), ground, d.Point)
		if sent.Get("_view") == "unpin" {
			d.Point = nil
		}
	}
}

func (f *filling) pin(p place.Point) {
	f.draft.Point = &p
	if found, ok := f.book.Ground.places.At(p); ok {
		f.draft.Area = found.Area
	}
}

// moved returns the view after one of the map's buttons. Zooming in goes towards
// the point that is set.
func (v view) moved(button string, g *Ground, pin *place.Point) view {
	fr := v.frame(g)
	mid := fr.point(mapSize/2, mapSize/2)
	step := float64(mapSize) / 3
	switch button {
	case "in":
		if v.Zoom < maxZoom {
			v.Zoom++
		}
		if pin != nil {
			mid = *pin
		}
	case "out":
		if v.Zoom > 0 {
			v.Zoom--
		}
		if v.Zoom == 0 {
			mid = place.Point{}
		}
	case "north":
		mid.Lat += step * fr.perY
	case "south":
		mid.Lat -= step * fr.perY
	case "west":
		mid.Lng -= step * fr.perX
	case "east":
		mid.Lng += step * fr.perX
	}
	v.Lng, v.Lat = mid.Lng, mid.Lat
	return v
}

func readPixel(s string) float64 {
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || x != x || x < 0 || x > 10_000 {
		return 0
	}
	return x
}

// readPoint reads "lng,lat" as a telephone tells where it is.
func readPoint(s string) (place.Point, bool) {
	a, b, _ := strings.Cut(s, ",")
	lng, err1 := strconv.ParseFloat(a, 64)
	lat, err2 := strconv.ParseFloat(b, 64)
	if err1 != nil || err2 != nil || !(lng >= -180 && lng <= 180 && lat >= -90 && lat <= 90) || lng == 0 && lat == 0 {
		return place.Point{}, false
	}
	return place.Point{Lng: lng, Lat: lat}, true
}

// mapPicture draws the part of the ground that the draft's view shows.
func (s *Site) mapPicture(f *filling) error {
	if f.book.Ground == nil {
		return errs.E(errs.NotFound, "portal.error_not_found", nil)
	}
	f.w.Header().Set("Content-Type", "image/svg+xml; charset=utf-8")
	_, err := f.w.Write(drawMap(f.book.Ground, f.draft.View, f.draft.Point))
	return err
}

// drawMap draws outlines, names and the pin. Streets carry the names when all is
// shown, communities when half is, landmarks beyond that.
func drawMap(g *Ground, v view, pin *place.Point) []byte {
	fr := v.frame(g)
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="sans-serif">`, mapSize, mapSize, mapSize, mapSize)
	b.WriteString(`<rect width="100%" height="100%" fill="#e8ecef"/>`)
	for _, look := range []struct {
		level place.Level
		from  int // zoom from which it is drawn
		style string
	}{
		{place.District, 0, `fill="#fff" stroke="#5f6b76" stroke-width="4"`},
		{place.Grid, 4, `fill="none" stroke="#d5d0c7" stroke-width="1"`},
		{place.Community, 1, `fill="none" stroke="#a9a296" stroke-width="2"`},
		{place.Street, 0, `fill="none" stroke="#8d99a6" stroke-width="3"`},
	} {
		if v.Zoom < look.from {
			continue
		}
		fmt.Fprintf(&b, `<g %s>`, look.style)
		for _, s := range g.shapes {
			for _, r := range s.rings {
				if s.Level == look.level && fr.sees(r.extent) {
					ring(&b, fr, r.points)
				}
			}
		}
		b.WriteString(`</g>`)
	}
	g.labels(&b, fr, v.Zoom)
	if pin != nil {
		x, y := fr.pixel(pin.Lng, pin.Lat)
		fmt.Fprintf(&b, `<path d="M%.0f %.0fl-20-34a24 24 0 1 1 40 0z" fill="#b3261e" stroke="#fff" stroke-width="3"/><circle cx="%.0f" cy="%.0f" r="8" fill="#fff"/>`, x, y, x, y-46)
	}
	b.WriteString(`</svg>`)
	return b.Bytes()
}

// sees reports whether something of a piece of ground is in the picture.
func (f frame) sees(e extent) bool {
	return e.east >= f.west && e.west <= f.west+mapSize*f.perX && e.south <= f.north && e.north >= f.north-mapSize*f.perY
}

// ring draws an outline, leaving out points closer than a pixel.
func ring(b *bytes.Buffer, fr frame, r [][2]float64) {
	command := byte('M')
	lastX, lastY := math.Inf(1), math.Inf(1)
	b.WriteString(`<path d="`)
	for _, p := range r {
		x, y := fr.pixel(p[0], p[1])
		if math.Abs(x-lastX) < 1 && math.Abs(y-lastY) < 1 {
			continue
		}
		b.WriteByte(command)
		b.Write(strconv.AppendInt(b.AvailableBuffer(), int64(math.Round(x)), 10))
		b.WriteByte(' ')
		b.Write(strconv.AppendInt(b.AvailableBuffer(), int64(math.Round(y)), 10))
		command, lastX, lastY = 'L', x, y
	}
	b.WriteString(`z"/>`)
}

// labels writes the names that fit without covering each other: those of areas
// first, then those of places, and in the corner where the middle of the map is.
func (g *Ground) labels(b *bytes.Buffer, fr frame, zoom int) {
	l := lettering{out: b, frame: fr}
	level, suffix := place.Street, text.Say(text.Chinese, "portal.street_suffix", nil)
	if zoom >= 2 {
		level, suffix = place.Community, ""
		if at, ok := g.places.At(fr.point(mapSize/2, mapSize/2)); ok {
			l.corner(strings.Join(g.names(at.Area), " "))
		}
	}
	for _, a := range g.shapes {
		if a.Level == level && (a.Lng != 0 || a.Lat != 0) {
			l.write(strings.TrimSuffix(a.Name, suffix), a.Lng, a.Lat, 26, "#37424d")
		}
	}
	if zoom < 2 {
		return
	}
	for _, n := range g.landmarks {
		l.write(n.Name, n.At.Lng, n.At.Lat, 22, "#0b4f8a")
	}
}

// lettering writes names on the map and remembers where they stand.
type lettering struct {
	out *bytes.Buffer
	frame
	taken []box
}

type box struct{ x, y, w, h float64 }

func (a box) meets(b box) bool {
	return a.x < b.x+b.w && b.x < a.x+a.w && a.y < b.y+b.h && b.y < a.y+a.h
}

// write puts a name in the middle over a point, if it fits there.
func (l *lettering) write(name string, lng, lat, size float64, colour string) {
	x, y := l.pixel(lng, lat)
	w := size * float64(utf8.RuneCountInString(name))
	at := box{x - w/2, y - size, w, size * 1.3}
	if at.x < 2 || at.x+at.w > mapSize-2 || at.y < 2 || at.y+at.h > mapSize-2 || slices.ContainsFunc(l.taken, at.meets) {
		return
	}
	l.taken = append(l.taken, at)
	fmt.Fprintf(l.out, `<text x="%.0f" y="%.0f" font-size="%.0f" text-anchor="middle" stroke="#fff" stroke-width="5" paint-order="stroke" fill="%s">%s</text>`,
		x, y, size, colour, html.EscapeString(name))
}

// corner says in the upper left corner which area the map shows.
func (l *lettering) corner(name string) {
	at := box{0, 0, 24*float64(utf8.RuneCountInString(name)) + 24, 44}
	l.taken = append(l.taken, at)
	fmt.Fprintf(l.out, `<rect width="%.0f" height="%.0f" fill="#37424d"/><text x="12" y="31" font-size="24" fill="#fff">%s</text>`,
		at.w, at.h, html.EscapeString(name))
}
