package cases

import (
	"context"
	"testing"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/sqldb/sqldbtest"
	"yiwang/internal/core/schema"
)

// A write that opens another case asks for a number while somebody else waits for that
// write to end in order to fetch a block: it is told that there is none, and both go on.
func TestNumbersNeverHoldTheWriter(t *testing.T) {
	sqldbtest.Run(t, schema.Migrations(), func(t *testing.T, db *sqldb.DB) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		n := &numberer{db: db}
		fetched := make(chan error, 1)
		ended := make(chan error, 1)
		go func() {
			ended <- db.Write(ctx, func(tx *sqldb.Tx) error {
				if _, err := sqldb.Get[int](ctx, tx, `select 1`); err != nil { // it has the writer from here
					return err
				}
				go func() { _, err := n.take(ctx, "SF"); fetched <- err }()
				for len(fetched) == 0 && n.reserving.TryLock() { // until the other has it
					n.reserving.Unlock()
					time.Sleep(time.Millisecond)
				}
				if _, err := n.ready("SF"); err != nil && !errs.Is(err, errs.Unavailable) {
					return err
				}
				return nil
			})
		}()
		for what, done := range map[string]chan error{"the write": ended, "the block": fetched} {
			select {
			case err := <-done:
				if err != nil {
					t.Errorf("%s: %v", what, err)
				}
			case <-ctx.Done():
				t.Fatalf("%s never ended", what)
			}
		}
		if number, err := n.ready("SF"); err != nil || len(number) != len("SF")+12 {
			t.Errorf("after it: %q, %v", number, err)
		}
	})
}
