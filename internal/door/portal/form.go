package portal

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"yiwang/internal/base/errs"
)

// Limits of one form.
const (
	maxText  = 1 << 20  // bytes of all texts together
	maxBody  = 96 << 20 // bytes of the whole request, photos straight from a camera
	maxParts = 400
	maxFiles = 9 // files of one draft or one act
)

// form is what a person sent: cleaned texts, and files that were already
// inspected and kept.
type form struct {
	url.Values
	Files   []File
	Refused []refusal         // files that were not taken
	Of      map[string][]File // the files by the field that they came with
}

// refusal says which file was not taken, and why.
type refusal struct {
	Name string
	Err  error
}

type keeper func(ctx context.Context, name string, r io.Reader) (File, error)

// readForm reads a form of either encoding. Files go straight to the store, so
// that nothing personal lies about in temporary files.
func (s *Site) readForm(v *visit) (*form, error) {
	kind, params, err := mime.ParseMediaType(v.r.Header.Get("Content-Type"))
	if err != nil {
		return nil, errs.E(errs.Invalid, "portal.form_unreadable", nil).Because(err)
	}
	if kind == "multipart/form-data" {
		body := http.MaxBytesReader(v.w, v.r.Body, maxBody)
		return readParts(v.ctx(), multipart.NewReader(body, params["boundary"]), v.keep)
	}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxText)
	if err := v.r.ParseForm(); err != nil {
		return nil, formError(err)
	}
	f := &form{Values: url.Values{}}
	for k, vs := range v.r.PostForm {
		for _, x := range vs {
			f.Add(k, clean(x))
		}
	}
	return f, nil
}

// keep hands a file to the office, unless this address sends too many.
func (v *visit) keep(ctx context.Context, name string, r io.Reader) (File, error) {
	if err := v.slow(v.site.limits.upload, v.site.address(v.r)); err != nil {
		return File{}, err
	}
	return v.site.office.Keep(ctx, name, r)
}

func readParts(ctx context.Context, mr *multipart.Reader, keep keeper) (*form, error) {
	f := &form{Values: url.Values{}, Of: map[string][]File{}}
	left := int64(maxText)
	for parts := 0; ; parts++ {
		p, err := mr.NextPart()
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err != nil {
			return nil, formError(err)
		}
		if parts >= maxParts {
			return nil, errs.E(errs.TooLarge, "portal.form_too_large", nil)
		}
		if p.FileName() != "" {
			if err := f.takeFile(ctx, p, keep); err != nil {
				return nil, err
			}
			continue
		}
		b, err := io.ReadAll(io.LimitReader(p, left+1))
		if err != nil {
			return nil, formError(err)
		}
		if left -= int64(len(b)); left < 0 {
			return nil, errs.E(errs.TooLarge, "portal.form_too_large", nil)
		}
		if p.FormName() != "" {
			f.Add(p.FormName(), clean(string(b)))
		}
	}
}

// takeFile keeps one file. One that is not taken is noted; the rest goes in.
func (f *form) takeFile(ctx context.Context, p *multipart.Part, keep keeper) error {
	name := fileName(p.FileName())
	if len(f.Files) >= maxFiles {
		f.Refused = append(f.Refused, refusal{name, errs.E(errs.TooLarge, "portal.files_too_many", errs.Args{"max": maxFiles})})
		_, err := io.Copy(io.Discard, p)
		return formError(err)
	}
	kept, err := keep(ctx, name, p)
	switch {
	case err == nil:
		f.Files = append(f.Files, kept)
		f.Of[p.FormName()] = append(f.Of[p.FormName()], kept)
		return nil
	case isTooLong(err):
		return formError(err)
	case errs.Is(err, errs.Invalid) || errs.Is(err, errs.TooLarge) || errs.Is(err, errs.TooMany):
		f.Refused = append(f.Refused, refusal{name, err})
		_, err := io.Copy(io.Discard, p)
		return formError(err)
	}
	return err
}

func isTooLong(err error) bool {
	_, ok := errors.AsType[*http.MaxBytesError](err)
	return ok
}

// formError gives a failure of reading the request its kind.
func formError(err error) error {
	switch {
	case err == nil:
		return nil
	case isTooLong(err):
		return errs.E(errs.TooLarge, "portal.form_too_large", nil).Because(err)
	}
	return errs.E(errs.Invalid, "portal.form_unreadable", nil).Because(err)
}

// clean makes a typed text safe to store: valid UTF-8, line ends as \n, no
// control characters, no spaces around it.
func clean(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "�")
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r':
			return '\n'
		case unicode.IsControl(r) || r == '\u202e' || r == '\u2066' || r == '\u2067' || r == '\u2068':
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// fileName keeps the last part of a file's name, shortened.
func fileName(s string) string {
	s = strings.ReplaceAll(clean(path.Base(strings.ReplaceAll(s, "\\", "/"))), "\n", " ")
	if r := []rune(s); len(r) > 80 {
		s = string(r[len(r)-80:])
	}
	return s
}
