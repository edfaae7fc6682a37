package population

import (
	"encoding/csv"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/register"
)

// Refused is a row that was not taken.
type Refused struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Key  string `json:"key"` // of the reason
	args errs.Args
}

// Say returns the reason in words.
func (r Refused) Say(l text.Lang) string { return text.Say(l, r.Key, r.args) }

// table is a file in memory. Its cells are slices of the file: registers are loaded by
// the million, and a string for each cell would cost more than reading them again.
type table struct {
	file     string
	register *register.Register
	source   string
	items    []*register.Item // by column; nil for no
	columns  map[string]int
	no       int // column
	rows     []string
	lines    []int32 // line of each row
	first    bool    // it is the file of the register's first source
	ids      []string
	old      map[int]bool   // rows of subjects that were there before
	wrong    *register.Item // what was wrong with the row that was checked last, nil for the row itself
}

const maxLine = 1 << 16

// open reads a file and its head. Errors: Invalid.
func open(path, file string, r *register.Register, source string) (*table, error) {
	whole, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	raw := string(whole)
	t := &table{file: file, register: r, source: source, columns: map[string]int{}, no: -1}
	raw = strings.TrimPrefix(raw, "\ufeff")
	t.rows = make([]string, 0, strings.Count(raw, "\n"))
	for line := int32(1); len(raw) > 0; line++ {
		row, rest, _ := strings.Cut(raw, "\n")
		raw = rest
		row = strings.TrimSuffix(row, "\r")
		switch {
		case len(row) == 0 || row[0] == '#':
		case len(t.items) == 0:
			if err := t.head(row); err != nil {
				return nil, err
			}
		default:
			t.rows, t.lines = append(t.rows, row), append(t.lines, line)
		}
	}
	if len(t.items) == 0 || t.no < 0 {
		return nil, errs.E(errs.Invalid, "population.head", errs.Args{"file": file})
	}
	return t, nil
}

func (t *table) head(row string) error {
	for i, cell := range strings.Split(row, ",") {
		code := strings.TrimSpace(cell)
		t.columns[code] = i
		it, ok := t.register.Item(code)
		if code == "no" {
			t.no = i
		} else if !ok {
			return errs.E(errs.Invalid, "population.column", errs.Args{"file": t.file, "column": code, "register": t.register.Title})
		}
		t.items = append(t.items, it)
	}
	return nil
}

// cells splits a row into one cell for each column, in into.
func (t *table) cells(row string, into []string) ([]string, string) {
	into = into[:0]
	switch {
	case len(row) > maxLine:
		return nil, "population.long"
	case !utf8.ValidString(row) || strings.IndexByte(row, 0) >= 0:
		return nil, "population.utf8"
	case strings.IndexByte(row, '"') >= 0:
		quoted, err := csv.NewReader(strings.NewReader(row)).Read()
		if err != nil {
			return nil, "population.quotes"
		}
		into = append(into, quoted...)
	default:
		for {
			i := strings.IndexByte(row, ',')
			if i < 0 {
				into = append(into, row)
				break
			}
			into, row = append(into, row[:i]), row[i+1:]
		}
	}
	if len(into) != len(t.items) {
		return nil, "population.cells"
	}
	return into, ""
}

// check splits a row and says why it cannot be taken, "" where it can. The identity
// number of another source may be mistyped: it is evidence, not yet a fact.
func (t *table) check(row string, into []string) (cells []string, why string) {
	t.wrong = nil
	if cells, why = t.cells(row, into); why != "" {
		return into, why
	}
	for i, it := range t.items {
		if it == nil || it.Type == "subject" || it.Type == "idnumber" && !t.first {
			continue
		}
		if _, err := it.Tidy(cells[i]); err != nil {
			t.wrong = it
			return cells, "population.value"
		}
	}
	if strings.TrimSpace(cells[t.no]) == "" {
		return cells, "population.no_missing"
	}
	return cells, ""
}

// cell returns the cell of an item, "" where the file has no such column.
func (t *table) cell(cells []string, code string) string {
	if i, ok := t.columns[code]; ok {
		return strings.TrimSpace(cells[i])
	}
	return ""
}

// numbering is which row a source's own number is of.
type numbering struct {
	dense  []int32 // row and one, by a number that is small
	sparse map[string]int32
}

// add enters a number; false where another row has it.
func (n *numbering) add(no string, row int) bool {
	if k, err := strconv.Atoi(no); err == nil && k >= 0 && k < 1<<26 && (len(no) == 1 || no[0] != '0') {
		for k >= len(n.dense) {
			n.dense = append(n.dense, make([]int32, max(1024, len(n.dense)))...)
		}
		if n.dense[k] != 0 {
			return false
		}
		n.dense[k] = int32(row) + 1
		return true
	}
	if n.sparse == nil {
		n.sparse = map[string]int32{}
	}
	if n.sparse[no] != 0 {
		return false
	}
	n.sparse[no] = int32(row) + 1
	return true
}

// row returns the row of a number, -1 where there is none.
func (n *numbering) row(no string) int {
	if k, err := strconv.Atoi(no); err == nil && k >= 0 && k < len(n.dense) && (len(no) == 1 || no[0] != '0') {
		return int(n.dense[k]) - 1
	}
	return int(n.sparse[no]) - 1
}
