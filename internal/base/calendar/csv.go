package calendar

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"yiwang/internal/base/errs"
)

// ReadDays reads a file of declared days: CSV with the columns date
// (2026-02-14), name and type (public_holiday or makeup_workday). A row that
// cannot be read becomes a problem with its line, and the rest is read; what the
// days say together (twice, both kinds) is for Spec.Check.
func ReadDays(r io.Reader) ([]Day, []Problem) {
	var days []Day
	var problems []Problem
	fault := func(line int, key string, args errs.Args) {
		problems = append(problems, Problem{Line: line, Severity: Fault, Key: key, Args: args})
	}
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1
	header := false
	for {
		row, err := in.Read()
		if err == io.EOF {
			if !header {
				fault(1, "calendar.header", nil)
			}
			return days, problems
		}
		if bad, ok := errors.AsType[*csv.ParseError](err); ok {
			fault(bad.StartLine, "calendar.row", nil)
			continue
		}
		if err != nil {
			fault(0, "calendar.unreadable", nil)
			return days, problems
		}
		line, _ := in.FieldPos(0)
		if !header {
			if strings.TrimPrefix(strings.Join(row, ","), "\ufeff") != "date,name,type" {
				fault(line, "calendar.header", nil)
				return nil, problems
			}
			header = true
			continue
		}
		day, p := readDay(row)
		if p != nil {
			fault(line, p.Key, p.Args)
			continue
		}
		day.Line = line
		days = append(days, day)
	}
}

func readDay(row []string) (Day, *errs.Error) {
	if len(row) != 3 {
		return Day{}, errs.E(errs.Invalid, "calendar.row", nil)
	}
	date, err := ParseDate(strings.TrimSpace(row[0]))
	if err != nil {
		return Day{}, errs.E(errs.Invalid, "calendar.date", errs.Args{"date": row[0]})
	}
	kind := Kind(strings.TrimSpace(row[2]))
	if kind != PublicHoliday && kind != MakeupWorkday {
		return Day{}, errs.E(errs.Invalid, "calendar.kind", errs.Args{"date": row[0], "kind": row[2]})
	}
	return Day{Date: date, Name: strings.TrimSpace(row[1]), Kind: kind}, nil
}
