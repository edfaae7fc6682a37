// Command rule measures decisions: one of twelve conditions with its reasons, a table
// of 3,000 rows, 273 entitlement rules over 1.946 million people, and how often a
// decision differs from an oracle that reads the same tables slowly and plainly, by a
// parser of its own. It prints one table, beside cel-go and expr in the same process; the
// script run beside it adds engines of other makes.
package main
