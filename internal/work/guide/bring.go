package guide

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"io"
	"regexp"
	"slices"
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/idnumber"
	"yiwang/internal/core/city"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
)

// listed is a line of a list of items as platforms hand them out.
type listed struct {
	Department string `json:"department"`
	Name       string `json:"name"`
	Code       string `json:"code"`      // 实施编码: base code, division, …, credit code, …
	TaskType   string `json:"task_type"` // code of GB/T 39046
}

// Brought is what became of a list.
type Brought struct {
	Items    int            `json:"items"`
	Nameless int            `json:"nameless"` // lines without a name, left out
	Twice    int            `json:"twice"`    // lines whose code stood before, left out
	NoUnit   map[string]int `json:"no_unit"`  // items by department that is no unit of the city
}

// Bring reads a list of items, one JSON object a line, and writes it as
// service/items.csv: what it says is taken over, what it does not say stays empty, and
// yiwang check lists it. Departments become units of the city by their names. Error:
// Invalid, with the line.
func Bring(r io.Reader, w io.Writer, c *city.City) (Brought, error) {
	out := Brought{NoUnit: map[string]int{}}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	csvw := csv.NewWriter(w)
	if err := csvw.Write(matter.ListColumns); err != nil {
		return out, err
	}
	seen, units := map[string]bool{}, unitsByName(c)
	for n := 1; lines.Scan(); n++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		var l listed
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return out, errs.E(errs.Invalid, "guide.bad_line", errs.Args{"line": n}).Because(err)
		}
		switch {
		case strings.TrimSpace(l.Name) == "" || l.Code == "":
			out.Nameless++
			continue
		case seen[l.Code]:
			out.Twice++
			continue
		}
		seen[l.Code] = true
		row, known := l.row(units)
		if !known {
			out.NoUnit[l.Department]++
		}
		out.Items++
		if err := csvw.Write(row); err != nil {
			return out, err
		}
	}
	csvw.Flush()
	if err := lines.Err(); err != nil {
		return out, errs.E(errs.Invalid, "guide.bad_line", errs.Args{"line": out.Items}).Because(err)
	}
	return out, csvw.Error()
}

// division is the code of a county or city, with six digits for what is below it.
var division = regexp.MustCompile(`^[0-9]{6}000000$`)

// row lays a line out as a row of the list; known is whether its department is one of
// the city's units.
func (l listed) row(units map[string]string) (row []string, known bool) {
	cells := map[string]string{"code": strings.ToLower(l.Code), "title": strings.TrimSpace(l.Name), "number": l.Code, "type": l.kind(), "level": "district"}
	parts := strings.Split(l.Code, "-")
	cells["base"] = l.Code
	if i := slices.IndexFunc(parts, division.MatchString); i > 0 { // what stands before the division
		cells["base"] = strings.Join(parts[:i], "-")
	}
	for _, p := range parts {
		if len(p) == 18 && idnumber.Credit(p) == nil {
			cells["credit"] = p
		}
		if division.MatchString(p) && strings.HasSuffix(p, "00000000") {
			cells["level"] = "city"
		}
	}
	cells["unit"], known = units[bareName(l.Department)]
	row = make([]string, len(matter.ListColumns))
	for i, column := range matter.ListColumns {
		row[i] = cells[column]
	}
	return row, known
}

func (l listed) kind() string {
	for word, code := range matter.ServiceTypes {
		if code == l.TaskType || strings.TrimPrefix(code, "0") == l.TaskType {
			return word
		}
	}
	return "other"
}

// bareName is a department's name without what tells one district's from another's.
func bareName(s string) string {
	s = strings.TrimSpace(s)
	for _, head := range []string{"示范区", "区", "市", "县"} {
		s = strings.TrimPrefix(s, head)
	}
	for _, tail := range []string{"委员会", "委", "局", "办公室", "办"} {
		if t, ok := strings.CutSuffix(s, tail); ok && t != "" {
			return t
		}
	}
	return s
}

func unitsByName(c *city.City) map[string]string {
	out := map[string]string{}
	if c == nil || c.Directory == nil {
		return out
	}
	all := c.Directory.Units()
	slices.SortFunc(all, func(a, b org.Unit) int { return strings.Compare(a.Code, b.Code) })
	for _, u := range all {
		for _, name := range []string{u.Name, u.Short} {
			if b := bareName(name); b != "" && out[b] == "" {
				out[b] = u.Code
			}
		}
	}
	return out
}
