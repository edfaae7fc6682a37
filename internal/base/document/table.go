package document

import "fmt"

// cells are the lines of each cell of a row.
type cells [][][]sign

func (c cells) lines() (most int) {
	for _, lines := range c {
		most = max(most, len(lines))
	}
	return most
}

// table draws a table; its head stands again on each page, and a row taller than
// a page goes on over the next.
func (s *sheet) table(t *Table) {
	if len(t.Head) == 0 {
		return
	}
	size := s.d.size() * 0.85
	st := style{size: size, lead: 1.4}
	broken := func(texts []string) cells {
		out := make(cells, len(t.Head))
		for i := range t.Head {
			if i < len(texts) {
				out[i] = s.wrap(clean(texts[i]), (textWidth*t.column(i)-2*pad)/size, 0)
			}
		}
		return out
	}
	head := broken(t.Head)
	headed := func() {
		bold := st
		bold.bold = true
		s.row(t, head, 0, head.lines(), bold)
	}
	s.space(4)
	s.keep(float64(head.lines()+2) * st.height())
	headed()
	for _, r := range t.Rows {
		c := broken(r)
		for from, all := 0, c.lines(); from < all; {
			room := int((s.y - bottom - 2*pad) / st.height())
			whole := int((pageHeight - top - bottom - 4*pad) / st.height())
			if all-from > room && (all-from <= whole-head.lines() || room < 2) {
				s.newPage()
				headed()
				room = max(1, int((s.y-bottom-2*pad)/st.height()))
			}
			to := min(all, from+room)
			s.row(t, c, from, to, st)
			from = to
		}
	}
	s.space(s.d.size() * 0.6)
}

// row draws some lines of a row with the frames of its cells.
func (s *sheet) row(t *Table, c cells, from, to int, st style) {
	height := float64(to-from)*st.height() + 2*pad
	x := left
	for i := range t.Head {
		w := textWidth * t.column(i)
		fmt.Fprintf(s.page(), "q 0.6 G 0.5 w %.2f %.2f %.2f %.2f re S Q\n", x, s.y-height, w, height)
		for n := from; n < min(to, len(c[i])); n++ {
			at := x + pad
			if t.ends(i) {
				at = x + w - pad - width(c[i][n])*st.size
			}
			s.draw(s.page(), c[i][n], st, at, s.y-pad-float64(n-from)*st.height()-st.height()/2-st.size*0.36)
		}
		x += w
	}
	s.y -= height
}

// band draws figures side by side, four in a row.
func (s *sheet) band(all Figures) {
	const across = 4
	for from := 0; from < len(all); from += across {
		some := all[from:min(from+across, len(all))]
		w := textWidth / across
		name, value, note := style{size: s.d.size() * 0.85, lead: 1.4}, style{size: s.d.size() * 1.5, lead: 1.5, bold: true}, style{size: s.d.size() * 0.7, lead: 1.4}
		var drawn [][3][][]sign
		height := 0.0
		for _, f := range some {
			d := [3][][]sign{s.wrap(clean(f.Name), (w-2*pad)/name.size, 0), s.wrap(clean(f.Value), (w-2*pad)/value.size, 0), s.wrap(clean(f.Note), (w-2*pad)/note.size, 0)}
			drawn = append(drawn, d)
			height = max(height, float64(len(d[0]))*name.height()+float64(len(d[1]))*value.height()+float64(len(d[2]))*note.height()+2*pad)
		}
		s.keep(height)
		for i, d := range drawn {
			x, y := left+float64(i)*w, s.y-pad
			fmt.Fprintf(s.page(), "q 0.8 G 0.5 w %.2f %.2f %.2f %.2f re S Q\n", x, s.y-height, w, height)
			for k, st := range []style{name, value, note} {
				for _, line := range d[k] {
					s.draw(s.page(), line, st, x+pad, y-st.height()/2-st.size*0.36)
					y -= st.height()
				}
			}
		}
		s.y -= height
	}
	s.space(s.d.size() * 0.6)
}
