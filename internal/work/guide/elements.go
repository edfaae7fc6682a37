package guide

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"time"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
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
	t := b.teller(declared)
	part := ""
	for _, f := range decl.Fields(reflect.TypeFor[matter.Service]()) {
		part = cmp.Or(firsts[f.Name], part)
		if v, ok := declared[f.Name]; ok && f.Name != "code" && f.Name != "title" {
			out = append(out, Element{f.Name, part, text.Say(l, "guide.element_"+f.Name, nil), t.lines(l, f.Name, v)})
		}
	}
	return out
}

// teller says the values of one item, whose fields and clauses name each other by code.
type teller struct {
	*Book
	names map[string]string // titles of its fields, and its unit by its credit code
	gives map[string]string // titles of what its table gives
	start string            // register of those whom it is for without an application
}

func (b *Book) teller(declared map[string]any) teller {
	t := teller{Book: b, names: map[string]string{}, gives: map[string]string{}}
	entitle, _ := declared["entitle"].(map[string]any)
	t.start, _ = entitle["register"].(string)
	if code, _ := declared["rule"].(string); code != "" {
		if d := b.city.Rules.On(code, time.Now()); d != nil {
			for _, r := range d.Table().Results {
				t.gives[r.Code] = r.Title
			}
		}
	}
	fields, _ := declared["fields"].([]any)
	for _, f := range fields {
		m, _ := f.(map[string]any)
		code, _ := m["code"].(string)
		t.names[code], _ = m["title"].(string)
	}
	credit, _ := declared["credit"].(string)
	unit, _ := declared["unit"].(string)
	t.names[credit] = b.UnitName(unit)
	return t
}

// lines says a value, a line for each of a list.
func (b teller) lines(l text.Lang, key string, v any) []string {
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

func (b teller) line(l text.Lang, key string, v any) string {
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
		if strings.HasSuffix(said[0], "。") {
			return strings.Join(said, "")
		}
		return strings.Join(said, text.Say(l, "guide.and", nil))
	}
	return trimmed(v)
}

// Word families of the guide that say the same as an element's codes.
var wordsOf = map[string]string{"type": "portal.service_type_", "for": "portal.service_for_", "channels": "portal.service_channel_", "scope": "portal.service_scope_"}

// word says a code: a unit by its name, a word of a closed list in words.
func (b teller) word(l text.Lang, key, v string) string {
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
	case "rule":
		if t := b.city.Rules.On(v, time.Now()); t != nil {
			return t.Table().Title
		}
	case "name", "number", "issuer", "renews":
		return cmp.Or(b.names[v], v)
	case "register":
		if r := b.city.Registers.Find(v); r != nil {
			return r.Title
		}
	case "function":
		return b.doers(l, v)
	case "purpose":
		if p, ok := b.city.Registers.Purpose(v); ok {
			return p.Title
		}
	case "amount", "payee", "tell", "guardian", "phone", "fills":
		return b.path(v)
	case "valid", "check":
		if n, unit := v[:max(0, len(v)-1)], v[max(0, len(v)-1):]; text.Has(l, "guide.span_"+unit) {
			return text.Say(l, "guide.span_"+unit, errs.Args{"n": n})
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

// path says a path through the registers: guardian.name is the guardian's name.
func (b teller) path(v string) string {
	if title := b.gives[v]; title != "" {
		return title
	}
	steps, at := strings.Split(v, "."), b.start
	for i, s := range steps {
		_, it, ok := b.city.Registers.Item(at + "." + s)
		if !ok {
			return v
		}
		steps[i], at = it.Title, it.Of
	}
	return strings.Join(steps, "·")
}

// doers names the units that have a function, the first of them and how many there are.
func (b *Book) doers(l text.Lang, function string) string {
	var units []org.Unit
	for _, u := range b.city.Directory.Units() {
		if u.Function == function {
			units = append(units, u)
		}
	}
	switch len(units) {
	case 0:
		return function
	case 1:
		return units[0].Name
	}
	return text.Say(l, "guide.doers", errs.Args{"name": units[0].Name, "n": len(units)})
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
func (b teller) sentence(l text.Lang, key string, m map[string]any) string {
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
func (b teller) member(l text.Lang, k string) string {
	if title := b.names[k]; title != "" && !text.Has(l, "guide.member_"+k) {
		return title
	}
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
