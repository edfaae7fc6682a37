package guide

import (
	_ "embed"
	"strings"
	"sync"

	"yiwang/internal/base/textzh"
)

//go:embed words.txt
var wordsFile string

// alike finds the words by which people and offices mean the same; the first of a
// group names it.
var alike = sync.OnceValue(func() *textzh.Gazetteer {
	names := map[string]string{}
	for line := range strings.Lines(wordsFile) {
		if words := strings.Fields(line); !strings.HasPrefix(line, "#") {
			for _, w := range words {
				names[w] = words[0]
			}
		}
	}
	return textzh.NewGazetteer(names)
})

// meant returns the groups of which a text uses a word, each with how often.
func meant(text string) map[string]float64 {
	out := map[string]float64{}
	for _, h := range alike().Find(text) {
		out[h.ID]++
	}
	return out
}
