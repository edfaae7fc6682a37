package province

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"yiwang/internal/work/dispatch"
)

//go:embed matters.tsv
var table string

//go:embed examples
var examples embed.FS

//go:embed units.tsv
var units string

//go:embed categories.tsv
var categories string

// Duty returns the 515 matters in the order of their codes. The table is part of
// the program; a broken line panics at first use, in every test.
var Duty = sync.OnceValue(func() []dispatch.Entry {
	var out []dispatch.Entry
	for i, line := range strings.Split(strings.TrimSuffix(table, "\n"), "\n") {
		f := strings.Split(line, "\t")
		if len(f) != 5 {
			panic(fmt.Sprintf("province: matters.tsv:%d: %d columns, want 5", i+1, len(f)))
		}
		out = append(out, dispatch.Entry{
			Code: f[0], Path: f[1:3], Name: f[3], Words: strings.Fields(f[4]),
			Examples: sayings()[f[0]], Units: unitsOf(f[0]),
		})
	}
	return out
})

// sayings returns, by code, what citizens might say: messages made up for this
// project by people who had not seen the public ones.
var sayings = sync.OnceValue(func() map[string][]dispatch.Message {
	out := map[string][]dispatch.Message{}
	files, err := examples.ReadDir("examples")
	if err != nil {
		panic("province: " + err.Error())
	}
	for _, f := range files {
		table, err := examples.ReadFile("examples/" + f.Name())
		if err != nil {
			panic("province: " + err.Error())
		}
		n := 0
		for line := range strings.Lines(string(table)) {
			n++
			f3 := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
			if len(f3) != 3 {
				panic(fmt.Sprintf("province: examples/%s:%d: %d columns, want 3", f.Name(), n, len(f3)))
			}
			out[f3[0]] = append(out[f3[0]], dispatch.Message{Title: f3[1], Text: f3[2]})
		}
	}
	return out
})

// Enrich adds the words citizens use, what they might say, and the unit types that
// usually handle it, to the matters of a duty list that have the province's codes.
// Other matters stay as they are.
func Enrich(duty []dispatch.Entry) []dispatch.Entry {
	known := map[string]dispatch.Entry{}
	for _, e := range Duty() {
		known[e.Code] = e
	}
	out := make([]dispatch.Entry, len(duty))
	for i, e := range duty {
		p := known[e.Code]
		e.Words = slices.Concat(e.Words, p.Words)
		e.Examples = slices.Concat(e.Examples, p.Examples)
		if e.Units == nil {
			e.Units = p.Units
		}
		out[i] = e
	}
	return out
}

// Guides returns, for tasks that have no duty list, the labels in common use with
// the words that go with them. A label without cases is never answered.
func Guides() map[dispatch.Task][]dispatch.Entry {
	return map[dispatch.Task][]dispatch.Entry{dispatch.Unit: guide(units), dispatch.Category: guide(categories)}
}

func guide(table string) []dispatch.Entry {
	var out []dispatch.Entry
	for line := range strings.Lines(table) {
		name, words, _ := strings.Cut(strings.TrimSpace(line), "\t")
		out = append(out, dispatch.Entry{Code: name, Name: name, Words: strings.Fields(words)})
	}
	return out
}
