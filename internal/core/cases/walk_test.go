package cases_test

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
)

// Whatever people do in whatever order, as long as the lifecycle admits it, the
// log fits, every case has somebody whose turn it is, and no clock is lost.
func TestRandomWalks(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		for seed := range uint64(4) {
			r := rand.New(rand.NewPCG(seed, 7))
			s := &story{t: t, h: h}
			if seed%2 == 0 {
				s.file("appeal", noise)
			} else {
				filed, err := h.Store.File(t.Context(), cases.Filing{
					Family: "street-stall", Channel: "web", Actor: org.Appellant(), Matter: "street-stall", Unit: "st-xiangmihu-um", Nature: "申请",
					Fields: in{"name": "张三", "phone": "13800000000", "address": "农林路口", "goods": "fruit", "from": "2026-12-01", "days": 30},
				})
				if err != nil {
					t.Fatal(err)
				}
				s.id = filed.ID
			}
			walk(s, r)
		}
		(&story{t: t, h: h}).verified()
	})
}

func walk(s *story, r *rand.Rand) {
	s.t.Helper()
	actors := []org.Actor{org.Appellant()}
	for _, id := range []string{"fenbo", "shenhe", "huifang", "duban", "shoufa", "fuze", "jingban", "wangge", "wuye", "lingdao"} {
		actors = append(actors, s.h.Staff(s.t, id))
	}
	for range 40 {
		by := actors[r.IntN(len(actors))]
		c := s.now()
		choices := s.h.Store.Choices(by, c)
		if len(choices) == 0 || (by.Kind == org.IsStaff && !s.h.City.Directory.Sees(by, org.CaseRef{Unit: c.Unit, UnitPath: c.UnitPath, Holder: c.Holder})) {
			s.pass(time.Duration(r.IntN(300)) * time.Minute)
			continue
		}
		choice := choices[r.IntN(len(choices))]
		_, err := s.h.Store.Act(s.t.Context(), by, cases.Deed{Case: s.id, Action: choice.Action, Input: anyInput(s, r, c.Family, choice.Action)})
		switch {
		case err == nil:
		case !choice.Open, errs.Is(err, errs.Conflict), errs.Is(err, errs.Invalid), errs.Is(err, errs.Exists):
		default:
			s.t.Fatalf("%s %s in %s: %v", by.Ref(), choice.Action, c.State, err)
		}
		after := s.now()
		if st := s.h.City.Catalog.Lifecycle(s.h.City.Catalog.Family(after.Family).Lifecycle).State(after.State); st.Of == "unit" && after.Unit == "" {
			s.t.Fatalf("%s is the unit's turn, and there is none", after.State)
		}
	}
}

// anyInput makes up an input that a form would let through.
func anyInput(s *story, r *rand.Rand, family, action string) map[string]any {
	input := map[string]any{}
	life := s.h.City.Catalog.Lifecycle(s.h.City.Catalog.Family(family).Lifecycle)
	for _, f := range life.Action(action).Input {
		if !f.Required && r.IntN(2) == 0 {
			continue
		}
		switch f.Type {
		case matter.Choice:
			input[f.Code] = f.Options[r.IntN(len(f.Options))].Code
		case matter.UnitRef:
			input[f.Code] = []string{"st-xiangmihu-um", "chengguan"}[r.IntN(2)]
		case matter.StaffRef:
			input[f.Code] = "jingban"
		case matter.MatterRef:
			input[f.Code] = "030503"
		case matter.CaseRef:
			input[f.Code] = s.now().Number
		case matter.Rating:
			input[f.Code] = 1 + r.IntN(5)
		case matter.Number:
			input[f.Code] = 1 + r.IntN(5)
		case matter.Files:
		default:
			if f.Code == "area" {
				input[f.Code] = "440304008"
			} else if f.Code != "nature" && f.Code != "urgency" {
				input[f.Code] = "说明"
			}
		}
	}
	return input
}

// A clock runs for a case that nobody has been given, and several processes that
// look at once let it warn and breach once.
func TestClocksFireOnce(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		s := (&story{t: t, h: h}).file("appeal", noise)
		stores := []*cases.Store{h.Store}
		if h.DB.Engine().String() == "postgres" {
			stores = append(stores, h.Reopen(t), h.Reopen(t))
		}
		for range 14 {
			h.Clock.Pass(10 * time.Minute)
			var all sync.WaitGroup
			for _, store := range stores {
				all.Go(func() {
					if _, _, err := store.Fire(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
		}
		view, err := h.Store.Open(t.Context(), h.Staff(t, "fenbo"), s.id, "")
		if err != nil {
			t.Fatal(err)
		}
		verbs := map[string]int{}
		for _, e := range view.Entries {
			if e.Header.Kind == cases.ClockKind {
				for _, op := range e.Header.Clocks {
					verbs[string(op.Verb)]++
				}
			}
		}
		if verbs["warn"] != 2 || verbs["breach"] != 1 {
			t.Errorf("fired %v, want two warnings and one breach of the dispatch clock", verbs)
		}
		if c := s.now(); c.Late != 1 {
			t.Errorf("late %d, want 1", c.Late)
		}
		s.verified()
	})
}
