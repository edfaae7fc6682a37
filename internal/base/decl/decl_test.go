package decl_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/text"
)

type kind struct {
	Code  string            `yaml:"code"`
	Max   int               `yaml:"max"`
	Open  bool              `yaml:"open"`
	Names []string          `yaml:"names"`
	Parts []part            `yaml:"parts"`
	Set   map[string]string `yaml:"set"`
	Bound func()            `yaml:"-"` // not part of the file
}

type part struct {
	Code string `yaml:"code"`
}

func dir(name, content string) *decl.Dir {
	return decl.Open(fstest.MapFS{name: {Data: []byte(content)}})
}

// say lists findings as "line key", the form in which the tables below expect them.
func say(d *decl.Dir) string {
	var out []string
	for _, f := range d.Findings() {
		out = append(out, fmt.Sprintf("%d %s", f.Line, strings.TrimPrefix(f.Key, "decl.")))
		for _, l := range []text.Lang{text.Chinese, text.English} {
			if s := f.Say(l); strings.Contains(s, "{") || strings.Contains(s, f.Key) {
				out = append(out, "bare text: "+s)
			}
		}
	}
	return strings.Join(out, "; ")
}

func TestYAMLFindings(t *testing.T) {
	for _, c := range []struct{ name, file, want string }{
		{"well", "code: a\nmax: 3\nopen: true\nnames: [x]\nparts:\n  - {code: b}\nset: {k: v}\n", ""},
		{"unknown key", "code: a\nmaxx: 3\n", "2 unknown_key"},
		{"unknown key deep", "parts:\n  - code: a\n  - cod: b\n", "3 unknown_key"},
		{"a field that is not of the file", "bound: x\n", "1 unknown_key"},
		{"double key", "code: a\nmax: 1\ncode: b\n", "3 double_key"},
		{"text for a number", "max: many\n", "1 wrong_int"},
		{"text for yes", "open: sometimes\n", "1 wrong_bool"},
		{"list for text", "code: [a]\n", "1 want_value"},
		{"text for list", "names: a\n", "1 want_list"},
		{"list for mapping", "set: [a]\n", "1 want_mapping"},
		{"anchor", "code: &a x\nnames: [*a]\n", "1 anchor; 2 anchor"},
		{"broken", "code: a\n  max: 3\n", "2 yaml"},
		{"empty", "", "1 empty"},
		{"two documents", "code: a\n---\ncode: b\n", "2 second_document"},
		{"GBK", "code: a\nnames: [\xd6\xd0]\n", "2 not_utf8"},
		{"byte order mark", "\ufeffcode: a\n", ""},
		{"absent value", "code:\nnames:\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := dir("x.yaml", c.file)
			var k kind
			d.YAML("x.yaml", &k)
			if got := say(d); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestPlacesAreKept(t *testing.T) {
	d := dir("x.yaml", "code: a\nparts:\n  - {code: b}\n  -\n    code: c\nset:\n  k: v\n")
	var k kind
	doc, ok := d.YAML("x.yaml", &k)
	if !ok {
		t.Fatal(d.Findings())
	}
	for _, c := range []struct {
		path []any
		line int
	}{
		{[]any{"parts", 1, "code"}, 5},
		{[]any{"parts", 0}, 3},
		{[]any{"set", "k"}, 7},
		{[]any{"parts", 1, "absent"}, 5}, // the nearest that is there
		{[]any{"nothing"}, 1},
	} {
		if got := doc.At(c.path...); got.Line != c.line || got.File != "x.yaml" {
			t.Errorf("At(%v) = %v, want line %d", c.path, got, c.line)
		}
	}
}

func TestCSV(t *testing.T) {
	d := dir("x.csv", "# invented\n# data\ncode,names,on,n\na,甲; 乙；丙,yes,4\n\"b\",\"two\nlines\",,\nc,,perhaps,-1\nd\n")
	rows := d.CSV("x.csv", "code", "names", "on", "n")
	if len(rows) != 3 {
		t.Fatalf("%d rows, want 3: %v", len(rows), d.Findings())
	}
	if got := fmt.Sprint(rows[0].List("names"), rows[0].Yes("on"), rows[0].Int("n"), rows[0].Line); got != "[甲 乙 丙] true 4 4" {
		t.Errorf("first row read as %s", got)
	}
	if rows[2].Line != 7 || rows[2].Text("code") != "c" {
		t.Errorf("a cell of two lines moved the count: %d", rows[2].Line)
	}
	rows[2].Yes("on")
	rows[2].Int("n")
	rows[2].Need("names")
	if got, want := say(d), "7 wrong_bool; 7 wrong_int; 7 empty_cell; 8 cells"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCSVHeader(t *testing.T) {
	for _, c := range []struct{ name, file, want string }{
		{"column lacks", "a\n1\n", "1 missing_column"},
		{"unknown column", "a,b,c\n1,2,3\n", "1 unknown_column"},
		{"double column", "a,b,b\n1,2,3\n", "1 double_column"},
		{"stray quote", "a,b\n1,\"x\"y\n", "2 csv"},
		{"only comments", "# nothing\n", "2 empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := dir("x.csv", c.file)
			d.CSV("x.csv", "a", "b")
			if got := say(d); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func FuzzYAML(f *testing.F) {
	f.Add("code: a\nparts: [{code: b}]\n")
	f.Add("a: &x [*x]\n")
	f.Add("? {a: b}\n: c\n")
	f.Fuzz(func(t *testing.T, s string) {
		d := dir("x.yaml", s)
		var k kind
		doc, _ := d.YAML("x.yaml", &k)
		doc.At("parts", 0, "code")
		say(d)
	})
}

func FuzzCSV(f *testing.F) {
	f.Add("a,b\n1,2\n")
	f.Add("# c\na,b\n\"1\n\",\"\"\n")
	f.Fuzz(func(t *testing.T, s string) {
		d := dir("x.csv", s)
		lines := strings.Count(s, "\n") + 1
		for _, r := range d.CSV("x.csv", "a", "b") {
			if r.Line < 2 || r.Line > lines {
				t.Errorf("line %d of %d", r.Line, lines)
			}
			r.List("a")
			r.Float("b")
			r.Yes("b")
		}
	})
}
