package cases

import (
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
)

// Told turns the arguments of a notice that the n-th action of an opened case sent
// into what its template is filled with: names for codes, the day and time for a
// due, and what was entered in that action. What was said lives in the case alone,
// so that erasing the case erases it here too.
func (s *Store) Told(v *View, n int, args errs.Args) errs.Args {
	out := errs.Args{"title": v.Case.Title, "city": s.City.Title}
	for i := range v.Entries {
		e := &v.Entries[i]
		if e.Header.N > n {
			break
		}
		if e.answer != "" {
			out["answer"] = e.answer
		}
		if e.Header.N < n {
			continue
		}
		for _, x := range e.Values {
			out[x.Code] = x.Text
		}
	}
	for k, x := range args {
		out[k] = x
	}
	if code, ok := args["unit"].(string); ok {
		out["unit"] = s.unitName(code)
	}
	m := s.machines[v.Case.Family]
	if code, ok := args["state"].(string); ok && m != nil && m.states[code] != nil {
		out["state"] = m.states[code].Title
	}
	if code, ok := args["clock"].(string); ok && m != nil && m.titles[code] != nil {
		out["clock"] = m.titles[code].Title
	}
	if ms, ok := args["due"].(float64); ok { // a number that went through JSON
		out["due"] = text.UntilExact(text.Chinese, time.UnixMilli(int64(ms)))
	}
	return out
}
