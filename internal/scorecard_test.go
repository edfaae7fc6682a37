package internal_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestScorecard holds docs/scorecard.md to what it says: every number of the lists
// is answered once, in one of three words, and every test it names exists.
func TestScorecard(t *testing.T) {
	page, err := os.ReadFile("../docs/scorecard.md")
	if err != nil {
		t.Fatal(err)
	}
	tests := testsOfTheTree(t)
	seen := map[string]int{}
	for _, line := range strings.Split(string(page), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) < 7 || !rowNumber.MatchString(strings.TrimSpace(cells[1])) {
			continue
		}
		number, answer := strings.TrimSpace(cells[1]), strings.TrimSpace(cells[3])
		seen[number]++
		if answer != "works" && answer != "differs" && answer != "not yet" {
			t.Errorf("%s is answered %q", number, answer)
		}
		named := testName.FindAllString(cells[5], -1)
		if answer == "works" && len(named) == 0 {
			t.Errorf("%s works by no test", number)
		}
		for _, name := range named {
			if !tests[name] {
				t.Errorf("%s names %s, which there is not", number, name)
			}
		}
	}
	for part, last := range map[string]int{"1.": 23, "2.": 40, "3.": 44, "A": 26, "P": 18} {
		for n := 1; n <= last; n++ {
			if number := part + strconv.Itoa(n); seen[number] != 1 {
				t.Errorf("%s is answered %d times", number, seen[number])
			}
		}
	}
}

var (
	rowNumber = regexp.MustCompile(`^([123]\.\d+|[AP]\d+)$`)
	testName  = regexp.MustCompile(`Test\w+|e2e/[\w.]+\.mjs`)
	testDecl  = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
)

// testsOfTheTree returns the names of all tests of the repository.
func testsOfTheTree(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git"):
			return fs.SkipDir
		case strings.HasSuffix(path, ".test.mjs"):
			found[strings.TrimPrefix(filepath.ToSlash(path), "../")] = true
		case strings.HasSuffix(path, "_test.go"):
			source, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, m := range testDecl.FindAllStringSubmatch(string(source), -1) {
				found[m[1]] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
