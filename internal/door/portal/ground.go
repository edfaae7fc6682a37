package portal

import (
	"encoding/json"
	"maps"
	"slices"

	"yiwang/internal/core/city"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/place"
	"yiwang/internal/work/guide"
)

// BookOf returns the book of a city. It is made once for each edition of a pack.
func BookOf(c *city.City) (*Book, error) {
	b := &Book{Title: c.Title, Clocks: map[string][]matter.ClockSet{}, Guides: guide.NewBook(c)}
	if c.Synthetic {
		b.Notice = c.Notice
	}
	families := c.Catalog.Families()
	for _, code := range slices.Sorted(maps.Keys(families)) {
		f := families[code]
		if !f.Public {
			continue
		}
		b.Families = append(b.Families, *f)
		for _, set := range f.RuleSets {
			if s := c.ClockSets[set]; s != nil {
				b.Clocks[code] = append(b.Clocks[code], *s)
			}
		}
	}
	for _, ch := range c.Channels() {
		if ch.Kind == "enterprise" && ch.Public && b.Enterprise == "" {
			b.Enterprise = ch.Code
		}
	}
	var err error
	b.Ground, err = NewGround(c.Places)
	return b, err
}

// Ground is the map a place is chosen on. It does not change while it is used.
type Ground struct {
	shapes []shape // areas by level and code, parents before children
	byCode map[string]place.Area
	places *place.Map
	extent extent

	landmarks []place.Name // with a point
}

// shape is an area with its outlines, as the map draws it.
type shape struct {
	place.Area
	rings []outline
}

// outline is a ring of longitudes and latitudes, and the box around it.
type outline struct {
	points [][2]float64
	extent
}

// extent is a box in degrees.
type extent struct{ west, south, east, north float64 }

// emptyExtent is the extent of nothing.
var emptyExtent = extent{west: 180, south: 90, east: -180, north: -90}

func (e extent) with(o extent) extent {
	return extent{min(e.west, o.west), min(e.south, o.south), max(e.east, o.east), max(e.north, o.north)}
}

func around(points [][2]float64) extent {
	e := emptyExtent
	for _, p := range points {
		e = e.with(extent{p[0], p[1], p[0], p[1]})
	}
	return e
}

// NewGround returns the map of a city's places, nil where nothing has an outline.
func NewGround(places *place.Map) (*Ground, error) {
	g := &Ground{byCode: map[string]place.Area{}, places: places, extent: emptyExtent}
	for _, n := range places.Names() {
		if n.At != (place.Point{}) {
			g.landmarks = append(g.landmarks, n)
		}
	}
	for _, level := range []place.Level{place.District, place.Street, place.Community, place.Grid} {
		rings, err := outlines(places.GeoJSON(level))
		if err != nil {
			return nil, err
		}
		for _, a := range places.Level(level) {
			g.byCode[a.Code] = a
			g.shapes = append(g.shapes, shape{a, rings[a.Code]})
			for _, r := range rings[a.Code] {
				g.extent = g.extent.with(r.extent)
			}
		}
	}
	if g.extent == emptyExtent {
		return nil, nil
	}
	return g, nil
}

// outlines reads the outer rings of a feature collection, by code.
func outlines(geojson []byte) (map[string][]outline, error) {
	var c struct {
		Features []struct {
			Properties struct{ Code string }
			Geometry   struct {
				Type        string
				Coordinates json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(geojson, &c); err != nil {
		return nil, err
	}
	all := map[string][]outline{}
	for _, f := range c.Features {
		var polygons [][][][2]float64
		if f.Geometry.Type == "Polygon" {
			polygons = make([][][][2]float64, 1)
			if err := json.Unmarshal(f.Geometry.Coordinates, &polygons[0]); err != nil {
				return nil, err
			}
		} else if err := json.Unmarshal(f.Geometry.Coordinates, &polygons); err != nil {
			return nil, err
		}
		for _, p := range polygons {
			if len(p) > 0 {
				all[f.Properties.Code] = append(all[f.Properties.Code], outline{p[0], around(p[0])})
			}
		}
	}
	return all, nil
}

// names returns the names from the street down to an area.
func (g *Ground) names(code string) []string {
	var names []string
	for a, ok := g.byCode[code]; ok && a.Level != place.District; a, ok = g.byCode[a.Parent] {
		names = append(names, a.Name)
	}
	slices.Reverse(names)
	return names
}

// groups returns the streets with their communities.
func (g *Ground) groups() []areaGroup {
	var groups []areaGroup
	for _, street := range g.places.Level(place.Street) {
		groups = append(groups, areaGroup{Code: street.Code, Name: street.Name, Areas: g.places.Children(street.Code)})
	}
	return groups
}
