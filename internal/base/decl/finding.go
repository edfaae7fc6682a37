package decl

import (
	"fmt"
	"slices"
	"sort"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
)

// Pos is a place in a declaration file.
type Pos struct {
	File string
	Line int // from 1
}

// Finding is one thing that is wrong with a declaration. Its two sentences are
// in the catalogue: Key says what is wrong, Key with "_mend" what to do about it.
type Finding struct {
	Pos
	Key   string    // e.g. "check.unknown_unit"
	Args  errs.Args // placeholders of both sentences
	Doubt bool      // it can run like that, but was probably not meant
}

// Faulty reports whether any of the findings is more than a doubt.
func Faulty(all []Finding) bool {
	return slices.ContainsFunc(all, func(f Finding) bool { return !f.Doubt })
}

// What says what is wrong.
func (f Finding) What(l text.Lang) string { return text.Say(l, f.Key, f.Args) }

// Mend says what to do about it, "" where the first sentence says that too.
func (f Finding) Mend(l text.Lang) string {
	if !text.Has(l, f.Key+"_mend") {
		return ""
	}
	return text.Say(l, f.Key+"_mend", f.Args)
}

// Say returns the finding as one line: place, what is wrong, the mend.
func (f Finding) Say(l text.Lang) string {
	s := fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.What(l))
	if mend := f.Mend(l); mend != "" {
		s += text.Say(l, "decl.joint", nil) + mend
	}
	return s
}

// Sort puts findings in the order of files and lines, and drops doubles.
func Sort(all []Finding) []Finding {
	sort.SliceStable(all, func(i, j int) bool {
		if all[i].File != all[j].File {
			return all[i].File < all[j].File
		}
		return all[i].Line < all[j].Line
	})
	kept := all[:0]
	seen := map[string]bool{}
	for _, f := range all {
		if s := f.Say(text.English); !seen[s] {
			seen[s] = true
			kept = append(kept, f)
		}
	}
	return kept
}
