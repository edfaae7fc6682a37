package brief

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
	"yiwang/internal/work/view"
)

// mostChosen is how many cases a draft proposes.
const mostChosen = 8

// Draft files an issue of a kind for the day it is drafted on: of a daily brief that
// day, of a review the month before, of the list the last thirty days. A person edits
// and publishes it. Errors: Invalid (the kind, the day), Forbidden.
func (d *Desk) Draft(ctx context.Context, by org.Actor, kind, day string) (id string, err error) {
	defer errs.Wrap(&err, "brief.Draft(%s, %s)", kind, day)
	at, err := time.ParseInLocation(time.DateOnly, day, text.CST)
	if err != nil {
		return "", errs.E(errs.Invalid, "view.bad_day", nil).At("day")
	}
	p := view.Period{From: day, To: day}
	switch kind {
	case Daily:
	case Monthly:
		p = view.MonthOf(time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, text.CST).AddDate(0, 0, -1))
	case Instructed:
		p.From = at.AddDate(0, 0, -29).Format(time.DateOnly)
	case Open:
		p.From = day[:8] + "01"
	default:
		return "", errs.E(errs.Invalid, "brief.no_kind", nil).At("kind")
	}
	chosen, err := d.propose(ctx, kind, p)
	if err != nil {
		return "", err
	}
	body, err := d.body(ctx, kind, p, len(chosen))
	if err != nil {
		return "", err
	}
	f := cases.Filing{Family: Family, Channel: "counter", Actor: by, Unit: d.City.Centre, Matter: Family, Nature: "专报",
		Fields: map[string]any{"kind": kind, "from": p.From, "to": p.To, "title": d.title(kind, p), "text": body}}
	for i := range chosen {
		f.Steps = append(f.Steps, cases.Step{By: org.Machine("brief"), Action: "choose", Input: map[string]any{"case": chosen[i].Number, "summary": masked(&chosen[i])}})
	}
	filed, err := d.Cases.File(ctx, f)
	return filed.ID, err
}

func (d *Desk) title(kind string, p view.Period) string {
	from, err := time.ParseInLocation(time.DateOnly, p.From, text.CST)
	if err != nil {
		return p.From
	}
	return text.Say(text.Chinese, "brief.title_"+kind, errs.Args{"city": d.City.Name, "day": from.Format("2006年1月2日"), "month": from.Format("2006年1月")})
}

// propose returns the cases that a draft puts forward: those with an instruction for
// the list of them, otherwise what is urgent, late, came back or was told of by many.
func (d *Desk) propose(ctx context.Context, kind string, p view.Period) ([]cases.Case, error) {
	if kind == Open {
		return nil, nil // what is shown to everybody, a person chooses and words
	}
	from, err := time.ParseInLocation(time.DateOnly, p.From, text.CST)
	if err != nil {
		return nil, err
	}
	to, err := time.ParseInLocation(time.DateOnly, p.To, text.CST)
	if err != nil {
		return nil, err
	}
	var all []cases.Case
	q := view.Query{Family: "appeal", From: from.UnixMilli(), To: to.AddDate(0, 0, 1).UnixMilli(), Sort: view.ByFiled}
	err = d.View.Each(ctx, org.Machine("brief"), q, 20_000, func(r view.Row) error {
		if kind != Instructed && weight(&r.Case) > 0 || r.Count("instructions") > 0 {
			all = append(all, r.Case)
		}
		return nil
	})
	slices.SortStableFunc(all, func(a, b cases.Case) int { return cmp.Compare(weight(&b), weight(&a)) })
	if kind == Instructed {
		return all[:min(len(all), 50)], err
	}
	return d.withTopics(ctx, p, all[:min(len(all), mostChosen)]), err
}

// weight is how much a case deserves to be told of.
func weight(c *cases.Case) int64 {
	w := 3*int64(c.Repeats) + 4*c.Count("reworks") + 2*c.Count("returns") + 6*c.Count("instructions") + 3*c.Count("supervisions")
	switch c.Urgency {
	case "danger":
		w += 8
	case "collective":
		w += 6
	case "utility":
		w += 3
	}
	if c.Late > 0 {
		w += 2
	}
	return w
}

