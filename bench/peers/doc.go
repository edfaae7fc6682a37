// Command peers lets clients open tickets in another system, or in Yiwang, by its
// own HTTP interface, and prints what came of it as a row of a table. bench/peers/run
// installs the systems, drives them with it and removes them.
package main
