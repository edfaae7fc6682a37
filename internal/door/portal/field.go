package portal

import (
	"cmp"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/matter"
)

// problem is something a person has to mend before a form can be taken.
type problem struct {
	Field string // field code
	Said  string
	Stops bool // nothing is to be mended: there is something else to be done first
}

// heading is a text with the language it is written in, "" for the page's own.
type heading struct{ Text, Lang string }

// titled returns what a declared thing is called: the catalogue's word where it
// has one for exactly this use, in English also one for any use of the code, else
// the declared word, which is Chinese.
func titled(l text.Lang, prefix, scope, code, declared string) heading {
	if key := "portal." + prefix + "_" + scope + "_" + code; text.Has(l, key) {
		return heading{Text: text.Say(l, key, nil)}
	}
	if key := "portal." + prefix + "_" + code; text.Has(l, key) && l != text.Chinese {
		return heading{Text: text.Say(l, key, nil)}
	}
	return declaredText(l, declared)
}

// declaredText marks a text of the pack as Chinese on an English page.
func declaredText(l text.Lang, s string) heading {
	if l == text.Chinese || s == "" {
		return heading{Text: s}
	}
	return heading{Text: s, Lang: "zh-CN"}
}

// input is a declared field as the template draws it.
type input struct {
	ID, Name    string
	Kind        string // text, longtext, radio, select, number, date, yes, files
	Label, Hint heading
	Intro       heading // said before the hint
	Value       string
	Problem     string
	Required    bool
	Max         int
	Options     []option
	Auto, Mode  string // autocomplete and inputmode
	Accept      string
	Files       []fileView
	Big         bool // the only thing on its page: the label is the heading
	FilesLeft   int
}

type option struct {
	Value   string
	Label   heading
	Chosen  bool
	Special string // class of a level of satisfaction
}

// fileView is a kept file on a page.
type fileView struct {
	ID, Name, Link, Size string
	Picture              bool
}

const acceptedFiles = "image/*,.pdf,.doc,.docx,.xls,.xlsx"

// draw returns a field as it is shown, with the value typed so far. The scope
// names the form: "file" for an appeal, else the family or the action.
func draw(l text.Lang, scope string, f matter.Field, value string, problems []problem) input {
	in := input{
		ID: "f-" + f.Code, Name: f.Code, Kind: string(f.Type), Value: value,
		Label: titled(l, "field", scope, f.Code, f.Title), Required: f.Required, Max: f.Max,
		Auto: "off",
	}
	in.Hint = titled(l, "hint", scope, f.Code, f.Hint)
	for _, p := range problems {
		if p.Field == f.Code && !p.Stops {
			in.Problem = p.Said
		}
	}
	switch f.Type {
	case matter.Choice, matter.AreaRef:
		in.Kind = "radio"
		if len(f.Options) > 7 {
			in.Kind = "select"
		}
		for _, o := range f.Options {
			in.Options = append(in.Options, option{Value: o.Code, Label: declaredText(l, o.Title), Chosen: o.Code == value})
		}
	case matter.Rating:
		in.Kind = "radio"
		for n := 1; n <= 5; n++ {
			v := strconv.Itoa(n)
			in.Options = append(in.Options, option{
				Value: v, Label: heading{Text: text.Say(l, "portal.rating_"+v, nil)}, Chosen: v == value, Special: "rate-" + v,
			})
		}
	case matter.Files:
		in.Accept = acceptedFiles
	case matter.LongText, matter.Number, matter.Date, matter.Yes:
	default:
		in.Kind = "text"
	}
	in.Max = cmp.Or(in.Max, defaultMax[f.Type], 200)
	switch f.Code {
	case "name":
		in.Auto = "name"
	case "phone":
		in.Auto, in.Mode = "tel", "tel"
	case "email":
		in.Auto, in.Mode = "email", "email"
	case "address":
		in.Auto = "street-address"
	}
	return in
}

