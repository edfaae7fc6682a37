// Package text holds every sentence that a person reads, in Chinese and in
// English, in catalogues that are plain YAML: one file for each room of the
// house under zh/ and en/. Code names a key; the reader's language picks the
// sentence; {name} in it is filled from the arguments.
package text
