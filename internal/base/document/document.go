package document

import (
	"strings"
	"time"
	"unicode"
)

// Document is what is written. Texts are plain; a line break in one is kept.
type Document struct {
	Lang   string    // "zh" or "en", for readers aloud and for search
	Title  string    // in the middle, above everything but the head
	Head   string    // who issues it: in red over a red line, "" for none
	Number string    // under the head, e.g. "福民督〔2026〕7号"
	Made   time.Time // when it was made, as the file says
	Size   float64   // of the body in points, 0 is 12
	Parts  []Part
}

// Part is a piece of a document: a Heading, Paragraph, Table or Figures.
type Part interface{ part() }

// Heading is a line above parts; Level is 1 to 3.
type Heading struct {
	Level int
	Text  string
}

// Align is where the lines of a paragraph stand.
type Align int

// The alignments of paragraphs.
const (
	Left Align = iota
	Middle
	Right
)

// Paragraph is running text.
type Paragraph struct {
	Text   string
	Align  Align
	Indent bool // the first line begins two characters in
	Small  bool // a remark
}

// Table is rows under a head. Widths are shares of the page's width, equal where
// there are none; Ends tells the columns whose text stands at the right, as
// numbers do.
type Table struct {
	Head   []string
	Rows   [][]string
	Widths []float64
	Ends   []bool
}

// Figure is a number with its name and what it is made of.
type Figure struct{ Name, Value, Note string }

// Figures is a band of numbers.
type Figures []Figure

func (Heading) part()   {}
func (Paragraph) part() {}
func (Table) part()     {}
func (Figures) part()   {}

func (d *Document) size() float64 {
	if d.Size > 0 {
		return d.Size
	}
	return 12
}

// column returns the share of a column, all together being 1.
func (t *Table) column(i int) float64 {
	if len(t.Widths) != len(t.Head) {
		return 1 / float64(len(t.Head))
	}
	var all float64
	for _, w := range t.Widths {
		all += w
	}
	return t.Widths[i] / all
}

func (t *Table) ends(i int) bool { return i < len(t.Ends) && t.Ends[i] }

// clean drops what no document may hold: control characters other than line
// breaks, and halves of surrogate pairs. A tab becomes a space.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t' || r == '\u00a0' || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.IsControl(r) || r == 0xFFFE || r == 0xFFFF || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, strings.ToValidUTF8(strings.ReplaceAll(s, "\r\n", "\n"), ""))
}
