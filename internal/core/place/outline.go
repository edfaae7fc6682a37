package place

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"

	"yiwang/internal/base/geo"
)

// GeoJSON returns the areas of a level as a feature collection with the properties
// code and name, for the map. Streets and communities get their outline from the
// grids inside them. It is computed once and must not be changed.
func (m *Map) GeoJSON(l Level) []byte {
	if draw, ok := m.geojson[l]; ok {
		return draw()
	}
	return []byte(`{"type":"FeatureCollection","features":[]}`)
}

func (m *Map) draw(l Level) []byte {
	b := []byte(`{"type":"FeatureCollection","features":[`)
	first := true
	for _, code := range m.levels[l] {
		a := m.areas[code]
		rings := []geo.Ring{a.Ring}
		if len(a.Ring) == 0 {
			rings = outline(m.rings(code))
		}
		if len(rings) == 0 {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = appendFeature(b, a, rings)
	}
	return append(b, `]}`...)
}

// rings returns the outlines of all grids below an area.
func (m *Map) rings(code string) []geo.Ring {
	if a := m.areas[code]; a.Level == Grid {
		return []geo.Ring{a.Ring}
	}
	var all []geo.Ring
	for _, c := range m.children[code] {
		all = append(all, m.rings(c)...)
	}
	return all
}

// vertex is a point in hundred-thousandths of a degree (about a metre), the
// precision of packs: neighbours share their vertices exactly.
type vertex [2]int32

func vertexOf(p geo.LngLat) vertex {
	return vertex{int32(math.Round(p[0] * 1e5)), int32(math.Round(p[1] * 1e5))}
}

// outline joins rings that share edges: an edge that two of them run along in
// opposite directions is inside and drops out; what remains is walked to rings.
// Outer rings run counter-clockwise, holes clockwise.
func outline(rings []geo.Ring) []geo.Ring {
	type edge struct{ a, b vertex }
	edges := map[edge]bool{}
	var order []edge
	for _, r := range rings {
		if r.Signed() < 0 {
			r = slices.Clone(r)
			slices.Reverse(r)
		}
		for i, j := 0, len(r)-1; i < len(r); j, i = i, i+1 {
			e := edge{vertexOf(r[j]), vertexOf(r[i])}
			switch back := (edge{e.b, e.a}); {
			case e.a == e.b:
			case edges[back]:
				delete(edges, back)
			default:
				edges[e] = true
				order = append(order, e)
			}
		}
	}
	next := map[vertex][]vertex{}
	for _, e := range order {
		if edges[e] {
			next[e.a] = append(next[e.a], e.b)
		}
	}
	var out []geo.Ring
	for _, e := range order {
		if r := walk(next, e.a); len(r) >= 3 {
			out = append(out, r)
		}
	}
	return out
}

// walk follows edges from a vertex back to it, using each up.
func walk(next map[vertex][]vertex, start vertex) geo.Ring {
	var r geo.Ring
	for at := start; len(next[at]) > 0; {
		to := next[at][0]
		next[at] = next[at][1:]
		r = append(r, geo.LngLat{float64(at[0]) / 1e5, float64(at[1]) / 1e5})
		if at = to; at == start {
			break
		}
	}
	return r
}

// appendFeature writes an area as a polygon, or several, each with the holes that
// lie in it.
func appendFeature(b []byte, a Area, rings []geo.Ring) []byte {
	props, err := json.Marshal(map[string]string{"code": a.Code, "name": a.Name})
	if err != nil { // a map of strings always marshals
		return b
	}
	var outer, holes []geo.Ring
	for _, r := range rings {
		if len(rings) > 1 && r.Signed() < 0 {
			holes = append(holes, r)
		} else {
			outer = append(outer, r)
		}
	}
	b = append(b, `{"type":"Feature","properties":`...)
	b = append(b, props...)
	b = append(b, `,"geometry":{"type":"MultiPolygon","coordinates":[`...)
	for i, r := range outer {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendRing(append(b, '['), r)
		for _, h := range holes {
			if r.Contains(h.Centroid()) {
				b = appendRing(append(b, ','), h)
			}
		}
		b = append(b, ']')
	}
	return append(b, `]}}`...)
}

// appendRing writes a ring, its first point again at the end as GeoJSON wants it.
func appendRing(b []byte, r geo.Ring) []byte {
	b = append(b, '[')
	for i := range len(r) + 1 {
		if i > 0 {
			b = append(b, ',')
		}
		p := r[i%len(r)]
		b = append(b, '[')
		b = strconv.AppendFloat(b, math.Round(p[0]*1e5)/1e5, 'f', -1, 64)
		b = append(b, ',')
		b = strconv.AppendFloat(b, math.Round(p[1]*1e5)/1e5, 'f', -1, 64)
		b = append(b, ']')
	}
	return append(b, ']')
}
