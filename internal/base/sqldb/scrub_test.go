package sqldb_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"yiwang/internal/base/sqldb"
)

// What was deleted, or written over, is in no file afterwards, while what is beside it stays.
func TestScrub(t *testing.T) {
	file := filepath.Join(t.TempDir(), "scrub.db")
	db := openURL(t, "sqlite:"+file)
	if err := db.Migrate(t.Context(), fstest.MapFS{"00001_words.sql": {Data: []byte("-- +goose Up\ncreate table words (id integer primary key, body text);\n")}}); err != nil {
		t.Fatal(err)
	}
	write := func(sql string, args ...any) {
		t.Helper()
		err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.Exec(t.Context(), sql, args...)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	held := func() string {
		t.Helper()
		var all []byte
		for _, name := range []string{file, file + "-wal"} {
			raw, err := os.ReadFile(name)
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			all = append(all, raw...)
		}
		var found []string
		for _, what := range []string{"deleted-words", "former-words", "other-words"} {
			if bytes.Contains(all, []byte(what)) {
				found = append(found, what)
			}
		}
		return strings.Join(found, " ")
	}
	write(`insert into words (id, body) values (1, 'deleted-words'), (2, 'former-words'), (3, 'other-words')`)
	if was := held(); was != "deleted-words former-words other-words" {
		t.Fatalf("before: %q", was)
	}
	write(`delete from words where id = 1`)
	write(`update words set body = '' where id = 2`)
	if err := db.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	if is := held(); is != "other-words" {
		t.Errorf("afterwards: %q", is)
	}
}
