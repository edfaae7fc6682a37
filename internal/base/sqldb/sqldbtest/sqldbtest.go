package sqldbtest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"yiwang/internal/base/sqldb"
)

// postgresEnv names the environment variable with the URL of the test server.
const postgresEnv = "YIWANG_TEST_PG"

// conns bounds the connections of each pool of a test, so that many tests fit on
// one server.
const conns = 8

// Run runs fn as the subtests "sqlite" and "postgres", each with a database of
// its own to which migrations (nil for none) have been applied. It is gone after
// the test.
func Run(t *testing.T, migrations fs.FS, fn func(t *testing.T, db *sqldb.DB)) {
	t.Helper()
	RunAt(t, migrations, time.Now, fn)
}

// RunAt is Run with a clock of the test's own, which Tx.Now and DB.Now follow as
// long as it does not go back.
func RunAt(t *testing.T, migrations fs.FS, now func() time.Time, fn func(t *testing.T, db *sqldb.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, open(t, SQLiteURL(t, migrations), now)) })
	t.Run("postgres", func(t *testing.T) { fn(t, open(t, PostgresURL(t, migrations), now)) })
}

// OpenSQLite returns a fresh SQLite database that is closed after the test.
func OpenSQLite(t testing.TB, migrations fs.FS) *sqldb.DB {
	t.Helper()
	return open(t, SQLiteURL(t, migrations), time.Now)
}

// SQLiteURL makes a fresh SQLite database, which does not wait for the disk, and
// returns its URL.
func SQLiteURL(t testing.TB, migrations fs.FS) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "test.db")
	if err := os.WriteFile(file, sqliteTemplate(t, migrations), 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + file + "?synchronous=off"
}

// OpenPostgres returns a fresh PostgreSQL database that is dropped after the
// test, or skips the test where there is no server.
func OpenPostgres(t testing.TB, migrations fs.FS) *sqldb.DB {
	t.Helper()
	return open(t, PostgresURL(t, migrations), time.Now)
}

// PostgresURL makes a fresh PostgreSQL database and returns its URL; see
// OpenPostgres.
func PostgresURL(t testing.TB, migrations fs.FS) string {
	t.Helper()
	server := os.Getenv(postgresEnv)
	if server == "" {
		t.Skip(postgresEnv + " is not set: not run on PostgreSQL (start one: script/postgres start DIR)")
	}
	template := postgresTemplate(t, server, migrations)
	name := "yw_" + strings.ToLower(rand.Text()[:16])
	admin(t, server, "create database "+name+" template "+template)
	t.Cleanup(func() { admin(t, server, "drop database if exists "+name+" with (force)") })
	return withDatabase(t, server, name)
}

func open(t testing.TB, url string, now func() time.Time) *sqldb.DB {
	t.Helper()
	db, err := sqldb.Open(t.Context(), sqldb.Config{URL: url, Now: now, Conns: conns, Logger: logger(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func logger(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// templates are the migrated SQLite files made by this test binary, by the
// digest of their migrations: one is made once and then copied.
var templates struct {
	sync.Mutex
	made map[string][]byte
}

func sqliteTemplate(t testing.TB, migrations fs.FS) []byte {
	t.Helper()
	if migrations == nil {
		return nil
	}
	templates.Lock()
	defer templates.Unlock()
	key := digest(t, migrations)
	if b, ok := templates.made[key]; ok {
		return b
	}
	file := filepath.Join(t.TempDir(), "template.db")
	migrate(t, "sqlite:"+file+"?synchronous=off", migrations)
	// Closing the last connection has moved the log into the file.
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if templates.made == nil {
		templates.made = map[string][]byte{}
	}
	templates.made[key] = b
	return b
}

// postgresTemplate returns the name of a database with the migrations applied.
// Test binaries run side by side: each makes one under a name of its own and
// renames it; who comes second finds the name taken and drops his.
func postgresTemplate(t testing.TB, server string, migrations fs.FS) string {
	t.Helper()
	if migrations == nil {
		return "template0"
	}
	templates.Lock()
	defer templates.Unlock()
	name := "yw_template_" + digest(t, migrations)
	if postgresHas(t, server, name) {
		return name
	}
	mine := "yw_making_" + strings.ToLower(rand.Text()[:16])
	admin(t, server, "create database "+mine+" template template0")
	migrate(t, withDatabase(t, server, mine), migrations)
	if err := adminTry(t, server, "alter database "+mine+" rename to "+name); err != nil {
		admin(t, server, "drop database "+mine+" with (force)")
		if !postgresHas(t, server, name) {
			t.Fatal(err)
		}
	}
	return name
}

func postgresHas(t testing.TB, server, name string) (found bool) {
	t.Helper()
	withAdmin(t, server, func(ctx context.Context, db *sql.DB) error {
		return db.QueryRowContext(ctx, "select exists (select 1 from pg_database where datname = $1)", name).Scan(&found)
	})
	return found
}

func migrate(t testing.TB, url string, migrations fs.FS) {
	t.Helper()
	db, err := sqldb.Open(t.Context(), sqldb.Config{URL: url, Conns: 2, Logger: logger(t)})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), migrations); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// digest names migrations by their content.
func digest(t testing.TB, migrations fs.FS) string {
	t.Helper()
	h := sha256.New()
	names, err := fs.Glob(migrations, "*.sql")
	for _, name := range names {
		var b []byte
		if b, err = fs.ReadFile(migrations, name); err != nil {
			break
		}
		fmt.Fprintf(h, "%s %d\n%s", name, len(b), b)
	}
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

func admin(t testing.TB, server, statement string) {
	t.Helper()
	if err := adminTry(t, server, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func adminTry(t testing.TB, server, statement string) (err error) {
	t.Helper()
	withAdmin(t, server, func(ctx context.Context, db *sql.DB) error {
		_, err = db.ExecContext(ctx, statement)
		return nil
	})
	return err
}

// withAdmin connects to the server for one step. The test's own context has
// ended when it cleans up.
func withAdmin(t testing.TB, server string, fn func(ctx context.Context, db *sql.DB) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	db, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := fn(ctx, db); err != nil {
		t.Fatal(err)
	}
}

func withDatabase(t testing.TB, server, name string) string {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}
