package document

import (
	"strings"
	"unicode"
)

// Marks that no line may begin with, and those that none may end with.
const (
	notFirst = "、。，．；：？！）》」』】〕〉”’…—％%),.;:?!]}·℃°"
	notLast  = "（《「『【〔〈“‘([{￥$"
)

// wrap breaks a text into lines of a width in sizes, the first being narrower by an
// indent. Chinese breaks anywhere but beside marks that belong to their neighbour;
// other words are kept whole where they fit.
func (s *sheet) wrap(text string, most, indent float64) (lines [][]sign) {
	for part := range strings.SplitSeq(text, "\n") {
		rest := s.shape(part)
		room := most - indent
		for {
			n := fit(rest, room)
			line := rest[:n]
			rest = rest[n:]
			for len(rest) > 0 && len(line) > 0 && line[len(line)-1].r == ' ' {
				line = line[:len(line)-1]
			}
			lines = append(lines, line)
			if len(rest) == 0 {
				break
			}
			room = most
		}
		indent = 0
	}
	return lines
}

// fit returns how many characters make the next line, at least one.
func fit(rest []sign, room float64) int {
	n, w := 0, 0.0
	for n < len(rest) && w+rest[n].width <= room+1e-6 {
		w += rest[n].width
		n++
	}
	if n == len(rest) {
		return n
	}
	for at := n; at > 0; at-- {
		if mayBreak(rest[at-1].r, rest[at].r) {
			return at
		}
	}
	return max(n, 1) // one word wider than the line
}

// mayBreak reports whether a line may end between two characters.
func mayBreak(before, after rune) bool {
	switch {
	case after == ' ' || strings.ContainsRune(notFirst, after) || strings.ContainsRune(notLast, before):
		return false
	case before == ' ':
		return true
	}
	return !inWord(before) || !inWord(after)
}

func inWord(r rune) bool {
	return r < 0x2E80 && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_./@:+#&=?%'", r))
}
