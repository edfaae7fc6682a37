package province

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"yiwang/internal/work/dispatch"
)

//go:embed usual.tsv
var usual string

// units of a matter, or of all matters of a second-level class, with the share of
// cases each usually gets. The table is part of the program; a broken line panics
// at first use, in every test.
var usually = sync.OnceValue(func() map[string][]dispatch.Scored {
	out := map[string][]dispatch.Scored{}
	for line := range strings.Lines(usual) {
		code, list, _ := strings.Cut(strings.TrimSpace(line), "\t")
		sum := 0.0
		for f := range strings.FieldsSeq(list) {
			unit, n, _ := strings.Cut(f, ":")
			share, err := strconv.ParseFloat(n, 64)
			if err != nil || share <= 0 {
				panic(fmt.Sprintf("province: usual.tsv: %q: no share in %q", code, f))
			}
			out[code] = append(out[code], dispatch.Scored{Label: unit, P: share})
			sum += share
		}
		for i := range out[code] {
			out[code][i].P /= sum
		}
	}
	return out
})

// unitsOf returns the unit types that usually handle a matter.
func unitsOf(code string) []dispatch.Scored {
	if u, ok := usually()[code]; ok {
		return u
	}
	return usually()[code[:min(4, len(code))]]
}
