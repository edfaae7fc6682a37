package blob

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"net/http"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"yiwang/internal/base/errs"
)

// The types the store knows. A type is found in the content; what a browser or
// a file name says is not asked.
const (
	JPEG = "image/jpeg"
	PNG  = "image/png"
	WebP = "image/webp"
	GIF  = "image/gif"
	HEIC = "image/heic"
	PDF  = "application/pdf"
	DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	Text = "text/plain; charset=utf-8"
)

// Pictures are the types that are pictures.
func Pictures() []string { return []string{JPEG, PNG, WebP, GIF, HEIC} }

const (
	headSize = 512
	// tailSize holds the directory of an office file of several thousand parts.
	tailSize = 512 << 10
	// mostParts and mostUnpacked bound an office file for whoever unpacks it.
	mostParts    = 10_000
	mostUnpacked = 1 << 30

	zipped = "zip" // an office file, if its directory says so
)

// inspector looks at content as it streams by. Its first 512 bytes say what it
// may be; text is followed to its end, and of an office file the end is kept,
// where its directory is. Write fails as soon as the content is refused.
type inspector struct {
	allowed []string
	head    []byte
	kind    string // what the head says; "" until it is complete
	size    int64
	tail    []byte
	rest    []byte // the beginning of a character that Write broke off
}

func refused() error { return errs.E(errs.Invalid, "blob.type_refused", nil) }

func (x *inspector) Write(p []byte) (int, error) {
	x.size += int64(len(p))
	if x.kind == "" {
		x.head = append(x.head, p...)
		if len(x.head) < headSize {
			return len(p), nil
		}
		if err := x.begin(); err != nil {
			return 0, err
		}
		return len(p), x.follow(x.head)
	}
	return len(p), x.follow(p)
}

// begin decides by the head what the content may be.
func (x *inspector) begin() error {
	x.kind = kindOf(x.head)
	if x.kind == "" || x.kind != zipped && !x.allows(x.kind) {
		return refused()
	}
	return nil
}

func (x *inspector) allows(kind string) bool {
	return len(x.allowed) == 0 || slices.Contains(x.allowed, kind)
}

func (x *inspector) follow(p []byte) error {
	switch x.kind {
	case Text:
		return x.followText(p)
	case zipped:
		if x.tail = append(x.tail, p...); len(x.tail) > 2*tailSize {
			x.tail = append(x.tail[:0], x.tail[len(x.tail)-tailSize:]...)
		}
	}
	return nil
}

func (x *inspector) followText(p []byte) error {
	p = append(x.rest, p...)
	for len(p) > 0 {
		r, n := utf8.DecodeRune(p)
		if r == utf8.RuneError && n <= 1 {
			if utf8.FullRune(p) {
				return refused()
			}
			break
		}
		if r == 0x7f || r < ' ' && !strings.ContainsRune("\t\n\f\r", r) {
			return refused()
		}
		p = p[n:]
	}
	x.rest = bytes.Clone(p)
	return nil
}

// finish returns the type of what has streamed by.
func (x *inspector) finish() (string, error) {
	if x.size == 0 {
		return "", errs.E(errs.Invalid, "blob.empty", nil)
	}
	if x.kind == "" { // shorter than a head
		if err := errors.Join(x.begin(), x.follow(x.head)); err != nil {
			return "", refused()
		}
	}
	if len(x.rest) > 0 {
		return "", refused()
	}
	if x.kind == zipped {
		x.kind = officeKind(x.tail, x.size)
	}
	if x.kind == "" || !x.allows(x.kind) {
		return "", refused()
	}
	return x.kind, nil
}

// kindOf returns what content with this head may be, "" if nothing the store
// knows.
func kindOf(head []byte) string {
	has := func(at int, s string) bool {
		return len(head) >= at+len(s) && string(head[at:at+len(s)]) == s
	}
	switch {
	case has(0, "\xff\xd8\xff"):
		return JPEG
	case has(0, "\x89PNG\r\n\x1a\n") && has(12, "IHDR"):
		return PNG
	case has(0, "GIF87a"), has(0, "GIF89a"):
		return GIF
	case has(0, "RIFF") && has(8, "WEBPVP8"):
		return WebP
	case has(4, "ftyp") && isHEIC(head):
		return HEIC
	case has(0, "%PDF-"):
		return PDF
	case has(0, "PK\x03\x04"):
		return zipped
	case isText(head):
		return Text
	}
	return ""
}

// isHEIC reads the brands of ISO/IEC 23008-12 in a file type box: its own brand
// or, for the general image brands, one of those it is compatible with.
func isHEIC(head []byte) bool {
	size := int(binary.BigEndian.Uint32(head)) // of the box, which kindOf saw
	if size < 16 || size > len(head) {
		return false
	}
	brands := string(head[8:12])
	if brands == "mif1" || brands == "msf1" {
		brands = string(head[16:size])
	}
	for ; len(brands) >= 4; brands = brands[4:] {
		switch brands[:4] {
		case "heic", "heix", "heim", "heis":
			return true
		}
	}
	return false
}

// isText reports whether a browser would take head for plain text. What it
// could take for a page is refused, even where it claims to be text.
func isText(head []byte) bool {
	trimmed := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n\f"))
	for _, page := range []string{"<svg", "<!", "<?", "<html", "<script"} {
		if bytes.HasPrefix(trimmed, []byte(page)) {
			return false
		}
	}
	return strings.HasPrefix(http.DetectContentType(head), "text/plain")
}

// officeKind reads the directory at the end of a zip file of the given size and
// returns DOCX, XLSX, or "" for anything else, macros among it.
func officeKind(tail []byte, size int64) string {
	z, err := zip.NewReader(tailReader{bytes.NewReader(tail), size - int64(len(tail))}, size)
	if err != nil || len(z.File) > mostParts {
		return ""
	}
	kind, typed, unpacked := "", false, uint64(0)
	for _, f := range z.File {
		name := strings.ToLower(f.Name)
		unpacked += min(f.UncompressedSize64, mostUnpacked+1)
		if unpacked > mostUnpacked || path.Base(name) == "vbaproject.bin" || strings.Contains(name, "/activex/") {
			return ""
		}
		switch f.Name {
		case "[Content_Types].xml":
			typed = true
		case "word/document.xml":
			kind += DOCX
		case "xl/workbook.xml":
			kind += XLSX
		}
	}
	if !typed || kind != DOCX && kind != XLSX { // both at once is a trick
		return ""
	}
	return kind
}

// tailReader reads a file of which only the end is at hand.
type tailReader struct {
	tail *bytes.Reader
	from int64
}

func (t tailReader) ReadAt(p []byte, off int64) (int, error) {
	if off < t.from {
		return 0, errors.New("blob: the directory is larger than what was kept")
	}
	return t.tail.ReadAt(p, off-t.from)
}