// body drafts the text of an issue from the figures of its period.
func (d *Desk) body(ctx context.Context, kind string, p view.Period, chosen int) (string, error) {
	say := func(key string, args errs.Args) string { return text.Say(text.Chinese, "brief."+key, args) }
	if kind == Instructed {
		return say("body_instructed", errs.Args{"n": chosen}), nil
	}
	if kind == Open {
		return say("body_open", nil), nil
	}
	before, err := p.Before()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	line := func(key string, args errs.Args) { b.WriteString(say(key, args) + "\n") }
	now, err := d.sums(ctx, p, "")
	if err != nil {
		return "", err
	}
	was, err := d.sums(ctx, before, "")
	if err != nil {
		return "", err
	}
	total, past := first(now), first(was)
	if p.To >= d.Now().In(text.CST).Format(time.DateOnly) {
		past = view.Day{} // a day that is not over is not held against a whole one
	}
	line("h_overall", nil)
	line("overall", errs.Args{"received": total[view.Received], "change": change(total[view.Received], past[view.Received], say), "ended": total[view.Ended],
		"pending": total[view.Pending], "overdue": total[view.Overdue]})
	for _, r := range view.RatesIn(d.City) {
		if v, ok := share(r, total); ok {
			args := errs.Args{"name": text.Say(text.Chinese, "view.rate_"+r.Code, nil), "value": v, "formula": text.Say(text.Chinese, r.FormulaKey(), nil)}
			if old, ok := share(r, past); ok && kind == Monthly {
				args["before"] = old
				line("rate_before", args)
			} else {
				line("rate", args)
			}
		}
	}
	for _, by := range []string{"matter", "street", "channel"} {
		groups, err := d.sums(ctx, p, by)
		if err != nil {
			return "", err
		}
		if names := d.top(by, groups); names != "" {
			line("h_"+by, nil)
			line("top_"+by, errs.Args{"list": names})
		}
	}
	if hot := d.hot(p); len(hot) > 0 && kind == Daily {
		line("h_topics", nil)
		for _, h := range hot {
			line("topic", h.args(d))
		}
	}
	units, err := d.sums(ctx, p, "unit")
	if err != nil {
		return "", err
	}
	line("h_attention", nil)
	line("attention", errs.Args{"list": cmp.Or(d.late(units), say("nobody", nil))})
	return strings.TrimSpace(b.String()), nil
}

func (d *Desk) sums(ctx context.Context, p view.Period, by string) ([]view.Group, error) {
	return d.View.Sums(ctx, org.Machine("brief"), view.Scope{}, p, by)
}

func first(groups []view.Group) view.Day {
	if len(groups) == 0 {
		return view.Day{}
	}
	return groups[0].Sums
}

func share(r view.Rate, day view.Day) (string, bool) {
	over, under, ok := r.Of(day)
	switch {
	case !ok:
		return "", false
	case r.Mean:
		return text.Say(text.Chinese, "brief.hours", errs.Args{"n": fmt.Sprintf("%.1f", float64(over)/float64(under)/60)}), true
	}
	return fmt.Sprintf("%.1f%%", 100*float64(over)/float64(under)), true
}

func change(now, was int64, say func(string, errs.Args) string) string {
	switch {
	case was == 0:
		return ""
	case now == was:
		return say("same", nil)
	case now > was:
		return say("more", errs.Args{"p": fmt.Sprintf("%.1f", 100*float64(now-was)/float64(was))})
	}
	return say("fewer", errs.Args{"p": fmt.Sprintf("%.1f", 100*float64(was-now)/float64(was))})
}

// top names the five of a dimension with most cases.
func (d *Desk) top(by string, groups []view.Group) string {
	count := func(g view.Group) int64 {
		if by == "matter" {
			return g.Sums[view.Dispatched]
		}
		return g.Sums[view.Received]
	}
	groups = slices.DeleteFunc(slices.Clone(groups), func(g view.Group) bool { return g.Key == "" || count(g) == 0 })
	slices.SortStableFunc(groups, func(a, b view.Group) int { return cmp.Compare(count(b), count(a)) })
	var names []string
	for _, g := range groups[:min(5, len(groups))] {
		names = append(names, text.Say(text.Chinese, "brief.item", errs.Args{"name": d.named(by, g.Key), "n": count(g)}))
	}
	return strings.Join(names, "、")
}

func (d *Desk) named(by, key string) string {
	switch by {
	case "matter":
		if m := d.City.Catalog.Find("appeal", key); m != nil {
			return m.Name
		}
	case "street":
		if a, ok := d.City.Places.Area(key); ok {
			return a.Name
		}
	case "channel":
		if c, ok := d.City.Channel(key); ok {
			return c.Name
		}
	}
	return key
}

// late names the five units with most overdue cases.
func (d *Desk) late(units []view.Group) string {
	units = slices.DeleteFunc(slices.Clone(units), func(g view.Group) bool { return g.Key == "" || g.Sums[view.Overdue] <= 0 })
	slices.SortStableFunc(units, func(a, b view.Group) int { return cmp.Compare(b.Sums[view.Overdue], a.Sums[view.Overdue]) })
	var names []string
	for _, g := range units[:min(5, len(units))] {
		names = append(names, text.Say(text.Chinese, "brief.item", errs.Args{"name": d.unitName(g.Key), "n": g.Sums[view.Overdue]}))
	}
	return strings.Join(names, "、")
}
