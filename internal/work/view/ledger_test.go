package view_test

import (
	"reflect"
	"testing"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/text"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/org"
	"yiwang/internal/work/view"
)

// The two ledgers balance, agree with rows, clocks and figures to the case, and say
// so when somebody has laid hands on a row.
func TestLedgersReconcile(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		w := newTown(t, h, 19)
		for n := range 300 {
			w.step()
			if n%10 == 0 {
				h.Clock.Pass(5 * time.Hour)
				if _, _, err := h.Store.Fire(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		w.number()
		if err := w.v.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		duban := h.Staff(t, "duban")
		p, err := w.v.WholeLog(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		l, err := w.v.Ledger(t.Context(), duban, p, "")
		if err != nil || len(l.Faults) > 0 || !l.Balanced() {
			t.Fatalf("the ledgers do not reconcile: %+v, %v", l.Faults, err)
		}
		if l.Received != int64(len(w.ids)) || len(l.Unhandled) == 0 || len(l.Overdue) == 0 || l.Ended == 0 {
			t.Fatalf("%d received, %d wait, %d limits ran out, %d ended: too quiet to prove anything", l.Received, len(l.Unhandled), len(l.Overdue), l.Ended)
		}
		if len(l.Missed) > 0 {
			t.Errorf("%d cases that no clock reminds anybody of, first %+v", len(l.Missed), l.Missed[0])
		}
		w.checkByHand(l)

		// Each day's closing is the next day's opening.
		closing := int64(0)
		for day := mustDay(t, p.From); day <= mustDay(t, p.To); day += 86400_000 {
			d := time.UnixMilli(day).In(text.CST).Format(time.DateOnly)
			one, err := w.v.Ledger(t.Context(), duban, view.Period{From: d, To: d}, "")
			if err != nil || one.Opening != closing || len(one.Faults) > 0 {
				t.Fatalf("%s opens with %d after %d: %+v, %v", d, one.Opening, closing, one.Faults, err)
			}
			closing = int64(len(one.Unhandled))
		}

		if _, err := w.v.Ledger(t.Context(), h.Staff(t, "shoufa"), p, ""); !errs.Is(err, errs.Forbidden) {
			t.Errorf("a unit's clerk gets the ledgers of the city: %v", err)
		}
		err = h.DB.Write(t.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.Exec(t.Context(), `update cases set late = late + 1 where id = ?`, l.Unhandled[0].ID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if l, err = w.v.Ledger(t.Context(), duban, p, ""); err != nil || len(l.Faults) != 1 || l.Faults[0].What != "row" {
			t.Errorf("a row that was changed by hand: %+v, %v", l.Faults, err)
		}
	})
}

func mustDay(t *testing.T, day string) int64 {
	t.Helper()
	d, err := time.ParseInLocation(time.DateOnly, day, text.CST)
	if err != nil {
		t.Fatal(err)
	}
	return d.UnixMilli()
}

// checkByHand counts who waits and whose limits ran out from the opened cases.
func (w *town) checkByHand(l view.Ledger) {
	w.t.Helper()
	waits, ranOut := 0, 0
	for _, id := range w.ids {
		v, err := w.Store.Open(w.t.Context(), w.Staff(w.t, "duban"), id, "")
		if err != nil {
			w.t.Fatal(err)
		}
		if !everEnded(&v) {
			waits++
		}
		for _, k := range v.Clocks {
			if k.Breached && (k.Of == "unit" || k.Of == "centre") {
				ranOut++
			}
		}
	}
	if waits != len(l.Unhandled) || ranOut != len(l.Overdue) {
		w.t.Errorf("by hand %d wait and %d limits ran out; the ledgers have %d and %d", waits, ranOut, len(l.Unhandled), len(l.Overdue))
	}
}

// everEnded reports whether a case was ever answered or closed.
func everEnded(v *cases.View) bool {
	for _, e := range v.Entries {
		if e.Header.Set["result"] != nil || e.Header.Set["closed"] == float64(1) {
			return true
		}
	}
	return false
}

// One kind of cases has a ledger of its own, told in the same way: the complaints of how
// services were handled, by whom they are about and what was found.
func TestALedgerOfOneKind(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		w := newTown(t, h, 19)
		complained := func(against string) string {
			t.Helper()
			c, err := h.Store.File(t.Context(), cases.Filing{Family: "efficiency", Matter: "efficiency", Channel: "counter", Actor: h.Staff(t, "duban"), Unit: "zhengshu", Nature: "投诉",
				Fields: map[string]any{"service": "户外招牌设置", "against": against, "source": "found", "why": "late", "text": "超过期限"}})
			if err != nil {
				t.Fatal(err)
			}
			return c.ID
		}
		answered := complained("chengguan")
		complained("chengguan")
		complained("gongan")
		var head org.Actor
		for _, s := range h.City.Directory.StaffOf("zhengshu") {
			if a, _ := h.City.Directory.Actor(s.ID); a.Has("head") {
				head = a
			}
		}
		act := func(name string, in map[string]any) {
			t.Helper()
			if _, err := h.Store.Act(t.Context(), head, cases.Deed{Case: answered, Action: name, Input: in}); err != nil {
				t.Fatal(err)
			}
		}
		act("take", map[string]any{"note": "已联系"})
		h.Clock.Pass(20 * 24 * time.Hour) // ten working days to answer, two for the others to be taken up
		if _, _, err := h.Store.Fire(t.Context()); err != nil {
			t.Fatal(err)
		}
		act("answer", map[string]any{"result": "upheld", "consequence": "mend", "answer": "属实，已整改"})
		w.number()
		if err := w.v.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		p, err := w.v.WholeLog(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		l, err := w.v.Ledger(t.Context(), head, p, "efficiency")
		if err != nil || len(l.Faults) > 0 || !l.Balanced() {
			t.Fatalf("%+v, %v", l.Faults, err)
		}
		want := []view.LedgerUnit{
			{Unit: "chengguan", Received: 2, Ended: 1, EndedLate: 1, Waiting: 1, Results: map[string]int64{"upheld": 1}},
			{Unit: "gongan", Received: 1, Waiting: 1, Results: map[string]int64{}},
		}
		if !reflect.DeepEqual(l.About, want) || l.Received != 3 || len(l.Unhandled) != 2 || len(l.Overdue) != 3 || len(l.Missed) != 0 {
			t.Errorf("the ledger reads %+v", l)
		}
		if all, err := w.v.Ledger(t.Context(), h.Staff(t, "duban"), p, ""); err != nil || all.Received != int64(len(w.ids)) {
			t.Errorf("what people asked for counts %d, with the complaints %d: %v", all.Received, len(w.ids), err)
		}
		if none, err := w.v.Ledger(t.Context(), h.Staff(t, "shoufa"), p, "efficiency"); err != nil || none.Received != 0 {
			t.Errorf("a clerk of another unit reads %+v, %v", none.About, err)
		}
		if _, err := w.v.Ledger(t.Context(), head, p, "nothing"); !errs.Is(err, errs.Invalid) {
			t.Errorf("a kind that there is not: %v", err)
		}
	})
}
