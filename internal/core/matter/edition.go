package matter

import (
	"cmp"
	"slices"
	"time"
)

// Edition is a whole list of a family's matters that takes the place of the one
// before on a day.
type Edition struct {
	From    string // "2026-12-01", the first day
	Matters []*Matter
}

// Publish puts editions beside the list that the pack declares for a family, which
// is the first. It replaces what was published before; readers see the old lists or
// the new ones.
func (c *Catalog) Publish(family string, editions []Edition) {
	var all, first []*Matter
	for _, m := range c.declared {
		if m.Family == family {
			first = append(first, m)
		} else {
			all = append(all, m)
		}
	}
	lists := append([]Edition{{Matters: first}}, editions...)
	slices.SortStableFunc(lists, func(a, b Edition) int { return cmp.Compare(a.From, b.From) })
	for i, e := range lists {
		last := ""
		if i+1 < len(lists) {
			last = dayBefore(lists[i+1].From)
		}
		for _, m := range e.Matters {
			if n, ok := m.within(e.From, last); ok {
				all = append(all, n)
			}
		}
	}
	c.matters.Store(registered(all))
}

// Declared returns the matters that the pack declares, in its order.
func (c *Catalog) Declared() []*Matter { return slices.Clone(c.declared) }

// within returns a matter as far as it is in force between two days; "" is open.
func (m *Matter) within(from, to string) (*Matter, bool) {
	n := *m
	n.From = max(m.From, from)
	if to != "" && (n.To == "" || n.To > to) {
		n.To = to
	}
	return &n, n.To == "" || n.From <= n.To
}

func dayBefore(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day // a published edition has a day that was checked
	}
	return t.AddDate(0, 0, -1).Format(time.DateOnly)
}
