package cases_test

import (
	"slices"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"yiwang/internal/core/cases"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/org"
)

// A telephone number finds all cases that were filed with it, however long ago; the same
// words tie a case to the first of the last weeks only.
func TestPeriods(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		var ids []string
		for _, days := range []int{900, 60, 20, 1, 0} {
			at := ulid.Timestamp(time.Now().AddDate(0, 0, -days))
			id := ulid.MustNew(at, ulid.DefaultEntropy()).String()
			_, err := h.Store.File(t.Context(), cases.Filing{ID: id, Family: "appeal", Channel: "hotline", ExternalID: id, Content: id, Actor: org.Machine("test"),
				Fields:   map[string]any{"title": "路灯不亮", "text": "福强路的路灯不亮。", "phone": "13712349876"},
				Likeness: &cases.Likeness{Words: "the same", Sketch: []byte{1}}})
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, id)
		}
		for i, want := range [][]string{nil, nil, nil, {ids[2]}, {ids[2]}} {
			if got := repeats(t.Context(), t, h, ids[i]); !slices.Equal(got, want) {
				t.Errorf("the %d. repeats %v, want %v", i+1, got, want)
			}
		}
		slices.Reverse(ids)
		for _, limit := range []int{2, 10} {
			if got, err := h.Store.ByPhone(t.Context(), "137 1234 9876", limit); err != nil || !slices.Equal(got, ids[:min(limit, len(ids))]) {
				t.Errorf("the number finds %v, %v, want the latest %d of %v", got, err, limit, ids)
			}
		}
		if got, err := h.Store.ByPhone(t.Context(), "13712349870", 10); err != nil || len(got) > 0 {
			t.Errorf("another number finds %v, %v", got, err)
		}
	})
}
