// Package pack holds what makes the demo pack's files and the tests that say what
// its content must be: how many of each thing, and that everything named exists.
package pack
