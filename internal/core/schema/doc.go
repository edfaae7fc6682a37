// Package schema holds the tables of the house: numbered SQL files, one set for
// both engines, run by base/sqldb. Each table is read and written by one package
// only; the comment above it says which.
package schema
