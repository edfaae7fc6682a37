package cases_test

import (
	"strings"
	"testing"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/org"
)

// What was personal goes with its keys, what happened stays, and the log verifies
// against a checkpoint that was signed before.
func TestErase(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		const said = "我是欧阳清荷，住翠竹花园九栋，工地夜里打桩睡不着"
		machine := org.Machine("retention")
		s := (&story{t: t, h: h}).file("appeal", in{"text": said, "phone": "13712349876", "address": "翠竹花园九栋"})
		other := (&story{t: t, h: h}).file("appeal", in{"text": said, "phone": "13712349876"})
		if err := h.Store.Erase(t.Context(), machine, s.id, "保存期届满"); !errs.Is(err, errs.Conflict) {
			t.Fatalf("an open case: %v", err)
		}
		h.Clock.Pass(time.Minute)
		s.act(h.Staff(t, "fenbo"), "reject", in{"reason": "emergency", "explain": "请欧阳女士马上拨打110。"})
		if _, err := h.Store.Sequence(t.Context(), "test"); err != nil {
			t.Fatal(err)
		}
		note, err := h.Store.Checkpoint(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		found := func() (n int) {
			if err := h.Store.Index(t.Context()); err != nil {
				t.Fatal(err)
			}
			term, arg := h.Store.Match("id", "翠竹花园")
			if err := h.DB.Read().QueryRow(t.Context(), `select count(*) from cases where `+term, arg).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := found(); n != 2 {
			t.Fatalf("%d cases are found by their words", n)
		}
		h.Clock.Pass(40 * 24 * time.Hour)
		if ids, err := h.Store.Outlived(t.Context(), "appeal", 30*24*time.Hour, 10); err != nil || len(ids) != 1 || ids[0] != s.id {
			t.Errorf("outlived: %v, %v", ids, err)
		}
		if err := h.Store.Erase(t.Context(), machine, s.id, " "); !errs.Is(err, errs.Invalid) {
			t.Errorf("without a basis: %v", err)
		}
		if err := h.Store.Erase(t.Context(), machine, s.id, "保存期届满"); err != nil {
			t.Fatal(err)
		}
		if err := h.Store.Erase(t.Context(), machine, s.id, "保存期届满"); !errs.Is(err, errs.Conflict) {
			t.Errorf("a second time: %v", err)
		}
		if ids, err := h.Store.Outlived(t.Context(), "appeal", 30*24*time.Hour, 10); err != nil || len(ids) != 0 {
			t.Errorf("outlived: %v, %v", ids, err)
		}
		if n := found(); n != 1 {
			t.Errorf("%d cases are found by their words", n)
		}
		if ids, err := h.Store.ByPhone(t.Context(), "13712349876", 10); err != nil || len(ids) != 1 || ids[0] != other.id {
			t.Errorf("by telephone: %v, %v", ids, err)
		}
		v, err := h.Store.Open(t.Context(), org.Appellant(), s.id, "")
		if err != nil || v.Case.Title != "" || len(v.Fields) != 0 {
			t.Fatalf("title %q, fields %v, %v", v.Case.Title, v.Fields, err)
		}
		last := v.Entries[len(v.Entries)-1]
		if last.Header.Kind != cases.EraseKind || last.Header.Input["basis"] != "保存期届满" || !v.Entries[0].Erased {
			t.Errorf("the receipt: %+v", last)
		}
		for _, e := range v.Entries {
			for _, x := range e.Values {
				if strings.Contains(x.Text, "欧阳") {
					t.Errorf("%s is still read", x.Text)
				}
			}
		}
		if _, err := h.Store.CheckCode(t.Context(), v.Case.Number, "23456789"); !errs.Is(err, errs.NotFound) {
			t.Errorf("its query code: %v", err)
		}
		if _, err := h.Store.Act(t.Context(), h.Staff(t, "duban"), cases.Deed{Case: s.id, Action: "file"}); !errs.Is(err, errs.Conflict) {
			t.Errorf("acting on it: %v", err)
		}
		if _, err := h.Store.Sequence(t.Context(), "test"); err != nil {
			t.Fatal(err)
		}
		verdict, err := h.Store.Verify(t.Context(), []byte(note), nil)
		if err != nil || !verdict.OK {
			t.Errorf("verify: %v, %v", verdict.Faults, err)
		}
	})
}

// What an earlier version left readable is sealed once, and found as before.
func TestSealOld(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		s := (&story{t: t, h: h}).file("appeal", in{"text": "翠竹花园九栋的工地夜里打桩"})
		tamper(t, h, `insert into attachment (id, case_id, n, name, type, size, digest, at) values ('f1', '`+s.id+`', 1, '欠条.txt', 'text/plain', 1, 'x', 1)`)
		if h.DB.Engine() == sqldb.Postgres {
			tamper(t, h, `update case_text set words = cast('''翠竹'':1' as tsvector)`)
		} else {
			tamper(t, h, `delete from case_text`, `delete from case_text_id`)
		}
		if n, err := h.Store.SealOld(t.Context()); err != nil || n != 1 {
			t.Fatalf("sealed %d, %v", n, err)
		}
		if n, err := h.Store.SealOld(t.Context()); err != nil || n != 0 {
			t.Errorf("sealed %d again, %v", n, err)
		}
		var name, id string
		if err := h.DB.Read().QueryRow(t.Context(), `select name from attachment where id = 'f1'`).Scan(&name); err != nil || strings.Contains(name, "欠条") {
			t.Errorf("the name lies as %q, %v", name, err)
		}
		if f, err := h.Store.FindAttachment(t.Context(), "f1"); err != nil || f.Name != "欠条.txt" {
			t.Errorf("the name is read as %q, %v", f.Name, err)
		}
		for _, q := range []string{"翠竹花园", "工地", "竹", "桩"} {
			term, arg := h.Store.Match("id", q)
			if err := h.DB.Read().QueryRow(t.Context(), `select id from cases where `+term, arg).Scan(&id); err != nil || id != s.id {
				t.Errorf("%s finds %q, %v", q, id, err)
			}
		}
	})
}
