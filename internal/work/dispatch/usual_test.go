package dispatch_test

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"yiwang/internal/work/dispatch"
)

// Who handles a matter without history follows from what the duty list says of it,
// and still does when the model was stored and loaded.
func TestUsualUnitOfMatterWithoutHistory(t *testing.T) {
	msg := dispatch.Message{Text: "公共自行车的桩点满了，还不了车"}
	for _, unit := range []string{"城管", "环保"} {
		c := corpus()
		c.Duty = slices.Clone(duties)
		for i, who := range []string{"城管", "环保", unit} {
			c.Duty[i].Units = []dispatch.Scored{{Label: who, P: 1}}
		}
		m, _, err := dispatch.Train(context.Background(), c, dispatch.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var file bytes.Buffer
		if err := m.Save(&file); err != nil {
			t.Fatal(err)
		}
		back, err := dispatch.Load(&file)
		if err != nil {
			t.Fatal(err)
		}
		plain := slices.Clone(c.Duty)
		for i := range plain {
			plain[i].Units = nil
		}
		for why, m := range map[string]*dispatch.Model{"learnt": m, "loaded": back, "another list that does not say": m.Fit(plain)} {
			if r := m.Read(msg); r.Units[0].Label != unit {
				t.Errorf("%s: the usual unit is %s, got %v", why, unit, r.Units)
			}
		}
	}
}
