package sqldb_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/sqldb/sqldbtest"
)

func TestUpsert(t *testing.T) {
	sqldbtest.Run(t, schema, func(t *testing.T, db *sqldb.DB) {
		set := db.Engine().Upsert("names", []string{"name"}, []string{"case_id"})
		keep := db.Engine().Upsert("names", []string{"name", "case_id"}, nil)
		keep = keep[:len(keep)-len("(name, case_id) do nothing")] + "(name) do nothing"
		var kept int64
		write(t, db, func(tx *sqldb.Tx) (err error) {
			if _, err = tx.Exec(t.Context(), set, "甲", "1"); err != nil {
				return err
			}
			if _, err = tx.Exec(t.Context(), set, "甲", "2"); err != nil {
				return err
			}
			kept, err = tx.Exec(t.Context(), keep, "甲", "3")
			return err
		})
		if got := get[string](t, db, "select case_id from names where name = '甲'"); got != "2" || kept != 0 {
			t.Errorf("case_id = %s, %d rows changed by an insert that keeps", got, kept)
		}
	})
}

func TestJSONText(t *testing.T) {
	const form = `{"名 称": "路灯", "n": 12, "yes": true, "no": false, "none": null, "it's": "quoted"}`
	sqldbtest.Run(t, schema, func(t *testing.T, db *sqldb.DB) {
		write(t, db, func(tx *sqldb.Tx) error {
			_, err := tx.Exec(t.Context(), "insert into cases (id, title, version, form) values ('a', '', 1, ?)", form)
			return err
		})
		for key, want := range map[string]string{"名 称": "路灯", "n": "12", "yes": "true", "no": "false", "it's": "quoted"} {
			if got := get[*string](t, db, "select "+db.Engine().JSONText("form", key)+" from cases"); got == nil || *got != want {
				t.Errorf("%s = %v, want %s", key, got, want)
			}
		}
		for _, key := range []string{"none", "missing"} {
			if got := get[*string](t, db, "select "+db.Engine().JSONText("form", key)+" from cases"); got != nil {
				t.Errorf("%s = %s, want null", key, *got)
			}
		}
	})
}

func TestBulkInsert(t *testing.T) {
	sqldbtest.Run(t, schema, func(t *testing.T, db *sqldb.DB) {
		const n = 1234
		rows := make([][]any, n)
		for i := range rows {
			rows[i] = []any{fmt.Sprintf("%05d", i), "一批", int64(i), i%2 == 0, float64(i) / 2, fmt.Sprintf(`{"i": %d}`, i), []byte{byte(i)}}
		}
		columns := []string{"id", "title", "version", "urgent", "weight", "form", "photo"}
		write(t, db, func(tx *sqldb.Tx) error { return sqldb.BulkInsert(t.Context(), tx, "cases", columns, rows) })
		got := get[string](t, db, "select count(*) || ' ' || sum(version) || ' ' || count(*) filter (where urgent) from cases")
		if want := fmt.Sprintf("%d %d %d", n, n*(n-1)/2, n/2); got != want {
			t.Errorf("count, sum, urgent = %s, want %s", got, want)
		}
		err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
			return sqldb.BulkInsert(t.Context(), tx, "cases", columns, append(slices.Clone(rows[:0]), []any{"new", "", int64(1), true, 0.0, "{}", []byte{}}, rows[7]))
		})
		if !errs.Is(err, errs.Exists) {
			t.Errorf("a key taken: %v", err)
		}
		if c := get[int](t, db, "select count(*) from cases"); c != n {
			t.Errorf("%d rows after a load that failed, want %d", c, n)
		}
	})
}

func TestPipeline(t *testing.T) {
	sqldbtest.Run(t, schema, func(t *testing.T, db *sqldb.DB) {
		put(t, db, "a", "b")
		var changed []int64
		write(t, db, func(tx *sqldb.Tx) (err error) {
			var b sqldb.Batch
			b.Add(insertCase, "c", "第三件")
			b.Add("update cases set version = version + ? where version = 1", 1)
			b.Add("delete from cases where id = ?", "nobody")
			changed, err = tx.Pipeline(t.Context(), &b)
			return err
		})
		if !slices.Equal(changed, []int64{1, 3, 0}) {
			t.Errorf("changed = %v", changed)
		}
		err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
			var b sqldb.Batch
			b.Add(insertCase, "d", "")
			b.Add(insertCase, "a", "")
			_, err := tx.Pipeline(t.Context(), &b)
			return err
		})
		if !errs.Is(err, errs.Exists) {
			t.Errorf("a key taken: %v", err)
		}
		if n := get[int](t, db, "select count(*) from cases"); n != 3 {
			t.Errorf("%d rows, want 3", n)
		}
	})
}

