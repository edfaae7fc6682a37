package duty

import (
	"encoding/csv"
	"slices"
	"strings"

	"yiwang/internal/base/decl"
	"yiwang/internal/core/city"
	"yiwang/internal/core/matter"
)

// heads are the columns of the list, as the pack's file has them.
var heads = []string{"code", "name", "level1", "level1_name", "level2", "level2_name", "description", "keywords",
	"by", "unit", "function", "level", "backstop", "basis", "fast", "night", "from", "to"}

// cells writes a matter as a line of the list.
func cells(m *matter.Matter) []string {
	at := func(list []string, i int) string {
		if i < len(list) {
			return list[i]
		}
		return ""
	}
	yes := map[bool]string{true: "yes"}
	d := m.Duty
	return []string{m.Code, m.Name, at(m.LevelCodes, 0), at(m.Levels, 0), at(m.LevelCodes, 1), at(m.Levels, 1), m.Description,
		strings.Join(m.Keywords, " "), string(d.By), d.Unit, d.Function, d.Level, d.Backstop, d.Basis, yes[m.Fast], yes[m.Night], m.From, m.To}
}

// render writes a list in the form of the pack's file.
func render(list []*matter.Matter) string {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b *matter.Matter) int {
		return strings.Compare(a.Code+"\x00"+a.From, b.Code+"\x00"+b.From)
	})
	var b strings.Builder
	w := csv.NewWriter(&b)
	// A builder takes everything.
	_ = w.Write(heads)
	for _, m := range list {
		_ = w.Write(cells(m))
	}
	w.Flush()
	return b.String()
}

// listFile is the name by which findings speak of the list.
const listFile = "duty.csv"

// parse reads a list in that form; lines that cannot be read are reported.
func parse(doc string) ([]*matter.Matter, []decl.Finding) {
	d := decl.Open(decl.Lay(nil, listFile, doc))
	return matter.ReadList(d, listFile, Family), d.Findings()
}

// check says what yiwang check would say of the city with this list in its pack.
func (s *Store) check(doc string) []decl.Finding {
	f := s.City.Catalog.Family(Family)
	if f == nil || s.Pack == nil {
		_, found := parse(doc)
		return found
	}
	_, all := city.Load(decl.Lay(s.Pack, f.Matters, doc))
	var found []decl.Finding
	for _, x := range all {
		if x.Pos.File == f.Matters {
			found = append(found, x)
		}
	}
	return found
}

// packed returns the list that the pack declares.
func (s *Store) packed() []*matter.Matter {
	var out []*matter.Matter
	for _, m := range s.City.Catalog.Declared() {
		if m.Family == Family {
			out = append(out, m)
		}
	}
	return out
}

// csvOf writes lines as they stand.
func csvOf(table [][]string) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.WriteAll(table) // a builder takes everything
	return b.String()
}
