package measure

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"yiwang/internal/base/errs"
)

// nameTags are the parts of an address that are names of places.
var nameTags = []string{"road", "subRoad", "poi", "subpoi", "community", "town", "devZone"}

// Names reads the names of places from a file of tagged addresses: on each line a
// character (or a number) and its tag, B-road where the name of a road begins and
// I-road where it goes on; an empty line between addresses. Each name comes once.
func Names(file string) (_ []string, err error) {
	defer errs.Wrap(&err, "measure.Names(%s)", file)
	f, err := os.Open(file)
	if err != nil {
		return nil, errs.E(errs.NotFound, "dispatch.no_file", errs.Args{"file": filepath.Base(file)}).Because(err)
	}
	defer f.Close()
	var out []string
	seen := map[string]bool{}
	name, tag := "", ""
	end := func() {
		if name != "" && slices.Contains(nameTags, tag) && !seen[name] {
			seen[name] = true
			out = append(out, name)
		}
		name, tag = "", ""
	}
	in := bufio.NewScanner(f)
	for in.Scan() {
		char, mark, ok := strings.Cut(in.Text(), " ")
		if !ok || !strings.HasPrefix(mark, "I-") {
			end()
		}
		if ok {
			name, tag = name+char, mark[min(2, len(mark)):]
		}
	}
	end()
	return out, in.Err()
}
