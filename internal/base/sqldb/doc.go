// Package sqldb is the one way to the database, for SQLite and PostgreSQL alike:
// reads through a pool, writes through retryable closures that either happen
// wholly or not at all. SQL is written once with ? for arguments and runs on
// both engines; where the engines truly differ there are five named seams
// (full-text search, JSON access, bulk load, claiming due work, upsert) and a
// few aliases in migrations.
//
// # Writing
//
// [DB.Write] runs a closure in a transaction. The closure may run more than
// once, so it has no effect outside the transaction; what must happen when the
// transaction is durable goes into [Tx.After]. It runs beside others until its first
// statement; what it only has to write it leaves to the end with [Tx.Finally], and what
// it has to know before it reads with [Tx.Aside], so that it never keeps others waiting.
// On SQLite there is one writer: from its first statement on a closure has it for
// itself, and writes that wait together are committed together, with one sync to
// disk for all. On PostgreSQL transactions run side by side
// at READ COMMITTED and are repeated on deadlock, serialisation failure and a
// connection that broke before the commit was sent. Where the URL names several
// servers, connections stay with the one that takes writes, and leave one that hangs.
//
// The stricter engine sets the rule for both: a statement that failed has failed
// its transaction, one result must be read or closed before the next statement
// runs, and text is valid UTF-8 without NUL. A closure must not call Write
// again, and must not wait for anything but the database.
//
// # Comparing and sorting text
//
// Text is compared by its bytes on both engines: the migration alias {{text}}
// gives PostgreSQL columns COLLATE "C". LIKE minds the case of letters on both;
// write it with escape '\'.
package sqldb
