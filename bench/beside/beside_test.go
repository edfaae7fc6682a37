package beside_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yiwang/bench/beside"
)

// Lines of several programs about the same thing stand together in the table.
func TestTable(t *testing.T) {
	dir := t.TempDir()
	ours := []beside.Line{{What: "a decision", Engine: "Yiwang", Figure: "0.40 µs", Wanted: "≤ 2 µs", Near: beside.AtMost(2, .4)}, {What: "a table", Engine: "Yiwang", Figure: "0.50 µs"}}
	if err := beside.Write(dir, "1-ours", ours); err != nil {
		t.Fatal(err)
	}
	if err := beside.Write(dir, "2-theirs", []beside.Line{{What: "a decision", Engine: "Other", Figure: "19 µs"}}); err != nil {
		t.Fatal(err)
	}
	lines, err := beside.Read(dir)
	if err != nil || len(lines) != 3 {
		t.Fatal(lines, err)
	}
	want := "| a decision | Yiwang | 0.40 µs | ≤ 2 µs: 5.00× |\n|  | Other | 19 µs |  |\n| a table | Yiwang | 0.50 µs |  |\n"
	if got := beside.Table(lines); !strings.HasSuffix(got, want) {
		t.Error(got)
	}
	if err := os.WriteFile(filepath.Join(dir, "3.lines"), []byte("broken off"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := beside.Read(dir); err == nil {
		t.Error("what is no line is taken for one")
	}
}

// A section is put in place of itself, whatever stands before and after it.
func TestReplace(t *testing.T) {
	page := "# Figures\n\n| a |\n"
	with := beside.Replace(page, "Services", "one")
	if with != "# Figures\n\n| a |\n\n## Services\n\none\n" {
		t.Fatalf("%q", with)
	}
	if got := beside.Replace(with+"\n## Last\n\nend\n", "Services", "two"); got != "# Figures\n\n| a |\n\n## Services\n\ntwo\n\n## Last\n\nend\n" {
		t.Errorf("%q", got)
	}
	if got := beside.Section(with, "Services"); got != "## Services\n\none\n" || beside.Section(page, "Services") != "" {
		t.Errorf("%q", got)
	}
}
