package register

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/idnumber"
	"yiwang/internal/base/text"
)

// maxValue is the most characters of a text.
const maxValue = 500

// maxAreaCode is the most digits of the code of an area or grid.
const maxAreaCode = 20

// Tidy returns a value as the register writes it. Error: Invalid "register.bad_value",
// which never says the value.
func (i *Item) Tidy(v string) (string, error) {
	v = strings.TrimSpace(v)
	if v == "" {
		return "", nil
	}
	ok := false
	var because error
	switch i.Type {
	case "idnumber":
		v = idnumber.Plain(v)
		_, because = idnumber.Citizen(v)
		ok = because == nil
	case "credit":
		v = idnumber.Plain(v)
		because = idnumber.Credit(v)
		ok = because == nil
	case "phone":
		ok = len(v) >= 5 && len(v) <= 20 && strings.Trim(v, "0123456789-+") == ""
	case "date":
		_, err := time.Parse(time.DateOnly, v)
		ok = err == nil
	case "number":
		ok = i.number(v)
	case "yesno":
		ok = v == "yes" || v == "no"
	case "choice":
		ok = i.has(v)
	case "area": // one that was merged away long ago is still where somebody lived
		ok = len(v) <= maxAreaCode && strings.Trim(v, "0123456789") == ""
	default:
		ok = utf8.RuneCountInString(v) <= maxValue
	}
	if !ok {
		e := errs.E(errs.Invalid, "register.bad_value", errs.Args{"item": i.Title}).At(i.Code)
		if because != nil {
			e = e.Because(because)
		}
		return "", e
	}
	return v, nil
}

func (i *Item) has(v string) bool {
	for _, o := range i.Options {
		if o.Code == v {
			return true
		}
	}
	return false
}

func (i *Item) number(v string) bool {
	whole, part, dotted := strings.Cut(v, ".")
	_, err := strconv.ParseInt(whole, 10, 64)
	return err == nil && (!dotted || len(part) > 0 && len(part) <= i.Places && strings.Trim(part, "0123456789") == "")
}

// dayForm reports whether a day is written as one, or is "".
func dayForm(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return s == "" || err == nil
}

// shift returns a day some days later.
func shift(day string, days int) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.AddDate(0, 0, days).Format(time.DateOnly)
}

// dayOf is a moment's date in China.
func dayOf(t time.Time) string { return t.In(text.CST).Format(time.DateOnly) }
