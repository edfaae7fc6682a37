package document

import (
	"encoding/binary"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// program makes a font program in the Compact Font Format (Adobe TN 5176, CID-keyed)
// that has just the outlines given, in their order; number 0 is empty and never
// drawn. Outlines of any source are taken, so that one writer serves TrueType and
// OpenType fonts alike.
func program(name string, of *face, glyphs []glyph) ([]byte, error) {
	strings := make([][]byte, 0, len(glyphs)+1)
	strings = append(strings, []byte{endChar})
	for _, g := range glyphs {
		s, err := outline(of, g)
		if err != nil {
			return nil, err
		}
		strings = append(strings, s)
	}
	n := len(strings)
	head := append([]byte{1, 0, 4, 4}, index([]byte(name))...)
	charset := append([]byte{2}, u16(1, n-2)...)
	if n == 1 {
		charset = []byte{0}
	}
	fdSelect := append([]byte{3}, u16(1, 0)...)
	fdSelect = append(append(fdSelect, 0), u16(n)...)
	chars := index(strings...)
	private := append(append(number(1000), 20), append(number(0), 21)...)

	// Offsets stand in the top dictionary in five bytes each, so its length does not
	// depend on them and they can be worked out from it.
	top := func(charset, fdSelect, chars, fonts int) []byte {
		d := append(append(append(number(391), number(392)...), number(0)...), 12, 30)
		for _, v := range []int{-300, -400, 1500, 1200} {
			d = append(d, long(v)...)
		}
		d = append(d, 5)
		d = append(append(d, long(n)...), 12, 34)
		d = append(append(d, long(charset)...), 15)
		d = append(append(d, long(chars)...), 17)
		d = append(append(d, long(fonts)...), 12, 36)
		return append(append(d, long(fdSelect)...), 12, 37)
	}
	tail := append(index([]byte("Adobe"), []byte("Identity")), 0, 0) // strings, and no subroutines
	at := len(head) + len(index(top(0, 0, 0, 0))) + len(tail)
	charsetAt := at
	fdAt := charsetAt + len(charset)
	charsAt := fdAt + len(fdSelect)
	privateAt := charsAt + len(chars)
	fontsAt := privateAt + len(private)
	fonts := index(append(append(long(len(private)), long(privateAt)...), 18))

	out := append(head, index(top(charsetAt, fdAt, charsAt, fontsAt))...)
	for _, part := range [][]byte{tail, charset, fdSelect, chars, private, fonts} {
		out = append(out, part...)
	}
	return out, nil
}

const (
	lineTo  = 5
	curveTo = 8
	endChar = 14
	moveTo  = 21
)

// outline writes a character as a Type 2 charstring in thousandths of its size.
func outline(of *face, g glyph) ([]byte, error) {
	var buf sfnt.Buffer
	segments, err := of.font.LoadGlyph(&buf, g.index, fixed.I(1000), nil)
	if err != nil {
		return nil, err
	}
	var out []byte
	if g.width != 1000 {
		out = number(g.width)
	}
	moved := false
	x, y := 0, 0
	to := func(p fixed.Point26_6) []byte {
		px, py := p.X.Round(), -p.Y.Round() // its y axis points down
		b := append(number(px-x), number(py-y)...)
		x, y = px, py
		return b
	}
	var at fixed.Point26_6
	for _, s := range segments {
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			out = append(append(out, to(s.Args[0])...), moveTo)
			at, moved = s.Args[0], true
		case sfnt.SegmentOpLineTo:
			out = append(append(out, to(s.Args[0])...), lineTo)
			at = s.Args[0]
		case sfnt.SegmentOpQuadTo:
			c, end := s.Args[0], s.Args[1]
			out = append(out, to(twoThirds(at, c))...)
			out = append(out, to(twoThirds(end, c))...)
			out = append(append(out, to(end)...), curveTo)
			at = end
		case sfnt.SegmentOpCubeTo:
			for _, p := range s.Args {
				out = append(out, to(p)...)
			}
			out, at = append(out, curveTo), s.Args[2]
		}
	}
	if !moved && g.width == 1000 {
		return []byte{endChar}, nil
	}
	return append(out, endChar), nil
}

func twoThirds(from, to fixed.Point26_6) fixed.Point26_6 {
	return fixed.Point26_6{X: from.X + (to.X-from.X)*2/3, Y: from.Y + (to.Y-from.Y)*2/3}
}

// number writes a number as charstrings and dictionaries both read it.
func number(v int) []byte {
	switch {
	case v >= -107 && v <= 107:
		return []byte{byte(v + 139)}
	case v >= 108 && v <= 1131:
		v -= 108
		return []byte{byte(v>>8 + 247), byte(v)}
	case v >= -1131 && v <= -108:
		v = -v - 108
		return []byte{byte(v>>8 + 251), byte(v)}
	}
	return []byte{28, byte(v >> 8), byte(v)}
}

// long writes a number of a dictionary in five bytes.
func long(v int) []byte { return binary.BigEndian.AppendUint32([]byte{29}, uint32(int32(v))) }

func u16(vs ...int) (out []byte) {
	for _, v := range vs {
		out = binary.BigEndian.AppendUint16(out, uint16(v))
	}
	return out
}

// index writes an INDEX: how many, where each begins, and all of them.
func index(items ...[]byte) []byte {
	out := append(u16(len(items)), 4)
	at := uint32(1)
	for _, it := range items {
		out = binary.BigEndian.AppendUint32(out, at)
		at += uint32(len(it))
	}
	out = binary.BigEndian.AppendUint32(out, at)
	for _, it := range items {
		out = append(out, it...)
	}
	return out
}
