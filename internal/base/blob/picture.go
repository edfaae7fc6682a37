package blob

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"

	"yiwang/internal/base/errs"
)

const (
	// mostPictureBytes bounds the encoded picture.
	mostPictureBytes = 32 << 20
	// mostMemory bounds what decoding takes: a photo of 60 million pixels, but
	// of a progressive one, whose coefficients are all held, a fifth of that.
	mostMemory  = 192 << 20
	mostSide    = 1<<16 - 1 // as in JPEG
	jpegQuality = 82
)

// Downscale reads a JPEG or PNG picture and writes it as JPEG, upright, no side
// longer than edge pixels and never larger than it was. Only the pixels are
// carried over: no place, time or device of the original (EXIF). It fails with
// Invalid if r is not such a picture and with TooLarge if decoding would take
// more than 192 MB.
func Downscale(w io.Writer, r io.Reader, edge int) (err error) {
	defer errs.Wrap(&err, "blob.Downscale")
	data, err := io.ReadAll(io.LimitReader(r, mostPictureBytes+1))
	if err != nil {
		return err
	}
	if len(data) > mostPictureBytes {
		return errs.E(errs.TooLarge, "blob.picture_too_large", nil)
	}
	picture, facing, err := decode(data)
	if err != nil {
		return err
	}
	small := shrink(picture, max(edge, 1))
	return jpeg.Encode(w, turn(small, facing), &jpeg.Options{Quality: jpegQuality})
}

// decode returns the picture and its EXIF orientation, after it has made sure
// that decoding stays within bounds.
func decode(data []byte) (image.Image, int, error) {
	unreadable := errs.E(errs.Invalid, "blob.picture_unreadable", nil)
	config, unpack := jpeg.DecodeConfig, jpeg.Decode
	meta := jpegMeta{orientation: upright}
	switch kindOf(data[:min(len(data), headSize)]) {
	case JPEG:
		meta = readJPEGMeta(data)
	case PNG:
		config, unpack = png.DecodeConfig, png.Decode
	default:
		return nil, 0, unreadable
	}
	c, err := config(bytes.NewReader(data))
	if err != nil {
		return nil, 0, unreadable.Because(err)
	}
	if c.Width <= 0 || c.Height <= 0 {
		return nil, 0, unreadable
	}
	if c.Width > mostSide || c.Height > mostSide ||
		int64(c.Width) > mostMemory/int64(c.Height)/bytesPerPixel(c.ColorModel, meta) {
		return nil, 0, errs.E(errs.TooLarge, "blob.picture_too_large", nil)
	}
	picture, err := unpack(bytes.NewReader(data))
	if err != nil {
		return nil, 0, unreadable.Because(err)
	}
	return picture, meta.orientation, nil
}

// bytesPerPixel is an upper bound of what decoding one pixel takes.
func bytesPerPixel(model color.Model, meta jpegMeta) int64 {
	switch {
	case meta.progressive && model == color.CMYKModel:
		return 20
	case meta.progressive:
		return 15 // three components of a byte, and their coefficients of four
	case model == color.RGBA64Model, model == color.NRGBA64Model:
		return 8
	case model == color.YCbCrModel:
		return 3
	}
	return 4
}

// shrink averages the source pixels under each pixel of the result, on white. A
// strip of the source is converted at a time, never the whole.
func shrink(src image.Image, edge int) *image.RGBA {
	b := src.Bounds()
	w, h := fit(b.Dx(), b.Dy(), edge)
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	strip := image.NewRGBA(image.Rect(0, 0, b.Dx(), (b.Dy()+h-1)/h))
	for y := range h {
		top, bottom := y*b.Dy()/h, (y+1)*b.Dy()/h
		part := strip.SubImage(image.Rect(0, 0, b.Dx(), bottom-top)).(*image.RGBA)
		draw.Draw(part, part.Bounds(), image.White, image.Point{}, draw.Src)
		draw.Draw(part, part.Bounds(), src, b.Min.Add(image.Pt(0, top)), draw.Over)
		row := dst.Pix[y*dst.Stride:]
		for x := range w {
			average(row[4*x:], part, x*b.Dx()/w, (x+1)*b.Dx()/w)
		}
	}
	return dst
}

