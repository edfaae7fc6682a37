package cases_test

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"sync/atomic"
	"testing"

	"yiwang/internal/base/sqldb/sqldbtest"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/org"
)

// durable is a SQLite database that waits for the disk, as the program does.
func durable(t testing.TB, _ fs.FS) string {
	return "sqlite:" + filepath.Join(t.TempDir(), "bench.db")
}

// BenchmarkFile files and dispatches appeals, durably, with 1, 8 and 64 clients.
func BenchmarkFile(b *testing.B) {
	engines := []struct {
		name string
		url  func(testing.TB, fs.FS) string
	}{{"sqlite", durable}, {"postgres", sqldbtest.PostgresURL}}
	for _, engine := range engines {
		for _, clients := range []int{1, 8, 64} {
			b.Run(fmt.Sprintf("%s/clients=%d", engine.name, clients), func(b *testing.B) {
				h := casestest.Open(b, engine.url)
				var n atomic.Int64
				b.SetParallelism((clients + 1) / 2) // times two processors
				b.ResetTimer()
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						i := n.Add(1)
						_, err := h.Store.File(b.Context(), cases.Filing{
							Family: "appeal", Channel: "web", ExternalID: fmt.Sprint(i), Actor: org.Appellant(), Nature: "投诉", Urgency: "none",
							Fields: in{"title": "工地夜间施工", "text": fmt.Sprintf("香蜜湖街道第%d号工地夜里两点还在打桩，吵得一家人睡不着，请尽快处理。", i), "phone": "13812345678"},
							Steps:  []cases.Step{{Action: "dispatch", By: org.Machine("dispatch"), Input: in{"matter": "030503", "unit": "st-xiangmihu-um"}}},
						})
						if err != nil {
							b.Fatal(err)
						}
					}
				})
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "cases/s")
			})
		}
	}
}
