package decl

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"yiwang/internal/base/errs"
)

// maxDepth bounds how deep a YAML file may nest; no declaration needs a fifth of it.
const maxDepth = 50

// Doc is a YAML file that was read, and where each of its parts stood.
type Doc struct {
	file string
	root *yaml.Node
	line int // of a declaration without parts
}

// YAML reads a file into a struct (a pointer). Unknown and double keys, wrong
// types and everything that is not plain data (anchors, aliases, tags, further
// documents) are reported; ok is false if nothing could be read at all.
func (d *Dir) YAML(name string, into any) (doc *Doc, ok bool) {
	doc = &Doc{file: name}
	b, ok := d.Read(name)
	if !ok {
		return doc, false
	}
	var n, more yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(b))
	if err := dec.Decode(&n); err != nil {
		if errors.Is(err, io.EOF) {
			d.lose(Pos{name, 1}, "decl.empty", nil)
		} else {
			line, why := yamlError(err)
			d.lose(Pos{name, line}, "decl.yaml", errs.Args{"why": why})
		}
		return doc, false
	}
	if err := dec.Decode(&more); err == nil {
		d.lose(Pos{name, more.Line}, "decl.second_document", nil)
	}
	if n.Kind != yaml.DocumentNode || len(n.Content) != 1 {
		d.lose(Pos{name, 1}, "decl.empty", nil)
		return doc, false
	}
	doc.root = n.Content[0]
	before := len(d.findings)
	d.conform(doc, doc.root, reflect.TypeOf(into).Elem(), item{}, 0)
	if err := doc.root.Decode(into); err != nil && len(d.findings) == before {
		line, why := yamlError(err)
		d.lose(Pos{name, line}, "decl.yaml", errs.Args{"why": why})
	}
	return doc, true
}

// Read reports whether there was a file to read.
func (doc *Doc) Read() bool { return doc.root != nil }

// At returns the Doc of a declaration that is one line of a list: each of its parts
// stands there.
func At(at Pos) *Doc { return &Doc{file: at.File, line: at.Line} }

// At returns where a part stands, e.g. At("actions", 3, "do", 0). Where the part
// is absent it is the place of the nearest part around it that is there.
func (doc *Doc) At(path ...any) Pos {
	n := doc.root
	at := Pos{doc.file, max(doc.line, 1)}
	if n == nil {
		return at
	}
	at.Line = n.Line
	for _, step := range path {
		next := child(n, step)
		if next == nil {
			break
		}
		n, at.Line = next, next.Line
	}
	return at
}

// child returns a member of a mapping by name or of a sequence by index.
func child(n *yaml.Node, step any) *yaml.Node {
	switch s := step.(type) {
	case string:
		if n.Kind == yaml.MappingNode {
			for i := 0; i+1 < len(n.Content); i += 2 {
				if n.Content[i].Value == s {
					return n.Content[i+1]
				}
			}
		}
	case int:
		if n.Kind == yaml.SequenceNode && s >= 0 && s < len(n.Content) {
			return n.Content[s]
		}
	}
	return nil
}

// item is what a struct's field asks of a value: its name in the file and, from
// its tag, the words that it may be.
type item struct {
	name  string
	oneOf []string
}

// conform reports every node that does not fit the type it will be decoded into.
func (d *Dir) conform(doc *Doc, n *yaml.Node, t reflect.Type, it item, depth int) {
	at := Pos{doc.file, n.Line}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case depth > maxDepth:
		d.lose(at, "decl.too_deep", nil)
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		d.lose(at, "decl.anchor", nil)
	case isNull(n):
		// an empty value is the same as leaving the key out
	case t.Kind() == reflect.Struct:
		d.conformStruct(doc, n, t, it, depth)
	case t.Kind() == reflect.Map:
		if d.isKind(at, n, yaml.MappingNode, it) {
			d.eachMember(doc, n, func(key, value *yaml.Node) { d.conform(doc, value, t.Elem(), item{name: key.Value}, depth+1) })
		}
	case t.Kind() == reflect.Slice:
		if d.isKind(at, n, yaml.SequenceNode, it) {
			for _, c := range n.Content {
				d.conform(doc, c, t.Elem(), it, depth+1)
			}
		}
	case !d.isKind(at, n, yaml.ScalarNode, it):
	case n.Decode(reflect.New(t).Interface()) != nil:
		d.lose(at, "decl.wrong_"+t.Kind().String(), errs.Args{"key": it.name, "value": clip(n.Value)})
	case len(it.oneOf) > 0 && !slices.Contains(it.oneOf, n.Value):
		d.Report(at, "decl.not_one_of", errs.Args{"key": it.name, "value": clip(n.Value), "known": strings.Join(it.oneOf, ", ")})
	}
}

