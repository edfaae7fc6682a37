package duty

import (
	"slices"
	"strings"

	"yiwang/internal/core/matter"
)

// Change is what one edition says otherwise than another, of one matter.
type Change struct {
	Code, Name string
	Kind       string // added, removed, changed
	Cells      []Cell // of a changed one
}

// Cell is a column that changed.
type Cell struct {
	Column        string // as the list's file has it
	Before, After string
}

// The kinds of change.
const (
	Added   = "added"
	Removed = "removed"
	Changed = "changed"
)

// Difference returns what changed from one list to another, by code.
func Difference(before, after []*matter.Matter) []Change {
	old, now := byCode(before), byCode(after)
	codes := map[string]bool{}
	for code := range old {
		codes[code] = true
	}
	for code := range now {
		codes[code] = true
	}
	var out []Change
	for code := range codes {
		a, b := old[code], now[code]
		switch {
		case a == nil:
			out = append(out, Change{Code: code, Name: b.Name, Kind: Added})
		case b == nil:
			out = append(out, Change{Code: code, Name: a.Name, Kind: Removed})
		default:
			c := Change{Code: code, Name: b.Name, Kind: Changed}
			was, is := cells(a), cells(b)
			for i := range heads {
				if was[i] != is[i] {
					c.Cells = append(c.Cells, Cell{heads[i], was[i], is[i]})
				}
			}
			if len(c.Cells) > 0 {
				out = append(out, c)
			}
		}
	}
	slices.SortFunc(out, func(a, b Change) int { return strings.Compare(a.Code, b.Code) })
	return out
}

// byCode returns the latest line of each code.
func byCode(list []*matter.Matter) map[string]*matter.Matter {
	out := map[string]*matter.Matter{}
	for _, m := range list {
		if x := out[m.Code]; x == nil || m.From >= x.From {
			out[m.Code] = m
		}
	}
	return out
}
