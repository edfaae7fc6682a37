package guide

import (
	"slices"
	"strings"

	"yiwang/internal/core/matter"
)

// Filter chooses items; an empty member is any.
type Filter struct {
	Theme, Unit, For  string
	Level, Mode, Type string
	State             string // see States
	Indicator, Part   string // that stand behind a figure, see Indicator.Part
	Words             string // in the name or one of the codes
}

// The states of an item: it can be applied for here, it needs no application, it has a
// guide and no form, or its guide is not written to its end.
const (
	StateLive      = "live"
	StateAutomatic = "automatic"
	StateGuide     = "guide"
	StateUnwritten = "unwritten"
)

// States lists them.
var States = []string{StateLive, StateAutomatic, StateGuide, StateUnwritten}

// ModeOrdinary is the way of approval of an item that names none.
const ModeOrdinary = "ordinary"

// StateOf returns the state of an item.
func StateOf(s *matter.Service) string {
	switch {
	case s.Live() && s.Mode == "automatic":
		return StateAutomatic
	case s.Live():
		return StateLive
	case len(s.Missing()) > 0:
		return StateUnwritten
	}
	return StateGuide
}

// ModeOf returns the way in which an item is approved.
func ModeOf(s *matter.Service) string {
	if s.Mode == "" {
		return ModeOrdinary
	}
	return s.Mode
}

// Choose returns the items in force today that fit.
func (b *Book) Choose(f Filter) []*matter.Service {
	is := func(want, has string) bool { return want == "" || want == has }
	any := func(want string, has []string) bool { return want == "" || slices.Contains(has, want) }
	indicator, counted := FindIndicator(f.Indicator)
	words := strings.ToLower(strings.TrimSpace(f.Words))
	var out []*matter.Service
	for _, s := range b.Items() {
		if any(f.Theme, s.Themes) && is(f.Unit, s.Unit) && any(f.For, s.For) && is(f.Level, s.Level) && is(f.Type, s.Type) &&
			is(f.Mode, ModeOf(s)) && is(f.State, StateOf(s)) && (!counted || is(f.Part, indicator.Part(s))) && (words == "" || named(s, words)) {
			out = append(out, s)
		}
	}
	return out
}

// named reports whether an item's name, number or how people ask for it has the words.
func named(s *matter.Service, words string) bool {
	for _, x := range append([]string{s.Title, s.Code, s.Base, s.Number}, s.Asked...) {
		if strings.Contains(strings.ToLower(x), words) {
			return true
		}
	}
	return false
}
