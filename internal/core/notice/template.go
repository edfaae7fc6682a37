package notice

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
)

// Template is one notice, declared.
type Template struct {
	Code    string   `yaml:"code" need:"yes"`
	Title   string   `yaml:"title" need:"yes"`
	Channel []string `yaml:"channel" need:"yes" oneof:"inapp sms mail wechat im voice"`
	To      string   `yaml:"to" need:"yes" oneof:"appellant staff"`
	Text    string   `yaml:"text" need:"yes"` // with {placeholders}
	// InsteadOf names templates that say less: of those for the same audience by the same
	// channel at the same moment only this one is sent.
	InsteadOf []string `yaml:"instead_of"`
}

// Standing are the placeholders that every notice about a case can use; besides
// them, the inputs of the action that sends it.
var Standing = []string{"number", "title", "unit", "state", "due", "link", "rate", "city", "answer", "clock"}

// Book is all templates of a pack. It never changes.
type Book struct {
	byCode map[string]Template
	asks   map[string][]string // by code: what the template has places for
}

// NewBook returns the book of some templates; of two with one code the first counts.
func NewBook(templates []Template) *Book {
	b := &Book{byCode: map[string]Template{}, asks: map[string][]string{}}
	for _, t := range templates {
		if _, twice := b.byCode[t.Code]; !twice {
			b.byCode[t.Code] = t
			b.asks[t.Code] = Placeholders(t.Title + "\n" + t.Text)
		}
	}
	return b
}

// Find returns the template with a code.
func (b *Book) Find(code string) (Template, bool) { t, ok := b.byCode[code]; return t, ok }

// Asks returns the names of the placeholders in a template, each once. The caller must
// not change them.
func (b *Book) Asks(code string) []string { return b.asks[code] }

// Codes returns the codes of all templates, in order.
func (b *Book) Codes() []string { return slices.Sorted(maps.Keys(b.byCode)) }

// Render fills a template. A placeholder without a value becomes empty: a person
// is never shown a brace. Error: NotFound.
func (b *Book) Render(code string, args errs.Args) (title, body string, err error) {
	t, ok := b.byCode[code]
	if !ok {
		return "", "", errs.E(errs.NotFound, "notice.unknown_template", errs.Args{"template": code})
	}
	return fill(t.Title, args), fill(t.Text, args), nil
}

// fill replaces the placeholders in one pass, so that a value which looks like a
// placeholder is left as it is.
func fill(s string, args errs.Args) string {
	return placeholder.ReplaceAllStringFunc(s, func(p string) string {
		if v, ok := args[strings.Trim(p, "{}")]; ok {
			return fmt.Sprint(v)
		}
		return ""
	})
}

var placeholder = regexp.MustCompile(`\{[a-z][a-z0-9_]*\}`)

// Placeholders returns the names of the placeholders in a text, each once.
func Placeholders(s string) []string {
	var names []string
	for _, p := range placeholder.FindAllString(s, -1) {
		if name := strings.Trim(p, "{}"); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// Read reads the templates of a pack and where each stands.
func Read(d *decl.Dir) ([]Template, map[string]decl.Pos) {
	var all []Template
	at := map[string]decl.Pos{}
	for _, name := range d.Glob("notice/*.yaml") {
		var list []Template
		doc, ok := d.YAML(name, &list)
		if !ok {
			continue
		}
		for i, t := range list {
			pos := doc.At(i)
			first, twice := at[t.Code]
			if twice {
				d.Report(pos, "org.code_twice", errs.Args{"code": t.Code, "first": first.Line})
			}
			if twice || t.Code == "" {
				continue
			}
			at[t.Code] = pos
			all = append(all, t)
		}
	}
	return all, at
}
