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
	Code    string   `yaml:"code"`
	Title   string   `yaml:"title"`
	Channel []string `yaml:"channel"` // inapp, sms, mail
	To      string   `yaml:"to"`      // appellant or staff
	Text    string   `yaml:"text"`    // with {placeholders}
}

// Channels are the ways a notice may go.
var Channels = []string{"inapp", "sms", "mail"}

// Standing are the placeholders that every notice about a case can use; besides
// them, the inputs of the action that sends it.
var Standing = []string{"number", "title", "unit", "state", "due", "link", "city", "answer", "clock"}

// Book is all templates of a pack. It never changes.
type Book struct{ byCode map[string]Template }

// NewBook returns the book of some templates; of two with one code the first counts.
func NewBook(templates []Template) *Book {
	b := &Book{byCode: map[string]Template{}}
	for _, t := range templates {
		if _, twice := b.byCode[t.Code]; !twice {
			b.byCode[t.Code] = t
		}
	}
	return b
}

// Find returns the template with a code.
func (b *Book) Find(code string) (Template, bool) { t, ok := b.byCode[code]; return t, ok }

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
			switch {
			case t.Code == "":
				d.Report(pos, "org.no_code", nil)
				continue
			case twice:
				d.Report(pos, "org.code_twice", errs.Args{"code": t.Code, "first": first.Line})
				continue
			case t.Text == "":
				d.Report(pos, "notice.no_text", errs.Args{"template": t.Code})
			case t.To != "appellant" && t.To != "staff":
				d.Report(doc.At(i, "to"), "decl.not_one_of", errs.Args{"key": "to", "value": t.To, "known": "appellant, staff"})
			}
			if len(t.Channel) == 0 {
				d.Report(pos, "notice.no_channel", errs.Args{"template": t.Code})
			}
			for j, c := range t.Channel {
				if !slices.Contains(Channels, c) {
					d.Report(doc.At(i, "channel", j), "decl.not_one_of", errs.Args{"key": "channel", "value": c, "known": strings.Join(Channels, ", ")})
				}
			}
			at[t.Code] = pos
			all = append(all, t)
		}
	}
	return all, at
}
