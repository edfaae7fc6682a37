package cases_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/org"

	"github.com/oklog/ulid/v2"
)

// Whoever says the same words is tied to the first who said them, unless intake knows
// better what is spoken of; in one transaction as in several.
func TestTied(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		said := func(id, words string, ties ...string) cases.Filing {
			f := cases.Filing{ID: ulid.Make().String(), Family: "appeal", Channel: "hotline", ExternalID: id, Content: id, Actor: org.Machine("test"),
				Fields:   map[string]any{"title": "路灯不亮", "text": "福强路的路灯不亮。"},
				Likeness: &cases.Likeness{Words: words, Sketch: []byte{1}}}
			for _, other := range ties {
				f.Ties = append(f.Ties, cases.Tie{Action: "link_repeat", Case: other, Reason: "同一地点"})
			}
			return f
		}
		together := func(fs ...cases.Filing) []cases.Filed {
			t.Helper()
			filed, wrong, err := h.Store.FileAll(t.Context(), fs)
			if err != nil {
				t.Fatal(err)
			}
			for i, err := range wrong {
				if bad := fs[i].Fields["title"] == nil; bad != errs.Is(err, errs.Invalid) {
					t.Fatalf("%s: %v", fs[i].ExternalID, err)
				}
			}
			return filed
		}
		alone := func(f cases.Filing) cases.Filed {
			t.Helper()
			filed, err := h.Store.File(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			return filed
		}

		unfit := said("unfit", "others")
		delete(unfit.Fields, "title")
		delete(unfit.Fields, "text")
		one, two, known := said("first", "words"), said("second", "words"), said("known", "words")
		first := together(
			one, two, unfit, said("others", "others"),
			said("apart", ""), said("apart too", ""), known, said("of the known", "words", known.ID))
		second := together(said("later", "words"), said("better known", "words", first[3].ID), said("more of others", "others"),
			said("known, and first of its words", "third", first[0].ID), said("says the third", "third"))
		third := alone(said("last", "words"))
		fourth := alone(said("known, last", "words", first[1].ID, first[3].ID))
		gone := alone(said("of one that is not there", "words", "01M7Z00000000000000000000B"))

		for _, want := range []struct {
			of cases.Filed
			to []string
		}{
			{first[0], nil},
			{first[1], []string{first[0].ID}},
			{first[3], nil},
			{first[4], nil},
			{first[5], nil},
			{first[6], []string{first[0].ID}},
			{first[7], []string{first[6].ID}},
			{second[0], []string{first[0].ID}},
			{second[1], []string{first[3].ID}},
			{second[2], []string{first[3].ID}},
			{second[3], []string{first[0].ID}},
			{second[4], []string{second[3].ID}},
			{third, []string{first[0].ID}},
			{fourth, []string{first[1].ID, first[3].ID}},
			{gone, nil},
		} {
			if got := repeats(t.Context(), t, h, want.of.ID); !slices.Equal(got, want.to) {
				t.Errorf("%s repeats %v, want %v", want.of.Number, got, want.to)
			}
		}
	})
}

// Of two who say the same at the same time, of whom one is known to speak of the other's
// case already, the later finds the earlier.
func TestTiedAtOnce(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		for round := range 30 {
			words := fmt.Sprint("words ", round)
			a, b := ulid.Make().String(), ulid.Make().String()
			var both sync.WaitGroup
			for id, ties := range map[string][]cases.Tie{a: nil, b: {{Action: "link_repeat", Case: a}}} {
				both.Go(func() {
					_, err := h.Store.File(t.Context(), cases.Filing{ID: id, Family: "appeal", Channel: "hotline", ExternalID: id, Content: id, Actor: org.Machine("test"),
						Fields:   map[string]any{"title": "路灯不亮", "text": "福强路的路灯不亮。"},
						Likeness: &cases.Likeness{Words: words, Sketch: []byte{1}}, Ties: ties})
					if err != nil {
						t.Error(err)
					}
				})
			}
			both.Wait()
			ofA, ofB := repeats(t.Context(), t, h, a), repeats(t.Context(), t, h, b)
			if len(ofA)+len(ofB) != 1 {
				t.Errorf("round %d: the first repeats %v, the second %v", round, ofA, ofB)
			}
		}
	})
}

func repeats(ctx context.Context, t *testing.T, h *casestest.House, id string) []string {
	t.Helper()
	ids, err := sqldb.Select[string](ctx, h.DB.Read(), `select other from link where case_id = ? and kind = ? order by other`, id, cases.Repeats)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}
