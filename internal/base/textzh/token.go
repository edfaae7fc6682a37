package textzh

import (
	"strings"
	"unicode"
)

// Term is one unbroken piece of a query. Its words stand side by side in a text
// that contains it, so a search engine matches them as a phrase.
type Term struct {
	Words  []string
	Prefix bool // the last word is the beginning of a word of the text
}

// Tokens returns the words of a text for a full-text index, separated by single
// spaces: each pair of neighbouring Han characters, the last character of each
// run alone (so that a one-character query finds it as a prefix), and each run
// of other letters and digits. Indexed and searched text must both come from
// here, whatever the database.
func Tokens(text string) string {
	var b strings.Builder
	b.Grow(len(text) * 2)
	put := func(rs ...rune) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		for _, r := range rs {
			b.WriteRune(r)
		}
	}
	runs(Fold(text).Runes, func(run []rune) {
		if !IsHan(run[0]) {
			put(run...)
			return
		}
		for i := 0; i+1 < len(run); i++ {
			put(run[i], run[i+1])
		}
		put(run[len(run)-1])
	})
	return b.String()
}

// QueryTokens splits what a person typed into the search box into terms, all of
// which must occur. A single Han character becomes a prefix; so does a last run
// of letters or digits, because the person may still be typing it.
func QueryTokens(q string) []Term {
	var out []Term
	rs := Fold(q).Runes
	for _, field := range strings.Fields(string(rs)) {
		runs([]rune(field), func(run []rune) {
			if !IsHan(run[0]) {
				out = append(out, Term{Words: []string{string(run)}, Prefix: true})
				return
			}
			if len(run) == 1 {
				out = append(out, Term{Words: []string{string(run)}, Prefix: true})
				return
			}
			var t Term
			for i := 0; i+1 < len(run); i++ {
				t.Words = append(t.Words, string(run[i:i+2]))
			}
			out = append(out, t)
		})
	}
	return out
}

// runs calls fn for each longest run of Han characters, and for each longest run
// of other letters and digits.
func runs(rs []rune, fn func([]rune)) {
	for i := 0; i < len(rs); {
		class := runClass(rs[i])
		j := i + 1
		for j < len(rs) && runClass(rs[j]) == class {
			j++
		}
		if class != 0 {
			fn(rs[i:j])
		}
		i = j
	}
}

func runClass(r rune) int {
	switch {
	case IsHan(r):
		return 1
	case unicode.IsLetter(r) || unicode.IsDigit(r):
		return 2
	}
	return 0
}
