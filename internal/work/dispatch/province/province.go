package province

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"yiwang/internal/work/dispatch"
)

//go:embed matters.tsv
var table string

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
		out = append(out, dispatch.Entry{Code: f[0], Path: f[1:3], Name: f[3], Words: strings.Fields(f[4])})
	}
	return out
})

// Enrich adds the words citizens use to the matters of a duty list that have the
// province's codes. Other matters stay as they are.
func Enrich(duty []dispatch.Entry) []dispatch.Entry {
	words := map[string][]string{}
	for _, e := range Duty() {
		words[e.Code] = e.Words
	}
	out := make([]dispatch.Entry, len(duty))
	for i, e := range duty {
		e.Words = slices.Concat(e.Words, words[e.Code])
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
