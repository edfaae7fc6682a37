package brief

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/cases"
	"yiwang/internal/work/topic"
	"yiwang/internal/work/view"
)

// What makes a topic one of the day: so many cases of it came on that day, and so
// many topics are told of.
const (
	fewestOfTopic = 3
	mostTopics    = 5
)

// hotTopic is a topic with what came of it in a period.
type hotTopic struct {
	topic.Live
	came []topic.Member
}

// hot returns the topics of which most came in a period.
func (d *Desk) hot(p view.Period) (out []hotTopic) {
	if d.Topics == nil {
		return nil
	}
	for _, t := range d.Topics().Topics {
		h := hotTopic{Live: t}
		for _, m := range t.Members {
			if day := time.UnixMilli(m.FiledAt).In(text.CST).Format(time.DateOnly); p.From <= day && day <= p.To {
				h.came = append(h.came, m)
			}
		}
		if len(h.came) >= fewestOfTopic {
			out = append(out, h)
		}
	}
	slices.SortStableFunc(out, func(a, b hotTopic) int { return cmp.Compare(len(b.came), len(a.came)) })
	return out[:min(len(out), mostTopics)]
}

// args are what the line of a topic says.
func (h *hotTopic) args(d *Desk) errs.Args {
	place := ""
	if h.Place != "" {
		place = text.Say(text.Chinese, "brief.topic_place", errs.Args{"place": h.Place})
	}
	var units []string
	for _, m := range h.came {
		if u, ok := d.Units().Unit(m.Unit); ok && !slices.Contains(units, u.Name) && len(units) < 3 {
			units = append(units, u.Name)
		}
	}
	return errs.Args{"title": h.Title, "place": place, "n": len(h.came), "week": h.Week, "units": cmp.Or(strings.Join(units, "、"), text.Say(text.Chinese, "brief.nobody", nil))}
}

// withTopics puts one case of each hot topic before the others, so that what many
// speak of is followed to its closure too.
func (d *Desk) withTopics(ctx context.Context, p view.Period, chosen []cases.Case) []cases.Case {
	for _, h := range slices.Backward(d.hot(p)) {
		told := slices.ContainsFunc(chosen, func(c cases.Case) bool {
			return slices.ContainsFunc(h.came, func(m topic.Member) bool { return m.ID == c.ID })
		})
		if told {
			continue
		}
		if c, err := d.Cases.Get(ctx, h.came[0].ID); err == nil { // one that has gone is not told of
			chosen = append([]cases.Case{c}, chosen...)
		}
	}
	return chosen[:min(len(chosen), mostChosen)]
}
