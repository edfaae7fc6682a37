// Package sqldbtest runs a test on each engine, each time on a fresh database
// with the schema in it. PostgreSQL takes part where YIWANG_TEST_PG holds the
// URL of a server on which databases may be made, as script/postgres prints it;
// otherwise its half is skipped and says so.
package sqldbtest
