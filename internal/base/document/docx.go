package document

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// DOCX writes a document for word processors (ECMA-376, Transitional).
func (d *Document) DOCX(w io.Writer) error {
	z := zip.NewWriter(w)
	for _, f := range []struct{ name, text string }{
		{"[Content_Types].xml", contentTypes},
		{"_rels/.rels", rootLinks},
		{"docProps/core.xml", d.coreProperties()},
		{"word/_rels/document.xml.rels", wordLinks},
		{"word/styles.xml", styles},
		{"word/footer1.xml", footer},
		{"word/document.xml", d.body()},
	} {
		h := &zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: d.Made}
		part, err := z.CreateHeader(h)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(part, f.text); err != nil {
			return err
		}
	}
	return z.Close()
}

const (
	xmlHead  = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	wordSpec = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`

	contentTypes = xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/><Override PartName="/word/footer1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/><Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>`
	rootLinks    = xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>`
	wordLinks    = xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer" Target="footer1.xml"/></Relationships>`
	styles       = xmlHead + `<w:styles ` + wordSpec + `><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="仿宋"/><w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault></w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>` +
		`<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:basedOn w:val="Normal"/><w:pPr><w:jc w:val="center"/></w:pPr></w:style>` +
		`<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:basedOn w:val="Normal"/><w:pPr><w:keepNext/><w:outlineLvl w:val="0"/></w:pPr></w:style>` +
		`<w:style w:type="paragraph" w:styleId="Heading2"><w:name w:val="heading 2"/><w:basedOn w:val="Normal"/><w:pPr><w:keepNext/><w:outlineLvl w:val="1"/></w:pPr></w:style>` +
		`<w:style w:type="paragraph" w:styleId="Heading3"><w:name w:val="heading 3"/><w:basedOn w:val="Normal"/><w:pPr><w:keepNext/><w:outlineLvl w:val="2"/></w:pPr></w:style></w:styles>`
	footer = xmlHead + `<w:ftr ` + wordSpec + `><w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:r><w:t xml:space="preserve">— </w:t></w:r><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r><w:r><w:t xml:space="preserve"> —</w:t></w:r></w:p></w:ftr>`

	red      = "B3261E"
	dxaWidth = 8846 // of the text between the margins, twentieths of a point
)

func (d *Document) coreProperties() string {
	return xmlHead + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>` +
		escaped(d.Title) + `</dc:title><dcterms:created xsi:type="dcterms:W3CDTF">` + d.Made.UTC().Format(time.RFC3339) + `</dcterms:created></cp:coreProperties>`
}

func escaped(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(clean(s))) // a buffer takes everything
	return b.String()
}

// body returns the main part.
func (d *Document) body() string {
	var b strings.Builder
	b.WriteString(xmlHead + `<w:document ` + wordSpec + `><w:body>`)
	size := d.size()
	if d.Head != "" {
		b.WriteString(wordParagraph(d.Head, "", `<w:jc w:val="center"/>`, wordRun(26, true, red)))
	}
	if d.Number != "" {
		b.WriteString(wordParagraph(d.Number, "", `<w:pBdr><w:bottom w:val="single" w:sz="12" w:space="4" w:color="`+red+`"/></w:pBdr><w:jc w:val="center"/>`, wordRun(size, false, "")))
	}
	b.WriteString(wordParagraph(d.Title, "Title", `<w:spacing w:before="240" w:after="240"/><w:jc w:val="center"/>`, wordRun(size*1.5, true, "")))
	for _, p := range d.Parts {
		switch p := p.(type) {
		case Heading:
			b.WriteString(wordParagraph(p.Text, fmt.Sprintf("Heading%d", min(max(p.Level, 1), 3)), `<w:spacing w:before="200" w:after="80"/>`, wordRun(headingSize(size, p.Level), true, "")))
		case Paragraph:
			b.WriteString(wordText(p, size))
		case Table:
			b.WriteString(wordTable(&p, size))
		case Figures:
			t := Table{Head: make([]string, len(p)), Rows: [][]string{make([]string, len(p)), make([]string, len(p))}}
			for i, f := range p {
				t.Head[i], t.Rows[0][i], t.Rows[1][i] = f.Name, f.Value, f.Note
			}
			b.WriteString(wordTable(&t, size))
		}
	}
	b.WriteString(`<w:sectPr><w:footerReference w:type="default" r:id="rId2"/><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1700" w:right="1474" w:bottom="1588" w:left="1588" w:header="851" w:footer="992" w:gutter="0"/></w:sectPr></w:body></w:document>`)
	return b.String()
}

