package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// licences are those the project takes. They let the program be handed on, changed
// or not; MPL-2.0 asks for the source of the library's own files only.
var licences = []string{"MIT", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Apache-2.0", "MPL-2.0", "0BSD", "CC0-1.0",
	"Python-2.0", "BlueOak-1.0.0", "Unlicense", "Zlib"}

// taken reports whether an SPDX expression of AND or of OR may be taken.
func taken(expression string) bool {
	expression = strings.Trim(expression, "()")
	known := func(name string) bool { return slices.Contains(licences, strings.TrimSpace(name)) }
	if strings.Contains(expression, " OR ") {
		return slices.ContainsFunc(strings.Split(expression, " OR "), known)
	}
	for name := range strings.SplitSeq(expression, " AND ") {
		if !known(name) {
			return false
		}
	}
	return true
}

// marks are words by which a licence is known, in the order of an expression.
var marks = []struct{ name, words, without string }{
	{"MIT", "permission is hereby granted, free of charge, to any person obtaining a copy", ""},
	{"Apache-2.0", "apache license version 2.0, january 2004", ""},
	{"Apache-2.0", "licensed under the apache license, version 2.0", "apache license version 2.0, january 2004"},
	{"BSD-3-Clause", "to endorse or promote products derived from", ""},
	{"BSD-2-Clause", "redistribution and use in source and binary forms", "to endorse or promote products derived from"},
	{"ISC", "permission to use, copy, modify, and/or distribute this software for any purpose", ""},
	{"MPL-2.0", "mozilla public license version 2.0", ""},
	{"GPL", "gnu general public license version", "mozilla public license version 2.0"},
	{"GPL", "gnu lesser general public license version", "mozilla public license version 2.0"},
	{"GPL", "gnu affero general public license version", "mozilla public license version 2.0"},
}

// recognize reads an SPDX expression out of a licence's text; "" where it knows none.
func recognize(text string) string {
	text = strings.Join(strings.Fields(strings.ToLower(text)), " ")
	var found []string
	for _, m := range marks {
		if strings.Contains(text, m.words) && (m.without == "" || !strings.Contains(text, m.without)) && !slices.Contains(found, m.name) {
			found = append(found, m.name)
		}
	}
	return strings.Join(found, " AND ")
}

// licenceOf returns the text of the licence at the top of a directory, and of the
// notice that Apache-2.0 asks to be handed on; "" where there is none.
func licenceOf(dir string) string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return ""
	}
	var all []string
	for _, e := range entries {
		name := strings.ToLower(e.Name())
		named := strings.HasPrefix(name, "licen") || strings.HasPrefix(name, "copying") || strings.HasPrefix(name, "notice")
		if e.IsDir() || !named || strings.HasSuffix(name, ".go") {
			continue
		}
		if raw, err := os.ReadFile(filepath.Join(dir, e.Name())); err == nil {
			all = append(all, strings.TrimSpace(string(raw)))
		}
	}
	return strings.Join(all, "\n\n")
}
