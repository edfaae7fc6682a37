// Command bench measures a running Yiwang from outside, as its users do: over
// HTTP, from a process of its own, with durable commits. It starts the program on
// a fresh data directory, drives it, stores cases and drives it again, prints a
// table of every figure beside what is wanted, and writes it to docs/benchmarks.md
// with the machine and the date. With -services it measures what services promise, and
// adds what bench/rule/run has measured engines of other makes to take; with -soak it
// drives the endurance profile. Start it with make bench, make bench-large, make soak or
// script/bench services.
package main
