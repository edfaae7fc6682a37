package cases_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/cases/casestest"
)

// threeCases files three appeals and dispatches them, so that there is something
// to tamper with.
func threeCases(t *testing.T, h *casestest.House) []string {
	t.Helper()
	var ids []string
	for range 3 {
		s := (&story{t: t, h: h}).file("appeal", noise)
		h.Clock.Pass(time.Minute)
		s.act(h.Staff(t, "fenbo"), "dispatch", in{"matter": "030503", "unit": "st-xiangmihu-um"})
		h.Clock.Pass(time.Hour)
		ids = append(ids, s.id)
	}
	if _, err := h.Store.Sequence(t.Context(), "test"); err != nil {
		t.Fatal(err)
	}
	return ids
}

func tamper(t *testing.T, h *casestest.House, statements ...string) {
	t.Helper()
	err := h.DB.Write(t.Context(), func(tx *sqldb.Tx) error {
		for _, sql := range statements {
			if _, err := tx.Exec(context.Background(), sql); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Whatever is changed behind the program's back is found, and named.
func TestVerifyFinds(t *testing.T) {
	tests := []struct {
		name string
		do   func(ids []string) []string
		want string // part of a fault
	}{
		{"an untouched log", func([]string) []string { return nil }, ""},
		{"an altered action", func(ids []string) []string {
			return []string{`update action set header = replace(header, 'st-xiangmihu-um', 'st-lianhua-um') where case_id = '` + ids[0] + `' and n = 2`}
		}, "tree does not belong"},
		{"an altered column beside the header", func(ids []string) []string {
			return []string{`update action set actor = 'staff:duban' where case_id = '` + ids[0] + `' and n = 2`}
		}, "does not say what its columns say"},
		{"a missing action", func(ids []string) []string {
			return []string{`delete from action where case_id = '` + ids[1] + `' and n = 2`}
		}, "is missing"},
		{"two actions that changed places", func(ids []string) []string {
			return []string{
				`update leaf set seq = seq + 1000 where seq in (1, 3)`,
				`update leaf set seq = case seq when 1001 then 3 else 1 end where seq > 900`,
			}
		}, "tree does not belong"},
		{"an action dated back", func(ids []string) []string {
			return []string{`update action set at = at - 86400000 where case_id = '` + ids[2] + `' and n = 2`}
		}, "dated back"},
		{"an altered state row", func(ids []string) []string {
			return []string{`update cases set unit = 'st-lianhua-um' where id = '` + ids[0] + `'`}
		}, "not the fold of its actions: unit"},
		{"a case that vanished from the lists", func(ids []string) []string {
			return []string{`delete from cases where id = '` + ids[2] + `'`}
		}, "no state row"},
		{"a case that nobody filed", func(ids []string) []string {
			return []string{`update action set case_id = '01AAAAAAAAAAAAAAAAAAAAAAAA' where case_id = '` + ids[0] + `'`}
		}, "is missing"},
		{"a clock that was reset", func(ids []string) []string {
			return []string{`update clock set doc = replace(doc, '"limit":"10m"', '"limit":"20m"') where code = 'sign' and case_id = '` + ids[0] + `'`}
		}, "clocks are not those"},
		{"a clock that will never be due", func(ids []string) []string {
			return []string{`update clock set next_at = 0 where code = 'sign' and case_id = '` + ids[0] + `'`}
		}, "does not say what its columns say"},
		{"a clock that cannot be read", func(ids []string) []string {
			return []string{`update clock set doc = '' where code = 'sign' and case_id = '` + ids[0] + `'`}
		}, "cannot be read"},
		{"words put in somebody's mouth", func(ids []string) []string {
			return []string{`update body set sealed = (select sealed from body where case_id = '` + ids[1] + `' and n = 1) where case_id = '` + ids[0] + `' and n = 1`}
		}, "sealed part of action 1 was altered"},
		{"words destroyed without a receipt", func(ids []string) []string {
			return []string{`delete from body where case_id = '` + ids[0] + `'`, `delete from case_key where case_id = '` + ids[0] + `'`}
		}, "no erasure says so"},
		{"an action slipped in without a number", func(ids []string) []string {
			return []string{`insert into action (case_id, n, kind, at, actor, header) select case_id, 9, kind, at, actor, header from action where case_id = '` + ids[0] + `' and n = 2`}
		}, "action 9 does not say"},
		{"a tile of the tree", func([]string) []string {
			return []string{`update tile set hashes = (select leaf from (select hashes as leaf from tile) x limit 1) where level = 0`, `delete from leaf where seq = 5`}
		}, ""},
	}
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				h := casestest.Open(t, h.URL)
				tamper(t, h, test.do(threeCases(t, h))...)
				v, err := h.Store.Verify(t.Context(), nil, nil)
				if err != nil {
					t.Fatal(err)
				}
				faults := strings.Join(v.Faults, "\n")
				untouched := test.name == "an untouched log"
				if v.OK != untouched || !strings.Contains(faults, test.want) {
					t.Errorf("ok %v, want a fault with %q, found:\n%s", v.OK, test.want, faults)
				}
			})
		}
	})
}

// A checkpoint kept elsewhere finds what no look at the database alone can: a log
// that was cut off and made consistent again.
func TestVerifyAgainstOutsideCheckpoint(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		ids := threeCases(t, h)
		note, err := h.Store.Checkpoint(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		check := func(note string) cases.Verdict {
			v, err := h.Store.Verify(t.Context(), []byte(note), nil)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		if v := check(note); !v.OK {
			t.Fatalf("before: %v", v.Faults)
		}
		// The last case is removed with everything that speaks of it.
		last := ids[2]
		tamper(t, h, `delete from cases where id = '`+last+`'`, `delete from action where case_id = '`+last+`'`,
			`delete from body where case_id = '`+last+`'`, `delete from clock where case_id = '`+last+`'`,
			`delete from leaf where case_id = '`+last+`'`, `delete from checkpoint`)
		if v := check(note); v.OK || !strings.Contains(strings.Join(v.Faults, "\n"), "shorter than a checkpoint") {
			t.Errorf("a cut log: ok %v, %v", v.OK, v.Faults)
		}
		// A checkpoint that somebody signed with a key of their own is refused.
		forger := casestest.Open(t, h.URL)
		threeCases(t, forger)
		forged, err := forger.Store.Checkpoint(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if v := check(forged); v.OK || !strings.Contains(strings.Join(v.Faults, "\n"), "checkpoint refused") {
			t.Errorf("a forged checkpoint: ok %v, %v", v.OK, v.Faults)
		}
	})
}
