package cases_test

import (
	"fmt"
	"sync"
	"testing"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/org"
)

// Messages that come at the same moment each have the outcome that they would have by
// themselves: what was sent twice is one case, what reuses an id is refused, and one
// that fails takes none of the others with it.
func TestRivalsFile(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		const senders = 120
		var wait sync.WaitGroup
		filed, wrong := make([]cases.Filed, senders), make([]error, senders)
		for i := range senders {
			wait.Go(func() {
				f := cases.Filing{Family: "appeal", Channel: "hotline", ExternalID: fmt.Sprint("m", i/2), Content: "same", Actor: org.Appellant(),
					Nature: "投诉", Fields: in{"text": fmt.Sprint("第", i/2, "号路灯不亮，请修理。"), "phone": "13800000000"}}
				switch i % 8 {
				case 1:
					f.Content = "another" // under an id that is taken
				case 4, 5:
					f.ExternalID = "" // nobody's id: two cases
				case 6:
					f.ExternalID = fmt.Sprint("bad", i)
					f.Steps = []cases.Step{{Action: "dispatch", By: org.Machine("dispatch"), Input: in{"matter": "nothing", "unit": "nowhere"}}}
				}
				filed[i], wrong[i] = h.Store.File(t.Context(), f)
			})
		}
		wait.Wait()
		numbers := map[string]bool{}
		for i := range senders {
			if err := wrong[i]; err == nil {
				numbers[filed[i].Number] = true
			}
		}
		for i := 0; i < senders; i += 8 {
			if (wrong[i] == nil) == (wrong[i+1] == nil) || !errs.Is(wrong[i], errs.Conflict) && !errs.Is(wrong[i+1], errs.Conflict) {
				t.Errorf("two contents under one id: %v, %v", wrong[i], wrong[i+1])
			}
			if wrong[i+2] != nil || wrong[i+3] != nil || filed[i+2].ID != filed[i+3].ID || filed[i+2].Already == filed[i+3].Already {
				t.Errorf("sent twice: %+v, %v and %+v, %v", filed[i+2], wrong[i+2], filed[i+3], wrong[i+3])
			}
			if wrong[i+4] != nil || wrong[i+5] != nil || filed[i+4].ID == filed[i+5].ID || filed[i+5].Already {
				t.Errorf("without an id: %v, %v", wrong[i+4], wrong[i+5])
			}
			if !errs.Is(wrong[i+6], errs.Invalid) {
				t.Errorf("dispatched to nobody: %v", wrong[i+6])
			}
			if wrong[i+7] != nil {
				t.Errorf("beside one that fails: %v", wrong[i+7])
			}
		}
		if want := senders / 8 * 5; len(numbers) != want {
			t.Errorf("%d cases, want %d", len(numbers), want)
		}
		if v := verdict(t, h); !v.OK {
			t.Errorf("verify: %v", v.Faults)
		}
	})
}