func wordRun(size float64, bold bool, colour string) string {
	var b strings.Builder
	b.WriteString(`<w:rPr>`)
	if bold {
		b.WriteString(`<w:b/>`)
	}
	if colour != "" {
		b.WriteString(`<w:color w:val="` + colour + `"/>`)
	}
	fmt.Fprintf(&b, `<w:sz w:val="%d"/><w:szCs w:val="%d"/></w:rPr>`, int(size*2), int(size*2))
	return b.String()
}

// wordParagraph writes one paragraph; the lines of its text are broken inside it.
func wordParagraph(text, style, properties, run string) string {
	var b strings.Builder
	b.WriteString(`<w:p><w:pPr>`)
	if style != "" {
		b.WriteString(`<w:pStyle w:val="` + style + `"/>`)
	}
	b.WriteString(properties + `</w:pPr><w:r>` + run)
	for i, line := range strings.Split(clean(text), "\n") {
		if i > 0 {
			b.WriteString(`<w:br/>`)
		}
		b.WriteString(`<w:t xml:space="preserve">` + escaped(line) + `</w:t>`)
	}
	b.WriteString(`</w:r></w:p>`)
	return b.String()
}

func wordText(p Paragraph, size float64) string {
	var b strings.Builder
	if p.Small {
		size *= 0.85
	}
	for line := range strings.SplitSeq(clean(p.Text), "\n") {
		props := `<w:spacing w:line="360" w:lineRule="auto"/>`
		if p.Indent {
			props += `<w:ind w:firstLineChars="200"/>`
		}
		props += [...]string{"", `<w:jc w:val="center"/>`, `<w:jc w:val="right"/>`}[p.Align]
		b.WriteString(wordParagraph(line, "", props, wordRun(size, false, "")))
	}
	return b.String()
}

func wordTable(t *Table, size float64) string {
	var b strings.Builder
	b.WriteString(`<w:tbl><w:tblPr><w:tblW w:w="5000" w:type="pct"/><w:tblBorders>`)
	for _, side := range []string{"top", "left", "bottom", "right", "insideH", "insideV"} {
		b.WriteString(`<w:` + side + ` w:val="single" w:sz="4" w:space="0" w:color="999999"/>`)
	}
	b.WriteString(`</w:tblBorders></w:tblPr><w:tblGrid>`)
	for i := range t.Head {
		fmt.Fprintf(&b, `<w:gridCol w:w="%d"/>`, int(dxaWidth*t.column(i)))
	}
	b.WriteString(`</w:tblGrid>`)
	row := func(cells []string, head bool) {
		b.WriteString(`<w:tr><w:trPr><w:cantSplit/>`)
		if head {
			b.WriteString(`<w:tblHeader/>`)
		}
		b.WriteString(`</w:trPr>`)
		for i := range t.Head {
			text := ""
			if i < len(cells) {
				text = cells[i]
			}
			props := ""
			if t.ends(i) {
				props = `<w:jc w:val="right"/>`
			}
			fmt.Fprintf(&b, `<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/></w:tcPr>%s</w:tc>`, int(dxaWidth*t.column(i)),
				wordParagraph(text, "", props, wordRun(size*0.85, head, "")))
		}
		b.WriteString(`</w:tr>`)
	}
	row(t.Head, true)
	for _, r := range t.Rows {
		row(r, false)
	}
	b.WriteString(`</w:tbl>` + wordParagraph("", "", "", ""))
	return b.String()
}

// headingSize is the size of a heading over a body of a size.
func headingSize(body float64, level int) float64 {
	return body * [...]float64{1.25, 1.1, 1}[min(max(level, 1), 3)-1]
}
