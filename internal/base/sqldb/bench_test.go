package sqldb_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/sqldb/sqldbtest"
)

// rowsPerWrite is about what one action on a case writes.
const rowsPerWrite = 6

// BenchmarkGroupCommit writes durably with 1, 8 and 64 writers at once; one
// operation is one write of six rows. PostgreSQL takes part where there is one:
// start it with DURABLE=1 to compare.
func BenchmarkGroupCommit(b *testing.B) {
	for _, writers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("sqlite/%d", writers), func(b *testing.B) {
			db, err := sqldb.Open(b.Context(), sqldb.Config{URL: "sqlite:" + filepath.Join(b.TempDir(), "bench.db")})
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			if err := db.Migrate(b.Context(), schema); err != nil {
				b.Fatal(err)
			}
			benchmarkWrites(b, db, writers)
		})
		b.Run(fmt.Sprintf("postgres/%d", writers), func(b *testing.B) {
			benchmarkWrites(b, sqldbtest.OpenPostgres(b, schema), writers)
		})
	}
}

func benchmarkWrites(b *testing.B, db *sqldb.DB, writers int) {
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range writers {
		wg.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				err := db.Write(b.Context(), func(tx *sqldb.Tx) error {
					var batch sqldb.Batch
					for i := range rowsPerWrite {
						batch.Add(insertCase, fmt.Sprintf("%026d", n*rowsPerWrite+int64(i)), "路灯不亮，晚上看不见路")
					}
					_, err := tx.Pipeline(b.Context(), &batch)
					return err
				})
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	s := db.Stats()
	b.ReportMetric(float64(s.Writes)/b.Elapsed().Seconds(), "writes/s")
	b.ReportMetric(float64(s.Writes)/float64(max(1, s.Commits)), "writes/commit")
}
