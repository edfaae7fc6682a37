package mail

import (
	"encoding/base64"
	"io"
	"mime/quotedprintable"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// decode turns bytes of a charset into text. What is said of the charset is not
// always true: text that is UTF-8 is taken as such, and everything that calls
// itself a part of GB 18030, or does not say what it is, is read as the whole.
func decode(charset string, b []byte) string {
	charset = strings.ToLower(strings.Trim(charset, `"' `))
	chinese := strings.HasPrefix(charset, "gb") || charset == "x-gbk" || charset == "cp936" || charset == "936"
	if !chinese && charset != "" {
		if e, err := htmlindex.Get(charset); err == nil && charset != "utf-8" && charset != "us-ascii" && charset != "ascii" {
			if out, err := e.NewDecoder().Bytes(b); err == nil {
				return clean(string(out))
			}
		}
	}
	if utf8.Valid(b) {
		return clean(string(b))
	}
	out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(b)
	if err != nil {
		out = b
	}
	return clean(string(out))
}

// clean leaves what a person can read: no control characters but line ends, no
// broken characters.
func clean(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u00a0", " ").Replace(strings.ToValidUTF8(s, "\ufffd"))
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r < ' ', r >= 0x7f && r < 0xa0, r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff:
			return -1
		}
		return r
	}, s)
}

// word is an encoded word of RFC 2047: charset, encoding, text.
var word = regexp.MustCompile(`=\?([^?\s]+)\?([bBqQ])\?([^?]*)\?=`)

// header decodes the encoded words of a header field. Words of one charset that
// follow each other are put together first: some mailers cut a character in two.
func header(s string) string {
	var out strings.Builder
	var charset string
	var held []byte
	flush := func() {
		if len(held) > 0 {
			out.WriteString(decode(charset, held))
			held = nil
		}
	}
	last := 0
	for _, m := range word.FindAllStringSubmatchIndex(s, -1) {
		between := s[last:m[0]]
		set := s[m[2]:m[3]]
		set, _, _ = strings.Cut(set, "*") // the language, after RFC 2231
		if last == 0 || strings.TrimSpace(between) != "" || !strings.EqualFold(set, charset) {
			flush()
		}
		if last == 0 || strings.TrimSpace(between) != "" {
			out.WriteString(decode("", []byte(between)))
		}
		charset = set
		held = append(held, wordBytes(s[m[4]:m[5]], s[m[6]:m[7]])...)
		last = m[1]
	}
	flush()
	out.WriteString(decode("", []byte(s[last:])))
	return strings.Join(strings.Fields(out.String()), " ")
}

// wordBytes returns the bytes of an encoded word; what is broken is left as it is.
func wordBytes(encoding, s string) []byte {
	if strings.EqualFold(encoding, "b") {
		b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
		if err != nil {
			return []byte(s)
		}
		return b
	}
	b, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(strings.ReplaceAll(s, "_", " "))))
	if err != nil {
		return []byte(s)
	}
	return b
}
