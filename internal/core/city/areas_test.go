package city_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	packs "yiwang/city"
	"yiwang/internal/core/city"
)

// What is an area is offered and shown by its name wherever an option would be, in a
// register and in a form, and nobody reads a code.
func TestAreasAreShownByTheirNames(t *testing.T) {
	demo, err := fs.Sub(packs.Demo(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	pack := fstest.MapFS{}
	err = fs.WalkDir(demo, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := fs.ReadFile(demo, name)
		if name == "service/street-stall.yaml" {
			b = []byte(strings.Replace(string(b), "fields:\n", "fields:\n  - {code: community, title: 所在社区, type: area, required: true}\n", 1))
		}
		pack[name] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	c, findings := city.Load(pack)
	if c == nil {
		t.Fatal(findings)
	}
	const code = "440304008001"
	want := c.Places.Called(code)
	if !strings.Contains(want, "街道") || !strings.HasSuffix(want, "社区") {
		t.Fatalf("%s is called %q", code, want)
	}
	_, item, ok := c.Registers.Item("person.area")
	if !ok || item.Say(code) != want || item.Say("440399999999") != "440399999999" {
		t.Errorf("the register says %q", item.Say(code))
	}
	if _, err := item.Tidy("香蜜社区"); err == nil {
		t.Error("a name is taken for a code")
	}
	field := &c.Catalog.Family("street-stall").Fields[0]
	if field.Code != "community" || field.Show(code) != want || field.Option("1") != nil {
		t.Errorf("the form shows %s as %q", field.Code, field.Show(code))
	}
}
