// Package beside is a table of figures in which engines of several makes stand beside
// one another: what each was measured to take, by programs that each leave some lines.
package beside
