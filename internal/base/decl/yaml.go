package decl

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"regexp"
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
			d.Report(Pos{name, 1}, "decl.empty", nil)
		} else {
			line, why := yamlError(err)
			d.Report(Pos{name, line}, "decl.yaml", errs.Args{"why": why})
		}
		return doc, false
	}
	if err := dec.Decode(&more); err == nil {
		d.Report(Pos{name, more.Line}, "decl.second_document", nil)
	}
	if n.Kind != yaml.DocumentNode || len(n.Content) != 1 {
		d.Report(Pos{name, 1}, "decl.empty", nil)
		return doc, false
	}
	doc.root = n.Content[0]
	before := len(d.findings)
	d.conform(doc, doc.root, reflect.TypeOf(into).Elem(), "", 0)
	if err := doc.root.Decode(into); err != nil && len(d.findings) == before {
		line, why := yamlError(err)
		d.Report(Pos{name, line}, "decl.yaml", errs.Args{"why": why})
	}
	return doc, true
}

// Read reports whether there was a file to read.
func (doc *Doc) Read() bool { return doc.root != nil }

// At returns where a part stands, e.g. At("actions", 3, "do", 0). Where the part
// is absent it is the place of the nearest part around it that is there.
func (doc *Doc) At(path ...any) Pos {
	n := doc.root
	at := Pos{doc.file, 1}
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

// conform reports every node that does not fit the type it will be decoded into.
func (d *Dir) conform(doc *Doc, n *yaml.Node, t reflect.Type, name string, depth int) {
	at := Pos{doc.file, n.Line}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case depth > maxDepth:
		d.Report(at, "decl.too_deep", nil)
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		d.Report(at, "decl.anchor", nil)
	case n.Tag == "!!null" && n.Kind == yaml.ScalarNode:
		// an empty value is the same as leaving the key out
	case t.Kind() == reflect.Struct:
		d.conformStruct(doc, n, t, name, depth)
	case t.Kind() == reflect.Map:
		if d.isKind(at, n, yaml.MappingNode, name) {
			d.eachMember(doc, n, func(key, value *yaml.Node) { d.conform(doc, value, t.Elem(), key.Value, depth+1) })
		}
	case t.Kind() == reflect.Slice:
		if d.isKind(at, n, yaml.SequenceNode, name) {
			for _, c := range n.Content {
				d.conform(doc, c, t.Elem(), name, depth+1)
			}
		}
	default:
		if d.isKind(at, n, yaml.ScalarNode, name) {
			if n.Decode(reflect.New(t).Interface()) != nil {
				d.Report(at, "decl.wrong_"+t.Kind().String(), errs.Args{"key": name, "value": clip(n.Value)})
			}
		}
	}
}

func (d *Dir) conformStruct(doc *Doc, n *yaml.Node, t reflect.Type, name string, depth int) {
	if !d.isKind(Pos{doc.file, n.Line}, n, yaml.MappingNode, name) {
		return
	}
	fields := Fields(t)
	d.eachMember(doc, n, func(key, value *yaml.Node) {
		f, ok := fields[key.Value]
		if !ok {
			known := make([]string, 0, len(fields))
			for i := range t.NumField() {
				if tag := fieldName(t.Field(i)); tag != "" {
					known = append(known, tag)
				}
			}
			d.Report(Pos{doc.file, key.Line}, "decl.unknown_key", errs.Args{"key": clip(key.Value), "known": strings.Join(known, ", ")})
			return
		}
		d.conform(doc, value, f.Type, key.Value, depth+1)
	})
}

// eachMember visits the members of a mapping and reports keys that stand twice.
func (d *Dir) eachMember(doc *Doc, n *yaml.Node, visit func(key, value *yaml.Node)) {
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if first, twice := seen[key.Value]; twice {
			d.Report(Pos{doc.file, key.Line}, "decl.double_key", errs.Args{"key": clip(key.Value), "first": first})
			continue
		}
		seen[key.Value] = key.Line
		visit(key, n.Content[i+1])
	}
}

// isKind reports a node of another shape than the one wanted.
func (d *Dir) isKind(at Pos, n *yaml.Node, want yaml.Kind, name string) bool {
	if n.Kind == want {
		return true
	}
	key := map[yaml.Kind]string{yaml.MappingNode: "decl.want_mapping", yaml.SequenceNode: "decl.want_list", yaml.ScalarNode: "decl.want_value"}[want]
	d.Report(at, key, errs.Args{"key": name})
	return false
}

// Fields returns the fields of a struct type that a declaration may set, by the
// name it has there (its yaml tag).
func Fields(t reflect.Type) map[string]reflect.StructField {
	fields := map[string]reflect.StructField{}
	for i := range t.NumField() {
		f := t.Field(i)
		if name := fieldName(f); name != "" {
			fields[name] = f
		}
	}
	return fields
}

func fieldName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	if name == "-" || !f.IsExported() {
		return ""
	}
	return name
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
