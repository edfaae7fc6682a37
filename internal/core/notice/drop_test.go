package notice_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/sqldb/sqldbtest"
	"yiwang/internal/core/notice"
	"yiwang/internal/core/schema"
)

// What goes together lies in one file, a line each, and whoever left no number holds up
// nobody. Where no file can be made all of it waits.
func TestDrop(t *testing.T) {
	start := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	now := start
	sqldbtest.RunAt(t, schema.Migrations(), func() time.Time { return now }, func(t *testing.T, db *sqldb.DB) {
		now = start
		err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
			for _, id := range []string{"a", "b", "c"} {
				sql, args := (&notice.Letter{ID: id, CaseID: "case-" + id, N: 1, Template: "received", Audience: "appellant", Channel: "sms", Args: `{}`, At: db.Now()}).Insert()
				if _, err := tx.Exec(t.Context(), sql, args...); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		inTheWay := filepath.Join(dir, "file")
		if err := os.WriteFile(inTheWay, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		drop := &notice.Drop{Dir: filepath.Join(inTheWay, "sms"), Writer: notice.Writer{
			Now:    func() time.Time { return now },
			Render: func(_ context.Context, l notice.Letter) (string, string, error) { return "已收到", l.CaseID, nil },
			To: func(_ context.Context, l notice.Letter) (string, error) {
				if l.ID == "b" {
					return "", errs.E(errs.NotFound, "cases.not_found", nil)
				}
				return "13800138000", nil
			},
		}}
		box := notice.Outbox{DB: db, Channel: notice.SMS, Carrier: drop}
		states := func() string {
			t.Helper()
			if _, err := box.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			all, err := sqldb.Select[string](t.Context(), db.Read(), `select state from notice order by id`)
			if err != nil {
				t.Fatal(err)
			}
			return strings.Join(all, " ")
		}
		if got := states(); got != "queued unaddressed queued" {
			t.Errorf("without a directory: %s", got)
		}
		now = now.Add(time.Minute)
		drop.Dir = filepath.Join(dir, "sms")
		if got := states(); got != "sent unaddressed sent" {
			t.Errorf("with one: %s", got)
		}
		files, err := filepath.Glob(filepath.Join(drop.Dir, "*"))
		if err != nil || len(files) != 1 || filepath.Ext(files[0]) != ".jsonl" {
			t.Fatalf("%v, %v: want one file", files, err)
		}
		raw, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		want := []string{
			`{"at":"2026-11-23T02:01:00Z","audience":"appellant","case":"case-a","channel":"sms","id":"a","text":"case-a","title":"已收到","to":"13800138000"}` + "\n",
			`{"at":"2026-11-23T02:01:00Z","audience":"appellant","case":"case-c","channel":"sms","id":"c","text":"case-c","title":"已收到","to":"13800138000"}` + "\n",
		}
		if got := slices.Collect(strings.Lines(string(raw))); !slices.Equal(got, want) {
			t.Errorf("it holds %q", got)
		}
		receipts, err := sqldb.Select[string](t.Context(), db.Read(), `select distinct receipt from notice where state = 'sent'`)
		if err != nil || len(receipts) != 1 || receipts[0] != filepath.Base(files[0]) {
			t.Errorf("receipts %q, %v", receipts, err)
		}
	})
}
