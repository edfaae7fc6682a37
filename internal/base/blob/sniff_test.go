package blob_test

import (
	"archive/zip"
	"bytes"
	"context"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"yiwang/internal/base/blob"
	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
)

func encoded(t testing.TB, encode func(*bytes.Buffer, image.Image) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b, image.NewPaletted(image.Rect(0, 0, 20, 10), []colour{black, white})); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// archive returns a zip file with these parts.
func archive(t testing.TB, names ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range names {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte("<x/>")); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// bomb returns an office file that claims to unpack to four gigabytes.
func bomb(t testing.TB) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"[Content_Types].xml", "word/document.xml"} {
		if _, err := z.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, UncompressedSize64: 4 << 30}); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTypes(t *testing.T) {
	docx := archive(t, "[Content_Types].xml", "word/document.xml")
	many := []string{"[Content_Types].xml", "xl/workbook.xml"}
	for range 3000 {
		many = append(many, "xl/media/"+strings.Repeat("p", 60)+".png")
	}
	jpg := encoded(t, func(b *bytes.Buffer, m image.Image) error { return jpeg.Encode(b, m, nil) })
	for _, c := range []struct{ name, content, want string }{
		{"a photo", jpg, blob.JPEG},
		{"a PNG", encoded(t, func(b *bytes.Buffer, m image.Image) error { return png.Encode(b, m) }), blob.PNG},
		{"a GIF", encoded(t, func(b *bytes.Buffer, m image.Image) error { return gif.Encode(b, m, nil) }), blob.GIF},
		{"a WebP", "RIFF\x24\x00\x00\x00WEBPVP8 \x18\x00\x00\x00", blob.WebP},
		{"a phone's photo", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", blob.HEIC},
		{"a general image of the same", "\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic", blob.HEIC},
		{"a general image of another", "\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1avif", ""},
		{"a film", "\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isomheic", ""},
		{"a PDF", "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", blob.PDF},
		{"a Word file", docx, blob.DOCX},
		{"an Excel file", archive(t, "[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"), blob.XLSX},
		{"an Excel file of 3 000 pictures", archive(t, many...), blob.XLSX},
		{"a text", "小区门口积水，车辆无法通行。\r\n\t请尽快处理", blob.Text},
		{"a long text", strings.Repeat("积水", 20_000), blob.Text},
		{"a text with a mark", "\xef\xbb\xbf有标记", blob.Text},

		{"a program for Windows", "MZ\x90\x00\x03\x00\x00\x00", ""},
		{"a program for Linux", "\x7fELF\x02\x01\x01\x00", ""},
		{"a page", "<!DOCTYPE html><script>alert(1)</script>", ""},
		{"a page after blanks", "  \n\t<html><body>", ""},
		{"a page after a mark", "\xef\xbb\xbf<html>", ""},
		{"a drawing with a script in it", `<svg onload="alert(1)">`, ""},
		{"an XML file", `<?xml version="1.0"?><svg/>`, ""},
		{"an archive", archive(t, "a.txt"), ""},
		{"an office file with macros", archive(t, "[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), ""},
		{"one with controls", archive(t, "[Content_Types].xml", "word/document.xml", "word/activeX/activeX1.xml"), ""},
		{"two office files in one", archive(t, "[Content_Types].xml", "word/document.xml", "xl/workbook.xml"), ""},
		{"one named twice", archive(t, "[Content_Types].xml", "word/document.xml", "word/document.xml"), ""},
		{"slides", archive(t, "[Content_Types].xml", "ppt/presentation.xml"), ""},
		{"an office file that is a bomb", bomb(t), ""},
		{"half an office file", docx[:len(docx)/2], ""},
		{"the head of an office file", "PK\x03\x04", ""},
		{"a text in GBK", "\xbb\xfd\xcb\xae", ""},
		{"a text in UTF-16", "\xff\xfe\x67\x72", ""},
		{"a text with a zero late in it", strings.Repeat("a", 5000) + "\x00", ""},
		{"a text broken off in a character", strings.Repeat("水", 500)[:1000], ""},
		{"noise", "\x01\x02\x03\x04", ""},
	} {
		s, dir := newStore(t)
		ref, err := s.Put(t.Context(), strings.NewReader(c.content), open, gm.Key{})
		switch {
		case c.want == "" && !errs.Is(err, errs.Invalid):
			t.Errorf("%s = %v, %v, want Invalid", c.name, ref, err)
		case c.want == "" && len(files(t, dir)) != 0:
			t.Errorf("%s was refused but is there", c.name)
		case c.want != "" && (err != nil || ref.Type != c.want):
			t.Errorf("%s = %v, %v, want %s", c.name, ref, err, c.want)
		}
		if c.want != "" {
			only := blob.Limits{MaxBytes: open.MaxBytes, Types: []string{c.want}}
			if _, err := s.Put(t.Context(), strings.NewReader(c.content), only, gm.Key{}); err != nil {
				t.Errorf("%s where it is asked for: %v", c.name, err)
			}
			none := blob.Limits{MaxBytes: open.MaxBytes, Types: []string{"video/mp4"}}
			if _, err := s.Put(t.Context(), strings.NewReader(c.content), none, gm.Key{}); !errs.Is(err, errs.Invalid) {
				t.Errorf("%s where it is not asked for: %v", c.name, err)
			}
		}
	}
}

// How content is cut into reads does not change what it is taken for.
func FuzzType(f *testing.F) {
	f.Add([]byte("积水"), 1)
	f.Add([]byte(archive(f, "[Content_Types].xml", "word/document.xml")), 7)
	f.Add([]byte("\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic"), 3)
	f.Add(bytes.Repeat([]byte("水"), 400), 511)
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte, cut int) {
		s, err := blob.New(dir)
		if err != nil {
			t.Fatal(err)
		}
		whole, errWhole := s.Put(context.Background(), bytes.NewReader(data), open, gm.Key{})
		cut = max(0, min(cut, len(data)))
		parts := newPieces(data[:cut], data[cut:])
		cutUp, errCut := s.Put(context.Background(), parts, open, gm.Key{})
		if whole != cutUp || errs.KindOf(errWhole) != errs.KindOf(errCut) {
			t.Fatalf("%v, %v in one piece; %v, %v in two", whole, errWhole, cutUp, errCut)
		}
		if errWhole != nil {
			return
		}
		if got, err := get(s, whole.Digest, gm.Key{}); err != nil || !bytes.Equal(got, data) {
			t.Fatalf("it came back as %q, %v", got, err)
		}
	})
}
