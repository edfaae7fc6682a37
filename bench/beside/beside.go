package beside

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Line is what one engine was measured to do.
type Line struct {
	What   string  `json:"what"` // the same of all engines that do the same
	Engine string  `json:"engine"`
	Figure string  `json:"figure"`
	Wanted string  `json:"wanted,omitempty"`
	Near   float64 `json:"near,omitempty"` // how near it is to what is wanted: 1 and more reaches it, 0 says nothing
}

// At most returns how near a figure is to one that it has to stay under.
func AtMost(most, figure float64) float64 {
	if figure <= 0 {
		return 0
	}
	return most / figure
}

// suffix is how files of lines end.
const suffix = ".lines"

// Write leaves lines in a directory, for Read.
func Write(dir, name string, lines []Line) error {
	var b strings.Builder
	for _, l := range lines {
		raw, err := json.Marshal(l)
		if err != nil {
			return err
		}
		b.Write(append(raw, '\n'))
	}
	return os.WriteFile(filepath.Join(dir, name+suffix), []byte(b.String()), 0o644)
}

// Read returns the lines that programs have left in a directory, file by file.
func Read(dir string) (out []Line, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*"+suffix))
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		for text := range strings.Lines(string(raw)) {
			var l Line
			if err := json.Unmarshal([]byte(text), &l); err != nil || l.What == "" || l.Engine == "" || l.Figure == "" {
				return nil, fmt.Errorf("%s: %q is no figure: %w", name, text, err)
			}
			out = append(out, l)
		}
	}
	return out, nil
}

// Table writes lines as a table in Markdown: those of one What together, where the first
// of them stood.
func Table(lines []Line) string {
	var order []string
	of := map[string][]Line{}
	for _, l := range lines {
		if !slices.Contains(order, l.What) {
			order = append(order, l.What)
		}
		of[l.What] = append(of[l.What], l)
	}
	var b strings.Builder
	b.WriteString("| what | by | measured | wanted |\n|---|---|---|---|\n")
	for _, what := range order {
		shown := what
		for _, l := range of[what] {
			wanted := l.Wanted
			if l.Near > 0 {
				wanted += fmt.Sprintf(": %.2f×", l.Near)
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", shown, l.Engine, l.Figure, wanted)
			shown = ""
		}
	}
	return b.String()
}

// Replace returns a page of Markdown with a section of the second level, by its title, in
// place of the one that it has, or at its end.
func Replace(page, title, section string) string {
	head := "## " + title + "\n"
	section = head + "\n" + strings.TrimSpace(section) + "\n"
	from := strings.Index("\n"+page, "\n"+head)
	if from < 0 {
		return strings.TrimRight(page, "\n") + "\n\n" + section
	}
	rest := page[from+len(head):]
	if next := strings.Index(rest, "\n## "); next >= 0 {
		section += rest[next:]
	}
	return page[:from] + section
}

// Section returns a section of a page with its title, "" where there is none.
func Section(page, title string) string {
	head := "## " + title + "\n"
	from := strings.Index("\n"+page, "\n"+head)
	if from < 0 {
		return ""
	}
	out := page[from:]
	if next := strings.Index(out[len(head):], "\n## "); next >= 0 {
		out = out[:len(head)+next+1]
	}
	return out
}
