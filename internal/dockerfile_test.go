package internal_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestDockerfileCopies reads what deploy/Dockerfile copies: out of the source it has to
// be there, and not among what .dockerignore keeps out; out of a stage, that stage comes
// before. Nobody's data and keys go into a build.
func TestDockerfileCopies(t *testing.T) {
	file, err := os.ReadFile("../deploy/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	ignore, err := os.ReadFile("../.dockerignore")
	if err != nil {
		t.Fatal(err)
	}
	ignored := strings.Split(string(ignore), "\n")
	for _, one := range []string{"data", "web/node_modules", "bin"} {
		if !slices.Contains(ignored, one) {
			t.Errorf(".dockerignore lets %s in", one)
		}
	}
	var stages []string
	copies := 0
	for _, line := range strings.Split(strings.ReplaceAll(string(file), "\\\n", " "), "\n") {
		words := strings.Fields(line)
		if len(words) > 3 && words[0] == "FROM" && words[2] == "AS" {
			stages = append(stages, words[3])
		}
		if len(words) < 3 || words[0] != "COPY" {
			continue
		}
		copies++
		from := ""
		words = slices.DeleteFunc(words[1:], func(w string) bool {
			if stage, ok := strings.CutPrefix(w, "--from="); ok {
				from = stage
			}
			return strings.HasPrefix(w, "--")
		})
		if from != "" {
			if !slices.Contains(stages, from) {
				t.Errorf("%s: no stage %s before", line, from)
			}
			continue
		}
		for _, source := range words[:len(words)-1] {
			if found, err := filepath.Glob(filepath.Join("..", source)); err != nil || len(found) == 0 || slices.Contains(ignored, filepath.Clean(source)) {
				t.Errorf("%s: there is no %s, %v", line, source, err)
			}
		}
	}
	if copies == 0 {
		t.Error("nothing is copied: the file was not understood")
	}
}
