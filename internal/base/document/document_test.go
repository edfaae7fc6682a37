package document_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"yiwang/internal/base/document"
	"yiwang/internal/base/errs"
)

// hard holds characters that are easily lost: names with rare ones, the edges of
// GB 18030's planes, traditional forms, old radicals, full-width marks, a quotation
// inside brackets, what markup would swallow, and a letter that no text font has.
const hard = "龘靐齉爩鱻麤龗灪吁龖厵滟爨癵籱饢驫鲡鹂鸾 喆堃犇淼焱垚囍嫑𠮷𠀀𠂉𡿨𡈽𢎭𣎴𣏕𤀺𤋮𤽄𥄳𥙊𦊅𦥑𦱁𧄍𧏈𨏿𩸽𪚥𪛖䶮㑇㐂㖞㵐䦃䥑 「測試」『體』（〔〕）《〈〉》—…·￥％℃㎡① ⼀⻖ <b>&amp;</b> \"'"

func sample() *document.Document {
	long := strings.Repeat("福田街道某小区二楼住户反映，夜间施工噪声扰民（22:30以后），多次拨打电话“12345”未解决；联系人已联系。", 12)
	return &document.Document{
		Head: "某某区人民政府办公室", Number: "某民督〔2026〕7号", Title: "关于限期办理民生诉求的督办函", Made: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC),
		Parts: []document.Part{
			document.Heading{Level: 1, Text: "一、难字"},
			document.Paragraph{Text: hard, Indent: true},
			document.Paragraph{Text: long, Indent: true},
			document.Figures{{Name: "受理", Value: "1,024", Note: "当月立案"}, {Name: "按时率", Value: "97.3%", Note: "按时办结 ÷（办结＋逾期未结）"}},
			document.Table{Head: []string{"编号", "事项", "单位", "件数"}, Widths: []float64{2, 3, 3, 1}, Ends: []bool{false, false, false, true},
				Rows: [][]string{{"SF202611210001", "夜间施工噪声", "某某区住房和建设局", "12"}, {"SF202611210002", long, "𠮷田街道办事处", "3"}}},
			document.Paragraph{Text: "某某区人民政府办公室\n2026年11月21日", Align: document.Right},
		},
	}
}

// squeezed is a text without its spaces, to be compared over line breaks.
func squeezed(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

func faces(t *testing.T) *document.Faces {
	t.Helper()
	f, err := document.FindFaces()
	if errs.Is(err, errs.Unavailable) {
		t.Skip("no font with Chinese characters here; script/fonts installs one")
	}
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestPDFKeepsEveryCharacter(t *testing.T) {
	f := faces(t)
	reader, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext (poppler-utils) is not here to read the file back")
	}
	name := filepath.Join(t.TempDir(), "letter.pdf")
	var b bytes.Buffer
	missing, err := sample().PDF(&b, f)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("drawn as codes: %q", string(missing))
	if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := exec.CommandContext(t.Context(), reader, "-raw", name, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	got := squeezed(string(text))
	for _, r := range squeezed(hard) {
		if !strings.ContainsRune(got, r) {
			t.Errorf("the file lost %c (U+%04X)", r, r)
		}
	}
	if !strings.Contains(got, "关于限期办理民生诉求的督办函") {
		t.Error("the title cannot be read back in one piece")
	}
}

// What no font of the machine has is told, and drawn as its code; nothing is drawn
// as an empty box.
func TestPDFTellsWhatNoFontHas(t *testing.T) {
	f := faces(t)
	d := &document.Document{Title: "无字", Parts: []document.Part{document.Paragraph{Text: "这个字\U000F1234没有"}}}
	var b bytes.Buffer
	missing, err := d.PDF(&b, f)
	if err != nil || string(missing) != "\U000F1234" {
		t.Fatalf("told %q, %v", string(missing), err)
	}
	reader, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext (poppler-utils) is not here to read the file back")
	}
	cmd := exec.CommandContext(t.Context(), reader, "-raw", "-", "-")
	cmd.Stdin = &b
	text, err := cmd.Output()
	if err != nil || !strings.Contains(squeezed(string(text)), "这个字\U000F1234没有") {
		t.Errorf("read back %q, %v", text, err)
	}
}

func TestPDFWithoutChineseFontSaysSo(t *testing.T) {
	if _, err := document.FindFaces(filepath.Join(t.TempDir(), "none.ttf")); !errs.Is(err, errs.Invalid) {
		t.Errorf("a font file that is not there: %v", err)
	}
}

func TestDOCXKeepsEveryCharacter(t *testing.T) {
	var b bytes.Buffer
	if err := sample().DOCX(&b); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		dec := xml.NewDecoder(r)
		for {
			token, err := dec.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s is not well-formed: %v", f.Name, err)
			}
			if chars, ok := token.(xml.CharData); ok && f.Name == "word/document.xml" {
				text.Write(chars)
			}
		}
	}
	if !strings.Contains(squeezed(text.String()), squeezed(hard)) {
		t.Error("the file lost characters")
	}
}

func TestPageEscapesWhatPeopleWrote(t *testing.T) {
	var b bytes.Buffer
	d := sample()
	d.Parts = append(d.Parts, document.Paragraph{Text: "<script>alert(1)</script>"})
	if err := d.HTML(&b); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "<script>") || !strings.Contains(b.String(), "&lt;script&gt;") {
		t.Error("markup that somebody typed reaches the page as markup")
	}
	if !strings.Contains(b.String(), "𪚥") {
		t.Error("the page lost a character")
	}
}
