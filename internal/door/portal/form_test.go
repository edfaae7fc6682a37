package portal

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"strings"
	"testing"
	"unicode/utf8"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/matter"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"  第一行\r\n第二行\r第三行 ":  "第一行\n第二行\n第三行",
		"a\x00b\x07c\x1b[31m": "abc[31m",
		"\xff\xfe坏":           "�坏",
		"反转\u202e文字":          "反转文字",
		"制表\t留着":              "制表\t留着",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFileName(t *testing.T) {
	for in, want := range map[string]string{
		"IMG_1.jpg":                     "IMG_1.jpg",
		`C:\Users\w\照片.jpg`:             "照片.jpg",
		"../../etc/passwd":              "passwd",
		"a\nb.png":                      "a b.png",
		strings.Repeat("长", 100) + ".a": strings.Repeat("长", 78) + ".a",
	} {
		if got := fileName(in); got != want {
			t.Errorf("fileName(%q) = %q, want %q", in, got, want)
		}
	}
}

// Every type of field, with what people type and what must be mended.
func TestRead(t *testing.T) {
	goods := matter.Field{Code: "goods", Type: matter.Choice, Options: []matter.Option{{Code: "fruit"}}}
	for _, c := range []struct {
		field matter.Field
		typed string
		want  any
		mend  string
	}{
		{matter.Field{Type: matter.Text}, "", nil, ""},
		{matter.Field{Type: matter.Text, Required: true}, "", nil, "required"},
		{matter.Field{Type: matter.Rating, Required: true}, "", nil, "choose"},
		{matter.Field{Type: matter.Text, Max: 3}, "四个汉字", nil, "too_long"},
		{matter.Field{Type: matter.Text, Max: 4}, "四个汉字", "四个汉字", ""},
		{matter.Field{Type: matter.Rating}, "5", 5, ""},
		{matter.Field{Type: matter.Rating}, "6", nil, "choose"},
		{matter.Field{Type: matter.Rating}, "1e0", nil, "choose"},
		{goods, "fruit", "fruit", ""},
		{goods, "fish", nil, "choose"},
		{matter.Field{Type: matter.Yes}, "yes", true, ""},
		{matter.Field{Type: matter.Number, Max: 90}, "３０", 30.0, ""},
		{matter.Field{Type: matter.Number, Max: 90}, "91", nil, "figure_max"},
		{matter.Field{Type: matter.Number}, "NaN", nil, "figure"},
		{matter.Field{Type: matter.Number}, "-1", nil, "figure"},
		{matter.Field{Type: matter.Date}, "2026-02-29", nil, "date"},
		{matter.Field{Type: matter.Date}, "2026年2月8日", "2026-02-08", ""},
		{matter.Field{Type: matter.Date}, "２０２６／２／８", "2026-02-08", ""},
		{matter.Field{Code: "phone", Type: matter.Text}, "０７５５－８２０１ ２３４５", "０７５５－８２０１ ２３４５", ""},
		{matter.Field{Code: "phone", Type: matter.Text}, "没有", nil, "phone"},
		{matter.Field{Code: "email", Type: matter.Text}, "ｃｈｅｎ＠mail.example.com", "chen@mail.example.com", ""},
		{matter.Field{Code: "email", Type: matter.Text}, "陈女士 <chen@mail.example.com>", nil, "email"},
	} {
		got, mend, _ := read(c.field, c.typed)
		if got != c.want || mend != c.mend {
			t.Errorf("read(%s, %q) = %v, %q; want %v, %q", c.field.Type, c.typed, got, mend, c.want, c.mend)
		}
	}
}

// keepNothing takes files as the store would, without keeping them.
func keepNothing(_ context.Context, name string, r io.Reader) (File, error) {
	n, err := io.Copy(io.Discard, r)
	if err == nil && n == 0 {
		return File{}, errs.E(errs.Invalid, "blob.empty", nil)
	}
	return File{ID: "x", Name: name, Size: n}, err
}

func TestPartsAreLimited(t *testing.T) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := range maxFiles + 3 {
		p, err := w.CreateFormFile("files", fmt.Sprintf("%d.jpg", i))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(p, "picture")
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := readParts(t.Context(), multipart.NewReader(&b, w.Boundary()), keepNothing)
	if err != nil || len(f.Files) != maxFiles || len(f.Refused) != 3 {
		t.Errorf("%d files, %d refused, %v", len(f.Files), len(f.Refused), err)
	}
	b.Reset()
	w = multipart.NewWriter(&b)
	for range 3 {
		if err := w.WriteField("text", strings.Repeat("x", maxText/2)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err = readParts(t.Context(), multipart.NewReader(&b, w.Boundary()), keepNothing); !errs.Is(err, errs.TooLarge) {
		t.Errorf("texts over the limit: %v", err)
	}
}

// Whatever bytes come, the form is either read within its limits or refused with
// a kind that has a page.
func FuzzReadParts(f *testing.F) {
	f.Add("--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n积水\r\n--b--\r\n")
	f.Add("--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"../a\\b.png\"\r\n\r\n\x89PNG\r\n--b--\r\n")
	f.Add("--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n\xff\x00\u202e")
	f.Fuzz(func(t *testing.T, body string) {
		got, err := readParts(t.Context(), multipart.NewReader(strings.NewReader(body), "b"), keepNothing)
		if err != nil {
			if k := errs.KindOf(err); k != errs.Invalid && k != errs.TooLarge {
				t.Errorf("refused as %v: %v", k, err)
			}
			return
		}
		for _, vs := range got.Values {
			for _, v := range vs {
				if !utf8.ValidString(v) || strings.ContainsAny(v, "\x00\r") {
					t.Errorf("took %q", v)
				}
			}
		}
		for _, x := range got.Files {
			if strings.ContainsAny(x.Name, "/\\\n") && x.Name != "/" {
				t.Errorf("took the name %q", x.Name)
			}
		}
	})
}

// Whatever is typed into a field of whatever type, it becomes a value or a
// sentence that says what to mend.
func FuzzRead(f *testing.F) {
	f.Add("2026年13月41日")
	f.Add("１e309")
	f.Add("+86 138-0013-8000")
	f.Fuzz(func(t *testing.T, typed string) {
		for _, kind := range []matter.FieldType{matter.Text, matter.LongText, matter.Choice, matter.Number, matter.Date, matter.Yes, matter.Rating} {
			for _, code := range []string{"x", "phone"} {
				fields := []matter.Field{{Code: code, Title: "栏", Type: kind, Max: 50}}
				values, problems := readAll(text.Chinese, "file", fields, func(string) string { return clean(typed) })
				if clean(typed) != "" && len(values)+len(problems) != 1 {
					t.Errorf("%s %q gave %v and %v", kind, typed, values, problems)
				}
				for _, p := range problems {
					if strings.Contains(p.Said, "{") || strings.HasPrefix(p.Said, "portal.") {
						t.Errorf("%s %q: %s", kind, typed, p.Said)
					}
				}
			}
		}
	})
}
