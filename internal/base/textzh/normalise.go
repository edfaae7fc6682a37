package textzh

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Folded is a text in its normal form with the way back to the original.
type Folded struct {
	Runes   []rune
	Offsets []int // Offsets[i] is the byte in the original where Runes[i] began; one more than Runes, the last is the original's length
}

// String returns the normal form.
func (f Folded) String() string { return string(f.Runes) }

// Span returns the bytes [from, to) of the original under the runes [i, j).
func (f Folded) Span(i, j int) (from, to int) { return f.Offsets[i], f.Offsets[j] }

// Fold brings a text into its normal form: half width, lower case, simplified
// characters, plain digits, runs of white space as one space, nothing invisible,
// and no space between two Han characters (people put them there for looks).
// Invalid UTF-8 is dropped. The result never has more runes than the text has bytes.
func Fold(s string) Folded {
	f := Folded{Runes: make([]rune, 0, len(s)/2), Offsets: make([]int, 0, len(s)/2+1)}
	space := -1 // where a run of white space began that is not written yet
	for i, r := range s {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size <= 1 {
				continue
			}
		}
		if unicode.IsSpace(r) {
			if space < 0 {
				space = i
			}
			continue
		}
		if invisible(r) {
			continue
		}
		r = foldRune(r)
		if space >= 0 {
			if n := len(f.Runes); n > 0 && !(wide(f.Runes[n-1]) && wide(r)) {
				f.Runes, f.Offsets = append(f.Runes, ' '), append(f.Offsets, space)
			}
			space = -1
		}
		f.Runes, f.Offsets = append(f.Runes, r), append(f.Offsets, i)
	}
	f.Offsets = append(f.Offsets, len(s))
	return f
}

// Normalise returns the normal form of a text; see Fold. It is idempotent.
func Normalise(s string) string { return Fold(s).String() }

// Key returns the normal form without spaces, punctuation and signs: two texts
// with the same key say the same thing in the same words.
func Key(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range Fold(s).Runes {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// IsHan reports whether r is a Chinese character.
func IsHan(r rune) bool {
	return r >= 0x4e00 && r <= 0x9fff || r >= 0x3400 && r <= 0x4dbf || r >= 0x20000 && r <= 0x323af || r == '〇' || r == '々'
}

// wide reports whether no space is written beside r in Chinese.
func wide(r rune) bool {
	return IsHan(r) || strings.ContainsRune("。、《》“”‘’「」【】…—·", r)
}

// invisible reports whether r leaves no mark on paper: zero-width characters,
// marks of writing direction, control characters, private use (icons of fonts).
func invisible(r rune) bool {
	if IsHan(r) || r >= ' ' && r <= '~' { // nearly all there is, known without a table
		return false
	}
	return r == '\uFEFF' || r == '\uFFFD' || unicode.In(r, unicode.Cf, unicode.Cc, unicode.Co, unicode.Mn, unicode.Me)
}

// foldRune folds one character; it never needs its neighbours.
func foldRune(r rune) rune {
	if r < 0x80 {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}
	if IsHan(r) {
		if i := r - firstHan; i >= 0 && int(i) < len(simplified) && simplified[i] != 0 {
			return simplified[i]
		}
		return r
	}
	if f := width.LookupRune(r).Folded(); f != 0 {
		r = f
	}
	switch {
	case r >= '①' && r <= '⑨':
		return '1' + r - '①'
	case r == '〞' || r == '〝':
		return '”'
	case r == '―' || r == '–' || r == '─':
		return '—'
	}
	if unicode.IsDigit(r) {
		return '0' + digitValue(r)
	}
	return unicode.ToLower(r)
}

// digitValue returns 0 to 9. Decimal digits stand in Unicode in runs of ten.
func digitValue(r rune) rune {
	n := rune(0)
	for n < 9 && unicode.IsDigit(r-n-1) {
		n++
	}
	return n % 10
}
