package view

import (
	"strings"

	"yiwang/internal/base/calendar"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
)

// What a decided application spared its applicant, against what its item declares: the
// sums over cases of 减材料, 减时限 and 减环节.
const (
	SparedDocuments = "spared_documents" // materials that are always wanted and were not handed in
	SparedDays      = "spared_days"      // days of the legal limit that were left, counted as the limit is
	SparedSteps     = "spared_steps"     // declared steps, less the application and every step that staff took
)

// sparing counts while an application goes its way.
type sparing struct {
	calendar  *calendar.Calendar
	documents int64
	steps     int64 // that people took
}

// follow takes in the next action.
func (s *sparing) follow(h *cases.Header) {
	if h.N == 1 {
		s.steps = 1 // to apply
		if n, ok := h.Set["data."+matter.FieldSpared].(float64); ok {
			s.documents = int64(n)
		}
	}
	if strings.HasPrefix(h.By, string(org.IsStaff)+":") && h.N > 1 {
		s.steps++
	}
}

// answered tells what was spared when the result stands.
func (s *sparing) answered(f *matter.Family, c *cases.Case, at int64) (out []told) {
	if f == nil || f.Service == nil {
		return nil
	}
	item := f.Service
	add := func(measure string, n int64) {
		if n > 0 {
			out = append(out, told{measure: measure, n: n})
		}
	}
	add(SparedDocuments, s.documents)
	used := 0
	for used < item.Legal.Days && s.after(item.Legal, c.FiledAt, used) < at {
		used++
	}
	add(SparedDays, int64(item.Legal.Days-used))
	add(SparedSteps, int64(len(item.Steps))-s.steps)
	return out
}

// after returns the moment that lies some days of a limit after another.
func (s *sparing) after(limit matter.Term, t int64, days int) int64 {
	if limit.In == "natural" {
		end, _ := s.calendar.AddNaturalDays(t, days)
		return end
	}
	end, _ := s.calendar.AddWorkdays(t, days)
	return end
}
