package document

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
)

// A4 with the margins of official documents (GB/T 9704), in points.
const (
	pageWidth, pageHeight = 595.28, 841.89
	top, bottom           = 85.0, 79.0
	left, right           = 79.4, 73.7
	textWidth             = pageWidth - left - right
	pad                   = 4.0 // inside a cell
	redInk                = "0.702 0.149 0.118"
)

// sheet lays a document out on pages.
type sheet struct {
	d       *Document
	faces   *Faces
	fonts   []*used
	by      map[*face]*used
	pages   []*bytes.Buffer
	y       float64 // where the next line's top is, from the page's foot
	missing []rune
	lost    map[rune]bool
}

func newSheet(d *Document, faces *Faces) *sheet {
	return &sheet{d: d, faces: faces, by: map[*face]*used{}, lost: map[rune]bool{}}
}

func (s *sheet) lay() {
	s.newPage()
	size := s.d.size()
	if s.d.Head != "" {
		s.text(s.d.Head, style{size: 26, align: Middle, bold: true, ink: redInk, lead: 1.5})
	}
	if s.d.Number != "" {
		s.space(size * 0.5)
		s.text(s.d.Number, style{size: size, align: Middle})
		s.space(6)
		fmt.Fprintf(s.page(), "q %s RG 1.5 w %.2f %.2f m %.2f %.2f l S Q\n", redInk, left, s.y, pageWidth-right, s.y)
		s.space(size)
	}
	s.text(s.d.Title, style{size: size * 1.5, align: Middle, bold: true, lead: 1.5})
	s.space(size)
	for _, p := range s.d.Parts {
		switch p := p.(type) {
		case Heading:
			s.keep(size * 6) // with two lines of what follows
			s.space(size * 0.6)
			s.text(p.Text, style{size: headingSize(size, p.Level), bold: true})
			s.space(size * 0.2)
		case Paragraph:
			st := style{size: size, align: p.Align, lead: 1.75}
			if p.Small {
				st.size, st.lead = size*0.85, 1.5
			}
			for line := range strings.SplitSeq(clean(p.Text), "\n") {
				st.indent = 0
				if p.Indent {
					st.indent = 2 * st.size
				}
				s.text(line, st)
			}
		case Table:
			s.table(&p)
		case Figures:
			s.band(p)
		}
	}
	for i := range s.pages {
		s.foot(i)
	}
}

func (s *sheet) page() *bytes.Buffer { return s.pages[len(s.pages)-1] }

func (s *sheet) newPage() {
	s.pages = append(s.pages, &bytes.Buffer{})
	s.y = pageHeight - top
}

// keep begins a new page where less than a height is left.
func (s *sheet) keep(height float64) {
	if s.y-height < bottom {
		s.newPage()
	}
}

func (s *sheet) space(height float64) {
	if s.y < pageHeight-top { // not at the head of a page
		s.y -= height
	}
}

func (s *sheet) foot(i int) {
	line := s.shape(fmt.Sprintf("— %d —", i+1))
	const size = 10.5
	s.draw(s.pages[i], line, style{size: size}, (pageWidth-width(line)*size)/2, bottom-32)
}

// style is how a line is set.
type style struct {
	size, lead, indent float64
	align              Align
	bold               bool
	ink                string
}

func (st style) height() float64 {
	if st.lead == 0 {
		return st.size * 1.5
	}
	return st.size * st.lead
}

// text sets a text over the whole width.
func (s *sheet) text(text string, st style) {
	for i, line := range s.wrap(clean(text), textWidth/st.size, st.indent/st.size) {
		s.keep(st.height())
		x := left
		if i == 0 {
			x += st.indent
		}
		switch w := width(line) * st.size; st.align {
		case Middle:
			x = left + (textWidth-w)/2
		case Right:
			x = left + textWidth - w
		}
		s.draw(s.page(), line, st, x, s.y-st.height()/2-st.size*0.36)
		s.y -= st.height()
	}
}

// sign is a character ready to be drawn: of a font, or the code of one that none has.
type sign struct {
	r     rune
	font  *used
	cid   int
	width float64 // in sizes
	code  []sign  // what is drawn instead
}

// shape finds the outlines of a text's characters.
func (s *sheet) shape(text string) []sign {
	out := make([]sign, 0, len(text)/3+1)
	for _, r := range text {
		if r == '\n' {
			out = append(out, sign{r: r})
			continue
		}
		if invisible(r) {
			continue
		}
		out = append(out, s.sign(r))
	}
	return out
}

// invisible tells characters that only steer how others are joined or drawn.
func invisible(r rune) bool {
	return unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r)
}

func (s *sheet) sign(r rune) sign {
	g := s.faces.find(r)
	if g.face == nil {
		if !s.lost[r] {
			s.lost[r] = true
			s.missing = append(s.missing, r)
		}
		out := sign{r: r}
		for _, c := range fmt.Sprintf("[U+%04X]", r) {
			one := s.sign(c)
			out.code = append(out.code, one)
			out.width += one.width
		}
		return out
	}
	u := s.by[g.face]
	if u == nil {
		u = &used{face: g.face, number: len(s.fonts) + 1, at: map[rune]int{}}
		s.by[g.face] = u
		s.fonts = append(s.fonts, u)
	}
	return sign{r: r, font: u, cid: u.take(r, g), width: float64(g.width) / 1000}
}

func width(line []sign) (w float64) {
	for _, c := range line {
		w += c.width
	}
	return w
}

// draw writes a line with its left end on the base line.
func (s *sheet) draw(page *bytes.Buffer, line []sign, st style, x, y float64) {
	if len(line) == 0 {
		return
	}
	page.WriteString("q ")
	if st.ink != "" {
		fmt.Fprintf(page, "%s rg %s RG ", st.ink, st.ink)
	}
	if st.bold { // drawn and edged
		fmt.Fprintf(page, "2 Tr %.2f w ", st.size/35)
	}
	fmt.Fprintf(page, "BT %.2f %.2f Td ", x, y)
	for i := 0; i < len(line); {
		if line[i].font == nil {
			fmt.Fprintf(page, "/Span <</ActualText <%s>>> BDC ", utf16Hex(string(line[i].r)))
			s.show(page, line[i].code, st.size)
			page.WriteString("EMC ")
			i++
			continue
		}
		j := i
		for j < len(line) && line[j].font == line[i].font {
			j++
		}
		s.show(page, line[i:j], st.size)
		i = j
	}
	page.WriteString("ET Q\n")
}

// show writes characters, changing fonts as they need.
func (s *sheet) show(page *bytes.Buffer, run []sign, size float64) {
	for i := 0; i < len(run); {
		j := i
		fmt.Fprintf(page, "/F%d %.2f Tf <", run[i].font.number, size)
		for j < len(run) && run[j].font == run[i].font {
			fmt.Fprintf(page, "%04X", run[j].cid)
			j++
		}
		page.WriteString("> Tj ")
		i = j
	}
}