// Several claim at once: each piece of work is claimed once, never more than the
// limit at a time, and again only when the lease is over.
func TestClaim(t *testing.T) {
	type key struct {
		Case  string `db:"case_id"`
		Clock string `db:"clock"`
	}
	sqldbtest.Run(t, schema, func(t *testing.T, db *sqldb.DB) {
		const due, later, limit = 60, 5, 7
		now := db.Now()
		write(t, db, func(tx *sqldb.Tx) error {
			var rows [][]any
			for i := range due + later {
				at := now - 1
				if i >= due {
					at = now + time.Hour.Milliseconds()
				}
				rows = append(rows, []any{fmt.Sprint(i), "办结", at})
			}
			return sqldb.BulkInsert(t.Context(), tx, "clocks", []string{"case_id", "clock", "due_at"}, rows)
		})
		claim := func(at int64, lease time.Duration) (keys []key, err error) {
			err = db.Write(t.Context(), func(tx *sqldb.Tx) error {
				keys, err = sqldb.Claim[key](t.Context(), tx, sqldb.Due{
					Table: "clocks", Key: []string{"case_id", "clock"}, Lease: "held_until",
					Where: "due_at <= ?", Args: []any{at}, Order: "due_at, case_id", Limit: limit, For: lease,
				})
				return err
			})
			return keys, err
		}
		var mu sync.Mutex
		var wg sync.WaitGroup
		times := map[string]int{}
		for range 4 {
			wg.Go(func() {
				for {
					keys, err := claim(now, time.Minute)
					if err != nil || len(keys) == 0 {
						if err != nil {
							t.Error(err)
						}
						return
					}
					mu.Lock()
					if len(keys) > limit {
						t.Errorf("%d claimed, limit %d", len(keys), limit)
					}
					for _, k := range keys {
						times[k.Case]++
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		for k, n := range times {
			if n != 1 {
				t.Errorf("%s claimed %d times", k, n)
			}
		}
		if len(times) != due {
			t.Errorf("%d claimed, want %d", len(times), due)
		}
		write(t, db, func(tx *sqldb.Tx) error {
			_, err := tx.Exec(t.Context(), "update clocks set held_until = ? where case_id in ('3', '4')", now-1)
			return err
		})
		if keys, err := claim(now, time.Minute); err != nil || len(keys) != 2 {
			t.Errorf("after their lease: %v, %v, want two", keys, err)
		}
	})
}

func TestSearch(t *testing.T) {
	const table = sqldb.SearchTable("case_words")
	// As bigrams of the text, the way base/textzh splits it.
	texts := map[string]string{
		"noise":  "夜间 间施 施工 噪声 声扰 扰民",
		"light":  "路灯 灯不 不亮",
		"both":   "施工 工挖 挖断 断路 路灯 Bus-88 o'clock c:\\x",
		"echoed": "扰民 声扰 噪声",
	}
	tests := []struct {
		query string
		want  []string
	}{
		{"噪声", []string{"echoed", "noise"}},
		{"噪声 施工", []string{"noise"}},
		{`"噪声 声扰 扰民"`, []string{"noise"}},
		{`"路灯" 施工`, []string{"both"}},
		{"bus-88", []string{"both"}},
		{`O'CLOCK c:\x`, []string{"both"}},
		{"工地", nil},
		{"噪", nil},
		{"", nil},
		{`" "`, nil},
		{`"`, nil},
		{"not & | ! ( ) : * <-> ' -", nil},
		{"NEAR", nil},
		{"words:噪声", nil},
	}
	sqldbtest.Run(t, schema, func(t *testing.T, db *sqldb.DB) {
		for id, words := range texts {
			put(t, db, id)
			write(t, db, func(tx *sqldb.Tx) error { return table.Put(t.Context(), tx, id, words) })
		}
		find := func(query string) []string {
			condition, arg := table.Match(db.Engine(), "c.id", query)
			ids, err := sqldb.Select[string](t.Context(), db.Read(), "select c.id from cases c where "+condition+" order by c.id", arg)
			if err != nil {
				t.Fatalf("%q: %v", query, err)
			}
			return ids
		}
		for _, tt := range tests {
			if got := find(tt.query); !slices.Equal(got, tt.want) {
				t.Errorf("%q finds %v, want %v", tt.query, got, tt.want)
			}
		}
		write(t, db, func(tx *sqldb.Tx) error {
			if err := table.Put(t.Context(), tx, "noise", "已经 经安 安静"); err != nil {
				return err
			}
			if err := table.Delete(t.Context(), tx, "nobody"); err != nil {
				return err
			}
			return table.Delete(t.Context(), tx, "light")
		})
		for query, want := range map[string][]string{"噪声": {"echoed"}, "安静": {"noise"}, "不亮": nil} {
			if got := find(query); !slices.Equal(got, want) {
				t.Errorf("after the change %q finds %v, want %v", query, got, want)
			}
		}
	})
}

// The newest with a word come first, of a rare word and of one that most have, and one
// whose words were changed stays where it was.
func TestLatest(t *testing.T) {
	const table = sqldb.SearchTable("case_words")
	sqldbtest.Run(t, schema, func(t *testing.T, db *sqldb.DB) {
		id := func(n int) string { return fmt.Sprintf("%04d", n) }
		write(t, db, func(tx *sqldb.Tx) error {
			for n := range 400 {
				words := "路灯 灯不 不亮"
				switch n {
				case 7, 100:
					words = "井盖 松动"
				case 350:
					words = "路灯 井盖"
				}
				if err := table.Put(t.Context(), tx, id(n), words); err != nil {
					return err
				}
			}
			return table.Put(t.Context(), tx, id(7), "井盖 破损")
		})
		for _, tt := range []struct {
			query string
			limit int
			want  []string
		}{
			{"路灯", 3, []string{id(399), id(398), id(397)}},
			{"路灯 井盖", 3, []string{id(350)}},
			{"井盖", 2, []string{id(350), id(100)}},
			{"井盖", 9, []string{id(350), id(100), id(7)}},
			{`"路灯 灯不"`, 1, []string{id(399)}},
			{"松动", 9, []string{id(100)}},
			{"没有", 9, nil},
			{" ", 9, nil},
		} {
			got, err := table.Latest(t.Context(), db.Read(), tt.query, tt.limit)
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("the latest %d of %q are %v, want %v: %v", tt.limit, tt.query, got, tt.want, err)
			}
		}
		before, arg := table.Before(db.Engine(), "w.id", id(100))
		var n int
		if err := db.Read().QueryRow(t.Context(), "select count(*) from "+string(table)+idsOf(db)+" w where w.id in (?, ?, ?) and "+before,
			id(99), id(100), id(101), arg).Scan(&n); err != nil || n != 1 {
			t.Errorf("%d of three ids were entered before the second, want 1: %v", n, err)
		}
		for _, tt := range []struct {
			query string
			ids   []string
			want  []string
		}{
			{"路灯", []string{id(350), id(7), id(8)}, []string{id(8), id(350)}},
			{`"路灯 灯不" 不亮`, []string{id(350), id(7), id(8)}, []string{id(8)}},
			{"井盖", []string{id(1), "none"}, nil},
			{"井盖", nil, nil},
			{" ", []string{id(7)}, nil},
		} {
			got, err := table.Among(t.Context(), db.Read(), tt.query, tt.ids)
			if slices.Sort(got); err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("of %v %q is in %v, want %v: %v", tt.ids, tt.query, got, tt.want, err)
			}
		}
	})
}

// idsOf is what the name of a search table's own table of ids ends in.
func idsOf(db *sqldb.DB) string {
	if db.Engine() == sqldb.SQLite {
		return "_id"
	}
	return ""
}

// Work that was claimed while the system's clock stood days ahead is free again
// once the clock has been set right and the process has started anew.
func TestClaimAfterWrongClock(t *testing.T) {
	type key struct {
		Case string `db:"case_id"`
	}
	at := time.Now()
	sqldbtest.RunAt(t, schema, func() time.Time { return at }, func(t *testing.T, db *sqldb.DB) {
		write(t, db, func(tx *sqldb.Tx) error {
			if _, err := tx.Exec(t.Context(), `insert into clocks (case_id, clock, due_at, held_until) values ('stuck', '办结', 1, ?)`,
				at.Add(72*time.Hour+5*time.Second).UnixMilli()); err != nil {
				return err
			}
			_, err := tx.Exec(t.Context(), `insert into clocks (case_id, clock, due_at, held_until) values ('held', '办结', 1, ?)`,
				at.Add(4*time.Second).UnixMilli())
			return err
		})
		var keys []key
		write(t, db, func(tx *sqldb.Tx) (err error) {
			keys, err = sqldb.Claim[key](t.Context(), tx, sqldb.Due{
				Table: "clocks", Key: []string{"case_id"}, Lease: "held_until", Where: "due_at <= ?", Args: []any{tx.Now()},
				Order: "due_at, case_id", Limit: 10, For: 5 * time.Second,
			})
			return err
		})
		if len(keys) != 1 || keys[0].Case != "stuck" {
			t.Errorf("claimed %v, want only what a wrong clock had taken", keys)
		}
	})
}
