package place

import (
	"cmp"
	"maps"
	"slices"
	"sync"

	"github.com/tidwall/rtree"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/geo"
	"yiwang/internal/base/textzh"
)

// Map is the city's ground at one moment. It never changes and is safe for
// concurrent use.
type Map struct {
	areas    map[string]Area
	children map[string][]string
	levels   map[Level][]string
	boxes    rtree.RTreeG[string] // grids by the boxes around their outlines
	speak    *textzh.Gazetteer
	spoken   map[string][]Area // what each spoken name may mean, by its normal form
	names    []Name
	geojson  map[Level]func() []byte
}

// NewMap puts the ground together. It refuses an area that stands twice or whose
// parent is unknown, and names in unknown areas, as Invalid.
func NewMap(areas []Area, names []Name) (*Map, error) {
	m := &Map{areas: make(map[string]Area, len(areas)), children: map[string][]string{}, levels: map[Level][]string{}}
	for _, a := range areas {
		if _, twice := m.areas[a.Code]; twice || a.Code == "" {
			return nil, errs.E(errs.Invalid, "place.area_twice", errs.Args{"area": a.Code})
		}
		m.areas[a.Code] = a
	}
	for _, code := range slices.Sorted(maps.Keys(m.areas)) {
		a := m.areas[code]
		if a.Parent != "" {
			if above, ok := m.areas[a.Parent]; !ok || height(above.Level) <= height(a.Level) {
				return nil, errs.E(errs.Invalid, "place.area_parent", errs.Args{"area": a.Code, "parent": a.Parent})
			}
			m.children[a.Parent] = append(m.children[a.Parent], code)
		}
		m.levels[a.Level] = append(m.levels[a.Level], code)
		if a.Level == Grid {
			low, high := geo.Ring(a.Ring).Bounds()
			m.boxes.Insert(low, high, code)
		}
	}
	for _, n := range names {
		if _, ok := m.areas[n.Area]; !ok {
			return nil, errs.E(errs.Invalid, "place.name_area", errs.Args{"name": n.Name, "area": n.Area})
		}
	}
	m.names = slices.Clone(names)
	m.learn(names)
	m.geojson = map[Level]func() []byte{}
	for _, l := range []Level{District, Street, Community, Grid} {
		m.geojson[l] = sync.OnceValue(func() []byte { return m.draw(l) })
	}
	return m, nil
}

// height orders the levels; a parent is always higher than its child, so that the
// tree has no circles.
func height(l Level) int { return slices.Index([]Level{Grid, Community, Street, District}, l) }

// Area returns the area or grid with a code.
func (m *Map) Area(code string) (Area, bool) { a, ok := m.areas[code]; return a, ok }

// Chain returns the codes from an area to the district, narrow to wide; nil where
// the code is unknown.
func (m *Map) Chain(code string) []string {
	var chain []string
	for a, ok := m.areas[code]; ok; a, ok = m.areas[a.Parent] {
		chain = append(chain, a.Code)
	}
	return chain
}

// Up returns the area of a level that a place lies in, the place itself included.
func (m *Map) Up(code string, l Level) (Area, bool) {
	for _, c := range m.Chain(code) {
		if a := m.areas[c]; a.Level == l {
			return a, true
		}
	}
	return Area{}, false
}

// Called returns what people call an area: its street before a community's own name;
// the code itself where there is no such area.
func (m *Map) Called(code string) string {
	a, ok := m.areas[code]
	if !ok {
		return code
	}
	if street, ok := m.Up(code, Street); ok && street.Code != code {
		return street.Name + a.Name
	}
	return a.Name
}

// Names returns the names by which people find their way, as they were declared.
func (m *Map) Names() []Name { return slices.Clone(m.names) }

// Children returns the areas directly below one, by code.
func (m *Map) Children(code string) []Area { return m.pick(m.children[code]) }

// Level returns all areas of a level, by code.
func (m *Map) Level(l Level) []Area { return m.pick(m.levels[l]) }

func (m *Map) pick(codes []string) []Area {
	out := make([]Area, 0, len(codes))
	for _, c := range codes {
		out = append(out, m.areas[c])
	}
	return out
}

// seam is how far in metres a point may lie from every grid and still count to
// the nearest: outlines of neighbours may miss each other by a rounding.
const seam = 30

// At returns the grid a point lies in; inside the district but in no grid, the
// district. Outside it nothing is found.
func (m *Map) At(p Point) (Found, bool) {
	at := geo.LngLat{p.Lng, p.Lat}
	for _, a := range m.gridsAround(at, 0) {
		if geo.Ring(a.Ring).Contains(at) {
			return exactly(a), true
		}
	}
	for _, code := range m.levels[District] {
		d := m.areas[code]
		if !geo.Ring(d.Ring).Contains(at) {
			continue
		}
		near := m.gridsAround(at, seam/100_000.0)
		if len(near) > 0 {
			gap := func(a Area) float64 { return geo.Ring(a.Ring).Gap(at) }
			best := slices.MinFunc(near, func(a, b Area) int { return cmp.Compare(gap(a), gap(b)) })
			if gap(best) <= seam {
				return exactly(best), true
			}
		}
		return Found{Area: d.Code, Exact: true, Score: 1}, true
	}
	return Found{}, false
}

func exactly(grid Area) Found {
	return Found{Area: grid.Parent, Grid: grid.Code, Exact: true, Score: 1}
}

// gridsAround returns the grids whose box is within so many degrees of a point,
// by code.
func (m *Map) gridsAround(p geo.LngLat, degrees float64) []Area {
	var near []Area
	low, high := geo.LngLat{p[0] - degrees, p[1] - degrees}, geo.LngLat{p[0] + degrees, p[1] + degrees}
	m.boxes.Search(low, high, func(_, _ [2]float64, code string) bool {
		near = append(near, m.areas[code])
		return true
	})
	slices.SortFunc(near, func(a, b Area) int { return cmp.Compare(a.Code, b.Code) })
	return near
}
