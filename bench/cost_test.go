package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/pprof/profile"
)

// What serves another part is counted for that part.
func TestStageOf(t *testing.T) {
	for _, c := range []struct {
		what  string
		stack string // the innermost first
	}{
		{"statements, with the driver", "modernc.org/sqlite/lib._sqlite3Step database/sql.(*Stmt).ExecContext yiwang/internal/core/cases.(*Store).File net/http.(*conn).serve"},
		{"commit, and the tree of the log", "modernc.org/sqlite/lib._sqlite3Step yiwang/internal/base/sqldb.(*groupWriter).commit"},
		{"the case in memory: lifecycle, clocks, seals, log", "encoding/json.Marshal yiwang/internal/core/cases.(*Store).File net/http.(*conn).serve"},
		{"notices, after the answer", "modernc.org/sqlite/lib._sqlite3Step yiwang/internal/core/notice.(*Outbox).Run"},
		{"HTTP, JSON, keys and rights", "runtime.mallocgc net/http.(*conn).serve"},
		{restOfCost, "runtime.schedule"},
	} {
		var s profile.Sample
		for name := range strings.FieldsSeq(c.stack) {
			s.Location = append(s.Location, &profile.Location{Line: []profile.Line{{Function: &profile.Function{Name: name}}}})
		}
		if got := stageOf(&s); got != c.what {
			t.Errorf("%s: %q, want %q", c.stack, got, c.what)
		}
	}
}

// A function that was renamed would silently count for another stage.
func TestStagesNameWhatThereIs(t *testing.T) {
	method := regexp.MustCompile(`^(.+)\.\(\*(\w+)\)(?:\.(\w+))?$`)
	for _, st := range stages {
		for _, name := range st.below {
			dir, own := strings.CutPrefix(name, "yiwang/")
			if !own {
				continue
			}
			want := ""
			if m := method.FindStringSubmatch(dir); m != nil {
				if dir, want = m[1], "*"+m[2]+") "+m[3]; m[3] != "" {
					want += "("
				}
			}
			files, err := filepath.Glob(filepath.Join("..", dir, "*.go"))
			if err != nil || len(files) == 0 {
				t.Errorf("%s: there is no such room", name)
				continue
			}
			found := want == ""
			for _, f := range files {
				raw, err := os.ReadFile(f)
				if err != nil {
					t.Fatal(err)
				}
				found = found || strings.Contains(string(raw), want)
			}
			if !found {
				t.Errorf("%s: there is no such function", name)
			}
		}
	}
}
