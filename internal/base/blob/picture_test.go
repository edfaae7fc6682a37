package blob_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"testing"

	"yiwang/internal/base/blob"
	"yiwang/internal/base/errs"
)

type colour = color.Color

var black, white = color.Gray{0}, color.Gray{255}

func newPieces(parts ...[]byte) io.Reader {
	var readers []io.Reader
	for _, p := range parts {
		readers = append(readers, bytes.NewReader(p))
	}
	return io.MultiReader(readers...)
}

// quarters is a picture with a red top left, a green top right, a blue bottom
// left and a white bottom right quarter.
func quarters(w, h int) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{255, 255, 255, 255}
			switch {
			case x < w/2 && y < h/2:
				c = color.RGBA{255, 0, 0, 255}
			case y < h/2:
				c = color.RGBA{0, 255, 0, 255}
			case x < w/2:
				c = color.RGBA{0, 0, 255, 255}
			}
			m.SetRGBA(x, y, c)
		}
	}
	return m
}

func asJPEG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withEXIF puts an EXIF segment with an orientation, and a place to be leaked,
// behind the start of a JPEG.
func withEXIF(picture []byte, order binary.AppendByteOrder, orientation uint16) []byte {
	mark := "II*\x00"
	if order == binary.AppendByteOrder(binary.BigEndian) {
		mark = "MM\x00*"
	}
	tiff := order.AppendUint32([]byte(mark), 8)
	tiff = order.AppendUint16(tiff, 1)
	tiff = order.AppendUint16(tiff, 0x0112)
	tiff = order.AppendUint16(tiff, 3)
	tiff = order.AppendUint32(tiff, 1)
	tiff = order.AppendUint16(tiff, orientation)
	tiff = append(tiff, 0, 0, 0, 0, 0, 0)
	body := append([]byte("Exif\x00\x00"), append(tiff, "22.5431N 114.0579E"...)...)
	segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(body)+2))
	segment = append(segment, body...)
	return append(append(bytes.Clone(picture[:2]), segment...), picture[2:]...)
}

func downscale(t *testing.T, data []byte, edge int) image.Image {
	t.Helper()
	var b bytes.Buffer
	if err := blob.Downscale(&b, bytes.NewReader(data), edge); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(b.Bytes(), []byte("Exif")) || bytes.Contains(b.Bytes(), []byte("114.0579E")) {
		t.Error("the small picture tells where it was taken")
	}
	m, err := jpeg.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// corners names the colours of the four quarters: top left, top right, bottom
// left, bottom right.
func corners(m image.Image) string {
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	s := ""
	for _, p := range []image.Point{{w / 4, h / 4}, {w * 3 / 4, h / 4}, {w / 4, h * 3 / 4}, {w * 3 / 4, h * 3 / 4}} {
		r, g, b, _ := m.At(p.X, p.Y).RGBA()
		switch {
		case r > 0x8000 && g > 0x8000 && b > 0x8000:
			s += "w"
		case r > 0x8000:
			s += "r"
		case g > 0x8000:
			s += "g"
		case b > 0x8000:
			s += "b"
		default:
			s += "?"
		}
	}
	return s
}

func TestDownscaleSizes(t *testing.T) {
	for _, c := range []struct{ w, h, edge, wantW, wantH int }{
		{800, 600, 320, 320, 240},
		{600, 800, 320, 240, 320},
		{100, 50, 320, 100, 50},
		{1000, 1, 100, 100, 1},
		{1, 1, 320, 1, 1},
		{333, 77, 100, 100, 23},
	} {
		m := downscale(t, asJPEG(t, quarters(c.w, c.h)), c.edge)
		if got := m.Bounds().Size(); got != image.Pt(c.wantW, c.wantH) {
			t.Errorf("%d×%d within %d became %v", c.w, c.h, c.edge, got)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, quarters(640, 480)); err != nil {
		t.Fatal(err)
	}
	if got := corners(downscale(t, b.Bytes(), 64)); got != "rgbw" {
		t.Errorf("a PNG's quarters became %s", got)
	}
	b.Reset()
	if err := png.Encode(&b, image.NewNRGBA(image.Rect(0, 0, 40, 40))); err != nil {
		t.Fatal(err)
	}
	if got := corners(downscale(t, b.Bytes(), 20)); got != "wwww" {
		t.Errorf("what is transparent became %s", got)
	}
}

// A phone stores the picture as its sensor lay and says in EXIF how to turn it:
// the small picture is turned, since it no longer says so.
func TestDownscaleTurns(t *testing.T) {
	picture := asJPEG(t, quarters(80, 40))
	for orientation, want := range map[uint16]string{
		0: "rgbw", 1: "rgbw", 2: "grwb", 3: "wbgr", 4: "bwrg", 5: "rbgw", 6: "brwg", 7: "wgbr", 8: "gwrb", 9: "rgbw",
	} {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			m := downscale(t, withEXIF(picture, order, orientation), 40)
			if got := corners(m); got != want {
				t.Errorf("orientation %d (%v): %s, want %s", orientation, order, got, want)
			}
			if tall := m.Bounds().Dy() > m.Bounds().Dx(); tall != (orientation >= 5 && orientation <= 8) {
				t.Errorf("orientation %d is %v", orientation, m.Bounds().Size())
			}
		}
	}
}

// pngHeader claims a size that no pixels follow.
func pngHeader(w, h uint32, depth byte) []byte {
	chunk := append([]byte("IHDR"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)...)
	chunk = append(chunk, depth, 6, 0, 0, 0)
	b := binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n"), uint32(len(chunk)-4))
	return binary.BigEndian.AppendUint32(append(b, chunk...), crc32.ChecksumIEEE(chunk))
}

// jpegHeader claims a size with a frame marker.
func jpegHeader(marker byte, w, h uint16) []byte {
	b := []byte{0xff, 0xd8, 0xff, marker, 0, 17, 8}
	b = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(b, h), w)
	b = append(b, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0)
	return append(b, 0xff, 0xda, 0, 2) // the pixels would begin here
}

