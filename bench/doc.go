// Command bench measures a running Yiwang from outside, as its users do: over
// HTTP, from a process of its own, with durable commits. It starts the program on
// a fresh data directory, drives it, stores cases and drives it again, prints a
// table of every figure beside what is wanted, and writes it to docs/benchmarks.md
// with the machine and the date. With -soak it drives the endurance profile
// instead. Start it with make bench, make bench-large or make soak.
package main
