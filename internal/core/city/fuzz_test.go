package city_test

import (
	"maps"
	"slices"
	"testing"
	"testing/fstest"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/text"
	"yiwang/internal/core/city"
)

// Whatever stands in a file of a pack, check answers: a city, or findings.
func FuzzLoad(f *testing.F) {
	pack := sound(f)
	names := slices.Sorted(maps.Keys(pack))
	for i, name := range names {
		f.Add(uint8(i), string(pack[name].Data))
	}
	f.Fuzz(func(t *testing.T, i uint8, content string) {
		edited := maps.Clone(pack)
		edited[names[int(i)%len(names)]] = &fstest.MapFile{Data: []byte(content)}
		c, findings := city.Load(edited)
		if (c == nil) != decl.Faulty(findings) {
			t.Errorf("city %v with %v", c, findings)
		}
		for _, finding := range findings {
			finding.Say(text.Chinese)
		}
	})
}
