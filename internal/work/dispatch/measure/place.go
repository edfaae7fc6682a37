package measure

import (
	"slices"
	"strings"

	"yiwang/internal/base/textzh"
	"yiwang/internal/work/dispatch"
)

// SumPlaces measures the places a model finds. Accuracy is the share of messages
// with a place of which one found is exactly a right one; top3 allows one to be
// part of the other; macro_f1 is the F1 of exact names over all messages.
func SumPlaces(m *dispatch.Model, test []Case) Figures {
	f := Figures{Intervals: map[string][2]float64{}}
	exact, near, found, right, wanted := 0, 0, 0, 0, 0
	for _, c := range test {
		var names []string
		for _, s := range m.Places(c.Message) {
			names = append(names, textzh.Key(s.Text))
		}
		var want []string
		for _, p := range c.Places {
			want = append(want, textzh.Key(p))
		}
		found += len(names)
		wanted += len(want)
		hits := 0
		for _, n := range names {
			hits += one(slices.Contains(want, n))
		}
		right += hits
		if len(want) == 0 {
			continue
		}
		f.N++
		exact += one(hits > 0)
		near += one(slices.ContainsFunc(names, func(n string) bool {
			return slices.ContainsFunc(want, func(w string) bool { return strings.Contains(n, w) || strings.Contains(w, n) })
		}))
	}
	if f.N == 0 {
		return f
	}
	f.Accuracy, f.Top3 = float64(exact)/float64(f.N), float64(near)/float64(f.N)
	f.Intervals["accuracy"], f.Intervals["top3"] = wilson(exact, f.N), wilson(near, f.N)
	f.MacroF1 = 2 * float64(right) / float64(max(1, found+wanted))
	return f
}
