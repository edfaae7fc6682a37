package guide

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/matter"
)

// Declared returns what an item declares, by the keys of its file; what it leaves out is
// absent, so that an element that the program learns later changes no item.
func Declared(s *matter.Service) map[string]any {
	m, _ := plain(reflect.ValueOf(*s)).(map[string]any)
	return m
}

// plain turns a declaration into maps, lists and plain values, without what is zero.
func plain(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return plain(v.Elem())
	case reflect.Struct:
		m := map[string]any{}
		for _, f := range decl.Fields(v.Type()) {
			if x := v.FieldByIndex(f.Index); !x.IsZero() {
				m[f.Name] = plain(x)
			}
		}
		return m
	case reflect.Slice:
		out := make([]any, v.Len())
		for i := range out {
			out[i] = plain(v.Index(i))
		}
		return out
	case reflect.Map:
		m := map[string]any{}
		for _, k := range v.MapKeys() {
			m[k.String()] = plain(v.MapIndex(k))
		}
		return m
	case reflect.String:
		return v.String() // a type of its own too
	case reflect.Int, reflect.Int64:
		return float64(v.Int()) // as it comes back from where versions are kept
	}
	return v.Interface()
}

// Parts into which the elements of an item fall, in the order in which they are read.
const (
	PartWhat = "what" // what it is, and whose
	PartTake = "take" // what it takes
	PartRuns = "runs" // how it runs here
)

// firsts are the keys with which a part begins, in the order of the declaration.
var firsts = map[string]string{"code": PartWhat, "instant": PartTake, "lifecycle": PartRuns}

// Element is one element of an item as people read it.
type Element struct {
	Key   string
	Part  string
	Title string
	Lines []string
}

// Elements says all that an item declares, in the order of its file.
func (b *Book) Elements(l text.Lang, declared map[string]any) []Element {
	var out []Element
	part := ""
	for _, f := range decl.Fields(reflect.TypeFor[matter.Service]()) {
		part = cmp.Or(firsts[f.Name], part)
		if v, ok := declared[f.Name]; ok && f.Name != "code" && f.Name != "title" {
			out = append(out, Element{f.Name, part, text.Say(l, "guide.element_"+f.Name, nil), b.lines(l, f.Name, v)})
		}
	}
	return out
}

// lines says a value, a line for each of a list.
func (b *Book) lines(l text.Lang, key string, v any) []string {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	var out []string
	for _, x := range list {
		out = append(out, b.line(l, key, x))
	}
	return out
}

func (b *Book) line(l text.Lang, key string, v any) string {
	switch v := v.(type) {
	case bool:
		return text.Say(l, "guide.yes", nil)
	case string:
		return b.word(l, key, v)
	case map[string]any:
		return b.sentence(l, key, v)
	case []any:
		said := make([]string, len(v))
		for i := range v {
			said[i] = b.line(l, key, v[i])
		}
		return strings.Join(said, text.Say(l, "guide.and", nil))
	}
	return trimmed(v)
}

// Word families of the guide that say the same as an element's codes.
var wordsOf = map[string]string{"type": "portal.service_type_", "for": "portal.service_for_", "channels": "portal.service_channel_", "scope": "portal.service_scope_"}

// word says a code: a unit by its name, a word of a closed list in words.
func (b *Book) word(l text.Lang, key, v string) string {
	switch key {
	case "unit", "joint", "not_at", "backstop":
		return b.UnitName(v)
	case "themes":
		return b.themeName(v)
	case "lifecycle":
		if l := b.city.Catalog.Lifecycle(v); l != nil {
			return l.Title
		}
	case "rule_sets":
		if set := b.city.ClockSets[v]; set != nil {
			return set.Title
		}
	case "item", "from":
		if r, it, ok := b.city.Registers.Item(v); ok {
			return r.Title + "·" + it.Title
		}
	case "replaces", "voucher", "copy_of":
		if k := b.city.Vouchers.Find(v); k != nil {
			return k.Title
		}
	case "renew", "service":
		if s := b.Item(v); s != nil {
			return s.Title
		}
	}
	for _, name := range []string{wordsOf[key] + v, "guide.word_" + key + "_" + v} {
		if text.Has(l, name) {
			return text.Say(l, name, nil)
		}
	}
	return v
}

func (b *Book) themeName(code string) string {
	for _, t := range b.city.Catalog.Themes() {
		if t.Code == code {
			return t.Name
		}
	}
	return code
}

// sentence says what has members: its name first, then what else is said of it.
func (b *Book) sentence(l text.Lang, key string, m map[string]any) string {
	if key == "legal" || key == "promised" {
		return term(l, m)
	}
	head := ""
	for _, k := range []string{"title", "q", "name"} {
		if s, ok := m[k].(string); ok && head == "" {
			head = b.word(l, k, s)
		}
	}
	var rest []string
	for _, k := range membersInOrder(m) {
		if k == "title" || k == "q" || k == "name" && m["title"] == nil || k == "code" && head != "" {
			continue
		}
		said := b.line(l, k, m[k])
		if k != "a" {
			said = text.Say(l, "guide.member", errs.Args{"name": b.member(l, k), "value": said})
		}
		rest = append(rest, said)
	}
	all := strings.Join(rest, text.Say(l, "guide.semicolon", nil))
	switch {
	case head == "":
		return all
	case all == "":
		return head
	}
	return text.Say(l, "guide.with", errs.Args{"name": head, "rest": all})
}

// member names a member of a declaration, by its key where it has no name yet.
func (b *Book) member(l text.Lang, k string) string {
	for _, name := range []string{"guide.member_" + k, "guide.element_" + k} {
		if text.Has(l, name) {
			return text.Say(l, name, nil)
		}
	}
	return k
}

func membersInOrder(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// term says a limit that was declared.
func term(l text.Lang, m map[string]any) string {
	t := matter.Term{}
	if days, ok := m["days"].(float64); ok {
		t.Days = int(days)
	}
	t.In, _ = m["in"].(string)
	note, _ := m["note"].(string)
	limit, mode, ok := t.Limit(false)
	if !ok {
		return note
	}
	said := text.Limit(l, limit, mode)
	if note == "" {
		return said
	}
	return text.Say(l, "guide.with", errs.Args{"name": said, "rest": note})
}

// Change is an element in which two versions of an item differ.
type Change struct {
	Key   string
	Title string
	Gone  []string // lines of the earlier that the later has not
	Came  []string // lines of the later that the earlier has not
}

// Changes says what became of one declaration in another, element by element.
func (b *Book) Changes(l text.Lang, before, after map[string]any) []Change {
	was, is := b.Elements(l, before), b.Elements(l, after)
	lines := func(all []Element, key string) []string {
		for _, e := range all {
			if e.Key == key {
				return e.Lines
			}
		}
		return nil
	}
	var out []Change
	for _, f := range decl.Fields(reflect.TypeFor[matter.Service]()) {
		if f.Name == "title" && before["title"] != after["title"] {
			a, _ := before["title"].(string)
			z, _ := after["title"].(string)
			out = append(out, Change{"title", text.Say(l, "guide.element_title", nil), []string{a}, []string{z}})
		}
		c := Change{Key: f.Name, Title: text.Say(l, "guide.element_"+f.Name, nil), Gone: without(lines(was, f.Name), lines(is, f.Name)), Came: without(lines(is, f.Name), lines(was, f.Name))}
		if len(c.Gone)+len(c.Came) > 0 {
			out = append(out, c)
		}
	}
	return out
}

func without(all, those []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(x string) bool { return slices.Contains(those, x) })
}
