package guide

import (
	"cmp"
	"maps"
	"slices"

	"yiwang/internal/core/matter"
)

// The ways in which items are incomplete or contradict each other.
const (
	FindMissing = "missing" // elements that a guide must have
	FindAlike   = "alike"   // the same base code says something else in another place
	FindWays    = "ways"    // online it is not what it is at the window
	FindHidden  = "hidden"  // nobody finds it: neither topic nor life event nor how people ask
)

// FindingKinds lists them in the order in which they matter.
var FindingKinds = []string{FindAlike, FindWays, FindMissing, FindHidden}

// Finding is where an item is incomplete, or says something else than it says elsewhere.
type Finding struct {
	Kind     string
	Item     *matter.Service
	Other    *matter.Service // the item it is unlike, nil for none
	Elements []string        // keys of the elements concerned
	Why      string          // of FindWays: see the texts guide.ways_…
}

// Findings checks items for completeness and against each other. Whoever asks in another
// county, or online instead of at the window, must be told the same.
func Findings(items []*matter.Service) []Finding {
	var out []Finding
	groups := map[string][]*matter.Service{}
	for _, s := range items {
		if s.Base != "" {
			groups[s.Base] = append(groups[s.Base], s)
		}
		if missing := s.Missing(); len(missing) > 0 {
			out = append(out, Finding{Kind: FindMissing, Item: s, Elements: missing})
		}
		if len(s.Themes) == 0 && len(s.Asked) == 0 {
			out = append(out, Finding{Kind: FindHidden, Item: s, Elements: []string{"themes", "asked"}})
		}
		out = append(out, ways(s)...)
	}
	for _, base := range slices.Sorted(maps.Keys(groups)) {
		first := groups[base][0]
		for _, s := range groups[base][1:] {
			if differs := first.Differs(s); len(differs) > 0 {
				out = append(out, Finding{Kind: FindAlike, Item: s, Other: first, Elements: differs})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(slices.Index(FindingKinds, a.Kind), slices.Index(FindingKinds, b.Kind)), cmp.Compare(a.Item.Code, b.Item.Code))
	})
	return out
}

// ways finds where whoever applies online has it otherwise than at the window.
func ways(s *matter.Service) (out []Finding) {
	window := slices.Contains(s.Channel, "window")
	add := func(why string, is bool, elements ...string) {
		if is {
			out = append(out, Finding{Kind: FindWays, Item: s, Elements: elements, Why: why})
		}
	}
	// What a list cannot say of an item is not said, and no contradiction.
	full := s.Live() && s.Online() && s.Depth == "full"
	paper := slices.ContainsFunc(s.Materials, func(m matter.Material) bool { return m.Needed() && m.Form == "paper" })
	add("paper", full && paper && !s.Post, "materials", "depth")
	add("depth", s.Online() && (s.Depth == "none" || s.Depth == "guide"), "channels", "depth")
	add("fee", full && s.Fee != "" && !s.Pay, "fee", "pay")
	add("result", full && len(s.Parts) == 0 && s.Result.Title != "" && s.Result.Voucher == "" && !s.Post, "result", "post")
	add("place", window && len(s.Places) == 0 && s.Ask == "", "windows")
	return out
}
