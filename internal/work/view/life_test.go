package view_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/text"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/org"
	"yiwang/internal/work/view"
)

// town is a house in which things happen at random, but always the same for a seed.
type town struct {
	*casestest.House
	t     *testing.T
	r     *rand.Rand
	v     *view.View
	ids   []string
	units []string
}

func newTown(t *testing.T, h *casestest.House, seed uint64) *town {
	t.Helper()
	return &town{House: h, t: t, r: rand.New(rand.NewPCG(seed, 1)), v: newView(h),
		units: []string{"st-xiangmihu-um", "st-xiangmihu-um", "pt-wuye-01", "pt-wuye-01", "st-xiangmihu", "chengguan"}}
}

func newView(h *casestest.House) *view.View {
	return view.New(view.Deps{DB: h.DB, City: h.City, Units: func() *org.Directory { return h.City.Directory }, Cases: h.Store})
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// step lets one thing happen: somebody files, or does what is open to them.
func (w *town) step() {
	w.t.Helper()
	w.Clock.Pass(time.Duration(w.r.IntN(90)) * time.Minute)
	if _, _, err := w.Store.Fire(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	if len(w.ids) < 4 || w.r.IntN(10) == 0 {
		filed, err := w.Store.File(w.t.Context(), cases.Filing{
			Family: "appeal", Channel: pick(w.r, "web", "hotline", "counter"), Nature: pick(w.r, "投诉", "咨询"),
			Urgency: pick(w.r, "none", "danger"), Area: pick(w.r, "", "440304006", "440304006015", "440304001"),
			Actor:  pick(w.r, org.Appellant(), w.Staff(w.t, "shouli"), w.Staff(w.t, "wuye")),
			Fields: map[string]any{"title": "噪声", "text": fmt.Sprintf("第%d件：夜里施工太吵。", len(w.ids))},
		})
		if err != nil {
			w.t.Fatal(err)
		}
		w.ids = append(w.ids, filed.ID)
		return
	}
	c, err := w.Store.Get(w.t.Context(), pick(w.r, w.ids...))
	if err != nil {
		w.t.Fatal(err)
	}
	type open struct {
		who    org.Actor
		action string
	}
	var all []open
	idle := []string{"split", "call_in", "consult", "terminate", "gather", "instruct", "supervise", "link_recurrence", "not_repeat"} // what this town has no use for
	people := []org.Actor{org.Appellant(), org.Machine("dispatch")}
	for _, id := range []string{"fenbo", "shoufa", "jingban", "fuze", "shenhe", "huifang", "wuye"} {
		people = append(people, w.Staff(w.t, id))
	}
	for _, who := range people {
		for _, ch := range w.Store.Choices(who, c) {
			if slices.Contains(idle, ch.Action) {
				continue
			}
			if !slices.Contains([]string{"reject", "answer", "withdraw", "note", "correct"}, ch.Action) || w.r.IntN(20) == 0 {
				all = append(all, open{who, ch.Action})
			}
		}
	}
	if len(all) == 0 {
		return
	}
	// What an input does not admit is refused, and nothing happens.
	one := pick(w.r, all...)
	onward := slices.DeleteFunc(slices.Clone(all), func(o open) bool {
		return !slices.Contains([]string{"dispatch", "sign", "contact", "return", "resolve", "approve", "pass", "call_back", "rate"}, o.action)
	})
	if len(onward) > 0 && w.r.IntN(3) > 0 {
		one = pick(w.r, onward...)
	}
	_, _ = w.Store.Act(w.t.Context(), one.who, w.likely(c, one.action))
}

// likely fills in what an action asks for.
func (w *town) likely(c cases.Case, action string) cases.Deed {
	inputs := map[string]map[string]any{
		"dispatch": {"matter": pick(w.r, "030503", "010101"), "unit": pick(w.r, w.units...)}, "contact": {"means": "phone", "note": "已联系"},
		"redispatch": {"unit": pick(w.r, w.units...), "reason": "改派"}, "assign": {"staff": "jingban"}, "report": {"progress": "在办"},
		"return": {"reason": "duty", "clause": "职责清单"}, "refuse_return": {"note": "仍由你办"}, "resolve": {"result": "solved", "answer": "已办。", "despite": "当面已说清"},
		"fail": {"note": "再写"}, "send_back": {"note": "再写"}, "call_back": {"solved": "yes", "level": 1 + w.r.IntN(5)}, "rate": {"level": 1 + w.r.IntN(5)},
		"rework": {"reason": "没有解决"}, "reject": {"reason": "elsewhere", "explain": "不在本区"}, "answer": {"answer": "请看公告。"},
		"extend": {"days": 2, "reason": "等料"}, "add": {"text": "补充"}, "note": {"text": "备注"}, "contact_failed": {"note": "未接"},
		"merge":   {"case": w.numberOf(pick(w.r, w.ids...)), "reason": "同一件"},
		"dispute": {"clause": "职责清单", "suggest": "chengguan", "note": "不归我"}, "suspend": {"reason": "expert", "until": "2026-12-31", "note": "鉴定"},
	}
	return cases.Deed{Case: c.ID, Action: action, Input: inputs[action]}
}

func (w *town) numberOf(id string) string {
	w.t.Helper()
	c, err := w.Store.Get(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return c.Number
}

// number gives waiting actions their numbers, as a served house does by itself.
func (w *town) number() {
	w.t.Helper()
	if _, err := w.Store.Sequence(w.t.Context(), "test"); err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) figures() map[string]int64 {
	w.t.Helper()
	type row struct {
		Day     string `db:"day"`
		Unit    string `db:"unit"`
		Area    string `db:"area"`
		Matter  string `db:"matter"`
		Channel string `db:"channel"`
		Measure string `db:"measure"`
		N       int64  `db:"n"`
	}
	rows, err := sqldb.Select[row](w.t.Context(), w.DB.Read(), `select day, unit, area, matter, channel, measure, n from figure`)
	if err != nil {
		w.t.Fatal(err)
	}
	out := map[string]int64{}
	for _, r := range rows {
		out[strings.Join([]string{r.Day, r.Unit, r.Area, r.Matter, r.Channel, r.Measure}, "|")] = r.N
	}
	return out
}

// Figures folded bit by bit, by two processes at once, are those of one fold of
// the whole log.
func TestFiguresAreThoseOfTheLog(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		w := newTown(t, h, 7)
		others := newView(h)
		for n := range 260 {
			w.step()
			if n%3 == 0 {
				w.number()
			}
			if n%7 == 0 {
				var both sync.WaitGroup
				for _, v := range []*view.View{w.v, others} {
					both.Go(func() {
						if err := v.CatchUp(t.Context()); err != nil {
							t.Error(err)
						}
					})
				}
				both.Wait()
			}
		}
		w.silence()
		w.number()
		if err := w.v.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		bit := w.figures()
		if err := w.v.Rebuild(t.Context()); err != nil {
			t.Fatal(err)
		}
		whole := w.figures()
		if !maps.Equal(bit, whole) {
			for k, n := range whole {
				if bit[k] != n {
					t.Errorf("%s: %d bit by bit, %d at once", k, bit[k], n)
				}
			}
			t.Errorf("%d rows bit by bit, %d at once", len(bit), len(whole))
		}
		w.checkSums(whole)
	})
}

// silence lets one appellant be answered, say nothing, and be put away: whether any
// of the others is silent hangs on the lot of the call-back.
func (w *town) silence() {
	w.t.Helper()
	filed, err := w.Store.File(w.t.Context(), cases.Filing{
		Family: "appeal", Channel: "web", Nature: "咨询", Actor: org.Appellant(), Fields: map[string]any{"title": "路灯", "text": "路灯几点亮？"},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.ids = append(w.ids, filed.ID)
	for _, deed := range []struct {
		who, action string
		input       map[string]any
	}{
		{"fenbo", "dispatch", map[string]any{"matter": "030503", "unit": "st-xiangmihu-um"}},
		{"fuze", "sign", nil},
		{"fuze", "contact", map[string]any{"means": "phone", "note": "已联系"}},
		{"fuze", "resolve", map[string]any{"result": "explained", "answer": "每晚六点半亮灯，天阴时提前。"}},
		{"shenhe", "pass", nil},
		{"shenhe", "archive", nil},
	} {
		if _, err := w.Store.Act(w.t.Context(), w.Staff(w.t, deed.who), cases.Deed{Case: filed.ID, Action: deed.action, Input: deed.input}); err != nil {
			w.t.Fatalf("%s: %v", deed.action, err)
		}
	}
}

// checkSums compares figures with what can be counted otherwise, and each with
// the list behind it.
func (w *town) checkSums(rows map[string]int64) {
	w.t.Helper()
	sums, days := map[string]int64{}, map[string]bool{}
	for key, n := range rows {
		parts := strings.Split(key, "|")
		measure, _, _ := strings.Cut(parts[5], "@")
		sums[measure] += n
		days[parts[0]] = true
	}
	if sums[view.Received] != int64(len(w.ids)) {
		w.t.Errorf("%d received, %d filed", sums[view.Received], len(w.ids))
	}
	for part, whole := range map[string]string{view.AutoSent: view.Dispatched, view.AnsweredLate: view.Answered, view.ClosedLate: view.Closed,
		view.Satisfied: view.Rated, view.AutoReturned: view.Returned, view.Missent: view.Dispatched, view.Solved: view.Asked, view.Overdue: view.Pending,
		view.Answered: view.Ended, view.Ended: view.Received} {
		if sums[part] > sums[whole] {
			w.t.Errorf("%s %d is more than %s %d", part, sums[part], whole, sums[whole])
		}
	}
	all := w.Staff(w.t, "duban")
	w.checkUnits(rows, all)
	last := slices.Max(slices.Collect(maps.Keys(days)))
	for _, measure := range view.Measures() {
		behind := int64(0)
		if view.Stock(measure) {
			n, err := w.v.Total(w.t.Context(), all, view.Query{Did: measure, Day: last})
			if err != nil || n != sums[measure] {
				w.t.Errorf("%s: %d counted, %d cases in it: %v", measure, sums[measure], n, err)
			}
			continue
		}
		for day := range days {
			n, err := w.v.Total(w.t.Context(), all, view.Query{Did: measure, Day: day})
			if err != nil {
				w.t.Fatal(err)
			}
			behind += n
		}
		// A case may count twice in a day; it stands in the list once.
		if behind > sums[measure] || behind == 0 && sums[measure] > 0 {
			w.t.Errorf("%s: %d counted, %d cases behind", measure, sums[measure], behind)
		}
	}
	for _, measure := range view.Measures() {
		if strings.HasPrefix(measure, "spared_") {
			continue // of applications, and this town only appeals: TestSpared in door/portal
		}
		if sums[measure] == 0 && !strings.HasPrefix(measure, "rated_") && measure != view.AutoReturned && measure != view.Responded {
			w.t.Errorf("nothing counted as %s: the town is too quiet to test it", measure)
		}
	}
}

// checkUnits compares the figures of a unit and of a street with the cases behind.
func (w *town) checkUnits(rows map[string]int64, by org.Actor) {
	w.t.Helper()
	for i, key := range slices.Sorted(maps.Keys(rows)) {
		if i%7 != 0 {
			continue // each goes through a day's log
		}
		parts := strings.Split(key, "|")
		measure, _, _ := strings.Cut(parts[5], "@")
		if view.Stock(measure) {
			continue // its rows are what came and went
		}
		for _, q := range []view.Query{{Did: measure, Day: parts[0], Unit: parts[1]}, {Did: measure, Day: parts[0], Area: parts[2]}} {
			n, err := w.v.Total(w.t.Context(), by, q)
			if err != nil || n == 0 {
				w.t.Fatalf("behind %s stands nothing (%+v): %v", key, q, err)
			}
		}
	}
}

// What figures of today say of open cases is what their list has: late, due before
// midnight, waiting for dispatch.
func TestTodayCountsWhatListsShow(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		w := newTown(t, h, 12)
		for range 150 {
			w.step()
		}
		for _, id := range w.pages(org.Machine("x"), view.Query{Open: true, Sort: view.ByDue}) {
			c, err := h.Store.Get(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if c.DueAt > h.Clock.Now().UnixMilli() {
				h.Clock.Set(time.UnixMilli(c.DueAt - 1)) // the day on which the next falls due
				break
			}
		}
		now := h.Clock.Now().In(text.CST)
		tomorrow := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, text.CST).UnixMilli()
		due := int64(0)
		for _, by := range []org.Actor{org.Machine("x"), h.Staff(t, "fenbo"), h.Staff(t, "shoufa"), h.Staff(t, "lingdao")} {
			var want view.Today
			for _, id := range w.pages(by, view.Query{Open: true, Sort: view.ByDue}) {
				c, err := h.Store.Get(t.Context(), id)
				if err != nil {
					t.Fatal(err)
				}
				if c.Late > 0 {
					want.LateOpen++
				}
				if c.DueAt >= now.UnixMilli() && c.DueAt < tomorrow {
					want.DueToday++
				}
				if c.Lane == view.QueueLane {
					want.Queued++
				}
			}
			due += want.DueToday
			got, err := w.v.Today(t.Context(), by, view.Scope{})
			if err != nil {
				t.Fatal(err)
			}
			if got.LateOpen != want.LateOpen || got.DueToday != want.DueToday || got.Queued != want.Queued {
				t.Errorf("%s is told late %d, due %d, waiting %d; the list has %d, %d, %d", by.Ref(),
					got.LateOpen, got.DueToday, got.Queued, want.LateOpen, want.DueToday, want.Queued)
			}
		}
		if due == 0 {
			t.Error("nothing falls due today: the town tells nothing")
		}
	})
}

// Whatever is asked by whomever, the pages of a list together are the cases that
// fit and that the person may see, each once, in order.
func TestListsShowWhatTheyMay(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		w := newTown(t, h, 11)
		for range 150 {
			w.step()
		}
		var all []cases.Case
		for _, id := range w.ids {
			c, err := h.Store.Get(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, c)
		}
		people := []org.Actor{org.Machine("x")}
		for _, id := range []string{"fenbo", "shoufa", "jingban", "fuze", "lingdao", "wuye", "guanli", "shouli", "wangge"} {
			people = append(people, h.Staff(t, id))
		}
		people = append(people, org.Appellant())
		seen := 0
		for _, by := range people {
			for _, q := range w.questions() {
				got := w.pages(by, q)
				want := w.fits(all, by, q)
				seen += len(got)
				if !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) {
					t.Fatalf("%s asks %+v: %d cases, want %d", by.Ref(), q, len(got), len(want))
				}
				if n, err := w.v.Total(t.Context(), by, q); err != nil || n != int64(len(want)) {
					t.Errorf("%s asks %+v: total %d, want %d: %v", by.Ref(), q, n, len(want), err)
				}
			}
		}
		if seen < 500 {
			t.Errorf("only %d rows were looked at", seen)
		}
	})
}

