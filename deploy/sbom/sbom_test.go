package main

import "testing"

// A licence is known by its own words, and only those on the list are taken.
func TestLicences(t *testing.T) {
	for _, c := range []struct {
		text, licence string
		taken         bool
	}{
		{"Permission is hereby granted, free of\n charge, to any person obtaining a copy of this", "MIT", true},
		{"Redistribution and use in source and binary forms, with or without", "BSD-2-Clause", true},
		{"Redistribution and use in source and binary forms … to endorse or promote products derived from", "BSD-3-Clause", true},
		{"Apache License\n Version 2.0, January 2004", "Apache-2.0", true},
		{"GNU GENERAL PUBLIC LICENSE\n Version 3, 29 June 2007", "GPL", false},
		{"GNU AFFERO GENERAL PUBLIC LICENSE Version 3", "GPL", false},
		{"Mozilla Public License Version 2.0 … the GNU General Public License, Version 2.0", "MPL-2.0", true},
		{"All rights reserved.", "", false},
		{"", "", false},
	} {
		if got := recognize(c.text); got != c.licence || taken(got) != c.taken {
			t.Errorf("%q is %q, taken %v; want %q, %v", c.text, got, taken(got), c.licence, c.taken)
		}
	}
	for expression, want := range map[string]bool{"(MIT OR Apache-2.0)": true, "(MIT OR GPL)": true, "MIT AND GPL": false, "MIT AND Apache-2.0": true} {
		if taken(expression) != want {
			t.Errorf("%s: taken %v", expression, !want)
		}
	}
}