// defaultMax is the number of characters of a field that declares none.
var defaultMax = map[matter.FieldType]int{matter.Text: 200, matter.LongText: 5000, matter.Number: 1_000_000_000}

// read turns what was typed into the value of a field. The key of what has to be
// mended is "" where it is right; a value that was left out is nil.
func read(f matter.Field, typed string) (value any, key string, args errs.Args) {
	args = errs.Args{"title": f.Title, "max": cmp.Or(f.Max, defaultMax[f.Type], 200)}
	if typed == "" {
		switch {
		case !f.Required:
			return nil, "", nil
		case f.Type == matter.Choice || f.Type == matter.AreaRef || f.Type == matter.Rating:
			return nil, "choose", args
		}
		return nil, "required", args
	}
	switch f.Type {
	case matter.Yes:
		return typed == "yes" || typed == "on" || typed == "true", "", nil
	case matter.Rating:
		if n, err := strconv.Atoi(typed); err == nil && n >= 1 && n <= 5 {
			return n, "", nil
		}
		return nil, "choose", args
	case matter.Choice, matter.AreaRef:
		if slices.ContainsFunc(f.Options, func(o matter.Option) bool { return o.Code == typed }) {
			return typed, "", nil
		}
		return nil, "choose", args
	case matter.Number:
		n, err := strconv.ParseFloat(halfWidth(typed), 64)
		if err != nil || n != n || n < 0 || n > 1e15 {
			return nil, "figure", args
		}
		if n > float64(args["max"].(int)) {
			return nil, "figure_max", args
		}
		return n, "", nil
	case matter.Date:
		day, ok := readDate(typed)
		if !ok {
			return nil, "date", args
		}
		return day, "", nil
	}
	if utf8.RuneCountInString(typed) > args["max"].(int) {
		return nil, "too_long", args
	}
	if f.Code == "phone" && !plausiblePhone(typed) {
		return nil, "phone", args
	}
	if f.Code == "email" {
		typed = strings.TrimSpace(halfWidth(typed))
		if a, err := mail.ParseAddress(typed); err != nil || a.Address != typed || !strings.Contains(typed, ".") {
			return nil, "email", args
		}
	}
	return typed, "", nil
}

// readDate accepts a date as the browser sends it and as people type it.
func readDate(s string) (string, bool) {
	s = strings.TrimSuffix(strings.NewReplacer("年", "-", "月", "-", "/", "-", ".", "-", " ", "").Replace(halfWidth(s)), "日")
	t, err := time.Parse("2006-1-2", s)
	if err != nil || t.Year() < 1900 || t.Year() > 2200 {
		return "", false
	}
	return t.Format("2006-01-02"), true
}

// halfWidth turns the full-width digits and signs of a Chinese keyboard into
// plain ones.
func halfWidth(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			return r - '！' + '!'
		}
		if r == '　' {
			return ' '
		}
		return r
	}, s)
}

// plainPhone leaves the digits of a telephone number, with a leading +.
func plainPhone(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, halfWidth(s))
}

func plausiblePhone(s string) bool {
	digits := strings.TrimPrefix(plainPhone(s), "+")
	if strings.ContainsFunc(s, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 0x4e00 }) && len(digits) < 5 {
		return false
	}
	return len(digits) >= 5 && len(digits) <= 20
}

// readAll reads every field of a form but its files, and tells what to mend.
func readAll(l text.Lang, scope string, fields []matter.Field, typed func(code string) string) (map[string]any, []problem) {
	values := map[string]any{}
	var problems []problem
	for _, f := range fields {
		if f.Type == matter.Files {
			continue
		}
		v, key, args := read(f, typed(f.Code))
		if key != "" {
			args["title"] = titled(l, "field", scope, f.Code, f.Title).Text
			problems = append(problems, problem{Field: f.Code, Said: text.Say(l, "portal.mend_"+key, args)})
			continue
		}
		if v != nil {
			values[f.Code] = v
		}
	}
	return values, problems
}
