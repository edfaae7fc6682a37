package packs_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	packs "yiwang/city"
	"yiwang/internal/base/decl"
	"yiwang/internal/core/city"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/notice"
	"yiwang/internal/core/org"
	"yiwang/internal/core/register"
	"yiwang/internal/core/rule"
	"yiwang/internal/core/voucher"
)

var update = flag.Bool("update", false, "write the schemas")

// kinds are the YAML files of a pack, by the name of their schema.
var kinds = []struct {
	name, files string
	form        reflect.Type
}{
	{"city", "city.yaml", reflect.TypeFor[city.File]()},
	{"hours", "calendar/hours.yaml", reflect.TypeFor[city.HoursFile]()},
	{"roles", "org/roles.yaml", reflect.TypeFor[org.RolesFile]()},
	{"family", "family/*.yaml", reflect.TypeFor[matter.Family]()},
	{"service", "service/*.yaml", reflect.TypeFor[matter.Service]()},
	{"lifecycle", "lifecycle/*.yaml", reflect.TypeFor[matter.Lifecycle]()},
	{"actions", "actions/*.yaml", reflect.TypeFor[matter.ActionSet]()},
	{"clock", "clock/*.yaml", reflect.TypeFor[matter.ClockSet]()},
	{"notice", "notice/*.yaml", reflect.TypeFor[[]notice.Template]()},
	{"rule", "rules/*.yaml", reflect.TypeFor[rule.Table]()},
	{"register", "registers/*.yaml", reflect.TypeFor[register.Register]()},
	{"given", "registers/given/*.yaml", reflect.TypeFor[register.FactsFile]()},
	{"voucher", "voucher/*.yaml", reflect.TypeFor[voucher.Kind]()},
}

