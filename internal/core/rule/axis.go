package rule

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
)

// absent is the place on an axis of a value that is not there.
const absent = math.MinInt64

// farthest bounds what an axis can hold; beyond it sums would overflow.
const farthest = int64(1) << 53

// otherText is the place of a text that the table never names.
const otherText = 0

// axis lays the values of a fact on whole numbers: a number by its smallest part, a
// date by its day, an option or a text by its place in the list. Tests then are sets
// of intervals, whatever the type, and all that is computed of them is exact.
type axis struct {
	code, title, kind, unit string
	places                  int
	optional                bool
	least, most             int64 // ends of what can be, both included
	options                 []Option
	texts                   []string // texts by place; the first stands for all others
	textAt                  map[string]int64
}

func newAxis(code, title, kind, unit string, places int, options []Option) *axis {
	a := &axis{code: code, title: title, kind: kind, unit: unit, places: places, options: options, least: -farthest, most: farthest}
	switch kind {
	case typeYesNo:
		a.least, a.most = 0, 1
	case typeChoice:
		a.least, a.most = 0, int64(len(options))-1
	case typeText:
		a.texts, a.textAt, a.least, a.most = []string{""}, map[string]int64{}, 0, 0
	}
	return a
}

// learn gives a text a place of its own.
func (a *axis) learn(s string) int64 {
	if at, ok := a.textAt[s]; ok {
		return at
	}
	at := int64(len(a.texts))
	a.texts, a.textAt[s], a.most = append(a.texts, s), at, at
	return at
}

// parse reads a value as it is written in a declaration.
func (a *axis) parse(s string) (int64, error) {
	s = strings.TrimSpace(s)
	switch a.kind {
	case typeNumber:
		return parseDecimal(s, a.places)
	case typeDate:
		t, err := time.Parse(time.DateOnly, s)
		if err != nil {
			return 0, errs.E(errs.Invalid, "rule.bad_day", errs.Args{"value": clip(s)})
		}
		return dayOf(t), nil
	case typeYesNo:
		switch s {
		case "yes", "true", "是":
			return 1, nil
		case "no", "false", "否":
			return 0, nil
		}
		return 0, errs.E(errs.Invalid, "rule.bad_yesno", errs.Args{"value": clip(s)})
	case typeChoice:
		for i, o := range a.options {
			if o.Code == s || o.Title == s {
				return int64(i), nil
			}
		}
		return 0, errs.E(errs.Invalid, "rule.bad_option", errs.Args{"value": clip(s), "known": a.optionCodes()})
	}
	if at, ok := a.textAt[s]; ok {
		return at, nil
	}
	return otherText, nil
}

func (a *axis) optionCodes() string {
	codes := make([]string, len(a.options))
	for i, o := range a.options {
		codes[i] = o.Code
	}
	return strings.Join(codes, ", ")
}

// place returns where a Go value lies: a string as parse reads it, a whole number or
// a float of a number, a bool, a time of a date; nil is absent.
func (a *axis) place(v any) (int64, error) {
	at := int64(absent)
	var err error
	switch v := v.(type) {
	case nil:
		return absent, nil
	case string:
		if v == "" && a.kind != typeText {
			return absent, nil
		}
		at, err = a.parse(v)
	case int:
		at, err = a.whole(int64(v))
	case int64:
		at, err = a.whole(v)
	case float64:
		at, err = parseDecimal(strconv.FormatFloat(v, 'f', -1, 64), a.places)
		if a.kind != typeNumber {
			err = a.misfit(v)
		}
	case bool:
		if a.kind != typeYesNo {
			return absent, a.misfit(v)
		}
		if at = 0; v {
			at = 1
		}
	case placed:
		at, err = v.on(a)
	case time.Time:
		if a.kind != typeDate {
			return absent, a.misfit(v)
		}
		at = dayOf(v.In(text.CST))
	default:
		return absent, a.misfit(v)
	}
	if err == nil && (at < a.least || at > a.most) {
		err = errs.E(errs.Invalid, "rule.out_of_range", errs.Args{"fact": a.title, "value": clip(fmt.Sprint(v)), "least": a.plain(a.least), "most": a.plain(a.most)})
	}
	if err != nil {
		return absent, err
	}
	return at, nil
}

func (a *axis) whole(v int64) (int64, error) {
	if a.kind != typeNumber {
		return 0, a.misfit(v)
	}
	for range a.places {
		if v > farthest || v < -farthest {
			return 0, a.misfit(v)
		}
		v *= 10
	}
	return v, nil
}

func (a *axis) misfit(v any) error {
	return errs.E(errs.Invalid, "rule.misfit", errs.Args{"fact": a.title, "value": clip(fmt.Sprint(v)), "type": a.kind})
}

// value returns what lies at a place as a Go value: int64 or float64, bool, or a
// string (a date as 2026-01-01, an option by its code); nil for absent.
func (a *axis) value(at int64) any {
	switch {
	case at == absent:
		return nil
	case a.kind == typeYesNo:
		return at == 1
	case a.kind == typeNumber && a.places == 0:
		return at
	case a.kind == typeNumber:
		f, err := strconv.ParseFloat(a.plain(at), 64)
		if err != nil {
			return nil // plain writes digits only
		}
		return f
	}
	return a.plain(at)
}

// plain writes what lies at a place as a declaration does.
func (a *axis) plain(at int64) string {
	switch {
	case at == absent:
		return ""
	case a.kind == typeNumber:
		return formatDecimal(at, a.places)
	case a.kind == typeDate:
		return timeOf(at).Format(time.DateOnly)
	case a.kind == typeYesNo:
		return [...]string{"no", "yes"}[at&1]
	case a.kind == typeChoice && at >= 0 && at < int64(len(a.options)):
		return a.options[at].Code
	case a.kind == typeText && at >= 0 && at < int64(len(a.texts)):
		return a.texts[at]
	}
	return ""
}

// dayOf counts the days since 1970 on the calendar that the time's zone shows.
func dayOf(t time.Time) int64 {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400
}

func timeOf(day int64) time.Time { return time.Unix(day*86400, 0).UTC() }

// parseDecimal reads a decimal exactly, as a count of its smallest part.
func parseDecimal(s string, places int) (int64, error) {
	wrong := errs.E(errs.Invalid, "rule.bad_number", errs.Args{"value": clip(s), "places": places})
	neg := strings.HasPrefix(s, "-")
	whole, frac, dotted := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	if dotted {
		frac = strings.TrimRight(frac, "0")
	}
	if whole == "" || len(frac) > places || len(whole) > 16 {
		return 0, wrong
	}
	n, err := strconv.ParseUint(whole+frac+strings.Repeat("0", places-len(frac)), 10, 63)
	if err != nil || int64(n) > farthest {
		return 0, wrong
	}
	if neg {
		return -int64(n), nil
	}
	return int64(n), nil
}

func formatDecimal(n int64, places int) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	s := strconv.FormatInt(n, 10)
	if places == 0 {
		return sign + s
	}
	if len(s) <= places {
		s = strings.Repeat("0", places-len(s)+1) + s
	}
	frac := strings.TrimRight(s[len(s)-places:], "0")
	if frac == "" {
		return sign + s[:len(s)-places]
	}
	return sign + s[:len(s)-places] + "." + frac
}

// clip shortens a value that a sentence quotes.
func clip(s string) string {
	if rs := []rune(s); len(rs) > 60 {
		return string(rs[:60]) + "…"
	}
	return s
}