func (w *town) questions() []view.Query {
	from := casestest.Monday.Add(20 * time.Hour).UnixMilli()
	var out []view.Query
	for _, q := range []view.Query{
		{}, {Open: true}, {Late: true}, {Lane: "dispatch"}, {Lane: "handle"}, {Lane: "done"}, {State: "closed"}, {Unit: "st-xiangmihu"}, {Unit: "qu"},
		{Unit: "pt-wuye-01", Open: true}, {Unit: "st-xiangmihu-um", Open: true}, {Unit: "st-xiangmihu", Late: true}, {Unit: "st-xiangmihu-um", Lane: "handle"}, {Unit: "nowhere"}, {Area: "440304006"}, {Area: "440304"}, {Area: "440304006015", Unit: "qu"}, {Area: "nowhere"}, {Channel: "web"},
		{Nature: "咨询", Urgency: "danger"}, {From: from}, {To: from}, {Holder: "jingban"}, {Matter: "030503", Lane: "sign"}, {Words: "施工"}, {Words: "SF2611"},
	} {
		for _, s := range []view.Sort{"", view.ByDue, view.ByFiled, view.ByUpdated} {
			q.Sort = s
			out = append(out, q)
		}
	}
	return out
}

// pages reads a list in small pages and checks its order.
func (w *town) pages(by org.Actor, q view.Query) []string {
	w.t.Helper()
	var ids []string
	var last *cases.Case
	for q.Limit = 3; ; {
		p, err := w.v.List(w.t.Context(), by, q)
		if err != nil {
			w.t.Fatalf("%s asks %+v: %v", by.Ref(), q, err)
		}
		for i := range p.Rows {
			c := &p.Rows[i].Case
			if last != nil && !inOrder(q.Sort, last, c) {
				w.t.Errorf("%+v: %s before %s", q, last.ID, c.ID)
			}
			last = c
			ids = append(ids, c.ID)
		}
		if p.Next == "" {
			return ids
		}
		if len(ids) > 10_000 {
			w.t.Fatalf("%+v does not end", q)
		}
		q.After = p.Next
	}
}

