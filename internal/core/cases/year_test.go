package cases_test

import (
	"testing"
	"time"

	"yiwang/internal/core/cases"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/org"
)

// In a year whose public holidays nobody has declared yet, cases are still taken and
// sent, and their clocks count by weekends alone.
func TestAYearWithoutDeclaredHolidays(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		h.Clock.Set(time.Date(2027, 1, 20, 2, 0, 0, 0, time.UTC))
		filed, err := h.Store.File(t.Context(), cases.Filing{
			Family: "appeal", Channel: "web", Nature: "咨询", Actor: org.Appellant(), Fields: map[string]any{"title": "路灯", "text": "路灯几点亮？"},
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.Store.Act(t.Context(), h.Staff(t, "fenbo"), cases.Deed{Case: filed.ID, Action: "dispatch",
			Input: map[string]any{"matter": "030503", "unit": "st-xiangmihu-um"}})
		if err != nil {
			t.Fatal(err)
		}
		s := signed(t, h).is("issued")
		s.pass(31 * 24 * time.Hour).is("issued")
		tied(t, h, s.id, "follows", "check").is("sent")
	})
}
