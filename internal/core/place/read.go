package place

import (
	"slices"
	"strconv"
	"strings"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
	"yiwang/internal/base/geo"
)

// Declared is what a pack says of its ground, and where it says it.
type Declared struct {
	Areas []Area // grids included
	Names []Name
	At    map[string]decl.Pos // where each area is declared, by code
	index map[string]int
}

// Read reads a pack's place directory. What is wrong with a line is reported, and
// the line left out, so that the rest always makes a Map.
func Read(d *decl.Dir) Declared {
	p := Declared{At: map[string]decl.Pos{}, index: map[string]int{}}
	p.readAreas(d)
	if d.Lost() {
		return p // else all that lies in an area which could not be read would be blamed
	}
	// A city may begin with its areas alone and draw its grids later.
	if d.Has("place/outline.csv") {
		p.readOutlines(d)
	}
	if d.Has("place/grids.csv") {
		p.readGrids(d)
	}
	if d.Has("place/names.csv") {
		p.readNames(d)
	}
	return p
}

func (p *Declared) add(r decl.Row, a Area) {
	if a.Code == "" {
		return
	}
	if first, twice := p.At[a.Code]; twice {
		r.Report("org.code_twice", errs.Args{"code": a.Code, "first": first.Line})
		return
	}
	p.At[a.Code] = r.Pos
	p.index[a.Code] = len(p.Areas)
	p.Areas = append(p.Areas, a)
}

// readAreas takes districts, then streets, then communities, so that a file may
// list them in any order and a parent is there before its child.
func (p *Declared) readAreas(d *decl.Dir) {
	levels := []Level{District, Street, Community}
	type line struct {
		row  decl.Row
		area Area
	}
	var lines []line
	for _, r := range d.CSV("place/areas.csv", "code", "name", "level", "parent", "residents", "lng", "lat", "aliases") {
		a := Area{Code: r.Need("code"), Name: r.Need("name"), Level: Level(r.OneOf("level", "district", "street", "community")), Parent: r.Text("parent"),
			Residents: r.Int("residents"), Lng: r.Float("lng"), Lat: r.Float("lat"), Aliases: r.List("aliases")}
		lines = append(lines, line{r, a})
	}
	for i, level := range levels {
		for _, l := range lines {
			if l.area.Level != level {
				continue
			}
			above, ok := p.area(l.area.Parent)
			switch {
			case i == 0 && l.area.Parent != "":
				l.row.Report("place.district_parent", errs.Args{"area": l.area.Code})
			case i > 0 && (!ok || above.Level != levels[i-1]):
				l.row.Report("place.unknown_parent", errs.Args{"area": l.area.Code, "parent": l.area.Parent, "level": levels[i-1]})
			default:
				p.add(l.row, l.area)
			}
		}
	}
}

func (p *Declared) area(code string) (Area, bool) {
	i, ok := p.index[code]
	if !ok {
		return Area{}, false
	}
	return p.Areas[i], true
}

func (p *Declared) readOutlines(d *decl.Dir) {
	for _, r := range d.CSV("place/outline.csv", "area", "ring") {
		code := r.Need("area")
		i, ok := p.index[code]
		if !ok {
			r.Report("place.unknown_area", errs.Args{"area": code})
			continue
		}
		p.Areas[i].Ring = ring(r)
	}
}

func (p *Declared) readGrids(d *decl.Dir) {
	for _, r := range d.CSV("place/grids.csv", "code", "name", "area", "residents", "ring") {
		g := Area{Code: r.Need("code"), Name: r.Need("name"), Level: Grid, Parent: r.Need("area"), Residents: r.Int("residents"), Ring: ring(r)}
		if above, ok := p.area(g.Parent); !ok || above.Level != Community {
			r.Report("place.grid_area", errs.Args{"grid": g.Code, "area": g.Parent})
			continue
		}
		if len(g.Ring) == 0 {
			continue
		}
		c := geo.Ring(g.Ring).Centroid()
		g.Lng, g.Lat = c[0], c[1]
		p.add(r, g)
	}
}

