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
// returned with less certainty, and where they share a street, that street with
// all of it. A wide area that a narrower one confirms (the
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
		score := byName
		if sure[i] {
			score = byTwoNames
		}
		found := func(a Area, score float64) {
			f := Found{Area: a.Code, Words: text[h.From:h.To], From: h.From, To: h.To, Score: score}
			if a.Level == Grid {
				f.Area, f.Grid = a.Parent, a.Code
			}
			if !m.confirms(meant, i, a) {
				out = append(out, f)
			}
		}
		if a, ok := m.common(meant[i]); ok {
			found(a, score)
		}
		for _, a := range meant[i] {
			found(a, score/float64(len(meant[i])))
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

// common returns the narrowest area that holds several, if it says more than the
// district.
func (m *Map) common(several []Area) (Area, bool) {
	if len(several) < 2 {
		return Area{}, false
	}
	for _, code := range m.Chain(several[0].Code)[1:] {
		a := m.areas[code]
		if a.Level != District && !slices.ContainsFunc(several, func(b Area) bool { return b.Code != code && !m.below(b, a) }) {
			return a, true
		}
	}
	return Area{}, false
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
