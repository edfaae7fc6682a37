// Package matter holds what the city does, as declarations: each Matter says who
// may ask for what, which lifecycle its cases run, which clocks measure it and
// which unit answers for it. The duty list (职责清单) is the part of it that
// dispatch reads. Everything here is checked before it runs and never changes
// while it runs: a new edition is a new version.
package matter
