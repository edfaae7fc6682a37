package app

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
	"yiwang/internal/work/view"
)

// Where what the machine sends is less often right than it was, the dispatch centre
// gets a task, once a week, and its people are told.
func TestDeclineBecomesATask(t *testing.T) {
	now := time.Now().AddDate(0, 0, -30)
	a, err := Open(t.Context(), Config{Data: t.TempDir(), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	d := round{t, a}
	sent := func(i int) cases.Case {
		now = now.Add(time.Minute)
		filed, err := a.Cases.File(t.Context(), cases.Filing{
			Family: "appeal", Channel: "web", Nature: "投诉", Area: "440304006015", Actor: org.Appellant(),
			Fields: map[string]any{"title": "噪声", "text": fmt.Sprintf("第%d件：夜里施工太吵。", i)}, Matter: "030503",
			Steps: []cases.Step{{Action: "dispatch", By: org.Machine("dispatch"), Input: map[string]any{"matter": "030503", "unit": "st-xiangmihu-um"}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return filed.Case
	}
	warned := func() []view.Row {
		t.Helper()
		for n := 1; n > 0; {
			if n, err = a.Cases.Sequence(t.Context(), a.Holder()); err != nil {
				t.Fatal(err)
			}
		}
		if err := a.View.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := a.warnOfDecline(t.Context()); err != nil {
			t.Fatal(err)
		}
		page, err := a.View.List(t.Context(), org.Machine("test"), view.Query{Family: alarmFamily, Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		return page.Rows
	}
	for i := range 24 {
		sent(i)
	}
	now = now.AddDate(0, 0, 20)
	if got := warned(); len(got) != 0 {
		t.Fatalf("warned of nothing: %+v", got)
	}
	for i := range 24 {
		if c := sent(100 + i); i < 9 {
			d.act("fenbo", c.ID, "redispatch", map[string]any{"unit": "pt-wuye-01", "reason": "由物业处理", "matter": "010101"})
		}
	}
	first := warned()
	if again := warned(); len(first) != 3 || len(again) != 3 { // the matter, the unit, the whole
		t.Fatalf("%d warnings, then %d; want three, and no more in the same week", len(first), len(again))
	}
	for _, r := range first {
		if r.Unit != a.City.Centre || !strings.HasPrefix(r.Title, "机器分拨准确率下降") {
			t.Errorf("a warning for %s: %s", r.Unit, r.Title)
		}
		told, err := sqldb.Get[int](t.Context(), a.DB.Read(), `select count(*) from notice where case_id = ? and audience = ?`, r.ID, "unit:"+a.City.Centre)
		if err != nil || told == 0 {
			t.Errorf("nobody at the centre was told of %s (%v)", r.Title, err)
		}
	}
}
