package cases_test

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"sync/atomic"
	"syscall"
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

// engines are those that are measured.
var engines = []struct {
	name string
	url  func(testing.TB, fs.FS) string
}{{"sqlite", durable}, {"postgres", sqldbtest.PostgresURL}}

// BenchmarkFile files and dispatches appeals, durably, with 1, 8 and 64 clients.
func BenchmarkFile(b *testing.B) {
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

// BenchmarkLife takes appeals from their filing to the call back, durably, with 8
// clients, and says how much processor time of this process a life took.
func BenchmarkLife(b *testing.B) {
	for _, engine := range engines {
		b.Run(engine.name, func(b *testing.B) {
			h := casestest.Open(b, engine.url)
			steps := []struct {
				by     org.Actor
				action string
				input  in
			}{
				{h.Staff(b, "fenbo"), "dispatch", in{"matter": "030503", "unit": "st-xiangmihu-um"}},
				{h.Staff(b, "shoufa"), "sign", nil},
				{h.Staff(b, "fuze"), "contact", in{"means": "phone", "note": "已致电"}},
				{h.Staff(b, "fuze"), "resolve", in{"result": "solved", "answer": "执法队已责令停工，并约谈施工单位。"}},
				{h.Staff(b, "shenhe"), "pass", nil},
				{h.Staff(b, "huifang"), "call_back", in{"solved": "yes", "level": 1}},
			}
			var n atomic.Int64
			b.SetParallelism(4) // times two processors
			b.ReportAllocs()
			b.ResetTimer()
			before := spent()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					filed, err := h.Store.File(b.Context(), cases.Filing{
						Family: "appeal", Channel: "web", Actor: org.Appellant(), Nature: "投诉", Urgency: "none",
						Fields: in{"title": "工地夜间施工", "text": fmt.Sprintf("第%d号工地夜里两点还在打桩，吵得一家人睡不着。", n.Add(1)), "phone": "13812345678"},
					})
					if err != nil {
						b.Fatal(err)
					}
					for _, s := range steps {
						if _, err := h.Store.Act(b.Context(), s.by, cases.Deed{Case: filed.ID, Action: s.action, Input: s.input}); err != nil {
							b.Fatalf("%s: %v", s.action, err)
						}
					}
				}
			})
			b.ReportMetric(float64(spent()-before)/1e3/float64(b.N), "cpu-µs/life")
		})
	}
}

// spent is the processor time that this process has taken, in nanoseconds.
func spent() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
