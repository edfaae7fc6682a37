package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"yiwang/internal/core/rule"
)

// export writes what engines of other makes are measured on: the people, the 273 rules
// as one query that passes over them once, and the table of 3,000 rows. The query knows
// the days of birth between which an age lies, as whoever writes it by hand would.
func export(dir string, c rule.Crowd) error {
	columns := spreads()
	err := exportPeople(filepath.Join(dir, "people.csv"), c, columns)
	made, types := make([]string, 0, len(columns)), map[string]spread{}
	for _, s := range columns {
		made = append(made, s.code+" "+sqlType(s))
		types[s.code] = s
	}
	counts := make([]string, 0, 273)
	for _, t := range entitlements(273) {
		counts = append(counts, "count(case when "+sqlRule(t, types)+" then 1 end)")
	}
	table := lookup(3000)
	raw, wrong := json.Marshal(table)
	granted, failed := grants(c)
	return errors.Join(err, wrong, failed,
		os.WriteFile(filepath.Join(dir, "granted"), []byte(granted), 0o644),
		os.WriteFile(filepath.Join(dir, "create.sql"), []byte("create table people ("+strings.Join(made, ", ")+")"), 0o644),
		os.WriteFile(filepath.Join(dir, "count.sql"), []byte("select "+strings.Join(counts, ",\n")+" from people"), 0o644),
		os.WriteFile(filepath.Join(dir, "lookup.json"), raw, 0o644))
}

// grants says how many each rule grants to, in one line, for others to be held against.
func grants(c rule.Crowd) (string, error) {
	rules, err := deciders()
	if err != nil {
		return "", err
	}
	tallies, err := rule.Everyone(c, day, rules)
	words := make([]string, len(tallies))
	for i := range tallies {
		words[i] = strconv.Itoa(tallies[i].Granted)
	}
	return strings.Join(words, " ") + "\n", err
}

func sqlType(s spread) string {
	if s.kind == "date" {
		return "date"
	}
	return "integer"
}

func exportPeople(file string, c rule.Crowd, columns []spread) (err error) {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriterSize(f, 1<<20)
	var line []byte
	for person := range c.Len() {
		line = line[:0]
		for i, s := range columns {
			if i > 0 {
				line = append(line, ',')
			}
			at := c[s.code].At[person]
			switch {
			case at == rule.NoValue:
			case s.kind == "date":
				line = time.Unix(int64(at)*86400, 0).UTC().AppendFormat(line, time.DateOnly)
			default:
				line = strconv.AppendInt(line, int64(at), 10)
			}
		}
		if _, err := w.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return w.Flush()
}

// sqlRule writes when a rule grants: the first row that holds does, and one that turns
// on a value which is not known leaves it open.
func sqlRule(t *rule.Table, types map[string]spread) string {
	out := ""
	for i := len(t.Rows) - 1; i >= 0; i-- {
		var all []string
		for _, f := range t.Facts {
			if test := t.Rows[i].When[f.Code]; test != "" {
				all = append(all, sqlTest(f.Code, test, types[f.Code]))
			}
		}
		row := strings.Join(all, " and ")
		if out == "" {
			out = row
		} else {
			out = "(" + row + ") or (not (" + row + ") and (" + out + "))"
		}
	}
	return out
}

func sqlTest(code, test string, s spread) string {
	from, to, isRange := strings.Cut(test, "..")
	switch {
	case code == "age":
		a, errA := strconv.Atoi(from)
		b, errB := strconv.Atoi(to)
		if errA != nil || errB != nil {
			panic("an age between two others is all that the rules ask: " + test)
		}
		return fmt.Sprintf("birth > date '%s' and birth <= date '%s'", day.AddDate(-b-1, 0, 0).Format(time.DateOnly), day.AddDate(-a, 0, 0).Format(time.DateOnly))
	case test == "yes":
		return code + " = 1"
	case test == "no":
		return code + " = 0"
	case isRange && from != "":
		return code + " >= " + from
	case isRange:
		return code + " <= " + to
	}
	return code + " in (" + strings.ReplaceAll(test, "o", "") + ")"
}
