package place

import (
	"cmp"
	"slices"

	"yiwang/internal/base/textzh"
)

// How sure a name makes it: a name alone may be said of another town's place; a
// name with the street or community it lies in hardly.
const (
	byName      = 0.8
	byTwoNames  = 0.95
	minNameRune = 2
)

// learn takes in every name and alias of the ground. A name may mean several
// places; all are kept.
func (m *Map) learn(names []Name) {
	m.spoken = map[string][]Area{}
	add := func(name string, a Area) {
		key := textzh.Normalise(name)
		known := slices.ContainsFunc(m.spoken[key], func(b Area) bool { return a.Code == b.Code })
		if len([]rune(key)) >= minNameRune && !known {
			m.spoken[key] = append(m.spoken[key], a)
		}
	}
	for _, l := range []Level{District, Street, Community, Grid} {
		for _, code := range m.levels[l] {
			a := m.areas[code]
			add(a.Name, a)
			for _, alias := range a.Aliases {
				add(alias, a)
			}
		}
	}
	for _, n := range names {
		add(n.Name, m.areas[n.Area])
	}
	keys := make(map[string]string, len(m.spoken))
	for key := range m.spoken {
		keys[key] = key
	}
	m.speak = textzh.NewGazetteer(keys)
}

// Named returns the places that a text speaks of, the surest first and each once.
// Where a name means several places, the other names of the text decide (in
// "福田街道福民路" the street says which 福民路); where they cannot, all are
// returned with less certainty. A wide area that a narrower one confirms (the
// street of the community named) is not returned by itself.
func (m *Map) Named(text string) []Found {
	hits := m.speak.Find(text)
	if len(hits) == 0 {
		return nil
	}
	meant := make([][]Area, len(hits))
	for i, h := range hits {
		meant[i] = m.spoken[h.ID]
	}
	sure := make([]bool, len(hits))
	for i := range hits {
		meant[i], sure[i] = m.narrow(hits, meant, i)
	}
	var out []Found
	for i, h := range hits {
		for _, a := range meant[i] {
			if m.confirms(meant, i, a) {
				continue
			}
			f := Found{Area: a.Code, Words: text[h.From:h.To], From: h.From, To: h.To, Score: byName / float64(len(meant[i]))}
			if a.Level == Grid {
				f.Area, f.Grid = a.Parent, a.Code
			}
			if sure[i] {
				f.Score = byTwoNames / float64(len(meant[i]))
			}
			out = append(out, f)
		}
	}
	return once(out)
}

// narrow keeps of what name i may mean that which lies in something the text calls
// by another name, and reports whether there was such a thing. A name that is
// merely repeated confirms nothing.
func (m *Map) narrow(hits []textzh.Hit, meant [][]Area, i int) ([]Area, bool) {
	var inside []Area
	for _, a := range meant[i] {
		for j := range meant {
			if hits[j].ID != hits[i].ID && slices.ContainsFunc(meant[j], func(wide Area) bool { return a.Code == wide.Code || m.below(a, wide) }) {
				inside = append(inside, a)
				break
			}
		}
	}
	if len(inside) == 0 {
		return meant[i], false
	}
	return inside, true
}

// confirms reports whether area a, named by name i, only says where something
// narrower lies that the text names as well.
func (m *Map) confirms(meant [][]Area, i int, a Area) bool {
	for j := range meant {
		if j != i && slices.ContainsFunc(meant[j], func(narrow Area) bool { return m.below(narrow, a) }) {
			return true
		}
	}
	return false
}

// below reports whether an area lies inside another one.
func (m *Map) below(a, wide Area) bool {
	return a.Code != wide.Code && slices.Contains(m.Chain(a.Code), wide.Code)
}

// once keeps the surest of the findings of each place.
func once(all []Found) []Found {
	slices.SortStableFunc(all, func(a, b Found) int { return cmp.Compare(b.Score, a.Score) })
	seen := map[[2]string]bool{}
	return slices.DeleteFunc(all, func(f Found) bool {
		key := [2]string{f.Area, f.Grid}
		double := seen[key]
		seen[key] = true
		return double
	})
}
