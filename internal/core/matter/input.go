package matter

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
)

// Default lengths of texts that declare none, in characters.
const (
	maxText     = 200
	maxLongText = 5000
)

// Sealed reports whether the field's value belongs to the personal part of an
// action: everything that people write freely, and what is declared personal.
func (f *Field) Sealed() bool {
	return f.Personal || f.Type == Text || f.Type == LongText || f.Type == Files
}

// CheckInput returns the values of the declared fields from what was entered,
// in their types: text, whole number, bool, or a list for files. What was left
// out is absent. Errors: Invalid, at the field.
func CheckInput(fields []Field, in map[string]any) (map[string]any, error) {
	out := make(map[string]any, len(in))
	known := make(map[string]bool, len(fields))
	for i := range fields {
		f := &fields[i]
		known[f.Code] = true
		v, err := f.check(in[f.Code])
		if err != nil {
			return nil, err
		}
		if v != nil {
			out[f.Code] = v
		} else if f.Required && len(f.Matters) == 0 {
			return nil, errs.E(errs.Invalid, "matter.required", errs.Args{"field": f.Title}).At(f.Code)
		}
	}
	for name := range in {
		if !known[name] {
			return nil, errs.E(errs.Invalid, "matter.unknown_field", errs.Args{"field": name}).At(name)
		}
	}
	return out, nil
}

// Zero returns the value an expression sees for a field that was left out.
func (f *Field) Zero() any {
	switch f.Type {
	case Number, Rating:
		return int64(0)
	case Yes:
		return false
	case Files:
		return []any{}
	}
	return ""
}

func (f *Field) check(v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	switch f.Type {
	case Number, Rating:
		return f.checkNumber(v)
	case Yes:
		return f.checkYes(v)
	case Files:
		list, ok := v.([]any)
		if ids, texts := v.([]string); texts {
			for _, id := range ids {
				list = append(list, id)
			}
			ok = true
		}
		if !ok {
			return nil, f.wrong()
		}
		if len(list) == 0 {
			return nil, nil
		}
		return list, nil
	}
	s, ok := v.(string)
	if !ok {
		return nil, f.wrong()
	}
	return f.checkText(s)
}

func (f *Field) checkText(s string) (any, error) {
	if f.Type != LongText {
		s = strings.TrimSpace(s)
	}
	if strings.TrimSpace(s) == "" {
		return nil, nil
	}
	if strings.ContainsRune(s, 0) || !utf8.ValidString(s) {
		return nil, errs.E(errs.Invalid, "matter.bad_text", errs.Args{"field": f.Title}).At(f.Code)
	}
	limit := f.Max
	if limit == 0 {
		limit = maxText
		if f.Type == LongText {
			limit = maxLongText
		}
	}
	if n := utf8.RuneCountInString(s); n > limit {
		return nil, errs.E(errs.Invalid, "matter.too_long", errs.Args{"field": f.Title, "max": limit, "length": n}).At(f.Code)
	}
	switch f.Type {
	case Choice, AreaRef:
		if f.Option(s) == nil {
			return nil, errs.E(errs.Invalid, "matter.no_option", errs.Args{"field": f.Title}).At(f.Code)
		}
	case Date:
		if _, err := time.Parse("2006-01-02", s); err != nil {
			return nil, errs.E(errs.Invalid, "matter.bad_date", errs.Args{"field": f.Title}).At(f.Code)
		}
	}
	return s, nil
}

func (f *Field) checkNumber(v any) (any, error) {
	var n int64
	switch x := v.(type) {
	case float64:
		n = int64(x)
		if float64(n) != x {
			return nil, f.wrong()
		}
	case int:
		n = int64(x)
	case int64:
		n = x
	case string:
		if strings.TrimSpace(x) == "" {
			return nil, nil
		}
		var err error
		if n, err = strconv.ParseInt(strings.TrimSpace(x), 10, 64); err != nil {
			return nil, f.wrong()
		}
	default:
		return nil, f.wrong()
	}
	low, high := int64(0), int64(f.Max)
	if f.Type == Rating {
		low, high = 1, 5
	} else if f.Required {
		low = 1
	}
	if n < low || (high > 0 && n > high) {
		return nil, errs.E(errs.Invalid, "matter.out_of_range", errs.Args{"field": f.Title, "low": low, "high": high}).At(f.Code)
	}
	return n, nil
}

func (f *Field) checkYes(v any) (any, error) {
	switch x := v.(type) {
	case bool:
		return x, nil
	case string:
		switch x {
		case "", "no", "false", "0":
			return false, nil
		case "yes", "true", "1", "on":
			return true, nil
		}
	}
	return nil, f.wrong()
}

// Option returns the option with a code, nil if there is none.
func (f *Field) Option(code string) *Option {
	for i := range f.Options {
		if f.Options[i].Code == code {
			return &f.Options[i]
		}
	}
	return nil
}

// Show returns a value as people read it: the title of an option, the number.
func (f *Field) Show(v any) string {
	if s, ok := v.(string); ok && (f.Type == Choice || f.Type == AreaRef) {
		if o := f.Option(s); o != nil {
			return o.Title
		}
	}
	if yes, ok := v.(bool); ok {
		return text.Say(text.Chinese, map[bool]string{true: "register.yes", false: "register.no"}[yes], nil)
	}
	if x, ok := v.(float64); ok && x == float64(int64(x)) {
		return strconv.FormatInt(int64(x), 10)
	}
	return fmt.Sprint(v)
}

func (f *Field) wrong() error {
	return errs.E(errs.Invalid, "matter.wrong_type", errs.Args{"field": f.Title}).At(f.Code)
}
