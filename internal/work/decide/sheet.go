package decide

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/rule"
)

// Bounds of a spreadsheet, far above any table.
const (
	mostRows    = 10_001
	mostColumns = 200
)

// elseRow is the code of the line that follows where no row holds.
const elseRow = "else"

// fixed are the columns that every table has around its facts and results.
var fixed = []string{"row", "clause", "from", "to", "note"}

// grid writes the rows of a table as lines of cells, the head first. A fact or a result
// is headed by its title with its code behind, so that a line can be read by people and
// found again.
func grid(l text.Lang, t *rule.Table) [][]string {
	head := []string{column(l, "row")}
	for _, f := range t.Facts {
		head = append(head, f.Title+" ("+f.Code+")")
	}
	for _, r := range t.Results {
		head = append(head, "→ "+r.Title+" ("+r.Code+")")
	}
	for _, c := range fixed[1:] {
		head = append(head, column(l, c))
	}
	out := [][]string{head}
	line := func(r rule.Row) {
		cells := []string{r.Code}
		for _, f := range t.Facts {
			cells = append(cells, r.When[f.Code])
		}
		for _, res := range t.Results {
			cells = append(cells, r.Then[res.Code])
		}
		out = append(out, append(cells, r.Clause, r.From, r.To, r.Note))
	}
	for _, r := range t.Rows {
		line(r)
	}
	if t.Else != nil {
		line(rule.Row{Code: elseRow, Then: t.Else.Then, Clause: t.Else.Clause})
	}
	return out
}

func column(l text.Lang, c string) string { return text.Say(l, "rule.column_"+c, nil) }

// take reads lines of cells back into the rows of a table, in any order of columns.
func take(t *rule.Table, lines [][]string) (*rule.Table, error) {
	out := *t
	out.Rows, out.Else = nil, nil
	if len(lines) == 0 || len(lines[0]) > mostColumns {
		return nil, errs.E(errs.Invalid, "rule.no_sheet", nil)
	}
	if len(lines) > mostRows {
		return nil, errs.E(errs.TooLarge, "rule.many_rows", errs.Args{"most": mostRows - 1})
	}
	heads := make([]string, len(lines[0]))
	for i, h := range lines[0] {
		if heads[i] = headOf(t, strings.TrimSpace(h)); heads[i] == "" && h != "" {
			return nil, errs.E(errs.Invalid, "rule.unknown_column", errs.Args{"column": h})
		}
	}
	for _, cells := range lines[1:] {
		r := rule.Row{When: map[string]string{}, Then: map[string]string{}}
		filled := false
		for i, v := range cells {
			if v = strings.TrimSpace(v); v == "" || i >= len(heads) {
				continue
			}
			filled = true
			put(&r, heads[i], v)
		}
		switch {
		case r.Code == elseRow:
			out.Else = &rule.Else{Then: r.Then, Clause: r.Clause}
		case filled:
			out.Rows = append(out.Rows, r)
		}
	}
	return &out, nil
}

func put(r *rule.Row, head, v string) {
	kind, code, _ := strings.Cut(head, " ")
	switch kind {
	case "when":
		r.When[code] = v
	case "then":
		r.Then[code] = v
	case "row":
		r.Code = v
	case "clause":
		r.Clause = v
	case "from":
		r.From = v
	case "to":
		r.To = v
	case "note":
		r.Note = v
	}
}

// headOf finds what a column holds: "when CODE", "then CODE" or one of the fixed ones.
func headOf(t *rule.Table, head string) string {
	for _, c := range fixed {
		if head == c || head == column(text.Chinese, c) || head == column(text.English, c) {
			return c
		}
	}
	named := func(title, code string) bool {
		return head == code || head == title || strings.HasSuffix(head, "("+code+")")
	}
	for _, r := range t.Results {
		if strings.HasPrefix(head, "→") && strings.HasSuffix(head, "("+r.Code+")") {
			return "then " + r.Code
		}
	}
	for _, f := range t.Facts {
		if named(f.Title, f.Code) {
			return "when " + f.Code
		}
	}
	for _, r := range t.Results {
		if named(r.Title, r.Code) {
			return "then " + r.Code
		}
	}
	return ""
}

// WriteCSV writes the rows of a table as CSV.
func WriteCSV(w io.Writer, l text.Lang, t *rule.Table) error {
	c := csv.NewWriter(w)
	if err := c.WriteAll(grid(l, t)); err != nil {
		return err
	}
	return c.Error()
}

// ReadCSV returns a table with the rows that a CSV file holds, as WriteCSV writes it;
// all else stays. Errors: Invalid, TooLarge.
func ReadCSV(r io.Reader, t *rule.Table) (*rule.Table, error) {
	c := csv.NewReader(io.LimitReader(r, 64<<20))
	c.FieldsPerRecord = -1
	lines, err := c.ReadAll()
	if err != nil {
		return nil, errs.E(errs.Invalid, "rule.no_sheet", nil).Because(err)
	}
	if len(lines) > 0 && len(lines[0]) > 0 {
		lines[0][0] = strings.TrimPrefix(lines[0][0], "\ufeff")
	}
	return take(t, lines)
}

// WriteSheet writes the rows of a table as a spreadsheet (XLSX).
func WriteSheet(w io.Writer, l text.Lang, t *rule.Table) (err error) {
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	sheet := text.Say(l, "rule.sheet", nil)
	if err := f.SetSheetName("Sheet1", sheet); err != nil {
		return err
	}
	for n, line := range grid(l, t) {
		at, err := excelize.CoordinatesToCellName(1, n+1)
		if err != nil {
			return err
		}
		if err := f.SetSheetRow(sheet, at, &line); err != nil {
			return err
		}
	}
	if err := f.SetPanes(sheet, &excelize.Panes{Freeze: true, XSplit: 1, YSplit: 1, TopLeftCell: "B2", ActivePane: "bottomRight"}); err != nil {
		return err
	}
	if err := f.SetColWidth(sheet, "A", "Z", 18); err != nil {
		return err
	}
	_, err = f.WriteTo(w)
	return err
}

// ReadSheet returns a table with the rows that a spreadsheet holds, as WriteSheet
// writes it; all else stays. Errors: Invalid where it is no spreadsheet or has a column
// that the table does not know, TooLarge.
func ReadSheet(r io.Reader, t *rule.Table) (out *rule.Table, err error) {
	defer errs.Wrap(&err, "decide.ReadSheet")
	f, err := excelize.OpenReader(r, excelize.Options{UnzipSizeLimit: 64 << 20, UnzipXMLSizeLimit: 64 << 20})
	if err != nil {
		return nil, errs.E(errs.Invalid, "rule.no_sheet", nil).Because(err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	lines, err := f.GetRows(f.GetSheetName(0))
	if err != nil {
		return nil, errs.E(errs.Invalid, "rule.no_sheet", nil).Because(err)
	}
	return take(t, lines)
}

// Read reads a file as a spreadsheet, or as CSV where its name says so.
func Read(name string, b []byte, t *rule.Table) (*rule.Table, error) {
	if strings.HasSuffix(strings.ToLower(name), ".csv") {
		return ReadCSV(bytes.NewReader(b), t)
	}
	return ReadSheet(bytes.NewReader(b), t)
}

// Write writes a file as a spreadsheet, or as CSV where its name says so.
func Write(w io.Writer, name string, l text.Lang, t *rule.Table) error {
	if strings.HasSuffix(strings.ToLower(name), ".csv") {
		return WriteCSV(w, l, t)
	}
	return WriteSheet(w, l, t)
}