// average writes the mean colour of the columns from left to right into p.
func average(p []byte, part *image.RGBA, left, right int) {
	var r, g, b, n uint64
	for y := range part.Rect.Dy() {
		pix := part.Pix[y*part.Stride+4*left : y*part.Stride+4*right]
		for i := 0; i+3 < len(pix); i += 4 {
			r, g, b, n = r+uint64(pix[i]), g+uint64(pix[i+1]), b+uint64(pix[i+2]), n+1
		}
	}
	p[0], p[1], p[2], p[3] = byte(r/n), byte(g/n), byte(b/n), 0xff
}

// fit returns the size within edge that keeps the proportions.
func fit(w, h, edge int) (int, int) {
	longest := max(w, h)
	if longest <= edge {
		return w, h
	}
	return max(1, w*edge/longest), max(1, h*edge/longest)
}

// upright is the EXIF orientation that needs no turning.
const upright = 1

// turn applies an EXIF orientation, 1 to 8: odd pairs mirror, the upper four
// swap the axes.
func turn(src *image.RGBA, orientation int) *image.RGBA {
	if orientation == upright {
		return src
	}
	w, h := src.Rect.Dx(), src.Rect.Dy()
	dw, dh := w, h
	if orientation >= 5 {
		dw, dh = h, w
	}
	dst := image.NewRGBA(image.Rect(0, 0, dw, dh))
	for y := range h {
		for x := range w {
			dx, dy := x, y
			switch orientation {
			case 2:
				dx = w - 1 - x
			case 3:
				dx, dy = w-1-x, h-1-y
			case 4:
				dy = h - 1 - y
			case 5:
				dx, dy = y, x
			case 6:
				dx, dy = h-1-y, x
			case 7:
				dx, dy = h-1-y, w-1-x
			case 8:
				dx, dy = y, w-1-x
			}
			copy(dst.Pix[dst.PixOffset(dx, dy):], src.Pix[src.PixOffset(x, y):][:4])
		}
	}
	return dst
}

// jpegMeta is what a JPEG file says before its pixels.
type jpegMeta struct {
	orientation int // 1 to 8
	progressive bool
}

// readJPEGMeta walks the segments before the pixels. What it does not
// understand it takes for an upright picture, and for a progressive one, which
// costs more: the decoder is more patient with odd files than this walk.
func readJPEGMeta(data []byte) jpegMeta {
	const sof0, sof1, eoi, sos, app1 = 0xc0, 0xc1, 0xd9, 0xda, 0xe1
	m := jpegMeta{orientation: upright, progressive: true}
	for at := 2; at+4 <= len(data) && data[at] == 0xff; {
		marker := data[at+1]
		if marker == 0xff { // fill
			at++
			continue
		}
		if marker == sos || marker == eoi {
			break
		}
		length := int(binary.BigEndian.Uint16(data[at+2:]))
		if length < 2 || at+2+length > len(data) {
			break
		}
		segment := data[at+4 : at+2+length]
		switch marker {
		case sof0, sof1:
			m.progressive = false
		case app1:
			if o := exifOrientation(segment); o != 0 {
				m.orientation = o
			}
		}
		at += 2 + length
	}
	return m
}

// exifOrientation finds tag 0x0112 in the first directory of an EXIF segment
// and returns its value, 0 if there is none between 1 and 8.
func exifOrientation(segment []byte) int {
	tiff, ok := bytes.CutPrefix(segment, []byte("Exif\x00\x00"))
	if !ok || len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 0
	}
	start := int64(order.Uint32(tiff[4:]))
	if start+2 > int64(len(tiff)) {
		return 0
	}
	entries := tiff[start+2:]
	for range order.Uint16(tiff[start:]) {
		if len(entries) < 12 {
			return 0
		}
		if order.Uint16(entries) == 0x0112 {
			if o := int(order.Uint16(entries[8:])); o >= 1 && o <= 8 {
				return o
			}
			return 0
		}
		entries = entries[12:]
	}
	return 0
}
