// Package decl reads declarations, YAML and CSV, and never loses where a thing
// stood: everything wrong is a Finding with file, line and the mend, in the words
// of the catalogue. It knows the form of declarations and nothing of what they
// declare.
package decl
