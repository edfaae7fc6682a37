package view_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"yiwang/internal/core/cases"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/org"
	"yiwang/internal/work/view"
)

// Of a word that thousands told of in one moment the pages of a list are those of the
// latest, as of any other word, with a filter beside it too, and a case that was long under
// way is in its place.
func TestAWordOfThousandsAtOnce(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		v, by := newView(h), org.Machine("test")
		const n, dark, ashore = 4500, 2, 90 // every so many
		const late = 4480
		type row struct {
			at int64
			id string
		}
		var want, few []row
		early := ulid.MustNew(1, nil).String() // its filing took very long
		for from := 0; from < n; from += 500 {
			var fs []cases.Filing
			h.Clock.Pass(time.Millisecond)
			for i := from; i < from+500; i++ {
				f := cases.Filing{Family: "appeal", Channel: "hotline", ExternalID: fmt.Sprint(i), Actor: by, Nature: "complaint",
					Fields: map[string]any{"title": "井盖松动", "text": fmt.Sprint("第", i, "号井盖松动")}}
				if i%dark == 0 {
					f.Fields["title"] = "路灯不亮"
				}
				if i%ashore == 0 {
					f.Channel = "web"
				}
				if i == late {
					f.ID = early
				}
				fs = append(fs, f)
			}
			filed, wrong, err := h.Store.FileAll(t.Context(), fs)
			if err != nil || len(wrong) > 0 && slices.ContainsFunc(wrong, func(err error) bool { return err != nil }) {
				t.Fatal(err, wrong)
			}
			for i, f := range filed {
				if (from+i)%dark != 0 {
					continue
				}
				c, err := h.Store.Get(t.Context(), f.ID)
				if err != nil {
					t.Fatal(err)
				}
				want = append(want, row{c.FiledAt, c.ID})
				if c.Channel == "web" {
					few = append(few, row{c.FiledAt, c.ID})
				}
			}
		}
		for _, c := range []struct {
			q     view.Query
			want  []row
			pages int
		}{
			{view.Query{Words: "路灯", Sort: view.ByFiled, Limit: 50}, want, 6},
			{view.Query{Words: "路灯", Channel: "web", Sort: view.ByFiled, Limit: 20}, few, 3},
		} {
			slices.SortFunc(c.want, func(a, b row) int { return cmp.Or(cmp.Compare(b.at, a.at), cmp.Compare(b.id, a.id)) })
			for page := range c.pages {
				p, err := v.List(t.Context(), by, c.q)
				if err != nil {
					t.Fatal(err)
				}
				for i, r := range p.Rows {
					if at := page*c.q.Limit + i; r.ID != c.want[at].id {
						t.Fatalf("%+v: case %d is %s, want %s", c.q, at, r.ID, c.want[at].id)
					}
				}
				if want := min(c.q.Limit, len(c.want)-page*c.q.Limit); len(p.Rows) != want {
					t.Fatalf("%+v: page %d has %d cases, want %d", c.q, page, len(p.Rows), want)
				}
				c.q.After = p.Next
			}
		}
	})
}
