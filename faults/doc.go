// Command faults does to a running Yiwang what happens to programs in the world:
// it kills it, fills its disk, takes its database away, stops it, turns its clock,
// cuts its connections, and starts it with newer and older programs, while clients
// write and remember every answer they got. After each it looks into the database:
// every acknowledged write there exactly once, every clock fired once, no notice
// sent twice, verify ok. It prints a table and writes docs/faults.md. Start it with
// make faults; it touches nothing but loopback and a directory of its own, and ends
// only what it started. With -failover it does so to several machines, each an address
// of loopback: PostgreSQL under Patroni, nodes behind a proxy (script/failover).
package main
