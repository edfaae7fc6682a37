package measure

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/work/dispatch"
)

// Duty is a city's own duty list, and the codes of other lists that its matters
// take the place of.
type Duty struct {
	Entries  []dispatch.Entry
	replaces map[string]string // other code → own code; nil: the history has these codes already
}

// ReadDuty reads a duty list from a CSV file with a header: code and name, and where
// it has them level1_name, level2_name, description, keywords (parted by ;) and
// replaces, the codes (parted by ;) under which the history knows the matter. Other
// columns are ignored, so the list of a city pack can be read as it is. enrich adds
// what is known of codes elsewhere; a matter gets what the codes it replaces have.
func ReadDuty(file string, enrich func([]dispatch.Entry) []dispatch.Entry) (_ Duty, err error) {
	defer errs.Wrap(&err, "measure.ReadDuty(%s)", file)
	b, err := os.ReadFile(file)
	if err != nil {
		return Duty{}, errs.E(errs.NotFound, "dispatch.no_file", errs.Args{"file": filepath.Base(file)}).Because(err)
	}
	in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff"))))
	in.Comment = '#'
	rows, err := in.ReadAll()
	bad := errs.E(errs.Invalid, "dispatch.bad_duty", errs.Args{"file": filepath.Base(file)})
	if err != nil {
		return Duty{}, bad.Because(err)
	}
	if len(rows) < 2 || !slices.Contains(rows[0], "code") || !slices.Contains(rows[0], "name") {
		return Duty{}, bad
	}
	d := Duty{replaces: map[string]string{}}
	for _, row := range rows[1:] {
		cell := func(column string) string {
			if i := slices.Index(rows[0], column); i >= 0 {
				return strings.TrimSpace(row[i])
			}
			return ""
		}
		e := dispatch.Entry{Code: cell("code"), Name: cell("name"), Description: cell("description"), Words: list(cell("keywords"))}
		for _, column := range []string{"level1_name", "level2_name"} {
			if name := cell(column); name != "" {
				e.Path = append(e.Path, name)
			}
		}
		if e.Code == "" || e.Name == "" {
			return Duty{}, bad
		}
		e = enrich([]dispatch.Entry{e})[0]
		for _, code := range list(cell("replaces")) {
			d.replaces[code] = e.Code
			other := enrich([]dispatch.Entry{{Code: code}})[0]
			e.Words, e.Examples = append(e.Words, other.Words...), append(e.Examples, other.Examples...)
		}
		d.Entries = append(d.Entries, e)
	}
	return d, nil
}

func list(cell string) []string {
	return slices.DeleteFunc(strings.Split(cell, ";"), func(s string) bool { return strings.TrimSpace(s) == "" })
}

// Apply puts cases under this duty list: a code that it replaces becomes its own, a
// matter that it does not know is forgotten.
func (d Duty) Apply(cases []Case) {
	if d.replaces == nil {
		return
	}
	own := map[string]string{}
	for code, mine := range d.replaces {
		own[code] = mine
	}
	for _, e := range d.Entries {
		own[e.Code] = e.Code
	}
	for i := range cases {
		c := &cases[i]
		var right []string
		for _, code := range append([]string{c.Matter}, c.Also...) {
			if mine := own[code]; mine != "" && !slices.Contains(right, mine) {
				right = append(right, mine)
			}
		}
		if own[c.Matter] == "" {
			c.Forget(dispatch.Matter)
			continue
		}
		c.Matter, c.Also = right[0], right[1:]
	}
}
