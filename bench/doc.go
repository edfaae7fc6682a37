// Command bench measures a running Yiwang from outside, as its users do: over
// HTTP, from a process of its own, with durable commits. It starts the program on
// a fresh data directory, drives it, stops it, prints a table and writes it to
// docs/benchmarks.md with the machine and the date. Start it with make bench.
package main
