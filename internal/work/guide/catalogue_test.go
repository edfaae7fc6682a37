package guide_test

import (
	"regexp"
	"slices"
	"testing"

	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/sqldb/sqldbtest"
	"yiwang/internal/base/text"
	"yiwang/internal/core/city"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/schema"
	"yiwang/internal/work/guide"
)

// Every figure of the catalogue opens the items behind it: those counted, those not, and
// those that do not say are all the items there are.
func TestEveryFigureOpensItsItems(t *testing.T) {
	c, err := city.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	book := guide.NewBook(c)
	for _, i := range guide.Indicators {
		n := i.Count(book.Items())
		in := len(book.Choose(guide.Filter{Indicator: i.Code, Part: guide.PartIn}))
		out := len(book.Choose(guide.Filter{Indicator: i.Code, Part: guide.PartOut}))
		unknown := len(book.Choose(guide.Filter{Indicator: i.Code, Part: guide.PartUnknown}))
		if in+out != n.Items || in != n.In || unknown != n.Unknown || n.Items+n.Unknown != len(book.Items()) {
			t.Errorf("%s: %d in, %d out, %d unknown, counted %+v of %d", i.Code, in, out, unknown, n, len(book.Items()))
		}
		if !i.Mean && !i.Shrink && in != n.N {
			t.Errorf("%s: %d items behind %d", i.Code, in, n.N)
		}
		for _, key := range []string{"guide.rate_" + i.Code, "guide.formula_" + i.Code} {
			if !text.Has(text.Chinese, key) {
				t.Errorf("no text %s", key)
			}
		}
	}
}

// An official reads an item in words: no code of a field, a unit's function, a register or
// a span is left in what it declares. Official numbers are written in capitals.
func TestElementsAreWords(t *testing.T) {
	c, err := city.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	book := guide.NewBook(c)
	code := regexp.MustCompile(`[a-z_]{2,}|\d+[a-z]`)
	lines := map[string]bool{}
	for _, s := range book.Items() {
		for _, e := range book.Elements(text.Chinese, guide.Declared(s)) {
			for _, l := range e.Lines {
				if lines[l] = true; code.MatchString(l) {
					t.Errorf("%s %s: %s", s.Code, e.Title, l)
				}
			}
		}
	}
	for _, want := range []string{
		"居住证明（依据：居住证暂行条例第八条；照面：姓名、居住地址、自何日起、用途；持证人：姓名（号码：身份证号码）；出具单位：市公安局示范分局；类型：11440000DEM0000020001；有效期：6 个月）",
		"金额：每年；发放周期：每年；填入：监护人：监护人·姓名；电话：监护人·手机号码；代领人：监护人；用途：免申即享：比对哪些人符合条件；登记库：人口库",
	} {
		if !lines[want] {
			t.Errorf("nowhere: %s", want)
		}
	}
}

// The same item must say the same in another county, and online what it says at the window.
func TestItemsThatContradict(t *testing.T) {
	here := &matter.Service{Code: "a", Title: "许可", Base: "01", Unit: "u1", Themes: []string{"x"}, Legal: matter.Term{Days: 20}, Channel: []string{"window"}}
	there := &matter.Service{Code: "b", Title: "许可", Base: "01", Unit: "u2", Themes: []string{"x"}, Legal: matter.Term{Days: 15},
		Lifecycle: "permit", Channel: []string{"pc"}, Depth: "full", Materials: []matter.Material{{Code: "m", Title: "图纸", Form: "paper"}}, Result: matter.Result{Title: "证"}}
	got := map[string][]string{}
	for _, f := range guide.Findings([]*matter.Service{here, there}) {
		got[f.Kind+f.Why+" "+f.Item.Code] = f.Elements
	}
	if e := got["alike b"]; !slices.Equal(e, []string{"legal", "materials", "result"}) {
		t.Errorf("unlike in %q", e)
	}
	for _, want := range []string{"wayspaper b", "waysresult b", "waysplace a", "missing a", "missing b"} {
		if got[want] == nil {
			t.Errorf("not found: %s in %v", want, got)
		}
	}
	sound := &matter.Service{Code: "c", Title: "备案", Themes: []string{"x"}, Lifecycle: "permit", Channel: []string{"pc"}, Depth: "full", Post: true,
		Materials: []matter.Material{{Code: "m", Title: "图纸", Form: "paper"}}, Result: matter.Result{Title: "证"}}
	for _, f := range guide.Findings([]*matter.Service{sound}) {
		if f.Kind == guide.FindWays {
			t.Errorf("who may send paper by post is told: %s", f.Why)
		}
	}
}

// A pack that is loaded again as it was makes no version; one in which an item says
// something else makes one of that item, and what changed is said line by line.
func TestVersionsAreWhatWasLoaded(t *testing.T) {
	sqldbtest.Run(t, schema.Migrations(), func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		c, err := city.Embedded()
		if err != nil {
			t.Fatal(err)
		}
		a := guide.Annals{DB: db}
		all := c.Catalog.Editions()
		note := func(want int, items []*matter.Service) {
			t.Helper()
			if n, err := a.Note(ctx, items); err != nil || n != want {
				t.Fatalf("noted %d, want %d: %v", n, want, err)
			}
		}
		note(len(all), all)
		note(0, all)
		changed := *guide.NewBook(c).Item("street-stall")
		changed.Promised.Days, changed.Conditions = 3, append([]string{"摊位整洁"}, changed.Conditions[1:]...)
		again := slices.Clone(all)
		again[slices.IndexFunc(again, func(s *matter.Service) bool { return s.Code == "street-stall" })] = &changed
		note(1, again)
		note(1, slices.DeleteFunc(slices.Clone(again), func(s *matter.Service) bool { return s.Code == "shop-sign" }))

		versions, err := a.Of(ctx, "street-stall")
		if err != nil || len(versions) != 2 || guide.Before(versions, 1) != 0 || guide.Before(versions, 0) != -1 {
			t.Fatalf("%d versions, %v", len(versions), err)
		}
		changes := guide.NewBook(c).Changes(text.Chinese, versions[0].Declared, versions[1].Declared)
		if len(changes) != 2 || changes[0].Key != "promised" || changes[0].Gone[0] != "5 个工作日" || changes[0].Came[0] != "3 个工作日" ||
			!slices.Equal(changes[1].Came, []string{"摊位整洁"}) || len(changes[1].Gone) != 1 {
			t.Errorf("%+v", changes)
		}
		ended, err := a.Of(ctx, "shop-sign")
		if err != nil || len(ended) != 2 || ended[1].Declared != nil {
			t.Errorf("%+v, %v", ended, err)
		}
	})
}

// Everything that an item of the demo declares has a name in both languages, and no
// word of a closed list is shown as its code.
func TestEveryElementHasAName(t *testing.T) {
	c, err := city.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	book := guide.NewBook(c)
	for _, s := range book.Items() {
		for _, e := range book.Elements(text.Chinese, guide.Declared(s)) {
			if e.Title == "guide.element_"+e.Key || len(e.Lines) == 0 || e.Part == "" {
				t.Errorf("%s: %+v", s.Code, e)
			}
		}
	}
	for _, e := range book.Elements(text.Chinese, guide.Declared(book.Item("shop-sign"))) {
		if e.Key == "mode" && e.Lines[0] != "告知承诺" || e.Key == "unit" && e.Lines[0] == "chengguan" || e.Key == "legal" && e.Lines[0] != "20 个工作日" {
			t.Errorf("%s: %q", e.Key, e.Lines)
		}
	}
}
