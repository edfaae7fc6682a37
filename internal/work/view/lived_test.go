package view_test

import (
	"fmt"
	"testing"
	"time"

	"yiwang/internal/core/cases"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/org"
	"yiwang/internal/work/view"
)

const umOffice, wuye = "st-xiangmihu-um", "pt-wuye-01"

// sent files a case that the machine sends.
func (w *town) sent(matter, unit string) cases.Case {
	w.t.Helper()
	w.Clock.Pass(time.Second)
	filed, err := w.Store.File(w.t.Context(), cases.Filing{
		Family: "appeal", Channel: "web", Nature: "投诉", Area: "440304006015", Actor: org.Appellant(),
		Fields: map[string]any{"title": "噪声", "text": fmt.Sprintf("第%d件：夜里施工太吵。", len(w.ids))},
		Matter: matter, Steps: []cases.Step{{Action: "dispatch", By: org.Machine("dispatch"), Input: map[string]any{"matter": matter, "unit": unit}}},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.ids = append(w.ids, filed.ID)
	return filed.Case
}

func (w *town) does(login string, c cases.Case, action string, input map[string]any) cases.Case {
	w.t.Helper()
	c, err := w.Store.Get(w.t.Context(), c.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	done, err := w.Store.Act(w.t.Context(), w.Staff(w.t, login), cases.Deed{Case: c.ID, Version: c.Version, Action: action, Input: input})
	if err != nil {
		w.t.Fatalf("%s: %v", action, err)
	}
	return done
}

// A case that the machine sent is wrong once, whatever happens to it, and counts
// for the day, unit and matter of its sending; a fall tells itself.
func TestAccuracyAsLived(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		w := newTown(t, h, 3)
		all := w.Staff(t, "duban")
		for range 24 {
			w.sent("030503", umOffice)
		}
		w.does("fenbo", w.sent("010101", wuye), "correct", map[string]any{"matter": "030503"})
		first := time.UnixMilli(h.DB.Now()).In(time.FixedZone("", 8*3600)).Format(time.DateOnly)
		w.Clock.Pass(20 * 24 * time.Hour)
		for i := range 24 {
			c := w.sent("030503", umOffice)
			switch {
			case i < 6:
				w.does("fenbo", c, "redispatch", map[string]any{"unit": wuye, "reason": "由物业处理", "matter": "010101"})
			case i < 9:
				c = w.does("shoufa", c, "return", map[string]any{"reason": "duty", "clause": "职责清单第一条"})
				w.does("fenbo", c, "redispatch", map[string]any{"unit": wuye, "reason": "由物业处理"})
			}
		}
		w.number()
		if err := w.v.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		l, err := w.v.Lived(t.Context(), all, view.Scope{}, 30)
		if err != nil {
			t.Fatal(err)
		}
		if len(l.Days) != 30 || l.Days[29] != (view.LivedOf{Key: l.To, Sent: 24, Wrong: 9}) || l.Days[9] != (view.LivedOf{Key: first, Sent: 25, Wrong: 1}) {
			t.Errorf("days %+v", l.Days)
		}
		if l.Matters[0] != (view.LivedOf{Key: "030503", Sent: 48, Wrong: 9}) || l.Matters[1] != (view.LivedOf{Key: "010101", Sent: 1, Wrong: 1}) {
			t.Errorf("matters %+v", l.Matters)
		}
		if l.Units[0] != (view.LivedOf{Key: umOffice, Sent: 48, Wrong: 9}) || l.Units[1] != (view.LivedOf{Key: wuye, Sent: 1, Wrong: 1}) {
			t.Errorf("units %+v", l.Units)
		}
		told := map[string]bool{}
		for _, d := range l.Drops {
			told[d.Matter+d.Unit] = true
		}
		if len(l.Drops) != 3 || !told["030503"] || !told[umOffice] || !told[""] {
			t.Errorf("drops %+v, want the matter, the unit and the whole", l.Drops)
		}
		for _, q := range []struct {
			view.Query
			want int64
		}{
			{view.Query{Did: view.AutoWrong, Day: l.To}, 9},
			{view.Query{Did: view.AutoWrong, Day: l.From, DayTo: l.To}, 10},
			{view.Query{Did: view.AutoWrong, Day: l.From, DayTo: l.To, Matter: "030503"}, 9},
			{view.Query{Did: view.AutoWrong, Day: l.From, DayTo: l.To, Matter: "010101"}, 1},
			{view.Query{Did: view.AutoWrong, Day: l.From, DayTo: l.To, Unit: wuye}, 1},
			{view.Query{Did: view.AutoSent, Day: l.From, DayTo: l.To, Unit: umOffice}, 48},
		} {
			if n, err := w.v.Total(t.Context(), all, q.Query); err != nil || n != q.want {
				t.Errorf("behind %+v stand %d cases, want %d (%v)", q.Query, n, q.want, err)
			}
		}
		if _, err := w.v.Lived(t.Context(), org.Appellant(), view.Scope{}, 30); err == nil {
			t.Error("a citizen was shown how units stand")
		}
	})
}
