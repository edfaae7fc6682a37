package voucher

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
	"yiwang/internal/base/idnumber"
	"yiwang/internal/base/text"
)

// Kind declares a sort of certificate: who may have one, what it says and for how
// long it holds.
type Kind struct {
	Code   string  `yaml:"code" need:"yes"`   // the word that the issue effect of a lifecycle names
	Title  string  `yaml:"title" need:"yes"`  // as on the certificate: 居住证
	Type   string  `yaml:"type" need:"yes"`   // GB/T 36904: credit code of who defines the type, and 3 digits
	Issuer string  `yaml:"issuer" need:"yes"` // GB/T 36904: credit or division code of who issues it
	Valid  string  `yaml:"valid"`             // "30d", "6m", "10y" from the day of issue, to the end of that day; "" has no end
	Until  string  `yaml:"until"`             // or the field of type date whose day is the last
	Holder Holder  `yaml:"holder"`            // whose it is
	Fields []Field `yaml:"fields" need:"yes"`
	CopyOf string  `yaml:"copy_of"` // an annotated copy of the certificate of this kind: who it is for, and what
	Basis  string  `yaml:"basis"`

	Register string `yaml:"register"` // register that each certificate is entered into, with its end and what becomes of it
	Renews   string `yaml:"renews"`   // field with the number of the one that it takes the place of
}

// Holder names the fields of the case that say whose a certificate is.
type Holder struct {
	Name   string `yaml:"name"`
	Number string `yaml:"number"` // an identity number or credit code
}

// Field is one line of a certificate. Its value is the field of the same code, or of
// From, of the action's input, else of what the case holds, else of the filing.
type Field struct {
	Code  string `yaml:"code" need:"yes"`
	Title string `yaml:"title" need:"yes"`
	From  string `yaml:"from"`
	Fixed string `yaml:"fixed"` // or the same on every one
}

// Source returns the field that the value comes from.
func (f Field) Source() string {
	if f.From != "" {
		return f.From
	}
	return f.Code
}

// Book is the kinds of certificates that a city issues.
type Book struct {
	kinds map[string]*Kind
	order []*Kind
}

// Find returns a kind by its code, nil where a voucher of that word is no certificate.
func (b *Book) Find(code string) *Kind {
	if b == nil {
		return nil
	}
	return b.kinds[code]
}

// Kinds returns all kinds in the order of their codes.
func (b *Book) Kinds() []*Kind {
	if b == nil {
		return nil
	}
	return b.order
}

// Span is for how long something holds: a number of days, months or years.
type Span struct{ Years, Months, Days int }

var spanForm = regexp.MustCompile(`^([1-9][0-9]{0,3})([dmy])$`)

// ParseSpan reads "30d", "6m" or "10y"; false for anything else.
func ParseSpan(s string) (Span, bool) {
	m := spanForm.FindStringSubmatch(s)
	if m == nil {
		return Span{}, false
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return Span{}, false
	}
	switch m[2] {
	case "d":
		return Span{Days: n}, true
	case "m":
		return Span{Months: n}, true
	}
	return Span{Years: n}, true
}

// End returns the end of the last day that the span reaches from a time, exclusive,
// in UTC milliseconds: a certificate ends with a day, not an hour. Where a month has
// no such day, its last counts.
func (p Span) End(from time.Time) int64 {
	y, m, d := from.In(text.CST).Date()
	first := time.Date(y+p.Years, m+time.Month(p.Months), 1, 0, 0, 0, 0, text.CST)
	day := min(d, first.AddDate(0, 1, -1).Day())
	return first.AddDate(0, 0, day+p.Days).UnixMilli()
}

// Declared is the kinds as the pack declares them.
type Declared struct {
	Kinds []*Kind
	At    map[string]func(path ...any) decl.Pos // by code: where a part of the kind stands
}

// Book returns the kinds that could be read.
func (d Declared) Book() *Book {
	b := &Book{kinds: map[string]*Kind{}, order: slices.Clone(d.Kinds)}
	slices.SortFunc(b.order, func(x, y *Kind) int { return strings.Compare(x.Code, y.Code) })
	for _, k := range b.order {
		b.kinds[k.Code] = k
	}
	return b
}

// Read reads voucher/*.yaml and reports what a kind says wrongly by itself.
func Read(d *decl.Dir) Declared {
	out := Declared{At: map[string]func(path ...any) decl.Pos{}}
	for _, name := range d.Glob("voucher/*.yaml") {
		k := &Kind{}
		if doc, ok := d.YAML(name, k); ok {
			out.Add(d, k, doc.At)
		}
	}
	return out
}

// Add takes in a kind that was read, wherever it stands, and reports what it says
// wrongly by itself.
func (p *Declared) Add(d *decl.Dir, k *Kind, at func(path ...any) decl.Pos) {
	if k.Code == "" {
		return // that is reported
	}
	if _, twice := p.At[k.Code]; twice {
		d.Report(at("code"), "voucher.kind_twice", errs.Args{"code": k.Code})
		return
	}
	k.report(d, at)
	p.Kinds = append(p.Kinds, k)
	p.At[k.Code] = at
}

func (k *Kind) report(d *decl.Dir, at func(path ...any) decl.Pos) {
	if !kindForm.MatchString(k.Code) {
		d.Report(at("code"), "voucher.kind_code", errs.Args{"code": k.Code})
	}
	if !typeForm.MatchString(k.Type) || idnumber.Credit(k.Type[:min(18, len(k.Type))]) != nil {
		d.Report(at("type"), "voucher.kind_type", errs.Args{"type": k.Type})
	}
	if !issuerForm.MatchString(k.Issuer) || len(k.Issuer) == 18 && idnumber.Credit(k.Issuer) != nil {
		d.Report(at("issuer"), "voucher.kind_issuer", errs.Args{"issuer": k.Issuer})
	}
	if _, ok := ParseSpan(k.Valid); k.Valid != "" && !ok {
		d.Report(at("valid"), "voucher.kind_valid", errs.Args{"valid": k.Valid})
	}
	if k.Valid != "" && k.Until != "" {
		d.Report(at("until"), "voucher.kind_two_ends", nil)
	}
	seen := map[string]bool{}
	for i, f := range k.Fields {
		if seen[f.Code] && f.Code != "" {
			d.Report(at("fields", i), "check.field_twice", errs.Args{"code": f.Code})
		}
		seen[f.Code] = true
		if f.From != "" && f.Fixed != "" {
			d.Report(at("fields", i), "voucher.kind_two_values", errs.Args{"field": f.Title})
		}
	}
}
