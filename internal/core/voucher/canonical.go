package voucher

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"yiwang/internal/base/errs"
)

// mostInteger is the greatest integer that every JSON reader keeps exact.
const mostInteger = 1<<53 - 1

// mostDepth bounds lists and maps within each other.
const mostDepth = 16

// canonical returns the one JSON text of a value: RFC 8785, with numbers being
// integers. Fractions are refused, since two programs seldom print them alike:
// money is in cents, degrees are in text.
func canonical(value any) ([]byte, error) { return appendValue(nil, value, 0) }

func appendValue(b []byte, value any, depth int) ([]byte, error) {
	if depth > mostDepth {
		return nil, errs.E(errs.Invalid, "voucher.value_wrong", nil).At("fields")
	}
	switch v := value.(type) {
	case nil:
		return append(b, "null"...), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case string:
		return appendString(b, v)
	case int:
		return appendInteger(b, int64(v))
	case int64:
		return appendInteger(b, v)
	case json.Number:
		n, err := strconv.ParseInt(string(v), 10, 64)
		if err != nil {
			return nil, errs.E(errs.Invalid, "voucher.value_wrong", nil).At("fields").Because(err)
		}
		return appendInteger(b, n)
	case []string:
		list := make([]any, len(v))
		for i, s := range v {
			list[i] = s
		}
		return appendList(b, list, depth)
	case []any:
		return appendList(b, v, depth)
	case map[string]any:
		return appendMap(b, v, depth)
	}
	return nil, errs.E(errs.Invalid, "voucher.value_wrong", nil).At("fields").Because(fmt.Errorf("a %T", value))
}

func appendInteger(b []byte, n int64) ([]byte, error) {
	if n > mostInteger || n < -mostInteger {
		return nil, errs.E(errs.Invalid, "voucher.value_wrong", nil).At("fields")
	}
	return strconv.AppendInt(b, n, 10), nil
}

func appendList(b []byte, list []any, depth int) (_ []byte, err error) {
	b = append(b, '[')
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendValue(b, v, depth+1); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

func appendMap(b []byte, m map[string]any, depth int) (_ []byte, err error) {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	// The RFC sorts by UTF-16 units, not by bytes.
	slices.SortFunc(names, func(x, y string) int {
		return slices.Compare(utf16.Encode([]rune(x)), utf16.Encode([]rune(y)))
	})
	b = append(b, '{')
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendString(b, name); err != nil {
			return nil, err
		}
		b = append(b, ':')
		if b, err = appendValue(b, m[name], depth+1); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

func appendString(b []byte, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return nil, errs.E(errs.Invalid, "voucher.value_wrong", nil).At("fields")
	}
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\b':
			b = append(b, '\\', 'b')
		case '\t':
			b = append(b, '\\', 't')
		case '\n':
			b = append(b, '\\', 'n')
		case '\f':
			b = append(b, '\\', 'f')
		case '\r':
			b = append(b, '\\', 'r')
		default:
			if c < 0x20 {
				b = fmt.Appendf(b, `\u%04x`, c)
			} else {
				b = append(b, c)
			}
		}
	}
	return append(b, '"'), nil
}
