package duty

import (
	"errors"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/matter"
)

// said are the codes of cells that a spreadsheet shows in words, by column.
var said = map[string][]string{"by": {"function", "place", "both"}, "level": {"street", "community"}, "fast": {"yes"}, "night": {"yes"}}

// WriteSheet writes a list as a spreadsheet (XLSX) with a head in plain words; a
// unit's code is followed by its name.
func WriteSheet(w io.Writer, l text.Lang, list []*matter.Matter, unitName func(string) string) (err error) {
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	sheet := text.Say(l, "duty.sheet", nil)
	if err := f.SetSheetName("Sheet1", sheet); err != nil {
		return err
	}
	row := make([]any, len(heads))
	for i, h := range heads {
		row[i] = text.Say(l, "duty.column_"+h, nil)
	}
	if err := f.SetSheetRow(sheet, "A1", &row); err != nil {
		return err
	}
	for n, m := range list {
		for i, v := range cells(m) {
			row[i] = Shown(l, heads[i], v, unitName)
		}
		at, err := excelize.CoordinatesToCellName(1, n+2)
		if err != nil {
			return err
		}
		if err := f.SetSheetRow(sheet, at, &row); err != nil {
			return err
		}
	}
	if err := f.SetPanes(sheet, &excelize.Panes{Freeze: true, XSplit: 2, YSplit: 1, TopLeftCell: "C2", ActivePane: "bottomRight"}); err != nil {
		return err
	}
	if err := f.SetColWidth(sheet, "B", "H", 24); err != nil {
		return err
	}
	_, err = f.WriteTo(w)
	return err
}

// Shown is a cell of the list as people read it: a unit's code with its name, other
// codes in words.
func Shown(l text.Lang, head, v string, unitName func(string) string) string {
	switch {
	case v == "":
	case head == "unit" || head == "backstop":
		if name := unitName(v); name != "" {
			return v + " " + name
		}
	case said[head] != nil:
		return text.Say(l, "duty.cell_"+v, nil)
	}
	return v
}

// mostRows bounds a spreadsheet, far above any duty list.
const mostRows = 20_000

// ReadSheet reads a spreadsheet as WriteSheet writes it, in either language and in
// any order of columns; the row of a finding is that of the spreadsheet. Errors:
// Invalid where it is no spreadsheet or lacks a column, TooLarge.
func ReadSheet(r io.Reader) (list []*matter.Matter, found []decl.Finding, err error) {
	defer errs.Wrap(&err, "duty.ReadSheet")
	f, err := excelize.OpenReader(r, excelize.Options{UnzipSizeLimit: 64 << 20, UnzipXMLSizeLimit: 64 << 20})
	if err != nil {
		return nil, nil, errs.E(errs.Invalid, "duty.no_sheet", nil).Because(err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	rows, err := f.GetRows(f.GetSheetName(0))
	if err != nil || len(rows) == 0 {
		return nil, nil, errs.E(errs.Invalid, "duty.no_sheet", nil).Because(err)
	}
	if len(rows) > mostRows {
		return nil, nil, errs.E(errs.TooLarge, "duty.many_rows", errs.Args{"most": mostRows})
	}
	order, err := columnsOf(rows[0])
	if err != nil {
		return nil, nil, err
	}
	table := [][]string{heads}
	for _, r := range rows[1:] {
		line := make([]string, len(heads))
		for i, at := range order {
			if at < len(r) {
				line[i] = meant(heads[i], strings.TrimSpace(r[at]))
			}
		}
		table = append(table, line)
	}
	list, found = parse(csvOf(table))
	return list, found, nil
}

// columnsOf finds the columns of the list among the heads of a spreadsheet.
func columnsOf(head []string) ([]int, error) {
	order := make([]int, len(heads))
	for i, h := range heads {
		order[i] = -1
		for at, cell := range head {
			cell = strings.TrimSpace(cell)
			for _, l := range []text.Lang{text.Chinese, text.English} {
				if cell == h || cell == text.Say(l, "duty.column_"+h, nil) {
					order[i] = at
				}
			}
		}
		if order[i] < 0 {
			return nil, errs.E(errs.Invalid, "duty.no_column", errs.Args{"column": text.Say(text.Chinese, "duty.column_"+h, nil)})
		}
	}
	return order, nil
}

// meant turns what a cell says into its code.
func meant(head, v string) string {
	switch {
	case head == "unit" || head == "backstop":
		code, _, _ := strings.Cut(v, " ")
		return code
	case said[head] == nil:
		return v
	}
	for _, code := range said[head] {
		for _, l := range []text.Lang{text.Chinese, text.English} {
			if v == text.Say(l, "duty.cell_"+code, nil) {
				return code
			}
		}
	}
	if v == text.Say(text.Chinese, "duty.cell_no", nil) || strings.EqualFold(v, "no") {
		return ""
	}
	return v
}