// The published schemas are those of the Go types. After a change of a type run
// go test ./city -update.
func TestSchemasAreCurrent(t *testing.T) {
	said := comments(t, "city", "org", "matter", "notice", "register", "rule", "voucher")
	for _, k := range kinds {
		b, err := json.MarshalIndent(document(k.name, k.files, k.form, said), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("schema", k.name+".json")
		b = append(b, '\n')
		if *update {
			if err := os.WriteFile(file, b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if have, err := os.ReadFile(file); err != nil || string(have) != string(b) {
			t.Errorf("%s is out of date (%v); run go test ./city -update", file, err)
		}
	}
}

// What the schemas say is what the demo does, so an editor that knows them never
// marks a correct file.
func TestTheDemoFitsTheSchemas(t *testing.T) {
	for _, k := range kinds {
		var doc map[string]any
		b, err := os.ReadFile(filepath.Join("schema", k.name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, &doc); err != nil {
			t.Fatal(err)
		}
		names, err := fs.Glob(packs.Demo(), path.Join("demo", k.files))
		if err != nil || len(names) == 0 && k.name != "voucher" { // certificates may stand in the file of their service
			t.Errorf("no %s in the demo (%v)", k.files, err)
		}
		for _, name := range names {
			b, err := fs.ReadFile(packs.Demo(), name)
			if err != nil {
				t.Fatal(err)
			}
			var v any
			if err := yaml.Unmarshal(b, &v); err != nil {
				t.Fatal(err)
			}
			for _, wrong := range misfits(doc, doc, v, name) {
				t.Error(wrong)
			}
		}
	}
}

// A validator that finds nothing proves nothing.
func TestMisfitsAreFound(t *testing.T) {
	doc := document("lifecycle", "", reflect.TypeFor[matter.Lifecycle](), nil)
	b, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	var plain map[string]any
	if err := json.Unmarshal(b, &plain); err != nil {
		t.Fatal(err)
	}
	v := map[string]any{"code": 7, "colour": "red", "states": []any{map[string]any{"code": "a", "title": "a", "citizen": "a", "of": "king"}}}
	// code is no string, colour is unknown, title, start and actions lack, of is no turn
	if got := misfits(plain, plain, v, "x"); len(got) != 6 {
		t.Errorf("found %d of 6: %v", len(got), got)
	}
}

type object = map[string]any

// document makes the JSON Schema of a kind of file.
func document(name, files string, t reflect.Type, said map[string]string) object {
	defs := object{}
	s := schema(t, defs, said)
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = "Yiwang city pack: " + name
	s["$comment"] = "For " + files + ". Made from the Go types by go test ./city -update."
	if len(defs) > 0 {
		s["$defs"] = defs
	}
	return s
}

// schema makes the schema of a type; structs inside it become definitions.
func schema(t reflect.Type, defs object, said map[string]string) object {
	switch t.Kind() {
	case reflect.Pointer:
		return schema(t.Elem(), defs, said)
	case reflect.Slice:
		return object{"type": "array", "items": part(t.Elem(), defs, said)}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": part(t.Elem(), defs, said)}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int:
		return object{"type": "integer"}
	case reflect.String:
		return object{"type": "string"}
	case reflect.Struct:
	default:
		panic("a declaration cannot hold a " + t.Kind().String())
	}
	props, need := object{}, []string{}
	for _, f := range decl.Fields(t) {
		p := part(f.Type, defs, said)
		if len(f.OneOf) > 0 {
			if p["type"] == "array" {
				p["items"] = object{"type": "string", "enum": f.OneOf}
			} else {
				p["enum"] = f.OneOf
			}
		}
		if c := said[t.String()+"."+f.Go]; c != "" {
			p["description"] = c
		}
		props[f.Name] = p
		if f.Need {
			need = append(need, f.Name)
		}
	}
	s := object{"type": "object", "properties": props, "additionalProperties": false}
	if len(need) > 0 {
		s["required"] = need
	}
	if c := said[t.String()]; c != "" {
		s["description"] = c
	}
	return s
}

func part(t reflect.Type, defs object, said map[string]string) object {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return schema(t, defs, said)
	}
	name := t.Name()
	if path.Base(t.PkgPath()) == "voucher" && t.Name() == "Field" {
		name = "CertificateField" // a form has fields too
	}
	if _, ok := defs[name]; !ok {
		defs[name] = object{} // before its parts, which may hold it
		defs[name] = schema(t, defs, said)
	}
	return object{"$ref": "#/$defs/" + name}
}

// comments reads what the Go sources say of each type and field, "org.Role.Sees".
func comments(t *testing.T, rooms ...string) map[string]string {
	t.Helper()
	said := map[string]string{}
	for _, room := range rooms {
		files, err := filepath.Glob("../internal/core/" + room + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if d, ok := n.(*ast.GenDecl); ok && d.Tok == token.TYPE {
					typeComments(room, d, said)
				}
				return true
			})
		}
	}
	return said
}

func typeComments(room string, d *ast.GenDecl, said map[string]string) {
	for _, spec := range d.Specs {
		ts := spec.(*ast.TypeSpec)
		name := room + "." + ts.Name.Name
		said[name] = oneLine(d.Doc.Text())
		if st, ok := ts.Type.(*ast.StructType); ok {
			for _, f := range st.Fields.List {
				for _, id := range f.Names {
					said[name+"."+id.Name] = oneLine(f.Comment.Text())
				}
			}
		}
	}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// misfits returns where a value does not fit a schema. It knows the words that
// schema uses, no others.
func misfits(doc, s object, v any, at string) []string {
	if ref, ok := s["$ref"].(string); ok {
		defs := doc["$defs"].(object)
		return misfits(doc, defs[path.Base(ref)].(object), v, at)
	}
	if v == nil {
		return nil
	}
	var wrong []string
	kind := map[reflect.Kind]string{reflect.Map: "object", reflect.Slice: "array", reflect.String: "string", reflect.Bool: "boolean", reflect.Int: "integer"}[reflect.ValueOf(v).Kind()]
	if kind != s["type"] {
		return []string{fmt.Sprintf("%s: %v is no %v", at, v, s["type"])}
	}
	if enum, ok := s["enum"].([]any); ok && !slices.Contains(enum, v) {
		wrong = append(wrong, fmt.Sprintf("%s: %v is none of %v", at, v, enum))
	}
	switch v := v.(type) {
	case []any:
		for i, x := range v {
			wrong = append(wrong, misfits(doc, s["items"].(object), x, fmt.Sprintf("%s[%d]", at, i))...)
		}
	case map[string]any:
		props, _ := s["properties"].(object)
		for key, x := range v {
			p, ok := props[key].(object)
			if !ok {
				p, ok = s["additionalProperties"].(object)
			}
			if !ok {
				wrong = append(wrong, at+": unknown "+key)
				continue
			}
			wrong = append(wrong, misfits(doc, p, x, at+"."+key)...)
		}
		need, _ := s["required"].([]any)
		for _, key := range need {
			if _, ok := v[key.(string)]; !ok {
				wrong = append(wrong, fmt.Sprintf("%s: lacks %v", at, key))
			}
		}
	}
	return wrong
}
