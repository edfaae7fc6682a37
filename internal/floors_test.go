package internal_test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// floors are the storeys of the house, from the ground up. A package imports
// only from floors below its own, or, where stairs allow it, from its own.
var floors = []struct {
	name    string
	rooms   []string // path prefixes below yiwang/internal
	among   bool     // rooms of this floor may import each other
	because string
}{
	{"base", []string{"base/"}, true, "base knows nothing of government"},
	{"ground of core", []string{"core/schema", "core/clock", "core/org", "core/place", "core/rule", "core/voucher"}, false,
		"the ground is what the nouns stand on: none of its rooms needs another"},
	{"nouns", []string{"core/matter", "core/register", "core/notice"}, false, "a declaration does not know of cases"},
	{"city", []string{"core/city"}, false, "a pack is the declarations put together"},
	{"cases", []string{"core/cases"}, true, "cases run declarations; nothing below knows that they do"},
	{"work", []string{"work/"}, true, "work uses the kernel; the kernel does not know what the city does with it"},
	{"door", []string{"door/"}, false, "a door serves people; doors do not know each other"},
	{"app", []string{"app"}, true, "the app puts the house together"},
	{"cli", []string{"cli"}, true, "commands call the app"},
}

func floorOf(pkg string) int {
	for i, f := range floors {
		for _, room := range f.rooms {
			if pkg == room || strings.HasPrefix(pkg, strings.TrimSuffix(room, "/")+"/") {
				return i
			}
		}
	}
	return -1
}

// Imports only go down: the folder tree is the architecture.
func TestFloors(t *testing.T) {
	const prefix = "yiwang/internal/"
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{if .GoFiles}}{{.ImportPath}} {{join .Imports " "}}{{end}}`, "yiwang/internal/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue // a folder of tests only
		}
		pkg := strings.TrimPrefix(words[0], prefix)
		here := floorOf(pkg)
		if here < 0 {
			t.Errorf("%s stands on no floor: give it a room in floors_test.go, or move it", pkg)
			continue
		}
		for _, imported := range words[1:] {
			below, ok := strings.CutPrefix(imported, prefix)
			if !ok {
				if strings.HasPrefix(imported, "yiwang/internal") || imported == "yiwang/cmd/yiwang" {
					t.Errorf("%s imports %s", pkg, imported)
				}
				continue
			}
			if why := forbidden(pkg, below, here, floorOf(below)); why != "" {
				t.Errorf("%s imports %s: %s", pkg, below, why)
			}
		}
	}
}

func forbidden(pkg, below string, here, there int) string {
	switch {
	case there > here:
		return fmt.Sprintf("up from %s to %s (%s)", floors[here].name, floors[there].name, floors[here].because)
	case there == here && !floors[here].among && room(pkg) != room(below):
		return "sideways: " + floors[here].because
	}
	return ""
}

// room is the package's first two path elements: its sub-packages are of the
// same room.
func room(pkg string) string {
	parts := strings.SplitN(pkg, "/", 3)
	return strings.Join(parts[:min(2, len(parts))], "/")
}

// Every package says in its doc.go what it is for.
func TestPackageDocs(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}}|{{.Doc}}|{{len .GoFiles}}`, "yiwang/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		parts := strings.Split(strings.TrimSpace(line), "|")
		if parts[2] != "0" && parts[1] == "" {
			t.Errorf("%s has no package comment", parts[0])
		}
	}
}
