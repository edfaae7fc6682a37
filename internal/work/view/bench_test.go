package view_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/oklog/ulid/v2"

	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/sqldb/sqldbtest"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/org"
	"yiwang/internal/core/place"
	"yiwang/internal/work/view"
)

// casesEnv sets how many cases of the past the benchmarks lay behind the open
// ones, e.g. 10000000; figures of the present must not feel them.
const casesEnv = "YIWANG_BENCH_CASES"

const (
	benchOpen  = 100_000
	benchYears = 5
)

// past fills the state rows of a database: n closed cases over the years and the
// open ones of the last weeks.
func past(b *testing.B, h *casestest.House) {
	b.Helper()
	n := 20_000
	if s := os.Getenv(casesEnv); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	units, grids := h.City.Directory.Units(), h.City.Places.Level(place.Grid)
	now := casestest.Monday.UnixMilli()
	total := n + min(benchOpen, n)
	columns := []string{"id", "number", "family", "matter", "state", "lane", "closed", "title", "channel", "nature", "urgency", "area", "grid",
		"lng", "lat", "unit", "unit_path", "holder", "filed_by", "filed_at", "updated_at", "closed_at", "due_at", "due_clock", "late", "rating",
		"result", "repeats", "counts", "data", "pack", "version"}
	lanes := []string{"dispatch", "sign", "contact", "handle", "audit", "callback"}
	for _, drop := range []string{"cases_filed", "cases_unit_filed", "cases_updated"} {
		statement(b, h, "drop index "+drop) // filled row by row they would take ten times as long
	}
	for start := 0; start < total; start += 20_000 {
		rows := make([][]any, 0, 20_000)
		for i := start; i < min(total, start+20_000); i++ {
			u, g := units[r.IntN(len(units))], grids[r.IntN(len(grids))]
			filed := now - int64(float64(n-i)/float64(n)*benchYears*365*86400_000)
			closed, lane, due, late := int64(1), "done", int64(0), int64(0)
			if i >= n {
				filed = now - r.Int64N(14*86400_000)
				closed, lane, due = 0, lanes[r.IntN(len(lanes))], now+r.Int64N(5*86400_000)
				if r.IntN(20) == 0 {
					late = 1
				}
			}
			id := ulid.ULID{}
			if err := id.SetTime(uint64(filed)); err != nil {
				b.Fatal(err)
			}
			var entropy [10]byte
			for j := range entropy {
				entropy[j] = byte(r.UintN(256))
			}
			if err := id.SetEntropy(entropy[:]); err != nil {
				b.Fatal(err)
			}
			rows = append(rows, []any{id.String(), fmt.Sprintf("SF%012d", i), "appeal", "030503", lane, lane, closed, "工地夜间施工噪声扰民", "web", "投诉",
				"none", g.Parent, g.Code, g.Lng, g.Lat, u.Code, u.Path, "", "citizen:appellant", filed, filed, filed, due, "handle", late, int64(0),
				"", int64(0), "{}", "{}", "v", int64(5)})
		}
		if err := h.DB.Write(context.Background(), func(tx *sqldb.Tx) error { return sqldb.BulkInsert(context.Background(), tx, "cases", columns, rows) }); err != nil {
			b.Fatal(err)
		}
	}
	for _, index := range []string{"cases_filed on cases (filed_at, id)", "cases_unit_filed on cases (unit_path, filed_at, id)", "cases_updated on cases (updated_at, id)"} {
		statement(b, h, "create index "+index)
	}
}

func statement(b *testing.B, h *casestest.House, sql string) {
	b.Helper()
	err := h.DB.Write(context.Background(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(context.Background(), sql)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkPresent asks what the desks and the command screen ask all the time.
func BenchmarkPresent(b *testing.B) {
	h := casestest.Open(b, sqldbtest.SQLiteURL)
	past(b, h)
	v := newView(h)
	all, clerk := h.Staff(b, "duban"), h.Staff(b, "shoufa")
	for _, c := range []struct {
		name string
		ask  func(ctx context.Context) error
	}{
		{"counts by lane", func(ctx context.Context) error { _, err := v.Counts(ctx, all, view.Query{}, "lane"); return err }},
		{"counts of a unit", func(ctx context.Context) error { _, err := v.Counts(ctx, clerk, view.Query{}, "lane"); return err }},
		{"grids", func(ctx context.Context) error { _, err := v.AreaFigures(ctx, all, place.Grid); return err }},
		{"units", func(ctx context.Context) error { _, err := v.UnitFigures(ctx, all, view.Scope{}, 30); return err }},
		{"today", func(ctx context.Context) error { _, err := v.Today(ctx, all, view.Scope{}); return err }},
		{"points", func(ctx context.Context) error { _, err := v.Points(ctx, all); return err }},
		{"queue", func(ctx context.Context) error { _, _, err := v.Queue(ctx, h.Staff(b, "fenbo"), 100); return err }},
		{"inbox", list(v, clerk, view.Query{Lane: "sign"})},
		{"all, latest", list(v, all, view.Query{})},
		{"a unit's, latest", list(v, clerk, view.Query{})},
		{"a unit's, of a year", list(v, clerk, view.Query{To: casestest.Monday.AddDate(-2, 0, 0).UnixMilli()})},
		{"a leader's, latest", list(v, h.Staff(b, "lingdao"), view.Query{})},
		{"all, updated", list(v, all, view.Query{Sort: view.ByUpdated})},
		{"late", list(v, all, view.Query{Late: true})},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if err := c.ask(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func list(v *view.View, by org.Actor, q view.Query) func(context.Context) error {
	return func(ctx context.Context) error { _, err := v.List(ctx, by, q); return err }
}
