// Package measure tells how good dispatch is: it reads labelled messages from
// files, refuses a test that stands in the training data, and turns answers into
// the figures that count, with their confidence intervals.
package measure