func (p *Declared) readNames(d *decl.Dir) {
	for _, r := range d.CSV("place/names.csv", "name", "area", "kind", "lng", "lat") {
		n := Name{Name: r.Need("name"), Area: r.Need("area"), Kind: r.Text("kind"), At: Point{r.Float("lng"), r.Float("lat")}}
		if _, ok := p.At[n.Area]; !ok {
			r.Report("place.unknown_area", errs.Args{"area": n.Area})
			continue
		}
		if n.Name != "" {
			p.Names = append(p.Names, n)
		}
	}
}

// ring reads an outline "lng lat;lng lat;…"; nil where it is none, which is reported.
func ring(r decl.Row) [][2]float64 {
	var out [][2]float64
	for part := range strings.SplitSeq(r.Text("ring"), ";") {
		lng, lat, ok := strings.Cut(strings.TrimSpace(part), " ")
		x, errX := strconv.ParseFloat(lng, 64)
		y, errY := strconv.ParseFloat(lat, 64)
		if !ok || errX != nil || errY != nil || !(x >= -180 && x <= 180 && y >= -90 && y <= 90) {
			r.Report("place.bad_ring", errs.Args{"point": strings.TrimSpace(part)})
			return nil
		}
		out = append(out, [2]float64{x, y})
	}
	if n := len(out); n > 1 && out[0] == out[n-1] {
		out = out[:n-1]
	}
	if len(out) < 3 || geo.Ring(out).Signed() == 0 {
		r.Report("place.flat_ring", nil)
		return nil
	}
	return out
}

// Check reports grids and areas that lie outside their district and grids that lie
// on each other, by sample points: the centre and points just inside the corners.
func (p *Declared) Check(d *decl.Dir, m *Map) {
	for _, a := range p.Areas {
		top, ok := m.Up(a.Code, District)
		if !ok || len(top.Ring) == 0 {
			if a.Level == District && d.Has("place/grids.csv") {
				d.Report(p.At[a.Code], "place.no_outline", errs.Args{"area": a.Code})
			}
			continue
		}
		switch {
		case a.Level != Grid:
			if (a.Lng != 0 || a.Lat != 0) && !geo.Ring(top.Ring).Contains(geo.LngLat{a.Lng, a.Lat}) {
				d.Report(p.At[a.Code], "place.point_outside", errs.Args{"area": a.Name, "district": top.Name})
			}
		case slices.ContainsFunc(samples(a.Ring), func(s geo.LngLat) bool {
			return !geo.Ring(top.Ring).Contains(s) && geo.Ring(top.Ring).Gap(s) > seam
		}):
			d.Report(p.At[a.Code], "place.grid_outside", errs.Args{"grid": a.Name, "district": top.Name})
		default:
			if other, ok := m.overlap(a); ok {
				d.Report(p.At[a.Code], "place.grid_overlap", errs.Args{"grid": a.Name, "other": other.Name})
			}
		}
	}
}

// overlap returns a grid that contains one of a's sample points.
func (m *Map) overlap(a Area) (Area, bool) {
	for _, s := range samples(a.Ring) {
		for _, other := range m.gridsAround(s, 0) {
			if other.Code != a.Code && geo.Ring(other.Ring).Contains(s) && geo.Ring(other.Ring).Gap(s) > seam/10.0 {
				return other, true
			}
		}
	}
	return Area{}, false
}

// samples returns points inside a ring: its centre where that lies inside, and a
// point a little way in from each corner.
func samples(r geo.Ring) []geo.LngLat {
	c := r.Centroid()
	var out []geo.LngLat
	for _, p := range append([]geo.LngLat{c}, r...) {
		s := geo.LngLat{p[0] + (c[0]-p[0])/8, p[1] + (c[1]-p[1])/8}
		if r.Contains(s) {
			out = append(out, s)
		}
	}
	return out
}
