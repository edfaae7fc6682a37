package internal_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// unfuzzed are the packages whose parsers need no target of their own, and why.
var unfuzzed = map[string]string{
	"door/desk":             "it hands out the files that were built, and reads nothing",
	"work/topic":            "its files are read by work/intake",
	"work/dispatch/measure": "it reads the experiments' own files",
}

// TestParsersAreFuzzed finds the packages that read text or bytes from outside, by the
// names of their functions, and the doors: each has a fuzz target. Declarations are read
// through base/decl and tried whole by FuzzLoad of core/city.
func TestParsersAreFuzzed(t *testing.T) {
	parser := regexp.MustCompile(`(?m)^func (?:Parse|Read|Decode|Load)\w*\((?:ctx context\.Context, )?(?:\w+, )*\w+ (?:\[\]byte|string|io\.Reader)[,)]`)
	target := regexp.MustCompile(`(?m)^func Fuzz\w+\(`)
	reads, fuzzed := map[string]string{}, map[string]bool{}
	err := filepath.WalkDir(".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		source, err := os.ReadFile(path)
		pkg := filepath.ToSlash(filepath.Dir(path))
		switch found := parser.Find(source); {
		case strings.HasSuffix(path, "_test.go"):
			fuzzed[pkg] = fuzzed[pkg] || target.Match(source)
		case found != nil:
			reads[pkg] = string(found)
		case strings.HasPrefix(pkg, "door/") && strings.Count(pkg, "/") == 1:
			reads[pkg] = "a door"
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for pkg, what := range reads {
		if !fuzzed[pkg] && unfuzzed[pkg] == "" {
			t.Errorf("%s reads what comes from outside (%s) and no fuzz target tries it", pkg, what)
		}
	}
	if len(reads) < 15 {
		t.Errorf("only %d packages found", len(reads))
	}
}
