package duty_test

import (
	"bytes"
	"io/fs"
	"strings"
	"testing"
	"time"

	packs "yiwang/city"
	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb/sqldbtest"
	"yiwang/internal/base/text"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/city"
	"yiwang/internal/core/matter"
	"yiwang/internal/work/duty"
)

// house is a store over a city of its own: publishing changes the catalog.
func house(t *testing.T, h *casestest.House) *duty.Store {
	t.Helper()
	pack, err := fs.Sub(packs.Demo(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	c, found := city.Load(pack)
	if decl.Faulty(found) {
		t.Fatal(found)
	}
	return duty.NewStore(h.DB, c, pack)
}

const pothole = "030503"

// pick returns a copy of a matter of a list.
func pick(t *testing.T, list []*matter.Matter, code string) *matter.Matter {
	t.Helper()
	for _, m := range list {
		if m.Code == code {
			n := *m
			return &n
		}
	}
	t.Fatalf("no %s", code)
	return nil
}

// An edition is drafted by one, published by another, and holds from its day on;
// the days before keep their answer.
func TestAnEditionTakesOver(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		ctx, s := t.Context(), house(t, h)
		editor, publisher := h.Staff(t, "duban"), h.Staff(t, "caijue")
		if _, err := s.Begin(ctx, editor, 0, "早了", "2026-11-23"); !errs.Is(err, errs.Invalid) {
			t.Fatalf("a day that has begun: %v", err)
		}
		e, err := s.Begin(ctx, editor, 0, "2026年12月版", "2026-12-01")
		if err != nil {
			t.Fatal(err)
		}
		before, err := s.Matters(ctx, e.No)
		if err != nil || len(before) != 515 {
			t.Fatalf("%d matters, %v", len(before), err)
		}
		m := pick(t, before, pothole)
		m.Duty = matter.Duty{By: matter.ByFunction, Unit: "chengguan", Backstop: "centre", Basis: "2026年第12次专题会"}
		if found, err := s.Put(ctx, editor, e.No, pothole, m); err != nil || decl.Faulty(found) {
			t.Fatal(err, found)
		}
		after, err := s.Matters(ctx, e.No)
		if err != nil {
			t.Fatal(err)
		}
		changes := duty.Difference(before, after)
		if len(changes) != 1 || changes[0].Code != pothole || changes[0].Kind != duty.Changed || len(changes[0].Cells) < 2 {
			t.Fatalf("changes: %+v", changes)
		}
		if err := s.Publish(ctx, editor, e.No); !errs.Is(err, errs.Forbidden) {
			t.Fatalf("published one's own: %v", err)
		}
		if err := s.Publish(ctx, publisher, e.No); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Put(ctx, editor, e.No, pothole, nil); !errs.Is(err, errs.Conflict) {
			t.Fatalf("changed after it was published: %v", err)
		}
		dir := h.City.Directory
		for day, want := range map[string]int64{"2026-11-30": 0, "2026-12-01": e.No, "2027-06-01": e.No} {
			a, err := s.Responsible(ctx, dir, pothole, "", day)
			if err != nil || a.Edition.No != want || (a.Unit == "chengguan") != (want == e.No) {
				t.Errorf("on %s: edition %d, unit %s, %v", day, a.Edition.No, a.Unit, err)
			}
		}

		// Another process sees it at its next look.
		other := house(t, h)
		if changed, err := other.Refresh(ctx); err != nil || !changed {
			t.Fatal(changed, err)
		}
		if m := other.City.Catalog.On(duty.Family, pothole, "2026-12-02"); m.Duty.Unit != "chengguan" {
			t.Errorf("elsewhere: %+v", m.Duty)
		}
		if changed, _ := other.Refresh(ctx); changed {
			t.Error("nothing is new, and it says so")
		}
	})
}

// A list goes out as a spreadsheet and comes back the same; what somebody broke is
// said with its row, and nothing of it is taken.
func TestSpreadsheet(t *testing.T) {
	h := casestest.Open(t, sqldbtest.SQLiteURL)
	ctx, s := t.Context(), house(t, h)
	editor := h.Staff(t, "duban")
	list, err := s.Matters(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	name := func(code string) string {
		u, _ := h.City.Directory.Unit(code)
		return u.Name
	}
	for _, l := range []text.Lang{text.Chinese, text.English} {
		var b bytes.Buffer
		if err := duty.WriteSheet(&b, l, list, name); err != nil {
			t.Fatal(err)
		}
		back, found, err := duty.ReadSheet(&b)
		if err != nil || len(found) > 0 {
			t.Fatal(err, found)
		}
		if diff := duty.Difference(list, back); len(diff) > 0 {
			t.Errorf("%s: %d changed on the way, e.g. %+v", l, len(diff), diff[0])
		}
	}

	e, err := s.Begin(ctx, editor, 0, "坏表", "2026-12-01")
	if err != nil {
		t.Fatal(err)
	}
	broken := append([]*matter.Matter{}, list...)
	m := pick(t, list, broken[6].Code)
	m.Duty.Unit, m.Duty.By, m.Duty.Backstop = "nobody-at-all", matter.ByFunction, ""
	broken[6] = m
	found, err := s.Replace(ctx, editor, e.No, broken)
	if err != nil || !decl.Faulty(found) {
		t.Fatalf("taken: %v, %v", found, err)
	}
	for _, f := range found {
		if f.Pos.Line != 8 {
			t.Errorf("the finding is at line %d: %s", f.Pos.Line, f.Say(text.Chinese))
		}
	}
	if kept, err := s.Matters(ctx, e.No); err != nil || len(duty.Difference(list, kept)) > 0 {
		t.Errorf("something of the broken list was taken: %v", err)
	}
	for what, raw := range map[string]string{"no spreadsheet": "PK\x03\x04 not really", "nothing": "", "a page": "<html></html>"} {
		if _, _, err := duty.ReadSheet(strings.NewReader(raw)); !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Two who publish for the same day: the second is told.
func TestOneEditionADay(t *testing.T) {
	h := casestest.Open(t, sqldbtest.SQLiteURL)
	ctx, s := t.Context(), house(t, h)
	editor, publisher := h.Staff(t, "duban"), h.Staff(t, "caijue")
	for i := range 2 {
		e, err := s.Begin(ctx, editor, 0, "一版", "2026-12-01")
		if err != nil {
			t.Fatal(err)
		}
		err = s.Publish(ctx, publisher, e.No)
		if i == 0 && err != nil || i == 1 && !errs.Is(err, errs.Conflict) {
			t.Fatalf("%d: %v", i, err)
		}
		h.Clock.Pass(time.Minute)
	}
}

func FuzzReadSheet(f *testing.F) {
	var b bytes.Buffer
	if err := duty.WriteSheet(&b, text.Chinese, nil, func(string) string { return "" }); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("PK"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, _, err := duty.ReadSheet(bytes.NewReader(raw))
		if k := errs.KindOf(err); err != nil && k != errs.Invalid && k != errs.TooLarge {
			t.Errorf("%v", err)
		}
	})
}