func (d *Dir) conformStruct(doc *Doc, n *yaml.Node, t reflect.Type, it item, depth int) {
	if !d.isKind(Pos{doc.file, n.Line}, n, yaml.MappingNode, it) {
		return
	}
	fields := Fields(t)
	filled := map[string]bool{}
	d.eachMember(doc, n, func(key, value *yaml.Node) {
		f, ok := find(fields, key.Value)
		if !ok {
			d.lose(Pos{doc.file, key.Line}, "decl.unknown_key", errs.Args{"key": clip(key.Value), "known": names(fields)})
			return
		}
		filled[f.Name] = !isNull(value) && (value.Kind != yaml.ScalarNode || value.Value != "") && (value.Kind == yaml.ScalarNode || len(value.Content) > 0)
		d.conform(doc, value, f.Type, item{f.Name, f.OneOf}, depth+1)
	})
	for _, f := range fields {
		if f.Need && !filled[f.Name] {
			d.Report(Pos{doc.file, n.Line}, "decl.empty_key", errs.Args{"key": f.Name})
		}
	}
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// eachMember visits the members of a mapping and reports keys that stand twice.
func (d *Dir) eachMember(doc *Doc, n *yaml.Node, visit func(key, value *yaml.Node)) {
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if first, twice := seen[key.Value]; twice {
			d.lose(Pos{doc.file, key.Line}, "decl.double_key", errs.Args{"key": clip(key.Value), "first": first})
			continue
		}
		seen[key.Value] = key.Line
		visit(key, n.Content[i+1])
	}
}

// isKind reports a node of another shape than the one wanted.
func (d *Dir) isKind(at Pos, n *yaml.Node, want yaml.Kind, it item) bool {
	if n.Kind == want {
		return true
	}
	key := map[yaml.Kind]string{yaml.MappingNode: "decl.want_mapping", yaml.SequenceNode: "decl.want_list", yaml.ScalarNode: "decl.want_value"}[want]
	d.lose(at, key, errs.Args{"key": it.name})
	return false
}

// Field is a member of a struct that a declaration may set.
type Field struct {
	Name  string // in the file: its yaml tag
	Go    string // in the struct
	Type  reflect.Type
	Need  bool     // it may not be left out (tag need:"yes")
	OneOf []string // the words it may be (tag oneof:"a b"), nil for any
	Index []int
}

// Fields returns the members of a struct type that a declaration may set, in order.
func Fields(t reflect.Type) []Field {
	var fields []Field
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name != "" && name != "-" && f.IsExported() {
			fields = append(fields, Field{name, f.Name, f.Type, f.Tag.Get("need") == "yes", strings.Fields(f.Tag.Get("oneof")), f.Index})
		}
	}
	return fields
}

func find(fields []Field, name string) (Field, bool) {
	i := slices.IndexFunc(fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return fields[i], true
}

func names(fields []Field) string {
	var all []string
	for _, f := range fields {
		all = append(all, f.Name)
	}
	return strings.Join(all, ", ")
}

var yamlLine = regexp.MustCompile(`line (\d+): `)

// yamlError takes the line out of an error of the YAML library, which says it
// only in words.
func yamlError(err error) (line int, why string) {
	why = strings.TrimPrefix(err.Error(), "yaml: ")
	line = 1
	if m := yamlLine.FindStringSubmatchIndex(why); m != nil {
		if n, e := strconv.Atoi(why[m[2]:m[3]]); e == nil && n > 0 {
			line = n
		}
		why = why[:m[0]] + why[m[1]:]
	}
	return line, clip(strings.ReplaceAll(why, "\n", " "))
}

// clip shortens a value that is quoted in a finding.
func clip(s string) string {
	rs := []rune(s)
	if len(rs) > 60 {
		return string(rs[:60]) + "…"
	}
	return s
}
