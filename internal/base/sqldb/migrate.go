package sqldb

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"yiwang/internal/base/errs"
)

// versionTable is where the applied migrations are noted.
const versionTable = "schema_version"

// Migrate brings the schema up to the newest migration in files, which holds
// 00001_name.sql and so on at its top, plain SQL for both engines with these
// aliases:
//
//	{{text}}       text compared by bytes
//	{{bigint}}     integer of 64 bits
//	{{real}}       float of 64 bits
//	{{bool}}       truth; write true and false
//	{{json}}       JSON, not kept byte for byte
//	{{blob}}       bytes
//	{{strict}}     after the closing bracket of a table: types are enforced
//	{{clustered}}  the same, and rows lie in the order of the primary key
//	{{fts NAME}};     a SearchTable NAME
//
// Where the engines need different text, NAME.sqlite.sql and NAME.pg.sql stand
// for the same number. Each file is one transaction. Two processes may migrate
// the same PostgreSQL database at once: one waits. Error: Conflict
// "sqldb.newer_schema" where a newer program has written the database.
func (db *DB) Migrate(ctx context.Context, files fs.FS) (err error) {
	defer errs.Wrap(&err, "sqldb.Migrate")
	pool, dialect, err := db.migrationPool()
	if err != nil {
		return err
	}
	defer pool.Close() // nothing is pending on it
	unlock, err := lockMigrations(ctx, pool, db.engine)
	if err != nil {
		return err
	}
	defer unlock()
	store, err := database.NewStore(dialect, versionTable)
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider("", pool, dialectFS{files, db.engine}, goose.WithStore(store), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	have, know, err := provider.GetVersions(ctx)
	if err != nil {
		return classify(ctx, err)
	}
	if have > know {
		return errs.E(errs.Conflict, "sqldb.newer_schema", errs.Args{"have": have, "know": know})
	}
	start := time.Now()
	results, err := provider.Up(ctx)
	if partial, ok := errors.AsType[*goose.PartialError](err); ok {
		return fmt.Errorf("%s: %w", partial.Failed.Source.Path, classify(ctx, partial.Err))
	}
	if err != nil {
		return classify(ctx, err)
	}
	if len(results) > 0 {
		db.log.InfoContext(ctx, "schema migrated", "from", have, "to", know, "took", time.Since(start).Round(time.Millisecond))
	}
	return nil
}

// migrationPool opens connections of its own, since the writer of SQLite holds
// its one for ever.
func (db *DB) migrationPool() (*sql.DB, database.Dialect, error) {
	if db.engine == Postgres {
		pool, err := sql.Open("pgx", db.url)
		return pool, database.DialectPostgres, err
	}
	file, sync, err := parseSQLiteURL(db.url)
	if err != nil {
		return nil, "", err
	}
	pool, err := sql.Open("sqlite", sqliteDSN(file, append([]string{"synchronous(" + sync + ")"}, writerPragmas...)))
	if err == nil {
		pool.SetMaxOpenConns(1)
	}
	return pool, database.DialectSQLite3, err
}

// lockMigrations lets one process migrate at a time. On PostgreSQL it holds the
// lock of a row in a transaction of its own, which ends with the process however
// that ends. A SQLite file has one owner.
func lockMigrations(ctx context.Context, pool *sql.DB, engine Engine) (unlock func(), err error) {
	if engine == SQLite {
		return func() {}, nil
	}
	const table = versionTable + "_lock"
	for try := 1; ; try++ {
		_, err = pool.ExecContext(ctx, "create table if not exists "+table+" (id bigint primary key)")
		if err == nil {
			_, err = pool.ExecContext(ctx, "insert into "+table+" (id) values (1) on conflict (id) do nothing")
		}
		if err == nil {
			break
		}
		// Two that create a table at once may both see it missing; one then fails on
		// PostgreSQL's own catalogue, and finds it there when it looks again.
		if try == 5 {
			return nil, classify(ctx, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return nil, classify(ctx, err)
	}
	_, err = tx.ExecContext(ctx, "set local idle_in_transaction_session_timeout = 0")
	if err == nil {
		_, err = tx.ExecContext(ctx, "select id from "+table+" where id = 1 for update")
	}
	if err != nil {
		return nil, errors.Join(classify(ctx, err), tx.Rollback())
	}
	return func() { _ = tx.Rollback() }, nil // it changed nothing
}

// dialectFS shows the migrations of one engine, with the aliases replaced.
type dialectFS struct {
	fs.FS
	engine Engine
}

// ReadDir lists the files that are for this engine.
func (f dialectFS) ReadDir(name string) ([]fs.DirEntry, error) {
	all, err := fs.ReadDir(f.FS, name)
	if err != nil {
		return nil, err
	}
	other := ".pg.sql"
	if f.engine == Postgres {
		other = ".sqlite.sql"
	}
	mine := make([]fs.DirEntry, 0, len(all))
	for _, e := range all {
		if !strings.HasSuffix(e.Name(), other) {
			mine = append(mine, e)
		}
	}
	return mine, nil
}

// Open opens a file; one of SQL reads as the engine needs it.
func (f dialectFS) Open(name string) (fs.File, error) {
	if !strings.HasSuffix(name, ".sql") {
		return f.FS.Open(name)
	}
	raw, err := fs.ReadFile(f.FS, name)
	if err != nil {
		return nil, err
	}
	info, err := fs.Stat(f.FS, name)
	if err != nil {
		return nil, err
	}
	text, err := expand(string(raw), f.engine)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if !strings.Contains(text, "+goose Up") {
		text = "-- +goose Up\n" + text
	}
	return &expanded{Reader: bytes.NewReader([]byte(text)), info: info}, nil
}

type expanded struct {
	*bytes.Reader
	info fs.FileInfo
}

func (e *expanded) Stat() (fs.FileInfo, error) { return e.info, nil }
func (e *expanded) Close() error               { return nil }

var aliasPattern = regexp.MustCompile(`\{\{\s*([a-z]+)(?:\s+([a-z_][a-z0-9_]*))?\s*\}\}`)

// aliases maps an alias to its text on SQLite and on PostgreSQL.
var aliases = map[string][2]string{
	"text":      {"text", `text collate "C"`},
	"bigint":    {"integer", "bigint"},
	"real":      {"real", "double precision"},
	"bool":      {"integer", "boolean"},
	"json":      {"text", "jsonb"},
	"blob":      {"blob", "bytea"},
	"strict":    {"strict", ""},
	"clustered": {"strict, without rowid", ""},
}

// searchTables are the statements of {{fts NAME}}. In SQLite's index every
// character but separators belongs to a word, since the words come split.
var searchTables = [2]string{
	`create table NAME_id (rowno integer primary key, id text not null unique) strict;
create virtual table NAME using fts5(words, content='', contentless_delete=1,
	tokenize="unicode61 remove_diacritics 0 categories 'L* M* N* P* S* Co'")`,
	`create table NAME (id text collate "C" primary key, words tsvector not null);
create index NAME_words on NAME using gin (words)`,
}

// expand replaces the aliases in a migration.
func expand(text string, engine Engine) (string, error) {
	var bad string
	text = aliasPattern.ReplaceAllStringFunc(text, func(found string) string {
		m := aliasPattern.FindStringSubmatch(found)
		if m[1] == "fts" && m[2] != "" {
			return strings.ReplaceAll(searchTables[engine], "NAME", m[2])
		}
		if a, ok := aliases[m[1]]; ok && m[2] == "" {
			return a[engine]
		}
		bad = found
		return found
	})
	if i := strings.Index(text, "{{"); i >= 0 && bad == "" {
		bad = text[i:min(len(text), i+20)]
	}
	if bad != "" {
		return "", fmt.Errorf("unknown alias %s", bad)
	}
	return text, nil
}
