package decl

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"

	"yiwang/internal/base/errs"
)

// Row is one line of a CSV file, its cells by the names of the header.
type Row struct {
	Pos
	dir   *Dir
	index map[string]int
	cells []string
}

// CSV reads a file whose header has exactly the given columns, in any order.
// Lines that begin with # before the header are comments. Wrong columns and
// broken lines are reported; the good lines are returned.
func (d *Dir) CSV(name string, columns ...string) []Row {
	b, ok := d.Read(name)
	if !ok {
		return nil
	}
	skipped := 0
	for len(b) > 0 && (b[0] == '#' || b[0] == '\n' || b[0] == '\r') {
		_, rest, _ := bytes.Cut(b, []byte("\n"))
		b = rest
		skipped++
	}
	r := csv.NewReader(bytes.NewReader(b))
	r.FieldsPerRecord = -1
	header, err := r.Read()
	if err != nil {
		d.lose(Pos{name, skipped + 1}, "decl.empty", nil)
		return nil
	}
	index, ok := d.header(Pos{name, skipped + 1}, header, columns)
	if !ok {
		return nil
	}
	var rows []Row
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			line := skipped + 1
			if pe, ok := errors.AsType[*csv.ParseError](err); ok {
				line = skipped + pe.Line
			}
			d.lose(Pos{name, line}, "decl.csv", nil)
			return rows // after a stray quote the lines can no longer be told apart
		}
		line, _ := r.FieldPos(0)
		at := Pos{name, skipped + line}
		if len(cells) != len(header) {
			d.lose(at, "decl.cells", errs.Args{"have": len(cells), "want": len(header)})
			continue
		}
		rows = append(rows, Row{Pos: at, dir: d, index: index, cells: cells})
	}
}

// header finds each wanted column; every one must be there, and no other.
func (d *Dir) header(at Pos, header, columns []string) (map[string]int, bool) {
	index := map[string]int{}
	ok := true
	want := map[string]bool{}
	for _, c := range columns {
		want[c] = true
	}
	for i, h := range header {
		h = strings.TrimSpace(h)
		_, twice := index[h]
		switch {
		case !want[h]:
			d.lose(at, "decl.unknown_column", errs.Args{"column": clip(h), "known": strings.Join(columns, ", ")})
			ok = false
		case twice:
			d.lose(at, "decl.double_column", errs.Args{"column": h})
			ok = false
		}
		index[h] = i
	}
	for _, c := range columns {
		if _, there := index[c]; !there {
			d.lose(at, "decl.missing_column", errs.Args{"column": c})
			ok = false
		}
	}
	return index, ok
}

// Text returns a cell without the white space around it, "" where it is empty.
func (r Row) Text(column string) string { return strings.TrimSpace(r.cells[r.index[column]]) }

// Need returns a cell that must not be empty, and reports it where it is.
func (r Row) Need(column string) string {
	s := r.Text(column)
	if s == "" {
		r.Report("decl.empty_cell", errs.Args{"column": column})
	}
	return s
}

// List returns the parts of a cell between semicolons, Chinese or Latin.
func (r Row) List(column string) []string {
	var out []string
	for part := range strings.SplitSeq(strings.ReplaceAll(r.Text(column), "；", ";"), ";") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// Yes returns true for "yes", false for an empty cell; all else is reported.
func (r Row) Yes(column string) bool {
	switch s := r.Text(column); s {
	case "yes":
		return true
	case "":
		return false
	default:
		r.Report("decl.wrong_bool", errs.Args{"key": column, "value": clip(s)})
		return false
	}
}

// Int returns a whole number not below zero, 0 for an empty cell; all else is reported.
func (r Row) Int(column string) int {
	s := r.Text(column)
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		r.Report("decl.wrong_int", errs.Args{"key": column, "value": clip(s)})
		return 0
	}
	return n
}

// Float returns a number, 0 for an empty cell; what is none is reported.
func (r Row) Float(column string) float64 {
	s := r.Text(column)
	if s == "" {
		return 0
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || x != x || x-x != 0 {
		r.Report("decl.wrong_float64", errs.Args{"key": column, "value": clip(s)})
		return 0
	}
	return x
}

// OneOf returns a cell that must be one of the given words, "" where it is not,
// which is reported.
func (r Row) OneOf(column string, words ...string) string {
	s := r.Text(column)
	for _, w := range words {
		if s == w {
			return s
		}
	}
	r.Report("decl.not_one_of", errs.Args{"key": column, "value": clip(s), "known": strings.Join(words, ", ")})
	return ""
}

// Report records something wrong with this line.
func (r Row) Report(key string, args errs.Args) { r.dir.Report(r.Pos, key, args) }
