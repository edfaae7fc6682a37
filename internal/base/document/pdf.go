package document

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"

	"yiwang/internal/base/errs"
)

// PDF writes a document as PDF 1.7 with the outlines of its characters embedded.
// It returns the characters that no font has, which are drawn as their codes.
func (d *Document) PDF(w io.Writer, faces *Faces) (missing []rune, err error) {
	defer errs.Wrap(&err, "document.PDF(%s)", d.Title)
	s := newSheet(d, faces)
	s.lay()
	return s.missing, s.write(w)
}

// used is one font of a file with the characters taken from it; a character's
// number in the font is its place in runes, from 1.
type used struct {
	face   *face
	number int
	at     map[rune]int
	runes  []rune
	glyphs []glyph
}

func (u *used) take(r rune, g glyph) int {
	if n, ok := u.at[r]; ok {
		return n
	}
	u.runes = append(u.runes, r)
	u.glyphs = append(u.glyphs, g)
	u.at[r] = len(u.runes)
	return len(u.runes)
}

// file collects the objects of a PDF with their offsets.
type file struct {
	b  bytes.Buffer
	at []int
}

// add writes an object and returns its number.
func (f *file) add(text string) int {
	f.at = append(f.at, f.b.Len())
	fmt.Fprintf(&f.b, "%d 0 obj\n%s\nendobj\n", len(f.at), text)
	return len(f.at)
}

func (f *file) stream(dict string, data []byte) int {
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	_, _ = z.Write(data) // into memory
	_ = z.Close()
	return f.add(fmt.Sprintf("<<%s /Filter /FlateDecode /Length %d>>\nstream\n%s\nendstream", dict, packed.Len(), packed.String()))
}

func (s *sheet) write(w io.Writer) error {
	f := &file{}
	f.b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	var fonts strings.Builder
	for _, u := range s.fonts {
		n, err := f.font(u)
		if err != nil {
			return err
		}
		fmt.Fprintf(&fonts, "/F%d %d 0 R ", u.number, n)
	}
	// The tree of pages comes after them; its number is known beforehand.
	tree := len(f.at) + 2*len(s.pages) + 1
	var kids strings.Builder
	for _, p := range s.pages {
		content := f.stream("", p.Bytes())
		n := f.add(fmt.Sprintf("<</Type /Page /Parent %d 0 R /MediaBox [0 0 %.2f %.2f] /Resources <</Font <<%s>>>> /Contents %d 0 R>>",
			tree, pageWidth, pageHeight, fonts.String(), content))
		fmt.Fprintf(&kids, "%d 0 R ", n)
	}
	f.add(fmt.Sprintf("<</Type /Pages /Count %d /Kids [%s]>>", len(s.pages), kids.String()))
	lang := "zh-CN"
	if s.d.Lang == "en" {
		lang = "en"
	}
	root := f.add(fmt.Sprintf("<</Type /Catalog /Pages %d 0 R /Lang (%s) /ViewerPreferences <</DisplayDocTitle true>>>>", tree, lang))
	info := f.add(fmt.Sprintf("<</Title <%s> /Producer (Yiwang) /CreationDate (D:%s)>>", utf16Hex(clean(s.d.Title)), s.d.Made.UTC().Format("20060102150405Z")))
	start := f.b.Len()
	fmt.Fprintf(&f.b, "xref\n0 %d\n0000000000 65535 f \n", len(f.at)+1)
	for _, at := range f.at {
		fmt.Fprintf(&f.b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&f.b, "trailer\n<</Size %d /Root %d 0 R /Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(f.at)+1, root, info, start)
	_, err := w.Write(f.b.Bytes())
	return err
}

// font writes a font with the outlines that are used, their widths, and what
// character each is.
func (f *file) font(u *used) (int, error) {
	name := fmt.Sprintf("YIWANG+F%d", u.number)
	data, err := program(name, u.face, u.glyphs)
	if err != nil {
		return 0, err
	}
	program := f.stream("/Subtype /CIDFontType0C", data)
	descriptor := f.add(fmt.Sprintf("<</Type /FontDescriptor /FontName /%s /Flags 4 /FontBBox [-300 -400 1500 1200] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 740 /StemV 80 /FontFile3 %d 0 R>>", name, program))
	var widths strings.Builder
	for i, g := range u.glyphs {
		if g.width != 1000 {
			fmt.Fprintf(&widths, "%d [%d] ", i+1, g.width)
		}
	}
	below := f.add(fmt.Sprintf("<</Type /Font /Subtype /CIDFontType0 /BaseFont /%s /CIDSystemInfo <</Registry (Adobe) /Ordering (Identity) /Supplement 0>> /FontDescriptor %d 0 R /DW 1000 /W [%s]>>", name, descriptor, widths.String()))
	unicode := f.stream("", u.toUnicode())
	return f.add(fmt.Sprintf("<</Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R>>", name, below, unicode)), nil
}

func (u *used) toUnicode() []byte {
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	const most = 100 // in one block, as the format has it
	for i := 0; i < len(u.runes); i += most {
		block := u.runes[i:min(i+most, len(u.runes))]
		fmt.Fprintf(&b, "%d beginbfchar\n", len(block))
		for j, r := range block {
			fmt.Fprintf(&b, "<%04X> <%s>\n", i+j+1, hex16(string(r)))
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.Bytes()
}

// hex16 writes a text in UTF-16, big end first, in hexadecimal.
func hex16(s string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	return b.String()
}

func utf16Hex(s string) string { return "FEFF" + hex16(s) }
