package decide_test

import (
	"bytes"
	"context"
	"reflect"
	"testing"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/sqldb/sqldbtest"
	"yiwang/internal/base/text"
	"yiwang/internal/core/city"
	"yiwang/internal/core/org"
	"yiwang/internal/core/rule"
	"yiwang/internal/core/schema"
	"yiwang/internal/work/decide"
)

const code = "elder-allowance"

// open makes a store as a process does that starts now.
func open(t *testing.T, db *sqldb.DB) *decide.Store {
	t.Helper()
	c, err := city.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	s := decide.NewStore(db, rule.NewBook(c.Rules.Declared()))
	if err := s.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

var elder = rule.Values(map[string]any{"birth": "1930-01-01", "household": "local", "living": true, "elsewhere": false})

// One drafts a higher amount, cannot publish it alone nor while it is wrong; another
// publishes. From its day on it decides, before it the old edition does, and a decision
// of the old one comes out the same in a process that starts after.
func TestAnEditionFromDraftToReplay(t *testing.T) {
	sqldbtest.Run(t, schema.Migrations(), func(t *testing.T, db *sqldb.DB) {
		ctx := context.Background()
		s := open(t, db)
		writer, reader := org.Actor{ID: "a"}, org.Actor{ID: "b"}
		day := time.UnixMilli(db.Now()).In(text.CST).AddDate(0, 0, 5)
		e, err := s.Begin(ctx, writer, code, "提高标准", day.Format(time.DateOnly))
		if err != nil {
			t.Fatal(err)
		}
		table, err := decide.TableOf(e)
		if err != nil {
			t.Fatal(err)
		}
		table.Rows[1].Then["amount"] = "350"
		faults, err := s.Put(ctx, writer, e.No, table)
		if err != nil || !rule.Faulty(faults) {
			t.Fatalf("an example that fails was not found: %v %v", faults, err)
		}
		if err := s.Publish(ctx, reader, e.No); !errs.Is(err, errs.Invalid) {
			t.Errorf("a faulty edition was published: %v", err)
		}
		for i := range table.Examples {
			if table.Examples[i].Want["amount"] == "300" {
				table.Examples[i].Want["amount"] = "350"
			}
		}
		if faults, err = s.Put(ctx, writer, e.No, table); err != nil || rule.Faulty(faults) {
			t.Fatal(faults, err)
		}
		if err := s.Publish(ctx, writer, e.No); !errs.Is(err, errs.Forbidden) {
			t.Errorf("one's own edition was published: %v", err)
		}
		old, err := s.Book.Decide(code, day.AddDate(0, 0, -1), elder)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Publish(ctx, reader, e.No); err != nil {
			t.Fatal(err)
		}
		if err := s.Shelf.Drop(ctx, e.No); !errs.Is(err, errs.Conflict) {
			t.Errorf("a published edition was thrown away: %v", err)
		}
		for _, c := range []struct {
			on   time.Time
			want int64
		}{{day, 350}, {day.AddDate(0, 0, -1), 300}} {
			if out, err := open(t, db).Book.Decide(code, c.on, elder); err != nil || out.Outcome["amount"] != c.want {
				t.Errorf("on %s: %v %v", c.on, out.Outcome, err)
			}
		}
		if _, same, err := open(t, db).Book.Replay(old.Record()); err != nil || !same {
			t.Errorf("replay: %v %v", same, err)
		}
	})
}

// A table that leaves as a spreadsheet comes back the same, and a foreign one is refused.
func TestSheets(t *testing.T) {
	c, err := city.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	table := c.Rules.Editions(code)[0].Table()
	for _, name := range []string{"x.xlsx", "x.csv"} {
		var b bytes.Buffer
		if err := decide.Write(&b, name, text.Chinese, table); err != nil {
			t.Fatal(err)
		}
		back, err := decide.Read(name, b.Bytes(), table)
		if err != nil || !reflect.DeepEqual(back.Rows, table.Rows) || !reflect.DeepEqual(back.Else, table.Else) {
			t.Errorf("%s: %v\n%+v\n%+v", name, err, back, table)
		}
		if _, err := decide.Read(name, []byte("行,身高\na,3\n"), table); !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: a foreign sheet: %v", name, err)
		}
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add("row,age,clause\na,80..,一\nelse,,二\n")
	c, err := city.Embedded()
	if err != nil {
		f.Fatal(err)
	}
	table := c.Rules.Editions(code)[0].Table()
	f.Fuzz(func(_ *testing.T, s string) {
		if t, err := decide.ReadCSV(bytes.NewReader([]byte(s)), table); err == nil {
			rule.Check(t)
		}
	})
}