// A small file that unpacks to a huge picture is refused before it is unpacked.
func TestDownscaleRefuses(t *testing.T) {
	const sof0, sof2 = 0xc0, 0xc2
	for _, c := range []struct {
		name string
		data []byte
		want errs.Kind
	}{
		{"a PNG of 100 million pixels", pngHeader(10_000, 10_000, 8), errs.TooLarge},
		{"a PNG of one endless line", pngHeader(1<<30, 1, 8), errs.TooLarge},
		{"a PNG of 16 bits a colour", pngHeader(6000, 6000, 16), errs.TooLarge},
		{"a JPEG of the greatest size", jpegHeader(sof0, 65_535, 65_535), errs.TooLarge},
		{"a progressive JPEG of 20 million", jpegHeader(sof2, 5000, 4000), errs.TooLarge},
		{"the same, hidden behind odd bytes", append([]byte{0xff, 0xd8, 0xff, 0xd0, 0x00, 0x00}, jpegHeader(sof2, 5000, 4000)[2:]...), errs.TooLarge},
		{"a plain one of 20 million without pixels", jpegHeader(sof0, 5000, 4000), errs.Invalid},
		{"a PNG without pixels", pngHeader(10, 10, 8), errs.Invalid},
		{"half a photo", asJPEG(t, quarters(400, 400))[:900], errs.Invalid},
		{"a text", []byte("不是图片"), errs.Invalid},
		{"nothing", nil, errs.Invalid},
		{"too many bytes", make([]byte, 32<<20+1), errs.TooLarge},
	} {
		if err := blob.Downscale(io.Discard, bytes.NewReader(c.data), 320); !errs.Is(err, c.want) {
			t.Errorf("%s = %v, want %v", c.name, err, c.want)
		}
	}
}

func FuzzDownscale(f *testing.F) {
	f.Add(withEXIF(asJPEG(f, quarters(20, 10)), binary.LittleEndian, 6))
	f.Add(withEXIF(asJPEG(f, quarters(20, 10)), binary.BigEndian, 3))
	f.Add(pngHeader(10, 10, 8))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00II*\x00\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var b bytes.Buffer
		if err := blob.Downscale(&b, bytes.NewReader(data), 16); err != nil {
			return
		}
		c, err := jpeg.DecodeConfig(&b)
		if err != nil || c.Width > 16 || c.Height > 16 {
			t.Fatalf("%v, %v", c, err)
		}
	})
}

func BenchmarkDownscale12MP(b *testing.B) {
	data := asJPEG(b, quarters(4000, 3000))
	for b.Loop() {
		if err := blob.Downscale(io.Discard, bytes.NewReader(data), 480); err != nil {
			b.Fatal(err)
		}
	}
}
