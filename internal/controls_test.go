package internal_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestControls holds docs/controls.md to what it says: every clause of level 2, and every
// one that level 3 adds where a program or its surroundings are concerned, is answered once
// and in one of four words; what the program does is shown by a test, its part is said; the
// page counts right; and every test that it or docs/security.md names exists.
func TestControls(t *testing.T) {
	page, err := os.ReadFile("../docs/controls.md")
	if err != nil {
		t.Fatal(err)
	}
	seen, count := map[string]int{}, map[string]int{}
	for _, line := range strings.Split(string(page), "\n") {
		if !clause.MatchString(line) {
			continue
		}
		cells := strings.Split(line, "|")
		if len(cells) != 7 {
			t.Errorf("a row of %d cells: %s", len(cells)-2, line)
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		title, asks, answer, done, shown := cells[1], cells[2], cells[3], cells[4], cells[5]
		for _, one := range clauses(title) {
			seen[one]++
		}
		if strings.HasPrefix(title, "8.") {
			count["rows"]++
			count[answer]++
		}
		switch {
		case !slices.Contains([]string{"program", "shared", "city", "open"}, answer):
			t.Errorf("%s is answered %q", title, answer)
		case asks == "" || answer != "city" && done == "":
			t.Errorf("%s does not say what is asked or what is done", title)
		case answer == "program" && !testName.MatchString(shown):
			t.Errorf("%s is done by no test", title)
		case testName.ReplaceAllString(shown, "") != strings.Repeat(", ", strings.Count(shown, ",")):
			t.Errorf("%s is shown by what is no test: %s", title, shown)
		}
	}
	asked := []string{"7.1.1", "8.1.1"}
	for part, last := range map[int]int{2: 3, 3: 6, 4: 10, 5: 2, 6: 4, 7: 5, 8: 4, 9: 10, 10: 14} {
		for n := 1; n <= last; n++ {
			asked = append(asked, fmt.Sprintf("7.1.%d.%d", part, n))
		}
	}
	for _, title := range third {
		asked = append(asked, clauses(title)...)
	}
	for _, one := range asked {
		if seen[one] != 1 {
			t.Errorf("%s is answered %d times", one, seen[one])
		}
	}
	for one, n := range seen {
		if n > 1 || strings.HasPrefix(one, "7.") && !slices.Contains(asked, one) {
			t.Errorf("%s is answered %d times", one, n)
		}
	}
	says := counted.FindStringSubmatch(string(page))
	if says == nil {
		t.Fatal("the page does not say how many rows it has of level 3")
	}
	for i, what := range []string{"rows", "program", "shared", "city", "open"} {
		if n, err := strconv.Atoi(says[i+1]); err != nil || n != count[what] {
			t.Errorf("the page counts %s %s of level 3, there are %d", says[i+1], what, count[what])
		}
	}
	security, err := os.ReadFile("../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	threats(t, string(security))
	tests := testsOfTheTree(t)
	for _, name := range testName.FindAllString(string(page)+string(security), -1) {
		if !tests[name] {
			t.Errorf("%s is named, which there is not", name)
		}
	}
}

// threats sees that each threat has an attacker, a way in, a control, a test and what remains.
func threats(t *testing.T, page string) {
	t.Helper()
	n := 0
	for _, line := range strings.Split(page, "\n") {
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|---") || strings.HasPrefix(line, "| at stake") {
			continue
		}
		n++
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if len(cells) != 6 || slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) == "" }) || !testName.MatchString(cells[4]) {
			t.Errorf("a threat that is not told whole: %s", line)
		}
	}
	if n < 20 {
		t.Errorf("only %d threats", n)
	}
}

// third is what level 3 adds to level 2, or asks more sharply, of a program and of what is
// around it.
var third = []string{
	"8.1.2.1 a b e", "8.1.2.2 b", "8.1.2.3",
	"8.1.3.1 b c d", "8.1.3.2 e", "8.1.3.3 a b c d", "8.1.3.4 b", "8.1.3.5 d", "8.1.3.6",
	"8.1.4.1 d", "8.1.4.2 e f g", "8.1.4.3 d", "8.1.4.4 f", "8.1.4.5", "8.1.4.6", "8.1.4.7 a b", "8.1.4.8 a b", "8.1.4.9 b c", "8.1.4.10 b",
	"8.1.5.3 a b", "8.1.5.4 a b c d e f",
}

var (
	clause  = regexp.MustCompile(`^\| *[78]\.`)
	letter  = regexp.MustCompile(`^[a-z]$`)
	counted = regexp.MustCompile(`(\d+) rows, of them (\d+) program, (\d+) shared, (\d+) city, (\d+) open`)
)

// clauses returns what a row answers: "8.1.4.9 b c …" is 8.1.4.9 b and 8.1.4.9 c.
func clauses(title string) (all []string) {
	words := strings.Fields(title)
	for _, w := range words[1:] {
		if !letter.MatchString(w) {
			break
		}
		all = append(all, words[0]+" "+w)
	}
	if all == nil {
		all = words[:1]
	}
	return all
}
