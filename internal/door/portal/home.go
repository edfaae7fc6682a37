package portal

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/matter"
)

// service is something that can be applied for.
type service struct {
	Link  string
	Title heading
}

func (s *Site) home(v *visit) error {
	var services []service
	if v.book.Enterprise != "" {
		services = append(services, service{enterprisePath, heading{Text: v.say("door_enterprise", nil)}})
	}
	for _, f := range v.book.Families {
		if !f.Dispatch && f.Service == nil { // items have a page of their own
			services = append(services, service{"/apply/" + f.Code, declaredText(v.lang, f.Title)})
		}
	}
	var next []string
	if f, ok := v.book.Appeals(); ok {
		next = v.whatNext(f.Code)
	}
	_, open := s.signedCookie(v.r, cookieCase)
	_, follows := s.signedCookie(v.r, cookieFollow)
	return v.show(200, "home", "", struct {
		Next          []string
		Services      []service
		Open, Follows bool
	}{next, services, open, follows})
}

// whatNext says what happens to a case of a family, and how long it takes, from
// the clocks that are declared for it.
func (v *visit) whatNext(family string) []string {
	if it := v.book.Guides.Item(family); it != nil {
		limit := cmp.Or(v.term(it.Promised), v.term(it.Legal))
		return []string{v.say("next_service", errs.Args{"limit": limit}), v.say("next_result", nil), v.say("next_rate", nil)}
	}
	var lines []string
	first := v.limits(family, func(c matter.ClockDecl) bool { return slices.Contains(c.Start, "file") && c.Of != "appellant" })
	if n := len(first); n > 0 {
		lines = append(lines, v.say("next_first", errs.Args{"limit": first[n-1]}))
	}
	last := v.limits(family, func(c matter.ClockDecl) bool { return c.Code == "handle" || c.Code == "decide" })
	switch n := len(last); {
	case n == 1:
		lines = append(lines, v.say("next_answer", errs.Args{"limit": last[0]}))
	case n > 1:
		lines = append(lines, v.say("next_answer_range", errs.Args{"from": last[0], "to": last[n-1]}))
	}
	return append(lines, v.say("next_rate", nil))
}

// limits returns the limits of the clocks that count, shortest first, as said.
func (v *visit) limits(family string, counts func(matter.ClockDecl) bool) []string {
	var found []matter.ClockDecl
	for _, set := range v.book.Clocks[family] {
		for _, c := range set.Clocks {
			if counts(c) {
				found = append(found, c)
			}
		}
	}
	sortClocks(found)
	var said []string
	for _, c := range found {
		if x := text.Limit(v.lang, c.Limit, c.Mode); len(said) == 0 || said[len(said)-1] != x {
			said = append(said, x)
		}
	}
	return said
}

// ruleView is a row of the table of time limits.
type ruleView struct {
	Title heading
	Limit string
	Basis heading
}

func (s *Site) help(v *visit) error {
	type group struct {
		Title     heading
		ToConfirm heading
		Rules     []ruleView
	}
	var groups []group
	for _, f := range v.book.Families {
		for _, set := range v.book.Clocks[f.Code] {
			g := group{Title: declaredText(v.lang, set.Title), ToConfirm: declaredText(v.lang, set.ToConfirm)}
			for _, c := range set.Clocks {
				if c.Of != "unit" && c.Of != "centre" {
					continue
				}
				g.Rules = append(g.Rules, ruleView{declaredText(v.lang, c.Title), text.Limit(v.lang, c.Limit, c.Mode), declaredText(v.lang, c.Basis)})
			}
			if len(g.Rules) > 0 {
				groups = append(groups, g)
			}
		}
	}
	return v.show(200, "help", v.say("help_title", nil), struct{ Groups any }{groups})
}

// timeView is a moment as the pages show it: in words, exactly on hover.
type timeView struct {
	Said, Exact, Machine string
	Due                  int64 // UTC milliseconds, for the countdown
}

func (v *visit) moment(t time.Time) timeView {
	return timeView{
		Said: text.When(v.lang, t, v.site.now()), Exact: text.Exact(v.lang, t),
		Machine: t.In(text.CST).Format(time.RFC3339), Due: t.UnixMilli(),
	}
}

// until is a limit as the pages show it.
func (v *visit) until(t time.Time) timeView {
	m := v.moment(t)
	m.Said, m.Exact = text.Until(v.lang, t, v.site.now()), text.UntilExact(v.lang, t)
	return m
}

// sortClocks puts the shorter limits first; a working day counts as one day.
func sortClocks(cs []matter.ClockDecl) {
	slices.SortStableFunc(cs, func(a, b matter.ClockDecl) int { return cmp.Compare(length(a.Limit), length(b.Limit)) })
}

// length is how long a declared limit is, roughly; 0 for what is not one.
func length(limit string) time.Duration {
	days := 1
	if n, ok := strings.CutSuffix(limit, "d"); ok {
		limit, days = n+"h", 24
	}
	d, err := time.ParseDuration(limit)
	if err != nil {
		return 0
	}
	return d * time.Duration(days)
}
