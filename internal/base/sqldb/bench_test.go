package sqldb_test

import (
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
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

// BenchmarkRead reads one row by its key, and a page of fifty in the order of
// the key, from 20,000.
func BenchmarkRead(b *testing.B) {
	type row struct {
		ID      string `db:"id"`
		Title   string `db:"title"`
		Version int64  `db:"version"`
	}
	engines := map[string]func(testing.TB, fs.FS) *sqldb.DB{"sqlite": sqldbtest.OpenSQLite, "postgres": sqldbtest.OpenPostgres}
	for _, name := range slices.Sorted(maps.Keys(engines)) {
		b.Run(name, func(b *testing.B) {
			db := engines[name](b, schema)
			const n = 20000
			write(b, db, func(tx *sqldb.Tx) error {
				rows := make([][]any, n)
				for i := range rows {
					rows[i] = []any{fmt.Sprintf("%026d", i), "路灯不亮，晚上看不见路", int64(1)}
				}
				return sqldb.BulkInsert(b.Context(), tx, "cases", []string{"id", "title", "version"}, rows)
			})
			read := func(query string, want int) func(b *testing.B) {
				return func(b *testing.B) {
					b.ReportAllocs()
					b.RunParallel(func(pb *testing.PB) {
						for i := 0; pb.Next(); i++ {
							rows, err := sqldb.Select[row](b.Context(), db.Read(), query, fmt.Sprintf("%026d", i*7919%(n-50)))
							if err != nil || len(rows) != want {
								b.Errorf("%d rows, %v", len(rows), err)
								return
							}
						}
					})
				}
			}
			b.Run("point", read("select id, title, version from cases where id = ?", 1))
			b.Run("page", read("select id, title, version from cases where id > ? order by id limit 50", 50))
		})
	}
}

// BenchmarkBulkInsert loads 10,000 rows of three columns an operation.
func BenchmarkBulkInsert(b *testing.B) {
	engines := map[string]func(testing.TB, fs.FS) *sqldb.DB{"sqlite": sqldbtest.OpenSQLite, "postgres": sqldbtest.OpenPostgres}
	for _, name := range slices.Sorted(maps.Keys(engines)) {
		b.Run(name, func(b *testing.B) {
			db := engines[name](b, schema)
			const n = 10000
			next := 0
			for b.Loop() {
				rows := make([][]any, n)
				for i := range rows {
					next++
					rows[i] = []any{fmt.Sprintf("%026d", next), "路灯不亮，晚上看不见路", int64(1)}
				}
				write(b, db, func(tx *sqldb.Tx) error {
					return sqldb.BulkInsert(b.Context(), tx, "cases", []string{"id", "title", "version"}, rows)
				})
			}
			b.ReportMetric(float64(next)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