func inOrder(s view.Sort, a, b *cases.Case) bool {
	switch s {
	case view.ByDue:
		switch {
		case a.DueAt == 0 || b.DueAt == 0:
			return a.DueAt != 0 || b.DueAt == 0
		}
		return a.DueAt <= b.DueAt
	case view.ByFiled:
		return a.FiledAt >= b.FiledAt
	case view.ByUpdated:
		return a.UpdatedAt >= b.UpdatedAt
	}
	return true
}

// fits says again, one case at a time, what a query means.
func (w *town) fits(all []cases.Case, by org.Actor, q view.Query) []string {
	dir := w.City.Directory
	var ids []string
	for i := range all {
		c := &all[i]
		inArea := q.Area == "" || q.Area == "440304" || slices.Contains(w.City.Places.Chain(c.Area), q.Area)
		switch {
		case !dir.Sees(by, view.Ref(c)), q.Open && c.Closed == 1, q.Late && c.Late == 0, q.Lane != "" && c.Lane != q.Lane,
			q.State != "" && c.State != q.State, q.Unit != "" && !org.Covers(dir.Path(q.Unit), c.UnitPath), !inArea,
			q.Channel != "" && c.Channel != q.Channel, q.Nature != "" && c.Nature != q.Nature, q.Urgency != "" && c.Urgency != q.Urgency,
			q.From > 0 && c.FiledAt < q.From, q.To > 0 && c.FiledAt >= q.To, q.Holder != "" && c.Holder != q.Holder, q.Matter != "" && c.Matter != q.Matter:
			continue
		}
		ids = append(ids, c.ID)
	}
	return ids
}
