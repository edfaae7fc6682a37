package notice_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/sqldb/sqldbtest"
	"yiwang/internal/core/notice"
	"yiwang/internal/core/schema"
)

// post is a carrier that remembers what it was given.
type post struct {
	carried []string
	fails   int // how often it is away first
}

func (p *post) Carry(_ context.Context, l notice.Letter) (string, error) {
	if p.fails > 0 {
		p.fails--
		return "", errs.E(errs.Unavailable, "errs.unavailable", nil)
	}
	p.carried = append(p.carried, l.ID+" "+l.Args)
	return "R1", nil
}

// A letter goes once, is tried again while the carrier is away, and what was
// secret in it is gone when it has left.
func TestOutbox(t *testing.T) {
	now := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	sqldbtest.RunAt(t, schema.Migrations(), func() time.Time { return now }, func(t *testing.T, db *sqldb.DB) {
		l := notice.Letter{ID: "a", CaseID: "c", N: 1, Template: "new_code", Audience: "appellant", Channel: "sms", Args: `{"code":"7H3KQ","number":"SF1"}`, At: db.Now()}
		err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
			sql, args := l.Insert()
			_, err := tx.Exec(t.Context(), sql, args...)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		p := &post{fails: 1}
		box := notice.Outbox{DB: db, Channel: notice.SMS, Carrier: p}
		for range 4 {
			if _, err := box.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			now = now.Add(5 * time.Second)
		}
		if len(p.carried) != 1 || !strings.Contains(p.carried[0], "7H3KQ") {
			t.Errorf("carried %q, want one letter with its code", p.carried)
		}
		row, err := sqldb.Get[struct {
			State string `db:"state"`
			Args  string `db:"args"`
		}](t.Context(), db.Read(), `select state, args from notice where id = ?`, "a")
		if err != nil {
			t.Fatal(err)
		}
		if row.State != string(notice.Sent) || row.Args != `{"number":"SF1"}` {
			t.Errorf("afterwards %+v", row)
		}
	})
}
