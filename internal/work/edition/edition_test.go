package edition_test

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/sqldb/sqldbtest"
	"yiwang/internal/core/schema"
	"yiwang/internal/work/edition"
)

// Of the published editions, the one whose first day came last holds; drafts never do.
func TestInForce(t *testing.T) {
	all := []edition.Edition{
		{State: edition.Published},
		{From: "2026-03-01", State: edition.Published},
		{From: "2026-02-01", State: edition.Published},
		{From: "2026-04-01", State: edition.Draft},
	}
	for day, want := range map[string]int{"2026-01-31": 0, "2026-02-01": 2, "2026-02-28": 2, "2026-03-01": 1, "2026-12-31": 1} {
		if got := edition.InForce(all, day); got != want {
			t.Errorf("%s: %d, want %d", day, got, want)
		}
	}
	if got := edition.InForce(all[1:], "2026-01-31"); got != -1 {
		t.Errorf("before the first: %d", got)
	}
}

// What an earlier release kept in a table for each kind stands in the one table now.
func TestEditionsMoveTogether(t *testing.T) {
	sqldbtest.Run(t, until(t, "00017"), func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		err := db.Write(ctx, func(tx *sqldb.Tx) error {
			for _, into := range []string{`duty_edition (no, family`, `rule_edition (no, code`} {
				_, err := tx.Exec(ctx, `insert into `+into+`, title, from_day, state, edited_by, edited_at, published_by, published_at, doc)
					values (1, 'appeal', '一月版', '2026-01-01', 'published', 'a', 5, 'b', 6, 'text')`)
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Migrate(ctx, schema.Migrations()); err != nil {
			t.Fatal(err)
		}
		want := edition.Edition{No: 1, Code: "appeal", Title: "一月版", From: "2026-01-01", State: edition.Published,
			EditedBy: "a", EditedAt: 5, PublishedBy: "b", PublishedAt: 6, Doc: "text"}
		for _, kind := range []string{"duty", "rule"} {
			shelf := edition.Shelf{DB: db, Kind: kind}
			if e, err := shelf.Get(ctx, 1); err != nil || e != want {
				t.Errorf("%s: %+v, %v", kind, e, err)
			}
		}
	})
}

// until returns the migrations before one.
func until(t *testing.T, name string) fs.FS {
	t.Helper()
	all, err := fs.Glob(schema.Migrations(), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	old := fstest.MapFS{}
	for _, n := range all {
		if n >= name {
			break
		}
		raw, err := fs.ReadFile(schema.Migrations(), n)
		if err != nil {
			t.Fatal(err)
		}
		old[n] = &fstest.MapFile{Data: raw}
	}
	return old
}
