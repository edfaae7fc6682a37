package internal_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestControls holds docs/controls.md to what it says: every clause of level 2 is
// answered once and in one of four words, what the program does is shown by a test, and
// every test that the page or docs/security.md names exists.
func TestControls(t *testing.T) {
	page, err := os.ReadFile("../docs/controls.md")
	if err != nil {
		t.Fatal(err)
	}
	tests := testsOfTheTree(t)
	seen := map[string]int{}
	for _, line := range strings.Split(string(page), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 7 || !clause.MatchString(strings.TrimSpace(cells[1])) {
			continue
		}
		number, answer := strings.Fields(cells[1])[0], strings.TrimSpace(cells[3])
		if strings.HasPrefix(number, "7.") {
			seen[number]++
		}
		if !slices.Contains([]string{"program", "shared", "city", "open"}, answer) {
			t.Errorf("%s is answered %q", number, answer)
		}
		if answer == "program" && len(testName.FindAllString(cells[5], -1)) == 0 {
			t.Errorf("%s is done by no test", number)
		}
	}
	security, err := os.ReadFile("../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range testName.FindAllString(string(page)+string(security), -1) {
		if !tests[name] {
			t.Errorf("%s is named, which there is not", name)
		}
	}
	if seen["7.1.1"] != 1 {
		t.Errorf("7.1.1 is answered %d times", seen["7.1.1"])
	}
	for part, last := range map[int]int{2: 3, 3: 6, 4: 10, 5: 2, 6: 4, 7: 5, 8: 4, 9: 10, 10: 14} {
		for n := 1; n <= last; n++ {
			if number := fmt.Sprintf("7.1.%d.%d", part, n); seen[number] != 1 {
				t.Errorf("%s is answered %d times", number, seen[number])
			}
		}
	}
}

var clause = regexp.MustCompile(`^[78]\.1\.\d+`)
